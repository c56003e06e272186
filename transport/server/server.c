/*
 * A server session: bytes and frames in, states, the end.  Each message goes
 * to the file that knows it; what can go on after it is tried in catch_up.
 */
#include "transport/server/server.h"

#include "engine/base/clock.h"
#include "engine/base/fs.h"
#include "engine/base/text.h"
#include "engine/store/store.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

/* Of a text of the station's, with its quotes: an error has room for it. */
enum { GAVE_UP_MAX = 400 };

/* Which message is legal in which state; docs/protocol.md has the same. */
static const bool legal[][MSG_TYPES] = {
    [SERVER_PREFACE] = {false},
    [SERVER_HELLO] = {[MSG_HELLO] = true, [MSG_ERROR] = true},
    [SERVER_PREPARING] = {false}, /* what comes waits for WELCOME */
    [SERVER_REFUSED] =
	{[MSG_NOP] = true, [MSG_RESULT] = true, [MSG_ERROR] = true},
    [SERVER_READY] = {[MSG_NOP] = true,
	[MSG_GET_MANIFEST] = true,
	[MSG_WANT] = true,
	[MSG_GROUP] = true,
	[MSG_SUMS] = true,
	[MSG_RECALL] = true,
	[MSG_FETCH] = true,
	[MSG_RESULT] = true,
	[MSG_ERROR] = true},
    [SERVER_CLOSING] = {false},
};

int
server_new(const struct server_env *env, const char *peer, struct server **out,
    struct err *e)
{
	struct server *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL || (s->peer = strdup(peer)) == NULL) {
		free(s);
		return err_nomem(e);
	}
	s->env = *env;
	buf_init(&s->inbox.bytes, FRAME_HEADER_LEN + FRAME_MAX);
	books_init(&s->books);
	outbox_init(&s->outbox);
	pace_init(&s->pace, clock_ms(s->env.clock));
	*out = s;
	return 0;
}

/* Tell the log, once, how it went. */
static void
report(struct server *s)
{
	struct server_report r;

	if (s->reported)
		return;
	assert(!s->failed || s->error.code != 0);
	s->reported = true;
	memset(&r, 0, sizeof(r));
	r.peer = s->peer;
	r.hello = s->inbox.has_hello ? &s->inbox.hello : NULL;
	r.verdict = s->verdict;
	r.build = s->build;
	r.served = s->served;
	r.result = s->inbox.has_result ? &s->inbox.result : NULL;
	r.error = s->failed ? &s->error : NULL;
	r.received = s->inbox.received;
	r.sent = s->outbox.sent;
	s->env.report(s->env.ctx, &r);
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	report(s);
	jobs_orphan(s);
	books_release(&s->books);
	outbox_release(&s->outbox, store_fs(s->env.store));
	buf_release(&s->inbox.bytes);
	live_release_unref(s->served);
	free(s->peer);
	free(s);
}

/* What a station is told of an error: of our own disk, not more than what it
 * can do about it. */
static void
last_words(const struct err *e, struct msg_error *m)
{
	const char *text =
	    "the server could not serve this request; its log says why";

	memset(m, 0, sizeof(*m));
	m->code = ERROR_FAILED;
	if (e->code == ERP_NOVERSION || e->code == ERP_PROTO ||
	    e->code == ERP_TIMEOUT || e->code == ERP_UNTRUSTED) {
		m->code = e->code == ERP_UNTRUSTED ? ERROR_PLAIN
		    : e->code == ERP_NOVERSION     ? ERROR_VERSION
		    : e->code == ERP_PROTO         ? ERROR_PROTOCOL
						   : ERROR_TIMEOUT;
		text = e->msg;
	} else if (e->code == ERP_NOSPACE) {
		m->code = ERROR_FULL;
		text = "its disk is full, so nothing can be prepared";
	} else if (e->code == ERP_LOST) {
		m->code = ERROR_GONE;
		text = e->msg;
	} else if (e->code == ERP_NOTFOUND || e->code == ERP_CORRUPT) {
		m->code = ERROR_GONE;
		if (e->code == ERP_CORRUPT)
			text = "what it needs was damaged in the server's "
			       "state folder; try again";
	}
	text_escape_rest(m->text, sizeof(m->text), text);
}

/* The session ends with this error; the station is told m, unless NULL. */
static void
end_with(struct server *s, const struct err *e, const struct msg_error *m)
{
	if (s->state == SERVER_CLOSING)
		return;
	assert(!s->failed && e->code < 0);
	s->failed = true;
	s->error = *e;
	outbox_end(&s->outbox, m);
	server_become(s, SERVER_CLOSING);
}

