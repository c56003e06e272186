/* What workers do for a session: the reading of blobs. */
#include "transport/server/server_internal.h"

#include "engine/base/crc.h"
#include "engine/base/fs.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
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
