#ifndef ERPSYNC_ENGINE_BASE_FS_OPS_H
#define ERPSYNC_ENGINE_BASE_FS_OPS_H

/*
 * The table of calls behind fs.h, for who stands in for a file system: the
 * machine's (fs_posix.c), one that fails on purpose, one that is only played.
 * Results are 0 or more, or a negative errno; fs.h says what each call does.
 */

#include "engine/base/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FS_PATH_BYTES = 2048 }; /* of several components, with its NUL */

enum fs_type { FS_FILE, FS_DIR, FS_SYMLINK, FS_OTHER };

struct fs_stat {
	enum fs_type type;
	uint64_t size; /* bytes */
	uint64_t taken; /* bytes on the disk, without its holes */
	struct stamp mtime;
	uint32_t mode; /* permission bits, 07777 */
	uint32_t nlink;
	uint32_t uid, gid;
	bool mounted; /* stat: what has this name is mounted, or a subvolume */
	bool fixed; /* stat: immutable or append-only, chattr(1) */
	bool encrypted; /* stat: by the file system, fscrypt */
	/* stat: when anything of it was last changed, and when it was made, by
	 * the disk's clock, which nobody sets; 0 where that is not told. */
	struct stamp changed, born;
	uint64_t dev, ino;
};

enum {
	FS_READ = 0, /* open for reading */
	FS_WRITE = 1 << 0, /* open for reading and writing */
	FS_CREATE = 1 << 1, /* create; fails with EEXIST if it exists */
	FS_DIRECTORY = 1 << 2, /* must be a directory */
	FS_CREATE_OR_OPEN = 1 << 3, /* create, or open what exists */
	FS_MOUNTED = 1 << 4, /* also what is mounted under this name */
	/* EACCES where another has it whom this user need not trust, and
	 * fstat cannot tell: on Windows. */
	FS_MINE = 1 << 5,
	/* Create it so that nobody else may open it, whatever its folder says:
	 * on Windows, where a mode does not. */
	FS_CLOSED = 1 << 6
};

struct fs_space {
	/* Available to us; UINT64_MAX when the file system has no count. */
	uint64_t bytes_free, inodes_free;
};

/* Called for each name of a directory, "." and ".." left out; non-zero stops
 * the listing and is returned. */
typedef int fs_list_fn(void *arg, const char *name);

/* Calls that only save time or room (their short forms below say how): the
 * same comes about without them.  All may be NULL. */
struct fs_fast_ops {
	int (*syncfs)(void *ctx, int fd, size_t files);
	void (*writeback)(void *ctx, int fd);
	void (*readahead)(void *ctx, int fd, uint64_t off, uint64_t len);
	/* Share all blocks of from with to; EOPNOTSUPP or EXDEV when not. */
	int (*clone)(void *ctx, int to, int from);
	int (*map)(void *ctx, int fd, size_t size, const void **out);
	void (*unmap)(void *ctx, const void *p, size_t size);
};

/*
 * Who a file is of and what is attached to it.  All from fchown to remove may
 * be NULL, together: then there is no such thing.  Attributes are those of
 * xattr(7): list gives names, each with its NUL; list and get fail with ERANGE
 * when there is more than cap.
 */
struct fs_attr_ops {
	int (*fchmod)(void *ctx, int fd, uint32_t mode);
	/* FS_AS_IT_IS leaves the owner, or the group. */
	int (*fchown)(void *ctx, int fd, uint32_t uid, uint32_t gid);
	int64_t (*list)(void *ctx, int fd, char *p, size_t cap);
	int64_t (*get)(
	    void *ctx, int fd, const char *name, void *p, size_t cap);
	int (*set)(
	    void *ctx, int fd, const char *name, const void *p, size_t n);
	int (*remove)(void *ctx, int fd, const char *name);
	/* See fs_may_change; NULL: nobody can tell. */
	int (*may_change)(void *ctx, int fd);
	/* See at_is_closed; NULL: owner and mode tell. */
	bool (*is_closed)(void *ctx, int fd);
};
#define FS_AS_IT_IS UINT32_MAX

/* Where paths begin. */
struct fs_root_ops {
	int (*open)(void *ctx, const char *path); /* any directory */
	/* See fs_open_trusted; NULL: as open. */
	int (*trusted)(void *ctx, const char *path, char *where, size_t cap);
	/* See fs_disk; NULL: fstat tells it, of all files. */
	int (*disk)(void *ctx, int dir, uint64_t *out);
};

/* The exclusive lock of a whole file, of an open description of it. */
struct fs_lock_ops {
	/* Without waiting: EAGAIN if another has it. */
	int (*take)(void *ctx, int fd);
	/* Has another it?  fd may be one that only reads. */
	int (*is_held)(void *ctx, int fd);
	/* See fs_holder; NULL: nobody can tell. */
	size_t (*holder)(
	    void *ctx, int dir, const char *path, char *out, size_t cap);
};

struct fs_ops {
	struct fs_root_ops root;
	int (*open)(
	    void *ctx, int dir, const char *path, int flags, uint32_t mode);
	int (*close)(void *ctx, int fd);
	int64_t (*pread)(void *ctx, int fd, void *p, size_t n, uint64_t off);
	int64_t (*pwrite)(
	    void *ctx, int fd, const void *p, size_t n, uint64_t off);
	int (*fsync)(void *ctx, int fd);
	int (*fstat)(void *ctx, int fd, struct fs_stat *st);
	int (*stat)(void *ctx, int dir, const char *name, struct fs_stat *st);
	int (*list)(void *ctx, int dir, fs_list_fn *fn, void *arg);
	int (*mkdir)(void *ctx, int dir, const char *name, uint32_t mode);
	int (*unlink)(void *ctx, int dir, const char *name);
	int (*rmdir)(void *ctx, int dir, const char *name);
	/* ETXTBSY: what has the name is in use, so that it can get another
	 * name, but not be replaced: a program that runs, on Windows. */
	int (*rename)(void *ctx, int from_dir, const char *from, int to_dir,
	    const char *to, bool replace);
	int (*link)(void *ctx, int from_dir, const char *from, int to_dir,
	    const char *to);
	/* Both may be NULL: what a link is on Windows is FS_OTHER, and to
	 * make one takes a right that few have. */
	int (*symlink)(
	    void *ctx, const char *target, int dir, const char *name);
	/* Length of the target; it is cut at cap and has no NUL. */
	int64_t (*readlink)(
	    void *ctx, int dir, const char *name, char *p, size_t cap);
	int (*futimes)(void *ctx, int fd, struct stamp t);
	/* Times of a name itself, a symbolic link above all. */
	int (*utimes)(void *ctx, int dir, const char *name, struct stamp t);
	int (*truncate)(void *ctx, int fd, uint64_t size);
	/* Reserve blocks for [0, size); the size becomes at least that. */
	int (*allocate)(void *ctx, int fd, uint64_t size);
	int (*space)(void *ctx, int fd, struct fs_space *out);
	struct fs_lock_ops lock;
	struct fs_attr_ops attr;
	struct fs_fast_ops fast;
};

struct fs {
	const struct fs_ops *ops;
	void *ctx;
};

#endif
