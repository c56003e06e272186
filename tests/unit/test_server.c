#define _GNU_SOURCE /* memmem */
/* The server's session against a station that misbehaves. */
#include "transport/server/server.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "tests/support/output.h"
#include "tests/support/tempdir.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

struct world {
	struct tempdir dir;
	struct store *store;
	struct live_release *served;
	struct server_policy policy;
	bool held; /* the release is */
	struct clock clock;
	uint64_t now;
	struct job *job;
	unsigned reports;
	int report_code; /* of the last report, 0 = ended well */
	char report_text[256];
	uint32_t (*ahead)(void *ctx); /* or NULL */
	struct server *sv;
};

static uint64_t
world_now(void *ctx)
{
	return ((struct world *)ctx)->now;
}

static int
world_admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *e)
{
	struct world *w = ctx;

	(void)e;
	admission_decide(&w->policy,
	    &(struct arrival){.client = hello->build,
		.served = hello->os == PATH_OS_LINUX ? w->served : NULL,
		.held = w->held},
	    out);
	return 0;
}

static void
world_submit(void *ctx, struct job *job)
{
	struct world *w = ctx;

	cr_assert_null(w->job);
	w->job = job;
}

static void
world_report(void *ctx, const struct server_report *r)
{
	struct world *w = ctx;

	w->reports++;
	w->report_code = r->error == NULL ? 0 : r->error->code;
	if (r->error != NULL)
		(void)strlcpy(
		    w->report_text, r->error->msg, sizeof(w->report_text));
}

static uint32_t
world_ahead(void *ctx)
{
	struct world *w = ctx;

	return w->ahead != NULL ? w->ahead(ctx) : 0;
}

