/*
 * A channel over a connected, non-blocking socket: bytes between a session's
 * buffers, or a blob's file, and the kernel.
 */
#include "transport/net/channel.h"

#include "engine/base/err.h"

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

static int
failed(struct channel *ch, int sys)
{
	ch->sys = sys;
	return ERP_IO;
}

/* What a call answered, in a channel's words. */
static int64_t
moved(struct channel *ch, ssize_t n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN)
		return 0;
	return failed(ch, errno);
}

static int
socket_wait(struct channel *ch, unsigned wants, uint32_t wait_ms)
{
	struct pollfd p = {.fd = ch->fd};
	int rc;

	p.events = (short)(((wants & CHANNEL_RECV) != 0 ? POLLIN : 0) |
	    ((wants & CHANNEL_SEND) != 0 ? POLLOUT : 0));
	/* With nothing to wait for, poll only sleeps; a hangup would wake
	 * it at once. */
	if (wants == 0)
		p.fd = -1;
	rc = poll(&p, 1, (int)wait_ms);
	if (rc < 0)
		return errno == EINTR ? 0 : failed(ch, errno);
	return rc;
}

static int64_t
socket_recv(struct channel *ch, void *p, size_t n)
{
	ssize_t got;

	do
		got = recv(ch->fd, p, n, 0);
	while (got < 0 && errno == EINTR);
	return got == 0 ? CHANNEL_END : moved(ch, got);
}

static int64_t
socket_send(struct channel *ch, const void *p, size_t n, bool more)
{
	ssize_t sent;

	do
		sent = send(ch->fd, p, n, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
	while (sent < 0 && errno == EINTR);
	return moved(ch, sent);
}

static int64_t
socket_send_file(struct channel *ch, int file, uint64_t off, size_t n)
{
	off_t at = (off_t)off;
	ssize_t sent;

	do
		sent = sendfile(ch->fd, file, &at, n);
	while (sent < 0 && errno == EINTR);
	return sent == 0 ? failed(ch, EIO) : moved(ch, sent);
}

static int
socket_end(struct channel *ch)
{
	return shutdown(ch->fd, SHUT_WR) != 0 ? failed(ch, errno) : 0;
}

static void
socket_close(struct channel *ch)
{
	assert(ch->fd >= 0);
	(void)close(ch->fd);
	ch->fd = -1;
}

int
channel_of_socket(struct channel *ch, int fd, struct err *e)
{
	static const struct channel_ops ops = {socket_wait, socket_recv,
	    socket_send, socket_send_file, socket_end, socket_close};
	int flags = fcntl(fd, F_GETFL), rc;

	memset(ch, 0, sizeof(*ch));
	ch->ops = &ops;
	ch->fd = fd;
	if (flags >= 0 &&
	    ((flags & O_NONBLOCK) != 0 ||
		fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0))
		return 0;
	rc = err_sys(e, errno, "set up", "connection");
	socket_close(ch);
	return rc;
}

static void
set_option(const struct channel *ch, int level, int name, int value)
{
	if (ch->fd >= 0)
		(void)setsockopt(ch->fd, level, name, &value, sizeof(value));
}

void
channel_keep_alive(struct channel *ch, int idle_s, int interval_s)
{
	set_option(ch, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(ch, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(ch, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
	set_option(ch, IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
}

void
channel_limit_unsent(struct channel *ch, int bytes)
{
	set_option(ch, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);
}

void
channel_limit_unread(struct channel *ch, int bytes)
{
	set_option(ch, SOL_SOCKET, SO_RCVBUF, bytes);
}
