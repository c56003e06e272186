#ifndef ERPSYNC_ENGINE_BASE_FS_FILE_H
#define ERPSYNC_ENGINE_BASE_FS_FILE_H

/*
 * What is built on the calls of fs.h and needed by several modules: whole
 * files, durable replacement, copies, removal of a tree.  Errors name the
 * path.
 */

#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/hash.h"

struct buf;
struct err;
struct names; /* below */
struct owned_like;

/* Append the whole file to out; ERP_NOTFOUND if it does not exist,
 * ERP_CORRUPT if it does not fit out's limit or is a link, a folder or the
 * like, ERP_NOMEM. */
int file_read(const struct fs *fs, int dir, const char *path, struct buf *out,
    struct err *e);

/* The same of an open one. */
int file_read_open(const struct fs *fs, int fd, const char *path,
    struct buf *out, struct err *e);

/*
 * Replace dir/path by these bytes so that a crash leaves the old or the new
 * file: write path.new, fsync, rename, fsync the directory.
 */
int file_write_durable(const struct fs *fs, int dir, const char *path,
    const void *p, size_t n, struct err *e);

/* The same with these permission bits, as far as the disk has any; AT_CLOSED:
 * 1, and nothing is written, where the disk closes no file to others. */
int file_write_shared(const struct fs *fs, struct at to, uint32_t mode,
    const void *p, size_t n, struct err *e);

/* Hash an open file from its start. */
int file_hash(const struct fs *fs, int fd, const char *path, struct hash *out,
    struct err *e);

/* Another new file of the bytes that are copied, which is from's owner's. */
struct second_copy {
	const char *to; /* in: its path, in to's dir */
	struct fs_stat st; /* in: its mode and mtime; out: how it lies there */
	unsigned lost; /* out: of enum owned_lost (fs_owned.h) */
};

struct copied {
	const struct fs_stat *as; /* in: its mode and mtime; NULL: from's */
	/* In: what belongs to it is that of this one, of from where its fd is
	 * -1; out: what was lost.  NULL: nothing, it stays private. */
	struct owned_like *like;
	size_t of; /* in: it is one of so many copies, 0: of few */
	/* In: do not try to share blocks; out: it was of no use. */
	bool plain;
	struct second_copy *second; /* in and out; NULL: there is none */
	struct hash hash; /* out: of its content */
	struct fs_stat st; /* out: how it lies there */
};

/*
 * Copy content, permission bits and mtime of from to the new file to, and
 * what belongs to it (set-id bits too) if that is asked for: a reflink where
 * the file system can, else bytes
 * (blocks of zeroes become holes).  Not synced.  Bytes are read and hashed
 * once, also for two files, and the hash is that of both; who gives NULL wants
 * none. After a failure either file may be there, unfinished.
 */
int file_copy(const struct fs *fs, struct at from, struct at to,
    struct copied *made, struct err *e);

/*
 * The same, with all that belongs to from, but only as a reflink: 1 and no file
 * if the file system has none.
 */
int file_clone(
    const struct fs *fs, struct at from, struct at to, struct err *e);

/* Does this failure of fs_link mean "not here", so that a copy will do?  File
 * systems and guards say it in many ways. */
bool file_link_is_refused(int rc);

/* Make dir/path and its missing parents. */
int dir_make(const struct fs *fs, int dir, const char *path, struct err *e);

/* fsync the directory dir/path ("" or "." is dir itself). */
int dir_sync(const struct fs *fs, int dir, const char *path, struct err *e);

/* Remove dir/path, whatever it is, with all below; absent is fine. */
int tree_remove(const struct fs *fs, int dir, const char *path, struct err *e);

/*
 * A folder of ours that was made read-only can be changed again: 1, 0 when it
 * could be, or an errno, as when it is another's.  And fs_rename of one to
 * where nothing is, which takes that right where it comes into another folder.
 */
int tree_open_up(const struct fs *fs, int dir, const char *path);
int tree_rename(const struct fs *fs, int from_dir, const char *from, int to_dir,
    const char *to);

/* The sorted names in a directory. */
struct names {
	char **v;
	size_t n;
	size_t cap;
};
int names_read(const struct fs *fs, int dir, const char *path,
    struct names *out, struct err *e);
/* The same of an open one, which path names in messages. */
int names_list(const struct fs *fs, int fd, const char *path, struct names *out,
    struct err *e);
int names_add(struct names *list, const char *name, struct err *e);
void names_release(struct names *list);

#endif
