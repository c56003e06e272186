#ifndef ERPSYNC_ENGINE_DELTA_MATCH_MATCH_WEAK_H
#define ERPSYNC_ENGINE_DELTA_MATCH_MATCH_WEAK_H

/*
 * librsync's two weak sums, for all positions of a range at once.  RabinKarp
 * is the one in use: a polynomial of the bytes modulo 2^32 with a one in
 * front.  Rollsum, Adler-32's kin, is here for old signatures.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A window that rolls or shrinks over bytes. */
struct weak_window {
	size_t len;
	uint32_t power; /* RabinKarp's multiplier to the power of len */
};

struct weak_window weak_window_of(size_t len);

struct weak_sums {
	/* The sum of p[0 .. n). */
	uint32_t (*sum)(const uint8_t *p, size_t n);
	/*
	 * Given the sum of the window at p in sums[0], those at p + 1 ..
	 * p + n in sums[1 .. n]; reads p[0 .. n + w->len).
	 */
	void (*roll)(const struct weak_window *w, const uint8_t *p, size_t n,
	    uint32_t *sums);
	/* The sum without the window's first byte; w becomes shorter. */
	uint32_t (*shrink)(struct weak_window *w, uint32_t sum, uint8_t first);
};

/*
 * RabinKarp's or rollsum's.  vector: with AVX2, which the CPU must have, where
 * there is such a variant.
 */
const struct weak_sums *weak_sums_of(bool rabinkarp, bool vector);

extern const struct weak_sums weak_rollsum;
extern const struct weak_sums weak_rabinkarp;
#ifdef __x86_64__
extern const struct weak_sums weak_rabinkarp_avx2;
#endif

/* Whether this CPU runs the AVX2 variants. */
bool match_has_avx2(void);

/* RabinKarp's constants. */
#define WEAK_RK_SEED UINT32_C(1)
#define WEAK_RK_MULT UINT32_C(0x08104225)
#define WEAK_RK_INVERSE UINT32_C(0x98f009ad) /* MULT * INVERSE = 1 */
/* What the seed adds to a byte that leaves: SEED * (MULT - 1). */
#define WEAK_RK_LEAVE UINT32_C(0x08104224)

#endif