static void
fail(struct server *s, const struct err *e)
{
	struct msg_error m;

	/* Whoever does not speak the protocol gets nothing, and who has ended
	 * the session knows it. */
	if (s->state == SERVER_PREFACE || e->code == ERP_CANCELLED) {
		end_with(s, e, NULL);
		return;
	}
	last_words(e, &m);
	end_with(s, e, &m);
}

/* Bring everything that can go on a step further. */
static int
advance(struct server *s, struct err *e)
{
	int rc;

	if (s->state != SERVER_READY)
		return 0;
	assert(s->served != NULL && s->outbox.manifest != NULL);
	if ((rc = compile_next(s, e)) != 0)
		return rc;
	outbox_next(&s->outbox, &s->books);
	return read_next(s, e);
}

/*
 * The station failed, perhaps since a blob was damaged after it was checked
 * and does not fit its CRCs: look at each again before its next use.
 */
static void
doubt_blobs(struct server *s)
{
	if (s->outbox.served_pieces)
		store_uncheck_blobs(s->env.store);
}

static int
result_receive(struct server *s, const struct frame *f, struct err *e)
{
	int rc;

	if ((rc = result_decode(f->payload, f->len, &s->inbox.result, e)) != 0)
		return rc;
	assert(!s->inbox.has_result && s->inbox.has_hello);
	s->inbox.has_result = true;
	if (s->inbox.result.outcome == OUTCOME_FAILED)
		doubt_blobs(s);
	server_become(s, SERVER_CLOSING);
	report(s);
	return 0;
}

