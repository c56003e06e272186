/*
 * The table of a signature's blocks and the filter in front of it: made once
 * for each basis, asked at nearly every position of the target by match_sieve.c
 * and match.c.
 */
#include "engine/delta/match/match_index.h"

#include "engine/base/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Logarithm of the filter's bits for each bucket.  With 128 a position without
 * a block passes one time in 128 to 256, and a file of 100 MB has a filter of
 * 256 KiB, which stays in the second cache; twice that and half of it are no
 * faster.  Past 2^23 bits (1 MiB) there are fewer for each, but not below 8.
 */
enum {
	FILTER_LOG = 7,
	FILTER_LOG_LEAST = 3,
	FILTER_BITS_MAX = 23,
	BUCKET_BITS_MIN = 8
};

static size_t
entry_len(const struct match_index *ix)
{
	return MATCH_WEAK_LEN + ix->shape.strong_len;
}

uint32_t
match_index_weak(const struct match_index *ix, size_t block)
{
	const uint8_t *p = ix->sums + block * entry_len(ix);

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

const uint8_t *
match_index_strong(const struct match_index *ix, size_t block)
{
	assert(block < ix->shape.count);
	return ix->sums + block * entry_len(ix) + MATCH_WEAK_LEN;
}

/* Keep a block unless its bucket is full or has both its sums already. */
static void
keep(struct match_index *ix, size_t block)
{
	uint32_t mixed = match_index_weak(ix, block) * ix->key;
	struct match_bucket *b = ix->buckets + (mixed >> ix->bucket_shift);
	const uint8_t *strong = match_index_strong(ix, block);
	struct match_slot *slot = ix->slots + b->first;
	size_t i;

	assert(b->first + b->n <= ix->shape.count);
	if (b->n == MATCH_BUCKET_MAX)
		return;
	for (i = 0; i < b->n; i++)
		if (slot[i].mixed == mixed &&
		    memcmp(match_index_strong(ix, slot[i].block), strong,
			ix->shape.strong_len) == 0)
			return;
	slot[b->n].mixed = mixed;
	slot[b->n].block = (uint32_t)block;
	b->n++;
	ix->filter[match_filter_word(ix, mixed)] |= UINT32_C(1) << (mixed & 31);
}

static void
fill(struct match_index *ix, size_t bucket_n)
{
	struct match_bucket *b = ix->buckets;
	uint32_t place = 0, n;
	size_t i;

	for (i = 0; i < ix->shape.count; i++)
		b[(match_index_weak(ix, i) * ix->key) >> ix->bucket_shift].n++;
	for (i = 0; i < bucket_n; i++) {
		n = b[i].n;
		b[i].first = place;
		b[i].n = 0;
		place += n < MATCH_BUCKET_MAX ? n : MATCH_BUCKET_MAX;
	}
	assert(place <= ix->shape.count);
	for (i = 0; i < ix->shape.count; i++)
		keep(ix, i);
}

/* Bits that count to at least n. */
static unsigned
bits_for(size_t n)
{
	unsigned bits = BUCKET_BITS_MIN;

	while (((size_t)1 << bits) < n)
		bits++;
	return bits;
}

int
match_index_new(const struct match_shape *shape, const uint8_t *sums,
    uint32_t key, struct match_index **out, struct err *e)
{
	struct match_index *ix = calloc(1, sizeof(*ix));
	unsigned bits = bits_for(shape->count), wide = bits + FILTER_LOG;
	size_t bucket_n = (size_t)1 << bits;

	*out = NULL;
	if (ix == NULL)
		return err_nomem(e);
	if (wide > FILTER_BITS_MAX)
		wide = bits + FILTER_LOG_LEAST > FILTER_BITS_MAX
		    ? bits + FILTER_LOG_LEAST
		    : FILTER_BITS_MAX;
	assert(bits < 32 && wide >= bits);
	ix->shape = *shape;
	ix->key = key | 1;
	ix->bucket_shift = 32 - bits;
	ix->filter_mask = (UINT32_C(1) << (wide - 5)) - 1;
	/* One more where zero blocks would ask for nothing. */
	ix->sums = calloc(shape->count + 1, entry_len(ix));
	ix->filter = calloc(((size_t)1 << wide) / 32, sizeof(*ix->filter));
	ix->buckets = calloc(bucket_n, sizeof(*ix->buckets));
	ix->slots = reallocarray(NULL, shape->count + 1, sizeof(*ix->slots));
	if (ix->sums == NULL || ix->filter == NULL || ix->buckets == NULL ||
	    ix->slots == NULL) {
		match_index_free(ix);
		return err_nomem(e);
	}
	if (shape->count > 0)
		memcpy(ix->sums, sums, shape->count * entry_len(ix));
	fill(ix, bucket_n);
	*out = ix;
	return 0;
}

void
match_index_free(struct match_index *ix)
{
	if (ix == NULL)
		return;
	free(ix->sums);
	free(ix->filter);
	free(ix->buckets);
	free(ix->slots);
	free(ix);
}
