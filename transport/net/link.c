/*
 * A station and its channel: moves bytes between the two as both can, within
 * the bandwidth and the timeout, until the session ends; then last words, and
 * the server closes first, unless it had nothing for us.  retry.c asks for it
 * once in each try.
 */
#include "transport/net/link.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/bwlimit.h"
#include "transport/net/channel.h"
#include "transport/net/channel_tls.h"
#include "transport/net/patience.h"
#include "transport/station/station.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
	PIECE = 64 * 1024, /* bytes of one system call; a station with room
			      takes as much */
	SLICE_MS = 200, /* between two looks at opt->interrupted */
	LOOK_MS = 5, /* between two looks at bytes, while a station works */
	FAREWELL_MS = 2000, /* for our last words, and until the server has
			       closed its side */
	/* Bytes of the kernel's buffer. */
	RECEIVE_MIN = 16 * 1024,
	RECEIVE_MAX = 1024 * 1024
};

struct link {
	const struct link_options *opt;
	struct station *s;
	struct link_result *result;
	struct bwlimit in, out;
	uint64_t moved; /* bytes, either way */
	uint64_t looked; /* when we did whether any can, monotonic ms */
	struct station_signs seen; /* when patience was spent last */
	uint64_t seen_moved; /* the most of it that was no sign of life */
	bool eof; /* nothing more comes */
	bool deaf; /* the server takes no more */
	bool broken; /* there is nobody to say farewell to */
	int sys; /* why; 0: it closed in order */
	uint8_t piece[PIECE];
};

/* Take what the server sent, up to room.  The count, or a code. */
static int
receive(struct link *l, size_t room, struct err *e)
{
	int64_t n;
	int rc;

	assert(room > 0 && !l->eof);
	n = channel_recv(
	    l->opt->channel, l->piece, room < PIECE ? room : PIECE);
	if (n == 0)
		return 0;
	if (n < 0) {
		/* The station first works on what it has. */
		l->eof = true;
		if (n != CHANNEL_END && l->sys == 0)
			l->sys = l->opt->channel->sys;
		rc = station_input(l->s, NULL, 0, e);
		return rc < 0 ? rc : 1;
	}
	l->result->received += (uint64_t)n;
	l->moved += (uint64_t)n;
	bwlimit_take(&l->in, (size_t)n);
	rc = station_input(l->s, l->piece, (size_t)n, e);
	return rc < 0 ? rc : 1;
}

/* Send what waits, up to room.  Did something leave? */
static int
transmit(struct link *l, size_t room)
{
	const struct buf *out = station_output(l->s);
	int64_t n;

	assert(room > 0 && out->len > 0 && !l->deaf);
	if (room > PIECE)
		room = PIECE;
	n = channel_send(l->opt->channel, buf_data(out),
	    out->len < room ? out->len : room, false);
	if (n < 0) {
		/* Why it closed may still be on the way to us. */
		l->deaf = true;
		if (n != CHANNEL_END)
			l->sys = l->opt->channel->sys;
		return 1;
	}
	assert((size_t)n <= out->len);
	bwlimit_take(&l->out, (size_t)n);
	station_sent(l->s, (size_t)n);
	l->result->sent += (uint64_t)n;
	l->moved += (uint64_t)n;
	return n > 0;
}

/* Wait at most wait_ms, then move bytes.  > 0 when some moved, or a code. */
static int
move(struct link *l, uint32_t wait_ms, struct err *e)
{
	struct channel *ch = l->opt->channel;
	uint64_t now = clock_ms(l->opt->clock);
	size_t in = 0, out = 0;
	int moved = 0, ready, rc;

	l->looked = now;
	if (!l->eof && station_wants_input(l->s) &&
	    (in = bwlimit_room(&l->in, now)) == 0 &&
	    bwlimit_wait_ms(&l->in) < wait_ms)
		wait_ms = bwlimit_wait_ms(&l->in);
	if (!l->deaf && station_output(l->s)->len > 0 &&
	    (out = bwlimit_room(&l->out, now)) == 0 &&
	    bwlimit_wait_ms(&l->out) < wait_ms)
		wait_ms = bwlimit_wait_ms(&l->out);
	ready = channel_wait(ch,
	    (in > 0 ? CHANNEL_RECV : 0U) | (out > 0 ? CHANNEL_SEND : 0U),
	    wait_ms);
	if (ready < 0)
		return err_sys(e, ch->sys, "poll", l->opt->shown);
	if (out > 0 && ready > 0)
		moved = transmit(l, out);
	/* An answer to what has just left comes later. */
	if (in > 0 && ready > 0 &&
	    (moved == 0 || station_output(l->s)->len > 0)) {
		if ((rc = receive(l, in, e)) < 0)
			return rc;
		moved += rc;
	}
	return moved;
}