static void
world_open(struct world *w)
{
	struct entry entry;
	struct manifest m;
	struct server_env env;
	struct err e;
	int rc;

	memset(w, 0, sizeof(*w));
	w->now = 5000;
	w->clock.monotonic_ms = world_now;
	w->clock.ctx = w;
	w->policy.enabled = true;
	tempdir_open(&w->dir);
	rc = store_open(fs_real(), w->dir.path, &w->store, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	manifest_init(&m, PATH_OS_LINUX);
	memset(&entry, 0, sizeof(entry));
	entry.type = ENTRY_DIR;
	entry.path = strdup("dir");
	cr_assert_eq(manifest_add(&m, &entry, &e), 0);
	free(entry.path);
	entry.type = ENTRY_FILE;
	entry.path = strdup("file");
	entry.content.size = 5;
	entry.content.known = true;
	memset(entry.content.hash.b, 7, HASH_LEN);
	cr_assert_eq(manifest_add(&m, &entry, &e), 0);
	free(entry.path);
	rc = live_release_new(&m, &w->served, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	memset(&env, 0, sizeof(env));
	env.store = w->store;
	env.clock = &w->clock;
	env.admit = world_admit;
	env.submit = world_submit;
	env.report = world_report;
	env.ahead = world_ahead;
	env.ctx = w;
	cr_assert_eq(server_new(&env, "192.0.2.1", &w->sv, &e), 0);
}

static void
world_close(struct world *w)
{
	server_free(w->sv);
	if (w->job != NULL)
		job_drop(w->job);
	live_release_unref(w->served);
	store_close(w->store);
	tempdir_close(&w->dir);
}

/* Preface and HELLO, as bytes. */
static void
greet_as(struct buf *b, uint32_t features)
{
	struct msg_hello m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "s1", sizeof(m.station));
	m.os = PATH_OS_LINUX;
	cr_assert_eq(preface_encode(features, b, NULL), 0);
	cr_assert_eq(hello_encode(&m, b, NULL), 0);
}

static void
greet(struct buf *b)
{
	greet_as(b, FEATURE_HINTS);
}

static int64_t
feed(struct world *w, const struct buf *b)
{
	struct err e;

	return server_input(w->sv, buf_data(b), b->len, &e);
}

/* Type of the last frame of the output, after the preface. */
static uint8_t
last_answer(struct world *w)
{
	const uint8_t *p;
	size_t at = PREFACE_LEN, n = output_bytes(w->sv, &p);
	struct frame f;
	uint8_t type = 0;
	int64_t used;

	while (at < n) {
		used = frame_decode(p + at, n - at, &f, NULL);
		cr_assert_gt(used, 0);
		type = f.type;
		at += (size_t)used;
	}
	return type;
}

Test(server, something_else_gets_no_answer)
{
	const uint8_t *p;
	struct world w;
	struct err e;

	world_open(&w);
	cr_assert_eq(server_input(w.sv,
			 (const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18, &e),
	    ERP_PROTO);
	cr_expect(server_is_done(w.sv));
	cr_expect_eq(output_bytes(w.sv, &p), 0);
	world_close(&w);
}

Test(server, another_version_learns_which_there_are)
{
	static const uint8_t later[PREFACE_LEN] = {
	    'E', 'R', 'P', 's', 'y', 'n', 'c', '\n', 5, 0, 9, 0};
	struct world w;
	struct err e;

	world_open(&w);
	cr_assert_eq(
	    server_input(w.sv, later, sizeof(later), &e), ERP_NOVERSION);
	cr_expect(server_is_done(w.sv));
	cr_expect_eq(last_answer(&w), MSG_ERROR);
	world_close(&w);
}

/* Who does not know that it may be another time hears that it is off. */
Test(server, a_held_release_is_told_by_what_the_station_knows)
{
	static const struct {
		uint32_t features;
		enum verdict want;
	} rows[] = {{FEATURE_HINTS, VERDICT_DISABLED},
	    {FEATURE_HINTS | FEATURE_NOT_NOW, VERDICT_NOT_NOW}};
	struct msg_welcome m;
	const uint8_t *p;
	struct frame f;
	struct world w;
	struct buf b;
	size_t i, n;

	for (i = 0; i < 2; i++) {
		world_open(&w);
		w.held = true;
		buf_init(&b, 4096);
		greet_as(&b, rows[i].features);
		cr_assert_gt(feed(&w, &b), 0);
		n = output_bytes(w.sv, &p);
		cr_assert_gt(n, PREFACE_LEN);
		cr_assert_gt(
		    frame_decode(p + PREFACE_LEN, n - PREFACE_LEN, &f, NULL),
		    0);
		cr_assert_eq(f.type, MSG_WELCOME);
		cr_assert_eq(welcome_decode(f.payload, f.len, &m, NULL), 0);
		cr_expect_eq(m.verdict, rows[i].want);
		cr_expect_eq(m.retry_after, 0);
		buf_release(&b);
		world_close(&w);
	}
}

/* The WELCOME that answers a station of these features on this release, where
 * the one that is offered leaves this out, or nothing (""). */
static void
expect_left_out(const char *leaves, uint32_t features, const struct hash *from,
    const char *want)
{
	char pattern[LEFT_OUT_BYTES + 1] = "";
	struct msg_hello hello = {.station = "s1", .os = PATH_OS_LINUX};
	struct msg_welcome m;
	const uint8_t *p;
	struct frame f;
	struct world w;
	struct buf b;
	size_t n;

	world_open(&w);
	cr_assert_eq(
	    left_out_put(&w.served->left_out, leaves, NULL), leaves[0] != '\0');
	buf_init(&b, 4096);
	hello.release = from != NULL ? *from : w.served->id;
	cr_assert_eq(preface_encode(features, &b, NULL), 0);
	cr_assert_eq(hello_encode(&hello, &b, NULL), 0);
	cr_assert_gt(feed(&w, &b), 0);
	if (w.job != NULL) { /* how the manifest is told from there */
		job_run(w.job, NULL, NULL);
		(void)server_job_done(w.job);
		w.job = NULL;
	}
	n = output_bytes(w.sv, &p);
	cr_assert_gt(n, PREFACE_LEN);
	cr_assert_gt(
	    frame_decode(p + PREFACE_LEN, n - PREFACE_LEN, &f, NULL), 0);
	cr_assert_eq(f.type, MSG_WELCOME);
	cr_assert_eq(welcome_decode(f.payload, f.len, &m, NULL), 0);
	cr_expect_eq((m.flags & WELCOME_LEFT_OUT) != 0, want[0] != '\0');
	(void)left_out_next(&m.left_out, pattern);
	cr_expect_str_eq(pattern, want);
	buf_release(&b);
	world_close(&w);
}

/* Only who knows of it, and has a release that this one takes from. */
Test(server, what_is_left_out_is_told_where_it_matters)
{
	const struct hash none = {{0}}, other = {{3}};
	const uint32_t all = FEATURE_LEFT_OUT | FEATURE_HINTS;

	expect_left_out("*.log", all, &other, "*.log");
	expect_left_out("a", all, &other, "a");
	expect_left_out("", all, &other, "");
	expect_left_out("*.log", FEATURE_LEFT_OUT, &other, "*.log");
	expect_left_out("*.log", FEATURE_HINTS, &other, "");
	expect_left_out("*.log", all, &none, "");
	expect_left_out("*.log", all, NULL, "");
}

/* Every message type in every state: only the table's may pass. */
Test(server, only_legal_messages_pass)
{
	uint8_t type;
	size_t mark;
	struct world w;
	struct buf b;
	int64_t rc;
	bool greeted;

	for (type = 1; type < MSG_TYPES; type++) {
		for (greeted = false;; greeted = true) {
			world_open(&w);
			buf_init(&b, 4096);
			if (greeted)
				greet(&b);
			else
				cr_assert_eq(
				    preface_encode(FEATURE_HINTS, &b, NULL), 0);
			cr_assert_eq(frame_begin(&b, &mark, NULL), 0);
			cr_assert_eq(frame_end(&b, mark, type, NULL), 0);
			rc = feed(&w, &b);
			if (greeted && type == MSG_GET_MANIFEST)
				/* It was on its way already: not twice. */
				cr_expect_eq(rc, ERP_PROTO);
			else if (type == MSG_ERROR)
				cr_expect_eq(rc, ERP_PROTO); /* no payload */
			else
				cr_expect_eq(rc, ERP_PROTO, "type %u", type);
			cr_expect(server_is_done(w.sv));
			cr_expect_eq(last_answer(&w), MSG_ERROR);
			buf_release(&b);
			world_close(&w);
			if (greeted)
				break;
		}
	}
}

static void
expect_refused_want(uint32_t index, size_t n)
{
	struct msg_want v[WANT_MAX];
	struct world w;
	struct buf b;
	size_t i;

	world_open(&w);
	buf_init(&b, 1 << 16);
	greet(&b);
	memset(v, 0, sizeof(v));
	for (i = 0; i < n; i++)
		v[i].index = index;
	cr_assert_eq(wants_encode(v, n, &b, NULL), 0);
	cr_expect_eq(feed(&w, &b), ERP_PROTO);
	cr_expect_eq(last_answer(&w), MSG_ERROR);
	cr_expect_null(w.job);
	buf_release(&b);
	world_close(&w);
}

Test(server, wants_of_nothing_are_refused)
{
	expect_refused_want(2, 1); /* beyond the manifest */
	expect_refused_want(UINT32_MAX, 1); /* far beyond */
	expect_refused_want(0, 1); /* a folder */
	expect_refused_want(1, 2); /* the same file twice */
}

Test(server, fetch_and_sums_without_offer_are_refused)
{
	struct msg_fetch fetch = {1, 0};
	struct world w;
	struct buf b;
	int i;

	for (i = 0; i < 2; i++) {
		world_open(&w);
		buf_init(&b, 1 << 16);
		greet(&b);
		if (i == 0)
			cr_assert_eq(fetches_encode(&fetch, 1, &b, NULL), 0);
		else
			cr_assert_eq(
			    sums_encode((const uint8_t *)"xxxx", 4, &b, NULL),
			    0);
		cr_expect_eq(feed(&w, &b), ERP_PROTO);
		buf_release(&b);
		world_close(&w);
	}
}

static int
refuse(void *ctx, const struct compile_request *req, struct compile_answer *out,
    struct err *e)
{
	(void)ctx;
	(void)req;
	(void)out;
	return err_set(e, ERP_NOTFOUND, "secret path is gone");
}

Test(server, content_missing_in_the_store_ends_the_session)
{
	struct msg_want want = {.index = 1};
	const uint8_t *p;
	size_t n;
	struct world w;
	struct buf b;

	world_open(&w);
	buf_init(&b, 1 << 16);
	greet(&b);
	cr_assert_eq(wants_encode(&want, 1, &b, NULL), 0);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_assert_not_null(w.job);
	job_run(w.job, refuse, NULL);
	cr_assert_eq(server_job_done(w.job), w.sv);
	w.job = NULL;
	cr_expect(server_is_done(w.sv));
	cr_expect_eq(last_answer(&w), MSG_ERROR);
	/* What is wrong with our disk is for our log only. */
	n = output_bytes(w.sv, &p);
	cr_expect(memmem(p, n, "secret", 6) == NULL);
	server_free(w.sv);
	w.sv = NULL;
	cr_expect(strstr(w.report_text, "secret") != NULL);
	buf_release(&b);
	world_close(&w);
}

static int
answer_full(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	unsigned *wholes = ctx;

	(void)e;
	*wholes += req->one.again;
	memset(out, 0, sizeof(*out));
	out->blob.codec = CODEC_FULL;
	out->blob.len = 9;
	return 0;
}

/* Each costs a look at all bytes of the file, and the answer is thrown away:
 * once for each file is enough for who means well. */
Test(server, whole_files_are_not_wanted_again_and_again)
{
	struct msg_want want = {.index = 1};
	struct msg_fetch at_end = {1, 9};
	unsigned wholes = 0, i;
	struct world w;
	struct buf b;

	world_open(&w);
	buf_init(&b, 1 << 16);
	greet(&b);
	for (i = 0; i < 20; i++) {
		cr_assert_eq(wants_encode(&want, 1, &b, NULL), 0);
		if (feed(&w, &b) < 0)
			break;
		cr_assert_not_null(w.job);
		job_run(w.job, answer_full, &wholes);
		cr_assert_eq(server_job_done(w.job), w.sv);
		w.job = NULL;
		buf_clear(&b);
		cr_assert_eq(fetches_encode(&at_end, 1, &b, NULL), 0);
		want.flags = WANT_WHOLE;
	}
	cr_expect_eq(wholes, 1, "%u", wholes);
	cr_expect(server_is_done(w.sv));
	buf_release(&b);
	world_close(&w);
}

Test(server, deadlines_end_silent_and_slow_peers)
{
	const uint8_t *p;
	size_t n;
	struct world w;
	struct buf b;

	/* Connect and say nothing. */
	world_open(&w);
	w.now += 9000;
	server_tick(w.sv);
	cr_expect(!server_is_done(w.sv));
	w.now += 2000;
	server_tick(w.sv);
	cr_expect(server_is_done(w.sv));
	world_close(&w);

	/* Half a HELLO, then a byte now and then: the clock is absolute. */
	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	b.len -= 10;
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	w.now += 10001;
	server_tick(w.sv);
	cr_expect(server_is_done(w.sv));
	buf_release(&b);
	world_close(&w);

	/* Greeted, but never takes what it asked for. */
	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	w.now += 30000;
	server_tick(w.sv);
	cr_expect(!server_is_done(w.sv));
	w.now += 31000;
	server_tick(w.sv);
	cr_expect(server_is_done(w.sv));
	/* Even the last words are dropped in the end. */
	w.now += 61000;
	server_tick(w.sv);
	cr_expect_eq(output_bytes(w.sv, &p), 0);
	buf_release(&b);
	world_close(&w);

	/* A person who does not answer. */
	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	while ((n = output_bytes(w.sv, &p)) > 0)
		server_sent(w.sv, n);
	w.now += 9 * 60 * 1000;
	server_tick(w.sv);
	cr_expect(!server_is_done(w.sv));
	w.now += 2 * 60 * 1000;
	server_tick(w.sv);
	cr_expect(server_is_done(w.sv));
	buf_release(&b);
	world_close(&w);
}

/* All that is to be sent is taken. */
static void
take_output(struct world *w)
{
	const uint8_t *p;
	size_t n;

	while ((n = output_bytes(w->sv, &p)) > 0)
		server_sent(w->sv, n);
}

static uint32_t
two_ahead(void *ctx)
{
	(void)ctx;
	return 2;
}

/* Greet and ask for the file: a job waits. */
static void
want_and_wait(struct world *w)
{
	struct msg_want want = {.index = 1};
	struct buf b;

	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(wants_encode(&want, 1, &b, NULL), 0);
	cr_assert_eq(feed(w, &b), (int64_t)b.len);
	buf_release(&b);
	take_output(w);
	cr_assert_not_null(w->job);
	cr_assert_eq(server_idle_ms(w->sv), 0);
}

Test(server, who_waits_for_work_hears_of_it)
{
	static const uint8_t nop[] = {0, 4, 0, 0};
	static const uint8_t two[] = {2, 0, 0, 0};
	const uint8_t *p;
	struct world w;
	int i;

	world_open(&w);
	w.ahead = two_ahead;
	want_and_wait(&w);
	server_tick(w.sv);
	cr_expect_eq(output_bytes(w.sv, &p), 0, "not at once");
	/* However long it takes. */
	for (i = 0; i < 60 * 60; i++) {
		w.now += 1000;
		server_tick(w.sv);
		cr_assert_eq(output_bytes(w.sv, &p), FRAME_HEADER_LEN + 4);
		cr_expect_arr_eq(p, nop, sizeof(nop));
		cr_expect_arr_eq(p + FRAME_HEADER_LEN, two, sizeof(two));
		take_output(&w);
	}
	cr_expect(!server_is_done(w.sv));
	world_close(&w);
}

Test(server, a_station_that_is_not_read_from_is_not_to_blame)
{
	const uint8_t *p;
	struct world w;
	struct buf b;

	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	take_output(&w);
	w.now += 2000;
	cr_expect_eq(server_idle_ms(w.sv), 2000);
	server_hold(w.sv, true);
	cr_expect_eq(server_idle_ms(w.sv), 0);
	server_tick(w.sv);
	cr_expect_eq(output_bytes(w.sv, &p), FRAME_HEADER_LEN + 4);
	buf_release(&b);
	world_close(&w);
}

/* A NOP says nothing: who sends nothing else is silent. */
Test(server, nops_of_a_station_are_no_words)
{
	struct msg_error bye = {1, "enough"};
	struct msg_nop nop = {false, 0};
	struct world w;
	struct buf b;

	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	take_output(&w);
	buf_clear(&b);
	w.now += 3000;
	cr_assert_eq(nop_encode(&nop, &b, NULL), 0);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_expect(!server_is_done(w.sv));
	cr_expect_eq(server_idle_ms(w.sv), 3000);
	/* The next word is heard as it is. */
	buf_clear(&b);
	cr_assert_eq(error_encode(&bye, &b, NULL), 0);
	cr_expect_eq(feed(&w, &b), ERP_CANCELLED);
	cr_expect(server_is_done(w.sv));
	buf_release(&b);
	world_close(&w);
}

Test(server, who_was_turned_away_has_to_leave)
{
	struct world w;
	struct buf b;

	world_open(&w);
	w.policy.enabled = false;
	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	take_output(&w);
	w.now += 9000;
	server_tick(w.sv);
	cr_expect(!server_is_done(w.sv));
	w.now += 2000;
	server_tick(w.sv);
	cr_expect(server_is_done(w.sv));
	buf_release(&b);
	world_close(&w);
}

Test(server, reports_once_however_it_ends)
{
	struct msg_result m;
	struct world w;
	struct buf b;

	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	memset(&m, 0, sizeof(m));
	m.outcome = OUTCOME_CURRENT;
	cr_assert_eq(result_encode(&m, &b, NULL), 0);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_expect(server_is_done(w.sv));
	server_eof(w.sv);
	server_free(w.sv);
	w.sv = NULL;
	cr_expect_eq(w.reports, 1);
	cr_expect_eq(w.report_code, 0);
	buf_release(&b);
	world_close(&w);
}

static void
expect_gave_up(struct world *w, const char *state)
{
	struct msg_error m = {.code = 3};
	struct buf b;

	/* A text that would pass for more than it is. */
	(void)strlcpy(m.text, "no room\", 9 bytes sent", sizeof(m.text));
	buf_init(&b, 4096);
	cr_assert_eq(error_encode(&m, &b, NULL), 0);
	cr_expect_lt(feed(w, &b), 0, "%s", state);
	cr_expect(server_is_done(w->sv), "%s", state);
	server_free(w->sv);
	w->sv = NULL;
	cr_expect_eq(w->reports, 1);
	cr_expect_eq(w->report_code, ERP_CANCELLED, "%s", state);
	cr_expect_str_eq(w->report_text,
	    "the station gave up: \"no room\\\", 9 bytes sent\"", "%s", state);
	buf_release(&b);
	world_close(w);
}

Test(server, a_station_that_gives_up_is_heard_in_every_state)
{
	struct world w;
	struct buf b, preface;

	world_open(&w);
	buf_init(&preface, 4096);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &preface, NULL), 0);
	cr_assert_eq(feed(&w, &preface), (int64_t)preface.len);
	expect_gave_up(&w, "greeting");
	buf_init(&b, 4096);
	greet(&b);
	world_open(&w);
	w.policy.enabled = false;
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	expect_gave_up(&w, "refused");
	world_open(&w);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	expect_gave_up(&w, "ready");
	buf_release(&b);
	buf_release(&preface);
}

