#include "engine/delta/match/match_sieve.h"

#include "engine/base/err.h"
#include "engine/delta/match/match_index.h"
#include "tests/support/guarded.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { STRONG = 8, ENTRY = MATCH_WEAK_LEN + STRONG, COUNT = 100, KEY = 77 };

static struct match_index *
index_of(size_t block_len, bool rabinkarp)
{
	struct match_shape shape = {block_len, STRONG, COUNT, rabinkarp, true};
	uint8_t sums[COUNT * ENTRY];
	struct match_index *ix;
	struct err e;

	fill_noise(sums, sizeof(sums), 1);
	cr_assert_eq(match_index_new(&shape, sums, KEY, &ix, &e), 0);
	/* A filter that half of all positions pass. */
	memset(ix->filter, 0x55, (ix->filter_mask + 1) * sizeof(*ix->filter));
	return ix;
}

static void
check_scan(struct match_sieve *s, const uint8_t *p, size_t n)
{
	size_t passed, i, k = 0;

	match_sieve_begin(s, p);
	passed = match_sieve_roll(s, p, n);
	for (i = 0; i <= n; i++) {
		cr_assert_eq(s->mixed[i],
		    s->weak->sum(p + i, s->window.len) * KEY, "%zu of %zu", i,
		    n);
		if (i > 0 && match_filter_has(s->ix, s->mixed[i]))
			cr_assert(k < passed && s->at[k++] == i);
	}
	cr_assert_eq(k, passed);
}

static void
check_kind(bool rabinkarp, bool vector)
{
	static const size_t lens[] = {1, 3, 8, 31, 256, 1000};
	struct match_sieve *s = malloc(sizeof(*s));
	struct match_index *ix;
	uint8_t *p;
	size_t i, n;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		ix = index_of(lens[i], rabinkarp);
		match_sieve_init(s, ix, vector);
		for (n = 0; n <= MATCH_SIEVE_MAX; n += n < 70 ? 1 : 13) {
			p = guarded_new(n + lens[i]);
			fill_noise(p, n + lens[i], (uint32_t)n);
			check_scan(s, p, n);
			guarded_free(p, n + lens[i]);
		}
		match_index_free(ix);
	}
	free(s);
}

Test(match_sieve, gives_each_position_its_sum_and_filters)
{
	check_kind(false, false);
	check_kind(true, false);
	if (match_has_avx2()) {
		check_kind(false, true);
		check_kind(true, true);
	}
}
