/*
 * embed SERVER_FOLDER CLIENT_FOLDER STATE_FOLDER: publish a folder and bring
 * another one up to date with it, over a socketpair, in one process: a whole
 * erpsync without its program.
 *
 *	cc -o embed embed.c $(pkg-config --cflags --libs erpsync) -lpthread
 *
 * The byte stream is the caller's own. Here it is a socket; it may as well
 * be a tunnel, a serial line or a pair of queues.
 */
#include <erpsync.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Wait until the socket is ready, wait_ms at most. */
static int
is_ready(int fd, short events, uint32_t wait_ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, (int)wait_ms) > 0;
}

static int64_t
read_socket(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	int fd = *(const int *)ctx;
	ssize_t got;

	if (!is_ready(fd, POLLIN, wait_ms))
		return 0;
	got = recv(fd, p, n, MSG_DONTWAIT);
	return got > 0 ? got : got == 0 ? ERPSYNC_STREAM_END : ERPSYNC_IO;
}

static int64_t
write_socket(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	int fd = *(const int *)ctx;
	ssize_t put;

	if (!is_ready(fd, POLLOUT, wait_ms))
		return 0;
	put = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	return put >= 0 ? put : ERPSYNC_IO;
}

/* The server's end: what it serves, on which socket, how it went. */
struct serving {
	struct erpsync_store *store;
	int fd;
	int rc;
	struct erpsync_error error;
};

static void *
serve(void *arg)
{
	struct serving *s = arg;
	const struct erpsync_policy policy = {.enabled = true};
	const struct erpsync_stream stream = {
	    read_socket, write_socket, &s->fd};

	s->rc = erpsync_serve_stream(s->store, &policy, &stream, &s->error);
	return NULL;
}

static int
publish(struct erpsync_store *store, const char *path)
{
	const struct erpsync_source source = {
	    .os = ERPSYNC_LINUX, .path = path};
	struct erpsync_release release;
	struct erpsync_error e;

	if (erpsync_publish(store, &source, NULL, &release, &e) != 0) {
		fprintf(stderr, "not published: %s\n", e.message);
		return -1;
	}
	printf("published: %llu files, %llu bytes\n",
	    (unsigned long long)release.files,
	    (unsigned long long)release.bytes);
	return 0;
}

static int
update(struct erpsync_folder *folder, int fd)
{
	const struct erpsync_stream stream = {read_socket, write_socket, &fd};
	struct erpsync_update_options opt = {
	    .size = sizeof(opt), .os = ERPSYNC_LINUX, .station_id = "embed"};
	struct erpsync_report *report;
	struct erpsync_error e;
	size_t i;
	int rc;

	opt.server.stream = &stream;
	if ((rc = erpsync_update(folder, &opt, &report, &e)) != 0)
		fprintf(stderr, "not updated: %s\n", e.message);
	for (i = 0; rc == 0 && i < report->changes_n; i++)
		if (report->changes[i].action == ERPSYNC_ACTION_NEW ||
		    report->changes[i].action == ERPSYNC_ACTION_CHANGED)
			printf("%s\n", report->changes[i].path);
	if (rc == 0)
		printf("%s\n",
		    report->outcome == ERPSYNC_UPDATED ? "updated"
						       : "nothing to do");
	erpsync_report_free(report);
	return rc;
}

/* Both ends at once: the server's on a thread of its own. */
static int
converse(struct erpsync_store *store, struct erpsync_folder *folder)
{
	struct serving s = {.store = store};
	pthread_t thread;
	int fd[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return -1;
	s.fd = fd[1];
	if ((rc = pthread_create(&thread, NULL, serve, &s)) == 0) {
		rc = update(folder, fd[0]);
		(void)shutdown(fd[0], SHUT_WR);
		(void)pthread_join(thread, NULL);
		if (s.rc != 0)
			fprintf(stderr, "server: %s\n", s.error.message);
	}
	(void)close(fd[0]);
	(void)close(fd[1]);
	return rc != 0 ? rc : s.rc;
}

int
main(int argc, char **argv)
{
	struct erpsync_folder *folder = NULL;
	struct erpsync_store *store = NULL;
	struct erpsync_error e;
	int rc;

	if (argc != 4) {
		fprintf(stderr, "usage: embed SERVER CLIENT STATE\n");
		return 2;
	}
	if ((rc = erpsync_store_open(argv[3], 0, &store, &e)) != 0 ||
	    (rc = erpsync_folder_open(argv[2], NULL, &folder, &e)) != 0)
		fprintf(stderr, "embed: %s\n", e.message);
	else if ((rc = publish(store, argv[1])) == 0)
		rc = converse(store, folder);
	erpsync_folder_close(folder);
	erpsync_store_close(store);
	return rc != 0;
}
