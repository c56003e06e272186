/*
 * waiting PORT COUNT blob|line: so many stations that wait, at a server on
 * this machine, for the largest file of its release.
 *   blob   for the blob to be compiled: prints "waiting" when all have asked,
 *          ends when all have been offered it
 *   line   for their line: they ask for the blob's bytes and take none; prints
 *          "waiting" then, and ends at the end of the standard input
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "engine/tree/manifest.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"
#include "transport/wire/proto.h"

#include <arpa/inet.h>
#include <bsd/string.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STATIONS_MAX = 10000, RECEIVE = 4096 };

static uint8_t bytes[FRAME_HEADER_LEN + FRAME_MAX];

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
must(int rc, const struct err *e)
{
	if (rc < 0) {
		fprintf(stderr, "waiting: %s\n", e->msg);
		exit(1);
	}
}

static void
take(int fd, uint8_t *p, size_t n)
{
	if (recv(fd, p, n, MSG_WAITALL) != (ssize_t)n)
		die("receive");
}

static void
say(int fd, struct buf *b)
{
	if (send(fd, buf_data(b), b->len, MSG_NOSIGNAL) != (ssize_t)b->len)
		die("send");
	buf_release(b);
}

static struct frame
hear(int fd, uint8_t type)
{
	struct frame f;
	struct err e;
	size_t len;
	int64_t used;

	take(fd, bytes, FRAME_HEADER_LEN);
	len = (size_t)bytes[1] | (size_t)bytes[2] << 8 | (size_t)bytes[3] << 16;
	if (len > FRAME_MAX)
		die("frame");
	take(fd, bytes + FRAME_HEADER_LEN, len);
	used = frame_decode(bytes, FRAME_HEADER_LEN + len, &f, &e);
	must(used < 0 ? (int)used : 0, &e);
	if (f.type != type) {
		fprintf(stderr, "waiting: message %u, not %u\n", f.type, type);
		exit(1);
	}
	return f;
}

/* A connection that has been welcomed to this release. */
static int
greet(uint16_t port, const struct hash *release, struct msg_welcome *w)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), size = RECEIVE;
	struct msg_hello m = {.os = PATH_OS_LINUX, .flags = HELLO_AGREED};
	struct frame f;
	struct buf b;
	struct err e;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == -1 ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		die("connect");
	(void)strlcpy(m.station, "waiting", sizeof(m.station));
	m.release = *release;
	buf_init(&b, 4096);
	must(preface_encode(FEATURE_HINTS, &b, &e), &e);
	must(hello_encode(&m, &b, &e), &e);
	say(fd, &b);
	take(fd, bytes, PREFACE_LEN);
	f = hear(fd, MSG_WELCOME);
	must(welcome_decode(f.payload, f.len, w, &e), &e);
	if (w->verdict != VERDICT_COMPATIBLE) {
		fprintf(stderr, "waiting: not welcome (%d)\n", w->verdict);
		exit(1);
	}
	return fd;
}

/* The index of the release's largest file. */
static uint32_t
learn(uint16_t port, struct hash *release)
{
	struct buf packed, raw;
	struct msg_welcome w;
	struct manifest m;
	struct frame f;
	struct err e;
	size_t i, best = 0;
	int fd;

	memset(release, 0, sizeof(*release));
	fd = greet(port, release, &w);
	buf_init(&packed, MANIFEST_MAX_BYTES);
	buf_init(&raw, MANIFEST_MAX_BYTES);
	while (packed.len < w.packed_len) {
		f = hear(fd, MSG_MANIFEST);
		must(buf_append(&packed, f.payload, f.len, &e), &e);
	}
	must(decompress_bytes(buf_data(&packed), packed.len, &raw, &e), &e);
	manifest_init(&m, PATH_OS_LINUX);
	must(manifest_decode(&m, buf_data(&raw), raw.len, &e), &e);
	for (i = 0; i < m.n; i++)
		if (m.v[i].type == ENTRY_FILE &&
		    (m.v[best].type != ENTRY_FILE ||
			m.v[i].content.size > m.v[best].content.size))
			best = i;
	manifest_release(&m);
	buf_release(&packed);
	buf_release(&raw);
	close(fd);
	*release = w.release;
	return (uint32_t)best;
}

static void
want(int fd, uint32_t index)
{
	struct msg_want m = {.index = index};
	struct buf b;
	struct err e;

	buf_init(&b, 4096);
	must(wants_encode(&m, 1, &b, &e), &e);
	say(fd, &b);
}

static void
fetch(int fd, uint32_t index)
{
	struct msg_fetch m = {.index = index};
	struct buf b;
	struct err e;

	buf_init(&b, 4096);
	must(fetches_encode(&m, 1, &b, &e), &e);
	say(fd, &b);
}

int
main(int argc, char **argv)
{
	static int fds[STATIONS_MAX];
	struct rlimit lim;
	struct hash release;
	struct msg_welcome w;
	uint32_t index;
	uint16_t port;
	int i, n;
	char c;

	if (argc != 4 || (n = atoi(argv[2])) < 1 || n > STATIONS_MAX) {
		fputs("usage: waiting PORT COUNT blob|line\n", stderr);
		return 1;
	}
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
		lim.rlim_cur = lim.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &lim);
	}
	port = (uint16_t)atoi(argv[1]);
	index = learn(port, &release);
	for (i = 0; i < n; i++)
		fds[i] = greet(port, &release, &w);
	for (i = 0; i < n; i++)
		want(fds[i], index);
	if (strcmp(argv[3], "blob") == 0)
		puts("waiting");
	fflush(stdout);
	for (i = 0; i < n; i++)
		(void)hear(fds[i], MSG_OFFER);
	if (strcmp(argv[3], "blob") == 0)
		return 0;
	for (i = 0; i < n; i++)
		fetch(fds[i], index);
	sleep(1); /* until the sockets are full */
	puts("waiting");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
