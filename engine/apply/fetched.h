#ifndef ERPSYNC_ENGINE_APPLY_FETCHED_H
#define ERPSYNC_ENGINE_APPLY_FETCHED_H

/*
 * What a folder remembers of a release whose contents were fetched and not put
 * in place: what the server said before them, so that the update can be made
 * without it.  It is good as long as the release that was installed then still
 * is, for a server tells what differs from that; the contents are in the stage.
 */

#include "engine/tree/manifest.h"

struct buf;
struct err;
struct folder;

/* Bytes that may be kept: a list of files, and what is said around it. */
#define FETCHED_MAX ((size_t)MANIFEST_MAX_BYTES + 16 * 1024 * 1024)

/* Keep what the server said: durable. */
int fetched_keep(struct folder *f, const struct buf *said, struct err *e);

/* Append it to out: 1; 0 when there is none for the release that is installed
 * now, or a damaged one; or a code. */
int fetched_find(const struct folder *f, struct buf *out, struct err *e);

/* It is of no use any more. */
int fetched_forget(struct folder *f, struct err *e);

#endif
