/*
 * The real file system behind the table of fs.h, as POSIX has it; what a
 * system adds is in fs_linux.c, fs_linux_open.c and fs_linux_attr.c.  Only
 * they change anything on disk.
 */
#define _GNU_SOURCE
#include "engine/base/fs.h"

#include "engine/base/fs_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int
real_open_root(void *ctx, const char *path)
{
	int fd;

	(void)ctx;
	RETRY(fd, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	return fd;
}

static int
real_close(void *ctx, int fd)
{
	(void)ctx;
	/* Linux releases the descriptor even when close reports EINTR. */
	if (close(fd) != 0 && errno != EINTR)
		return -errno;
	return 0;
}

static int64_t
real_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	ssize_t got;

	(void)ctx;
	RETRY(got, pread(fd, p, n, (off_t)off));
	return got;
}

static int64_t
real_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	ssize_t put;

	(void)ctx;
	RETRY(put, pwrite(fd, p, n, (off_t)off));
	return put;
}

static int
real_fsync(void *ctx, int fd)
{
	(void)ctx;
	/* Never retried: after a failure the dirty pages are gone. */
	return fsync(fd) == 0 ? 0 : -errno;
}

static void
real_readahead(void *ctx, int fd, uint64_t off, uint64_t len)
{
	(void)ctx;
	(void)posix_fadvise(fd, (off_t)off, (off_t)len, POSIX_FADV_WILLNEED);
}

static int
real_fstat(void *ctx, int fd, struct fs_stat *st)
{
	struct stat s;

	(void)ctx;
	if (fstat(fd, &s) != 0)
		return -errno;
	fs_real_convert(&s, st);
	return 0;
}

static int
real_list(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	struct dirent *d;
	DIR *handle;
	int fd, rc = 0;

	(void)ctx;
	/* A descriptor of its own: readdir moves the offset. */
	RETRY(fd, openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (fd < 0)
		return fd;
	if ((handle = fdopendir(fd)) == NULL) {
		rc = -errno;
		(void)close(fd);
		return rc;
	}
	for (errno = 0; rc == 0 && (d = readdir(handle)) != NULL; errno = 0)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			rc = fn(arg, d->d_name);
	if (rc == 0 && errno != 0)
		rc = -errno;
	(void)closedir(handle);
	return rc;
}

static int
real_mkdir(void *ctx, int dir, const char *name, uint32_t mode)
{
	(void)ctx;
	return mkdirat(dir, name, mode) == 0 ? 0 : -errno;
}

static int
real_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return unlinkat(dir, name, 0) == 0 ? 0 : -errno;
}

static int
real_rmdir(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 ? 0 : -errno;
}

