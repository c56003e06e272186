/*
 * From a name to a connection, by the calls of POSIX: what only a station
 * does.  Below lookup.c and dial.c; part of sock_posix.c.
 */
#include "transport/net/sock.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
sock_lookup(
    const char *host, uint16_t port, bool numeric, struct sock_addresses *out)
{
	struct addrinfo hints, *list = NULL, *a;
	char number[8];
	int rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | (numeric ? AI_NUMERICHOST : 0);
	(void)snprintf(number, sizeof(number), "%u", (unsigned)port);
	out->n = 0;
	if ((rc = getaddrinfo(host, number, &hints, &list)) != 0)
		return rc;
	for (a = list; a != NULL && out->n < SOCK_ADDRESSES_MAX;
	     a = a->ai_next) {
		if (a->ai_addrlen > SOCK_ADDRESS_BYTES)
			continue;
		out->v[out->n].family = a->ai_family;
		out->v[out->n].len = a->ai_addrlen;
		memcpy(out->v[out->n].bytes, a->ai_addr, a->ai_addrlen);
		out->n++;
	}
	freeaddrinfo(list);
	return out->n == 0 ? EAI_NONAME : 0;
}

const char *
sock_lookup_text(int rc)
{
	return gai_strerror(rc);
}

int
sock_no_such_name(void)
{
	return EAI_NONAME;
}

int
sock_connect(const struct sock_address *to, bool *pending)
{
	int fd =
	    socket(to->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int rc;

	*pending = false;
	if (fd < 0)
		return -errno;
	if (connect(fd, (const void *)to->bytes, to->len) == 0)
		return fd;
	*pending = errno == EINPROGRESS || errno == EINTR;
	if (*pending)
		return fd;
	rc = -errno;
	(void)close(fd);
	return rc;
}

int
sock_outcome(int fd)
{
	int sys;
	socklen_t len = sizeof(sys);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len) != 0)
		sys = errno;
	return -sys;
}
