/*
 * Three bytes of hash for each block.  A station makes them of a basis that
 * seems edited in place; the server compares them with what it published
 * (known.c).
 */
#include "engine/delta/short_sums.h"

#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROUND = 64 };

/* The largest whole number whose square is at most n. */
static uint64_t
root(uint64_t n)
{
	uint64_t r = 0, bit = (uint64_t)1 << 31;

	for (; bit > 0; bit >>= 1)
		if ((r + bit) * (r + bit) <= n)
			r += bit;
	return r;
}

uint32_t
short_block_len(uint64_t size)
{
	uint64_t n = (2 * root(size) + ROUND - 1) / ROUND * ROUND;

	return n < SHORT_BLOCK_MIN ? SHORT_BLOCK_MIN : (uint32_t)n;
}

uint64_t
short_sums_len(uint64_t size)
{
	uint64_t block = short_block_len(size);

	return (size / block + (size % block != 0)) * SHORT_SUM_LEN;
}

int
short_sum(
    const uint8_t *block, size_t n, uint8_t out[SHORT_SUM_LEN], struct err *e)
{
	struct hash h;
	int rc = hash_bytes(block, n, &h, e);

	if (rc == 0)
		memcpy(out, h.b, SHORT_SUM_LEN);
	return rc;
}

int
short_sums_make(const struct source *basis, uint64_t size,
    const struct sink *out, struct err *e)
{
	size_t block = short_block_len(size), n;
	uint8_t *p = malloc(block), sum[SHORT_SUM_LEN];
	int64_t got;
	int rc = 0;

	if (p == NULL)
		return err_nomem(e);
	for (; rc == 0 && size > 0; size -= n) {
		n = size < block ? (size_t)size : block;
		if ((got = source_read_full(basis, p, n, e)) < 0) {
			rc = (int)got;
			break;
		}
		assert((size_t)got <= n);
		memset(p + got, 0, n - (size_t)got);
		if ((rc = short_sum(p, n, sum, e)) == 0)
			rc = out->write(out->ctx, sum, sizeof(sum), e);
	}
	free(p);
	return rc;
}
