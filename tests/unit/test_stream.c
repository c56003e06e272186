/* Streams over memory, files and hashes. */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/stream.h"
#include "tests/support/starve.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* A source that gives one byte at a time and fails after some. */
struct drip {
	size_t left;
	int then; /* what it returns after the last byte */
};

static int64_t
drip_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct drip *d = ctx;

	if (n == 0)
		return 0;
	if (d->left == 0)
		return d->then == 0 ? 0 : err_set(e, d->then, "dried up");
	d->left--;
	memset(p, 'd', 1);
	return 1;
}

static int
refuse_write(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)ctx;
	(void)p;
	(void)n;
	return err_set(e, ERP_NOSPACE, "full");
}

Test(stream, memory_is_read_in_order_and_by_position)
{
	struct mem_stream m = {(const uint8_t *)"hello world", 11, 0};
	struct source src = source_of_mem(&m);
	struct range_source range = range_of_mem(&m);
	char p[20];

	cr_assert_eq(src.read(src.ctx, p, 5, NULL), 5);
	cr_assert_eq(memcmp(p, "hello", 5), 0);
	cr_assert_eq(source_read_full(&src, p, 20, NULL), 6);
	cr_assert_eq(memcmp(p, " world", 6), 0);
	cr_assert_eq(src.read(src.ctx, p, 5, NULL), 0);
	cr_assert_eq(range.size, 11);
	cr_assert_eq(range.read_at(range.ctx, 6, p, 20, NULL), 5);
	cr_assert_eq(memcmp(p, "world", 5), 0);
	cr_assert_eq(range.read_at(range.ctx, 11, p, 1, NULL), 0);
	cr_assert_eq(range.read_at(range.ctx, UINT64_MAX, p, 1, NULL), 0);
}

Test(stream, full_reads_wait_for_all)
{
	struct drip d = {10, 0};
	struct source src = {drip_read, &d};
	char p[20];

	cr_assert_eq(source_read_full(&src, p, 8, NULL), 8);
	cr_assert_eq(source_read_full(&src, p, 8, NULL), 2);
	cr_assert_eq(source_read_full(&src, p, 8, NULL), 0);
	d.then = ERP_IO;
	cr_assert_eq(source_read_full(&src, p, 8, NULL), ERP_IO);
}

Test(stream, copies_report_either_sides_failure)
{
	struct drip d = {5, 0};
	struct source src = {drip_read, &d};
	struct sink full = {refuse_write, NULL};
	struct buf b;
	struct sink to;
	struct err e;

	buf_init(&b, 7);
	to = sink_of_buf(&b);
	cr_assert_eq(stream_copy(&src, &to, &e), 5);
	cr_assert_eq(memcmp(buf_data(&b), "ddddd", 5), 0);
	d = (struct drip){2, ERP_CORRUPT};
	cr_assert_eq(stream_copy(&src, &to, &e), ERP_CORRUPT);
	cr_assert_str_eq(e.msg, "dried up");
	d = (struct drip){1, 0};
	cr_assert_eq(stream_copy(&src, &to, &e), ERP_NOMEM);
	d = (struct drip){1, 0};
	cr_assert_eq(stream_copy(&src, &full, &e), ERP_NOSPACE);
	buf_release(&b);
}

Test(stream, a_file_is_source_range_and_sink)
{
	const struct fs *fs = fs_real();
	struct file_stream f = {fs, -1, 0, "f"};
	struct source src = source_of_file(&f);
	struct range_source range;
	struct sink to = sink_of_file(&f);
	struct tempdir t;
	char p[32];

	tempdir_open(&t);
	f.fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);
	cr_assert_geq(f.fd, 0);
	cr_assert_eq(to.write(to.ctx, "hello ", 6, NULL), 0);
	cr_assert_eq(to.write(to.ctx, "world", 5, NULL), 0);
	cr_assert_eq(f.pos, 11);
	cr_assert(tempdir_is_text(&t, "f", "hello world"));
	range = range_of_file(&f, 11);
	cr_assert_eq(range.size, 11);
	cr_assert_eq(range.read_at(range.ctx, 6, p, 32, NULL), 5);
	cr_assert_eq(f.pos, 11, "reading by position moves nothing");
	f.pos = 2;
	cr_assert_eq(source_read_full(&src, p, 32, NULL), 9);
	cr_assert_eq(memcmp(p, "llo world", 9), 0);
	fs_close_quietly(fs, &f.fd);
	tempdir_close(&t);
}

