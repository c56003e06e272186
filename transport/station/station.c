/*
 * A station session: bytes, frames and states.  The top of this folder: takes
 * frames apart, asks whether they are legal now, and hands them to the file
 * that knows what they mean.  How it ends well, as updated or with nothing to
 * do, is decided here, too.
 */
#include "transport/station/station.h"

#include "engine/apply/apply.h"
#include "engine/apply/fetched.h"
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/apply/trust.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/tree/hashcache.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

/* Which message is legal in which state; docs/protocol.md has the same. */
static const bool legal[][MSG_TYPES] = {
    [STATE_PREFACE] = {false},
    [STATE_WELCOME] =
	{[MSG_NOP] = true, [MSG_WELCOME] = true, [MSG_ERROR] = true},
    [STATE_SEAL] = {[MSG_NOP] = true, [MSG_SEAL] = true, [MSG_ERROR] = true},
    [STATE_ASK] = {[MSG_NOP] = true, [MSG_ERROR] = true},
    [STATE_MANIFEST] =
	{[MSG_NOP] = true, [MSG_MANIFEST] = true, [MSG_ERROR] = true},
    [STATE_PLAN] = {[MSG_NOP] = true, [MSG_ERROR] = true},
    [STATE_TRANSFER] = {[MSG_NOP] = true,
	[MSG_OFFER] = true,
	[MSG_ASK] = true,
	[MSG_DATA] = true,
	[MSG_ERROR] = true},
    [STATE_PREVIEW] = {[MSG_NOP] = true,
	[MSG_OFFER] = true,
	[MSG_DATA] = true,
	[MSG_ERROR] = true},
    [STATE_APPLY] = {[MSG_NOP] = true, [MSG_ERROR] = true},
    [STATE_END] = {[MSG_NOP] = true, [MSG_ERROR] = true},
};

/* Is there something that a person may have to agree to? */
static bool
needs_leave(const struct station *s)
{
	return !s->opt.agreed && !s->opt.dry_run && !s->opt.download_only;
}

static int
greet(struct station *s, struct err *e)
{
	const struct folder_state *state = folder_state(s->opt.folder);
	struct msg_hello m;
	int rc;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, s->opt.station_id, sizeof(m.station));
	(void)strlcpy(m.arch, s->opt.arch, sizeof(m.arch));
	(void)strlcpy(m.build, s->opt.build, sizeof(m.build));
	if (!station_id_is_valid(m.station))
		return err_set(e, ERP_USAGE,
		    "station id %s: use 1 to 64 of A-Z a-z 0-9 . _ -",
		    m.station);
	m.os = s->opt.os;
	m.lang = s->opt.lang;
	if (s->opt.dry_run)
		m.flags |= HELLO_DRY_RUN;
	if (s->opt.download_only)
		m.flags |= HELLO_DOWNLOAD;
	if (!needs_leave(s))
		m.flags |= HELLO_AGREED;
	if (state->known)
		m.release = state->release;
	if ((rc = trust_is_on(s->opt.folder, e)) < 0)
		return rc;
	s->asks_for_seal = rc == 1;
	return say_hello(s, &m, e);
}

int
station_new(
    const struct station_options *opt, struct station **out, struct err *e)
{
	struct station *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_nomem(e);
	assert(opt->dry_run || !opt->look);
	s->opt = *opt;
	s->born = clock_ms(opt->clock);
	buf_init(&s->in, 2 * (FRAME_HEADER_LEN + FRAME_MAX));
	buf_init(&s->opening, FETCHED_MAX);
	say_init(s);
	buf_init(&s->manifest.packed, MANIFEST_MAX_BYTES);
	manifest_init(&s->manifest.want, opt->os);
	manifest_init(&s->have, opt->os);
	if ((opt->ini_rules != NULL &&
		(rc = ini_policies_add(&s->ini, opt->ini_rules, e)) != 0) ||
	    (rc = earlier_take(s, opt->before, e)) != 0 ||
	    (rc = greet(s, e)) != 0) {
		station_free(s);
		return rc;
	}
	if (opt->ini_yields)
		s->ini.yields = s->ini.n;
	*out = s;
	return 0;
}

