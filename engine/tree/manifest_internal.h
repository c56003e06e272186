#ifndef ERPSYNC_ENGINE_TREE_MANIFEST_INTERNAL_H
#define ERPSYNC_ENGINE_TREE_MANIFEST_INTERNAL_H

/*
 * Between manifest.c, which holds the entries, manifest_codec.c, and
 * manifest_columns.c, which has the columns of integers in their bytes.
 */

#include "engine/tree/manifest.h"

struct buf;
struct cursor;
struct err;

/* Room for n entries in all, which are known to come. */
int manifest_reserve(struct manifest *m, size_t n, struct err *e);

/* A copy that m has; NULL without memory. */
char *manifest_text(struct manifest *m, const char *text);

/* Append all of them. */
int manifest_put_columns(
    const struct manifest *m, struct buf *out, struct err *e);

/* Into the entries of m, whose types are known; c is bad when they are cut
 * short. */
void manifest_get_columns(struct cursor *c, struct manifest *m);

#endif
