/* A folder for one test. */
#define _GNU_SOURCE
#include "tests/support/tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
require(bool ok, const char *what, const char *path)
{
	if (ok)
		return;
	(void)fprintf(
	    stderr, "tempdir: %s %s: %s\n", what, path, strerror(errno));
	abort();
}

void
tempdir_open(struct tempdir *t)
{
	const char *base = getenv("TMPDIR");
	int n = snprintf(t->path, sizeof(t->path), "%s/erpsync-test.XXXXXX",
	    base != NULL && base[0] != '\0' ? base : "/tmp");

	/* What others may not read is not taken for other files. */
	(void)umask(022);
	require(n > 0 && n < (int)sizeof(t->path), "name of", "folder");
	require(mkdtemp(t->path) != NULL, "mkdtemp", t->path);
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(t->fd >= 0, "open", t->path);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	require(remove(path) == 0, "remove", path);
	return 0;
}

static int
unlock_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)ftw;
	if (kind != FTW_SL && S_ISDIR(st->st_mode))
		(void)chmod(path, 0700);
	return 0;
}

void
tempdir_close(struct tempdir *t)
{
	(void)close(t->fd);
	t->fd = -1;
	/* Folders that a test made read-only first become writable again. */
	(void)nftw(t->path, unlock_one, 16, FTW_PHYS);
	(void)nftw(t->path, remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

/* Make all folders in front of each slash of path. */
static void
make_parents(struct tempdir *t, const char *path)
{
	char part[2048];
	size_t i;

	require(strlen(path) < sizeof(part), "length of", path);
	for (i = 0; path[i] != '\0'; i++) {
		part[i] = path[i];
		if (path[i] != '/')
			continue;
		part[i] = '\0';
		require(mkdirat(t->fd, part, 0755) == 0 || errno == EEXIST,
		    "mkdir", part);
		part[i] = '/';
	}
}

void
tempdir_mkdir(struct tempdir *t, const char *path)
{
	make_parents(t, path);
	require(
	    mkdirat(t->fd, path, 0755) == 0 || errno == EEXIST, "mkdir", path);
}

void
tempdir_write(
    struct tempdir *t, const char *path, const void *p, size_t n, int64_t mtime)
{
	const char *from = p;
	ssize_t put;
	size_t done = 0;
	int fd;

	make_parents(t, path);
	fd =
	    openat(t->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	require(fd >= 0, "create", path);
	while (done < n) {
		put = write(fd, from + done, n - done);
		require(put > 0, "write", path);
		done += (size_t)put;
	}
	require(close(fd) == 0, "close", path);
	if (mtime >= 0)
		tempdir_touch(t, path, mtime, 0);
}

void
tempdir_text(
    struct tempdir *t, const char *path, const char *text, int64_t mtime)
{
	tempdir_write(t, path, text, strlen(text), mtime);
}

void
tempdir_symlink(struct tempdir *t, const char *target, const char *path)
{
	make_parents(t, path);
	require(symlinkat(target, t->fd, path) == 0, "symlink", path);
}

void
tempdir_chmod(struct tempdir *t, const char *path, unsigned mode)
{
	require(fchmodat(t->fd, path, (mode_t)mode, 0) == 0, "chmod", path);
}

void
tempdir_touch(struct tempdir *t, const char *path, int64_t mtime, uint32_t ns)
{
	struct timespec ts[2];

	ts[0].tv_sec = mtime;
	ts[0].tv_nsec = (long)ns;
	ts[1] = ts[0];
	require(utimensat(t->fd, path, ts, AT_SYMLINK_NOFOLLOW) == 0,
	    "set time of", path);
}

bool
tempdir_has(struct tempdir *t, const char *path)
{
	return faccessat(t->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

char *
tempdir_read(struct tempdir *t, const char *path, size_t *n)
{
	struct stat st;
	ssize_t got;
	size_t done = 0, size;
	char *p;
	int fd = openat(t->fd, path, O_RDONLY | O_CLOEXEC);

	require(fd >= 0 && fstat(fd, &st) == 0, "open", path);
	size = (size_t)st.st_size;
	p = malloc(size + 1);
	require(p != NULL, "allocate for", path);
	while (done < size) {
		got = read(fd, p + done, size - done);
		require(got > 0, "read", path);
		done += (size_t)got;
	}
	p[size] = '\0';
	(void)close(fd);
	if (n != NULL)
		*n = size;
	return p;
}

bool
tempdir_is_text(struct tempdir *t, const char *path, const char *text)
{
	struct stat st;
	size_t n;
	char *p;
	bool same;

	if (fstatat(t->fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode))
		return false;
	p = tempdir_read(t, path, &n);
	same = n == strlen(text) && memcmp(p, text, n) == 0;
	free(p);
	return same;
}
