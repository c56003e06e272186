#ifndef ERPSYNC_ENGINE_TREE_HASHCACHE_H
#define ERPSYNC_ENGINE_TREE_HASHCACHE_H

/*
 * Content hashes remembered by path + size + mtime (ns) + inode, in one file
 * of a state folder.  A damaged or foreign cache file is as good as none.
 * An entry whose mtime is not older than two seconds before its hashing is
 * not remembered: the file could change again within the same time stamp.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock;
struct crew;
struct entry;
struct err;
struct fs;
struct hashcache;
struct observer;

/* Load dir/path; dir < 0: remember in memory only.  Only ERP_NOMEM fails. */
int hashcache_open(const struct fs *fs, int dir, const char *path,
    const struct clock *clock, struct hashcache **out, struct err *e);

/* Write the cache back if it changed, keeping only entries looked up since
 * it was opened; a failure to write is returned but loses only time. */
int hashcache_save(struct hashcache *c, struct err *e);
void hashcache_free(struct hashcache *c);

/*
 * Set the content of a file entry of the folder root, from the cache
 * or by reading the file.  ERP_BUSY if the file changes while it is read or
 * is no longer what the entry says (size, mtime, inode).
 */
int hashcache_fill(struct hashcache *c, int root, struct entry *entry,
    const struct observer *obs, struct err *e);

/* The same of many, each once, by a crew.  Whatever happens, what was hashed
 * is remembered. */
struct hashcache_batch {
	struct entry **v;
	size_t n;
	bool may_change; /* a file that changes or went just gets no hash */
	const struct crew *crew; /* may be NULL */
	const struct observer *obs; /* may be NULL */
};
int hashcache_fill_all(struct hashcache *c, int root,
    const struct hashcache_batch *b, struct err *e);

#endif
