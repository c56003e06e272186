/*
 * One conversation of the server for the library's callers: a session
 * (transport/server) over the caller's stream, its jobs done in place, on one
 * thread and without the host's loop.
 */
#include "transport/api/api_server_internal.h"

#include "engine/base/clock.h"
#include "engine/release/compile.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "transport/net/channel.h"
#include "transport/net/threads.h"
#include "transport/server/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	PIECE = 64 * 1024, /* bytes moved at a time */
	WAIT_MS = 200, /* for bytes, between two looks at the clock */
	TICK_MS = 1000
};

struct converse {
	struct channel channel;
	struct store *store;
	struct server_policy policy;
	struct buf left_out; /* as a live release has it */
	struct live_release *served; /* NULL: none, or not asked yet */
	struct server *session;
	struct job **jobs; /* submitted, not yet run */
	size_t jobs_n, jobs_cap;
	uint64_t ticked; /* monotonic milliseconds */
	bool eof; /* the station sends no more */
	bool lost; /* the stream is broken */
	struct err error; /* of the session; code 0: none */
	uint8_t piece[PIECE]; /* received */
};

/* The current release for the station's system; NULL: there is none. */
static int
load_release(struct converse *c, enum path_os os, struct err *e)
{
	int rc;

	assert(c->served == NULL); /* a station is let in once */
	rc = live_release_load(c->store, os, &c->served, e);
	if (rc == 0)
		rc = buf_append(&c->served->left_out, buf_data(&c->left_out),
		    c->left_out.len, e);
	return rc == ERP_NOTFOUND ? 0 : rc;
}

static int
admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *e)
{
	struct arrival a = {.client = hello->build,
	    .downloads = (hello->flags & HELLO_DOWNLOAD) != 0,
	    .now = clock_s(clock_real())};
	struct converse *c = ctx;
	int rc = load_release(c, hello->os, e);

	if (rc == 0 && c->served != NULL)
		rc = store_is_held(c->store, hello->os, &c->served->id, e);
	if (rc < 0)
		return rc;
	a.served = c->served;
	a.held = rc == 1;
	admission_decide(&c->policy, &a, out);
	return 0;
}

static void
submit(void *ctx, struct job *job)
{
	struct converse *c = ctx;
	size_t cap = c->jobs_cap > 0 ? c->jobs_cap * 2 : 8;
	struct job **more;

	if (c->jobs_n == c->jobs_cap) {
		if ((more = reallocarray(c->jobs, cap, sizeof(*more))) ==
		    NULL) {
			job_drop(job);
			c->lost = true;
			(void)err_nomem(&c->error);
			return;
		}
		c->jobs = more;
		c->jobs_cap = cap;
	}
	c->jobs[c->jobs_n++] = job;
}

static void
note_report(void *ctx, const struct server_report *r)
{
	struct converse *c = ctx;

	if (c->error.code != 0)
		return;
	if (r->error != NULL)
		c->error = *r->error;
	else if (r->hello == NULL)
		(void)err_set(
		    &c->error, ERP_LOST, "the station left without a word");
}

static int
compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	struct compile_request waited = *req;
	struct converse *c = ctx;

	waited.how.crew = threads_real();
	return compile_blob(c->store, &waited, out, e);
}

/* The oldest first; what they lead to may be new ones. */
static void
run_jobs(struct converse *c)
{
	struct job *job;

	while (c->jobs_n > 0) {
		job = c->jobs[0];
		memmove(c->jobs, c->jobs + 1, --c->jobs_n * sizeof(job));
		job_run(job, compile, c);
		(void)server_job_done(job);
	}
}

static void
lose(struct converse *c, const char *what, int64_t code)
{
	struct err e;

	assert(!c->lost && code < 0);
	c->lost = true;
	if (code == CHANNEL_END)
		(void)err_set(&e, ERP_LOST, "%s: it was closed", what);
	else
		(void)err_sys_as(&e, ERP_LOST, c->channel.sys, what, "stream");
	server_lost(c->session, &e);
	if (c->error.code == 0)
		c->error = e;
}

