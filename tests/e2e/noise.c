/*
 * noise SEED BYTES [REVISION SPANS]: repeatable bytes on standard output.
 * About half of them are noise and half are runs, as in a program file.  A
 * revision > 0 is the same bytes but for that many spans of 64.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SPAN = 64 };

/* splitmix64 */
static uint64_t
next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static void
fill(uint8_t *p, size_t n, uint64_t seed)
{
	uint64_t state = seed, r = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i % 8 == 0)
			r = next(&state);
		p[i] = (i / 32) % 2 == 0 ? (uint8_t)(r >> 8 * (i % 8))
					 : (uint8_t)(i / 4096);
	}
}

static void
edit(uint8_t *p, size_t n, uint64_t seed, unsigned long spans)
{
	uint64_t state = seed;
	unsigned long i;
	size_t at;

	for (i = 0; i < spans && n > SPAN; i++) {
		at = (size_t)(next(&state) % (n - SPAN));
		fill(p + at, SPAN, next(&state));
	}
}

int
main(int argc, char **argv)
{
	unsigned long seed, bytes, revision = 0, spans = 0;
	uint8_t *p;

	if (argc != 3 && argc != 5)
		return 1;
	seed = strtoul(argv[1], NULL, 10);
	bytes = strtoul(argv[2], NULL, 10);
	if (argc == 5) {
		revision = strtoul(argv[3], NULL, 10);
		spans = strtoul(argv[4], NULL, 10);
	}
	if ((p = malloc(bytes + 1)) == NULL)
		return 1;
	fill(p, bytes, seed);
	if (revision > 0)
		edit(p, bytes, seed * 1000 + revision, spans);
	if (fwrite(p, 1, bytes, stdout) != bytes || fflush(stdout) != 0)
		return 1;
	free(p);
	return 0;
}
