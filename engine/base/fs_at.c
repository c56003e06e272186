/*
 * Calls of the file system that say what failed.  They stand between fs.h,
 * whose errors are errnos, and every module above, whose errors are codes: an
 * errno goes no further than here unless somebody looks at it.
 */
#include "engine/base/fs_at.h"

#include "engine/base/err.h"
#include "engine/base/who.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>

enum { HOLDER_BYTES = 128, STICKY = 01000 };

int
at_failed(int rc, const char *verb, const char *path, struct err *e)
{
	assert(rc < 0);
	if (rc == -EAGAIN)
		return err_path(e, ERP_BUSY, path,
		    "another program holds a lease on it (Samba for its "
		    "clients, an NFS server); close it there and try again");
	return err_sys(e, -rc, verb, path);
}

int
at_held(const struct fs *fs, int dir, const char *path, const char *verb,
    int rc, struct err *e)
{
	char who[HOLDER_BYTES];
	int code = at_failed(rc, verb, path, e);
	struct err by;

	if (code != ERP_BUSY || e == NULL ||
	    fs_holder(fs, dir, path, who, sizeof(who)) == 0)
		return code;
	(void)err_set(&by, code, "held by %s", who);
	(void)strlcat(e->msg, ": ", sizeof(e->msg));
	(void)strlcat(e->msg, by.msg, sizeof(e->msg));
	return code;
}

static bool
is_fixed(const struct fs *fs, int dir, const char *path)
{
	struct fs_stat st = {.fixed = false};

	return fs_stat(fs, dir, path, &st) == 0 && st.fixed;
}

int
at_fixed(
    const struct fs *fs, const struct at *it, const char *shown, struct err *e)
{
	return is_fixed(fs, it->dir, it->path)
	    ? err_path(e, ERP_AUTH, shown,
		  "is immutable or append-only; take that from it (chattr -ia)")
	    : 0;
}

/* The folder that path is in. */
static void
home_of(const char *path, char home[FS_PATH_BYTES])
{
	char *slash;

	(void)strlcpy(home, path, FS_PATH_BYTES);
	if ((slash = strrchr(home, '/')) != NULL)
		*slash = '\0';
	else
		(void)strlcpy(home, ".", FS_PATH_BYTES);
}

int
at_sticky(
    const struct fs *fs, const struct at *it, const char *shown, struct err *e)
{
	char home[FS_PATH_BYTES];
	struct fs_stat st, dir;

	home_of(it->path, home);
	if (fs_stat(fs, it->dir, it->path, &st) != 0 || st.uid == who_uid() ||
	    fs_stat(fs, it->dir, home, &dir) != 0 || (dir.mode & STICKY) == 0 ||
	    dir.uid == who_uid())
		return 0;
	return err_path(e, ERP_AUTH, shown,
	    "is of another user and its folder is sticky, so that this one "
	    "cannot replace it; give it to this user (chown), or take the "
	    "sticky bit from its folder (chmod -t)");
}

/* Does its folder let nobody, or not this user, change it? */
static int
home_keeps(
    const struct fs *fs, const struct at *it, const char *shown, struct err *e)
{
	char home[FS_PATH_BYTES];

	home_of(it->path, home);
	return is_fixed(fs, it->dir, home)
	    ? err_path(e, ERP_AUTH, shown,
		  "its folder is immutable or append-only; take that from the "
		  "folder (chattr -ia)")
	    : at_sticky(fs, it, shown, e);
}

int
at_unchanged(const struct fs *fs, const struct at *it, int rc, const char *verb,
    const char *shown, struct err *e)
{
	int code;

	if (rc == -EPERM &&
	    ((code = at_fixed(fs, it, shown, e)) != 0 ||
		(code = home_keeps(fs, it, shown, e)) != 0))
		return code;
	return at_failed(rc, verb, shown, e);
}

int
at_unmoved(const struct fs *fs, const struct at *from, const struct at *to,
    int rc, const char *verb, struct err *e)
{
	int code;

	/* What it was to take the place of is as good a reason. */
	if (rc == -EPERM &&
	    ((code = at_fixed(fs, to, to->path, e)) != 0 ||
		(code = at_fixed(fs, from, from->path, e)) != 0 ||
		(code = home_keeps(fs, from, from->path, e)) != 0 ||
		(code = home_keeps(fs, to, to->path, e)) != 0))
		return code;
	return at_failed(rc, verb, from->path, e);
}

/* The result of a raw call that changes, or the code of its errno. */
static int
changed(const struct fs *fs, int dir, const char *path, int rc,
    const char *verb, struct err *e)
{
	return rc < 0
	    ? at_unchanged(fs, &(struct at){dir, path}, rc, verb, path, e)
	    : rc;
}

/* The result of a raw call, or the code of its errno. */
static int
filled(int rc, const char *verb, const char *path, struct err *e)
{
	return rc < 0 ? at_failed(rc, verb, path, e) : rc;
}