/* Send some of what waits. */
static void
send_some(struct converse *c)
{
	struct server_bytes out;
	int64_t n;

	if (!server_output(c->session, &out))
		return;
	n = out.p != NULL
	    ? channel_send(&c->channel, out.p, out.n, out.more)
	    : channel_send_file(&c->channel, out.fd, out.offset, out.n);
	if (n < 0)
		lose(c, "write to", n);
	else if (n > 0)
		server_sent(c->session, (size_t)n);
}

/* Take some of what comes. */
static void
receive_some(struct converse *c)
{
	int64_t n = channel_recv(&c->channel, c->piece, PIECE);
	struct err e;

	if (n == CHANNEL_END) {
		c->eof = true;
		server_eof(c->session);
	} else if (n < 0) {
		lose(c, "read", n);
	} else if (n > 0) {
		/* If it fails it knows, and has last words. */
		(void)server_input(c->session, c->piece, (size_t)n, &e);
	}
}

static void
tick(struct converse *c)
{
	uint64_t now = clock_ms(clock_real());

	if (now - c->ticked < TICK_MS)
		return;
	c->ticked = now;
	server_tick(c->session);
}

static void
converse(struct converse *c)
{
	struct server_bytes out;
	unsigned wants;
	bool sends;

	for (;;) {
		run_jobs(c);
		sends = server_output(c->session, &out);
		if (c->lost || (server_is_done(c->session) && !sends))
			return;
		wants = sends ? CHANNEL_SEND : 0;
		if (!c->eof && !server_is_full(c->session))
			wants |= CHANNEL_RECV;
		if (channel_wait(&c->channel, wants, WAIT_MS) > 0) {
			if ((wants & CHANNEL_SEND) != 0)
				send_some(c);
			if ((wants & CHANNEL_RECV) != 0 && !c->lost)
				receive_some(c);
		}
		tick(c);
	}
}

/* The session tells how it ended, at the latest when it is freed. */
static void
end(struct converse *c)
{
	server_free(c->session);
	while (c->jobs_n > 0)
		job_drop(c->jobs[--c->jobs_n]);
	free(c->jobs);
	live_release_unref(c->served);
}

/* What stations are told that the releases leave out. */
static int
take_exclude(
    struct converse *c, const struct erpsync_policy *policy, struct err *e)
{
	struct filter filter;
	int rc = api_filter(&filter, policy->exclude, policy->exclude_n, e);

	buf_init(&c->left_out, LEFT_OUT_ALL);
	if (rc == 0)
		rc = live_release_names(&filter, &c->left_out, e);
	filter_release(&filter);
	return rc < 0 ? rc : 0;
}

int
erpsync_serve_stream(struct erpsync_store *store,
    const struct erpsync_policy *policy, const struct erpsync_stream *stream,
    struct erpsync_error *error)
{
	struct server_env env = {
	    .store = store->s,
	    .clock = clock_real(),
	    .admit = admit,
	    .submit = submit,
	    .report = note_report,
	};
	struct converse *c = calloc(1, sizeof(*c));
	struct err e;
	int rc;

	if (c == NULL) {
		(void)err_nomem(&e);
		return api_fail(error, &e);
	}
	channel_of_stream(&c->channel,
	    &(struct channel_stream){stream->read, stream->write, stream->ctx});
	c->store = store->s;
	env.ctx = c;
	if ((rc = api_policy(&c->policy, policy, &e)) == 0 &&
	    (rc = take_exclude(c, policy, &e)) == 0 &&
	    (rc = server_new(&env, "stream", &c->session, &e)) == 0) {
		converse(c);
		end(c);
		if (c->error.code != 0)
			rc = (e = c->error).code;
	}
	buf_release(&c->left_out);
	free(c);
	return rc != 0 ? api_fail(error, &e) : 0;
}
