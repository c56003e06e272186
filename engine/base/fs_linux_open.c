/*
 * Opening beneath a folder of the real file system, following no link:
 * openat2(2), or component by component where the kernel has it not.  Part of
 * fs_posix.c.
 */
#define _GNU_SOURCE
#include "engine/base/fs.h"

#include "engine/base/fs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Five seconds in all for a file that somebody has a lease on. */
enum { LEASE_WAIT_MS = 50, LEASE_TRIES = 100 };

/*
 * Without openat2 (an older kernel, a sandbox, valgrind) the same rules one
 * component at a time: never up, never through a link, never elsewhere.
 */

/* Go from *at, which is closed if it is not dir, to its folder name. */
static int
walk_down(int dir, int *at, const char *name)
{
	struct stat st;
	int next, rc = 0;

	RETRY(next,
	    openat(*at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (next == -ENOTDIR &&
	    fstatat(*at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		rc = -ELOOP;
	else if (next < 0)
		rc = next;
	if (*at != dir)
		(void)close(*at);
	*at = next;
	return rc;
}

static int
same_device(int dir, int fd)
{
	struct stat a, b;

	if (fstat(dir, &a) != 0 || fstat(fd, &b) != 0)
		return -errno;
	return a.st_dev == b.st_dev ? 0 : -EXDEV;
}

static int
open_walking(int dir, const char *path, const struct open_how *how)
{
	char name[NAME_MAX + 1];
	int at = dir, fd, rc = 0;
	size_t n;

	if (path[0] == '/')
		return -EXDEV;
	for (;; path += n + strspn(path + n, "/")) {
		n = strcspn(path, "/");
		if (n == 2 && path[0] == '.' && path[1] == '.')
			rc = -EXDEV;
		else if (n > NAME_MAX)
			rc = -ENAMETOOLONG;
		if (rc != 0)
			break;
		memcpy(name, path, n);
		name[n] = '\0';
		if (path[n] == '\0')
			break;
		if ((rc = walk_down(dir, &at, name)) != 0)
			break;
	}
	fd = rc;
	if (rc == 0) {
		RETRY(fd, openat(at, name, (int)how->flags, (mode_t)how->mode));
	}
	if (fd >= 0 && (how->resolve & RESOLVE_NO_XDEV) != 0 &&
	    (rc = same_device(dir, fd)) != 0) {
		(void)close(fd);
		fd = rc;
	}
	if (at != dir && at >= 0)
		(void)close(at);
	return fd;
}

static int
open_once(int dir, const char *path, const struct open_how *how)
{
	long fd;

	RETRY(fd, syscall(SYS_openat2, dir, path, how, sizeof(*how)));
	if (fd == -ENOSYS || fd == -EPERM)
		return open_walking(dir, path, how);
	return (int)fd;
}

/*
 * Who holds a lease on a file (Samba for its clients, an NFS server) was just
 * asked to give it back, which takes it a moment.  False when that was enough.
 */
static bool
wait_for_lease(int *tries)
{
	const struct timespec pause = {0, LEASE_WAIT_MS * 1000000L};

	if (*tries == LEASE_TRIES)
		return false;
	++*tries;
	(void)nanosleep(&pause, NULL);
	return true;
}

int
fs_real_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	struct open_how how;
	int fd, tries = 0;

	(void)ctx;
	memset(&how, 0, sizeof(how));
	how.flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	how.flags |= flags & FS_WRITE ? O_RDWR : O_RDONLY;
	if (flags & FS_DIRECTORY)
		how.flags |= O_DIRECTORY;
	if (flags & (FS_CREATE | FS_CREATE_OR_OPEN)) {
		how.flags |= O_CREAT;
		how.mode = mode & 07777;
	}
	if (flags & FS_CREATE)
		how.flags |= O_EXCL;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	if ((flags & FS_MOUNTED) == 0)
		how.resolve |= RESOLVE_NO_XDEV;
	do
		fd = open_once(dir, path, &how);
	while (fd == -EAGAIN && wait_for_lease(&tries));
	return fd;
}
