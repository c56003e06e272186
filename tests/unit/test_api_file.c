#include "transport/api/erpsync.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "tests/support/guarded.h"
#include "transport/api/api_internal.h"

#include <criterion/criterion.h>
#include <string.h>

/* Memory as the caller's streams; a few bytes at a time. */
struct memory {
	const uint8_t *p;
	size_t len, pos, piece;
	int fail; /* with this code, at the second call */
};

static int64_t
fail(const struct memory *m, struct erpsync_error *e)
{
	e->code = m->fail;
	e->sys = 5;
	(void)strcpy(e->message, "the caller's disk");
	return m->fail;
}

static int64_t
memory_read(void *ctx, void *p, size_t n, struct erpsync_error *e)
{
	struct memory *m = ctx;

	if (m->fail != 0 && m->pos > 0)
		return fail(m, e);
	if (n > m->piece)
		n = m->piece;
	if (n > m->len - m->pos)
		n = m->len - m->pos;
	memcpy(p, m->p + m->pos, n);
	m->pos += n;
	return (int64_t)n;
}

static int64_t
memory_read_at(
    void *ctx, uint64_t off, void *p, size_t n, struct erpsync_error *e)
{
	struct memory *m = ctx;

	if (m->fail != 0)
		return fail(m, e);
	if (off >= m->len)
		return 0;
	if (n > m->len - off)
		n = m->len - (size_t)off;
	memcpy(p, m->p + off, n);
	return (int64_t)n;
}

static int
memory_write(void *ctx, const void *p, size_t n, struct erpsync_error *e)
{
	(void)e;
	return buf_append(ctx, p, n, NULL);
}

static int
refuse(void *ctx, const void *p, size_t n, struct erpsync_error *e)
{
	const struct memory m = {.fail = ERPSYNC_NOSPACE};

	(void)ctx;
	(void)p;
	(void)n;
	return (int)fail(&m, e);
}

struct bench {
	uint8_t old[20000], new[20300];
	struct buf sig, delta, made;
};

static void
begin(struct bench *b)
{
	size_t i;

	for (i = 0; i < sizeof(b->old); i++)
		b->old[i] = (uint8_t)(i * i / 7 + i / 3);
	memcpy(b->new, b->old, 9000);
	memset(b->new + 9000, 1, 300);
	memcpy(b->new + 9300, b->old + 9000, sizeof(b->old) - 9000);
	buf_init(&b->sig, 1 << 20);
	buf_init(&b->delta, 1 << 20);
	buf_init(&b->made, 1 << 20);
}

static void
end(struct bench *b)
{
	buf_release(&b->sig);
	buf_release(&b->delta);
	buf_release(&b->made);
}

static void
make_signature(struct bench *b)
{
	struct memory old = {b->old, sizeof(b->old), 0, 777, 0};
	struct erpsync_reader from = {memory_read, &old};
	struct erpsync_writer to = {memory_write, &b->sig};
	struct erpsync_sizes sizes = {
	    .size = sizeof(b->old), .block_len = 512, .sum_len = -1};
	struct erpsync_error e;

	cr_assert_eq(
	    erpsync_signature(&from, &sizes, &to, &e), 0, "%s", e.message);
}

static int
make_delta(struct bench *b, const struct buf *sig, struct erpsync_error *e)
{
	struct memory sums = {buf_data(sig), sig->len, 0, 100, 0};
	struct memory new = {b->new, sizeof(b->new), 0, 999, 0};
	struct erpsync_reader from = {memory_read, &sums};
	struct erpsync_reader target = {memory_read, &new};
	struct erpsync_writer to = {memory_write, &b->delta};

	return erpsync_delta(&from, &target, &to, e);
}

static int
patch(struct bench *b, int basis_fails, struct erpsync_error *e)
{
	struct memory old = {b->old, sizeof(b->old), 0, 0, basis_fails};
	struct memory delta = {buf_data(&b->delta), b->delta.len, 0, 13, 0};
	struct erpsync_range basis = {memory_read_at, &old, sizeof(b->old)};
	struct erpsync_reader from = {memory_read, &delta};
	struct erpsync_writer to = {memory_write, &b->made};

	return erpsync_patch(&basis, &from, &to, e);
}

Test(api_file, signature_delta_and_patch_rebuild_the_target)
{
	struct erpsync_error e;
	struct bench b;

	begin(&b);
	make_signature(&b);
	cr_assert_eq(make_delta(&b, &b.sig, &e), 0, "%s", e.message);
	cr_assert_lt(b.delta.len, 2000, "it is a difference");
	cr_assert_eq(patch(&b, 0, &e), 0, "%s", e.message);
	cr_assert_eq(b.made.len, sizeof(b.new));
	cr_assert_eq(memcmp(buf_data(&b.made), b.new, sizeof(b.new)), 0);
	end(&b);
}