static int
real_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct stat there;
	int rc;

	(void)ctx;
	if (replace)
		return renameat(from_dir, from, to_dir, to) == 0 ? 0 : -errno;
	rc = fs_real_rename_new(from_dir, from, to_dir, to);
	if (rc != -EINVAL && rc != -ENOSYS && rc != -EPERM)
		return rc;
	/* A file system without such a thing (some FUSE), or a sandbox without
	 * the call: look, then rename; the folder's lock keeps other updaters
	 * away in between. */
	if (fstatat(to_dir, to, &there, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	if (errno != ENOENT)
		return -errno;
	return renameat(from_dir, from, to_dir, to) == 0 ? 0 : -errno;
}

static int
real_link(void *ctx, int from_dir, const char *from, int to_dir, const char *to)
{
	(void)ctx;
	return linkat(from_dir, from, to_dir, to, 0) == 0 ? 0 : -errno;
}

static int
real_symlink(void *ctx, const char *target, int dir, const char *name)
{
	(void)ctx;
	return symlinkat(target, dir, name) == 0 ? 0 : -errno;
}

static int64_t
real_readlink(void *ctx, int dir, const char *name, char *p, size_t cap)
{
	ssize_t n = readlinkat(dir, name, p, cap);

	(void)ctx;
	return n < 0 ? -errno : n;
}

static void
fill_times(struct timespec ts[2], struct stamp t)
{
	memset(ts, 0, 2 * sizeof(ts[0]));
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_sec = t.s;
	ts[1].tv_nsec = (long)t.ns;
}

/* The other way, for file systems (exFAT by FUSE) that do nothing when only
 * one time is set. */
static int
real_futimes(void *ctx, int fd, struct stamp t)
{
	struct timespec ts[2];
	struct stat s;

	(void)ctx;
	fill_times(ts, t);
	if (futimens(fd, ts) != 0)
		return -errno;
	if (fstat(fd, &s) != 0 || s.st_mtim.tv_sec == ts[1].tv_sec)
		return 0;
	ts[0] = ts[1];
	return futimens(fd, ts) == 0 ? 0 : -errno;
}

static int
real_utimes(void *ctx, int dir, const char *name, struct stamp t)
{
	const int flags = AT_SYMLINK_NOFOLLOW;
	struct timespec ts[2];
	struct stat s;

	(void)ctx;
	fill_times(ts, t);
	if (utimensat(dir, name, ts, flags) != 0)
		return -errno;
	if (fstatat(dir, name, &s, flags) != 0 ||
	    s.st_mtim.tv_sec == ts[1].tv_sec)
		return 0;
	ts[0] = ts[1];
	return utimensat(dir, name, ts, flags) == 0 ? 0 : -errno;
}

static int
real_truncate(void *ctx, int fd, uint64_t size)
{
	int rc;

	(void)ctx;
	RETRY(rc, ftruncate(fd, (off_t)size));
	return rc;
}

static int
real_space(void *ctx, int fd, struct fs_space *out)
{
	struct statvfs v;
	int rc;

	(void)ctx;
	RETRY(rc, fstatvfs(fd, &v));
	if (rc < 0)
		return rc;
	/* A file system may have no count of them, of either (ramfs). */
	out->bytes_free =
	    v.f_blocks == 0 ? UINT64_MAX : (uint64_t)v.f_bavail * v.f_frsize;
	out->inodes_free = v.f_files == 0 ? UINT64_MAX : v.f_favail;
	return 0;
}

/*
 * Locks of an open file: they end with it, and only then.  Linux has had them
 * since 3.15; before, flock(2) is the like, which the same machine's stations
 * all take then.
 */
static int
real_lock(void *ctx, int fd)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	(void)ctx;
	if (fcntl(fd, F_OFD_SETLK, &l) == 0 ||
	    (errno == EINVAL && flock(fd, LOCK_EX | LOCK_NB) == 0))
		return 0;
	return errno == EACCES || errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

static int
real_is_locked(void *ctx, int fd)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	(void)ctx;
	if (fcntl(fd, F_OFD_GETLK, &l) == 0)
		return l.l_type != F_UNLCK;
	if (errno != EINVAL)
		return -errno;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? 1 : -errno;
	return flock(fd, LOCK_UN) == 0 ? 0 : -errno;
}

const struct fs *
fs_real(void)
{
	static const struct fs_ops ops = {
	    .root = {real_open_root, fs_real_open_trusted, NULL},
	    .open = fs_real_open,
	    .close = real_close,
	    .pread = real_pread,
	    .pwrite = real_pwrite,
	    .fsync = real_fsync,
	    .fast.syncfs = fs_real_syncfs,
	    .fast.writeback = fs_real_writeback,
	    .fast.readahead = real_readahead,
	    .fstat = real_fstat,
	    .stat = fs_real_stat,
	    .list = real_list,
	    .mkdir = real_mkdir,
	    .unlink = real_unlink,
	    .rmdir = real_rmdir,
	    .rename = real_rename,
	    .link = real_link,
	    .symlink = real_symlink,
	    .readlink = real_readlink,
	    .attr = {fs_real_fchmod, fs_real_fchown, fs_real_attr_list,
		fs_real_attr_get, fs_real_attr_set, fs_real_attr_remove,
		fs_real_may_change, NULL},
	    .futimes = real_futimes,
	    .utimes = real_utimes,
	    .truncate = real_truncate,
	    .allocate = fs_real_allocate,
	    .fast.clone = fs_real_clone,
	    .fast.map = fs_real_map,
	    .fast.unmap = fs_real_unmap,
	    .space = real_space,
	    .lock.take = real_lock,
	    .lock.is_held = real_is_locked,
	};
	static const struct fs real = {&ops, NULL};

	return &real;
}
