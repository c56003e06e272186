#ifndef ERPSYNC_TESTS_SUPPORT_MALFORMED_H
#define ERPSYNC_TESTS_SUPPORT_MALFORMED_H

/*
 * Malformed frames, made of the good ones of a conversation: the same ones
 * for the same seed.  Pure functions on bytes.
 */

#include "transport/wire/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* What an end said, cut into its frames. */
enum { FRAMES_MAX = 64 };
struct frames {
	const uint8_t *p; /* all of it, from the preface on; borrowed */
	size_t at[FRAMES_MAX], len[FRAMES_MAX]; /* headers included */
	size_t n;
};

/* Cut what is whole; the preface is no frame. */
void frames_cut(struct frames *f, const uint8_t *p, size_t n);

enum malformed_kind {
	MALFORMED_DAMAGED, /* one bit is another, its CRC is not mended */
	MALFORMED_UNKNOWN, /* of a type that there is not */
	MALFORMED_LONG, /* longer than its type may be */
	MALFORMED_NOT_THEIRS, /* of a type that only the other end says */
	MALFORMED_VALUE, /* a value, or a length, that is never legal */
	MALFORMED_SURE, /* of those above nothing is legal in any state */
	/* Good or bad by the state it meets, by chance. */
	MALFORMED_BENT = MALFORMED_SURE, /* bytes are others, the CRC fits */
	MALFORMED_MISPLACED, /* a good one, at another time */
	MALFORMED_KINDS
};

struct malformed {
	uint64_t seed; /* changes with each frame */
	/* What frames are made of: of whom they pretend to be, and of whom
	 * they are said to. */
	const struct frames *theirs, *ours;
	enum malformed_kind kind; /* of the last one */
};

/* A number below n, n > 0. */
uint64_t malformed_random(struct malformed *m, uint64_t n);

/* Append one to out. */
void malformed_make(struct malformed *m, struct buf *out);

#endif
