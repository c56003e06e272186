/*
 * The calls of a channel, on their way from link.c or conn.c to whatever
 * carries its bytes.  What every carrier owes its callers is asserted here.
 */
#include "transport/net/channel.h"

#include "engine/base/err.h"

#include <assert.h>

int
channel_wait(struct channel *ch, unsigned wants, uint32_t wait_ms)
{
	int rc;

	assert((wants & ~(unsigned)(CHANNEL_RECV | CHANNEL_SEND)) == 0);
	rc = ch->ops->wait(ch, wants, wait_ms);
	assert(rc == 0 || rc == ERP_IO || (rc == 1 && wants != 0));
	return rc;
}

int64_t
channel_recv(struct channel *ch, void *p, size_t n)
{
	assert(n > 0);
	return ch->ops->recv(ch, p, n);
}

int64_t
channel_send(struct channel *ch, const void *p, size_t n, bool more)
{
	assert(n > 0);
	return ch->ops->send(ch, p, n, more);
}

int64_t
channel_send_file(struct channel *ch, int file, uint64_t off, size_t n)
{
	assert(file >= 0 && n > 0);
	return ch->ops->send_file(ch, file, off, n);
}

int
channel_flush(struct channel *ch)
{
	return ch->ops->flush(ch);
}

int
channel_end(struct channel *ch)
{
	return ch->ops->end(ch);
}

void
channel_close(struct channel *ch)
{
	ch->ops->close(ch);
	assert(ch->fd == -1);
}
