#ifndef ERPSYNC_ENGINE_BASE_FS_AT_H
#define ERPSYNC_ENGINE_BASE_FS_AT_H

/*
 * The calls of fs.h for who does not look at the errno: they fill e with what
 * was tried and the path, and return an enum erp_code as all else does.
 * Where an errno decides what comes next, or the message needs other words,
 * take the raw call.  Paths are as there: beneath the open directory dir.
 */

#include "engine/base/fs.h"

struct err;

/* A path beneath an open directory. */
struct at {
	int dir;
	const char *path;
};

/* The mode of what we make; a file that is published gets its own. */
enum {
	AT_PRIVATE = 0600,
	/* The same of a secret, which is to be closed to others (see
	 * at_is_closed) also where modes say nothing. */
	AT_CLOSED = AT_PRIVATE | 1 << 16
};

/* A raw call on the path gave rc, an errno < 0: fill e, the code. */
int at_failed(int rc, const char *verb, const char *path, struct err *e);

/* The same of what lies beneath dir, with who has it open where that is why and
 * the system tells it. */
int at_held(const struct fs *fs, int dir, const char *path, const char *verb,
    int rc, struct err *e);

/* The same of what was to be made, to move or to go, with what helps where
 * chattr(1) or a sticky folder is why. */
int at_unchanged(const struct fs *fs, const struct at *it, int rc,
    const char *verb, const char *shown, struct err *e);

/* The same of a rename, for which either end can be why. */
int at_unmoved(const struct fs *fs, const struct at *from, const struct at *to,
    int rc, const char *verb, struct err *e);

/* ERP_AUTH, with what helps, where chattr(1) lets nobody change what is there
 * and is called shown; else 0. */
int at_fixed(
    const struct fs *fs, const struct at *it, const char *shown, struct err *e);

/* The same where it is another user's and in a sticky folder, which is not this
 * user's either. */
int at_sticky(
    const struct fs *fs, const struct at *it, const char *shown, struct err *e);

/* Open what is there, or with FS_CREATE_OR_OPEN make a private file of it: a
 * descriptor, which the caller closes, or a code. */
int at_open(
    const struct fs *fs, int dir, const char *path, int flags, struct err *e);

/* A new private file to write, the same; nothing may have its name. */
int at_create(const struct fs *fs, int dir, const char *path, struct err *e);
/* Also with bits that count only where the disk keeps what it was made with
 * and takes no other mode. */
int at_create_mode(const struct fs *fs, int dir, const char *path,
    uint32_t mode, struct err *e);

int at_stat(const struct fs *fs, int dir, const char *path, struct fs_stat *st,
    struct err *e);

/* 1 when it is there and in st, 0 when it, or a folder on the way, is not. */
int at_find(const struct fs *fs, int dir, const char *path, struct fs_stat *st,
    struct err *e);

/* Is this open file this user's, who alone may open it, but for who may do
 * everything? */
bool at_is_closed(const struct fs *fs, int fd);

/* Remove a file or link, which is there; or which may be absent. */
int at_unlink(const struct fs *fs, int dir, const char *path, struct err *e);
int at_unlink_any(
    const struct fs *fs, int dir, const char *path, struct err *e);

int at_mkdir(const struct fs *fs, int dir, const char *path, uint32_t mode,
    struct err *e);

/* Give it another name in the same dir, in the place of what has it. */
int at_rename(const struct fs *fs, int dir, const char *from, const char *to,
    struct err *e);

/* Length of the target in p, which ends with a NUL; it is cut at cap - 1. */
int at_readlink(const struct fs *fs, int dir, const char *path, char *p,
    size_t cap, struct err *e);

/* Names in a folder that is called shown cannot be changed, for an errno of
 * fs_may_change: ERP_AUTH, with what helps. */
int at_not_writable(int sys, const char *shown, struct err *e);

/* What is called shown, and is to be a folder, is a symbolic link to what is
 * not there: ERP_BLOCKED, with what helps. */
int at_leads_nowhere(const char *shown, struct err *e);

/* Does this result of fs_symlink mean that the disk has no symbolic links?
 * FAT, exFAT and some shares have none. */
bool at_symlink_is_refused(int rc);

/* Make what lies there durable; flags are those to open it with. */
int at_sync(
    const struct fs *fs, int dir, const char *path, int flags, struct err *e);

/* The same of what is open; path is only for the message. */
int at_fstat(const struct fs *fs, int fd, const char *path, struct fs_stat *st,
    struct err *e);
int at_disk(const struct fs *fs, int dir, const char *path, uint64_t *out,
    struct err *e);
int at_set(const struct fs *fs, int fd, const char *path, uint32_t mode,
    struct stamp mtime, struct err *e);
int at_fsync(const struct fs *fs, int fd, const char *path, struct err *e);

#endif
