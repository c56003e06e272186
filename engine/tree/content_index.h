#ifndef ERPSYNC_ENGINE_TREE_CONTENT_INDEX_H
#define ERPSYNC_ENGINE_TREE_CONTENT_INDEX_H

/*
 * Which contents the files of a manifest have, by hash: a few bytes for each,
 * since the hashes stay in the manifest, which has to outlive it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct hash;
struct manifest;

/* Zeroed: of nothing. */
struct content_index {
	const struct manifest *m;
	uint32_t *slots; /* entries, counted from 1; 0: free */
	size_t slots_n; /* a power of two */
};

/* Of all files, whose hashes are known; ERP_NOMEM. */
int content_index_init(
    struct content_index *index, const struct manifest *m, struct err *e);
bool content_index_has(const struct content_index *index, const struct hash *h);
/* It is of nothing then. */
void content_index_release(struct content_index *index);

#endif
