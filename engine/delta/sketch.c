/*
 * Sketches: a byte costs an addition, a look-up and a comparison; about every
 * 16th window is chosen and mixed.
 */
#include "engine/delta/sketch.h"

#include <assert.h>
#include <string.h>

/* A window whose hash has only zeroes in front is chosen. */
enum { CHOSEN_BITS = 4 };

/* Bits that look like chance, the same everywhere: splitmix64 (Steele, Lea,
 * Flood, 2014). */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* Keep one, if it is new and among the least. */
static void
keep(struct sketch *s, uint32_t v)
{
	size_t low = 0, high = s->n, mid;

	assert(s->n <= SKETCH_MAX);
	if (s->n == SKETCH_MAX && v >= s->v[SKETCH_MAX - 1])
		return;
	while (low < high) {
		mid = (low + high) / 2;
		if (s->v[mid] < v)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < s->n && s->v[low] == v)
		return;
	if (s->n < SKETCH_MAX)
		s->n++;
	memmove(s->v + low + 1, s->v + low, (s->n - 1 - low) * sizeof(s->v[0]));
	s->v[low] = v;
}

void
sketch_add(struct sketch *s, const uint8_t *p, size_t n)
{
	uint64_t table[256], gear = s->gear;
	size_t i;

	for (i = 0; i < 256; i++)
		table[i] = mix((i + 1) * 0x9e3779b97f4a7c15);
	for (i = 0; i < n; i++) {
		gear = (gear << 1) + table[p[i]];
		if (gear >> (64 - CHOSEN_BITS) == 0)
			keep(s, (uint32_t)(mix(gear) >> 32));
	}
	s->gear = gear;
}
