/*
 * Connecting: from the name of a server to the channel that a station's link
 * (link.c) runs over, with a share of the time for each of its addresses.
 */
#include "transport/net/dial.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/channel.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SLICE_MS = 100, /* between two looks at opt->interrupted */
	SHARE_MS = 5000, /* for an address that is not the last */
	/* A link that dies in silence is probed after so long, so often. */
	IDLE_S = 20,
	INTERVAL_S = 10
};

/* Wait until fd is connected: 0, or a negative errno. */
static int
await(const struct dial_options *opt, int fd, uint64_t until)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int sys = 0, rc;

	for (;;) {
		if (opt->interrupted != NULL && opt->interrupted(opt->ctx) != 0)
			return -ECANCELED;
		rc = poll(&p, 1, SLICE_MS);
		if (rc > 0)
			break;
		if (rc < 0 && errno != EINTR)
			return -errno;
		if (clock_ms(opt->clock) >= until)
			return -ETIMEDOUT;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len) != 0)
		return -errno;
	return -sys;
}

/* A connected socket, or a negative errno. */
static int
try_address(
    const struct dial_options *opt, const struct addrinfo *ai, uint64_t until)
{
	int fd, rc = 0;

	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    ai->ai_protocol);
	if (fd < 0)
		return -errno;
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) != 0)
		rc = errno == EINPROGRESS || errno == EINTR
		    ? await(opt, fd, until)
		    : -errno;
	if (rc != 0) {
		(void)close(fd);
		return rc;
	}
	return fd;
}

static int
try_addresses(const struct dial_options *opt, const struct addrinfo *list)
{
	uint64_t until = clock_ms(opt->clock) + opt->timeout_ms, now, share;
	const struct addrinfo *ai;
	int rc = -EADDRNOTAVAIL;

	for (ai = list; ai != NULL; ai = ai->ai_next) {
		now = clock_ms(opt->clock);
		if (now >= until)
			return -ETIMEDOUT;
		share = until;
		if (ai->ai_next != NULL && now + SHARE_MS < until)
			share = now + SHARE_MS;
		rc = try_address(opt, ai, share);
		if (rc >= 0 || rc == -ECANCELED)
			break;
	}
	return rc;
}

int
dial(const struct dial_options *opt, struct channel *out, struct err *e)
{
	struct addrinfo hints, *list = NULL;
	char port[8], shown[300];
	int rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV;
	(void)snprintf(port, sizeof(port), "%u", (unsigned)opt->port);
	(void)snprintf(shown, sizeof(shown), "%.255s:%s", opt->host, port);
	rc = getaddrinfo(opt->host, port, &hints, &list);
	if (rc != 0)
		return err_set(e, ERP_UNREACHABLE,
		    "cannot find the server %s: %s", shown, gai_strerror(rc));
	rc = try_addresses(opt, list);
	freeaddrinfo(list);
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
