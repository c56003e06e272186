/* The server's answer to a group: one blob, and sums where it must ask. */
#include "transport/server/server.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "engine/tree/manifest.h"
#include "tests/support/output.h"
#include "tests/support/release.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 300, BIG = GROUP_FILE + 1, LARGE = GROUP_FILE };

/* The release before the current one has other words in its files. */
static struct release_fixture f;
static struct live_release *served;
static struct server_policy policy;
static struct clock clock_;
static struct job *job;
static struct server *sv;
static struct hash old[FILES];
static size_t answered; /* bytes of the output that were looked at */
static bool failed; /* what the log was told */
static uint8_t hello_flags;
static struct err e;

static uint64_t
now(void *ctx)
{
	(void)ctx;
	return 5000;
}

static int
admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *err)
{
	(void)ctx;
	(void)err;
	admission_decide(&policy,
	    &(struct arrival){.client = hello->build,
		.served = hello->os == PATH_OS_LINUX ? served : NULL},
	    out);
	return 0;
}

static void
submit(void *ctx, struct job *j)
{
	(void)ctx;
	cr_assert_null(job);
	job = j;
}

static void
report(void *ctx, const struct server_report *r)
{
	(void)ctx;
	failed = r->error != NULL;
}

/* Entry i is the file number i; the last ones are special. */
enum {
	INDEX_EMPTY = FILES,
	INDEX_LARGE, /* as large as may be, twice 17 of them */
	INDEX_BIG = INDEX_LARGE + 34, /* a byte too large */
	INDEX_DIR,
	ENTRIES
};

static void
add_large(struct manifest *m)
{
	uint8_t *bytes = calloc(1, BIG);
	char path[32];
	int i;

	cr_assert_not_null(bytes);
	for (i = 0; i < 34; i++) {
		bytes[0] = (uint8_t)i;
		(void)snprintf(path, sizeof(path), "large%02d", i);
		release_file(&f, m, path, bytes, LARGE);
	}
	release_file(&f, m, "the big one", bytes, BIG);
	free(bytes);
}

static void
save(const char *words)
{
	char path[32], text[64];
	struct entry folder;
	struct manifest m;
	struct hash id;
	int i;

	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < FILES; i++) {
		(void)snprintf(path, sizeof(path), "f%03d", i);
		(void)snprintf(text, sizeof(text), "%s %d", words, i);
		if (strcmp(words, "old words") == 0)
			old[i] = release_hash(text);
		release_file(&f, &m, path, text, strlen(text));
	}
	release_file(&f, &m, "g empty", "", 0);
	add_large(&m);
	memset(&folder, 0, sizeof(folder));
	folder.type = ENTRY_DIR;
	folder.path = text;
	(void)strlcpy(text, "z folder", sizeof(text));
	cr_assert_eq(manifest_add(&m, &folder, &e), 0);
	cr_assert_eq(
	    store_save_release(f.store, &m, 3, &id, &e), 0, "%s", e.msg);
	live_release_unref(served);
	cr_assert_eq(live_release_new(&m, &served, &e), 0, "%s", e.msg);
	cr_assert_eq(live_release_find_ancestors(served, f.store, &e), 0);
	cr_assert_eq(served->manifest.n, ENTRIES);
}

static void
greet_server(void)
{
	const struct server_env env = {
	    f.store, &clock_, admit, submit, report, NULL, NULL, NULL};

	cr_assert_eq(server_new(&env, "192.0.2.1", &sv, &e), 0);
}

static void
begin(void)
{
	clock_.monotonic_ms = now;
	policy.enabled = true;
	release_begin(&f);
	save("old words");
	save("all the new words");
	greet_server();
}

static void
end(void)
{
	server_free(sv);
	if (job != NULL)
		job_drop(job);
	live_release_unref(served);
	release_end(&f);
}

/* Another session, with a store of its own. */
static void
again(void)
{
	end();
	job = NULL;
	served = NULL;
	begin();
}

