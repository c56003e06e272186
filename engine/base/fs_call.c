/*
 * Short forms of the table's calls, and those on paths of several parts, which
 * are opened step by step.  Between struct fs and all who touch the disk.
 */
#include "engine/base/fs.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int
fs_open_root(const struct fs *fs, const char *path)
{
	return fs->ops->root.open(fs->ctx, path);
}

int
fs_open_trusted(const struct fs *fs, const char *path, char *where, size_t cap)
{
	where[0] = '\0';
	if (fs->ops->root.trusted == NULL)
		return fs_open_root(fs, path);
	return fs->ops->root.trusted(fs->ctx, path, where, cap);
}

int
fs_disk(const struct fs *fs, int dir, uint64_t *out)
{
	struct fs_stat st;
	int rc;

	if (fs->ops->root.disk != NULL)
		return fs->ops->root.disk(fs->ctx, dir, out);
	if ((rc = fs_fstat(fs, dir, &st)) == 0)
		*out = st.dev;
	return rc;
}

int
fs_open(
    const struct fs *fs, int dir, const char *path, int flags, uint32_t mode)
{
	return fs->ops->open(fs->ctx, dir, path, flags, mode);
}

int
fs_close(const struct fs *fs, int fd)
{
	return fs->ops->close(fs->ctx, fd);
}

void
fs_close_quietly(const struct fs *fs, int *fd)
{
	if (*fd >= 0)
		(void)fs_close(fs, *fd);
	*fd = -1;
}

int64_t
fs_pread(const struct fs *fs, int fd, void *p, size_t n, uint64_t off)
{
	size_t done = 0;
	int64_t got;

	while (done < n) {
		got = fs->ops->pread(
		    fs->ctx, fd, (uint8_t *)p + done, n - done, off + done);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		assert((size_t)got <= n - done);
		done += (size_t)got;
	}
	return (int64_t)done;
}

int
fs_pwrite(const struct fs *fs, int fd, const void *p, size_t n, uint64_t off)
{
	size_t done = 0;
	int64_t put;

	while (done < n) {
		put = fs->ops->pwrite(fs->ctx, fd, (const uint8_t *)p + done,
		    n - done, off + done);
		if (put < 0)
			return (int)put;
		if (put == 0)
			return -EIO;
		assert((size_t)put <= n - done);
		done += (size_t)put;
	}
	return 0;
}

int
fs_fsync(const struct fs *fs, int fd)
{
	int rc = fs->ops->fsync(fs->ctx, fd);

	/* Not here: folders of VirtualBox's and AFS's have no fsync(2), and
	 * there is nothing more to be had. */
	return rc == -EINVAL || rc == -ENOSYS || rc == -EOPNOTSUPP ? 0 : rc;
}

int
fs_syncfs(const struct fs *fs, int fd, size_t files)
{
	return fs->ops->fast.syncfs == NULL
	    ? 1
	    : fs->ops->fast.syncfs(fs->ctx, fd, files);
}

void
fs_writeback(const struct fs *fs, int fd)
{
	if (fs->ops->fast.writeback != NULL)
		fs->ops->fast.writeback(fs->ctx, fd);
}

void
fs_readahead(const struct fs *fs, int fd, uint64_t off, uint64_t len)
{
	if (fs->ops->fast.readahead != NULL)
		fs->ops->fast.readahead(fs->ctx, fd, off, len);
}

int
fs_fstat(const struct fs *fs, int fd, struct fs_stat *st)
{
	return fs->ops->fstat(fs->ctx, fd, st);
}

int
fs_list(const struct fs *fs, int dir, fs_list_fn *fn, void *arg)
{
	return fs->ops->list(fs->ctx, dir, fn, arg);
}

/* Does this failure to set an attribute of our own file mean that its file
 * system has no such thing? */
static bool
is_unheld(int rc)
{
	return rc == -EPERM || rc == -EOPNOTSUPP || rc == -ENOSYS ||
	    rc == -EINVAL;
}

int
fs_fchmod(const struct fs *fs, int fd, uint32_t mode)
{
	int rc = fs->ops->attr.fchmod(fs->ctx, fd, mode);

	return is_unheld(rc) ? 0 : rc;
}

int
fs_futimes(const struct fs *fs, int fd, struct stamp t)
{
	int rc = fs->ops->futimes(fs->ctx, fd, t);

	return is_unheld(rc) ? 0 : rc;
}

int
fs_fchown(const struct fs *fs, int fd, uint32_t uid, uint32_t gid)
{
	return fs->ops->attr.fchown == NULL
	    ? -EOPNOTSUPP
	    : fs->ops->attr.fchown(fs->ctx, fd, uid, gid);
}

