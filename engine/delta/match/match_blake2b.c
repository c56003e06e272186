/*
 * BLAKE2b-256 of one range in plain C, and the choice of a faster way for
 * several ranges at once (match_blake2b_avx2.c).  The strong sum that
 * signatures are made of and matches are proven by.
 */
#include "engine/delta/match/match_blake2b.h"

#include "engine/delta/match/match_blake2b_internal.h"

#include <string.h>

/* Little-endian; compilers make one instruction of either. */
static uint64_t
get_le64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	    (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static uint64_t
turn(uint64_t v, unsigned by)
{
	return v >> by | v << (64 - by);
}

#define MIX(a, b, c, d, x, y)                                                  \
	v[a] += v[b] + m[x];                                                   \
	v[d] = turn(v[d] ^ v[a], 32);                                          \
	v[c] += v[d];                                                          \
	v[b] = turn(v[b] ^ v[c], 24);                                          \
	v[a] += v[b] + m[y];                                                   \
	v[d] = turn(v[d] ^ v[a], 16);                                          \
	v[c] += v[d];                                                          \
	v[b] = turn(v[b] ^ v[c], 63);

/* One block; count: bytes up to its end. */
static void
compress(uint64_t h[8], const uint8_t *p, uint64_t count, bool last)
{
	uint64_t v[16], m[16];
	size_t i;

	for (i = 0; i < 16; i++)
		m[i] = get_le64(p + 8 * i);
	memcpy(v, h, 8 * sizeof(v[0]));
	memcpy(v + 8, blake2b_iv, sizeof(blake2b_iv));
	v[12] ^= count;
	if (last)
		v[14] = ~v[14];
	BLAKE2B_ROUNDS(MIX)
	for (i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[i + 8];
}

void
blake2b_sum(const uint8_t *p, size_t n, uint8_t out[BLAKE2B_LEN])
{
	uint8_t end[BLAKE2B_BLOCK] = {0};
	uint64_t h[8];
	size_t done = 0, i;

	memcpy(h, blake2b_iv, sizeof(h));
	h[0] ^= BLAKE2B_PARAMETER;
	for (; n - done > BLAKE2B_BLOCK; done += BLAKE2B_BLOCK)
		compress(h, p + done, done + BLAKE2B_BLOCK, false);
	if (n > 0)
		memcpy(end, p + done, n - done);
	compress(h, end, n, true);
	for (i = 0; i < BLAKE2B_LEN; i++)
		out[i] = (uint8_t)(h[i / 8] >> (8 * (i % 8)));
}

void
blake2b_sum_blocks(bool vector, const uint8_t *p, size_t n, size_t k,
    uint8_t out[BLAKE2B_LANES][BLAKE2B_LEN])
{
	size_t i;

#ifdef __x86_64__
	const uint8_t *lane[BLAKE2B_LANES];

	if (vector && k > 1) {
		for (i = 0; i < BLAKE2B_LANES; i++)
			lane[i] = p + (i < k ? i : 0) * n;
		blake2b_sum_avx2(lane, n, out);
		return;
	}
#else
	(void)vector;
#endif
	for (i = 0; i < k; i++)
		blake2b_sum(p + i * n, n, out[i]);
}
