/*
 * Connecting: from the name of a server (lookup.c) to the channel that a
 * station's link (link.c) runs over.  Its addresses are tried one after the
 * other, but none is waited for before the next begins (RFC 8305).
 */
#include "transport/net/dial.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/channel.h"
#include "transport/net/lookup.h"
#include "transport/net/sock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	SLICE_MS = 100, /* between two looks at opt->interrupted */
	STAGGER_MS = 250, /* until the next address is tried, too */
	ADDRESSES_MAX = 16,
	/* A link that dies in silence is probed after so long, so often. */
	IDLE_S = 20,
	INTERVAL_S = 10
};

/* The addresses, and the connections that are on their way. */
struct race {
	const struct dial_options *opt;
	uint64_t until; /* monotonic milliseconds */
	const struct sock_address *v[ADDRESSES_MAX];
	size_t n, next; /* of v; the first that was not tried */
	struct sock_want fds[ADDRESSES_MAX];
	size_t fds_n;
	uint64_t begun; /* the last of them */
	int rc; /* a negative errno: what the last that failed said */
};

size_t
dial_order(const struct sock_addresses *list, const struct sock_address *out[],
    size_t most)
{
	int family = list->v[0].family;
	size_t a = 0, b = 0, n = 0;

	while (n < most && (a < list->n || b < list->n)) {
		while (a < list->n && list->v[a].family != family)
			a++;
		while (b < list->n && list->v[b].family == family)
			b++;
		if (a < list->n)
			out[n++] = &list->v[a++];
		if (b < list->n && n < most)
			out[n++] = &list->v[b++];
	}
	return n;
}

/* Try the next address: a connected socket, or -1 and it is on its way or has
 * failed. */
static int
begin(struct race *r)
{
	const struct sock_address *to = r->v[r->next++];
	bool pending;
	int fd;

	assert(r->next <= r->n && r->fds_n < ADDRESSES_MAX);
	fd = sock_connect(to, &pending);
	r->begun = clock_ms(r->opt->clock);
	if (fd < 0) {
		r->rc = fd;
		return -1;
	}
	if (!pending)
		return fd;
	r->fds[r->fds_n++] = (struct sock_want){.fd = fd, .send = true};
	return -1;
}

/* One that moved: its socket if it is connected, else -1 and it is gone. */
static int
settle(struct race *r, size_t i)
{
	int fd = r->fds[i].fd, rc = sock_outcome(fd);

	r->fds[i] = r->fds[--r->fds_n];
	if (rc == 0)
		return fd;
	r->rc = rc;
	sock_close(fd);
	return -1;
}

/* Wait a little for one of them, but not past the time for the next. */
static int
wait_for_one(struct race *r, uint64_t now)
{
	uint64_t ms = SLICE_MS;
	size_t i;

	if (r->next < r->n && r->begun + STAGGER_MS < now + ms)
		ms = r->begun + STAGGER_MS > now ? r->begun + STAGGER_MS - now
						 : 0;
	if (r->until - now < ms)
		ms = r->until - now;
	/* A signal is looked at by the caller; nothing else can fail. */
	if (sock_wait(r->fds, r->fds_n, (uint32_t)ms) < 0)
		return -1;
	for (i = 0; i < r->fds_n; i++)
		if (r->fds[i].ready)
			return settle(r, i);
	return -1;
}

/* A connected socket, or a negative errno. */
static int
run_race(struct race *r)
{
	int fd = -1;
	uint64_t now;

	while (fd < 0) {
		now = clock_ms(r->opt->clock);
		if (r->opt->interrupted != NULL &&
		    r->opt->interrupted(r->opt->ctx) != 0)
			return -ECANCELED;
		if (now >= r->until)
			return -ETIMEDOUT;
		if (r->next < r->n &&
		    (r->fds_n == 0 || now >= r->begun + STAGGER_MS))
			fd = begin(r);
		else if (r->fds_n > 0)
			fd = wait_for_one(r, now);
		else
			return r->rc;
	}
	return fd;
}

static int
try_addresses(const struct dial_options *opt, uint64_t until,
    const struct sock_addresses *list)
{
	struct race r;
	int fd;

	memset(&r, 0, sizeof(r));
	r.opt = opt;
	r.until = until;
	r.rc = -EADDRNOTAVAIL;
	r.n = dial_order(list, r.v, ADDRESSES_MAX);
	fd = run_race(&r);
	while (r.fds_n > 0)
		sock_close(r.fds[--r.fds_n].fd);
	return fd;
}

int
dial(const struct dial_options *opt, struct channel *out, struct err *e)
{
	uint64_t until = clock_ms(opt->clock) + opt->timeout_ms;
	struct sock_addresses list;
	char shown[300];
	int rc;

	(void)snprintf(shown, sizeof(shown),
	    strchr(opt->host, ':') != NULL ? "[%.255s]:%u" : "%.255s:%u",
	    opt->host, (unsigned)opt->port);
	if ((rc = lookup(opt, shown, until, &list, e)) != 0)
		return rc;
	rc = try_addresses(opt, until, &list);
	if (rc == -ECANCELED)
		return err_set(e, ERP_CANCELLED, "interrupted");
	if (rc == -ETIMEDOUT)
		return err_set(e, ERP_UNANSWERED, "no answer from %s", shown);
	if (rc < 0)
		return err_sys_as(e, ERP_UNREACHABLE, -rc, "connect to", shown);
	if ((rc = channel_of_socket(out, rc, e)) == 0)
		channel_keep_alive(out, IDLE_S, INTERVAL_S);
	return rc;
}