TestSuite(server_group, .init = begin, .fini = end);

/* Member i: from its old words, from words as long that nobody knows, from
 * some that are longer, or from none. */
enum from { FROM_OLD, FROM_EDITED, FROM_UNKNOWN, FROM_NOTHING };
static void
member(struct msg_want *m, uint32_t index, enum from from)
{
	char text[64];

	memset(m, 0, sizeof(*m));
	m->index = index;
	if (from == FROM_NOTHING)
		return;
	m->flags = WANT_HAS_BASIS;
	m->basis_size =
	    (uint64_t)snprintf(text, sizeof(text), "old words %u", index);
	memcpy(m->basis.b, old[index].b, HASH_LEN);
	if (from != FROM_OLD)
		m->basis.b[GROUP_PREFIX - 1] ^= 1;
	m->basis_size += from == FROM_UNKNOWN;
}

/* Greet and ask; the answer of server_input. */
static int64_t
ask(const struct msg_want *v, size_t n)
{
	struct msg_hello m;
	struct buf b;
	int64_t rc;

	buf_init(&b, SIZE_MAX);
	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "s1", sizeof(m.station));
	m.os = PATH_OS_LINUX;
	m.release = served->id; /* no manifest, please */
	m.flags = hello_flags;
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	cr_assert_eq(hello_encode(&m, &b, NULL), 0);
	cr_assert_eq(group_encode(v, n, &b, NULL), 0);
	rc = server_input(sv, buf_data(&b), b.len, &e);
	buf_release(&b);
	answered = PREFACE_LEN;
	return rc;
}

static int
compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *err)
{
	(void)ctx;
	return compile_blob(f.store, req, out, err);
}

static void
run_job(job_compile_fn *how)
{
	struct job *j = job;

	cr_assert_not_null(j);
	job = NULL;
	job_run(j, how, NULL);
	cr_assert_eq(server_job_done(j), sv);
}

/* What is answered for one file: an offer, or a question. */
enum { ASKED_SIGNATURE = 0, ASKED_SHORT = 255 }; /* instead of a codec */
struct item {
	uint32_t index;
	uint8_t codec;
	uint64_t len;
};

static int
add_offers(const struct frame *frame, struct item *v)
{
	struct msg_offer o[WANT_MAX];
	int i, n = offers_decode(frame->payload, frame->len, o, &e);

	cr_assert_gt(n, 0);
	for (i = 0; i < n; i++)
		v[i] = (struct item){o[i].index, o[i].codec, o[i].len};
	return n;
}

static int
add_asked(const struct frame *frame, struct item *v)
{
	uint32_t asked[GROUP_MAX];
	enum sums_kind kind;
	int i, n = ask_decode(frame->payload, frame->len, &kind, asked, &e);

	cr_assert_gt(n, 0);
	for (i = 0; i < n; i++)
		v[i] = (struct item){asked[i],
		    kind == SUMS_SHORT ? ASKED_SHORT : ASKED_SIGNATURE, 0};
	return n;
}

/* All that was answered since, with room for FILES + 1. */
static int
next_items(struct item *v)
{
	const uint8_t *p;
	size_t n = output_bytes(sv, &p);
	struct frame frame;
	int64_t used;
	int items = 0;

	for (; answered < n; answered += (size_t)used) {
		used = frame_decode(p + answered, n - answered, &frame, &e);
		cr_assert_gt(used, 0);
		if (frame.type == MSG_OFFER)
			items += add_offers(&frame, v + items);
		else if (frame.type == MSG_ASK)
			items += add_asked(&frame, v + items);
	}
	return items;
}

Test(server_group, all_known_is_one_offer)
{
	struct msg_want v[FILES];
	struct item o[FILES + 1];
	uint32_t i;

	for (i = 0; i < FILES; i++)
		member(&v[i], i, i % 7 == 0 ? FROM_NOTHING : FROM_OLD);
	cr_assert_gt(ask(v, FILES), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, 0);
	cr_expect_geq(o[0].codec, CODEC_FULL);
	cr_expect_lt(o[0].len, 1000);
	cr_expect_eq(next_items(o), 0);
}

