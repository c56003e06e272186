#ifndef ERPSYNC_ENGINE_DELTA_MATCH_MATCH_SIEVE_H
#define ERPSYNC_ENGINE_DELTA_MATCH_MATCH_SIEVE_H

/*
 * Computes the weak sums of many positions at once and tells which of them
 * pass an index's filter.  This is where the time of a delta of changed data
 * goes.
 */

#include "engine/delta/match/match_weak.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct match_index;

enum { MATCH_SIEVE_MAX = 512 }; /* most positions at once, a multiple of 8 */

struct match_sieve {
	const struct match_index *ix;
	const struct weak_sums *weak;
	struct weak_window window; /* of a block */
	bool vector;
	uint32_t inverse; /* of the index's key */
	/* Sums times the index's key; [0] is that of the window at p. */
	uint32_t mixed[MATCH_SIEVE_MAX + 1];
	uint16_t at[MATCH_SIEVE_MAX]; /* places in mixed that pass */
	/* Powers for the vector variant, see match_sieve_avx2.c. */
	uint32_t enter[MATCH_SIEVE_MAX];
	uint32_t leave[MATCH_SIEVE_MAX];
	uint32_t rise[MATCH_SIEVE_MAX];
};

/* ix is kept.  vector: with AVX2, which the CPU must have. */
void match_sieve_init(
    struct match_sieve *s, const struct match_index *ix, bool vector);

/* Begin at p: mixed[0] is the sum of the window there. */
void match_sieve_begin(struct match_sieve *s, const uint8_t *p);

/*
 * Go n positions on from p, where mixed[0] is known: mixed[1 .. n] are the
 * sums at p + 1 .. p + n, and the places of those that pass the filter are in
 * at, in order; returns their number.  Reads p[0 .. n + window.len).
 */
size_t match_sieve_roll(struct match_sieve *s, const uint8_t *p, size_t n);

#ifdef __x86_64__
/* The same; n is a multiple of 8.  For match_sieve_roll. */
size_t match_sieve_roll_avx2(struct match_sieve *s, const uint8_t *p, size_t n);
#endif

#endif