/* The connection failed: say how. */
static int
lost(struct link *l, struct err *e)
{
	int rc;

	assert(!l->broken && l->eof);
	l->broken = true;
	/* As when it does not believe this station. */
	if ((rc = channel_tls_blame(l->opt->channel, l->opt->shown, e)) != 0)
		return rc;
	if (l->moved > 0 && l->result->received == 0 &&
	    l->opt->channel->tls == NULL)
		return err_set(e, ERP_LOST,
		    "%s closed the connection without a word: it has no "
		    "place, is no erpsync server, or wants TLS (--tls)",
		    l->opt->shown);
	if (l->sys != 0)
		return err_sys_as(e,
		    l->sys == ETIMEDOUT ? ERP_TIMEOUT : ERP_LOST, l->sys,
		    "lost the connection to", l->opt->shown);
	return err_set(e, ERP_LOST, "%s closed the connection", l->opt->shown);
}

static enum patience_phase
phase_of(const struct link *l)
{
	switch (station_awaits(l->s)) {
	case STATION_AWAITS_GREETING:
		return PATIENCE_GREETING;
	case STATION_AWAITS_OPENING:
		return PATIENCE_OPENING;
	case STATION_AWAITS_CONTENTS:
		break;
	}
	return PATIENCE_CONTENTS;
}

/* Time passed: with what, and is any left? */
static int
spend(struct link *l, struct err *e)
{
	struct station_signs now = station_signs(l->s);
	/* What the station has not looked at yet may be signs of life, too: it
	 * counts once. */
	uint64_t moved = l->moved - now.nop_bytes;
	const struct patience_signs signs = {
	    .bytes = moved > l->seen_moved ? moved - l->seen_moved : 0,
	    .gained = now.gained - l->seen.gained,
	    .alive = now.nops > l->seen.nops,
	    .working = now.worked_on > l->seen.worked_on,
	};
	int rc;

	assert(now.gained >= l->seen.gained && l->moved >= now.nop_bytes);
	patience_waited(l->opt->patience, phase_of(l), &signs);
	l->seen = now;
	l->seen_moved += signs.bytes;
	rc = patience_check(l->opt->patience, phase_of(l), l->opt->shown, e);
	l->broken = rc != 0;
	return rc;
}

/* The station can do nothing before bytes move. */
static int
wait_io(struct link *l, struct err *e)
{
	int rc = move(l, SLICE_MS, e);

	if (rc < 0)
		return rc;
	/* What the station still has to say, nobody will hear. */
	if (rc == 0 && l->eof && l->deaf)
		return lost(l, e);
	return spend(l, e);
}

static bool
is_interrupted(const struct link_options *opt)
{
	return opt->interrupted != NULL && opt->interrupted(opt->ctx) != 0;
}