Test(server_group, unknown_bases_come_first)
{
	struct msg_want v[FILES];
	struct item o[FILES + 1];
	uint32_t i;
	int n;

	for (i = 0; i < FILES; i++)
		member(&v[i], i, i == 1 || i == 9 ? FROM_OLD : FROM_UNKNOWN);
	cr_assert_gt(ask(v, FILES), 0, "%s", e.msg);
	run_job(compile);
	n = next_items(o);
	cr_assert_eq(n, FILES - 2 + 1);
	for (i = 0; i < (uint32_t)n - 1; i++)
		cr_expect_eq(o[i].codec, ASKED_SIGNATURE);
	cr_expect_eq(o[0].index, 0);
	cr_expect_eq(o[1].index, 2);
	cr_expect_eq(o[n - 1].index, 1);
	cr_expect_geq(o[n - 1].codec, CODEC_FULL);
	cr_expect_eq(o[n - 2].index, FILES - 1);
}

Test(server_group, nothing_known_is_no_blob)
{
	struct msg_want v[2];
	struct item o[FILES + 1];

	member(&v[0], 3, FROM_UNKNOWN);
	member(&v[1], 4, FROM_OLD);
	v[1].basis_size++; /* the right hash, but another size */
	cr_assert_gt(ask(v, 2), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 2);
	cr_expect_eq(o[0].codec, 0);
	cr_expect_eq(o[1].codec, 0);
	cr_expect_eq(next_items(o), 0);
}

Test(server_group, a_damaged_basis_is_an_unknown_one)
{
	char *path = release_path("content", &old[5]);
	struct msg_want v[3];
	struct item o[FILES + 1];

	tempdir_text(&f.dir, path, "odd words 5", -1);
	free(path);
	store_uncheck_contents(f.store);
	member(&v[0], 4, FROM_OLD);
	member(&v[1], 5, FROM_OLD);
	member(&v[2], 6, FROM_OLD);
	cr_assert_gt(ask(v, 3), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 2);
	cr_expect_eq(o[0].index, 5);
	cr_expect_eq(o[0].codec, 0);
	cr_expect_eq(o[1].index, 4);
	cr_expect_geq(o[1].codec, CODEC_FULL);
}

Test(server_group, a_lost_target_ends_the_session)
{
	struct msg_want v[2];

	store_drop_content(f.store, &served->manifest.v[7].content.hash);
	member(&v[0], 7, FROM_OLD);
	member(&v[1], 8, FROM_OLD);
	cr_assert_gt(ask(v, 2), 0, "%s", e.msg);
	run_job(compile);
	cr_expect(server_is_done(sv));
	server_free(sv);
	sv = NULL;
	cr_expect(failed);
}

/* A file that came by the group may be wanted again by itself. */
Test(server_group, members_are_free_once_the_blob_is_offered)
{
	struct msg_want v[3], one = {.index = 5, .flags = WANT_WHOLE};
	struct item o[FILES + 1];
	struct msg_fetch fetch = {4, 0};
	struct buf b;

	member(&v[0], 4, FROM_OLD);
	member(&v[1], 5, FROM_OLD);
	member(&v[2], 6, FROM_UNKNOWN);
	cr_assert_gt(ask(v, 3), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 2);
	buf_init(&b, SIZE_MAX);
	cr_assert_eq(wants_encode(&one, 1, &b, NULL), 0);
	cr_assert_gt(server_input(sv, buf_data(&b), b.len, &e), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, 5);
	buf_clear(&b);
	cr_assert_eq(fetches_encode(&fetch, 1, &b, NULL), 0);
	cr_expect_gt(server_input(sv, buf_data(&b), b.len, &e), 0, "%s", e.msg);
	/* But not the one whose sums are due. */
	buf_clear(&b);
	one.index = 6;
	cr_assert_eq(wants_encode(&one, 1, &b, NULL), 0);
	cr_expect_eq(server_input(sv, buf_data(&b), b.len, &e), ERP_PROTO);
	buf_release(&b);
}