Test(server, lost_output_ends_without_last_words)
{
	const uint8_t *p;
	struct world w;
	struct err e;
	struct buf b;

	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_assert_gt(output_bytes(w.sv, &p), 0);
	(void)err_set(&e, ERP_IO, "blob ended early");
	server_lost(w.sv, &e);
	cr_expect(server_is_done(w.sv));
	cr_expect_eq(output_bytes(w.sv, &p), 0);
	server_free(w.sv);
	w.sv = NULL;
	cr_expect_eq(w.reports, 1);
	cr_expect_eq(w.report_code, ERP_IO);
	buf_release(&b);
	world_close(&w);
}

/* Take n bytes of what is to be sent, which must be there. */
static void
take(struct world *w, size_t n)
{
	struct server_bytes out;

	while (n > 0) {
		cr_assert(server_output(w->sv, &out));
		if (out.n > n)
			out.n = n;
		server_sent(w->sv, out.n);
		n -= out.n;
	}
}

Test(server, last_words_follow_a_frame_that_was_begun)
{
	struct server_bytes out;
	struct world w;
	struct buf b;

	world_open(&w);
	buf_init(&b, 4096);
	greet(&b);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	/* All that was said, and a few bytes of the manifest. */
	cr_assert(server_output(w.sv, &out));
	cr_assert(out.more);
	take(&w, out.n + 3);
	cr_assert_eq(feed(&w, &b), ERP_PROTO); /* a second preface */
	cr_assert(server_output(w.sv, &out));
	cr_assert_gt(out.n, 3);
	take(&w, out.n);
	/* The bytes of the manifest behind its head. */
	cr_assert(server_output(w.sv, &out));
	take(&w, out.n);
	cr_assert(server_output(w.sv, &out), "the ERROR was not said");
	cr_assert_not_null(out.p);
	cr_expect_eq(out.p[0], MSG_ERROR);
	take(&w, out.n);
	cr_expect(!server_output(w.sv, &out));
	buf_release(&b);
	world_close(&w);
}

