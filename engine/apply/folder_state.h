#ifndef ERPSYNC_ENGINE_APPLY_FOLDER_STATE_H
#define ERPSYNC_ENGINE_APPLY_FOLDER_STATE_H

/* The state file: which release is installed, and its manifest. */

#include <stdint.h>

struct buf;
struct cursor;
struct err;
struct folder;
struct folder_state;
struct fs;
struct hash;
struct manifest;

/* Append the whole file for this release; its id goes to *release. */
int state_encode(const struct manifest *m, int64_t installed_at,
    struct hash *release, struct buf *out, struct err *e);

/* Decode the payload of a record.  ERP_CORRUPT: s is empty.  Where the
 * release is whole, but none that this version takes, s is unread, no more. */
int state_decode(struct cursor *c, struct folder_state *s, struct err *e);

/* Read dir/path; a missing file is an empty, not known state. */
int state_read(const struct fs *fs, int dir, const char *path,
    struct folder_state *s, struct err *e);

void state_release(struct folder_state *s);

/* The folder's own, which nobody else changes: it is what path of .erpsync
 * says, as state_read; it is not known; it is next, which becomes what it was.
 */
int folder_state_load(struct folder *f, const char *path, struct err *e);
void folder_state_clear(struct folder *f);
void folder_state_swap(struct folder *f, struct folder_state *next);

#endif
