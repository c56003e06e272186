/* Streams are unpacked whole or not at all, and packed to the same bytes. */
#include "engine/delta/compress/deflate.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { LEN = 100000 };

static uint8_t raw[LEN];
static struct buf packed;
static struct deflater *d;
static struct err e;

/* Text-like, so that levels differ. */
static void
begin(void)
{
	uint8_t noise[LEN];
	size_t i;

	fill_noise(noise, LEN, 5);
	for (i = 0; i < LEN; i++)
		raw[i] = i > 300 && noise[i] < 200 ? raw[i - 1 - noise[i]]
						   : noise[i] & 15;
	buf_init(&packed, 2 * LEN);
	cr_assert_eq(deflater_new(&d, &e), 0);
}

static void
end(void)
{
	deflater_free(d);
	buf_release(&packed);
}

TestSuite(deflate, .init = begin, .fini = end);

static void
pack(deflate_how how, size_t n)
{
	const struct sink to = sink_of_buf(&packed);
	size_t at, len;

	buf_clear(&packed);
	cr_assert_eq(deflater_begin(d, how, &to, &e), 0);
	for (at = 0; at < n; at += len) {
		len = n - at < 7777 ? n - at : 7777;
		cr_assert_eq(deflater_write(d, raw + at, len, &e), 0);
	}
	cr_assert_eq(deflater_end(d, &e), 0);
}

/* Unpack what begins at a place of these bytes. */
static int
unpack(const uint8_t *p, size_t n, uint64_t at, size_t most, struct buf *out,
    uint64_t *used)
{
	struct mem_stream mem = {p, n, 0};
	struct range_source from = range_of_mem(&mem);
	const struct sink to = sink_of_buf(out);
	struct deflate_size size = {0, 0};
	int rc = deflate_unpack(&from, at, most, &to, &size, &e);

	*used = size.packed;
	cr_expect(rc != 1 || size.raw == out->len);
	return rc;
}

Test(deflate, comes_back_and_says_where_it_ends)
{
	struct buf all, out;
	uint64_t used;

	pack(6, LEN);
	buf_init(&all, 3 * LEN);
	buf_init(&out, LEN);
	cr_assert_eq(buf_append(&all, "in front", 8, &e), 0);
	cr_assert_eq(buf_append(&all, buf_data(&packed), packed.len, &e), 0);
	cr_assert_eq(buf_append(&all, raw, 500, &e), 0);
	cr_assert_eq(unpack(buf_data(&all), all.len, 8, LEN, &out, &used), 1);
	cr_expect_eq(used, packed.len);
	cr_assert_eq(out.len, LEN);
	cr_expect_arr_eq(buf_data(&out), raw, LEN);
	buf_release(&all);
	buf_release(&out);
}

/* All that goes in may be in before the last of what comes has room. */
Test(deflate, however_the_content_ends_it_comes_whole)
{
	enum { PIECE = 32 * 1024 };
	struct buf out;
	uint64_t used;
	size_t n;

	memset(raw, 'x', sizeof(raw));
	buf_init(&out, LEN);
	for (n = PIECE - 300; n < PIECE + 300; n++) {
		pack(6, n);
		buf_clear(&out);
		cr_expect_eq(
		    unpack(buf_data(&packed), packed.len, 0, n, &out, &used), 1,
		    "%zu", n);
		cr_expect_eq(used, packed.len);
		cr_expect_eq(out.len, n);
	}
	buf_release(&out);
}

