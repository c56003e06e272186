/*
 * Opening a folder of the real file system along a way that no other user can
 * change, for root: else a parent's owner could put a link in its place, and
 * a folder of root be updated in its stead.  Part of fs_posix.c; whose folder
 * may be updated by whom is asked in apply/folder_open.c.
 */
#define _GNU_SOURCE
#include "engine/base/fs.h"

#include "engine/base/fs_internal.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40 };

/* A walk from the root of the file system. */
struct walk {
	int at; /* where it is */
	char done[PATH_MAX]; /* the way there, without links; "" at the root */
	char rest[PATH_MAX]; /* still to go */
	unsigned links;
};

/* Can nobody but root exchange what dir has under a name with this stat? */
static bool
is_fixed(const struct stat *dir, const struct stat *child)
{
	if (dir->st_uid != 0)
		return false;
	return (dir->st_mode & 022) == 0 ||
	    ((dir->st_mode & S_ISVTX) != 0 && child->st_uid == 0);
}

static int
move_to(struct walk *w, int next)
{
	if (next < 0)
		return next;
	(void)close(w->at);
	w->at = next;
	return 0;
}

static int
to_root(struct walk *w)
{
	int next;

	RETRY(next, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	w->done[0] = '\0';
	return w->at < 0 ? (w->at = next) < 0 ? next : 0 : move_to(w, next);
}

/* All above were walked through, so the way up is as good as they are. */
static int
to_parent(struct walk *w)
{
	char *slash = strrchr(w->done, '/');
	int next;

	RETRY(next, openat(w->at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (slash != NULL)
		*slash = '\0';
	return move_to(w, next);
}

/* What the link says comes before what is still to go. */
static int
follow(struct walk *w, const char *name)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(w->at, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	(void)strlcpy(rest, w->rest, sizeof(rest));
	if ((size_t)n + 1 + strlen(rest) >= sizeof(w->rest))
		return -ENAMETOOLONG;
	(void)strlcpy(w->rest, target, sizeof(w->rest));
	(void)strlcat(w->rest, "/", sizeof(w->rest));
	(void)strlcat(w->rest, rest, sizeof(w->rest));
	return target[0] == '/' ? to_root(w) : 0;
}

static int
append(struct walk *w, const char *name)
{
	return strlcat(w->done, "/", sizeof(w->done)) >= sizeof(w->done) ||
		strlcat(w->done, name, sizeof(w->done)) >= sizeof(w->done)
	    ? -ENAMETOOLONG
	    : 0;
}

static int
to_child(struct walk *w, const char *name)
{
	struct stat dir, child;
	int next, rc;

	if (fstat(w->at, &dir) != 0 ||
	    fstatat(w->at, name, &child, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	if (!is_fixed(&dir, &child)) {
		/* Where each has its own, that is what is to be mended. */
		rc = dir.st_uid == 0 && (dir.st_mode & S_ISVTX) != 0
		    ? append(w, name)
		    : 0;
		return rc < 0 ? rc : -EPERM;
	}
	if (S_ISLNK(child.st_mode))
		return follow(w, name);
	RETRY(next,
	    openat(w->at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if ((rc = append(w, name)) < 0) {
		if (next >= 0)
			(void)close(next);
		return rc;
	}
	return move_to(w, next);
}

/* One component more: 1, 0 when there is none, or -errno. */
static int
step(struct walk *w)
{
	char name[NAME_MAX + 1];
	size_t skip = strspn(w->rest, "/");
	size_t n = strcspn(w->rest + skip, "/");
	int rc = 0;

	if (n == 0)
		return 0;
	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, w->rest + skip, n);
	name[n] = '\0';
	memmove(w->rest, w->rest + skip + n, strlen(w->rest + skip + n) + 1);
	if (strcmp(name, "..") == 0)
		rc = to_parent(w);
	else if (strcmp(name, ".") != 0)
		rc = to_child(w, name);
	return rc < 0 ? rc : 1;
}

static int
begin(struct walk *w, const char *path)
{
	assert(path != NULL);
	w->rest[0] = '\0';
	if (path[0] != '/') {
		if (getcwd(w->rest, sizeof(w->rest)) == NULL)
			return -errno;
		(void)strlcat(w->rest, "/", sizeof(w->rest));
	}
	if (strlcat(w->rest, path, sizeof(w->rest)) >= sizeof(w->rest))
		return -ENAMETOOLONG;
	return path[0] == '\0' ? -ENOENT : to_root(w);
}

int
fs_real_open_trusted(void *ctx, const char *path, char *where, size_t cap)
{
	struct walk w = {.at = -1};
	int fd = -1, rc = begin(&w, path);

	(void)ctx;
	while (rc >= 0 && (rc = step(&w)) > 0)
		continue;
	if (rc == 0) {
		RETRY(
		    fd, openat(w.at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	} else {
		assert(rc < 0);
		fd = rc;
	}
	if (fd == -EPERM)
		(void)strlcpy(where, w.done[0] == '\0' ? "/" : w.done, cap);
	if (w.at >= 0)
		(void)close(w.at);
	return fd;
}