/* One step of the station and of the bytes: 1 to go on, 0 at the end. */
static int
advance(struct link *l, struct err *e)
{
	bool opening = phase_of(l) != PATIENCE_CONTENTS, yes;
	int step = station_step(l->s, e), rc;

	/* Its own work takes what it takes; but before it knows what to do all
	 * its work is what the server makes of its answer. */
	if (!opening)
		patience_worked(l->opt->patience);
	if (step < 0 && station_blames_server(l->s))
		return err_context(e, "%s", l->opt->shown);
	if (step < 0) {
		/* It noticed the end of its input: that is the link's. */
		return l->eof && step == ERP_LOST ? lost(l, e) : step;
	}
	switch ((enum station_step)step) {
	case STATION_DONE:
		return 0;
	case STATION_ASK:
		yes = l->opt->ask(l->opt->ctx, l->s);
		/* Who stops us while they are asked has given no answer. */
		if (!yes && is_interrupted(l->opt))
			return err_set(e, ERP_CANCELLED, "interrupted");
		station_answer(l->s, yes);
		patience_worked(l->opt->patience);
		return 1;
	case STATION_AGAIN:
		/* Bytes move while it works. */
		if (station_output(l->s)->len == 0 &&
		    clock_ms(l->opt->clock) < l->looked + LOOK_MS)
			return 1;
		if ((rc = move(l, 0, e)) >= 0)
			rc = spend(l, e);
		return rc < 0 ? rc : 1;
	case STATION_IO:
		rc = wait_io(l, e);
		return rc < 0 ? rc : 1;
	}
	return err_set(e, ERP_INTERNAL, "unknown step");
}

/* All that the server had to say came: it has nothing for us, and knows. */
static bool
is_all_heard(const struct link *l)
{
	return station_report(l->s)->outcome == OUTCOME_CURRENT;
}

/*
 * Send what is left, then wait for the server to close: an early close could
 * destroy our last words, if it has sent something that nobody read.  Else that
 * would be a round trip for nothing, at each start of the program.
 */
static void
farewell(struct link *l)
{
	uint64_t until = clock_ms(l->opt->clock) + FAREWELL_MS;
	struct channel *ch = l->opt->channel;
	bool ended = false;
	int ready;

	while (!l->eof && !l->deaf && clock_ms(l->opt->clock) < until) {
		if (!ended && station_output(l->s)->len == 0) {
			/* A stream is closed by whose it is, not by us. */
			if (channel_end(ch) != 0 || ch->fd < 0 ||
			    (is_all_heard(l) && channel_flush(ch) == 0))
				return;
			ended = true;
		}
		ready = channel_wait(
		    ch, CHANNEL_RECV | (ended ? 0U : CHANNEL_SEND), SLICE_MS);
		if (ready < 0)
			return;
		if (ready > 0 && !ended)
			(void)transmit(l, PIECE);
		/* Nobody listens any more. */
		if (ready > 0 && channel_recv(ch, l->piece, PIECE) < 0)
			l->eof = true;
	}
}

/* What the kernel holds for us has passed the link already: a second's bytes
 * at most, so that the server feels the limit. */
static void
limit_receive(const struct link_options *opt)
{
	int bytes =
	    opt->bwlimit > RECEIVE_MAX ? RECEIVE_MAX : (int)opt->bwlimit;

	if (opt->bwlimit == 0)
		return;
	if (bytes < RECEIVE_MIN)
		bytes = RECEIVE_MIN;
	channel_limit_unread(opt->channel, bytes);
}

/* Did the station reach its aim, whatever happens to the link now? */
static bool
is_settled(struct station *s)
{
	enum outcome outcome = station_report(s)->outcome;

	return outcome != 0 && outcome != OUTCOME_FAILED;
}

int
link_run(const struct link_options *opt, struct station *s,
    struct link_result *result, struct err *e)
{
	struct link l;
	int rc;

	memset(&l, 0, sizeof(l));
	memset(result, 0, sizeof(*result));
	l.result = result;
	l.opt = opt;
	l.s = s;
	bwlimit_init(&l.in, opt->bwlimit, clock_ms(opt->clock));
	bwlimit_init(&l.out, opt->bwlimit, clock_ms(opt->clock));
	limit_receive(opt);
	do {
		if (is_interrupted(opt))
			rc = err_set(e, ERP_CANCELLED, "interrupted");
		else
			rc = advance(&l, e);
	} while (rc > 0);
	result->greeted = station_awaits(s) != STATION_AWAITS_GREETING;
	if (!l.broken)
		farewell(&l);
	return rc < 0 && is_settled(s) ? 0 : rc;
}
