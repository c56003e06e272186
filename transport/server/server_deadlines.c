/*
 * The pace of a session: its deadlines.  server.c asks about twice a second
 * whether one has passed, and ends the session then; the peer moves none of
 * them.  Whose place is given to another is decided in host/net_places.c.
 */
#include "transport/server/server_internal.h"

#include <assert.h>

/* Deadlines, in milliseconds. */
enum {
	HELLO_MS = 10 * 1000, /* from accept to HELLO */
	REFUSED_MS = 10 * 1000, /* from a refusal to the station's leave */
	STALL_MS = 60 * 1000, /* a begun frame, or waiting output */
	STALL_BYTES = 60 * 256, /* must move within that: 256 bytes/s */
	SILENCE_MS = 10 * 60 * 1000, /* the station works, or asks someone */
	NOP_MS = 500, /* a station that waits hears of us so often */
	SESSION_MS = 6 * 60 * 60 * 1000 /* all of it */
};

void
pace_init(struct pace *p, uint64_t now)
{
	p->born = p->last_moved = p->last_word = p->slow_since = now;
}

void
pace_moved(struct pace *p, uint64_t now)
{
	assert(now >= p->last_moved);
	p->last_moved = now;
}

void
pace_word(struct pace *p, uint64_t now)
{
	assert(now >= p->last_word);
	p->last_word = now;
}

/* Is it our turn: is work for the station under way, or its input left? */
static bool
is_ours(const struct server *s)
{
	return s->compiling != NULL || s->reading != NULL || s->held ||
	    s->must_wait;
}

bool
pace_wants_nop(const struct server *s, uint64_t now)
{
	return is_ours(s) && outbox_is_empty(&s->outbox) &&
	    (s->state == SERVER_PREPARING || s->state == SERVER_READY) &&
	    now - s->pace.last_moved >= NOP_MS;
}

uint64_t
pace_idle_ms(const struct server *s, uint64_t now)
{
	assert(now >= s->pace.last_word);
	return is_ours(s) || !outbox_is_empty(&s->outbox)
	    ? 0
	    : now - s->pace.last_word;
}

/* Is the peer too slow in taking or giving what is under way? */
static bool
is_stalled(struct server *s, uint64_t now)
{
	uint64_t moved = s->outbox.sent + s->inbox.received;
	bool silent = outbox_is_empty(&s->outbox);
	struct pace *p = &s->pace;

	assert(moved >= p->slow_moved && now >= p->slow_since);
	if (s->held || (silent && s->inbox.bytes.len == 0)) {
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
	if (s->state == SERVER_REFUSED && pace_idle_ms(s, now) > REFUSED_MS)
		return "no end after it was turned away";
	if (is_stalled(s, now))
		return "less than 256 bytes a second";
	if (now - p->last_moved > SILENCE_MS)
		return "silent for too long";
	if (now - p->born > SESSION_MS)
		return "session longer than six hours";
	return NULL;
}
