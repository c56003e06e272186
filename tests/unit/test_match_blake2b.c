#include "engine/delta/match/match_blake2b.h"

#include "engine/delta/match/match_weak.h"
#include "tests/support/guarded.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void
expect_hex(const void *p, size_t n, const char *want)
{
	uint8_t sum[BLAKE2B_LEN];
	char hex[2 * BLAKE2B_LEN + 1];
	size_t i;

	blake2b_sum(p, n, sum);
	for (i = 0; i < BLAKE2B_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	cr_expect_str_eq(hex, want, "%zu bytes", n);
}

/* The sums are those of b2sum -l 256. */
Test(match_blake2b, is_the_published_function)
{
	static const uint8_t zeros[129];

	expect_hex("", 0,
	    "0e5751c026e543b2e8ab2eb06099daa1"
	    "d1e5df47778f7787faab45cdf12fe3a8");
	expect_hex("abc", 3,
	    "bddd813c634239723171ef3fee98579b"
	    "94964e3bb1cb3e427262c8c068d52319");
	expect_hex(zeros, 128,
	    "378d0caaaa3855f1b38693c1d6ef004f"
	    "d118691c95c959d4efa950d6d6fcf7c1");
	expect_hex(zeros, 129,
	    "baadfb64c3bd2cd187b54accc5e61a07"
	    "20ed86bf48c28017873536cf9015d1b8");
}

Test(match_blake2b, lanes_give_what_one_gives)
{
	enum { MOST = 600 };
	uint8_t all[BLAKE2B_LANES][BLAKE2B_LEN], one[BLAKE2B_LEN], *p;
	size_t n, k, i;
	int vector;

	for (n = 0; n <= MOST; n++) {
		for (k = 1; k <= BLAKE2B_LANES; k++) {
			p = guarded_new(n * k);
			fill_noise(p, n * k, (uint32_t)n);
			for (vector = 0; vector <= match_has_avx2(); vector++) {
				blake2b_sum_blocks(vector != 0, p, n, k, all);
				for (i = 0; i < k; i++) {
					blake2b_sum(p + i * n, n, one);
					cr_assert_arr_eq(
					    all[i], one, BLAKE2B_LEN);
				}
			}
			guarded_free(p, n * k);
		}
	}
}
