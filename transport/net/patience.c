/*
 * The arithmetic of waiting, below link.c and retry.c: milliseconds that
 * waiting takes away and that bytes give back.
 */
#include "transport/net/patience.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"

#include <assert.h>
#include <string.h>

enum {
	TIMEOUT_MS = 60 * 1000,
	/* For the server's answer and the list of files, in each try; with a
	 * total, so many times that for all tries. */
	OPENING_MS = 15 * 60 * 1000,
	OPENING_TIMES = 3,
	/* A server that only says that it works: so many totals more, or,
	 * where nobody waits for a program, so long in a row. */
	FAITH_TIMES = 2,
	WORDS_MS = 60 * 60 * 1000,
	/* Bytes a second; a program that waits to be started is worth more
	 * than an update over less than a modem. */
	RATE = 256,
	RATE_TOTAL = 1024
};

void
patience_init(struct patience *p, const struct patience_options *opt)
{
	memset(p, 0, sizeof(*p));
	p->opt = *opt;
	if (p->opt.timeout_ms == 0)
		p->opt.timeout_ms = TIMEOUT_MS;
	p->rate = opt->total_ms > 0 ? RATE_TOTAL : RATE;
	/* What the link's own limit lets pass is fast enough. */
	if (opt->bwlimit > 0 && opt->bwlimit / 2 < p->rate)
		p->rate = opt->bwlimit / 2 > 0 ? (uint32_t)opt->bwlimit / 2 : 1;
	p->total = opt->total_ms;
	p->faith = (uint64_t)FAITH_TIMES * opt->total_ms;
	p->opening = (uint64_t)OPENING_TIMES * opt->total_ms;
	p->looked = clock_ms(opt->clock);
	patience_try(p);
}

void
patience_try(struct patience *p)
{
	p->answer = p->opt.answer_ms;
	p->silence = p->opt.timeout_ms;
	p->words = WORDS_MS;
	if (p->opt.total_ms == 0)
		p->opening = OPENING_MS;
}

void
patience_worked(struct patience *p)
{
	p->looked = clock_ms(p->opt.clock);
}

static void
take(uint64_t *left, uint64_t ms)
{
	*left -= ms < *left ? ms : *left;
}

/* Too late is too late. */
static void
give(uint64_t *left, uint64_t ms, uint64_t most)
{
	if (*left > 0)
		*left = ms < most - *left ? *left + ms : most;
}

/* A server's word that it works: no more of it than there is faith. */
static void
believe(struct patience *p)
{
	uint64_t ms = p->total > 0 ? p->opt.total_ms - p->total : 0;

	if (ms > p->faith)
		ms = p->faith;
	p->total += ms;
	p->faith -= ms;
}

void
patience_waited(struct patience *p, enum patience_phase phase,
    const struct patience_signs *signs)
{
	uint64_t now = clock_ms(p->opt.clock), ms = now - p->looked;

	assert(now >= p->looked && p->total <= p->opt.total_ms);
	p->looked = now;
	take(&p->total, ms);
	if (phase != PATIENCE_CONTENTS)
		take(&p->opening, ms);
	if (phase <= PATIENCE_GREETING)
		take(&p->answer, ms);
	if (phase == PATIENCE_AWAY)
		return;
	take(&p->silence, ms);
	take(&p->words, ms);
	p->rest += (signs->bytes + signs->gained) * 1000;
	ms = p->rest / p->rate;
	p->rest %= p->rate;
	give(&p->words, ms, WORDS_MS);
	give(&p->silence, signs->alive ? p->opt.timeout_ms : ms,
	    p->opt.timeout_ms);
	if (phase == PATIENCE_GREETING)
		return;
	give(&p->total, ms, p->opt.total_ms);
	if (signs->gained > 0)
		p->faith += ms;
	if (p->faith > (uint64_t)FAITH_TIMES * p->opt.total_ms)
		p->faith = (uint64_t)FAITH_TIMES * p->opt.total_ms;
	if (signs->working)
		believe(p);
}

/* For people; a part of a second is one. */
static uint32_t
seconds_of(uint32_t ms)
{
	return ms / 1000 + (ms % 1000 > 0);
}

int
patience_check(const struct patience *p, enum patience_phase phase,
    const char *shown, struct err *e)
{
	const struct patience_options *opt = &p->opt;
	uint32_t opening = opt->total_ms > 0 ? OPENING_TIMES * opt->total_ms
					     : (uint32_t)OPENING_MS;

	if (phase == PATIENCE_GREETING && opt->answer_ms > 0 && p->answer == 0)
		return err_set(e, ERP_TIMEOUT, "%s: no greeting within %u s",
		    shown, seconds_of(opt->answer_ms));
	if (phase != PATIENCE_CONTENTS && p->opening == 0)
		return err_set(e, ERP_TIMEOUT,
		    "%s: no whole list of files within %u s", shown,
		    seconds_of(opening));
	if (p->silence == 0)
		return err_set(e, ERP_TIMEOUT, "%s: less than %u B/s for %u s",
		    shown, p->rate, seconds_of(opt->timeout_ms));
	if (p->words == 0)
		return err_set(e, ERP_TIMEOUT,
		    "%s: no more than its word that it works for %u min", shown,
		    WORDS_MS / 60000);
	if (opt->total_ms > 0 && p->total == 0)
		return err_set(e, ERP_TIMEOUT,
		    "%s: no progress towards an update for %u s", shown,
		    seconds_of(opt->total_ms));
	return 0;
}

uint32_t
patience_left(const struct patience *p, uint32_t most)
{
	uint64_t left = most;

	if (p->opt.total_ms > 0 && p->total < left)
		left = p->total;
	if (p->opt.answer_ms > 0 && p->answer < left)
		left = p->answer;
	return (uint32_t)left;
}
