/* What workers do for a session: the reading of blobs. */
#include "transport/server/server_internal.h"

#include "engine/base/crc.h"
#include "engine/base/fs.h"
#include "engine/release/lineage.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct release_fixture f;
static struct server s; /* only what makes a job */
static struct err e;
static struct fs_ops ops;
static uint64_t end_at; /* where each file ends, whatever it has */

static int64_t
short_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	int64_t got = fs_real()->ops->pread(ctx, fd, p, n, off);

	if (got > 0 && off + (uint64_t)got > end_at)
		got = off < end_at ? (int64_t)(end_at - off) : 0;
	return got;
}

static void
begin(void)
{
	static struct fs fs = {&ops, NULL};

	release_begin(&f);
	ops = *fs_real()->ops;
	ops.pread = short_pread;
	end_at = UINT64_MAX;
	release_reopen_on(&f, &fs);
	memset(&s, 0, sizeof(s));
	s.env.store = f.store;
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(server_job, .init = begin, .fini = end);

/* A job that reads a blob of n bytes from offset on. */
static struct job *
read_job(const struct blob *blob, uint64_t offset, uint64_t len)
{
	struct job *job = job_new(&s, JOB_READ, &e);

	cr_assert_not_null(job);
	job->read.blob = blob->id;
	job->read.offset = offset;
	job->read.len = len;
	job->read.crcs_n = pieces_between(offset, len);
	return job;
}

Test(server_job, a_small_blob_is_read_as_a_whole)
{
	struct blob blob;
	struct job *job;

	cr_assert_eq(release_add_blob(&f, "q", 100, NULL, &blob), 0);
	job = read_job(&blob, 1, 100);
	job_run(job, NULL, NULL);
	cr_assert_eq(job->rc, 0, "%s", job->err.msg);
	cr_assert_not_null(job->read.bytes);
	cr_expect_eq(job->read.bytes[0], 'b');
	cr_expect_eq(job->read.bytes[98], 'b');
	job_free(job);
}

/* Stale bytes are never sent for those that are missing. */
Test(server_job, a_blob_that_ends_early_is_an_error)
{
	const size_t sizes[] = {
	    100, SMALL_BLOB, SMALL_BLOB + 1, 3 * BULK_PIECE};
	struct blob blob;
	struct job *job;
	size_t i;

	/* From the offset of the store's pieces, and from another one. */
	for (i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i / 2];

		end_at = UINT64_MAX;
		cr_assert_eq(release_add_blob(&f, "q", size, NULL, &blob), 0);
		job = read_job(&blob, i % 2 == 0 ? 7 : 0, size);
		end_at = size - 1;
		job_run(job, NULL, NULL);
		cr_expect_eq(job->rc, ERP_CORRUPT, "%zu bytes", size);
		cr_expect_str_eq(job->err.msg, "blob ended early");
		job_free(job);
	}
}

Test(server_job, a_blob_of_another_length_is_an_error)
{
	struct blob blob;
	struct job *job;

	cr_assert_eq(release_add_blob(&f, "q", 100, NULL, &blob), 0);
	job = read_job(&blob, 0, 99);
	job_run(job, NULL, NULL);
	cr_expect_eq(job->rc, ERP_CORRUPT);
	cr_expect_str_eq(job->err.msg, "blob has 100 bytes, not 99");
	job_free(job);
}

Test(server_job, crcs_are_those_of_the_pieces)
{
	static uint8_t bytes[BULK_PIECE];
	struct blob blob;
	struct job *job;
	uint64_t len = 2 * BULK_PIECE + 9;

	memset(bytes, 'b', sizeof(bytes));
	cr_assert_eq(release_add_blob(&f, "q", (size_t)len, NULL, &blob), 0);
	job = read_job(&blob, 5, len);
	job_run(job, NULL, NULL);
	cr_assert_eq(job->rc, 0, "%s", job->err.msg);
	cr_assert_eq(job->read.crcs_n, 3);
	cr_expect_eq(job->read.crcs[0], crc_add(0, bytes, BULK_PIECE));
	cr_expect_eq(job->read.crcs[1], crc_add(0, bytes, BULK_PIECE));
	cr_expect_eq(job->read.crcs[2], crc_add(0, bytes, 4));
	job_free(job);
}

/* Nobody waits for it any more. */
Test(server_job, a_cancelled_job_reads_nothing)
{
	struct blob blob;
	struct job *job;

	cr_assert_eq(release_add_blob(&f, "q", 100, NULL, &blob), 0);
	job = read_job(&blob, 0, 100);
	atomic_store(&job->cancelled, true);
	job_run(job, NULL, NULL);
	cr_expect_eq(job->rc, ERP_CANCELLED);
	cr_expect_null(job->read.bytes);
	job_free(job);
}