int
fs_may_change(const struct fs *fs, int fd)
{
	int rc = fs->ops->attr.may_change == NULL
	    ? 0
	    : fs->ops->attr.may_change(fs->ctx, fd);

	/* A sandbox may deny the question itself, with EPERM. */
	return rc == -EACCES || rc == -EROFS || rc == -ENOKEY ? rc : 0;
}

int64_t
fs_attr_list(const struct fs *fs, int fd, char *p, size_t cap)
{
	return fs->ops->attr.list == NULL
	    ? -EOPNOTSUPP
	    : fs->ops->attr.list(fs->ctx, fd, p, cap);
}

int64_t
fs_attr_get(const struct fs *fs, int fd, const char *name, void *p, size_t cap)
{
	return fs->ops->attr.get == NULL
	    ? -EOPNOTSUPP
	    : fs->ops->attr.get(fs->ctx, fd, name, p, cap);
}

int
fs_attr_set(
    const struct fs *fs, int fd, const char *name, const void *p, size_t n)
{
	return fs->ops->attr.set == NULL
	    ? -EOPNOTSUPP
	    : fs->ops->attr.set(fs->ctx, fd, name, p, n);
}

int
fs_attr_remove(const struct fs *fs, int fd, const char *name)
{
	return fs->ops->attr.remove == NULL
	    ? -EOPNOTSUPP
	    : fs->ops->attr.remove(fs->ctx, fd, name);
}

int
fs_truncate(const struct fs *fs, int fd, uint64_t size)
{
	return fs->ops->truncate(fs->ctx, fd, size);
}

int
fs_allocate(const struct fs *fs, int fd, uint64_t size)
{
	int rc = fs->ops->allocate(fs->ctx, fd, size);

	/* Not here (FAT, NFS, a sandbox), or not in one file (ulimit -f):
	 * the look at the free space before the update has to do. */
	return rc == -EOPNOTSUPP || rc == -ENOSYS || rc == -EPERM ||
		rc == -EINVAL || rc == -ENODEV || rc == -ENOTTY || rc == -EFBIG
	    ? 0
	    : rc;
}

int
fs_clone(const struct fs *fs, int to, int from)
{
	return fs->ops->fast.clone == NULL
	    ? -EOPNOTSUPP
	    : fs->ops->fast.clone(fs->ctx, to, from);
}

int
fs_map(const struct fs *fs, int fd, size_t size, const void **out)
{
	*out = NULL;
	if (fs->ops->fast.map == NULL)
		return -EOPNOTSUPP;
	return fs->ops->fast.map(fs->ctx, fd, size, out);
}

void
fs_unmap(const struct fs *fs, const void *p, size_t size)
{
	fs->ops->fast.unmap(fs->ctx, p, size);
}

int
fs_space(const struct fs *fs, int fd, struct fs_space *out)
{
	return fs->ops->space(fs->ctx, fd, out);
}

int
fs_lock(const struct fs *fs, int fd)
{
	return fs->ops->lock.take(fs->ctx, fd);
}

int
fs_is_locked(const struct fs *fs, int fd)
{
	return fs->ops->lock.is_held(fs->ctx, fd);
}

size_t
fs_holder(const struct fs *fs, int dir, const char *path, char *out, size_t cap)
{
	return fs->ops->lock.holder == NULL
	    ? 0
	    : fs->ops->lock.holder(fs->ctx, dir, path, out, cap);
}

/* The directory of a name: dir itself, or its opened descendant. */
struct parent {
	int dir;
	int opened; /* to be closed, or -1 */
	const char *name;
};