Test(server_group, what_may_be_in_a_group)
{
	static const struct {
		uint32_t first, n;
		bool legal;
	} rows[] = {
	    {0, 2, true},
	    {INDEX_LARGE, 32, true}, /* 8 MiB */
	    {INDEX_LARGE, 33, false},
	    {INDEX_BIG - 1, 2, false}, /* a file too large */
	    {INDEX_EMPTY - 1, 2, false}, /* an empty one */
	    {INDEX_DIR, 2, false}, /* a folder, and beyond */
	    {ENTRIES, 2, false},
	};
	struct msg_want v[64];
	uint32_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (k = 0; k < rows[i].n; k++)
			member(&v[k], rows[i].first + k, FROM_NOTHING);
		if (rows[i].legal)
			cr_expect_gt(ask(v, rows[i].n), 0, "row %u", i);
		else
			cr_expect_eq(ask(v, rows[i].n), ERP_PROTO, "row %u", i);
		again();
	}
}

/* --- short sums ----------------------------------------------------------- */

/* Four members: two edited, one known, one whose signature is asked. */
enum { EDITED_1 = 3, UNKNOWN_1, OLD_1, EDITED_2, FOUR = 4 };

static void
ask_four(void)
{
	static const enum from from[FOUR] = {
	    FROM_EDITED, FROM_UNKNOWN, FROM_OLD, FROM_EDITED};
	struct msg_want v[FOUR];
	uint32_t i;

	for (i = 0; i < FOUR; i++)
		member(&v[i], EDITED_1 + i, from[i]);
	cr_assert_gt(ask(v, FOUR), 0, "%s", e.msg);
	run_job(compile);
}

/* As ask_four, without the one that leaves. */
static void
ask_three(void)
{
	static const uint32_t index[] = {EDITED_1, OLD_1, EDITED_2};
	struct item o[FILES + 1];
	struct msg_want v[3];
	uint32_t i;

	for (i = 0; i < 3; i++)
		member(&v[i], index[i], i == 1 ? FROM_OLD : FROM_EDITED);
	cr_assert_gt(ask(v, 3), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 2);
}

static int64_t
send_sums(const void *p, size_t n)
{
	struct buf b;
	int64_t rc;

	buf_init(&b, SIZE_MAX);
	cr_assert_eq(sums_encode(p, n, &b, NULL), 0);
	rc = server_input(sv, buf_data(&b), b.len, &e);
	buf_release(&b);
	return rc;
}

/* The short sums of the members 3 and 6, as if nothing were edited. */
static void
two_sums(uint8_t out[2 * SHORT_SUM_LEN])
{
	memcpy(out, old[EDITED_1].b, SHORT_SUM_LEN);
	memcpy(out + SHORT_SUM_LEN, old[EDITED_2].b, SHORT_SUM_LEN);
}

