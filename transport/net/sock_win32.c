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

enum {
	PIECE = 16 * 1024, /* of a file, on its way through memory */
	ROOM_LOOK_MS = 20
};

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

/*
 * What can move now.  By select: WSAPoll does not tell of a connection that
 * failed, before Windows 10 2004.
 */
static int
look(struct sock_want *v, size_t n)
{
	struct timeval at_once = {0, 0};
	fd_set recv_set, send_set, bad_set;
	size_t i;
	int rc;

	FD_ZERO(&recv_set);
	FD_ZERO(&send_set);
	FD_ZERO(&bad_set);
	for (i = 0; i < n; i++) {
		if (!v[i].recv && !v[i].send)
			continue;
		FD_SET((SOCKET)v[i].fd, &bad_set);
		if (v[i].recv)
			FD_SET((SOCKET)v[i].fd, &recv_set);
		if (v[i].send)
			FD_SET((SOCKET)v[i].fd, &send_set);
	}
	if (select(0, &recv_set, &send_set, &bad_set, &at_once) < 0)
		return fault();
	for (i = 0, rc = 0; i < n; i++) {
		SOCKET s = (SOCKET)v[i].fd;

		v[i].ready = FD_ISSET(s, &recv_set) || FD_ISSET(s, &send_set) ||
		    FD_ISSET(s, &bad_set);
		rc += v[i].ready;
	}
	return rc;
}

/*
 * Sleep until something becomes of any of them, or for so long.  Not for what
 * stays true while nothing can move, as that it is connected, or closed for who
 * only sends: each sleep would end at once.
 */
static int
doze(const struct sock_want *v, size_t n, WSAEVENT event, DWORD at_most_ms)
{
	WSANETWORKEVENTS seen;
	size_t i;

	for (i = 0; i < n; i++) {
		long events = (v[i].recv ? FD_READ | FD_CLOSE : 0) |
		    (v[i].send ? FD_WRITE : 0);

		if ((v[i].recv || v[i].send) &&
		    WSAEventSelect((SOCKET)v[i].fd, event, events) != 0)
			return fault();
		/* That there is room is told only to who was refused, and that
		 * no connection comes to nobody. */
		if (v[i].send && at_most_ms > ROOM_LOOK_MS)
			at_most_ms = ROOM_LOOK_MS;
	}
	(void)WaitForSingleObject(event, at_most_ms);
	/* What was told is not told again. */
	for (i = 0; i < n; i++)
		if (v[i].recv || v[i].send)
			(void)WSAEnumNetworkEvents(
			    (SOCKET)v[i].fd, event, &seen);
	return 0;
}

/*
 * The event only says that it is time to look.  A select that waits would do,
 * but wine loses its answer once in some thousand updates of a busy machine,
 * and then it waits without end; the wait for an event has an end of its own.
 */
int
sock_wait(struct sock_want *v, size_t n, uint32_t wait_ms)
{
	ULONGLONG now = GetTickCount64(), end = now + wait_ms;
	WSAEVENT event;
	size_t i, any = 0;
	int rc;

	assert(n <= FD_SETSIZE);
	for (i = 0; i < n; i++) {
		v[i].ready = false;
		any += v[i].recv || v[i].send;
	}
	if (any == 0) {
		Sleep(wait_ms);
		return 0;
	}
	if ((rc = look(v, n)) != 0 || wait_ms == 0)
		return rc;
	if ((event = WSACreateEvent()) == WSA_INVALID_EVENT)
		return fault();
	for (; rc == 0 && now < end; now = GetTickCount64())
		if ((rc = doze(v, n, event, (DWORD)(end - now))) == 0)
			rc = look(v, n);
	(void)WSACloseEvent(event);
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