static int
error_receive(struct server *s, const struct frame *f, struct err *e)
{
	char shown[GAVE_UP_MAX];
	struct msg_error m;
	int rc;

	if ((rc = error_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	doubt_blobs(s);
	/* In the log figures follow, which a text must not pass for. */
	text_word(shown, sizeof(shown), m.text);
	return err_set(e, ERP_CANCELLED, "the station gave up: %s", shown);
}

static int
frame_receive(struct server *s, const struct frame *f, struct err *e)
{
	if (!legal[s->state][f->type])
		return err_set(e, ERP_PROTO,
		    "message of type %u is not legal now", f->type);
	if (f->type != MSG_NOP)
		pace_word(&s->pace, clock_ms(s->env.clock));
	switch ((enum msg_type)f->type) {
	case MSG_NOP:
		return 0;
	case MSG_HELLO:
		return hello_receive(s, f, e);
	case MSG_GET_MANIFEST:
		return outbox_send_manifest(&s->outbox, e);
	case MSG_WANT:
		return want_receive(s, f, e);
	case MSG_GROUP:
		return group_receive(s, f, e);
	case MSG_SUMS:
		return sums_receive(s, f, e);
	case MSG_RECALL:
		return recall_receive(s, f, e);
	case MSG_FETCH:
		return fetch_receive(s, f, e);
	case MSG_RESULT:
		return result_receive(s, f, e);
	case MSG_ERROR:
		return error_receive(s, f, e);
	case MSG_WELCOME:
	case MSG_SEAL:
	case MSG_MANIFEST:
	case MSG_OFFER:
	case MSG_ASK:
	case MSG_DATA:
		break; /* never legal here, see the table */
	}
	return err_set(e, ERP_INTERNAL, "a legal message has no receiver");
}

/* The bytes of s->inbox, as far as they are whole. */
static int64_t
consume(struct server *s, struct err *e)
{
	struct preface preface;
	struct frame frame;
	int64_t used;
	int rc;

	if (s->state == SERVER_PREFACE) {
		used = preface_decode(
		    buf_data(&s->inbox.bytes), s->inbox.bytes.len, &preface, e);
		if (used <= 0)
			return used;
		/* Ours goes out even if the versions do not fit: that is how
		 * the station learns why. */
		s->inbox.features = preface.features;
		server_become(s, SERVER_HELLO);
		if ((rc = outbox_say_preface(&s->outbox, e)) != 0 ||
		    (rc = preface_agree(&preface, e)) < 0)
			return rc;
		return used;
	}
	used = frame_decode(
	    buf_data(&s->inbox.bytes), s->inbox.bytes.len, &frame, e);
	if (used > 0 && (rc = frame_receive(s, &frame, e)) != 0)
		return rc;
	return used;
}

void
server_eof(struct server *s)
{
	struct err e;

	if (s->state == SERVER_CLOSING)
		return;
	if (s->state == SERVER_REFUSED) {
		/* It heard that there is nothing for it, and left. */
		server_become(s, SERVER_CLOSING);
		report(s);
		return;
	}
	(void)err_set(&e, ERP_CANCELLED, "the station closed the connection");
	fail(s, &e);
}

bool
server_is_full(const struct server *s)
{
	return s->state == SERVER_PREPARING || books_are_full(&s->books) ||
	    (outbox_is_high(&s->outbox) && s->state == SERVER_READY);
}

/*
 * Frames that waited while the session was full.  Afterwards it is full again,
 * or no whole frame waits.
 */
static int
catch_up(struct server *s, struct err *e)
{
	int64_t used;
	int rc;

	do {
		used = 0;
		while (s->inbox.bytes.len > 0 && !server_is_full(s) &&
		    s->state != SERVER_CLOSING && (used = consume(s, e)) > 0)
			buf_consume(&s->inbox.bytes, (size_t)used);
		if (used < 0)
			return (int)used;
		if ((rc = advance(s, e)) != 0)
			return rc;
	} while (used > 0 && !server_is_full(s));
	if (s->inbox.bytes.len == 0)
		buf_release(&s->inbox.bytes);
	return 0;
}

int64_t
server_input(struct server *s, const uint8_t *p, size_t n, struct err *e)
{
	size_t room = s->inbox.bytes.limit - s->inbox.bytes.len;
	int rc;

	if (s->state == SERVER_CLOSING)
		return (int64_t)n;
	if (server_is_full(s))
		return 0;
	if (room > n)
		room = n;
	assert(n == 0 || room > 0);
	s->inbox.received += room;
	pace_moved(&s->pace, clock_ms(s->env.clock));
	if ((rc = buf_append(&s->inbox.bytes, p, room, e)) != 0 ||
	    (rc = catch_up(s, e)) != 0) {
		fail(s, e);
		return rc;
	}
	return s->state == SERVER_CLOSING ? (int64_t)n : (int64_t)room;
}

void
server_sent(struct server *s, size_t n)
{
	struct err e;

	outbox_sent(&s->outbox, &s->books, store_fs(s->env.store), n);
	pace_moved(&s->pace, clock_ms(s->env.clock));
	pace_word(&s->pace, clock_ms(s->env.clock));
	if (catch_up(s, &e) != 0)
		fail(s, &e);
}

void
server_lost(struct server *s, const struct err *e)
{
	fail(s, e);
	outbox_drop(&s->outbox);
}

bool
server_is_done(const struct server *s)
{
	return s->state == SERVER_CLOSING;
}

uint64_t
server_idle_ms(const struct server *s)
{
	return pace_idle_ms(s, clock_ms(s->env.clock));
}

size_t
server_held(const struct server *s)
{
	size_t held = s->inbox.bytes.cap + books_held(&s->books);

	if (s->compiling != NULL && s->compiling->kind == JOB_COMPILE &&
	    s->compiling->compile.batch != NULL)
		held += batch_held(s->compiling->compile.batch);
	return held;
}

bool
server_has_blob(const struct server *s)
{
	return s->outbox.fd >= 0 || s->reading != NULL;
}

void
server_hold(struct server *s, bool on)
{
	s->held = on;
}

/* Without memory for it, it is left unsaid. */
static void
say_alive(struct server *s)
{
	struct msg_nop m = {.says_ahead = true};

	if (s->env.ahead != NULL)
		m.ahead = s->env.ahead(s->env.ctx);
	(void)outbox_say_nop(&s->outbox, &m, NULL);
}

/* Nothing is late: what is up to us? */
static void
go_on(struct server *s)
{
	struct err e;

	if (s->must_wait && advance(s, &e) != 0)
		fail(s, &e);
	else if (pace_wants_nop(s, clock_ms(s->env.clock)))
		say_alive(s);
}

void
server_tick(struct server *s)
{
	const char *why = pace_late(s, clock_ms(s->env.clock));
	struct err e;

	if (why == NULL) {
		go_on(s);
		return;
	}
	if (s->state == SERVER_CLOSING) {
		/* It does not even take our last words. */
		outbox_drop(&s->outbox);
		return;
	}
	(void)err_set(&e, ERP_TIMEOUT, "timeout: %s", why);
	fail(s, &e);
}

struct server *
server_job_done(struct job *job)
{
	struct server *s = job->session;
	struct err e;
	int rc = 0;

	/* Others may profit from it even if this session is gone; a release
	 * that cannot be loaded is one we do not know. */
	if (job->kind == JOB_RELATIVE)
		live_release_end_relative(job->served, &job->relative.from,
		    job->rc == 0 ? &job->relative : NULL);
	if (s == NULL) {
		job_free(job);
		return NULL;
	}
	assert(!atomic_load(&job->cancelled));
	job_land(job);
	if (s->state == SERVER_CLOSING) {
		job_free(job);
		return s;
	}
	switch (job->kind) {
	case JOB_COMPILE:
		rc = compile_done(s, job, &e);
		break;
	case JOB_READ:
		rc = read_done(s, job, &e);
		break;
	case JOB_RELATIVE:
		rc = s->state == SERVER_PREPARING ? welcome(s, &e) : 0;
		break;
	}
	job_free(job);
	if (rc == 0)
		rc = catch_up(s, &e);
	if (rc != 0)
		fail(s, &e);
	return s;
}
