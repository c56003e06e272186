/* Three bytes a block: how long blocks are, and sums of what changes. */
#include "engine/delta/short_sums.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

enum { LEN = 100000 };

static uint8_t bytes[LEN + 1];
static struct err e;

/* The sums of a basis of size bytes, of which len are there. */
static int
make(size_t len, uint64_t size, struct buf *out)
{
	struct drip d = drip_of(bytes, len, 700);
	struct source src = source_of_drip(&d);
	struct sink to;

	buf_init(out, LEN);
	to = sink_of_buf(out);
	return short_sums_make(&src, size, &to, &e);
}

/* Are these the sums of the first size of bytes? */
static void
check(const struct buf *sums, size_t size)
{
	size_t block = short_block_len(size), at, n, i = 0;
	struct hash h;

	cr_assert_eq(sums->len, short_sums_len(size), "%zu", size);
	for (at = 0; at < size; at += n, i += SHORT_SUM_LEN) {
		n = size - at < block ? size - at : block;
		cr_assert_eq(hash_bytes(bytes + at, n, &h, &e), 0);
		cr_expect_eq(memcmp(buf_data(sums) + i, h.b, SHORT_SUM_LEN), 0,
		    "block at %zu of %zu", at, size);
	}
}

Test(short_sums, blocks_are_twice_the_root)
{
	static const struct {
		uint64_t size;
		uint32_t block;
		uint64_t len;
	} rows[] = {
	    {0, 512, 0},
	    {1, 512, 3},
	    {512, 512, 3},
	    {513, 512, 6},
	    /* 2 * 256 is still the least; 2 * 257 is rounded up. */
	    {257 * 257 - 1, 512, 3 * 129},
	    {257 * 257, 576, 3 * 115},
	    /* 2 * 288 is whole, 2 * 289 is not. */
	    {289 * 289 - 1, 576, 3 * 145},
	    {289 * 289, 640, 3 * 131},
	    {1000000, 2048, 3 * 489},
	    {(uint64_t)100 << 20, 20480, 3 * 5120},
	    {(uint64_t)64 << 30, 524288, 3 * 131072},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(short_block_len(rows[i].size), rows[i].block,
		    "row %zu: %u", i, short_block_len(rows[i].size));
		cr_expect_eq(
		    short_sums_len(rows[i].size), rows[i].len, "row %zu", i);
	}
}

Test(short_sums, are_the_first_bytes_of_each_hash)
{
	static const size_t sizes[] = {
	    0, 1, 511, 512, 513, 1024, 66048, 66049, LEN};
	struct buf sums;
	size_t i;

	fill_noise(bytes, LEN, 1);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		cr_assert_eq(make(sizes[i], sizes[i], &sums), 0, "%s", e.msg);
		check(&sums, sizes[i]);
		buf_release(&sums);
	}
}

Test(short_sums, a_basis_that_changed_keeps_its_number_of_sums)
{
	struct buf sums;

	fill_noise(bytes, LEN, 1);
	/* It grew: what is more is not looked at. */
	cr_assert_eq(make(LEN, 70000, &sums), 0, "%s", e.msg);
	check(&sums, 70000);
	buf_release(&sums);
	/* It was cut, within a block: zeroes behind its end. */
	cr_assert_eq(make(30100, 70000, &sums), 0, "%s", e.msg);
	memset(bytes + 30100, 0, LEN - 30100);
	check(&sums, 70000);
	buf_release(&sums);
	/* There is nothing left of it. */
	cr_assert_eq(make(0, 1300, &sums), 0, "%s", e.msg);
	memset(bytes, 0, LEN);
	check(&sums, 1300);
	buf_release(&sums);
}

Test(short_sums, a_source_that_fails_ends_them)
{
	struct drip d = drip_of(bytes, LEN, 700);
	struct source src = source_of_drip(&d);
	struct narrow_sink sink = {.room = SIZE_MAX};
	struct sink to = sink_of_narrow(&sink);

	d.fail_at = 1400;
	cr_expect_eq(short_sums_make(&src, LEN, &to, &e), ERP_IO);
	cr_expect_eq(sink.taken % SHORT_SUM_LEN, 0);
	cr_expect_lt(sink.taken, short_sums_len(LEN));
}

Test(short_sums, a_sink_that_fails_ends_them)
{
	struct drip d = drip_of(bytes, LEN, LEN);
	struct source src = source_of_drip(&d);
	struct narrow_sink sink = {.room = 2 * SHORT_SUM_LEN};
	struct sink to = sink_of_narrow(&sink);

	cr_expect_eq(short_sums_make(&src, LEN, &to, &e), ERP_NOSPACE);
	cr_expect_eq(d.pos, 3 * short_block_len(LEN));
}
