/*
 * BLAKE2b-256 of four ranges of one length, each in a lane of 64 bits.  One
 * range alone gives a processor too little to do at a time.
 */
#include "engine/delta/match/match_blake2b.h"

#include "engine/delta/match/match_blake2b_internal.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i
load(const uint8_t *p)
{
	__m256i out;

	memcpy(&out, p, sizeof(out));
	return out;
}

AVX2 static inline __m256i
all(uint64_t v)
{
	return _mm256_set1_epi64x((int64_t)v);
}

/* The same four words of each range become one word of each in a vector. */
AVX2 static inline void
turn_over(__m256i m[4], const uint8_t *const p[4], size_t at)
{
	__m256i a = load(p[0] + at), b = load(p[1] + at);
	__m256i c = load(p[2] + at), d = load(p[3] + at);
	__m256i ab0 = _mm256_unpacklo_epi64(a, b);
	__m256i ab1 = _mm256_unpackhi_epi64(a, b);
	__m256i cd0 = _mm256_unpacklo_epi64(c, d);
	__m256i cd1 = _mm256_unpackhi_epi64(c, d);

	m[0] = _mm256_permute2x128_si256(ab0, cd0, 0x20);
	m[1] = _mm256_permute2x128_si256(ab1, cd1, 0x20);
	m[2] = _mm256_permute2x128_si256(ab0, cd0, 0x31);
	m[3] = _mm256_permute2x128_si256(ab1, cd1, 0x31);
}

#define ADD(a, b) _mm256_add_epi64(a, b)
#define XOR(a, b) _mm256_xor_si256(a, b)

AVX2 static inline __m256i
turn_63(__m256i v)
{
	return XOR(_mm256_srli_epi64(v, 63), ADD(v, v));
}

/* Turns by 24 and 16 bits move whole bytes, by 32 halves. */
#define MIX(a, b, c, d, x, y)                                                  \
	v[a] = ADD(ADD(v[a], v[b]), m[x]);                                     \
	v[d] = _mm256_shuffle_epi32(XOR(v[d], v[a]), 0xb1);                    \
	v[c] = ADD(v[c], v[d]);                                                \
	v[b] = _mm256_shuffle_epi8(XOR(v[b], v[c]), by_24);                    \
	v[a] = ADD(ADD(v[a], v[b]), m[y]);                                     \
	v[d] = _mm256_shuffle_epi8(XOR(v[d], v[a]), by_16);                    \
	v[c] = ADD(v[c], v[d]);                                                \
	v[b] = turn_63(XOR(v[b], v[c]));

AVX2 static void
compress(__m256i h[8], const uint8_t *const p[4], size_t at, uint64_t count,
    bool last)
{
	const __m256i by_24 =
	    _mm256_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9,
		10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);
	const __m256i by_16 =
	    _mm256_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8,
		9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
	__m256i v[16], m[16];
	size_t i;

	for (i = 0; i < 4; i++)
		turn_over(m + 4 * i, p, at + 32 * i);
	for (i = 0; i < 8; i++) {
		v[i] = h[i];
		v[i + 8] = all(blake2b_iv[i]);
	}
	v[12] = XOR(v[12], all(count));
	if (last)
		v[14] = XOR(v[14], all(UINT64_MAX));
	BLAKE2B_ROUNDS(MIX)
	for (i = 0; i < 8; i++)
		h[i] = XOR(h[i], XOR(v[i], v[i + 8]));
}

AVX2 void
blake2b_sum_avx2(const uint8_t *const p[BLAKE2B_LANES], size_t n,
    uint8_t out[BLAKE2B_LANES][BLAKE2B_LEN])
{
	uint8_t end[BLAKE2B_LANES][BLAKE2B_BLOCK] = {{0}};
	const uint8_t *rest[BLAKE2B_LANES];
	uint64_t words[BLAKE2B_LANES];
	size_t done = 0, i, k;
	__m256i h[8];

	for (i = 0; i < 8; i++)
		h[i] = all(blake2b_iv[i] ^ (i == 0 ? BLAKE2B_PARAMETER : 0));
	for (; n - done > BLAKE2B_BLOCK; done += BLAKE2B_BLOCK)
		compress(h, p, done, done + BLAKE2B_BLOCK, false);
	for (i = 0; i < BLAKE2B_LANES; i++) {
		if (n > 0)
			memcpy(end[i], p[i] + done, n - done);
		rest[i] = end[i];
	}
	compress(h, rest, 0, n, true);
	for (k = 0; k < BLAKE2B_LEN / 8; k++) {
		memcpy(words, &h[k], sizeof(words));
		for (i = 0; i < BLAKE2B_LANES; i++)
			memcpy(out[i] + 8 * k, &words[i], 8);
	}
}

#endif
