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

/*
 * Is something mounted on this name?  A subvolume is not, but has a device of
 * its own and cannot be renamed or linked across either.  (Only of folders is
 * the device that of the mount: overlays give files others.)  Kernels before
 * 5.8 do not tell of files.  And may nobody change what is there?
 */
void
fs_real_look(
    int dir, const char *name, const struct stat *s, struct fs_stat *st)
{
	bool folder = S_ISDIR(s->st_mode), own = strcmp(name, ".") == 0;
	struct stat above;
	struct statx x;
	uint64_t has;

	if (!folder && !S_ISREG(s->st_mode))
		return;
	st->mounted = folder && !own && fstat(dir, &above) == 0 &&
	    above.st_dev != s->st_dev;
	if (syscall(SYS_statx, dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
		STATX_TYPE, &x) != 0)
		return;
	has = x.stx_attributes & x.stx_attributes_mask;
	st->mounted |= !own && (has & STATX_ATTR_MOUNT_ROOT) != 0;
	st->fixed = (has & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
}

int
fs_real_rename_new(int from_dir, const char *from, int to_dir, const char *to)
{
	return syscall(SYS_renameat2, from_dir, from, to_dir, to,
		   RENAME_NOREPLACE) == 0
	    ? 0
	    : -errno;
}

int
fs_real_allocate(void *ctx, int fd, uint64_t size)
{
	int rc;

	(void)ctx;
	RETRY(rc, fallocate(fd, 0, 0, (off_t)size));
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
