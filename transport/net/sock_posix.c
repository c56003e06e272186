/*
 * Connected sockets from POSIX, with what Linux adds.  Below dial.c and
 * channel_socket.c.
 */
#include "transport/net/sock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WANTS_MAX = 32 };

int
sock_take(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	if ((flags & O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return -errno;
	return 0;
}

void
sock_close(int fd)
{
	(void)close(fd);
}

int
sock_wait(struct sock_want *v, size_t n, uint32_t wait_ms)
{
	struct pollfd p[WANTS_MAX];
	size_t i;
	int rc;

	assert(n <= WANTS_MAX);
	for (i = 0; i < n; i++) {
		/* A hangup would wake poll at once also without wants. */
		p[i].fd = v[i].recv || v[i].send ? v[i].fd : -1;
		p[i].events = (short)((v[i].recv ? POLLIN : 0) |
		    (v[i].send ? POLLOUT : 0));
		p[i].revents = 0;
	}
	rc = poll(p, n, (int)wait_ms);
	for (i = 0; i < n; i++)
		v[i].ready = rc > 0 && p[i].revents != 0;
	return rc < 0 ? -errno : rc;
}

int64_t
sock_recv(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = recv(fd, p, n, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int64_t
sock_peek(int fd, uint8_t *first)
{
	ssize_t got;

	do
		got = recv(fd, first, 1, MSG_PEEK);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

bool
sock_is_local(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} peer;
	socklen_t len = sizeof(peer);

	memset(&peer, 0, sizeof(peer));
	if (getpeername(fd, &peer.any, &len) != 0)
		return false;
	if (peer.any.sa_family == AF_INET)
		return ntohl(peer.v4.sin_addr.s_addr) >> 24 == 127;
	if (peer.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&peer.v6.sin6_addr) ||
		    (IN6_IS_ADDR_V4MAPPED(&peer.v6.sin6_addr) &&
			peer.v6.sin6_addr.s6_addr[12] == 127);
	return peer.any.sa_family == AF_UNIX;
}

int64_t
sock_send(int fd, const void *p, size_t n, bool more)
{
	ssize_t sent;

	do
		sent = send(fd, p, n, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

int64_t
sock_send_file(int fd, int file, uint64_t off, size_t n)
{
	off_t at = (off_t)off;
	ssize_t sent;

	do
		sent = sendfile(fd, file, &at, n);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

int
sock_end(int fd)
{
	return shutdown(fd, SHUT_WR) != 0 ? -errno : 0;
}

static void
set_option(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

void
sock_keep_alive(int fd, int idle_s, int interval_s)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
}

void
sock_limit_unsent(int fd, int bytes)
{
	set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);
}

void
sock_limit_unread(int fd, int bytes)
{
	set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}