int
at_open(
    const struct fs *fs, int dir, const char *path, int flags, struct err *e)
{
	int fd;

	assert((flags & FS_CREATE) == 0);
	fd = fs_open(fs, dir, path, flags, AT_PRIVATE);
	return fd < 0 ? at_held(fs, dir, path, "open", fd, e) : fd;
}

int
at_create(const struct fs *fs, int dir, const char *path, struct err *e)
{
	return at_create_mode(fs, dir, path, AT_PRIVATE, e);
}

int
at_create_mode(const struct fs *fs, int dir, const char *path, uint32_t mode,
    struct err *e)
{
	int fd = fs_open(fs, dir, path,
	    FS_WRITE | FS_CREATE | (mode == AT_CLOSED ? FS_CLOSED : 0),
	    mode & 07777);

	return changed(fs, dir, path, fd, "create", e);
}

int
at_stat(const struct fs *fs, int dir, const char *path, struct fs_stat *st,
    struct err *e)
{
	return filled(fs_stat(fs, dir, path, st), "stat", path, e);
}

int
at_find(const struct fs *fs, int dir, const char *path, struct fs_stat *st,
    struct err *e)
{
	int rc = fs_stat(fs, dir, path, st);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	return rc == 0 ? 1 : filled(rc, "stat", path, e);
}

bool
at_is_closed(const struct fs *fs, int fd)
{
	struct fs_stat st;

	if (fs->ops->attr.is_closed != NULL)
		return fs->ops->attr.is_closed(fs->ctx, fd);
	return fs_fstat(fs, fd, &st) == 0 && st.uid == who_uid() &&
	    (st.mode & 077) == 0;
}

int
at_unlink(const struct fs *fs, int dir, const char *path, struct err *e)
{
	return changed(fs, dir, path, fs_unlink(fs, dir, path), "remove", e);
}

int
at_unlink_any(const struct fs *fs, int dir, const char *path, struct err *e)
{
	int rc = fs_unlink(fs, dir, path);

	return rc == -ENOENT ? 0 : changed(fs, dir, path, rc, "remove", e);
}

int
at_mkdir(const struct fs *fs, int dir, const char *path, uint32_t mode,
    struct err *e)
{
	int rc = fs_mkdir(fs, dir, path, mode);

	return changed(fs, dir, path, rc, "create folder", e);
}

int
at_rename(const struct fs *fs, int dir, const char *from, const char *to,
    struct err *e)
{
	int rc = fs_rename(fs, dir, from, dir, to, true);

	return rc < 0 ? at_unmoved(fs, &(struct at){dir, from},
			    &(struct at){dir, to}, rc, "rename", e)
		      : rc;
}

int
at_readlink(const struct fs *fs, int dir, const char *path, char *p, size_t cap,
    struct err *e)
{
	int n = fs_readlink(fs, dir, path, p, cap - 1);

	if (n >= 0)
		p[n] = '\0';
	return filled(n, "read link", path, e);
}

int
at_not_writable(int sys, const char *shown, struct err *e)
{
	if (sys == EROFS)
		return err_sys(e, sys, "write in folder", shown);
	if (sys == ENOKEY)
		return err_path(e, ERP_AUTH, shown,
		    "the folder is encrypted and locked; unlock it (fscrypt "
		    "unlock)");
	return err_path(e, ERP_AUTH, shown,
	    "the folder cannot be written; give this user the right to write "
	    "in it");
}

int
at_leads_nowhere(const char *shown, struct err *e)
{
	return err_path(e, ERP_BLOCKED, shown,
	    "is a symbolic link that leads nowhere; make the folder that it "
	    "names, or remove the link");
}

bool
at_symlink_is_refused(int rc)
{
	return rc == -EPERM || rc == -EOPNOTSUPP || rc == -ENOSYS;
}

int
at_sync(
    const struct fs *fs, int dir, const char *path, int flags, struct err *e)
{
	int fd = at_open(fs, dir, path, flags, e);
	int rc;

	if (fd < 0)
		return fd;
	rc = at_fsync(fs, fd, path, e);
	fs_close_quietly(fs, &fd);
	return rc;
}

int
at_fstat(const struct fs *fs, int fd, const char *path, struct fs_stat *st,
    struct err *e)
{
	return filled(fs_fstat(fs, fd, st), "stat", path, e);
}

int
at_disk(const struct fs *fs, int dir, const char *path, uint64_t *out,
    struct err *e)
{
	return filled(fs_disk(fs, dir, out), "stat", path, e);
}

int
at_set(const struct fs *fs, int fd, const char *path, uint32_t mode,
    struct stamp mtime, struct err *e)
{
	int rc = filled(fs_fchmod(fs, fd, mode), "set mode of", path, e);

	return rc != 0
	    ? rc
	    : filled(fs_futimes(fs, fd, mtime), "set time of", path, e);
}

int
at_fsync(const struct fs *fs, int fd, const char *path, struct err *e)
{
	return filled(fs_fsync(fs, fd), "sync", path, e);
}