void
station_free(struct station *s)
{
	if (s == NULL)
		return;
	blobs_leave(s);
	previews_release(s);
	transfers_release(&s->transfers);
	stage_close(s->stage);
	earlier_release(s);
	recalls_release(s);
	plan_release(&s->plan);
	ini_policies_release(&s->ini);
	left_out_release(&s->left_out);
	items_release(s);
	hashcache_free(s->cache);
	manifest_release(&s->have);
	spelling_release(&s->manifest.spelling);
	manifest_release(&s->manifest.want);
	hints_release(&s->manifest.hints);
	buf_release(&s->manifest.packed);
	buf_release(&s->in);
	buf_release(&s->opening);
	say_release(s);
	free(s);
}

int
station_input(struct station *s, const uint8_t *p, size_t n, struct err *e)
{
	if (n == 0) {
		s->eof = true;
		return 0;
	}
	s->account.received += n;
	manifest_measure(s, n);
	return buf_append(&s->in, p, n, e);
}

bool
station_wants_input(const struct station *s)
{
	return !s->eof && s->in.len <= FRAME_HEADER_LEN + FRAME_MAX;
}

/* The manifest is known, whatever way it came: is the release let in? */
static int
plan_begin(struct station *s, struct err *e)
{
	int rc = seal_admit(s, e);

	assert(s->state < STATE_PLAN);
	if (rc != 0)
		return rc;
	s->report.want = &s->manifest.want;
	s->state = STATE_PLAN;
	return 0;
}

/* Go on to the manifest: the installed one, or the one that comes. */
static int
agree(struct station *s, struct err *e)
{
	const struct folder_state *state = folder_state(s->opt.folder);
	/* Who has its content already need not be asked. */
	bool comes_by_itself =
	    s->report.welcome.verdict == VERDICT_COMPATIBLE || !needs_leave(s);
	int rc;

	if (state->known &&
	    hash_equal(&state->release, &s->report.welcome.release)) {
		/* A copy: the folder's own goes when the update commits. */
		rc = manifest_copy(&s->manifest.want, &state->manifest, e);
		return rc != 0 ? rc : plan_begin(s, e);
	}
	s->state = STATE_MANIFEST;
	return manifest_begin(s, comes_by_itself, e);
}

/* A release is offered: with a seal, which comes next, or without. */
static int
offered(struct station *s, struct err *e)
{
	const struct hash *only = s->opt.only;
	int rc;

	if (only != NULL && !hash_equal(only, &s->report.welcome.release))
		return err_set(e, ERP_OVERLOAD,
		    "the server has another release than it had a moment ago");
	/* What was sealed is not to be kept back by who only passes it on. */
	if ((s->report.welcome.flags & WELCOME_INI) != 0 && s->asks_for_seal)
		return err_set(e, ERP_PROTO,
		    "rules for INI files come that were not asked for");
	if ((rc = station_take_rules(s, e)) != 0)
		return rc;
	if ((s->report.welcome.flags & WELCOME_SEAL) == 0) {
		rc = seal_look(s, NULL, 0, e);
		return rc != 0 ? rc : agree(s, e);
	}
	if (!s->asks_for_seal)
		return err_set(
		    e, ERP_PROTO, "a seal comes that was not asked for");
	s->state = STATE_SEAL;
	return 0;
}

static int
seal_receive(struct station *s, const struct frame *f, struct err *e)
{
	int rc = seal_look(s, f->payload, f->len, e);

	return rc != 0 ? rc : agree(s, e);
}

static int
welcome_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct msg_welcome *w = &s->report.welcome;
	int rc;

	if ((rc = welcome_decode(f->payload, f->len, w, e)) != 0)
		return rc;
	s->report.is_answered = true;
	switch (w->verdict) {
	case VERDICT_COMPATIBLE:
	case VERDICT_INCOMPATIBLE:
		return offered(s, e);
	case VERDICT_DISABLED:
	case VERDICT_NO_PACKAGE:
	case VERDICT_NOT_NOW:
		if ((rc = trust_look_at_none(s->opt.folder, e)) != 0)
			return rc;
		s->report.outcome = OUTCOME_CURRENT;
		s->state = STATE_END;
		return 0;
	case VERDICT_BUSY:
		s->state = STATE_END;
		return err_set(e, ERP_OVERLOAD,
		    "the server is busy, or has no release yet, and asks to "
		    "come again in %u s",
		    w->retry_after);
	}
	return err_set(e, ERP_INTERNAL, "unknown verdict");
}

