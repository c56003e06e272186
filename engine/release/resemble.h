#ifndef ERPSYNC_ENGINE_RELEASE_RESEMBLE_H
#define ERPSYNC_ENGINE_RELEASE_RESEMBLE_H

/*
 * Which file of an older release is most like a new file, by what is in them
 * (engine/delta/sketch.h): for files whose name says nothing, since they were
 * renamed with their contents, moved, split or merged.  Both releases are the
 * store's, and every end that asks about the same two gets the same answer.
 */

struct err;
struct hints;
struct manifest;
struct store;

/*
 * Fill h, which is empty: for entries of m for which their name finds no basis
 * in older, or one that is much less like them than another.  Contents that
 * cannot be read are like nothing; what is too much to read in about a second
 * (RESEMBLE_BYTES) is left out.  ERP_NOMEM.
 */
int resemble_find(struct store *s, const struct manifest *m,
    const struct manifest *older, struct hints *h, struct err *e);

#endif
