/* Deadlines of a server session: the peer moves none of them. */
#include "transport/server/server_internal.h"

/* Deadlines, in milliseconds. */
enum {
	HELLO_MS = 15 * 1000, /* from accept to HELLO */
	STALL_MS = 60 * 1000, /* a begun frame, or waiting output */
	STALL_BYTES = 60 * 256, /* must move within that: 256 bytes/s */
	SILENCE_MS = 20 * 60 * 1000, /* the station works, or asks someone */
	SESSION_MS = 6 * 60 * 60 * 1000 /* all of it */
};

/* Is the peer too slow in taking or giving what is under way? */
static bool
is_stalled(struct server *s, uint64_t now)
{
	uint64_t moved = s->sent + s->received;
	bool silent = s->out.len == 0 && s->bulk.len == 0;

	if (silent && s->in.len == 0) {
		s->slow_since = now;
		s->slow_moved = moved;
		return false;
	}
	if (now - s->slow_since < STALL_MS)
		return false;
	/* While we compute, and the peer has taken all it was sent, the wait is
	 * ours. */
	if (moved - s->slow_moved < STALL_BYTES &&
	    !(s->compiling != NULL && silent))
		return true;
	s->slow_since = now;
	s->slow_moved = moved;
	return false;
}

void
server_tick(struct server *s)
{
	uint64_t now = server_now(s);
	const char *why = NULL;
	struct err e;

	if (!s->has_hello && now - s->born > HELLO_MS)
		why = "no greeting in time";
	else if (is_stalled(s, now))
		why = "less than 256 bytes a second";
	else if (now - s->last_moved > SILENCE_MS)
		why = "silent for too long";
	else if (now - s->born > SESSION_MS)
		why = "session longer than six hours";
	if (why == NULL)
		return;
	if (s->state == SERVER_CLOSING) {
		/* It does not even take our last words. */
		buf_clear(&s->out);
		s->bulk.len = 0;
		return;
	}
	(void)err_set(&e, ERP_TIMEOUT, "timeout: %s", why);
	server_fail(s, &e);
}
