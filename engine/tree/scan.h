#ifndef ERPSYNC_ENGINE_TREE_SCAN_H
#define ERPSYNC_ENGINE_TREE_SCAN_H

/*
 * Scan a folder: stat only, contents are hashed on demand (hashcache.h).
 * Names that are not the release's (reserved.h) are never entries.
 */

#include <stdbool.h>
#include <stddef.h>

struct entry;
struct err;
struct filter;
struct fs;
struct fs_stat;
struct manifest;
struct observer;

struct scan_options {
	const struct filter *filter; /* may be NULL: everything */
	const struct observer *obs; /* may be NULL */
	/* What to do with a name or a type that cannot be managed (device,
	 * FIFO, socket, link that leaves the tree, name against the rules):
	 * false = fail naming it; true = leave it out with EVENT_WARN.
	 * Stations skip (such files are not ours), servers refuse them all. */
	bool skip_unmanageable;
	bool refuses; /* the event does not say that it is left alone */
	/* Folders that may be closed to this user: then they are left out. */
	const struct filter *closed; /* may be NULL: none */
	/* Where to count others, which are then as what cannot be managed;
	 * NULL: one fails the scan. */
	size_t *closed_n;
};

/*
 * Scan the directory dir into the empty m (whose os is set by
 * manifest_init).  Entries are sorted, without hashes.  A directory that
 * cannot be read fails the scan: half a tree is never returned.  A name that
 * is gone again before its stat is no entry.
 * mtimes outside 0..ENTRY_MAX_MTIME are clamped.  m is released on failure.
 */
int scan_folder(const struct fs *fs, int dir, const struct scan_options *opt,
    struct manifest *m, struct err *e);

/*
 * Is the directory still what m, which scan_folder made of it, says?  It is
 * looked at again, but nothing is kept.  False too where that fails or is
 * refused: scan_folder tells why.
 */
bool scan_is_same(const struct fs *fs, int dir, const struct scan_options *opt,
    const struct manifest *m);

/* Is it the same to a stat? */
bool scan_equal(const struct entry *a, const struct entry *b);

/* Read each file of m, which is of dir, for its hash: who has no cache of them
 * (hashcache.h). */
int scan_hash(const struct fs *fs, int dir, struct manifest *m, struct err *e);

/* Set size, mtime (clamped), exec bit and inode of entry from a stat. */
void scan_set_stat(struct entry *entry, const struct fs_stat *st);

#endif
