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

/* The same from short sums of the first n bytes of basis. */
static void
find_short(size_t n, const struct known_like *like, size_t like_n)
{
	struct mem_stream mem = {basis, n, 0};
	struct source src = source_of_mem(&mem);
	struct buf sums;
	struct sink to;

	buf_init(&sums, 1 << 20);
	to = sink_of_buf(&sums);
	cr_assert_eq(short_sums_make(&src, n, &to, &e), 0);
	cr_assert_eq(
	    known_find_short(buf_data(&sums), n, like, like_n, &known, &e), 0,
	    "%s", e.msg);
	buf_release(&sums);
}

Test(known, short_sums_leave_the_gap_of_an_edit)
{
	struct known_like like = {published, LEN};
	uint32_t block = short_block_len(LEN);

	basis[block] ^= 1;
	basis[LEN - 1] ^= 1;
	find_short(LEN, &like, 1);
	check(LEN);
	cr_assert_eq(known.gap_n, 2);
	cr_expect_eq(known.gap[0].from, block);
	cr_expect_eq(known.gap[0].to, 2 * block);
	cr_expect_eq(known.gap[1].to, LEN);
	/* What the content has there stands in for it. */
	cr_expect_eq(known.bytes[block], published[block]);
	known_release(&known);
}

/* Each block of the basis is as in one of them; or has moved. */
Test(known, short_sums_are_compared_in_place)
{
	static uint8_t other[LEN];
	struct known_like like[2] = {{published, LEN}, {other, LEN}};

	fill_noise(other, LEN, 9);
	memcpy(basis + LEN / 2, other + LEN / 2, LEN / 2);
	find_short(LEN, like, 2);
	check(LEN);
	cr_expect_leq(known.gap_bytes, short_block_len(LEN));
	known_release(&known);
	memcpy(basis + 1, published, LEN - 1);
	find_short(LEN, like, 2);
	check(LEN);
	cr_expect_eq(known.gap_bytes, LEN);
	known_release(&known);
}

/* Of a content that is shorter, the block at its end is another one. */
Test(known, short_sums_and_contents_of_every_length)
{
	static const size_t lens[] = {1, 2, 511, 512, 513, 1024, 1025, 70000};
	struct known_like like[2] = {{NULL, 0}, {published, 0}};
	size_t i, k, whole;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		for (k = 0; k < sizeof(lens) / sizeof(lens[0]); k++) {
			like[1].len = lens[k];
			find_short(lens[i], like, 2);
			check(lens[i]);
			whole = lens[k] / short_block_len(lens[i]) *
			    short_block_len(lens[i]);
			if (lens[k] >= lens[i])
				whole = lens[i];
			cr_expect_eq(known.gap_bytes, lens[i] - whole,
			    "%zu of %zu: %zu", lens[i], lens[k],
			    (size_t)known.gap_bytes);
			known_release(&known);
		}
}
