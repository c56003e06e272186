#ifndef ERPSYNC_ENGINE_TREE_SPELLING_H
#define ERPSYNC_ENGINE_TREE_SPELLING_H

/*
 * The names of a release as the disk of a folder spells them.  On a disk
 * where case does not count, README.txt of the folder is the Readme.TXT of
 * the release: one file, which keeps the folder's spelling.  Where a disk
 * folds names is found by trying, for each name by itself: one that is not
 * listed but can be looked up is the listed one of the same fold (path_fold).
 * Windows takes both for one on any disk, also behind Samba or Wine, so a
 * release for it does.  Reads only.
 */

#include "engine/tree/manifest.h"

#include <stddef.h>

struct err;
struct filter;
struct fs;

/* The folder whose names count. */
struct spelling_folder {
	const struct fs *fs;
	int dir;
	/* What a scan found there: such names need no look.  NULL: look. */
	struct manifest *have;
	/* What is left out under either name is left out; may be NULL. */
	const struct filter *filter;
	bool folds; /* case counts nowhere, whatever the disk does */
};

/*
 * The folder's spelling of each path, in out: malloc'd, or NULL where it is
 * the same or there is none.  paths are sorted bytewise and
 * have at most 64 components.
 * Nothing is in out after a failure.
 */
int spelling_find(const struct spelling_folder *f, const char *const *paths,
    size_t n, char **out, struct err *e);

/* A release under the folder's names; zeroes where none differs. */
struct spelling {
	struct manifest m; /* sorted as any manifest */
	size_t *from; /* of each entry: its index in the release */
};

/*
 * Find it for a release, which knows by itself whether case counts.  What the
 * filter leaves out by the release's name is taken out of f->have, and what
 * lies below it.
 */
int spelling_make(const struct spelling_folder *f,
    const struct manifest *release, struct spelling *out, struct err *e);
void spelling_release(struct spelling *s); /* zeroes are fine */

/* The release under the folder's names: its own ones where none differs. */
const struct manifest *spelling_manifest(
    const struct spelling *s, const struct manifest *release);

/* The index in the release of an entry of that manifest. */
size_t spelling_index(const struct spelling *s, const struct manifest *release,
    const struct entry *entry);

#endif
