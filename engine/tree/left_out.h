#ifndef ERPSYNC_ENGINE_TREE_LEFT_OUT_H
#define ERPSYNC_ENGINE_TREE_LEFT_OUT_H

/*
 * Names that a server leaves out of its releases, by patterns of filter.h: no
 * release has taken away what a station has under them, so it stays.  They are
 * a peer's words: they keep files from being deleted, and do nothing else.
 * smartclient.ini, which names the server, is always such a name: without it a
 * station finds no update any more.
 */

#include "engine/tree/filter.h"

#include <stdbool.h>

struct err;

enum { LEFT_OUT_BYTES = 255 /* of a pattern */ };

struct left_out {
	struct filter exact;
	struct filter folded; /* the same ones, folded as path_fold does */
	bool folds; /* case does not count; its owner sets it */
};

/* Can stations be told this pattern: 1 to LEFT_OUT_BYTES printable bytes,
 * with something but slashes in it, and nothing that leads up? */
bool left_out_is_legal(const char *pattern);

/* A zeroed one is empty.  ERP_PROTO for a pattern that is not legal. */
int left_out_add(struct left_out *l, const char *pattern, struct err *e);
void left_out_release(struct left_out *l);

/* Does what is there at path (relative) stay?  l may be NULL. */
bool left_out_has(const struct left_out *l, const char *path);

#endif
