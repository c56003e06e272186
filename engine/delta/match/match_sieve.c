/*
 * Weak sums of many positions against the filter, in plain C or, where the
 * processor has it, by match_sieve_avx2.c.  The first sieve of the search in
 * match.c: what does not pass is literal.
 */
#include "engine/delta/match/match_sieve.h"

#include "engine/delta/match/match_index.h"

#include <assert.h>

/* The number that times odd v is 1 modulo 2^32: each step doubles the bits
 * that are right, and v itself has three. */
static uint32_t
inverse_of(uint32_t v)
{
	uint32_t x = v;
	int i;

	for (i = 0; i < 4; i++)
		x *= 2 - v * x;
	return x;
}

void
match_sieve_init(
    struct match_sieve *s, const struct match_index *ix, bool vector)
{
	uint32_t fall = WEAK_RK_INVERSE, rise = ix->key * WEAK_RK_MULT;
	size_t i;

	assert(ix->key & 1);
	s->ix = ix;
	s->vector = vector && ix->shape.rabinkarp;
	s->weak = weak_sums_of(ix->shape.rabinkarp, vector);
	s->window = weak_window_of(ix->shape.block_len);
	s->inverse = inverse_of(ix->key);
	for (i = 0; i < MATCH_SIEVE_MAX; i++) {
		s->enter[i] = fall;
		s->leave[i] = fall * s->window.power;
		s->rise[i] = rise;
		fall *= WEAK_RK_INVERSE;
		rise *= WEAK_RK_MULT;
	}
}

void
match_sieve_begin(struct match_sieve *s, const uint8_t *p)
{
	s->mixed[0] = s->weak->sum(p, s->window.len) * s->ix->key;
}

/* The same as match_sieve_roll from a place on, where mixed[from] is known. */
static size_t
roll_plain(struct match_sieve *s, const uint8_t *p, size_t from, size_t n,
    size_t passed)
{
	const struct match_index ix = *s->ix; /* s->at is not in the way */
	uint32_t *mixed = s->mixed + from;
	size_t i;

	mixed[0] *= s->inverse;
	s->weak->roll(&s->window, p + from, n - from, mixed);
	mixed[0] *= ix.key;
	for (i = 1; i <= n - from; i++) {
		mixed[i] *= ix.key;
		if (match_filter_has(&ix, mixed[i]))
			s->at[passed++] = (uint16_t)(from + i);
	}
	return passed;
}

size_t
match_sieve_roll(struct match_sieve *s, const uint8_t *p, size_t n)
{
	size_t from = 0, passed = 0;

	assert(n <= MATCH_SIEVE_MAX);
#ifdef __x86_64__
	if (s->vector) {
		from = n - n % 8;
		passed = match_sieve_roll_avx2(s, p, from);
	}
#endif
	return from < n ? roll_plain(s, p, from, n, passed) : passed;
}
