#ifndef ERPSYNC_ENGINE_DELTA_KNOWN_H
#define ERPSYNC_ENGINE_DELTA_KNOWN_H

/*
 * What a station's sums tell of a basis that nobody sent: each of its blocks
 * that occurs in a content the server has is known.  A local edit of a
 * published file leaves most of it known, and a patch from that costs what a
 * patch from the published file would cost, and the edit.
 */

#include "engine/delta/patch/patch.h"

#include <stddef.h>
#include <stdint.h>

struct err;
struct signature;

/* A content that the basis may be like. */
struct known_like {
	const uint8_t *p;
	size_t len;
};

struct known {
	uint8_t *bytes; /* of the basis; in the gaps what like[0] has there */
	size_t len;
	struct patch_gap *gap; /* as in struct patch_pair */
	size_t gap_n;
	uint64_t gap_bytes; /* in all */
};

/*
 * Look for the blocks of sums, the signature of a basis of len bytes, in
 * like_n contents.  Sums that lie make bytes that are wrong, nothing else.
 */
int known_find(struct signature *sums, size_t len,
    const struct known_like *like, size_t like_n, struct known *out,
    struct err *e);

/* The same from short sums (short_sums.h), short_sums_len(len) bytes. */
int known_find_short(const uint8_t *sums, size_t len,
    const struct known_like *like, size_t like_n, struct known *out,
    struct err *e);

void known_release(struct known *k); /* zeroes are fine */

#endif
