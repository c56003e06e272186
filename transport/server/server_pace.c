/*
 * The pace of a session: its deadlines.  server.c asks about once a second
 * whether one has passed, and ends the session then; the peer moves none of
 * them.
 */
#include "transport/server/server_internal.h"

#include <assert.h>

/* Deadlines, in milliseconds. */
enum {
	HELLO_MS = 15 * 1000, /* from accept to HELLO */
	STALL_MS = 60 * 1000, /* a begun frame, or waiting output */
	STALL_BYTES = 60 * 256, /* must move within that: 256 bytes/s */
	SILENCE_MS = 20 * 60 * 1000, /* the station works, or asks someone */
	SESSION_MS = 6 * 60 * 60 * 1000 /* all of it */
};

void
pace_init(struct pace *p, uint64_t now)
{
	p->born = p->last_moved = p->slow_since = now;
	p->slow_moved = 0;
}

void
pace_moved(struct pace *p, uint64_t now)
{
	assert(now >= p->last_moved);
	p->last_moved = now;
}

/* Is the peer too slow in taking or giving what is under way? */
static bool
is_stalled(struct server *s, uint64_t now)
{
	uint64_t moved = s->outbox.sent + s->inbox.received;
	bool silent = outbox_is_empty(&s->outbox);
	struct pace *p = &s->pace;

	assert(moved >= p->slow_moved && now >= p->slow_since);
	if (silent && s->inbox.bytes.len == 0) {
		p->slow_since = now;
		p->slow_moved = moved;
		return false;
	}
	if (now - p->slow_since < STALL_MS)
		return false;
	/* While we compute, and the peer has taken all it was sent, the wait is
	 * ours. */
	if (moved - p->slow_moved < STALL_BYTES &&
	    !(s->compiling != NULL && silent))
		return true;
	p->slow_since = now;
	p->slow_moved = moved;
	return false;
}

const char *
pace_late(struct server *s, uint64_t now)
{
	const struct pace *p = &s->pace;

	if (!s->inbox.has_hello && now - p->born > HELLO_MS)
		return "no greeting in time";
	if (is_stalled(s, now))
		return "less than 256 bytes a second";
	if (now - p->last_moved > SILENCE_MS)
		return "silent for too long";
	if (now - p->born > SESSION_MS)
		return "session longer than six hours";
	return NULL;
}
