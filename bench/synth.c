/*
 * synth: something like a native program of any size, and its next build.
 *   synth BYTES BUILD
 * It is a run of functions of four-byte instructions from a small vocabulary.
 * Every seventh instruction holds the distance to another function. Build B
 * has a few functions longer than build B - 1, so most distances change,
 * all over the file, as they do when a program is compiled again.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 96 }; /* mean length of a function, in instructions */

static uint32_t
mix(uint64_t a, uint64_t b)
{
	uint64_t x = a * 0x9e3779b97f4a7c15U + b * 0xc2b2ae3d27d4eb4fU;

	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9U;
	x ^= x >> 32;
	return (uint32_t)x;
}

/* Instructions of function f in a build: one in 200 grew in each build. */
static uint32_t
length_of(uint32_t f, uint32_t build)
{
	uint32_t n = WORDS / 2 + mix(f, 1) % WORDS;

	for (uint32_t b = 1; b <= build; b++)
		if (mix(f, 100 + b) % 200 == 0)
			n += 1 + mix(f, 200 + b) % 8;
	return n;
}

/* Idioms of four instructions; common ones are more common than rare ones. */
static uint32_t
instruction(uint32_t f, uint32_t i)
{
	uint32_t r = mix((uint64_t)f << 32 | i / 4, 2);
	uint32_t rank = (r & 0xff) * ((r >> 8) & 0xff) >> 3;

	return r % 16 == 0 ? mix(r, i) : mix(rank, 3 + i % 4);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		return 1;
	uint64_t bytes = strtoull(argv[1], NULL, 10);
	uint32_t build = (uint32_t)strtoul(argv[2], NULL, 10);
	uint32_t functions = (uint32_t)(bytes / 4 / WORDS) + 2;
	uint32_t *start = calloc(functions + 1, sizeof(*start));
	uint64_t done = 0;

	if (start == NULL)
		return 1;
	for (uint32_t f = 0; f < functions; f++)
		start[f + 1] = start[f] + length_of(f, build);
	for (uint32_t f = 0; f < functions && done < bytes; f++)
		for (uint32_t i = start[f]; i < start[f + 1]; i++) {
			uint32_t k = i - start[f], word = instruction(f, k);

			if (k % 7 == 6)
				word = start[mix(f, k) % functions] - i;
			if (done < bytes &&
			    fwrite(&word, sizeof(word), 1, stdout) != 1)
				return 1;
			done += sizeof(word);
		}
	free(start);
	return fflush(stdout) == 0 ? 0 : 1;
}