Test(server_group, members_that_were_edited_stay)
{
	uint8_t sums[2 * SHORT_SUM_LEN], zeroes[64] = {0};
	struct item o[FILES + 1];
	struct sig_params params;
	struct msg_want v;
	size_t n;

	ask_four();
	/* Who leaves comes first; and no blob, though one is known. */
	cr_assert_eq(next_items(o), 3);
	cr_expect_eq(o[0].index, UNKNOWN_1);
	cr_expect_eq(o[0].codec, ASKED_SIGNATURE);
	cr_expect_eq(o[1].index, EDITED_1);
	cr_expect_eq(o[1].codec, ASKED_SHORT);
	cr_expect_eq(o[2].index, EDITED_2);
	cr_expect_eq(o[2].codec, ASKED_SHORT);
	cr_expect_eq(next_items(o), 0);
	cr_expect_null(job);
	/* A signature for the one, that matches nothing. */
	member(&v, UNKNOWN_1, FROM_UNKNOWN);
	cr_assert_eq(sig_params_for(v.basis_size, &params, &e), 0);
	n = (size_t)sig_length(v.basis_size, &params) - SIG_HEADER_LEN;
	cr_assert_leq(n, sizeof(zeroes));
	cr_assert_gt(send_sums(zeroes, n), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, UNKNOWN_1);
	/* The stream of the others, cut anywhere. */
	two_sums(sums);
	cr_assert_gt(send_sums(sums, 4), 0, "%s", e.msg);
	cr_expect_null(job);
	cr_assert_gt(send_sums(sums + 4, 2), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, EDITED_1);
	cr_expect_geq(o[0].codec, CODEC_FULL);
	cr_expect_leq(o[0].codec, CODEC_PATCH);
	cr_expect_eq(next_items(o), 0);
}

