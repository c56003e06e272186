/* A server session: bytes, frames, states and deadlines. */
#include "transport/server/server.h"

#include "engine/base/clock.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

/* Which message is legal in which state; docs/protocol.md has the same. */
static const bool legal[][MSG_TYPES] = {
    [SERVER_PREFACE] = {false},
    [SERVER_HELLO] = {[MSG_HELLO] = true, [MSG_ERROR] = true},
    [SERVER_PREPARING] = {[MSG_ERROR] = true},
    [SERVER_REFUSED] = {[MSG_RESULT] = true, [MSG_ERROR] = true},
    [SERVER_READY] = {[MSG_GET_MANIFEST] = true,
	[MSG_WANT] = true,
	[MSG_GROUP] = true,
	[MSG_SUMS] = true,
	[MSG_FETCH] = true,
	[MSG_RESULT] = true,
	[MSG_ERROR] = true},
    [SERVER_CLOSING] = {false},
};

uint64_t
server_now(const struct server *s)
{
	return s->env.clock->monotonic_ms(s->env.clock->ctx);
}

int
server_new(const struct server_env *env, const char *peer, struct server **out,
    struct err *e)
{
	struct server *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL || (s->peer = strdup(peer)) == NULL) {
		free(s);
		return err_set(e, ERP_NOMEM, "out of memory");
	}
	s->env = *env;
	s->fetch_fd = -1;
	buf_init(&s->in, FRAME_HEADER_LEN + FRAME_MAX);
	buf_init(&s->out, OUT_MAX);
	buf_init(&s->sums_in, SUMS_MAX);
	RB_INIT(&s->pending);
	TAILQ_INIT(&s->sums);
	TAILQ_INIT(&s->fetches);
	TAILQ_INIT(&s->batches);
	s->born = s->last_moved = s->slow_since = server_now(s);
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
	s->reported = true;
	memset(&r, 0, sizeof(r));
	r.peer = s->peer;
	r.hello = s->has_hello ? &s->hello : NULL;
	r.verdict = s->verdict;
	r.build = s->build;
	r.result = s->has_result ? &s->result : NULL;
	r.error = s->failed ? &s->error : NULL;
	r.received = s->received;
	r.sent = s->sent;
	s->env.report(s->env.ctx, &r);
}

static void
orphan(struct job **slot)
{
	if (*slot == NULL)
		return;
	(*slot)->session = NULL;
	atomic_store(&(*slot)->cancelled, true);
	*slot = NULL;
}

void
server_free(struct server *s)
{
	struct pending *p;
	struct batch *b;

	if (s == NULL)
		return;
	report(s);
	orphan(&s->compiling);
	orphan(&s->reading);
	while ((p = RB_MIN(pending_tree, &s->pending)) != NULL)
		pending_remove(s, p);
	while ((b = TAILQ_FIRST(&s->batches)) != NULL) {
		TAILQ_REMOVE(&s->batches, b, list);
		batch_free(b);
	}
	fs_close_quietly(store_fs(s->env.store), &s->fetch_fd);
	live_release_unref(s->served);
	buf_release(&s->in);
	buf_release(&s->out);
	buf_release(&s->sums_in);
	free(s->was_whole);
	free(s->peer);
	free(s);
}

/* The session ends with this error; the station is told, if it listens. */
void
server_fail(struct server *s, const struct err *e)
{
	const char *text =
	    "the server could not serve this request; its log says why";
	struct msg_error m;

	if (s->state == SERVER_CLOSING)
		return;
	s->failed = true;
	s->error = *e;
	memset(&m, 0, sizeof(m));
	m.code = (uint16_t)-e->code;
	/* Errors of our own disk are not the station's business. */
	if (e->code == ERP_PROTO || e->code == ERP_TIMEOUT)
		text = e->msg;
	else if (e->code == ERP_CORRUPT)
		text = "what it needs was damaged in the server's state folder "
		       "and is put back";
	(void)strlcpy(m.text, text, sizeof(m.text));
	/* Whoever does not speak the protocol gets nothing. */
	if (s->state != SERVER_PREFACE)
		(void)error_encode(&m, &s->out, NULL);
	if (s->bulk.sent == 0)
		s->bulk.len = 0;
	s->state = SERVER_CLOSING;
}

