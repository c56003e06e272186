#ifndef ERPSYNC_ENGINE_TREE_HINTS_H
#define ERPSYNC_ENGINE_TREE_HINTS_H

/*
 * Which file of an older release the files of a new one are like, where names
 * do not tell: a server finds out from the contents (engine/release/resemble.h)
 * and tells it to a station that has the older one.  A wrong hint only costs
 * bytes.
 */

#include <stddef.h>

struct buf;
struct err;
struct manifest;

enum { HINTS_MAX_BYTES = 4 * 1024 * 1024 }; /* encoded */

struct hints {
	/* For each entry of the new release the path of a file of the older
	 * one, or NULL; v is NULL when there are none at all.  Owned. */
	char **v;
	size_t n;
};

/* None yet, for a release of n entries; ERP_NOMEM. */
int hints_init(struct hints *h, size_t n, struct err *e);
void hints_release(struct hints *h); /* zeroes are fine */
int hints_set(struct hints *h, size_t i, const char *path, struct err *e);

/*
 * As they travel (docs/protocol.md, "Hints"), appended to out, before they are
 * compressed: all paths of h are files of older.  Decoding fails with ERP_PROTO
 * on anything that could not have been encoded for these two releases.
 */
int hints_encode(const struct hints *h, const struct manifest *older,
    struct buf *out, struct err *e);
int hints_decode(struct hints *h, const struct manifest *release,
    const struct manifest *older, const struct buf *in, struct err *e);

#endif
