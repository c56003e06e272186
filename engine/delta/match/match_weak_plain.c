/*
 * Weak sums in plain C.  A sum is a chain in which each step waits for the
 * multiplication before it; four steps taken as one make it shorter.
 */
#include "engine/delta/match/match_weak.h"

#define M1 WEAK_RK_MULT
#define M2 (M1 * M1)
#define M3 (M2 * M1)
#define M4 (M2 * M2)

/* What rollsum adds to each byte. */
enum { ROLLSUM_OFFSET = 31 };

static uint32_t
rabinkarp_sum(const uint8_t *p, size_t n)
{
	uint32_t sum = WEAK_RK_SEED;
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		sum = sum * M4 +
		    (p[i] * M3 + p[i + 1] * M2 + p[i + 2] * M1 + p[i + 3]);
	for (; i < n; i++)
		sum = sum * M1 + p[i];
	return sum;
}

static void
rabinkarp_roll(
    const struct weak_window *w, const uint8_t *p, size_t n, uint32_t *sums)
{
	const uint8_t *in = p + w->len;
	uint32_t power = w->power, sum = sums[0], d0, d1, d2, d3;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		d0 = in[i] - power * (p[i] + WEAK_RK_LEAVE);
		d1 = in[i + 1] - power * (p[i + 1] + WEAK_RK_LEAVE) + d0 * M1;
		d2 = in[i + 2] - power * (p[i + 2] + WEAK_RK_LEAVE) + d1 * M1;
		d3 = in[i + 3] - power * (p[i + 3] + WEAK_RK_LEAVE) + d2 * M1;
		sums[i + 1] = sum * M1 + d0;
		sums[i + 2] = sum * M2 + d1;
		sums[i + 3] = sum * M3 + d2;
		sum = sum * M4 + d3;
		sums[i + 4] = sum;
	}
	for (; i < n; i++) {
		sum = sum * M1 + in[i] - power * (p[i] + WEAK_RK_LEAVE);
		sums[i + 1] = sum;
	}
}

static uint32_t
rabinkarp_shrink(struct weak_window *w, uint32_t sum, uint8_t first)
{
	w->len--;
	w->power *= WEAK_RK_INVERSE;
	return sum - w->power * (first + WEAK_RK_LEAVE);
}

const struct weak_sums weak_rabinkarp = {
    rabinkarp_sum, rabinkarp_roll, rabinkarp_shrink};

/* Rollsum: the sum of the bytes below, the sum of those sums above. */
static uint32_t
rollsum_join(uint32_t low, uint32_t high)
{
	return high << 16 | (low & 0xffff);
}

static uint32_t
rollsum_sum(const uint8_t *p, size_t n)
{
	uint32_t low = 0, high = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		low += p[i] + (uint32_t)ROLLSUM_OFFSET;
		high += low;
	}
	return rollsum_join(low, high);
}

static void
rollsum_roll(
    const struct weak_window *w, const uint8_t *p, size_t n, uint32_t *sums)
{
	uint32_t low = sums[0] & 0xffff, high = sums[0] >> 16;
	uint32_t len = (uint32_t)w->len;
	size_t i;

	for (i = 0; i < n; i++) {
		low += (uint32_t)p[i + w->len] - p[i];
		high += low - len * (p[i] + (uint32_t)ROLLSUM_OFFSET);
		sums[i + 1] = rollsum_join(low, high);
	}
}

static uint32_t
rollsum_shrink(struct weak_window *w, uint32_t sum, uint8_t first)
{
	uint32_t gone = first + (uint32_t)ROLLSUM_OFFSET;
	uint32_t len = (uint32_t)w->len;

	w->len--;
	return rollsum_join(sum - gone, (sum >> 16) - len * gone);
}

const struct weak_sums weak_rollsum = {
    rollsum_sum, rollsum_roll, rollsum_shrink};
