/*
 * Which form of a weak sum this CPU runs, and the windows of all of them:
 * match_weak_plain.c has those in plain C, match_weak_avx2.c one in vectors.
 */
#include "engine/delta/match/match_weak.h"

bool
match_has_avx2(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2") != 0;
#else
	return false;
#endif
}

struct weak_window
weak_window_of(size_t len)
{
	struct weak_window w = {len, 1};
	uint32_t square = WEAK_RK_MULT;
	size_t n;

	for (n = len; n > 0; n >>= 1) {
		if (n & 1)
			w.power *= square;
		square *= square;
	}
	return w;
}

const struct weak_sums *
weak_sums_of(bool rabinkarp, bool vector)
{
#ifdef __x86_64__
	if (rabinkarp && vector)
		return &weak_rabinkarp_avx2;
#else
	(void)vector;
#endif
	return rabinkarp ? &weak_rabinkarp : &weak_rollsum;
}