Test(deflate, what_is_none_is_not_taken)
{
	struct buf out;
	uint64_t used;
	size_t i;

	pack(6, LEN);
	buf_init(&out, 2 * LEN);
	cr_expect_eq(
	    unpack(buf_data(&packed), packed.len - 1, 0, LEN, &out, &used), 0,
	    "cut short");
	buf_clear(&out);
	cr_expect_eq(
	    unpack(buf_data(&packed), packed.len, 0, LEN - 1, &out, &used), 0,
	    "longer than allowed");
	buf_clear(&out);
	cr_expect_eq(
	    unpack(buf_data(&packed), packed.len, packed.len, LEN, &out, &used),
	    0, "nothing there");
	for (i = 0; i < 64; i++) {
		buf_clear(&out);
		cr_expect_geq(unpack(raw + i, 1000, 0, LEN, &out, &used), 0);
	}
	buf_release(&out);
}

/* A write that fails ends it, with its code. */
static int
refuse(void *ctx, const void *p, size_t n, struct err *err)
{
	(void)ctx;
	(void)p;
	(void)n;
	return err_set(err, ERP_NOSPACE, "full");
}

Test(deflate, failures_of_others_are_told)
{
	const struct sink to = {refuse, NULL};
	struct mem_stream mem;
	struct range_source from;
	struct deflate_size size;

	pack(6, LEN);
	mem = (struct mem_stream){buf_data(&packed), packed.len, 0};
	from = range_of_mem(&mem);
	cr_expect_eq(
	    deflate_unpack(&from, 0, LEN, &to, &size, &e), ERP_NOSPACE);
	cr_assert_eq(deflater_begin(d, 6, &to, &e), 0);
	cr_assert_eq(deflater_write(d, raw, 10, &e), 0, "it waits for more");
	cr_expect_eq(deflater_end(d, &e), ERP_NOSPACE);
}

/* Each way that is tried is found again, and gives the same bytes. */
Test(deflate, ways_are_found)
{
	static const deflate_how rows[] = {
	    1, 2, 3, 4, 5, 6, 7, 8, 9, 6 | 16, 9 | 16, 6 | 32, 6 | 64, 6 | 128};
	struct deflate_pair pair = {.raw = raw, .raw_n = LEN};
	struct buf first;
	deflate_how how;
	size_t i;

	buf_init(&first, 2 * LEN);
	for (i = 0; i < sizeof(rows); i++) {
		pack(rows[i], LEN);
		buf_clear(&first);
		cr_assert_eq(
		    buf_append(&first, buf_data(&packed), packed.len, &e), 0);
		pair.packed = buf_data(&first);
		pair.packed_n = first.len;
		how = 0;
		cr_assert_eq(
		    deflate_find(d, &pair, true, &how, &e), 1, "%u", rows[i]);
		pack(how, LEN);
		cr_assert_eq(packed.len, first.len);
		cr_expect_arr_eq(
		    buf_data(&packed), buf_data(&first), first.len);
		/* The guess alone, where it is right, and where it is not. */
		cr_expect_eq(deflate_find(d, &pair, false, &how, &e), 1);
		how = rows[i] == 1 ? 9 : 1;
		cr_expect_eq(deflate_find(d, &pair, false, &how, &e), 0);
		how = 0;
		cr_expect_eq(deflate_find(d, &pair, false, &how, &e), 0);
	}
	buf_release(&first);
}

Test(deflate, what_zlib_did_not_make_has_no_way)
{
	static const uint8_t stored[] = {
	    0, 3, 0, 0xfc, 0xff, 'a', 'b', 'c', 1, 1, 0, 0xfe, 0xff, 'd'};
	struct deflate_pair pair = {
	    (const uint8_t *)"abcd", stored, 4, sizeof(stored)};
	deflate_how how = 6;

	cr_expect_eq(deflate_find(d, &pair, true, &how, &e), 0);
}

Test(deflate, ways_that_are_none_are_refused)
{
	unsigned how, valid = 0;

	for (how = 0; how < 256; how++)
		valid += deflate_how_is_valid((uint8_t)how);
	cr_expect_eq(valid, 9 * 2 * 5);
	cr_expect_not(deflate_how_is_valid(0));
	cr_expect_not(deflate_how_is_valid(10));
	cr_expect_not(deflate_how_is_valid(5 << 5 | 6));
}
