#ifndef ERPSYNC_ENGINE_DELTA_MATCH_MATCH_BLAKE2B_INTERNAL_H
#define ERPSYNC_ENGINE_DELTA_MATCH_MATCH_BLAKE2B_INTERNAL_H

/* BLAKE2b's constants (RFC 7693), for one lane or four. */

#include <stdint.h>

enum { BLAKE2B_BLOCK = 128 };

static const uint64_t blake2b_iv[8] = {UINT64_C(0x6a09e667f3bcc908),
    UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
    UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1),
    UINT64_C(0x9b05688c2b3e6c1f), UINT64_C(0x1f83d9abfb41bd6b),
    UINT64_C(0x5be0cd19137e2179)};

/* Goes into the first word of the state: 32 bytes out, no key, no tree. */
#define BLAKE2B_PARAMETER UINT64_C(0x01010020)

/*
 * Twelve rounds; G(a, b, c, d, x, y) mixes the state's words a, b, c, d with
 * the message's words x and y.  Numbers, so that nothing is looked up.
 */
#define BLAKE2B_ROUND(                                                         \
    G, m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, ma, mb, mc, md, me, mf)         \
	G(0, 4, 8, 12, m0, m1)                                                 \
	G(1, 5, 9, 13, m2, m3)                                                 \
	G(2, 6, 10, 14, m4, m5)                                                \
	G(3, 7, 11, 15, m6, m7)                                                \
	G(0, 5, 10, 15, m8, m9)                                                \
	G(1, 6, 11, 12, ma, mb)                                                \
	G(2, 7, 8, 13, mc, md)                                                 \
	G(3, 4, 9, 14, me, mf)

#define BLAKE2B_ROUNDS(G)                                                      \
	BLAKE2B_ROUND(G, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) \
	BLAKE2B_ROUND(G, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3) \
	BLAKE2B_ROUND(G, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4) \
	BLAKE2B_ROUND(G, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8) \
	BLAKE2B_ROUND(G, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13) \
	BLAKE2B_ROUND(G, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9) \
	BLAKE2B_ROUND(G, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11) \
	BLAKE2B_ROUND(G, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10) \
	BLAKE2B_ROUND(G, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5) \
	BLAKE2B_ROUND(G, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0) \
	BLAKE2B_ROUND(G, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) \
	BLAKE2B_ROUND(G, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)

#endif
