#include "engine/delta/match/match_write.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/rsdelta.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC_LEN = 4 };

static struct match_writer *
begin(struct buf *out, struct sink *to)
{
	struct match_writer *w = malloc(sizeof(*w));

	buf_init(out, SIZE_MAX);
	*to = sink_of_buf(out);
	match_write_begin(w, to);
	return w;
}

Test(match_write, copies_have_the_shortest_numbers)
{
	static const struct {
		uint64_t at, len;
		const char *want;
		size_t want_len;
	} cases[] = {{0, 1, "\x45\0\1", 3}, {255, 255, "\x45\xff\xff", 3},
	    {256, 255, "\x49\1\0\xff", 4}, {255, 256, "\x46\xff\1\0", 4},
	    {65535, 65536, "\x4b\xff\xff\0\1\0\0", 7},
	    {65536, 65535, "\x4e\0\1\0\0\xff\xff", 7},
	    {UINT64_C(1) << 32, UINT64_C(1) << 32,
		"\x54\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0", 17}};
	struct match_writer *w;
	struct buf out;
	struct sink to;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w = begin(&out, &to);
		cr_assert_eq(
		    match_write_copy(w, cases[i].at, cases[i].len, &e), 0);
		cr_assert_eq(match_write_end(w, &e), 0);
		cr_assert_eq(out.len, MAGIC_LEN + cases[i].want_len + 1);
		cr_expect_arr_eq(buf_data(&out), "rs\x02\x36", MAGIC_LEN);
		cr_expect_arr_eq(buf_data(&out) + MAGIC_LEN, cases[i].want,
		    cases[i].want_len, "%zu", i);
		buf_release(&out);
		free(w);
	}
}

Test(match_write, literals_of_all_lengths_are_read_back)
{
	static const size_t lens[] = {1, 64, 65, 255, 256, 65535, 65536, 70000,
	    MATCH_WRITE_BUF - 1, MATCH_WRITE_BUF + 1, 200000};
	static const size_t extra[] = {1, 1, 2, 2, 3, 3, 5, 5, 3, 5, 5};
	uint8_t *p = malloc(200000);
	struct rsdelta_check check;
	struct match_writer *w;
	struct buf out;
	struct sink to;
	struct err e;
	size_t i;

	fill_noise(p, 200000, 1);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		w = begin(&out, &to);
		cr_assert_eq(match_write_literal(w, p, lens[i], &e), 0);
		cr_assert_eq(match_write_literal(w, p, 0, &e), 0);
		cr_assert_eq(match_write_end(w, &e), 0);
		cr_expect_eq(
		    out.len, MAGIC_LEN + extra[i] + lens[i] + 1, "%zu", i);
		cr_expect_arr_eq(
		    buf_data(&out) + MAGIC_LEN + extra[i], p, lens[i]);
		rsdelta_check_init(&check, 0, lens[i]);
		cr_expect_eq(
		    rsdelta_check_feed(&check, buf_data(&out), out.len, &e), 0);
		cr_expect_eq(rsdelta_check_end(&check, &e), 0);
		cr_expect_eq(check.produced, lens[i]);
		buf_release(&out);
		free(w);
	}
	free(p);
}

Test(match_write, copies_that_continue_become_one)
{
	static const uint8_t want[] = "rs\x02"
				      "6\x45\0\x14\x45\x28\x0a\1x\x45\x32\1";
	struct buf out;
	struct sink to;
	struct match_writer *w = begin(&out, &to);
	struct err e;

	cr_assert_eq(match_write_copy(w, 0, 10, &e), 0);
	cr_assert_eq(match_write_copy(w, 10, 10, &e), 0);
	cr_assert_eq(match_write_copy(w, 40, 10, &e), 0);
	cr_assert_eq(match_write_literal(w, (const uint8_t *)"x", 1, &e), 0);
	cr_assert_eq(match_write_copy(w, 50, 1, &e), 0);
	cr_assert_eq(match_write_end(w, &e), 0);
	cr_assert_eq(out.len, sizeof(want));
	cr_expect_arr_eq(buf_data(&out), want, sizeof(want));
	buf_release(&out);
	free(w);
}

/* Fails at the write with this number, and takes all others. */
struct choosy {
	unsigned calls, bad;
};

static int
choosy_write(void *ctx, const void *p, size_t n, struct err *err)
{
	struct choosy *c = ctx;

	(void)p;
	(void)n;
	return ++c->calls == c->bad ? err_set(err, ERP_NOSPACE, "no more") : 0;
}

/* Copies that do not join, with literals behind some of them: the buffer
 * fills up in front of each kind of command. */
static int
write_mixed(const struct sink *to, uint8_t *p, struct err *e)
{
	struct match_writer *w = malloc(sizeof(*w));
	int i, rc = 0;

	match_write_begin(w, to);
	for (i = 0; rc == 0 && i < 40000; i++) {
		rc = match_write_copy(w, (uint64_t)i << 33, 1u << 20, e);
		if (rc == 0 && i % 2 == 0)
			rc = match_write_literal(w, p, (size_t)(1 + i % 37), e);
	}
	if (rc == 0)
		rc = match_write_literal(w, p, 2 * MATCH_WRITE_BUF, e);
	if (rc == 0)
		rc = match_write_end(w, e);
	free(w);
	return rc;
}

Test(match_write, a_sink_may_fail_at_each_call)
{
	struct choosy c = {0, 0};
	struct sink to = {choosy_write, &c};
	uint8_t *p = calloc(1, 2 * MATCH_WRITE_BUF);
	unsigned n, i;
	struct err e;

	cr_assert_eq(write_mixed(&to, p, &e), 0);
	n = c.calls;
	cr_assert_gt(n, 4);
	for (i = 1; i <= n; i++) {
		c = (struct choosy){0, i};
		cr_expect_eq(write_mixed(&to, p, &e), ERP_NOSPACE, "%u", i);
		cr_expect_eq(c.calls, i, "it went on after write %u", i);
	}
	free(p);
}

Test(match_write, fails_with_its_sink)
{
	struct narrow_sink narrow = {3, 0};
	struct sink to = sink_of_narrow(&narrow);
	struct match_writer *w = malloc(sizeof(*w));
	uint8_t *p = calloc(1, MATCH_WRITE_BUF + 1);
	struct err e;

	match_write_begin(w, &to);
	cr_expect_eq(match_write_end(w, &e), ERP_NOSPACE);
	match_write_begin(w, &to);
	cr_expect_eq(
	    match_write_literal(w, p, MATCH_WRITE_BUF + 1, &e), ERP_NOSPACE);
	/* Room for the commands, not for the bytes. */
	narrow.room = 20;
	match_write_begin(w, &to);
	cr_expect_eq(
	    match_write_literal(w, p, MATCH_WRITE_BUF + 1, &e), ERP_NOSPACE);
	free(p);
	free(w);
}
