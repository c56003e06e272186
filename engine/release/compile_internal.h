#ifndef ERPSYNC_ENGINE_RELEASE_COMPILE_INTERNAL_H
#define ERPSYNC_ENGINE_RELEASE_COMPILE_INTERNAL_H

/* What compile.c and compile_patch.c share. */

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

#endif
