/* Callers who mean harm. */
#include "tests/support/mob.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <arpa/inet.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	OUT_MAX = 64 * 1024 * 1024,
	IN_MAX = 1024 * 1024,
	POLL_MS = 20,
	DRIP_MS = 1000,
	AGAIN_MS = 200, /* until the next call */
	SMALL_SIZE = 3000, /* of the bases of small files */
	DEAF_BYTES = 4096
};

struct caller {
	enum mob_kind kind;
	int fd; /* or -1 */
	uint64_t next_ms; /* of the next drop, or call */
	uint64_t basis; /* bytes, of those that it made up */
	bool heard_preface, welcome;
	struct buf in, out;
};

static const char *const names[MOB_KINDS] = {"silent", "half", "drip", "parked",
    "deaf", "sums", "group", "whole", "doubt"};

enum mob_kind
mob_kind_of(const char *name)
{
	int k;

	for (k = 0; k < MOB_KINDS && strcmp(names[k], name) != 0; k++)
		;
	return (enum mob_kind)k;
}

static void
greeting(struct caller *c)
{
	struct msg_hello m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "mob", sizeof(m.station));
	m.os = PATH_OS_LINUX;
	m.flags = HELLO_AGREED;
	if (c->kind == MOB_SUMS || c->kind == MOB_GROUP || c->kind == MOB_WHOLE)
		m.flags |= HELLO_DRY_RUN;
	(void)preface_encode(FEATURE_HINTS, &c->out, NULL);
	(void)hello_encode(&m, &c->out, NULL);
}

static void
hang_up(struct caller *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	buf_release(&c->in);
	buf_release(&c->out);
	c->fd = -1;
	c->heard_preface = c->welcome = false;
	c->next_ms = clock_ms(clock_real()) + AGAIN_MS;
}

static struct sockaddr_in
loopback(const char *address, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	(void)inet_pton(AF_INET, address, &a.sin_addr);
	return a;
}

static void
call(const struct mob *m, struct caller *c)
{
	struct sockaddr_in from = loopback(m->address, 0);
	struct sockaddr_in to = loopback("127.0.0.1", m->port);
	int few = DEAF_BYTES;

	buf_init(&c->in, IN_MAX);
	buf_init(&c->out, OUT_MAX);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->kind == MOB_DEAF)
		(void)setsockopt(
		    c->fd, SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
	if (c->fd < 0 ||
	    bind(c->fd, (const struct sockaddr *)&from, sizeof(from)) != 0 ||
	    (connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) != 0 &&
		errno != EINPROGRESS)) {
		hang_up(c);
		return;
	}
	if (c->kind == MOB_HALF)
		(void)buf_append(&c->out, "ERPsyn", 6, NULL);
	else if (c->kind != MOB_SILENT)
		greeting(c);
}

/* Want entry 0, or all the small ones behind it. */
static void
want(const struct mob *m, struct caller *c, uint8_t flags)
{
	static struct msg_want v[GROUP_MAX];
	bool group = c->kind == MOB_GROUP;
	uint32_t i, n = group ? m->small : 1;

	c->basis = group ? SMALL_SIZE : m->size - 1 - arc4random_uniform(1000);
	memset(v, 0, n * sizeof(v[0]));
	for (i = 0; i < n; i++) {
		v[i].index = i + group;
		v[i].flags = flags;
		if (flags & WANT_HAS_BASIS) {
			v[i].basis_size = c->basis;
			arc4random_buf(v[i].basis.b, group ? 4 : HASH_LEN);
		}
	}
	if (group)
		(void)group_encode(v, n, &c->out, NULL);
	else
		(void)wants_encode(v, n, &c->out, NULL);
}

/* Sums of no basis at all, as many as are asked for. */
static void
answer(struct caller *c, const struct frame *f)
{
	static uint32_t v[GROUP_MAX];
	uint8_t bytes[32 * 1024];
	enum sums_kind kind;
	struct sig_params p;
	int n = ask_decode(f->payload, f->len, &kind, v, NULL);
	uint64_t len = short_sums_len(c->basis);
	size_t part;

	if (n > 0 && kind == SUMS_SIGNATURE) {
		(void)sig_params_for(c->basis, &p, NULL);
		len = sig_length(c->basis, &p) - SIG_HEADER_LEN;
	}
	for (len *= n > 0 ? (uint64_t)n : 0; len > 0; len -= part) {
		part = len < sizeof(bytes) ? (size_t)len : sizeof(bytes);
		arc4random_buf(bytes, part);
		(void)sums_encode(bytes, part, &c->out, NULL);
	}
}

