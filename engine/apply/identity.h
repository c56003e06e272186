#ifndef ERPSYNC_ENGINE_APPLY_IDENTITY_H
#define ERPSYNC_ENGINE_APPLY_IDENTITY_H

/*
 * Which file is this?  Recovery decides by identity, not by name: inode,
 * size and time where inode numbers can be trusted (same device as when the
 * journal was written), else time and content.  Some disks make the number of
 * the name, so that a rename changes it: there content decides, too, and one
 * folder is as good as another.
 */

#include "engine/base/fs.h"
#include "engine/base/hash.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct cursor;
struct err;

struct identity {
	enum fs_type type;
	uint32_t mode;
	uint64_t ino;
	struct stamp mtime;
	struct content content; /* of a file, or of a link's target */
};

/* The identity in a stat, without hash. */
void identity_of_stat(struct identity *id, const struct fs_stat *st);

/* The identity of a file of this content. */
void identity_of_file(
    struct identity *id, const struct fs_stat *st, const struct hash *content);

/* Read dir/path: its stat, and its hash too when with_hash (not for
 * folders).  ERP_NOTFOUND when there is nothing. */
int identity_read(const struct fs *fs, int dir, const char *path,
    bool with_hash, struct identity *out, struct err *e);

/* Untouched since: same inode, size, time (of a folder: still one). */
bool identity_is_exact(const struct identity *id, const struct fs_stat *st);

/*
 * Is dir/path this file, perhaps after a restart that changed inode numbers?
 * 1, 0 (also when there is nothing) or a code.
 */
int identity_match(const struct fs *fs, int dir, const char *path,
    const struct identity *id, bool trust_inodes, struct err *e);

int identity_encode(const struct identity *id, struct buf *out, struct err *e);
/* Sets c->bad on malformed bytes. */
void identity_decode(struct cursor *c, struct identity *out);

#endif