/* Bring everything that can go on a step further. */
static int
advance(struct server *s, struct err *e)
{
	int rc;

	if (s->state != SERVER_READY)
		return 0;
	if ((rc = compile_next(s, e)) != 0)
		return rc;
	bulk_next(s);
	return read_next(s, e);
}

/* Say WELCOME to a station that will be served. */
static int
welcome(struct server *s, struct err *e)
{
	const struct relative *r =
	    live_release_find_relative(s->served, &s->hello.release);
	bool agreed = (s->hello.flags & HELLO_AGREED) != 0;
	struct msg_welcome m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.build, s->build, sizeof(m.build));
	m.verdict = s->verdict;
	m.release = s->served->id;
	m.manifest_len = s->served->manifest_len;
	s->packed = &s->served->packed;
	if (r != NULL && r->packed.len > 0) {
		s->packed = &r->packed;
		m.flags = WELCOME_RELATIVE;
	}
	m.packed_len = (uint32_t)s->packed->len;
	/* Nobody to ask and something to say: the manifest follows at once. */
	s->sending_manifest = (m.verdict == VERDICT_COMPATIBLE || agreed) &&
	    !hash_equal(&s->hello.release, &s->served->id);
	s->state = SERVER_READY;
	return welcome_encode(&m, &s->out, e);
}

static int
refuse(struct server *s, uint32_t retry_after, struct err *e)
{
	struct msg_welcome m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.build, s->build, sizeof(m.build));
	m.verdict = s->verdict;
	m.retry_after = retry_after;
	s->state = SERVER_REFUSED;
	return welcome_encode(&m, &s->out, e);
}

/* The verdict on a HELLO, and what follows from it.  A release brings its
 * build: a new Build is not told before its release is there. */
static int
greet(struct server *s, struct err *e)
{
	struct live_release *served = s->env.release(s->env.ctx, s->hello.os);
	struct server_policy policy = *s->env.policy(s->env.ctx);
	uint32_t retry_after = s->env.retry_after(s->env.ctx);
	int rc;

	if (served != NULL)
		(void)strlcpy(
		    policy.build, served->manifest.build, sizeof(policy.build));
	(void)strlcpy(s->build, policy.build, sizeof(s->build));
	s->verdict = retry_after > 0
	    ? VERDICT_BUSY
	    : verdict_of(&policy, served != NULL, s->hello.build);
	if (s->verdict != VERDICT_COMPATIBLE &&
	    s->verdict != VERDICT_INCOMPATIBLE)
		return refuse(s, retry_after, e);
	s->served = live_release_ref(served);
	/* A manifest that leans on the station's may have to be made first. */
	if ((rc = relative_find(s, e)) < 0)
		return rc;
	if (rc > 0) {
		s->state = SERVER_PREPARING;
		return 0;
	}
	return welcome(s, e);
}

static int
hello_receive(struct server *s, const struct frame *f, struct err *e)
{
	int rc;

	if ((rc = hello_decode(f->payload, f->len, &s->hello, e)) != 0)
		return rc;
	s->has_hello = true;
	return greet(s, e);
}

/*
 * The station failed, perhaps since a blob was damaged after it was checked
 * and does not fit its CRCs: look at each again before its next use.
 */
static void
doubt_blobs(struct server *s)
{
	if (s->served_pieces)
		store_uncheck_blobs(s->env.store);
}

static int
result_receive(struct server *s, const struct frame *f, struct err *e)
{
	int rc;

	if ((rc = result_decode(f->payload, f->len, &s->result, e)) != 0)
		return rc;
	s->has_result = true;
	if (s->result.outcome == OUTCOME_FAILED)
		doubt_blobs(s);
	s->state = SERVER_CLOSING;
	report(s);
	return 0;
}

