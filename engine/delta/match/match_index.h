#ifndef ERPSYNC_ENGINE_DELTA_MATCH_MATCH_INDEX_H
#define ERPSYNC_ENGINE_DELTA_MATCH_MATCH_INDEX_H

/*
 * The blocks of a signature by their weak sums: a bit filter that most
 * positions of a file do not pass, behind it a table.  Weak sums are an
 * attacker's choice, so both are keyed with a secret, and what one bucket
 * keeps is bounded: further blocks are forgotten, which can only make a delta
 * longer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { MATCH_WEAK_LEN = 4, MATCH_STRONG_MAX = 32, MATCH_BUCKET_MAX = 64 };

#define MATCH_NO_BLOCK SIZE_MAX

/* A signature whose numbers are known to be sane. */
struct match_shape {
	size_t block_len;
	size_t strong_len;
	size_t count; /* blocks, at most 2^24 */
	bool rabinkarp; /* else rollsum */
	bool blake2b; /* else MD4 */
};

struct match_slot {
	uint32_t mixed; /* its weak sum times the key */
	uint32_t block;
};

struct match_bucket {
	uint32_t first; /* place in slots */
	uint32_t n; /* of them in use */
};

struct match_index {
	struct match_shape shape;
	uint8_t
	    *sums; /* count times a weak sum, big-endian, and a strong one */
	uint32_t key; /* odd */
	unsigned bucket_shift;
	uint32_t filter_mask;
	uint32_t *filter; /* words of bits */
	struct match_bucket *buckets;
	struct match_slot *slots;
};

/*
 * Index the sums, which are copied.  key should be random; a test may choose
 * it.  ERP_NOMEM.  40 to 70 bytes a block.
 */
int match_index_new(const struct match_shape *shape, const uint8_t *sums,
    uint32_t key, struct match_index **out, struct err *e);
void match_index_free(struct match_index *ix);

/* The slots among which a weak sum times the key is; their number to *n. */
static inline const struct match_slot *
match_index_bucket(const struct match_index *ix, uint32_t mixed, size_t *n)
{
	const struct match_bucket *b =
	    ix->buckets + (mixed >> ix->bucket_shift);

	*n = b->n;
	return ix->slots + b->first;
}

uint32_t match_index_weak(const struct match_index *ix, size_t block);
const uint8_t *match_index_strong(const struct match_index *ix, size_t block);

/*
 * The filter's word and bit are in fixed places of the sum times the key, so
 * that nothing is shifted by a variable; the bucket is above them.
 */
enum { MATCH_FILTER_SHIFT = 10 }; /* 22 bits above: 2^27 bits of filter */

static inline uint32_t
match_filter_word(const struct match_index *ix, uint32_t mixed)
{
	return mixed >> MATCH_FILTER_SHIFT & ix->filter_mask;
}

static inline bool
match_filter_has(const struct match_index *ix, uint32_t mixed)
{
	return ix->filter[match_filter_word(ix, mixed)] >> (mixed & 31) & 1;
}

#endif
