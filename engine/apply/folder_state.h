#ifndef ERPSYNC_ENGINE_APPLY_FOLDER_STATE_H
#define ERPSYNC_ENGINE_APPLY_FOLDER_STATE_H

/* The state file: which release is installed, and its manifest. */

#include <stdint.h>

struct buf;
struct cursor;
struct err;
struct folder_state;
struct fs;
struct hash;
struct manifest;

/* Append the whole file for this release; its id goes to *release. */
int state_encode(const struct manifest *m, int64_t installed_at,
    struct hash *release, struct buf *out, struct err *e);

/* Decode the payload of a record.  ERP_CORRUPT; s is empty on failure. */
int state_decode(struct cursor *c, struct folder_state *s, struct err *e);

/* Read dir/path; a missing file is an empty, not known state. */
int state_read(const struct fs *fs, int dir, const char *path,
    struct folder_state *s, struct err *e);

void state_release(struct folder_state *s);

#endif
