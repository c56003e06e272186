/*
 * What Linux adds to the real file system: one syncfs for many files, and when
 * it may be trusted, calls that save time or room, a closer look at what a name
 * is, renaming to a name that is free.  Below fs_posix.c.
 */
#define _GNU_SOURCE
#include "engine/base/fs.h"

#include "engine/base/fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The kind of file system (linux/magic.h), or 0. */
static uint32_t
kind_of(int fd)
{
	struct statfs s;
	int rc;

	RETRY(rc, fstatfs(fd, &s));
	return rc == 0 ? (uint32_t)s.f_type : 0;
}

bool
fs_real_has_own_disk(uint32_t kind)
{
	return kind == EXT4_SUPER_MAGIC || kind == XFS_SUPER_MAGIC ||
	    kind == BTRFS_SUPER_MAGIC || kind == F2FS_SUPER_MAGIC;
}

bool
fs_real_syncfs_tells(const char *linux_release, uint32_t kind)
{
	unsigned major = 0, minor = 0;

	if (sscanf(linux_release, "%u.%u", &major, &minor) != 2 || major < 5 ||
	    (major == 5 && minor < 8))
		return false;
	return fs_real_has_own_disk(kind);
}

static bool
syncfs_tells(int fd)
{
	struct utsname host;

	return uname(&host) == 0 &&
	    fs_real_syncfs_tells(host.release, kind_of(fd));
}

int
fs_real_syncfs(void *ctx, int fd, size_t files)
{
	(void)ctx;
	/* syncfs waits for everybody's data: for few files that is worse. */
	if (files < FS_MANY_FILES || !syncfs_tells(fd))
		return 1;
	/* Never retried: the loss is told once. */
	if (syncfs(fd) == 0)
		return 0;
	return errno == ENOSYS || errno == EPERM ? 1 : -errno;
}

void
fs_real_writeback(void *ctx, int fd)
{
	(void)ctx;
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static struct stamp
stamp_of(const struct statx_timestamp *t)
{
	return (struct stamp){t->tv_sec, t->tv_nsec};
}

/* What the two calls tell alike. */
static void
convert_statx(const struct statx *x, struct fs_stat *out)
{
	struct stat s;

	memset(&s, 0, sizeof(s));
	s.st_mode = x->stx_mode;
	s.st_size = (off_t)x->stx_size;
	s.st_blocks = (blkcnt_t)x->stx_blocks;
	s.st_mtim.tv_sec = x->stx_mtime.tv_sec;
	s.st_mtim.tv_nsec = x->stx_mtime.tv_nsec;
	s.st_nlink = x->stx_nlink;
	s.st_uid = x->stx_uid;
	s.st_gid = x->stx_gid;
	s.st_dev = makedev(x->stx_dev_major, x->stx_dev_minor);
	s.st_ino = x->stx_ino;
	fs_real_convert(&s, out);
}

/* What only statx tells. */
static void
look_closer(const struct statx *x, bool own, struct fs_stat *st)
{
	uint64_t has = x->stx_attributes & x->stx_attributes_mask;

	if (st->type != FS_FILE && st->type != FS_DIR)
		return;
	st->mounted |= !own && (has & STATX_ATTR_MOUNT_ROOT) != 0;
	st->encrypted = (has & STATX_ATTR_ENCRYPTED) != 0;
	st->fixed = (has & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
	if ((x->stx_mask & (STATX_CTIME | STATX_BTIME)) ==
	    (STATX_CTIME | STATX_BTIME)) {
		st->changed = stamp_of(&x->stx_ctime);
		st->born = stamp_of(&x->stx_btime);
	}
}

/*
 * Is something mounted on this name?  A subvolume is not, but has a device of
 * its own and cannot be renamed or linked across either.  (Only of folders is
 * the device that of the mount: overlays give files others.)  Kernels before
 * 5.8 do not tell of files.  And may nobody change what is there?
 */
int
fs_real_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
	bool own = strcmp(name, ".") == 0, told;
	struct stat s;
	struct statx x;

	(void)ctx;
	told = syscall(SYS_statx, dir, name, flags,
		   STATX_BASIC_STATS | STATX_BTIME, &x) == 0;
	/* An older kernel, or a sandbox. */
	if (!told && errno != ENOSYS && errno != EPERM)
		return -errno;
	if (told) {
		convert_statx(&x, st);
	} else if (fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) == 0) {
		fs_real_convert(&s, st);
	} else {
		return -errno;
	}
	st->mounted = st->type == FS_DIR && !own && fstat(dir, &s) == 0 &&
	    s.st_dev != st->dev;
	if (told)
		look_closer(&x, own, st);
	return 0;
}

int
fs_real_rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
	return syscall(SYS_renameat2, from_dir, from, to_dir, to,
		   RENAME_NOREPLACE) == 0
	    ? 0
	    : -errno;
}

/* In steps: a signal undoes the one that it comes into, so that a large one
 * beside a timer might never end. */
int
fs_real_allocate(void *ctx, int fd, uint64_t size)
{
	const uint64_t most = (uint64_t)256 << 20;
	uint64_t off, n;
	int rc = 0;

	(void)ctx;
	for (off = 0; rc == 0 && off < size; off += n) {
		n = size - off < most ? size - off : most;
		RETRY(rc, fallocate(fd, 0, (off_t)off, (off_t)n));
	}
	return rc;
}

int
fs_real_clone(void *ctx, int to, int from)
{
	(void)ctx;
	return ioctl(to, FICLONE, from) == 0 ? 0 : -errno;
}

/*
 * Locked, its pages are read now, and none is dropped and read again, which
 * would end the process if the disk failed meanwhile; network file systems
 * drop them when another machine writes.  (mlock itself does nothing under
 * sanitizers.)
 */
int
fs_real_map(void *ctx, int fd, size_t size, const void **out)
{
	uint32_t kind = kind_of(fd);
	void *p;
	int rc = 0;

	(void)ctx;
	if (!fs_real_has_own_disk(kind) && kind != TMPFS_MAGIC &&
	    kind != OVERLAYFS_SUPER_MAGIC)
		return -EOPNOTSUPP;
	p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	if (mlock2(p, size, 0) != 0) {
		rc = -errno;
		(void)munmap(p, size);
	}
	*out = rc == 0 ? p : NULL;
	return rc;
}

void
fs_real_unmap(void *ctx, const void *p, size_t size)
{
	(void)ctx;
	(void)munmap((void *)(uintptr_t)p, size);
}
