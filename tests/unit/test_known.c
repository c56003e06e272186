/* What sums tell of a basis: nothing wrong, and most of what is there. */
#include "engine/delta/known.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = 200000 };

static uint8_t basis[LEN], published[LEN];
static struct known known;
static struct err e;

/* The sums of the first n bytes of basis, loaded. */
static struct signature *
sums_of(size_t n)
{
	struct mem_stream mem = {basis, n, 0};
	struct source src = source_of_mem(&mem);
	struct signature *sums;
	struct sig_params p;
	struct buf bytes;
	struct sink to;

	buf_init(&bytes, 1 << 20);
	to = sink_of_buf(&bytes);
	cr_assert_eq(sig_params_for(n, &p, &e), 0);
	cr_assert_eq(signature_make(&src, &p, &to, &e), 0);
	cr_assert_eq(signature_load(buf_data(&bytes), bytes.len, &sums, &e), 0);
	buf_release(&bytes);
	return sums;
}

static void
find(size_t n, const struct known_like *like, size_t like_n)
{
	struct signature *sums = sums_of(n);

	cr_assert_eq(
	    known_find(sums, n, like, like_n, &known, &e), 0, "%s", e.msg);
	signature_free(sums);
}

/* All that is not in a gap is right; gaps are in order and apart. */
static void
check(size_t n)
{
	uint64_t at = 0, gaps = 0;
	size_t i;

	cr_assert_eq(known.len, n);
	for (i = 0; i <= known.gap_n; i++) {
		uint64_t from = i < known.gap_n ? known.gap[i].from : n;

		cr_assert(from >= at && (i == 0 || from > at || from == n));
		cr_assert_eq(
		    memcmp(known.bytes + at, basis + at, (size_t)(from - at)),
		    0);
		if (i == known.gap_n)
			break;
		cr_assert_lt(known.gap[i].from, known.gap[i].to);
		cr_assert_leq(known.gap[i].to, n);
		gaps += known.gap[i].to - known.gap[i].from;
		at = known.gap[i].to;
	}
	cr_assert_eq(gaps, known.gap_bytes);
}

static void
begin(void)
{
	fill_noise(published, LEN, 1);
	memcpy(basis, published, LEN);
}

TestSuite(known, .init = begin);

Test(known, an_equal_content_tells_all)
{
	const struct known_like like = {published, LEN};

	find(LEN, &like, 1);
	check(LEN);
	cr_expect_eq(known.gap_n, 0);
	known_release(&known);
}

Test(known, an_edit_leaves_the_gap_of_its_blocks)
{
	const struct known_like like = {published, LEN};

	basis[5000] ^= 1;
	basis[LEN - 1] ^= 1;
	find(LEN, &like, 1);
	check(LEN);
	cr_expect_eq(known.gap_n, 2);
	cr_expect_leq(known.gap_bytes, 2 * 512);
	known_release(&known);
}

Test(known, moved_bytes_are_found)
{
	const struct known_like like = {published, LEN};

	memmove(basis + 1007, published, LEN - 1007);
	find(LEN, &like, 1);
	check(LEN);
	cr_expect_leq(known.gap_bytes, 1007 + 2 * 512);
	known_release(&known);
}

Test(known, several_contents_add_up)
{
	struct known_like like[2];
	static uint8_t other[LEN];

	fill_noise(other, LEN, 2);
	memcpy(basis + LEN / 2, other, LEN / 2);
	like[0] = (struct known_like){published, LEN};
	like[1] = (struct known_like){other, LEN / 2};
	find(LEN, like, 2);
	check(LEN);
	cr_expect_leq(known.gap_bytes, 3 * 512);
	known_release(&known);
}

Test(known, nothing_alike_tells_nothing)
{
	const struct known_like like = {published, LEN};

	fill_noise(basis, LEN, 3);
	find(LEN, &like, 1);
	check(LEN);
	cr_expect_eq(known.gap_n, 1);
	cr_expect_eq(known.gap_bytes, LEN);
	known_release(&known);
	find(LEN, NULL, 0);
	check(LEN);
	cr_expect_eq(known.gap_bytes, LEN);
	known_release(&known);
}

Test(known, every_length_ends_right)
{
	const struct known_like like = {published, LEN};
	static const size_t lens[] = {1, 255, 256, 257, 511, 513, 70001};
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		find(lens[i], &like, 1);
		check(lens[i]);
		known_release(&known);
	}
}

/* A peer may say that its basis is shorter than what it signed: nothing is
 * written behind the length that it told. */
