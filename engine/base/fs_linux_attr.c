/*
 * Modes, owners and extended attributes of the real file system.  Part of
 * fs_posix.c; the only file that sets them.
 */
#define _GNU_SOURCE
#include "engine/base/fs_internal.h"
#include "engine/base/fs_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

int
fs_real_fchmod(void *ctx, int fd, uint32_t mode)
{
	(void)ctx;
	return fchmod(fd, mode & 07777) == 0 ? 0 : -errno;
}

int
fs_real_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid)
{
	(void)ctx;
	_Static_assert((uid_t)-1 == FS_AS_IT_IS, "no owner");
	return fchown(fd, uid, gid) == 0 ? 0 : -errno;
}

int64_t
fs_real_attr_list(void *ctx, int fd, char *p, size_t cap)
{
	ssize_t n = flistxattr(fd, p, cap);

	(void)ctx;
	return n < 0 ? -errno : n;
}

int64_t
fs_real_attr_get(void *ctx, int fd, const char *name, void *p, size_t cap)
{
	ssize_t n = fgetxattr(fd, name, p, cap);

	(void)ctx;
	return n < 0 ? -errno : n;
}

int
fs_real_attr_set(void *ctx, int fd, const char *name, const void *p, size_t n)
{
	(void)ctx;
	return fsetxattr(fd, name, p, n, 0) == 0 ? 0 : -errno;
}

int
fs_real_attr_remove(void *ctx, int fd, const char *name)
{
	(void)ctx;
	return fremovexattr(fd, name) == 0 ? 0 : -errno;
}

/* Rights are no key: an encrypted folder has to be tried, by a file without a
 * name. */
static int
check_key(int fd)
{
	struct statx st;
	int file;

	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) != 0 ||
	    (st.stx_attributes & STATX_ATTR_ENCRYPTED) == 0)
		return 0;
	file = openat(fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (file < 0)
		return errno == ENOKEY ? -ENOKEY : 0;
	(void)close(file);
	return 0;
}

int
fs_real_may_change(void *ctx, int fd)
{
	(void)ctx;
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return check_key(fd);
	/* A sandbox that forbids the newer call; the older one asks for the
	 * user who started the program, mostly the same. */
	if (errno == EPERM && faccessat(fd, ".", W_OK | X_OK, 0) == 0)
		return 0;
	return -errno;
}
