/*
 * link: a TCP proxy on loopback that behaves like a thin line.
 *   link PORT [BITS_PER_SECOND RTT_MS]
 * It forwards to PORT, prints its own port, and on SIGTERM the bytes that went
 * up (towards PORT) and down. Without a rate it only counts.
 *
 * Each direction of the line has one rate for all connections and half of the
 * round trip as delay; a new connection waits for one round trip, as TCP's
 * handshake would. What waits is bounded: the line's own content and QUEUE
 * bytes, then the sender has to wait. No slow start, loss or packet headers.
 */
#define _GNU_SOURCE /* ppoll */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CONNECTIONS = 256,
	SLOTS = 256, /* chunks on the way, for each direction */
	SLOT = 16384,
	SEGMENT = 1448, /* a full TCP segment on Ethernet */
	QUEUE = 65536
};

struct chunk {
	int64_t due; /* when it arrives, ns */
	size_t len; /* 0: the end */
	size_t off; /* already delivered */
	uint8_t data[SLOT];
};

struct way { /* one direction of a connection */
	struct chunk *slot; /* ring */
	size_t head, n, bytes;
	bool ended; /* the end was read */
	bool closed; /* and delivered */
};

struct connection {
	int fd[2]; /* client, server; -1: not there */
	int64_t open_at;
	struct way way[2]; /* way[i] begins at fd[i] */
};

struct line {
	int64_t free_at[2]; /* when each direction has sent what it took */
	int64_t delay; /* one way, ns */
	int64_t rate; /* bits a second; 0: no limit */
	size_t limit; /* bytes on the way */
	uint64_t total[2];
	uint16_t port;
	struct connection *c[CONNECTIONS];
};

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
connection_free(struct connection *c)
{
	for (int i = 0; i < 2; i++) {
		if (c->fd[i] != -1)
			close(c->fd[i]);
		free(c->way[i].slot);
	}
	free(c);
}

