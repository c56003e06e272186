#ifndef ERPSYNC_ENGINE_APPLY_SWAP_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_SWAP_INTERNAL_H

/* Shared by swap.c and swap_undo.c. */

#include <stdbool.h>

struct err;
struct folder;
struct journal;
struct names;

/* A rename that waits for files in use; a code with the paths named. */
int swap_rename(struct folder *f, int from_dir, const char *from, int to_dir,
    const char *to, bool replace, struct err *e);

/* The folders whose names the journal changes, sorted, each once. */
int swap_dirs(const struct journal *j, struct names *out, struct err *e);

/* Sync those that exist, and tmp.TX. */
int swap_sync_dirs(struct folder *f, const struct journal *j,
    const struct names *dirs, struct err *e);

#endif
