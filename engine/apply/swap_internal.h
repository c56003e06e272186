#ifndef ERPSYNC_ENGINE_APPLY_SWAP_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_SWAP_INTERNAL_H

/* Shared by swap.c and swap_undo.c. */

#include <stdbool.h>

struct err;
struct folder;
struct journal;
struct names;

/* Rename from_dir/from to path in the client folder, where nothing is; waits
 * for files in use. */
int swap_put(struct folder *f, int from_dir, const char *from, const char *path,
    struct err *e);

/* The same over what is there.  If that is in use and can only be moved, it
 * goes to .erpsync/aside first, where nothing is; a crash in between leaves
 * path without a file, which undo knows. */
int swap_replace(struct folder *f, int from_dir, const char *from,
    const char *aside, const char *path, struct err *e);

/* The folders whose names the journal changes, sorted, each once. */
int swap_dirs(const struct journal *j, struct names *out, struct err *e);

/* One of them in dir, if it is a folder. */
int swap_sync_folder(
    struct folder *f, int dir, const char *path, struct err *e);

/* Sync those that exist, and tmp.TX. */
int swap_sync_dirs(struct folder *f, const struct journal *j,
    const struct names *dirs, struct err *e);

#endif
