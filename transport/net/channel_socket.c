/*
 * A channel over a connected socket that does not wait: bytes between a
 * session's buffers, or a blob's file, and the system.
 */
#include "transport/net/channel.h"

#include "engine/base/err.h"
#include "transport/net/sock.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static int
failed(struct channel *ch, int sys)
{
	ch->sys = sys;
	return ERP_IO;
}

/* What a call answered, in a channel's words. */
static int64_t
moved(struct channel *ch, int64_t n)
{
	if (n >= 0)
		return n;
	return n == -EAGAIN ? 0 : failed(ch, (int)-n);
}

static int
socket_wait(struct channel *ch, unsigned wants, uint32_t wait_ms)
{
	struct sock_want want = {.fd = ch->fd,
	    .recv = (wants & CHANNEL_RECV) != 0,
	    .send = (wants & CHANNEL_SEND) != 0};
	int rc = sock_wait(&want, 1, wait_ms);

	if (rc < 0)
		return rc == -EINTR ? 0 : failed(ch, -rc);
	return rc;
}

static int64_t
socket_recv(struct channel *ch, void *p, size_t n)
{
	int64_t got = sock_recv(ch->fd, p, n);

	if (got > 0)
		ch->heard += (uint64_t)got;
	return got == 0 ? CHANNEL_END : moved(ch, got);
}

static int64_t
socket_send(struct channel *ch, const void *p, size_t n, bool more)
{
	return moved(ch, sock_send(ch->fd, p, n, more));
}

static int64_t
socket_send_file(struct channel *ch, int file, uint64_t off, size_t n)
{
	int64_t sent = sock_send_file(ch->fd, file, off, n);

	return sent == 0 ? failed(ch, EIO) : moved(ch, sent);
}

/* What was sent is the kernel's. */
static int
socket_flush(struct channel *ch)
{
	(void)ch;
	return 0;
}

static int
socket_end(struct channel *ch)
{
	int rc = sock_end(ch->fd);

	return rc < 0 ? failed(ch, -rc) : 0;
}

static void
socket_close(struct channel *ch)
{
	assert(ch->fd >= 0);
	sock_close(ch->fd);
	ch->fd = -1;
}

int
channel_of_socket(struct channel *ch, int fd, struct err *e)
{
	static const struct channel_ops ops = {socket_wait, socket_recv,
	    socket_send, socket_send_file, socket_flush, socket_end,
	    socket_close};
	int rc = sock_take(fd);

	memset(ch, 0, sizeof(*ch));
	ch->ops = &ops;
	ch->fd = fd;
	if (rc == 0)
		return 0;
	rc = err_sys(e, -rc, "set up", "connection");
	socket_close(ch);
	return rc;
}

int
channel_peek(struct channel *ch, uint8_t *first)
{
	int64_t got;

	assert(ch->fd >= 0 && ch->tls == NULL);
	got = sock_peek(ch->fd, first);
	return got == 0 ? CHANNEL_END : (int)moved(ch, got);
}

bool
channel_is_local(const struct channel *ch)
{
	return ch->fd >= 0 && sock_is_local(ch->fd);
}

void
channel_keep_alive(struct channel *ch, int idle_s, int interval_s)
{
	if (ch->fd >= 0)
		sock_keep_alive(ch->fd, idle_s, interval_s);
}

void
channel_limit_unsent(struct channel *ch, int bytes)
{
	if (ch->fd >= 0)
		sock_limit_unsent(ch->fd, bytes);
}

void
channel_limit_unread(struct channel *ch, int bytes)
{
	if (ch->fd >= 0)
		sock_limit_unread(ch->fd, bytes);
}
