/*
 * Runs a fuzz target without a fuzzer: every seed as it is, then a fixed
 * number of random damages of each, always the same for the same seeds.
 *
 *	fuzz_NAME ROUNDS SEED_FILE...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED_MAX = 1 << 20, GROWTH = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 88172645463325252u;

/* xorshift64 (Marsaglia 2003): all that is needed is that it repeats. */
static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n == 0 ? 0 : (size_t)(state % n);
}

/* One random change of the n bytes at p, which has GROWTH more. */
static size_t
damage(uint8_t *p, size_t n)
{
	static const uint8_t sharp[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
	size_t at = below(n), len;

	switch (below(6)) {
	case 0:
		if (n > 0)
			p[at] ^= (uint8_t)(1u << below(8));
		return n;
	case 1:
		if (n > 0)
			p[at] = sharp[below(sizeof(sharp))];
		return n;
	case 2: /* cut */
		return at;
	case 3: /* drop some */
		len = below(n - at < 16 ? n - at : 16);
		memmove(p + at, p + at + len, n - at - len);
		return n - len;
	case 4: /* repeat some */
		len = below(n - at < GROWTH / 4 ? n - at : GROWTH / 4);
		memmove(p + at + len, p + at, n - at);
		return n + len;
	default: /* a large number */
		for (len = 0; len < 8 && at + len < n; len++)
			p[at + len] = len < 7 ? 0xff : 0x7f;
		return n;
	}
}

static int
run_seed(const char *path, long rounds)
{
	uint8_t *seed = malloc(SEED_MAX), *work = malloc(SEED_MAX + 8 * GROWTH);
	FILE *f = fopen(path, "rb");
	size_t n, len, times;
	uint8_t *exact;
	long i;

	if (seed == NULL || work == NULL || f == NULL) {
		perror(path);
		return 1;
	}
	n = fread(seed, 1, SEED_MAX, f);
	(void)fclose(f);
	for (i = 0; i <= rounds; i++) {
		memcpy(work, seed, n);
		len = n;
		if (i > 0)
			for (times = 1 + below(4); times > 0; times--)
				len = damage(work, len);
		/* Exactly as long as it is, so that a read beyond is seen. */
		exact = malloc(len == 0 ? 1 : len);
		if (exact == NULL)
			return 1;
		memcpy(exact, work, len);
		(void)LLVMFuzzerTestOneInput(exact, len);
		free(exact);
	}
	free(seed);
	free(work);
	return 0;
}

int
main(int argc, char **argv)
{
	long rounds;
	int i;

	if (argc < 3) {
		fprintf(stderr, "usage: %s ROUNDS SEED_FILE...\n", argv[0]);
		return 2;
	}
	rounds = strtol(argv[1], NULL, 10);
	for (i = 2; i < argc; i++)
		if (run_seed(argv[i], rounds) != 0)
			return 1;
	printf("%d seeds, %ld inputs\n", argc - 2, (argc - 2) * (rounds + 1));
	return 0;
}