Test(known, sums_of_more_than_the_basis_end_with_it)
{
	static const size_t lens[] = {LEN - 1000, LEN - 1, 1000, 512, 511, 1};
	const struct known_like like = {published, LEN};
	const struct known_like later = {published + LEN / 2, LEN / 2};
	struct signature *sums;
	size_t i, n;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		n = lens[i];
		published[n] |= 1;
		basis[n] = published[n];
		sums = sums_of(LEN);
		cr_assert_eq(known_find(sums, n, &like, 1, &known, &e), 0);
		check(n);
		cr_expect_eq(known.bytes[n], 0, "length %zu", n);
		known_release(&known);
		signature_free(sums);
	}
	/* Nor are blocks from behind it of use. */
	sums = sums_of(LEN);
	cr_assert_eq(known_find(sums, 1000, &later, 1, &known, &e), 0);
	cr_expect_eq(known.gap_bytes, 1000);
	known_release(&known);
	signature_free(sums);
}

/* --- short sums -----------------------------------------------------------*/

static void
find_short(size_t n, const struct known_like *like, size_t like_n)
{
	struct mem_stream mem = {basis, n, 0};
	struct source src = source_of_mem(&mem);
	struct buf sums;
	struct sink to;

	buf_init(&sums, 1 << 20);
	to = sink_of_buf(&sums);
	cr_assert_eq(short_sums_make(&src, n, &to, &e), 0, "%s", e.msg);
	cr_assert_eq(sums.len, short_sums_len(n));
	cr_assert_eq(
	    known_find_short(buf_data(&sums), n, like, like_n, &known, &e), 0,
	    "%s", e.msg);
	buf_release(&sums);
}

Test(known, short_sums_of_an_equal_content_tell_all)
{
	const struct known_like like = {published, LEN};

	find_short(LEN, &like, 1);
	check(LEN);
	cr_expect_eq(known.gap_n, 0);
	known_release(&known);
}

Test(known, short_sums_leave_the_gap_of_an_edited_block)
{
	const struct known_like like = {published, LEN};
	uint64_t block = short_block_len(LEN);

	basis[5 * block] ^= 1;
	basis[9 * block - 1] ^= 1;
	basis[LEN - 1] ^= 1;
	find_short(LEN, &like, 1);
	check(LEN);
	cr_assert_eq(known.gap_n, 3);
	cr_expect_eq(known.gap[0].from, 5 * block);
	cr_expect_eq(known.gap[0].to, 6 * block);
	cr_expect_eq(known.gap[1].from, 8 * block);
	cr_expect_eq(known.gap[1].to, 9 * block);
	cr_expect_eq(known.gap[2].from, LEN / block * block);
	cr_expect_eq(known.gap[2].to, LEN);
	/* Where the parse looks for diagonals: what was published. */
	cr_expect_eq(memcmp(known.bytes, published, LEN), 0);
	known_release(&known);
}

Test(known, short_sums_of_moved_bytes_tell_nothing)
{
	const struct known_like like = {published, LEN};

	memmove(basis + 1, published, LEN - 1);
	find_short(LEN, &like, 1);
	check(LEN);
	cr_expect_eq(known.gap_n, 1);
	cr_expect_eq(known.gap_bytes, LEN);
	known_release(&known);
}

Test(known, short_sums_look_into_each_content)
{
	static uint8_t other[LEN];
	struct known_like like[2] = {{published, LEN}, {other, LEN / 2}};
	uint64_t block = short_block_len(LEN);

	/* One block from the other, one from beyond its end. */
	fill_noise(other, LEN, 2);
	memcpy(basis + 2 * block, other + 2 * block, block);
	memcpy(basis + 150 * block, other + 150 * block, block);
	find_short(LEN, like, 2);
	check(LEN);
	cr_assert_eq(known.gap_n, 1);
	cr_expect_eq(known.gap[0].from, 150 * block);
	cr_expect_eq(known.gap[0].to, 151 * block);
	known_release(&known);
	/* The first may be gone: zeroes where nothing is known. */
	like[0] = (struct known_like){NULL, 0};
	find_short(LEN, like, 2);
	check(LEN);
	cr_expect_eq(known.gap_bytes, LEN - block);
	cr_expect_eq(known.bytes[0], 0);
	known_release(&known);
	find_short(LEN, NULL, 0);
	cr_expect_eq(known.gap_bytes, LEN);
	known_release(&known);
}

Test(known, short_sums_of_every_length_end_right)
{
	static const size_t lens[] = {
	    0, 1, 511, 512, 513, 1023, 1024, 1025, 66048, 66049, 70001};
	struct known_like like = {published, LEN};
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		like.len = LEN;
		find_short(lens[i], &like, 1);
		check(lens[i]);
		cr_expect_eq(known.gap_n, 0, "length %zu", lens[i]);
		known_release(&known);
		/* A byte less than the basis has: its last block is out. */
		if (lens[i] == 0)
			continue;
		like.len = lens[i] - 1;
		find_short(lens[i], &like, 1);
		check(lens[i]);
		cr_expect_eq(known.gap_n, 1, "length %zu", lens[i]);
		cr_expect_leq(known.gap_bytes, short_block_len(lens[i]));
		known_release(&known);
	}
}