void
station_answer(struct station *s, bool yes)
{
	struct err e;
	int rc = 0;

	assert(s->state == STATE_ASK && s->report.plan != NULL);
	if (yes)
		s->state = STATE_PLAN;
	else
		rc = station_finish(s, OUTCOME_DECLINED, "", &e);
	assert(rc == 0); /* only a full output could fail, and it is empty */
	(void)rc;
}

static int
frame_receive(struct station *s, const struct frame *f, struct err *e)
{
	int rc;

	if (!legal[s->state][f->type])
		return err_set(e, ERP_PROTO,
		    "message of type %u is not legal now", f->type);
	switch ((enum msg_type)f->type) {
	case MSG_NOP:
		return nop_receive(s, f, e);
	case MSG_WELCOME:
		return welcome_receive(s, f, e);
	case MSG_SEAL:
		return seal_receive(s, f, e);
	case MSG_MANIFEST:
		rc = manifest_receive(s, f, e);
		return rc == 1 ? plan_begin(s, e) : rc;
	case MSG_OFFER:
		return s->state == STATE_PREVIEW
		    ? preview_offer_receive(s, f, e)
		    : offer_receive(s, f, e);
	case MSG_ASK:
		return ask_receive(s, f, e);
	case MSG_DATA:
		return s->state == STATE_PREVIEW ? preview_data_receive(s, f, e)
						 : data_receive(s, f, e);
	case MSG_ERROR:
		return error_receive(s, f, e);
	case MSG_HELLO:
	case MSG_GET_MANIFEST:
	case MSG_WANT:
	case MSG_SUMS:
	case MSG_RECALL:
	case MSG_FETCH:
	case MSG_RESULT:
	case MSG_GROUP:
		break; /* never legal here, see the table */
	}
	return err_set(e, ERP_INTERNAL, "a legal message has no receiver");
}

/* One preface or frame of the input: bytes used, 0 if more are needed. */
static int64_t
consume(struct station *s, struct err *e)
{
	struct preface preface;
	struct frame frame;
	int64_t used;
	int rc;

	if (s->in.len == 0)
		return 0;
	if (s->state == STATE_PREFACE) {
		used = preface_decode(buf_data(&s->in), s->in.len, &preface, e);
		if (used > 0 && (rc = preface_agree(&preface, e)) < 0)
			return rc;
		if (used > 0) {
			s->previews.offered =
			    (preface.features & FEATURE_PREVIEW) != 0;
			s->state = STATE_WELCOME;
		}
		return used;
	}
	used = frame_decode(buf_data(&s->in), s->in.len, &frame, e);
	if (used > 0 && (rc = frame_receive(s, &frame, e)) != 0)
		return rc;
	return used;
}

/* A folder that has what the release has is of its build, whoever put it
 * there; else the person may have to be asked. */
static bool
must_ask(struct station *s)
{
	struct msg_welcome *w = &s->report.welcome;

	assert(s->report.plan != NULL);
	if (w->verdict != VERDICT_INCOMPATIBLE || s->report.asked)
		return false;
	if (station_holds_build(s)) {
		w->verdict = VERDICT_COMPATIBLE;
		return false;
	}
	return needs_leave(s);
}

