#ifndef ERPSYNC_TESTS_PROVE_RELEASE_H
#define ERPSYNC_TESTS_PROVE_RELEASE_H

/*
 * Releases that live in memory, and the client's folder: more than forty
 * files between whose versions everything happens that an update can do.
 */

#include "engine/base/buf.h"
#include "engine/tree/manifest.h"

struct fs;

/* The small releases follow. */
enum { VERSIONS = 6, SMALL = VERSIONS + 1, RELEASES = VERSIONS + 5 };

struct release {
	struct manifest m;
	struct buf *blobs; /* packed contents, one for each entry */
};

/* Version 1 and 2 are the real ones; later ones change a few files.  Small ones
 * have four files, of which two are others in each. */
void release_make(struct release *r, int version, enum path_os os);
void release_drop(struct release *r);

/* The same as files in a new folder of the root. */
void release_put(const struct fs *fs, const char *folder, int version);

/* The files of version 1 and the user's own, on an empty disk. */
void release_put_client(const struct fs *fs, enum path_os os);

#endif