Test(server_group, joined_sums_have_their_length)
{
	uint8_t sums[2 * SHORT_SUM_LEN + 1] = {0};
	struct item o[FILES + 1];

	ask_three();
	cr_expect_eq(send_sums(sums, sizeof(sums)), ERP_PROTO);
	cr_expect_not_null(strstr(e.msg, "1 bytes of SUMS"), "%s", e.msg);
	again();
	ask_three();
	cr_assert_gt(send_sums(sums, 5), 0, "%s", e.msg);
	cr_expect_eq(send_sums(sums, 2), ERP_PROTO);
	again();
	/* Nothing is owed any more. */
	ask_three();
	cr_assert_gt(send_sums(sums, 6), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(send_sums(sums, 1), ERP_PROTO);
}

/* A station that signs more than it says its file has. */
Test(server_group, sums_of_more_than_the_basis_are_answered)
{
	struct mem_stream mem = {(const uint8_t *)"old words 3", 11, 0};
	struct source words = source_of_mem(&mem);
	struct item o[FILES + 1];
	struct sig_params params;
	struct msg_want v[2];
	struct buf sums;
	struct sink to;

	buf_init(&sums, SIZE_MAX);
	to = sink_of_buf(&sums);
	member(&v[0], 3, FROM_UNKNOWN);
	member(&v[1], 4, FROM_OLD);
	v[0].basis_size = 5;
	cr_assert_gt(ask(v, 2), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_geq(next_items(o), 1);
	cr_assert_eq(o[0].index, 3);
	cr_assert_eq(o[0].codec, ASKED_SIGNATURE);
	cr_assert_eq(sig_params_for(5, &params, &e), 0);
	cr_assert_eq(signature_make(&words, &params, &to, &e), 0);
	buf_consume(&sums, SIG_HEADER_LEN);
	cr_assert_gt(send_sums(buf_data(&sums), sums.len), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, 3);
	cr_expect_geq(o[0].codec, CODEC_FULL);
	cr_expect_not(server_is_done(sv));
	buf_release(&sums);
}

/* Sums that are as published make what the known bases would make. */
Test(server_group, sums_of_published_words_make_as_small_a_blob)
{
	uint8_t sums[FILES * SHORT_SUM_LEN];
	struct msg_want v[FILES];
	struct item o[FILES + 1];
	uint64_t known;
	uint32_t i;

	for (i = 0; i < FILES; i++)
		member(&v[i], i, FROM_OLD);
	cr_assert_gt(ask(v, FILES), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	known = o[0].len;
	again();
	for (i = 0; i < FILES; i++) {
		member(&v[i], i, FROM_EDITED);
		memcpy(sums + i * SHORT_SUM_LEN, old[i].b, SHORT_SUM_LEN);
	}
	cr_assert_gt(ask(v, FILES), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), FILES);
	cr_expect_eq(o[FILES - 1].codec, ASKED_SHORT);
	cr_expect_eq(o[FILES - 1].index, FILES - 1);
	cr_assert_gt(send_sums(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].len, known);
}

/* A known basis that is lost meanwhile is asked for by codec 0. */
Test(server_group, a_basis_lost_while_sums_come_leaves)
{
	uint8_t sums[2 * SHORT_SUM_LEN];
	struct item o[FILES + 1];

	ask_three();
	store_drop_content(f.store, &old[OLD_1]);
	two_sums(sums);
	cr_assert_gt(send_sums(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 2);
	cr_expect_eq(o[0].index, OLD_1);
	cr_expect_eq(o[0].codec, ASKED_SIGNATURE);
	cr_expect_eq(o[1].index, EDITED_1);
	cr_expect_geq(o[1].codec, CODEC_FULL);
}

/* What the sums are compared with may be lost, too: the others stay. */
Test(server_group, what_edited_members_are_like_is_lost)
{
	uint8_t sums[2 * SHORT_SUM_LEN];
	struct item o[FILES + 1];

	ask_three();
	store_drop_content(f.store, &old[EDITED_1]);
	store_drop_content(f.store, &old[EDITED_2]);
	two_sums(sums);
	cr_assert_gt(send_sums(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, EDITED_1);
	again();
	/* Lost before it was asked: then it is a signature. */
	store_drop_content(f.store, &old[EDITED_1]);
	ask_four();
	cr_assert_eq(next_items(o), 3);
	cr_expect_eq(o[0].index, EDITED_1);
	cr_expect_eq(o[0].codec, ASKED_SIGNATURE);
	cr_expect_eq(o[2].index, EDITED_2);
	cr_expect_eq(o[2].codec, ASKED_SHORT);
}

/* Gone with half of the sums, or while their blob is made. */
Test(server_group, a_station_may_go_while_it_owes_sums)
{
	uint8_t sums[2 * SHORT_SUM_LEN];
	struct msg_want one = {.index = OLD_1};
	struct buf b;

	two_sums(sums);
	ask_four();
	again();
	ask_three();
	cr_assert_gt(send_sums(sums, 4), 0, "%s", e.msg);
	again();
	ask_three();
	cr_assert_gt(send_sums(sums, 6), 0, "%s", e.msg);
	server_free(sv);
	sv = NULL;
	cr_assert_not_null(job);
	job_run(job, compile, NULL);
	cr_expect_null(server_job_done(job));
	job = NULL;
	again();
	/* Nor may it want a member before the blob is offered. */
	ask_three();
	buf_init(&b, SIZE_MAX);
	cr_assert_eq(wants_encode(&one, 1, &b, NULL), 0);
	cr_expect_eq(server_input(sv, buf_data(&b), b.len, &e), ERP_PROTO);
	cr_expect_not_null(strstr(e.msg, "twice"), "%s", e.msg);
	buf_release(&b);
}

static int64_t
recall(const void *p, size_t n)
{
	struct hash sums;
	struct buf b;
	int64_t rc;

	cr_assert_eq(hash_bytes(p, n, &sums, &e), 0);
	buf_init(&b, SIZE_MAX);
	cr_assert_eq(recall_encode(&sums, &b, NULL), 0);
	rc = server_input(sv, buf_data(&b), b.len, &e);
	buf_release(&b);
	return rc;
}

/* The same store in another session. */
static void
reconnect(void)
{
	server_free(sv);
	greet_server();
}

/* A link broke behind the sums: the blob they led to is there. */
Test(server_group, sums_are_not_sent_again)
{
	uint8_t sums[2 * SHORT_SUM_LEN], zeroes[64] = {0};
	struct item o[FILES + 1];
	struct sig_params params;
	struct msg_want v;
	uint64_t alone, group;
	size_t n;

	member(&v, UNKNOWN_1, FROM_UNKNOWN);
	cr_assert_eq(sig_params_for(v.basis_size, &params, &e), 0);
	n = (size_t)sig_length(v.basis_size, &params) - SIG_HEADER_LEN;
	two_sums(sums);
	ask_four();
	cr_assert_eq(next_items(o), 3);
	cr_assert_gt(send_sums(zeroes, n), 0);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	alone = o[0].len;
	cr_assert_gt(send_sums(sums, sizeof(sums)), 0);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	group = o[0].len;
	reconnect();
	ask_four();
	cr_assert_eq(next_items(o), 3);
	cr_assert_gt(recall(zeroes, n), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, UNKNOWN_1);
	cr_expect_eq(o[0].len, alone);
	cr_assert_gt(recall(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, EDITED_1);
	cr_expect_eq(o[0].len, group);
}

/* There is no blob of them: the same is asked again, and once. */
Test(server_group, sums_that_nobody_knows_are_asked_again)
{
	uint8_t sums[2 * SHORT_SUM_LEN], zeroes[64] = {0};
	struct item o[FILES + 1];

	two_sums(sums);
	ask_four();
	cr_assert_eq(next_items(o), 3);
	cr_assert_gt(recall("something", 9), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, UNKNOWN_1);
	cr_expect_eq(o[0].codec, ASKED_SIGNATURE);
	/* Behind those of the others, which are due first now. */
	cr_assert_gt(recall(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 2);
	cr_expect_eq(o[0].index, EDITED_1);
	cr_expect_eq(o[0].codec, ASKED_SHORT);
	cr_expect_eq(o[1].index, EDITED_2);
	cr_expect_eq(recall(zeroes, 4), ERP_PROTO);
	cr_expect_not_null(strstr(e.msg, "not due"), "%s", e.msg);
	again();
	ask_three();
	cr_assert_gt(recall(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 2);
	cr_assert_gt(send_sums(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	cr_expect_eq(o[0].index, EDITED_1);
	cr_expect_geq(o[0].codec, CODEC_FULL);
}

/* A known basis of a member was lost besides. */
Test(server_group, a_basis_lost_while_sums_are_recalled_leaves)
{
	uint8_t sums[2 * SHORT_SUM_LEN];
	struct item o[FILES + 1];

	two_sums(sums);
	ask_three();
	store_drop_content(f.store, &old[OLD_1]);
	cr_assert_gt(recall(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 3);
	cr_expect_eq(o[0].index, OLD_1);
	cr_expect_eq(o[0].codec, ASKED_SIGNATURE);
	cr_expect_eq(o[1].index, EDITED_1);
	cr_expect_eq(o[1].codec, ASKED_SHORT);
	cr_expect_eq(o[2].codec, ASKED_SHORT);
}

/* A dry run is asked like an update, and then forgotten. */
Test(server_group, a_dry_run_sends_its_sums)
{
	uint8_t sums[2 * SHORT_SUM_LEN];
	struct msg_fetch fetch = {EDITED_1, 0};
	struct msg_want v[3];
	struct item o[FILES + 1];
	struct buf b;
	uint32_t i;

	hello_flags = HELLO_DRY_RUN;
	ask_three();
	two_sums(sums);
	cr_assert_gt(send_sums(sums, sizeof(sums)), 0, "%s", e.msg);
	run_job(compile);
	cr_assert_eq(next_items(o), 1);
	buf_init(&b, SIZE_MAX);
	for (i = 0; i < 3; i++)
		v[i] = (struct msg_want){
		    .index = EDITED_1 + i, .flags = WANT_WHOLE};
	cr_assert_eq(wants_encode(v, 3, &b, NULL), 0);
	cr_expect_gt(server_input(sv, buf_data(&b), b.len, &e), 0, "%s", e.msg);
	buf_clear(&b);
	cr_assert_eq(fetches_encode(&fetch, 1, &b, NULL), 0);
	cr_expect_eq(server_input(sv, buf_data(&b), b.len, &e), ERP_PROTO);
	buf_release(&b);
	hello_flags = 0;
}
