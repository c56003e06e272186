/*
 * A station (transport/station) over the caller's stream instead of a socket:
 * the same steps as transport/net/link.c takes, without a descriptor to wait
 * on.  Whoever owns the stream closes it.
 */
#include "transport/api/update_internal.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"
#include "transport/station/station.h"

#include <stdlib.h>

enum {
	PIECE = 64 * 1024, /* bytes moved at a time */
	WAIT_MS = 50 /* for one direction, before the other has its turn */
};

struct drive {
	const struct stream_options *opt;
	struct station *s;
	uint64_t moved_at; /* monotonic milliseconds */
	bool eof; /* nothing more comes */
	bool deaf; /* nothing more leaves */
	uint8_t piece[PIECE];
};

static uint64_t
now_ms(void)
{
	return clock_real()->monotonic_ms(clock_real()->ctx);
}

/* Send some of what waits: did any leave? */
static bool
send_some(struct drive *d, uint32_t wait_ms)
{
	const struct erpsync_stream *to = d->opt->stream;
	const struct buf *out = station_output(d->s);
	size_t len = out->len < PIECE ? out->len : PIECE;
	int64_t n;

	if (d->deaf || len == 0)
		return false;
	n = to->write(to->ctx, buf_data(out), len, wait_ms);
	if (n < 0)
		d->deaf = true;
	else if (n > 0)
		station_sent(d->s, (size_t)n);
	return n > 0;
}

/* Take some of what comes: 1 when any did, 0, or a code. */
static int
receive_some(struct drive *d, uint32_t wait_ms, struct err *e)
{
	const struct erpsync_stream *from = d->opt->stream;
	int64_t n;
	int rc;

	if (d->eof || !station_wants_input(d->s))
		return 0;
	n = from->read(from->ctx, d->piece, PIECE, wait_ms);
	if (n == 0)
		return 0;
	/* At its end the station first works on what it has. */
	d->eof = n < 0;
	rc = station_input(d->s, d->piece, n > 0 ? (size_t)n : 0, e);
	return rc < 0 ? rc : 1;
}

/* Move bytes, waiting for them at most WAIT_MS if may_wait: > 0 when some
 * moved, or a code. */
static int
move(struct drive *d, bool may_wait, struct err *e)
{
	bool moved = send_some(d, 0);
	bool waits = station_output(d->s)->len > 0 && !d->deaf;
	int rc;

	rc = receive_some(d, may_wait && !moved && !waits ? WAIT_MS : 0, e);
	if (rc < 0)
		return rc;
	if (may_wait && !moved && rc == 0)
		moved = send_some(d, WAIT_MS);
	if (moved || rc > 0)
		d->moved_at = now_ms();
	return moved || rc > 0;
}

/* The station can do nothing before bytes move. */
static int
wait_io(struct drive *d, struct err *e)
{
	int rc = move(d, true, e);

	if (rc != 0)
		return rc;
	if (d->eof && (d->deaf || station_output(d->s)->len == 0))
		return err_set(e, ERP_LOST, "the server closed the stream");
	if (now_ms() - d->moved_at >= d->opt->timeout_ms)
		return err_set(e, ERP_TIMEOUT,
		    "the stream: nothing moved for %u seconds",
		    (unsigned)(d->opt->timeout_ms / 1000));
	return 0;
}

/* One step of the station and of the bytes: 1 to go on, 0 at the end. */
static int
advance(struct drive *d, struct err *e)
{
	int step = station_step(d->s, e), rc = 0;

	if (step < 0)
		return step;
	switch ((enum station_step)step) {
	case STATION_DONE:
		return 0;
	case STATION_ASK:
		station_answer(d->s, d->opt->ask(d->opt->ctx, d->s));
		d->moved_at = now_ms();
		break;
	case STATION_AGAIN:
		/* Bytes move while it works; time is not held against it. */
		rc = move(d, false, e);
		d->moved_at = now_ms();
		break;
	case STATION_IO:
		rc = wait_io(d, e);
		break;
	}
	return rc < 0 ? rc : 1;
}

/* The last words, as long as the stream takes them. */
static void
flush(struct drive *d)
{
	d->moved_at = now_ms();
	while (!d->deaf && station_output(d->s)->len > 0 &&
	    now_ms() - d->moved_at < d->opt->timeout_ms)
		if (send_some(d, WAIT_MS))
			d->moved_at = now_ms();
}

int
stream_run(const struct stream_options *opt, struct station *s, struct err *e)
{
	struct drive *d = calloc(1, sizeof(*d));
	enum outcome outcome;
	int rc;

	if (d == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	d->opt = opt;
	d->s = s;
	d->moved_at = now_ms();
	do {
		if (opt->interrupted(opt->ctx) != 0)
			rc = err_set(e, ERP_CANCELLED, "interrupted");
		else
			rc = advance(d, e);
	} while (rc > 0);
	flush(d);
	free(d);
	/* It reached its aim, whatever happened to the stream then. */
	outcome = station_report(s)->outcome;
	return outcome != 0 && outcome != OUTCOME_FAILED ? 0 : rc;
}
