#include "engine/delta/match/match_weak.h"

#include "engine/delta/rsjob.h"
#include "tests/support/guarded.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MOST = 600 };

/* The weak sum librsync puts into the signature of one block. */
static uint32_t
librsync_sum(rs_magic_number magic, uint8_t *p, size_t n)
{
	rs_job_t *job = rs_sig_begin(n, 4, magic);
	unsigned char out[64];
	rs_buffers_t b;

	memset(&b, 0, sizeof(b));
	b.next_in = (char *)p;
	b.avail_in = n;
	b.eof_in = 1;
	b.next_out = (char *)out;
	b.avail_out = sizeof(out);
	cr_assert_eq(rs_job_iter(job, &b), RS_DONE);
	(void)rs_job_free(job);
	return (uint32_t)out[12] << 24 | (uint32_t)out[13] << 16 |
	    (uint32_t)out[14] << 8 | out[15];
}

/* Every variant that this machine runs, by number; NULL behind the last. */
static const struct weak_sums *
variant(size_t i, rs_magic_number *magic)
{
	*magic = i == 0 ? RS_BLAKE2_SIG_MAGIC : RS_RK_BLAKE2_SIG_MAGIC;
	if (i > 2 || (i == 2 && !match_has_avx2()))
		return NULL;
	return weak_sums_of(i > 0, i == 2);
}

Test(match_weak, sums_are_those_of_librsync)
{
	const struct weak_sums *w;
	rs_magic_number magic;
	uint8_t *p;
	size_t n, i;

	rsjob_silence();
	for (n = 1; n <= MOST; n++) {
		p = guarded_new(n);
		fill_noise(p, n, (uint32_t)n);
		for (i = 0; (w = variant(i, &magic)) != NULL; i++)
			cr_expect_eq(w->sum(p, n), librsync_sum(magic, p, n),
			    "variant %zu, %zu bytes", i, n);
		guarded_free(p, n);
	}
}

Test(match_weak, alignment_does_not_matter)
{
	const struct weak_sums *w;
	rs_magic_number magic;
	uint8_t *p = guarded_new(MOST + 64), *shifted = guarded_new(MOST + 64);
	size_t shift, n, i;

	fill_noise(p, MOST + 64, 5);
	for (i = 0; (w = variant(i, &magic)) != NULL; i++)
		for (shift = 1; shift < 64; shift++)
			for (n = 0; n < MOST; n += 13) {
				memmove(shifted + shift, p, n);
				cr_expect_eq(
				    w->sum(shifted + shift, n), w->sum(p, n));
			}
	guarded_free(p, MOST + 64);
	guarded_free(shifted, MOST + 64);
}

Test(match_weak, rolling_is_summing_at_each_position)
{
	static const size_t lens[] = {1, 2, 7, 8, 31, 32, 33, 100, 256};
	const struct weak_sums *w;
	struct weak_window window;
	uint32_t sums[101];
	rs_magic_number magic;
	uint8_t *p;
	size_t len, n, k, i, at;

	for (k = 0; k < sizeof(lens) / sizeof(lens[0]); k++) {
		len = lens[k];
		for (n = 0; n <= 100; n++) {
			p = guarded_new(n + len);
			fill_noise(p, n + len, (uint32_t)n);
			window = weak_window_of(len);
			for (i = 0; (w = variant(i, &magic)) != NULL; i++) {
				sums[0] = w->sum(p, len);
				w->roll(&window, p, n, sums);
				for (at = 0; at <= n; at++)
					cr_assert_eq(
					    sums[at], w->sum(p + at, len));
			}
			guarded_free(p, n + len);
		}
	}
}

Test(match_weak, shrinking_is_summing_less)
{
	const struct weak_sums *w;
	struct weak_window window;
	rs_magic_number magic;
	uint8_t *p = guarded_new(MOST);
	uint32_t sum;
	size_t i, at;

	fill_noise(p, MOST, 9);
	for (i = 0; (w = variant(i, &magic)) != NULL; i++) {
		window = weak_window_of(MOST);
		sum = w->sum(p, MOST);
		for (at = 0; at < MOST; at++) {
			sum = w->shrink(&window, sum, p[at]);
			cr_assert_eq(window.len, MOST - at - 1);
			cr_assert_eq(sum, w->sum(p + at + 1, window.len));
		}
	}
	guarded_free(p, MOST);
}