/* Whether a form of the manifest has to be made first is the server's affair:
 * what a station says meanwhile waits for it. */
Test(server, who_does_not_wait_for_welcome_is_heard_behind_it)
{
	struct msg_result result = {.outcome = OUTCOME_DECLINED};
	struct msg_hello hello;
	struct world w;
	struct buf b;

	world_open(&w);
	memset(&hello, 0, sizeof(hello));
	(void)strlcpy(hello.station, "s1", sizeof(hello.station));
	hello.os = PATH_OS_LINUX;
	memset(hello.release.b, 9, HASH_LEN);
	buf_init(&b, 4096);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	cr_assert_eq(hello_encode(&hello, &b, NULL), 0);
	cr_assert_eq(result_encode(&result, &b, NULL), 0);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_assert_not_null(w.job, "there is nothing to be made");
	cr_expect(server_is_full(w.sv));
	cr_expect(!server_is_done(w.sv));
	w.now += 1000;
	server_tick(w.sv);
	cr_expect_eq(last_answer(&w), MSG_NOP);
	job_run(w.job, NULL, NULL);
	cr_assert_eq(server_job_done(w.job), w.sv);
	w.job = NULL;
	cr_expect(server_is_done(w.sv));
	cr_expect_eq(w.reports, 1);
	cr_expect_eq(w.report_code, 0);
	buf_release(&b);
	world_close(&w);
}

