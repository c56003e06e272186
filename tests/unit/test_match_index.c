#include "engine/delta/match/match_index.h"

#include "engine/base/err.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { STRONG = 8, ENTRY = MATCH_WEAK_LEN + STRONG, KEY = 0x3c6ef373 };

static void
set_weak(uint8_t *sums, size_t block, uint32_t weak)
{
	size_t i;

	for (i = 0; i < MATCH_WEAK_LEN; i++)
		sums[block * ENTRY + i] = (uint8_t)(weak >> (24 - 8 * i));
}

static struct match_index *
index_of(const uint8_t *sums, size_t count, uint32_t key)
{
	struct match_shape shape = {256, STRONG, count, true, true};
	struct match_index *ix;
	struct err e;

	cr_assert_eq(match_index_new(&shape, sums, key, &ix, &e), 0);
	return ix;
}

static bool
is_kept(const struct match_index *ix, size_t block)
{
	uint32_t mixed = match_index_weak(ix, block) * ix->key;
	const struct match_slot *slot;
	size_t n, i;

	if (!match_filter_has(ix, mixed))
		return false;
	slot = match_index_bucket(ix, mixed, &n);
	for (i = 0; i < n; i++)
		if (slot[i].mixed == mixed && slot[i].block == block)
			return true;
	return false;
}

static size_t
kept_of(const struct match_index *ix)
{
	size_t i, n = 0;

	for (i = 0; i < ix->shape.count; i++)
		n += is_kept(ix, i);
	return n;
}

Test(match_index, keeps_every_block_of_an_honest_signature)
{
	static const size_t counts[] = {0, 1, 255, 256, 257, 5000, 300000};
	uint8_t *sums = malloc(300000 * ENTRY);
	struct match_index *ix;
	size_t i;

	fill_noise(sums, 300000 * ENTRY, 1);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		ix = index_of(sums, counts[i], KEY);
		cr_expect_eq(kept_of(ix), counts[i]);
		match_index_free(ix);
	}
	free(sums);
}

Test(match_index, filter_lets_few_others_pass)
{
	enum { COUNT = 10000, OTHERS = 1 << 20 };
	uint8_t *sums = malloc(COUNT * ENTRY);
	struct match_index *ix;
	uint32_t i, passed = 0;

	fill_noise(sums, COUNT * ENTRY, 2);
	ix = index_of(sums, COUNT, KEY);
	for (i = 0; i < OTHERS; i++)
		passed += match_filter_has(ix, i * UINT32_C(2654435761));
	cr_expect_lt(passed, OTHERS / 64, "%u", passed);
	match_index_free(ix);
	free(sums);
}

Test(match_index, equal_blocks_are_kept_once)
{
	enum { COUNT = 1000 };
	uint8_t *sums = calloc(COUNT, ENTRY);
	struct match_index *ix;

	sums[COUNT * ENTRY - 1] = 1; /* the last one's strong sum */
	ix = index_of(sums, COUNT, KEY);
	cr_expect_eq(kept_of(ix), 2);
	cr_expect(is_kept(ix, 0));
	cr_expect(is_kept(ix, COUNT - 1));
	match_index_free(ix);
	free(sums);
}

Test(match_index, one_weak_sum_fills_its_bucket_only)
{
	enum { COUNT = 40000 };
	uint8_t *sums = malloc(COUNT * ENTRY);
	struct match_index *ix;
	size_t i;

	fill_noise(sums, COUNT * ENTRY, 3);
	for (i = 0; i < COUNT; i++)
		set_weak(sums, i, 0x12345678);
	ix = index_of(sums, COUNT, KEY);
	cr_expect_eq(kept_of(ix), MATCH_BUCKET_MAX);
	cr_expect(is_kept(ix, MATCH_BUCKET_MAX - 1));
	match_index_free(ix);
	free(sums);
}

/* Sums that one key sends to one bucket, another key spreads. */
Test(match_index, a_bucket_cannot_be_flooded_without_the_key)
{
	enum { COUNT = 40000 };
	uint8_t *sums = malloc(COUNT * ENTRY);
	uint32_t inverse = KEY, i;
	struct match_index *ix;

	for (i = 0; i < 4; i++)
		inverse *= 2 - KEY * inverse;
	cr_assert_eq(inverse * KEY, 1);
	fill_noise(sums, COUNT * ENTRY, 4);
	for (i = 0; i < COUNT; i++)
		set_weak(sums, i, i * inverse);
	ix = index_of(sums, COUNT, KEY);
	cr_expect_eq(kept_of(ix), MATCH_BUCKET_MAX);
	match_index_free(ix);
	ix = index_of(sums, COUNT, 0x9e3779b9);
	cr_expect_eq(kept_of(ix), COUNT);
	match_index_free(ix);
	free(sums);
}
