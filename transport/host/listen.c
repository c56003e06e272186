/*
 * Listening sockets: where connections come from.  What comes of a new one is
 * decided by net_admission.c.
 */
#include "transport/host/listen.h"

#include "engine/base/err.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* For one address: more than a host name ever has. */
	SOCKETS_MAX = 8,
	/* Callers that may wait; the system takes what it has room for.  What
	 * SOMAXCONN says is of the C library, and 128 with musl. */
	WAITING_MAX = 4096,
	PAUSE_MS = 200
};

struct listener {
	struct listen_options opt;
	struct evconnlistener *sockets[SOCKETS_MAX];
	size_t sockets_n;
	uint16_t port;
	/* A descriptor to give up when there are no others: then a caller
	 * can be accepted and closed. */
	int reserve;
	struct event *resume; /* after a pause */
	bool paused, held;
};

static void
on_accept(struct evconnlistener *lev, evutil_socket_t fd, struct sockaddr *addr,
    int len, void *arg)
{
	struct listener *l = arg;

	(void)lev;
	(void)len;
	l->opt.accepted(l->opt.ctx, fd, addr);
}

static int
open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
set_enabled(struct listener *l)
{
	bool on = !l->paused && !l->held;
	size_t i;

	for (i = 0; i < l->sockets_n; i++)
		(void)(on ? evconnlistener_enable(l->sockets[i])
			  : evconnlistener_disable(l->sockets[i]));
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	if (l->reserve < 0)
		l->reserve = open_reserve();
	l->paused = false;
	set_enabled(l);
}

static void
on_error(struct evconnlistener *lev, void *arg)
{
	static const struct timeval pause = {.tv_usec = PAUSE_MS * 1000};
	struct listener *l = arg;
	int fd, sys = errno;

	if ((sys == EMFILE || sys == ENFILE) && l->reserve >= 0) {
		(void)close(l->reserve);
		fd = accept(evconnlistener_get_fd(lev), NULL, NULL);
		if (fd >= 0)
			(void)close(fd);
		l->reserve = open_reserve();
	} else {
		/* The caller stays in the queue, so the socket stays ready:
		 * look away for a while instead of spinning. */
		l->paused = true;
		set_enabled(l);
		(void)event_add(l->resume, &pause);
	}
	l->opt.failed(l->opt.ctx, sys);
}

/* The port the system chose serves all later sockets. */
static int
note_port(struct listener *l, int fd)
{
	struct sockaddr_storage addr;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
		return -errno;
	memcpy(&in, &addr, sizeof(in));
	memcpy(&in6, &addr, sizeof(in6));
	l->port =
	    ntohs(addr.ss_family == AF_INET ? in.sin_port : in6.sin6_port);
	return 0;
}

static void
set_port(struct sockaddr_storage *addr, uint16_t port)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (addr->ss_family == AF_INET) {
		memcpy(&in, addr, sizeof(in));
		in.sin_port = htons(port);
		memcpy(addr, &in, sizeof(in));
	} else if (addr->ss_family == AF_INET6) {
		memcpy(&in6, addr, sizeof(in6));
		in6.sin6_port = htons(port);
		memcpy(addr, &in6, sizeof(in6));
	}
}

/* A bound socket, or a negative errno. */
static int
bind_socket(const struct addrinfo *ai, const struct sockaddr_storage *addr)
{
	int fd, on = 1, sys;

	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    ai->ai_protocol);
	if (fd < 0)
		return -errno;
	/* Restarts must not wait for old connections; the two families have
	 * a socket each. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (ai->ai_family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) !=
		    0) ||
	    bind(fd, (const struct sockaddr *)addr, ai->ai_addrlen) != 0) {
		sys = errno;
		(void)close(fd);
		return -sys;
	}
	return fd;
}

/* A socket of this address and port, or a negative errno. */
static int
bind_to(const struct addrinfo *ai, uint16_t port)
{
	struct sockaddr_storage addr;

	if (ai->ai_addrlen > sizeof(addr))
		return -EAFNOSUPPORT;
	memset(&addr, 0, sizeof(addr));
	memcpy(&addr, ai->ai_addr, ai->ai_addrlen);
	set_port(&addr, port);
	return bind_socket(ai, &addr);
}

/* Listen on one address.  0, or a negative errno. */
static int
add_socket(struct listener *l, const struct addrinfo *ai)
{
	struct evconnlistener *lev;
	int fd = bind_to(ai, l->port), rc;

	if (fd < 0)
		return fd;
	if ((rc = note_port(l, fd)) != 0) {
		(void)close(fd);
		return rc;
	}
	lev = evconnlistener_new(l->opt.base, on_accept, l,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, WAITING_MAX, fd);
	if (lev == NULL) {
		rc = errno != 0 ? -errno : -ENOMEM;
		(void)close(fd);
		return rc;
	}
	evconnlistener_set_error_cb(lev, on_error);
	l->sockets[l->sockets_n++] = lev;
	return 0;
}