static int
parent_open(const struct fs *fs, int dir, const char *path, struct parent *out)
{
	char above[FS_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	size_t len;

	out->dir = dir;
	out->opened = -1;
	out->name = slash == NULL ? path : slash + 1;
	if (strcmp(out->name, "..") == 0)
		return -EXDEV;
	if (slash == NULL)
		return 0;
	len = (size_t)(slash - path);
	if (len == 0 || len >= sizeof(above))
		return -ENAMETOOLONG;
	memcpy(above, path, len);
	above[len] = '\0';
	out->opened = fs_open(fs, dir, above, FS_DIRECTORY, 0);
	if (out->opened < 0)
		return out->opened;
	out->dir = out->opened;
	return 0;
}

int
fs_stat(const struct fs *fs, int dir, const char *path, struct fs_stat *st)
{
	struct parent at;
	int rc = parent_open(fs, dir, path, &at);

	if (rc == 0)
		rc = fs->ops->stat(fs->ctx, at.dir, at.name, st);
	fs_close_quietly(fs, &at.opened);
	return rc;
}

int
fs_readlink(const struct fs *fs, int dir, const char *path, char *p, size_t cap)
{
	struct parent at;
	int64_t rc = parent_open(fs, dir, path, &at);

	if (rc == 0 && fs->ops->readlink == NULL)
		rc = -EINVAL;
	else if (rc == 0)
		rc = fs->ops->readlink(fs->ctx, at.dir, at.name, p, cap);
	fs_close_quietly(fs, &at.opened);
	return (int)rc;
}

int
fs_mkdir(const struct fs *fs, int dir, const char *path, uint32_t mode)
{
	struct parent at;
	int rc = parent_open(fs, dir, path, &at);

	if (rc == 0)
		rc = fs->ops->mkdir(fs->ctx, at.dir, at.name, mode);
	fs_close_quietly(fs, &at.opened);
	return rc;
}

int
fs_unlink(const struct fs *fs, int dir, const char *path)
{
	struct parent at;
	int rc = parent_open(fs, dir, path, &at);

	if (rc == 0)
		rc = fs->ops->unlink(fs->ctx, at.dir, at.name);
	fs_close_quietly(fs, &at.opened);
	return rc;
}

int
fs_rmdir(const struct fs *fs, int dir, const char *path)
{
	struct parent at;
	int rc = parent_open(fs, dir, path, &at);

	if (rc == 0)
		rc = fs->ops->rmdir(fs->ctx, at.dir, at.name);
	fs_close_quietly(fs, &at.opened);
	return rc;
}

int
fs_rename(const struct fs *fs, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct parent a, b;
	int rc = parent_open(fs, from_dir, from, &a);

	b.opened = -1;
	if (rc == 0)
		rc = parent_open(fs, to_dir, to, &b);
	if (rc == 0)
		rc = fs->ops->rename(
		    fs->ctx, a.dir, a.name, b.dir, b.name, replace);
	fs_close_quietly(fs, &a.opened);
	fs_close_quietly(fs, &b.opened);
	return rc;
}

int
fs_link(const struct fs *fs, int from_dir, const char *from, int to_dir,
    const char *to)
{
	struct parent a, b;
	int rc = parent_open(fs, from_dir, from, &a);

	b.opened = -1;
	if (rc == 0)
		rc = parent_open(fs, to_dir, to, &b);
	if (rc == 0)
		rc = fs->ops->link(fs->ctx, a.dir, a.name, b.dir, b.name);
	fs_close_quietly(fs, &a.opened);
	fs_close_quietly(fs, &b.opened);
	return rc;
}

int
fs_symlink(const struct fs *fs, const char *target, int dir, const char *path)
{
	struct parent at;
	int rc = parent_open(fs, dir, path, &at);

	if (rc == 0 && fs->ops->symlink == NULL)
		rc = -EOPNOTSUPP;
	else if (rc == 0)
		rc = fs->ops->symlink(fs->ctx, target, at.dir, at.name);
	fs_close_quietly(fs, &at.opened);
	return rc;
}

int
fs_utimes(const struct fs *fs, int dir, const char *path, struct stamp t)
{
	struct parent at;
	int rc = parent_open(fs, dir, path, &at);

	if (rc == 0) {
		rc = fs->ops->utimes(fs->ctx, at.dir, at.name, t);
		rc = is_unheld(rc) ? 0 : rc;
	}
	fs_close_quietly(fs, &at.opened);
	return rc;
}

/* The folder of path, which near keeps open; its name in there. */
static int
near_dir(const struct fs *fs, int dir, const char *path, struct fs_near *near,
    const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	struct parent at;
	int rc;

	if (near->fd >= 0 && len > 0 && strncmp(near->above, path, len) == 0 &&
	    near->above[len] == '\0' && strcmp(slash + 1, "..") != 0) {
		*name = slash + 1;
		return near->fd;
	}
	if ((rc = parent_open(fs, dir, path, &at)) < 0)
		return rc;
	*name = at.name;
	if (at.opened < 0)
		return at.dir;
	fs_near_close(fs, near);
	assert(near->fd < 0 && len < sizeof(near->above));
	near->fd = at.opened;
	memcpy(near->above, path, len);
	near->above[len] = '\0';
	return near->fd;
}

int
fs_stat_near(const struct fs *fs, int dir, const char *path,
    struct fs_near *near, struct fs_stat *st)
{
	const char *name;
	int at = near_dir(fs, dir, path, near, &name);

	return at < 0 ? at : fs->ops->stat(fs->ctx, at, name, st);
}

int
fs_link_near(
    const struct fs *fs, const struct fs_spot *from, const struct fs_spot *to)
{
	const char *old, *new;
	int a = near_dir(fs, from->dir, from->path, from->near, &old), b;

	if (a < 0)
		return a;
	b = near_dir(fs, to->dir, to->path, to->near, &new);
	return b < 0 ? b : fs->ops->link(fs->ctx, a, old, b, new);
}

void
fs_near_close(const struct fs *fs, struct fs_near *near)
{
	fs_close_quietly(fs, &near->fd);
}
