#ifndef ERPSYNC_ENGINE_RELEASE_COMPILE_INTERNAL_H
#define ERPSYNC_ENGINE_RELEASE_COMPILE_INTERNAL_H

/* What compile.c, compile_patch.c and compile_group.c share. */

#include "engine/release/compile.h"

#include <stdbool.h>

/* May a patch be made for this request?  Both contents are held in memory
 * meanwhile, so size is bounded. */
bool patch_is_possible(const struct compile_request *req);

/*
 * Write the patch between two contents of the store to w.  ERP_CANCELLED
 * when it would be of no use.
 */
int patch_write(struct store *s, const struct compile_request *req,
    struct blob_writer *w, struct err *e);

/*
 * Read a content of the store whole into size bytes at to.  What is not what
 * its name says is dropped: ERP_CORRUPT.
 */
int content_read(struct store *s, const struct hash *want, uint64_t size,
    uint8_t *to, struct err *e);

/* compile_blob and compile_key of a group. */
int compile_group(struct store *s, const struct compile_request *req,
    struct blob *out, struct err *e);
int compile_group_key(
    const struct compile_request *req, struct hash *key, struct err *e);

#endif
