#ifndef ERPSYNC_ENGINE_BASE_FS_H
#define ERPSYNC_ENGINE_BASE_FS_H

/*
 * The file system behind a table of calls.  Everything that touches the disk
 * goes through a struct fs, so a simulated file system can stand in for the
 * real one.  A directory is an open descriptor; names of mutating calls are
 * single components, paths of open and stat are resolved beneath the
 * directory without following any symbolic link or leaving the file system
 * (openat2(2): BENEATH, NO_SYMLINKS, NO_XDEV).
 *
 * Calls return >= 0 or a negative errno.  EINTR is retried inside.
 * Nothing here is cached and nothing is thread-local.
 */

#include "engine/base/fs_ops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The machine's file system. */
const struct fs *fs_real(void);

/* Short forms of the table's calls: same results, negative errno. */
int fs_open_root(const struct fs *fs, const char *path);

/*
 * The same for root, along a way that no other user can change: EPERM, and in
 * where what on it is another's, or for others to write, so that what lies
 * there might be another thing the next moment.
 */
int fs_open_trusted(
    const struct fs *fs, const char *path, char *where, size_t cap);

/* Which disk an open directory is on. */
int fs_disk(const struct fs *fs, int dir, uint64_t *out);
int fs_open(
    const struct fs *fs, int dir, const char *path, int flags, uint32_t mode);
int fs_close(const struct fs *fs, int fd);

/* Close *fd unless it is -1, and make it -1; the result of a close that only
 * ends reading does not matter. */
void fs_close_quietly(const struct fs *fs, int *fd);

/* fs_pread reads on until n bytes are there or the file ends and returns how
 * many; fs_pwrite writes all n bytes or fails. */
int64_t fs_pread(const struct fs *fs, int fd, void *p, size_t n, uint64_t off);
int fs_pwrite(
    const struct fs *fs, int fd, const void *p, size_t n, uint64_t off);

/* 0 also where the file system has no such thing for this file or folder. */
int fs_fsync(const struct fs *fs, int fd);

/* So many new files are synced at once, where that can be done. */
enum { FS_MANY_FILES = 64 };

/*
 * Make everything on the file system of fd durable, if that is better than
 * to sync so many new files one by one: 0 when it is done, 1 when the caller
 * has to sync each (they are few, or this file system or kernel would not
 * tell of every loss).  fd must have been opened before the first of the
 * files was written: it is told of losses since then, once.  After a failure
 * all of them count as lost.
 */
int fs_syncfs(const struct fs *fs, int fd, size_t files);

/*
 * Hints, which promise nothing.  Many files will be synced soon: blocks are
 * allocated now, so that the first fsync commits the journal for all of them.
 * These bytes will be read soon: they come from the disk meanwhile.
 */
void fs_writeback(const struct fs *fs, int fd);
void fs_readahead(const struct fs *fs, int fd, uint64_t off, uint64_t len);
int fs_fstat(const struct fs *fs, int fd, struct fs_stat *st);
int fs_stat(const struct fs *fs, int dir, const char *path, struct fs_stat *st);
/* Not of one descriptor by two at once: Windows' remembers how far it is. */
int fs_list(const struct fs *fs, int dir, fs_list_fn *fn, void *arg);
int fs_readlink(
    const struct fs *fs, int dir, const char *path, char *p, size_t cap);
/* Of files that we made.  Where there are no modes or such times, nothing is
 * set and that is no failure: who needs to know looks. */
int fs_fchmod(const struct fs *fs, int fd, uint32_t mode);
int fs_futimes(const struct fs *fs, int fd, struct stamp t);

/* Who a file is of, and xattr(7), as in fs_ops.h; EOPNOTSUPP where there is
 * no such thing. */
int fs_fchown(const struct fs *fs, int fd, uint32_t uid, uint32_t gid);
int64_t fs_attr_list(const struct fs *fs, int fd, char *p, size_t cap);
int64_t fs_attr_get(
    const struct fs *fs, int fd, const char *name, void *p, size_t cap);
int fs_attr_set(
    const struct fs *fs, int fd, const char *name, const void *p, size_t n);
int fs_attr_remove(const struct fs *fs, int fd, const char *name);

/*
 * May this process make and remove names in the open folder, as far as the
 * system tells before it is tried?  Modes, ACLs, groups, capabilities and
 * read-only mounts count, not who one is: EACCES or EROFS if not, ENOKEY where
 * the folder is encrypted and its key is not there.  0 also where nobody can
 * tell.
 */
int fs_may_change(const struct fs *fs, int fd);

int fs_truncate(const struct fs *fs, int fd, uint64_t size);
int fs_allocate(const struct fs *fs, int fd, uint64_t size);
int fs_clone(const struct fs *fs, int to, int from);

/*
 * The first size bytes of an open file, which has as many, as they lie in the
 * page cache, locked there: no copy is made of them.  Only for files that
 * nobody writes or cuts.  EOPNOTSUPP where there is no such thing, or on a
 * network's file system; EPERM, ENOMEM or EAGAIN when so much may not be
 * locked.
 */
int fs_map(const struct fs *fs, int fd, size_t size, const void **out);
void fs_unmap(const struct fs *fs, const void *p, size_t size);

int fs_space(const struct fs *fs, int fd, struct fs_space *out);
int fs_lock(const struct fs *fs, int fd);

/* Would fs_lock fail, since another has it?  1, 0, or an errno below 0. */
int fs_is_locked(const struct fs *fs, int fd);

/* Which program has what lies there open, so that it cannot be replaced:
 * "Word (1234)" in out, and its length; 0 when the system does not tell. */
size_t fs_holder(
    const struct fs *fs, int dir, const char *path, char *out, size_t cap);

/*
 * The same on a path of several components: the parent is opened beneath dir
 * first, so no component is ever a followed link.  A last component "..",
 * which would be outside dir, is EXDEV here as it is in openat2.
 */
int fs_mkdir(const struct fs *fs, int dir, const char *path, uint32_t mode);
int fs_unlink(const struct fs *fs, int dir, const char *path);
int fs_rmdir(const struct fs *fs, int dir, const char *path);
int fs_rename(const struct fs *fs, int from_dir, const char *from, int to_dir,
    const char *to, bool replace);
int fs_link(const struct fs *fs, int from_dir, const char *from, int to_dir,
    const char *to);
int fs_symlink(
    const struct fs *fs, const char *target, int dir, const char *path);
int fs_utimes(const struct fs *fs, int dir, const char *path, struct stamp t);

/* fs_stat of many paths in one dir: the folder of the last one stays open for
 * its neighbours, until fs_near_close.  It begins as FS_NEAR. */
struct fs_near {
	int fd; /* or -1 */
	char above[FS_PATH_BYTES];
};
#define FS_NEAR ((struct fs_near){.fd = -1})
int fs_stat_near(const struct fs *fs, int dir, const char *path,
    struct fs_near *near, struct fs_stat *st);
/* fs_link of many, the same; each end has a near of its own. */
struct fs_spot {
	int dir;
	const char *path;
	struct fs_near *near;
};
int fs_link_near(
    const struct fs *fs, const struct fs_spot *from, const struct fs_spot *to);
void fs_near_close(const struct fs *fs, struct fs_near *near);

#endif
