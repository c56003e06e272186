#ifndef ERPSYNC_ENGINE_DELTA_SHORT_SUMS_H
#define ERPSYNC_ENGINE_DELTA_SHORT_SUMS_H

/*
 * Short sums tell where a basis still is what was published, at a third of
 * the bytes of a signature: three bytes for each block, which are only
 * compared in place.  They find edits that move nothing, as those of a
 * program or of a value in a settings file; for the others there are
 * signatures.
 */

#include <stddef.h>
#include <stdint.h>

struct err;
struct sink;
struct source;

enum {
	SHORT_SUM_LEN = 3, /* the first bytes of the block's hash */
	SHORT_BLOCK_MIN = 512
};

/* Bytes of a block, about twice the root of the basis's size: then sums and
 * one block that differs cost about the same.  Both ends compute it. */
uint32_t short_block_len(uint64_t size);

/* Bytes of all sums of a basis of this size. */
uint64_t short_sums_len(uint64_t size);

/* Write exactly the sums of a basis of size bytes; one that changed since is
 * cut, or has zeroes behind its end. */
int short_sums_make(const struct source *basis, uint64_t size,
    const struct sink *out, struct err *e);

/* The sum of one block. */
int short_sum(
    const uint8_t *block, size_t n, uint8_t out[SHORT_SUM_LEN], struct err *e);

#endif