/* Others ask for forms that lean on releases nobody knows, which come and go
 * while a station that must be asked first still has to fetch its own. */
Test(server, the_form_of_a_manifest_outlives_those_of_others)
{
	static const char form[] = "leans on an older one";
	struct hash nobodys = {{1}}, older = {{2}}, later = {{3}};
	struct msg_hello hello;
	struct relative made = {.from = older, .leans = true};
	struct server_bytes out;
	struct world w;
	struct buf b;
	struct err e;

	world_open(&w);
	(void)strlcpy(
	    w.served->manifest.build, "8.0", sizeof(w.served->manifest.build));
	cr_assert(live_release_begin_relative(w.served, &nobodys));
	cr_assert(live_release_begin_relative(w.served, &older));
	buf_init(&made.packed, 4096);
	cr_assert_eq(buf_append(&made.packed, form, sizeof(form), &e), 0);
	live_release_end_relative(w.served, &older, &made);
	memset(&hello, 0, sizeof(hello));
	(void)strlcpy(hello.station, "s1", sizeof(hello.station));
	hello.os = PATH_OS_LINUX;
	hello.release = older;
	buf_init(&b, 4096);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	cr_assert_eq(hello_encode(&hello, &b, NULL), 0);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_assert(server_output(w.sv, &out));
	cr_assert(!out.more, "it must be asked first");
	take(&w, out.n);
	live_release_end_relative(w.served, &nobodys, NULL);
	cr_assert(live_release_begin_relative(w.served, &later));
	buf_clear(&b);
	cr_assert_eq(get_manifest_encode(&b, NULL), 0);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_assert(server_output(w.sv, &out), "no manifest came");
	cr_expect_eq(out.p[0], MSG_MANIFEST);
	take(&w, out.n);
	cr_assert(server_output(w.sv, &out));
	cr_assert_eq(out.n, sizeof(form));
	cr_expect_arr_eq(out.p, form, sizeof(form));
	buf_release(&b);
	buf_release(&made.packed);
	world_close(&w);
}

