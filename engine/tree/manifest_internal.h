#ifndef ERPSYNC_ENGINE_TREE_MANIFEST_INTERNAL_H
#define ERPSYNC_ENGINE_TREE_MANIFEST_INTERNAL_H

/*
 * The columns of integers in the bytes of a manifest, between manifest_codec.c
 * and manifest_columns.c.
 */

#include "engine/tree/manifest.h"

struct buf;
struct cursor;
struct err;

/* Append all of them. */
int manifest_put_columns(
    const struct manifest *m, struct buf *out, struct err *e);

/* Into the entries of m, whose types are known; c is bad when they are cut
 * short. */
void manifest_get_columns(struct cursor *c, struct manifest *m);

#endif