static int
error_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct msg_error m;
	int rc;

	if ((rc = error_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	doubt_blobs(s);
	return err_set(e, ERP_CANCELLED, "the station gave up: %s", m.text);
}

static int
frame_receive(struct server *s, const struct frame *f, struct err *e)
{
	if (!legal[s->state][f->type])
		return err_set(e, ERP_PROTO,
		    "message of type %u is not legal now", f->type);
	switch ((enum msg_type)f->type) {
	case MSG_HELLO:
		return hello_receive(s, f, e);
	case MSG_GET_MANIFEST:
		if (s->sending_manifest || s->manifest_pos > 0)
			return err_set(
			    e, ERP_PROTO, "the manifest was already sent");
		s->sending_manifest = true;
		return 0;
	case MSG_WANT:
		return want_receive(s, f, e);
	case MSG_GROUP:
		return group_receive(s, f, e);
	case MSG_SUMS:
		return sums_receive(s, f, e);
	case MSG_FETCH:
		return fetch_receive(s, f, e);
	case MSG_RESULT:
		return result_receive(s, f, e);
	case MSG_ERROR:
		return error_receive(s, f, e);
	case MSG_WELCOME:
	case MSG_MANIFEST:
	case MSG_OFFER:
	case MSG_DATA:
		break; /* never legal here, see the table */
	}
	return err_set(e, ERP_INTERNAL, "a legal message has no receiver");
}

/* The bytes of s->in, as far as they are whole. */
static int64_t
consume(struct server *s, struct err *e)
{
	struct preface preface;
	struct frame frame;
	int64_t used;
	int rc;

	if (s->state == SERVER_PREFACE) {
		used = preface_decode(buf_data(&s->in), s->in.len, &preface, e);
		if (used <= 0)
			return used;
		/* Ours goes out even if the versions do not fit: that is how
		 * the station learns why. */
		s->state = SERVER_HELLO;
		if ((rc = preface_encode(&s->out, e)) != 0 ||
		    (rc = preface_agree(&preface, e)) < 0)
			return rc;
		return used;
	}
	used = frame_decode(buf_data(&s->in), s->in.len, &frame, e);
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
		s->state = SERVER_CLOSING;
		report(s);
		return;
	}
	(void)err_set(&e, ERP_CANCELLED, "the station closed the connection");
	server_fail(s, &e);
}

bool
server_is_full(const struct server *s)
{
	return s->batches_n >= BATCHES_MAX || s->sums_held >= SUMS_HELD_MAX ||
	    (s->out.len >= OUT_HIGH && s->state == SERVER_READY);
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
		while (s->in.len > 0 && !server_is_full(s) &&
		    s->state != SERVER_CLOSING && (used = consume(s, e)) > 0)
			buf_consume(&s->in, (size_t)used);
		if (used < 0)
			return (int)used;
		if ((rc = advance(s, e)) != 0)
			return rc;
	} while (used > 0 && !server_is_full(s));
	if (s->in.len == 0)
		buf_release(&s->in);
	return 0;
}

int64_t
server_input(struct server *s, const uint8_t *p, size_t n, struct err *e)
{
	size_t room = s->in.limit - s->in.len;
	int rc;

	if (s->state == SERVER_CLOSING)
		return (int64_t)n;
	if (server_is_full(s))
		return 0;
	if (room > n)
		room = n;
	s->received += room;
	s->last_moved = server_now(s);
	if ((rc = buf_append(&s->in, p, room, e)) != 0 ||
	    (rc = catch_up(s, e)) != 0) {
		server_fail(s, e);
		return rc;
	}
	return s->state == SERVER_CLOSING ? (int64_t)n : (int64_t)room;
}

void
server_sent(struct server *s, size_t n)
{
	struct err e;

	s->sent += n;
	s->last_moved = server_now(s);
	if (s->out.len > 0 && s->bulk.sent == 0) {
		buf_consume(&s->out, n);
		if (s->out.len == 0)
			buf_release(&s->out);
	} else {
		bulk_sent(s, n);
	}
	if (catch_up(s, &e) != 0)
		server_fail(s, &e);
}

void
server_lost(struct server *s, const struct err *e)
{
	server_fail(s, e);
	buf_clear(&s->out);
	s->bulk.len = 0;
}

bool
server_is_done(const struct server *s)
{
	return s->state == SERVER_CLOSING;
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
		live_release_end_relative(job->served, &job->from,
		    job->rc == 0 ? &job->packed : NULL);
	if (s == NULL) {
		job_free(job);
		return NULL;
	}
	if (job->kind == JOB_READ)
		s->reading = NULL;
	else
		s->compiling = NULL;
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
		server_fail(s, &e);
	return s;
}
