/* A server on loopback. */
#include "tests/support/loopback.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 15 * 1000, SLICE_MS = 10 };

static void
nap(void)
{
	const struct timespec ts = {.tv_nsec = SLICE_MS * 1000000L};

	(void)nanosleep(&ts, NULL);
}

static uint64_t
skewed_ms(void *ctx)
{
	struct loopback *l = ctx;
	uint64_t at = atomic_load(&l->stands_ms);

	return at != 0 ? at : clock_ms(clock_real()) + atomic_load(&l->skew_ms);
}

static int64_t
wall_s(void *ctx)
{
	(void)ctx;
	return clock_s(clock_real());
}

static void
keep_line(void *ctx, int level, const char *text)
{
	struct loopback *l = ctx;
	int n;

	(void)pthread_mutex_lock(&l->lock);
	n = snprintf(l->log + l->log_n, sizeof(l->log) - l->log_n, "%d %s\n",
	    level, text);
	if (n > 0 && (size_t)n < sizeof(l->log) - l->log_n)
		l->log_n += (size_t)n;
	(void)pthread_mutex_unlock(&l->lock);
}

void
loopback_open(struct loopback *l)
{
	struct publish_source *src;
	char state[300];
	struct err e;
	int rc;

	memset(l, 0, sizeof(*l));
	(void)pthread_mutex_init(&l->lock, NULL);
	tempdir_open(&l->dir);
	tempdir_mkdir(&l->dir, "update");
	tempdir_mkdir(&l->dir, "state");
	(void)snprintf(l->update, sizeof(l->update), "%s/update", l->dir.path);
	(void)snprintf(state, sizeof(state), "%s/state", l->dir.path);
	rc = store_open(fs_real(), state, &l->store, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	l->clock.monotonic_ms = skewed_ms;
	l->clock.wall_s = wall_s;
	l->clock.ctx = l;
	l->opt.address = "127.0.0.1";
	l->opt.workers = 1;
	l->opt.settle_ms = 50;
	l->opt.drain_ms = 10 * 1000;
	l->opt.store = l->store;
	l->opt.clock = &l->clock;
	l->opt.log.line = keep_line;
	l->opt.log.ctx = l;
	l->opt.config.policy.enabled = true;
	l->opt.config.sources_n = 1;
	src = &l->opt.config.sources[0];
	src->os = PATH_OS_LINUX;
	src->key = "PathLinux";
	src->path = l->update;
	src->build = "";
	src->keep = 4;
}

static void *
run(void *arg)
{
	struct loopback *l = arg;
	struct err e;

	l->rc = net_server_run(l->server, &e);
	return NULL;
}

void
loopback_start(struct loopback *l)
{
	struct err e;
	int rc = net_server_new(&l->opt, &l->server, &e);

	cr_assert_eq(rc, 0, "%s", e.msg);
	l->port = net_server_port(l->server);
	cr_assert_neq(l->port, 0);
	rc = pthread_create(&l->thread, NULL, run, l);
	cr_assert_eq(rc, 0);
	if (l->opt.config.sources_n > 0 && !l->no_wait)
		cr_assert(loopback_logs(l, "linux: "), "nothing published");
}

void
loopback_join(struct loopback *l)
{
	(void)pthread_join(l->thread, NULL);
	net_server_stats(l->server, &l->stats);
	net_server_free(l->server);
	l->server = NULL;
}

int
loopback_stop(struct loopback *l)
{
	net_server_stop(l->server);
	loopback_join(l);
	return l->rc;
}

void
loopback_close(struct loopback *l)
{
	if (l->server != NULL)
		(void)loopback_stop(l);
	store_close(l->store);
	tempdir_close(&l->dir);
	(void)pthread_mutex_destroy(&l->lock);
}

bool
loopback_has_logged(struct loopback *l, const char *text)
{
	bool found;

	(void)pthread_mutex_lock(&l->lock);
	found = strstr(l->log, text) != NULL;
	(void)pthread_mutex_unlock(&l->lock);
	return found;
}

bool
loopback_logs(struct loopback *l, const char *text)
{
	int waited;

	for (waited = 0; waited < PATIENCE_MS; waited += SLICE_MS) {
		if (loopback_has_logged(l, text))
			return true;
		nap();
	}
	fprintf(stderr, "not logged: %s\nlog:\n%s", text, l->log);
	return false;
}

int
loopback_connect_from(struct loopback *l, const char *address)
{
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(l->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in own = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(inet_pton(AF_INET, address, &own.sin_addr), 1);
	cr_assert_eq(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	cr_assert_eq(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience)),
	    0);
	return fd;
}

int
loopback_connect(struct loopback *l)
{
	return loopback_connect_from(l, "127.0.0.1");
}

int64_t
loopback_drain(int fd)
{
	char bytes[4096];
	int64_t total = 0;
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		total += n;
	return total;
}

int
count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	cr_assert_not_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}