static int
step_plan(struct station *s, struct err *e)
{
	int rc;

	if (s->report.plan == NULL && (rc = station_plan(s, e)) != 0)
		return rc;
	if (must_ask(s)) {
		/* Nobody is asked for what is not to be. */
		if ((rc = station_check_refused(s, e)) != 0)
			return rc;
		s->report.asked = true;
		s->state = STATE_ASK;
		return 0;
	}
	/* What cannot be removed only takes room. */
	if (!s->opt.dry_run)
		(void)stage_trim(s->opt.folder, &s->manifest.want, NULL);
	if ((rc = station_check_plan(s, e)) != 0 ||
	    (rc = transfers_make(s, e)) != 0)
		return rc;
	/* A cache that cannot be written costs only time. */
	if (!s->opt.dry_run)
		(void)hashcache_save(s->cache, NULL);
	s->state = s->opt.look ? STATE_APPLY : STATE_TRANSFER;
	return s->opt.look ? 0 : wants_next(s, e);
}

static int
step_apply(struct station *s, struct err *e)
{
	bool empty;
	int rc;

	if (s->opt.dry_run)
		return station_finish(s, OUTCOME_DRY_RUN, "", e);
	if (s->opt.download_only)
		return fetched_end(s, e);
	if ((rc = apply_merge(s->opt.folder, s->stage, &s->plan, e)) != 0)
		return rc;
	empty = plan_is_empty(&s->plan);
	if (!station_is_current(s) &&
	    (rc = apply_update(
		 s->opt.folder, s->stage, &s->manifest.want, &s->plan, e)) != 0)
		return rc;
	/* If it stays, the next one has it go. */
	(void)fetched_forget(s->opt.folder, NULL);
	return station_finish(
	    s, empty ? OUTCOME_CURRENT : OUTCOME_UPDATED, "", e);
}

/* Everything is here, or foretold. */
static int
step_after(struct station *s, struct err *e)
{
	int n = s->opt.dry_run ? previews_ask(s, e) : 0;

	if (n < 0)
		return n;
	s->state = n > 0 ? STATE_PREVIEW : STATE_APPLY;
	return 1;
}

/* Local work of the state, after the input is eaten: 0, or > 0 to go on. */
static int
work(struct station *s, struct err *e)
{
	int rc;

	switch (s->state) {
	case STATE_PLAN:
		rc = step_plan(s, e);
		return rc != 0 ? rc : s->state != STATE_ASK;
	case STATE_TRANSFER:
		if ((rc = wants_next(s, e)) != 0 || (rc = sums_next(s, e)) != 0)
			return rc;
		return transfers_done(&s->transfers) ? step_after(s, e) : 0;
	case STATE_PREVIEW:
		if (!previews_done(s))
			return 0;
		s->state = STATE_APPLY;
		return 1;
	case STATE_APPLY:
		rc = step_apply(s, e);
		return rc != 0 ? rc : 1;
	case STATE_PREFACE:
	case STATE_WELCOME:
	case STATE_SEAL:
	case STATE_ASK:
	case STATE_MANIFEST:
	case STATE_END:
		return 0;
	}
	return 0;
}

int
station_step(struct station *s, struct err *e)
{
	enum station_state state = s->state;
	int64_t used = consume(s, e);
	int rc;

	if (used < 0)
		return station_fail_heard(s, e);
	if ((rc = fetched_note(s, state, (size_t)used, e)) != 0)
		return station_fail(s, e);
	if (used > 0) {
		buf_consume(&s->in, (size_t)used);
		return STATION_AGAIN;
	}
	if ((rc = work(s, e)) < 0)
		return station_fail(s, e);
	if (rc > 0)
		return STATION_AGAIN;
	if (s->state == STATE_ASK)
		return STATION_ASK;
	if (s->state == STATE_END)
		return s->out.len > 0 ? STATION_IO : STATION_DONE;
	return s->eof ? err_set(e, ERP_LOST, "the server closed the connection")
		      : STATION_IO;
}

const struct station_report *
station_report(struct station *s)
{
	s->report.sent = s->account.earlier.sent + s->account.sent +
	    s->out.len + s->account.foretold_sent - s->previews.sent;
	s->report.received = s->account.earlier.received + s->account.received +
	    s->account.foretold_received - s->previews.received;
	s->report.elapsed_ms = s->account.earlier.ms + station_elapsed_ms(s);
	s->report.blob_bytes = s->account.blob_bytes;
	s->report.rate = manifest_rate(s);
	return &s->report;
}