Test(api_file, what_is_no_signature_is_corrupt)
{
	struct erpsync_error e;
	struct bench b;

	begin(&b);
	cr_assert_eq(buf_append(&b.sig, "no signature", 12, NULL), 0);
	cr_assert_eq(make_delta(&b, &b.sig, &e), ERPSYNC_CORRUPT);
	cr_assert_eq(e.code, ERPSYNC_CORRUPT);
	cr_assert_eq(buf_append(&b.delta, "no delta", 8, NULL), 0);
	cr_assert_eq(patch(&b, 0, NULL), ERPSYNC_CORRUPT);
	end(&b);
}

/* Callers fill it to the end, perhaps. */
Test(api_file, a_failure_without_an_end_is_cut)
{
	struct erpsync_error *from =
	    (struct erpsync_error *)(void *)guarded_new(sizeof(*from));
	struct err to;

	from->sys = 5;
	memset(from->message, 'x', sizeof(from->message));
	cr_expect_eq(api_take(&to, from, ERPSYNC_IO), ERP_IO);
	cr_expect_eq(to.sys, 5);
	cr_expect_eq(strlen(to.msg), sizeof(from->message) - 1);
	guarded_free((uint8_t *)from, sizeof(*from));
}

Test(api_file, failures_of_callbacks_come_back_whole)
{
	struct erpsync_error e;
	struct bench b;
	struct memory old = {b.old, sizeof(b.old), 0, 777, ERPSYNC_AUTH};
	struct erpsync_reader from = {memory_read, &old};
	struct erpsync_writer to = {memory_write, &b.sig};
	struct erpsync_writer full = {refuse, NULL};
	struct erpsync_sizes sizes = {.size = sizeof(b.old)};

	begin(&b);
	cr_assert_eq(erpsync_signature(&from, &sizes, &to, &e), ERPSYNC_AUTH);
	cr_assert_eq(e.sys, 5);
	cr_assert_str_eq(e.message, "the caller's disk");
	old.pos = 0;
	old.fail = 0;
	cr_assert_eq(
	    erpsync_signature(&from, &sizes, &full, &e), ERPSYNC_NOSPACE);
	cr_assert_str_eq(e.message, "the caller's disk");
	end(&b);
	begin(&b);
	make_signature(&b);
	cr_assert_eq(make_delta(&b, &b.sig, &e), 0);
	cr_assert_eq(patch(&b, ERPSYNC_IO, &e), ERPSYNC_IO);
	cr_assert_str_eq(e.message, "the caller's disk");
	end(&b);
}

Test(api_file, sizes_that_cannot_be_are_refused)
{
	struct bench b;
	struct memory old = {b.old, sizeof(b.old), 0, 777, 0};
	struct erpsync_reader from = {memory_read, &old};
	struct erpsync_writer to = {memory_write, &b.sig};
	struct erpsync_sizes sizes = {
	    .size = sizeof(b.old), .block_len = ERPSYNC_BLOCK_MAX + 1};

	begin(&b);
	cr_assert_eq(
	    erpsync_signature(&from, &sizes, &to, NULL), ERPSYNC_USAGE);
	end(&b);
}

/* More than it was asked for. */
static int64_t
read_too_much(void *ctx, void *p, size_t n, struct erpsync_error *e)
{
	int64_t got = memory_read(ctx, p, n, e);

	return got < 0 ? got : (int64_t)n + 1;
}

static int64_t
read_too_much_at(
    void *ctx, uint64_t off, void *p, size_t n, struct erpsync_error *e)
{
	int64_t got = memory_read_at(ctx, off, p, n, e);

	return got < 0 ? got : (int64_t)n + 1;
}

Test(api_file, callbacks_that_read_too_much_are_refused)
{
	struct erpsync_error e;
	struct bench b;
	struct memory old = {b.old, sizeof(b.old), 0, 777, 0}, delta;
	struct erpsync_reader from = {read_too_much, &old};
	struct erpsync_writer to = {memory_write, &b.made};
	struct erpsync_sizes sizes = {.size = sizeof(b.old)};
	struct erpsync_range basis = {read_too_much_at, &old, sizeof(b.old)};

	begin(&b);
	cr_expect_eq(
	    erpsync_signature(&from, &sizes, &to, &e), ERPSYNC_INTERNAL);
	cr_expect_neq(e.message[0], '\0');
	make_signature(&b);
	cr_assert_eq(make_delta(&b, &b.sig, &e), 0);
	delta = (struct memory){buf_data(&b.delta), b.delta.len, 0, 13, 0};
	from = (struct erpsync_reader){memory_read, &delta};
	cr_expect_eq(erpsync_patch(&basis, &from, &to, &e), ERPSYNC_INTERNAL);
	end(&b);
}
