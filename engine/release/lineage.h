#ifndef ERPSYNC_ENGINE_RELEASE_LINEAGE_H
#define ERPSYNC_ENGINE_RELEASE_LINEAGE_H

/*
 * What the contents of a release come from: for each file the contents that
 * it, or a file like it (kin.h), had in the older releases that the store
 * keeps.  Stations will come from these, exactly or with local edits.
 */

#include "engine/release/compile.h"

#include <stddef.h>

struct err;
struct manifest;
struct store;

/* The nearest earlier content of each entry of a manifest, size 0: none. */
struct ancestor {
	struct hash hash;
	uint64_t size;
};

/*
 * One for each entry of m, which is the current release of its system; the
 * caller frees *out.  Older releases that are damaged or gone are passed over.
 */
int lineage_ancestors(struct store *s, const struct manifest *m,
    struct ancestor **out, struct err *e);

/*
 * All that stations on older releases will ask for, those of the newest one
 * first, each once; contents that no older release has anything like come as
 * requests without a basis.  The caller frees *out.
 */
int lineage_requests(struct store *s, const struct manifest *m,
    struct compile_request **out, size_t *n, struct err *e);

#endif