/* It need not be done to its end, and tells its result to nobody. */
Test(server_job, who_leaves_cancels_what_it_asked_for)
{
	struct blob blob;
	struct job *job;

	cr_assert_eq(release_add_blob(&f, "q", 100, NULL, &blob), 0);
	job = read_job(&blob, 0, 100);
	job->session = &s;
	s.reading = job;
	jobs_orphan(&s);
	cr_expect(atomic_load(&job->cancelled));
	cr_expect_null(job->session);
	cr_expect_null(s.reading);
	job_free(job);
}

/* A small blob, to the byte, is in memory; a larger one is left in its file. */
Test(server_job, only_what_is_small_is_read_into_memory)
{
	const size_t sizes[] = {SMALL_BLOB, SMALL_BLOB + 1};
	struct blob blob;
	struct job *job;
	size_t i;

	for (i = 0; i < 2; i++) {
		cr_assert_eq(
		    release_add_blob(&f, "q", sizes[i], NULL, &blob), 0);
		job = read_job(&blob, 0, sizes[i]);
		job_run(job, NULL, NULL);
		cr_assert_eq(job->rc, 0, "%s", job->err.msg);
		cr_expect_eq(job->read.bytes != NULL, i == 0);
		cr_expect_geq(job->read.fd, 0);
		job_free(job);
	}
}

Test(server_job, pieces_end_where_the_blob_does)
{
	static const struct {
		uint64_t offset, len;
		size_t first, n;
	} rows[] = {
	    {0, 1, 1, 1},
	    {0, BULK_PIECE, BULK_PIECE, 1},
	    {0, BULK_PIECE + 1, BULK_PIECE, 2},
	    {1, BULK_PIECE + 1, BULK_PIECE, 1},
	    {1, BULK_PIECE, BULK_PIECE - 1, 1},
	    {2, 2 * BULK_PIECE + 3, BULK_PIECE, 3},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(piece_len(rows[i].offset, rows[i].len),
		    rows[i].first, "%zu", i);
		cr_expect_eq(pieces_between(rows[i].offset, rows[i].len),
		    rows[i].n, "%zu", i);
	}
}

static uint64_t ahead_from, ahead_n;

static void
note_ahead(void *ctx, int fd, uint64_t off, uint64_t len)
{
	(void)ctx;
	(void)fd;
	ahead_from = off;
	ahead_n = len;
}

/* The thread of the loop shall wait for no disk. */
Test(server_job, what_is_sent_from_the_file_is_read_ahead)
{
	uint64_t len = 3 * BULK_PIECE - 5;
	struct blob blob;
	struct job *job;

	ops.fast.readahead = note_ahead;
	cr_assert_eq(release_add_blob(&f, "q", (size_t)len, NULL, &blob), 0);
	job = read_job(&blob, BULK_PIECE, len);
	job_run(job, NULL, NULL);
	cr_assert_eq(job->rc, 0, "%s", job->err.msg);
	cr_expect_eq(ahead_from, BULK_PIECE);
	cr_expect_eq(ahead_n, len - BULK_PIECE);
	job_free(job);
	/* As far as this job goes. */
	job = read_job(&blob, 0, len);
	job->read.crcs_n = 2;
	job_run(job, NULL, NULL);
	cr_assert_eq(job->rc, 0, "%s", job->err.msg);
	cr_expect_eq(ahead_from, 0);
	cr_expect_eq(ahead_n, 2 * BULK_PIECE);
	job_free(job);
}

/* What is not made for others is not awaited by them. */
Test(server_job, a_release_that_is_not_compared_is_forgotten)
{
	struct live_release live = {.refs = 1};
	struct hash from;
	struct job *job = job_new(&s, JOB_RELATIVE, &e);

	cr_assert_not_null(job);
	memset(&from, 1, sizeof(from));
	cr_assert(live_release_begin_relative(&live, &from));
	job->served = live_release_ref(&live);
	job->relative.from = from;
	s.compiling = job;
	job_drop(job);
	cr_expect_null(s.compiling);
	cr_expect_eq(live.relatives_n, 0);
	cr_expect_eq(atomic_load(&live.refs), 1);
}

/* What was asked of the compiler, of each want. */
static struct compile_request asked[3];
static size_t asked_n;
static struct job *to_cancel; /* by the first of them */

static int
take_request(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *why)
{
	(void)ctx;
	(void)why;
	asked[asked_n++] = *req;
	memset(out, 0, sizeof(*out));
	out->need_sums = asked_n == 2;
	if (to_cancel != NULL)
		atomic_store(&to_cancel->cancelled, true);
	return 0;
}

