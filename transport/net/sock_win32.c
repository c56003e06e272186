/*
 * Connected sockets of Windows, whose numbers fit an int as all its handles
 * do.  Below dial.c and channel_socket.c.
 */
#include "transport/net/sock.h"

#include "engine/base/fs.h"
#include "engine/base/wide_win32.h"

#include <mstcpip.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>

enum { PIECE = 16 * 1024 /* of a file, on its way through memory */ };

static int
fault(void)
{
	return -wide_errno((DWORD)WSAGetLastError());
}

int
sock_take(int fd)
{
	u_long on = 1;

	return ioctlsocket((SOCKET)fd, (long)FIONBIO, &on) == 0 ? 0 : fault();
}

void
sock_close(int fd)
{
	(void)closesocket((SOCKET)fd);
}

/* By select: WSAPoll does not tell of a connection that failed, before
 * Windows 10 2004. */
int
sock_wait(struct sock_want *v, size_t n, uint32_t wait_ms)
{
	struct timeval time = {
	    (long)(wait_ms / 1000), (long)(wait_ms % 1000 * 1000)};
	fd_set recv_set, send_set, bad_set;
	size_t i, any = 0;
	int rc;

	assert(n <= FD_SETSIZE);
	FD_ZERO(&recv_set);
	FD_ZERO(&send_set);
	FD_ZERO(&bad_set);
	for (i = 0; i < n; i++) {
		v[i].ready = false;
		if (!v[i].recv && !v[i].send)
			continue;
		any++;
		FD_SET((SOCKET)v[i].fd, &bad_set);
		if (v[i].recv)
			FD_SET((SOCKET)v[i].fd, &recv_set);
		if (v[i].send)
			FD_SET((SOCKET)v[i].fd, &send_set);
	}
	if (any == 0) {
		Sleep(wait_ms);
		return 0;
	}
	if (select(0, &recv_set, &send_set, &bad_set, &time) < 0)
		return fault();
	for (i = 0, rc = 0; i < n; i++) {
		SOCKET s = (SOCKET)v[i].fd;

		v[i].ready = FD_ISSET(s, &recv_set) || FD_ISSET(s, &send_set) ||
		    FD_ISSET(s, &bad_set);
		rc += v[i].ready;
	}
	return rc;
}

int64_t
sock_peek(int fd, uint8_t *first)
{
	int got = recv((SOCKET)fd, (char *)first, 1, MSG_PEEK);

	return got < 0 ? fault() : got;
}

bool
sock_is_local(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} peer = {.any = {0}};
	int len = sizeof(peer);

	if (getpeername((SOCKET)fd, &peer.any, &len) != 0)
		return false;
	if (peer.any.sa_family == AF_INET)
		return ntohl(peer.v4.sin_addr.s_addr) >> 24 == 127;
	return peer.any.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&peer.v6.sin6_addr);
}

int64_t
sock_recv(int fd, void *p, size_t n)
{
	int got = recv((SOCKET)fd, p, n > INT_MAX ? INT_MAX : (int)n, 0);

	return got < 0 ? fault() : got;
}

int64_t
sock_send(int fd, const void *p, size_t n, bool more)
{
	int sent = send((SOCKET)fd, p, n > INT_MAX ? INT_MAX : (int)n, 0);

	(void)more;
	return sent < 0 ? fault() : sent;
}

int64_t
sock_send_file(int fd, int file, uint64_t off, size_t n)
{
	char piece[PIECE];
	int64_t got =
	    fs_pread(fs_real(), file, piece, n < PIECE ? n : PIECE, off);

	return got <= 0 ? got : sock_send(fd, piece, (size_t)got, false);
}

int
sock_end(int fd)
{
	return shutdown((SOCKET)fd, SD_SEND) != 0 ? fault() : 0;
}

static void
set_option(int fd, int level, int name, int value)
{
	(void)setsockopt(
	    (SOCKET)fd, level, name, (const char *)&value, sizeof(value));
}

void
sock_keep_alive(int fd, int idle_s, int interval_s)
{
	struct tcp_keepalive probe = {
	    1, (ULONG)idle_s * 1000, (ULONG)interval_s * 1000};
	DWORD got = 0;

	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	(void)WSAIoctl((SOCKET)fd, SIO_KEEPALIVE_VALS, &probe, sizeof(probe),
	    NULL, 0, &got, NULL, NULL);
}

/* There is no such thing. */
void
sock_limit_unsent(int fd, int bytes)
{
	(void)fd;
	(void)bytes;
}

void
sock_limit_unread(int fd, int bytes)
{
	set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}
