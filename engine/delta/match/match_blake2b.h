#ifndef ERPSYNC_ENGINE_DELTA_MATCH_MATCH_BLAKE2B_H
#define ERPSYNC_ENGINE_DELTA_MATCH_MATCH_BLAKE2B_H

/*
 * BLAKE2b with 32 bytes of output and no key (RFC 7693), the strong sum of
 * signatures.  This is not the content hash of base/hash.h: the length is
 * part of what is hashed.  Written here because OpenSSL 3.0 knows only 64
 * bytes, and because four blocks hashed side by side take less than half the
 * time of one after the other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLAKE2B_LEN = 32, BLAKE2B_LANES = 4 };

void blake2b_sum(const uint8_t *p, size_t n, uint8_t out[BLAKE2B_LEN]);

/*
 * The sums of k ranges of n bytes, k <= BLAKE2B_LANES, that follow one
 * another at p.  vector: with AVX2, which the CPU must have.
 */
void blake2b_sum_blocks(bool vector, const uint8_t *p, size_t n, size_t k,
    uint8_t out[BLAKE2B_LANES][BLAKE2B_LEN]);

#ifdef __x86_64__
/* All four, with AVX2; two of them may be the same. */
void blake2b_sum_avx2(const uint8_t *const p[BLAKE2B_LANES], size_t n,
    uint8_t out[BLAKE2B_LANES][BLAKE2B_LEN]);
#endif

#endif