enum { WAITING = 200, WAITING_BYTES = 64 * 1024 };

static struct job *kept[WAITING];
static size_t kept_n;

static void
keep_job(void *ctx, struct job *job)
{
	(void)ctx;
	cr_assert_lt(kept_n, WAITING);
	kept[kept_n++] = job;
}

/* Stations whose blob is being made. */
Test(server, a_station_that_waits_takes_little_memory)
{
	static struct server *waiting[WAITING];
	struct msg_want want = {.index = 1};
	struct server_env env;
	const uint8_t *p;
	size_t before, each, i, n;
	struct world w;
	struct err e;
	struct buf b;

	world_open(&w);
	env = (struct server_env){.store = w.store,
	    .clock = &w.clock,
	    .admit = world_admit,
	    .submit = keep_job,
	    .report = world_report,
	    .ctx = &w};
	buf_init(&b, 1 << 16);
	greet(&b);
	cr_assert_eq(wants_encode(&want, 1, &b, NULL), 0);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	for (i = 0; i < WAITING; i++) {
		cr_assert_eq(server_new(&env, "192.0.2.1", &waiting[i], &e), 0);
		cr_assert_eq(server_input(waiting[i], buf_data(&b), b.len, &e),
		    (int64_t)b.len);
		while ((n = output_bytes(waiting[i], &p)) > 0)
			server_sent(waiting[i], n);
	}
	cr_assert_eq(kept_n, WAITING);
	each = (mallinfo2().uordblks + mallinfo2().hblkhd - before) / WAITING;
	cr_expect_lt(each, WAITING_BYTES, "%zu bytes for each", each);
#ifndef __SANITIZE_ADDRESS__
	cr_expect_gt(each, 500, "%zu bytes for each: not measured", each);
#endif
	for (i = 0; i < WAITING; i++) {
		server_free(waiting[i]);
		job_drop(kept[i]);
	}
	buf_release(&b);
	world_close(&w);
}

