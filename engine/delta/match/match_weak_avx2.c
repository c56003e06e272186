/*
 * RabinKarp of one range in vectors of eight 32-bit numbers.  Sums of many
 * positions are in match_sieve_avx2.c.
 */
#include "engine/delta/match/match_weak.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

#define M1 WEAK_RK_MULT
#define M2 (M1 * M1)
#define M3 (M2 * M1)
#define M4 (M2 * M2)
#define M5 (M4 * M1)
#define M6 (M4 * M2)
#define M7 (M4 * M3)
#define M8 (M4 * M4)
#define M16 (M8 * M8)
#define M32 (M16 * M16)

/* Eight bytes as eight numbers. */
AVX2 static inline __m256i
widen(const uint8_t *p)
{
	int64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(eight));
}

AVX2 static inline __m256i
all(uint32_t v)
{
	return _mm256_set1_epi32((int)v);
}

/* v[0] first in memory. */
AVX2 static inline __m256i
load(const uint32_t v[8])
{
	__m256i out;

	memcpy(&out, v, sizeof(out));
	return out;
}

/* Add up the lanes, each times its power. */
AVX2 static inline uint32_t
weigh(__m256i v, uint32_t last)
{
	static const uint32_t powers[8] = {M7, M6, M5, M4, M3, M2, M1, 1};
	uint32_t lane[8], sum = 0;
	int i;

	v = _mm256_mullo_epi32(v, load(powers));
	memcpy(lane, &v, sizeof(lane));
	for (i = 0; i < 8; i++)
		sum += lane[i];
	return sum * last;
}

AVX2 static uint32_t
avx2_sum(const uint8_t *p, size_t n)
{
	__m256i step = all(M32), a, b, c, d;
	uint32_t sum = WEAK_RK_SEED;
	size_t i = 0;

	for (; (n - i) % 32 != 0; i++)
		sum = sum * M1 + p[i];
	a = b = c = _mm256_setzero_si256();
	/* The sum so far goes where the last byte before these would be. */
	d = _mm256_insert_epi32(a, (int)sum, 7);
	for (; i < n; i += 32) {
		a = _mm256_mullo_epi32(a, step);
		b = _mm256_mullo_epi32(b, step);
		c = _mm256_mullo_epi32(c, step);
		d = _mm256_mullo_epi32(d, step);
		a = _mm256_add_epi32(a, widen(p + i));
		b = _mm256_add_epi32(b, widen(p + i + 8));
		c = _mm256_add_epi32(c, widen(p + i + 16));
		d = _mm256_add_epi32(d, widen(p + i + 24));
	}
	return weigh(a, M16 * M8) + weigh(b, M16) + weigh(c, M8) + weigh(d, 1);
}

static void
avx2_roll(
    const struct weak_window *w, const uint8_t *p, size_t n, uint32_t *sums)
{
	weak_rabinkarp.roll(w, p, n, sums);
}

static uint32_t
avx2_shrink(struct weak_window *w, uint32_t sum, uint8_t first)
{
	return weak_rabinkarp.shrink(w, sum, first);
}

const struct weak_sums weak_rabinkarp_avx2 = {avx2_sum, avx2_roll, avx2_shrink};

#endif
