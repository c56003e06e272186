/*
 * RabinKarp sums of eight positions at a time, and the filter for them.
 *
 * A step to the next position is sum' = sum * M + d, with d from the byte that
 * enters and the one that leaves.  Divided by M^i, M being odd, the sum of
 * position i only ever adds d / M^i: a running total, in which eight are found
 * by shifts.  One multiplication by key * M^i makes of it what the filter
 * wants.  The powers are in tables, from the first position of a call on.
 */
#include "engine/delta/match/match_sieve.h"

#include "engine/delta/match/match_index.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

#define ADD(a, b) _mm256_add_epi32(a, b)
#define MUL(a, b) _mm256_mullo_epi32(a, b)

AVX2 static inline __m256i
all(uint32_t v)
{
	return _mm256_set1_epi32((int)v);
}

AVX2 static inline __m256i
load(const uint32_t *p)
{
	__m256i out;

	memcpy(&out, p, sizeof(out));
	return out;
}

/* Eight bytes as eight numbers. */
AVX2 static inline __m256i
widen(const uint8_t *p)
{
	int64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(eight));
}

/* Each lane plus all before it. */
AVX2 static inline __m256i
running_total(__m256i v)
{
	__m256i low;

	v = ADD(v, _mm256_slli_si256(v, 4));
	v = ADD(v, _mm256_slli_si256(v, 8));
	/* These stay within halves: the upper one still lacks the lower. */
	low = _mm256_permute2x128_si256(v, v, 0x08);
	return ADD(v, _mm256_shuffle_epi32(low, 0xff));
}

AVX2 static inline __m128i
four(const uint32_t *filter, const uint32_t at[4])
{
	__m128i v = _mm_cvtsi32_si128((int)filter[at[0]]);

	v = _mm_insert_epi32(v, (int)filter[at[1]], 1);
	v = _mm_insert_epi32(v, (int)filter[at[2]], 2);
	return _mm_insert_epi32(v, (int)filter[at[3]], 3);
}

/*
 * The words of eight numbers, one by one: the gather instruction is slower
 * than that, and by far on processors whose microcode guards it.
 */
AVX2 static inline __m256i
gather(const uint32_t *filter, __m256i words)
{
	uint32_t at[8];

	memcpy(at, &words, sizeof(at));
	return _mm256_inserti128_si256(
	    _mm256_castsi128_si256(four(filter, at)), four(filter, at + 4), 1);
}

/* A bit for each lane that passes. */
AVX2 static inline unsigned
passing(const uint32_t *filter, __m256i mask, __m256i mixed)
{
	__m256i word = _mm256_srli_epi32(mixed, MATCH_FILTER_SHIFT);

	word = gather(filter, _mm256_and_si256(word, mask));
	/* Bring each bit looked for to the top. */
	word = _mm256_sllv_epi32(word, _mm256_andnot_si256(mixed, all(31)));
	return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(word));
}

AVX2 size_t
match_sieve_roll_avx2(struct match_sieve *s, const uint8_t *p, size_t n)
{
	const uint8_t *in = p + s->window.len;
	const uint32_t *filter = s->ix->filter;
	__m256i mask = all(s->ix->filter_mask), last = all(7);
	__m256i total = all(s->mixed[0] * s->inverse), v, out;
	size_t i, passed = 0;
	unsigned hits;

	for (i = 0; i < n; i += 8) {
		out = ADD(widen(p + i), all(WEAK_RK_LEAVE));
		v = _mm256_sub_epi32(MUL(widen(in + i), load(s->enter + i)),
		    MUL(out, load(s->leave + i)));
		v = ADD(running_total(v), total);
		total = _mm256_permutevar8x32_epi32(v, last);
		v = MUL(v, load(s->rise + i));
		memcpy(s->mixed + i + 1, &v, sizeof(v));
		hits = passing(filter, mask, v);
		for (; hits != 0; hits &= hits - 1)
			s->at[passed++] =
			    (uint16_t)(i + 1 + (size_t)__builtin_ctz(hits));
	}
	return passed;
}

#endif