static struct sockaddr_in
loopback(uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static bool
connect_server(struct line *l, struct connection *c)
{
	struct sockaddr_in a = loopback(l->port);
	int one = 1;

	c->fd[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd[1] == -1 ||
	    connect(c->fd[1], (struct sockaddr *)&a, sizeof(a)) == -1)
		return false;
	setsockopt(c->fd[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(c->fd[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return true;
}

static void
accept_client(struct line *l, int listener)
{
	struct connection *c;
	size_t i = 0;
	int fd = accept(listener, NULL, NULL);

	while (i < CONNECTIONS && l->c[i] != NULL)
		i++;
	if (fd == -1 || i == CONNECTIONS ||
	    (c = calloc(1, sizeof(*c))) == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	c->fd[0] = fd;
	c->fd[1] = -1;
	c->open_at = now_ns() + 2 * l->delay;
	for (int d = 0; d < 2; d++)
		if ((c->way[d].slot = calloc(SLOTS, sizeof(struct chunk))) ==
		    NULL) {
			connection_free(c);
			return;
		}
	l->c[i] = c;
}

static bool
way_has_room(const struct line *l, const struct way *w)
{
	return !w->ended && w->n < SLOTS && w->bytes < l->limit;
}

/* Take what the sender has and say when it will have crossed the line. */
static void
way_read(struct line *l, struct connection *c, int d)
{
	struct way *w = &c->way[d];
	struct chunk *k = &w->slot[(w->head + w->n) % SLOTS];
	int64_t now = now_ns();
	ssize_t n =
	    recv(c->fd[d], k->data, l->rate > 0 ? SEGMENT : SLOT, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	k->len = n > 0 ? (size_t)n : 0;
	k->off = 0;
	if (l->free_at[d] < now)
		l->free_at[d] = now;
	if (l->rate > 0)
		l->free_at[d] += (int64_t)k->len * 8000000000 / l->rate;
	k->due = l->free_at[d] + l->delay;
	w->ended = k->len == 0;
	w->n++;
	w->bytes += k->len;
	l->total[d] += k->len;
}

/* Deliver what has arrived; false when the receiver is gone. */
static bool
way_write(struct connection *c, int d, int64_t now)
{
	struct way *w = &c->way[d];

	while (w->n > 0 && w->slot[w->head].due <= now) {
		struct chunk *k = &w->slot[w->head];
		ssize_t n;

		if (k->len == 0) {
			shutdown(c->fd[!d], SHUT_WR);
			w->closed = true;
		} else {
			n = send(c->fd[!d], k->data + k->off, k->len - k->off,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n == -1)
				return errno == EAGAIN || errno == EINTR;
			k->off += (size_t)n;
			if (k->off < k->len)
				return true;
		}
		w->bytes -= k->len;
		w->head = (w->head + 1) % SLOTS;
		w->n--;
	}
	return true;
}

static void
earliest(int64_t *when, int64_t t)
{
	if (*when == -1 || t < *when)
		*when = t;
}

/* What to wait for on connection c; *when is lowered to its next moment. */
static void
connection_want(const struct line *l, const struct connection *c,
    struct pollfd p[2], int64_t *when)
{
	int64_t now = now_ns();

	for (int d = 0; d < 2; d++)
		p[d] = (struct pollfd){.fd = -1};
	if (c->fd[1] == -1) {
		earliest(when, c->open_at);
		return;
	}
	for (int d = 0; d < 2; d++) {
		const struct way *w = &c->way[d];

		if (way_has_room(l, w)) {
			p[d].fd = c->fd[d];
			p[d].events |= POLLIN;
		}
		if (w->n == 0)
			continue;
		if (w->slot[w->head].due > now) {
			earliest(when, w->slot[w->head].due);
		} else {
			p[!d].fd = c->fd[!d];
			p[!d].events |= POLLOUT;
		}
	}
}

/* false: the connection has ended. */
static bool
connection_step(struct line *l, struct connection *c, const struct pollfd p[2])
{
	int64_t now = now_ns();

	if (c->fd[1] == -1)
		return now < c->open_at || connect_server(l, c);
	for (int d = 0; d < 2; d++) {
		if (p[d].revents != 0 && (p[d].events & POLLIN) != 0 &&
		    way_has_room(l, &c->way[d]))
			way_read(l, c, d);
		if (!way_write(c, d, now))
			return false;
	}
	return !c->way[0].closed || !c->way[1].closed;
}

static void
serve(struct line *l, int listener)
{
	static struct pollfd p[1 + 2 * CONNECTIONS];
	struct timespec t;

	while (!stop) {
		int64_t when = -1, wait;

		p[0] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (size_t i = 0; i < CONNECTIONS; i++) {
			struct pollfd *q = &p[1 + 2 * i];

			q[0].fd = q[1].fd = -1;
			if (l->c[i] != NULL)
				connection_want(l, l->c[i], q, &when);
		}
		wait = when == -1 ? 0 : when - now_ns();
		wait = wait < 0 ? 0 : wait;
		t.tv_sec = wait / 1000000000;
		t.tv_nsec = wait % 1000000000;
		if (ppoll(p, 1 + 2 * CONNECTIONS, when == -1 ? NULL : &t,
			NULL) == -1)
			continue;
		if (p[0].revents != 0)
			accept_client(l, listener);
		for (size_t i = 0; i < CONNECTIONS; i++)
			if (l->c[i] != NULL &&
			    !connection_step(l, l->c[i], &p[1 + 2 * i])) {
				connection_free(l->c[i]);
				l->c[i] = NULL;
			}
	}
}

int
main(int argc, char **argv)
{
	static struct line l;
	struct sigaction act = {.sa_handler = on_signal};
	struct sockaddr_in a = loopback(0);
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 2 && argc != 4) {
		fputs("usage: link PORT [BITS_PER_SECOND RTT_MS]\n", stderr);
		return 1;
	}
	l.port = (uint16_t)atoi(argv[1]);
	if (argc == 4) {
		l.rate = atoll(argv[2]);
		l.delay = atoll(argv[3]) * 1000000 / 2;
	}
	l.limit = (size_t)(l.rate / 8 * (l.delay / 1000000) / 1000) + QUEUE;
	if (l.rate > 0 && l.limit > (size_t)SLOTS * SEGMENT) {
		fputs(
		    "link: so long and fast a line is not possible\n", stderr);
		return 1;
	}
	if (l.rate == 0)
		l.limit = SIZE_MAX;
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	if (listener == -1 ||
	    bind(listener, (struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(listener, CONNECTIONS) == -1 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) == -1) {
		perror("link");
		return 1;
	}
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	serve(&l, listener);
	printf("%llu %llu\n", (unsigned long long)l.total[0],
	    (unsigned long long)l.total[1]);
	return 0;
}
