/*
 * A channel over a stream of the caller's: two functions that move bytes, and
 * nothing that could be polled.  So the time that a session may wait goes to
 * the calls themselves, and none of them waits while the other could move.
 */
#include "transport/net/channel.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "transport/net/sock.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
	PIECE = 16 * 1024, /* of a file, on its way through memory */
	TURN_MS = 10 /* to receive before trying to send once more */
};

static int
stream_wait(struct channel *ch, unsigned wants, uint32_t wait_ms)
{
	bool both = wants == (CHANNEL_RECV | CHANNEL_SEND);

	if (wants == 0) {
		(void)sock_wait(NULL, 0, wait_ms);
		return 0;
	}
	ch->send_ms = both ? 0 : wait_ms;
	ch->recv_ms = both && wait_ms > TURN_MS ? TURN_MS : wait_ms;
	return 1;
}

/* What one of the caller's functions answered, asked for n bytes. */
static int64_t
moved(struct channel *ch, int64_t rc, size_t n)
{
	/* Once bytes moved there may be something else to do. */
	if (rc > 0)
		ch->recv_ms = 0;
	if (rc == CHANNEL_END || (rc >= 0 && (uint64_t)rc <= n))
		return rc;
	ch->sys = EIO;
	return ERP_IO;
}

static int64_t
stream_recv(struct channel *ch, void *p, size_t n)
{
	uint32_t wait_ms = ch->recv_ms;

	ch->recv_ms = 0;
	return moved(ch, ch->stream.recv(ch->stream.ctx, p, n, wait_ms), n);
}

static int64_t
stream_send(struct channel *ch, const void *p, size_t n, bool more)
{
	uint32_t wait_ms = ch->send_ms;

	(void)more;
	ch->send_ms = 0;
	return moved(ch, ch->stream.send(ch->stream.ctx, p, n, wait_ms), n);
}

static int64_t
stream_send_file(struct channel *ch, int file, uint64_t off, size_t n)
{
	uint8_t piece[PIECE];
	int64_t got =
	    fs_pread(fs_real(), file, piece, n < PIECE ? n : PIECE, off);

	if (got > 0)
		return stream_send(ch, piece, (size_t)got, false);
	ch->sys = got < 0 ? (int)-got : EIO;
	return ERP_IO;
}

static int
stream_flush(struct channel *ch)
{
	(void)ch;
	return 0;
}

static int
stream_end(struct channel *ch)
{
	(void)ch;
	return 0;
}

static void
stream_close(struct channel *ch)
{
	memset(&ch->stream, 0, sizeof(ch->stream));
}

void
channel_of_stream(struct channel *ch, const struct channel_stream *s)
{
	static const struct channel_ops ops = {stream_wait, stream_recv,
	    stream_send, stream_send_file, stream_flush, stream_end,
	    stream_close};

	assert(s->recv != NULL && s->send != NULL);
	memset(ch, 0, sizeof(*ch));
	ch->ops = &ops;
	ch->fd = -1;
	ch->stream = *s;
}
