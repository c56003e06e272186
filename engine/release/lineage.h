#ifndef ERPSYNC_ENGINE_RELEASE_LINEAGE_H
#define ERPSYNC_ENGINE_RELEASE_LINEAGE_H

/*
 * What the contents of a release come from: for each file the contents that
 * it, or a file like it (namesake.h), had in the older releases that the store
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
 * All that stations on older releases will ask for one by one, those of the
 * newest one first, each once; contents that no older release has anything like
 * come as requests without a basis.  The caller frees *out.
 */
int lineage_requests(struct store *s, const struct manifest *m,
    struct compile_request **out, size_t *n, struct err *e);

/*
 * The groups that stations ask for whose folder is the release so many places
 * before m, by the stations' own rule (engine/tree/missing.h).  fn gets one
 * after the other, each good until it returns, and answers 0, or what ends the
 * walk and is returned.  ERP_NOTFOUND: no release is so old.
 */
struct lineage_visitor {
	int (*fn)(void *ctx, const struct compile_request *req, struct err *e);
	void *ctx;
};
int lineage_groups(struct store *s, const struct manifest *m, size_t back,
    const struct lineage_visitor *visitor, struct err *e);

#endif