/* Who has what is served, as a host foresees it. */
static int
foresee(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *e)
{
	struct world *w = ctx;

	if (!hash_equal(&hello->release, &w->served->id))
		return err_set(e, ERP_NOTFOUND, "not now");
	return world_admit(ctx, hello, out, e);
}

/* Preface and HELLO of a station that has the release. */
static void
greet_with(struct buf *b, const struct hash *release)
{
	struct msg_hello m = {.station = "s1", .os = PATH_OS_LINUX};

	m.release = *release;
	buf_clear(b);
	cr_assert_eq(preface_encode(FEATURE_SEALS, b, NULL), 0);
	cr_assert_eq(hello_encode(&m, b, NULL), 0);
}

Test(server, what_would_be_answered_is_what_is_answered)
{
	static const struct hash none = {{0}};
	struct server_env env;
	struct buf b, told;
	const uint8_t *p;
	struct world w;
	size_t n;

	world_open(&w);
	env = (struct server_env){
	    .store = w.store, .clock = &w.clock, .admit = foresee, .ctx = &w};
	buf_init(&b, 4096);
	buf_init(&told, 4096);
	cr_assert_eq(buf_append(&w.served->seal, "a seal\n", 7, NULL), 0);
	greet_with(&b, &w.served->id);
	server_foretell(&env, buf_data(&b), b.len, &told);
	cr_assert_gt(told.len, PREFACE_LEN + FRAME_HEADER_LEN);
	cr_expect_eq(w.reports, 0, "nothing came of it");
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	n = output_bytes(w.sv, &p);
	cr_assert_eq(n, told.len);
	cr_expect_arr_eq(p, buf_data(&told), n);
	/* Nothing, where not all of it is known or there is no room. */
	buf_clear(&told);
	server_foretell(&env, buf_data(&b), b.len - 1, &told);
	cr_expect_eq(told.len, PREFACE_LEN, "no more than was said");
	told.limit = n - 1;
	buf_clear(&told);
	server_foretell(&env, buf_data(&b), b.len, &told);
	cr_expect_eq(told.len, 0);
	greet_with(&b, &none);
	server_foretell(&env, buf_data(&b), b.len, &told);
	cr_expect_eq(told.len, 0);
	cr_expect_eq(w.reports, 0);
	buf_release(&told);
	buf_release(&b);
	world_close(&w);
}

Test(server, what_was_said_can_be_said_again)
{
	struct buf b, said;
	struct world w;

	world_open(&w);
	buf_init(&b, 4096);
	buf_init(&said, 4096);
	greet_with(&b, &w.served->id);
	cr_assert_eq(feed(&w, &b), (int64_t)b.len);
	cr_assert_eq(server_said(w.sv, &said, NULL), 0);
	cr_assert_eq(said.len, b.len);
	cr_expect_arr_eq(buf_data(&said), buf_data(&b), b.len);
	buf_release(&said);
	buf_release(&b);
	world_close(&w);
}