Test(stream, file_errors_name_the_path)
{
	const struct fs *fs = fs_real();
	struct file_stream f = {fs, -1, 0, "some/file"};
	struct source src = source_of_file(&f);
	struct sink to = sink_of_file(&f);
	struct err e;
	char p[1] = "";

	cr_assert_eq(src.read(src.ctx, p, 1, &e), ERP_IO);
	cr_assert_eq(e.sys, EBADF);
	cr_assert_not_null(strstr(e.msg, "read some/file"));
	cr_assert_eq(to.write(to.ctx, p, 1, &e), ERP_IO);
	cr_assert_not_null(strstr(e.msg, "write some/file"));
}

Test(stream, hash_sinks_see_what_passes)
{
	struct mem_stream m = {(const uint8_t *)"abc", 3, 0};
	struct source src = source_of_mem(&m);
	struct hash_sink h = {NULL, NULL, 0};
	struct hash want, got;
	struct buf b;
	struct sink next, to = sink_of_hash(&h);
	uint64_t size;

	buf_init(&b, 100);
	next = sink_of_buf(&b);
	h.next = &next;
	cr_assert_eq(hash_bytes("abc", 3, &want, NULL), 0);
	cr_assert_eq(hasher_new(&h.hasher, NULL), 0);
	cr_assert_eq(stream_copy(&src, &to, NULL), 3);
	cr_assert_eq(hasher_final(h.hasher, &got, NULL), 0);
	cr_assert(hash_equal(&got, &want));
	cr_assert_eq(h.count, 3);
	cr_assert_eq(memcmp(buf_data(&b), "abc", 3), 0);
	hasher_free(h.hasher);
	buf_release(&b);

	m.pos = 0;
	cr_assert_eq(hash_source(&src, &got, &size, NULL), 0);
	cr_assert(hash_equal(&got, &want));
	cr_assert_eq(size, 3);
}

Test(stream, a_failing_source_has_no_hash)
{
	struct drip d = {3, ERP_IO};
	struct source src = {drip_read, &d};
	struct hash got;

	cr_assert_eq(hash_source(&src, &got, NULL, NULL), ERP_IO);
}

static int
copy_some(void *arg, struct err *e)
{
	struct drip d = {100, 0};
	const struct source from = {drip_read, &d};
	int64_t n;
	struct buf b;
	struct sink to = sink_of_buf(&b);

	(void)arg;
	buf_init(&b, 1000);
	n = stream_copy(&from, &to, e);
	buf_release(&b);
	return n < 0 ? (int)n : n == 100 ? 0 : STARVE_WRONG;
}

Test(stream, a_copy_or_memory_lacks)
{
	STARVE(copy_some, NULL);
}

Test(stream, expected_bytes_are_those_and_no_more)
{
	struct expected x = {(const uint8_t *)"abcdef", 6};
	struct sink to = sink_of_expected(&x);

	cr_assert_eq(to.write(to.ctx, "abc", 3, NULL), 0);
	cr_expect_eq(to.write(to.ctx, "dx", 2, NULL), ERP_MISMATCH);
	cr_expect_eq(x.left, 3);
	cr_assert_eq(to.write(to.ctx, "def", 3, NULL), 0);
	cr_expect_eq(x.left, 0);
	cr_expect_eq(to.write(to.ctx, "g", 1, NULL), ERP_MISMATCH);
}