static void
offered(const struct mob *m, struct caller *c, struct mob_counts *n)
{
	const struct msg_fetch fetch = {0, 0};

	n->offers++;
	if (c->kind == MOB_SUMS || c->kind == MOB_GROUP)
		want(m, c, WANT_HAS_BASIS);
	else if (c->kind == MOB_WHOLE)
		want(m, c, WANT_WHOLE);
	else
		(void)fetches_encode(&fetch, 1, &c->out, NULL);
}

static void
hear(const struct mob *m, struct caller *c, const struct frame *f,
    struct mob_counts *n)
{
	const struct msg_error wrong = {.code = ERROR_FAILED, .text = "wrong"};

	switch (f->type) {
	case MSG_WELCOME:
		c->welcome = true;
		if (c->kind >= MOB_DEAF)
			want(m, c,
			    c->kind == MOB_SUMS || c->kind == MOB_GROUP
				? WANT_HAS_BASIS
				: 0);
		break;
	case MSG_OFFER:
		offered(m, c, n);
		break;
	case MSG_ASK:
		answer(c, f);
		break;
	case MSG_DATA:
		if (c->kind == MOB_DOUBT)
			(void)error_encode(&wrong, &c->out, NULL);
		break;
	default:
		break;
	}
}

/* Everything that came; false: it was nonsense. */
static bool
consume(const struct mob *m, struct caller *c, struct mob_counts *n)
{
	struct frame f;
	int64_t used;

	if (!c->heard_preface) {
		if (c->in.len < PREFACE_LEN)
			return true;
		buf_consume(&c->in, PREFACE_LEN);
		c->heard_preface = true;
	}
	while (
	    (used = frame_decode(buf_data(&c->in), c->in.len, &f, NULL)) > 0) {
		hear(m, c, &f, n);
		buf_consume(&c->in, (size_t)used);
	}
	return used == 0;
}

static void
receive(const struct mob *m, struct caller *c, struct mob_counts *n)
{
	static uint8_t bytes[64 * 1024];
	ssize_t got;

	got = recv(c->fd, bytes, sizeof(bytes), 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0 || buf_append(&c->in, bytes, (size_t)got, NULL) != 0 ||
	    !consume(m, c, n))
		hang_up(c);
}

static void
speak(struct caller *c, struct mob_counts *n)
{
	size_t most = c->kind == MOB_DRIP ? 1 : c->out.len;
	ssize_t put;

	put = send(c->fd, buf_data(&c->out), most, MSG_NOSIGNAL);
	if (put < 0 && errno != EAGAIN && errno != EINTR) {
		hang_up(c);
	} else if (put > 0) {
		n->sent += (uint64_t)put;
		buf_consume(&c->out, (size_t)put);
		c->next_ms = clock_ms(clock_real()) + DRIP_MS;
	}
}

/* What it waits for. */
static short
events_of(const struct caller *c, uint64_t now)
{
	bool deaf = c->kind == MOB_DEAF && c->welcome && c->out.len == 0;
	short events = 0;

	/* A deaf one hears until it has asked for the file. */
	if (!deaf || c->in.len == 0)
		events |= POLLIN;
	if (c->out.len > 0 && (c->kind != MOB_DRIP || now >= c->next_ms))
		events |= POLLOUT;
	return events;
}

static void
turn(const struct mob *m, struct caller *v, struct pollfd *p,
    struct mob_counts *n)
{
	uint64_t now = clock_ms(clock_real());
	unsigned i;

	for (i = 0; i < m->callers; i++) {
		if (v[i].fd < 0 && now >= v[i].next_ms) {
			call(m, &v[i]);
			n->calls++;
		}
		p[i].fd = v[i].fd;
		p[i].events = v[i].fd < 0 ? 0 : events_of(&v[i], now);
	}
	(void)poll(p, m->callers, POLL_MS);
	for (i = 0; i < m->callers; i++) {
		if (v[i].fd >= 0 && (p[i].revents & POLLOUT) != 0)
			speak(&v[i], n);
		if (v[i].fd >= 0 &&
		    (p[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			receive(m, &v[i], n);
	}
}

int
mob_run(const struct mob *m, struct mob_counts *out)
{
	struct caller *v = calloc(m->callers, sizeof(*v));
	struct pollfd *p = calloc(m->callers, sizeof(*p));
	int kind = MOB_KINDS - 1;
	unsigned i;

	memset(out, 0, sizeof(*out));
	for (i = 0; v != NULL && i < m->callers; i++) {
		do
			kind = (kind + 1) % MOB_KINDS;
		while ((m->kinds >> kind & 1) == 0);
		v[i].kind = (enum mob_kind)kind;
		v[i].fd = -1;
	}
	while (v != NULL && p != NULL && !*m->stop)
		turn(m, v, p, out);
	for (i = 0; v != NULL && i < m->callers; i++)
		if (v[i].fd >= 0)
			hang_up(&v[i]);
	i = v == NULL || p == NULL;
	free(v);
	free(p);
	return i == 0 ? 0 : ERP_NOMEM;
}