/* Of three files: with a basis and a part, wholly again, and without
 * anything. */
static struct job *
compile_job(struct live_release *live)
{
	struct job *job = job_new(&s, JOB_COMPILE, &e);
	struct compile_job *c = &job->compile;
	uint32_t i;

	c->batch = calloc(1, sizeof(*c->batch) + 3 * sizeof(struct msg_want));
	c->offers = calloc(3, sizeof(*c->offers));
	c->signatures.v = calloc(3, sizeof(*c->signatures.v));
	cr_assert(c->batch != NULL && c->offers != NULL);
	cr_assert_not_null(c->signatures.v);
	c->batch->n = 3;
	for (i = 0; i < 3; i++)
		c->batch->want[i].index = 2 - i;
	c->batch->want[0].flags = WANT_HAS_BASIS | WANT_HAS_PART;
	c->batch->want[0].basis_size = 9;
	c->batch->want[0].basis.b[0] = 'b';
	c->batch->want[1].flags = WANT_WHOLE;
	job->served = live_release_ref(live);
	return job;
}

Test(server_job, each_want_is_asked_for_as_it_came)
{
	struct entry v[3];
	struct ancestor old[3];
	struct live_release live = {
	    .manifest = {.v = v, .n = 3}, .ancestors = old, .refs = 1};
	const struct compile_one *one;
	struct job *job;
	size_t i;

	memset(v, 0, sizeof(v));
	memset(old, 0, sizeof(old));
	for (i = 0; i < 3; i++) {
		v[i].content.size = 10 + i;
		old[i].size = 20 + i;
		v[i].content.hash.b[0] = (uint8_t)i;
	}
	job = compile_job(&live);
	job_run(job, take_request, NULL);
	cr_assert_eq(job->rc, 0);
	cr_assert_eq(asked_n, 3);
	for (i = 0; i < 3; i++) {
		one = &asked[i].one;
		cr_expect_eq(one->target_size, 12 - i);
		cr_expect_eq(one->target.b[0], 2 - i);
		cr_expect_eq(one->like_size, 22 - i);
		cr_expect_eq(one->has_basis, i == 0);
		cr_expect_eq(one->part != NULL, i == 0);
		cr_expect_eq(one->again, i == 1);
		cr_expect_null(one->sums);
		cr_expect_null(one->recall);
	}
	cr_expect_eq(asked[0].one.basis_size, 9);
	cr_expect_eq(asked[0].one.basis.b[0], 'b');
	cr_expect_eq(asked[0].one.part, job->compile.batch->want[0].part);
	/* Offers, and a question. */
	cr_assert_eq(job->compile.offers_n, 2);
	cr_expect_eq(job->compile.offers[0].index, 2);
	cr_expect_eq(job->compile.offers[1].index, 0);
	cr_assert_eq(job->compile.signatures.n, 1);
	cr_expect_eq(job->compile.signatures.v[0], 1);
	job_free(job);
}

Test(server_job, sums_go_with_the_want)
{
	struct entry v[3];
	struct live_release live = {.manifest = {.v = v, .n = 3}, .refs = 1};
	struct job *job;
	struct batch *b;
	int i;

	memset(v, 0, sizeof(v));
	for (i = 0; i < 2; i++) {
		asked_n = 0;
		job = compile_job(&live);
		b = job->compile.batch;
		b->n = 1;
		b->short_sums = true;
		b->has_recall = i == 1;
		buf_init(&b->sums, 100);
		if (i == 0)
			cr_assert_eq(buf_append(&b->sums, "sums", 4, &e), 0);
		job_run(job, take_request, NULL);
		cr_assert_eq(asked_n, 1);
		cr_expect(asked[0].one.short_sums);
		cr_expect_eq(
		    asked[0].one.sums, i == 0 ? buf_data(&b->sums) : NULL);
		cr_expect_eq(asked[0].one.sums_len, i == 0 ? 4 : 0);
		cr_expect_eq(asked[0].one.recall, i == 0 ? NULL : &b->recall);
		cr_expect_eq(asked[0].one.like_size, 0);
		job_free(job);
	}
}

/* It ends with the file that is being made. */
Test(server_job, a_batch_that_nobody_waits_for_ends_early)
{
	struct entry v[3];
	struct live_release live = {.manifest = {.v = v, .n = 3}, .refs = 1};
	struct job *job;

	memset(v, 0, sizeof(v));
	job = to_cancel = compile_job(&live);
	job_run(job, take_request, NULL);
	cr_expect_eq(asked_n, 1);
	cr_expect_eq(job->rc, ERP_CANCELLED);
	cr_expect_str_eq(job->err.msg, "the session is gone");
	job_free(job);
}