/* Is that only a family this machine does not have? */
static int
is_missing_family(int sys)
{
	return sys == EAFNOSUPPORT || sys == EADDRNOTAVAIL ||
	    sys == EPROTONOSUPPORT;
}

/* What to do about it, or NULL. */
static const char *
remedy(int sys)
{
	switch (sys) {
	case EADDRINUSE:
		return "another program has this port, perhaps the ERP's own "
		       "server: give erpsync a port of its own, by Port= in "
		       "[ErpSync] or by --listen, and tell it to stations by "
		       "Server= and Port= in [ErpSync] of their "
		       "smartclient.ini";
	case EACCES:
		return "a port below 1024 needs root, or the capability "
		       "CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return "give one of this machine's, or none to listen "
		       "on all";
	default:
		return NULL;
	}
}

static int
cannot_listen(int sys, const char *shown, struct err *e)
{
	struct err why;
	int rc = err_sys(&why, sys, "listen on", shown);
	const char *what = remedy(sys);

	(void)err_set(e, rc, what == NULL ? "%s" : "%.200s; %s", why.msg, what);
	if (e != NULL)
		e->sys = sys;
	return rc;
}

enum { SHOWN_BYTES = 300 };

/* All addresses of this name or number, and what it is called. */
static int
look_up(const char *host, uint16_t port, struct addrinfo **list,
    char shown[SHOWN_BYTES], struct err *e)
{
	struct addrinfo hints;
	int rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_flags = AI_PASSIVE;
	hints.ai_socktype = SOCK_STREAM;
	if (host != NULL && host[0] == '\0')
		host = NULL;
	(void)snprintf(shown, SHOWN_BYTES, "address %s port %u",
	    host != NULL ? host : "*", (unsigned)port);
	rc = getaddrinfo(host, "0", &hints, list);
	return rc != 0
	    ? err_set(e, ERP_NOTFOUND, "%s: %s", shown, gai_strerror(rc))
	    : 0;
}

int
listener_check(const char *address, uint16_t port, struct err *e)
{
	struct addrinfo *list = NULL, *ai;
	char shown[SHOWN_BYTES];
	int fd = -EADDRNOTAVAIL, rc = look_up(address, port, &list, shown, e);

	if (rc != 0)
		return rc;
	/* A server may have the port: any free one will do. */
	for (ai = list; ai != NULL && fd < 0; ai = ai->ai_next)
		fd = bind_to(ai, 0);
	freeaddrinfo(list);
	if (fd < 0)
		return cannot_listen(-fd, shown, e);
	(void)close(fd);
	return 0;
}

static int
add_sockets(struct listener *l, struct err *e)
{
	struct addrinfo *list = NULL, *ai;
	char shown[SHOWN_BYTES];
	int last = EADDRNOTAVAIL,
	    rc = look_up(l->opt.address, l->opt.port, &list, shown, e);

	if (rc != 0)
		return rc;
	for (ai = list, rc = 0; ai != NULL && l->sockets_n < SOCKETS_MAX;
	     ai = ai->ai_next) {
		if ((rc = -add_socket(l, ai)) == 0)
			continue;
		last = rc;
		if (!is_missing_family(rc))
			break;
		rc = 0;
	}
	freeaddrinfo(list);
	if (rc != 0 || l->sockets_n == 0)
		return cannot_listen(last, shown, e);
	return 0;
}

int
listener_new(
    const struct listen_options *opt, struct listener **out, struct err *e)
{
	struct listener *l = calloc(1, sizeof(*l));
	int rc;

	*out = NULL;
	if (l == NULL)
		return err_nomem(e);
	l->opt = *opt;
	l->port = opt->port;
	l->reserve = open_reserve();
	l->resume = evtimer_new(opt->base, on_resume, l);
	if (l->resume == NULL)
		rc = err_nomem(e);
	else
		rc = add_sockets(l, e);
	if (rc != 0)
		listener_free(l);
	else
		*out = l;
	return rc;
}

uint16_t
listener_port(const struct listener *l)
{
	return l->port;
}

void
listener_hold(struct listener *l, bool on)
{
	l->held = on;
	set_enabled(l);
}

void
listener_free(struct listener *l)
{
	if (l == NULL)
		return;
	while (l->sockets_n > 0)
		evconnlistener_free(l->sockets[--l->sockets_n]);
	if (l->resume != NULL)
		event_free(l->resume);
	if (l->reserve >= 0)
		(void)close(l->reserve);
	free(l);
}
