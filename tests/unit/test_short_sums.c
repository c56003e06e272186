/* Short sums: their number, their bytes, and bases that changed. */
#include "engine/delta/short_sums.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/stream.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SIZE = 70000, BLOCK = 576 }; /* 2 * 264 is 528 */

static uint8_t basis[SIZE + 100];
static struct err e;

/* Both ends compute these; docs/protocol.md says how. */
Test(short_sums, lengths_follow_from_the_size)
{
	static const struct {
		uint64_t size;
		uint32_t block;
		uint64_t sums;
	} rows[] = {
	    {0, 512, 0},
	    {1, 512, 1},
	    {512, 512, 1},
	    {513, 512, 2},
	    {65536, 512, 128},
	    {66048, 512, 129}, /* 2 * 256: the root is 256 to 66048 */
	    {66049, 576, 115}, /* 257 squared */
	    {SIZE, BLOCK, 122},
	    {3145728, 3584, 878},
	    {(uint64_t)1 << 30, 65536, 16384},
	    /* The largest file. */
	    {(uint64_t)1 << 36, 524288, 131072},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(short_block_len(rows[i].size), rows[i].block,
		    "row %zu: %u", i, short_block_len(rows[i].size));
		cr_expect_eq(short_sums_len(rows[i].size),
		    rows[i].sums * SHORT_SUM_LEN, "row %zu", i);
	}
}

/* Sums of the first n bytes, as of a basis of SIZE, most bytes at a time. */
static int
make(size_t n, size_t most, struct buf *out)
{
	struct drip d = drip_of(basis, n, most);
	struct source src = source_of_drip(&d);
	struct sink to = sink_of_buf(out);

	buf_init(out, SIZE_MAX);
	return short_sums_make(&src, SIZE, &to, &e);
}

static void
expect_sums(const struct buf *sums, const uint8_t *of)
{
	struct hash h;
	size_t at, n, i;

	cr_assert_eq(sums->len, short_sums_len(SIZE));
	for (at = i = 0; at < SIZE; at += n, i++) {
		n = SIZE - at < BLOCK ? SIZE - at : BLOCK;
		cr_assert_eq(hash_bytes(of + at, n, &h, &e), 0);
		cr_expect_arr_eq(buf_data(sums) + i * SHORT_SUM_LEN, h.b,
		    SHORT_SUM_LEN, "block %zu", i);
	}
}

Test(short_sums, are_the_first_bytes_of_each_blocks_hash)
{
	static const size_t most[] = {SIZE, BLOCK, 1000, 7};
	struct buf sums;
	size_t i;

	fill_noise(basis, sizeof(basis), 1);
	for (i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		cr_assert_eq(make(SIZE, most[i], &sums), 0, "%s", e.msg);
		expect_sums(&sums, basis);
		buf_release(&sums);
	}
}

Test(short_sums, a_basis_that_changed_has_as_many)
{
	static uint8_t cut[SIZE];
	struct buf sums;

	fill_noise(basis, sizeof(basis), 2);
	cr_assert_eq(make(sizeof(basis), 1000, &sums), 0, "%s", e.msg);
	expect_sums(&sums, basis);
	buf_release(&sums);
	/* What is missing is zeroes, in the midst of a block and after. */
	memcpy(cut, basis, SIZE / 2);
	cr_assert_eq(make(SIZE / 2, 1000, &sums), 0, "%s", e.msg);
	expect_sums(&sums, cut);
	buf_release(&sums);
	memset(cut, 0, sizeof(cut));
	cr_assert_eq(make(0, 1000, &sums), 0, "%s", e.msg);
	expect_sums(&sums, cut);
	buf_release(&sums);
}

Test(short_sums, faults_of_basis_and_sink_are_told)
{
	struct narrow_sink narrow = {.room = 100};
	struct sink to = sink_of_narrow(&narrow);
	struct drip d = drip_of(basis, SIZE, 1000);
	struct source src = source_of_drip(&d);

	cr_expect_eq(short_sums_make(&src, SIZE, &to, &e), ERP_NOSPACE);
	d = drip_of(basis, SIZE, 1000);
	d.fail_at = 5000;
	narrow = (struct narrow_sink){.room = SIZE};
	cr_expect_eq(short_sums_make(&src, SIZE, &to, &e), ERP_IO);
}
