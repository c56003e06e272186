/*
 * From a path to an open folder and a name in it; the rest is fs_file.c's.  For
 * keys and seals, which lie where a person put them.
 */
#include "engine/base/path_file.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int
path_file_open_folder(
    const struct fs *fs, const char *path, struct at *out, struct err *e)
{
	const char *slash = strrchr(path, '/');
	/* Of "/name" the slash is the folder. */
	size_t n = slash == path ? 1 : (size_t)(slash - path);
	char *folder = slash == NULL ? strdup(".") : strndup(path, n);
	int rc = 0;

	if (folder == NULL)
		return err_nomem(e);
	out->path = slash == NULL ? path : slash + 1;
	if (*out->path == '\0')
		rc = err_path(e, ERP_USAGE, path, "is no name of a file");
	else if ((out->dir = fs_open_root(fs, folder)) < 0)
		rc = err_sys(e, -out->dir, "open folder", folder);
	free(folder);
	return rc;
}

int
path_file_read(
    const struct fs *fs, const char *path, struct buf *out, struct err *e)
{
	struct fs_stat st;
	struct at at;
	int rc = path_file_open_folder(fs, path, &at, e);

	if (rc != 0)
		return rc;
	if ((rc = at_find(fs, at.dir, at.path, &st, e)) == 1 &&
	    (rc = file_read(fs, at.dir, at.path, out, e)) == 0)
		rc = 1;
	fs_close_quietly(fs, &at.dir);
	return rc;
}

/* Does a shell say so of a pipe, which is being written? */
static bool
is_of_shell(const char *path)
{
	static const char numbered[] = "/dev/fd/";

	return strncmp(path, numbered, sizeof(numbered) - 1) == 0 ||
	    strcmp(path, "/dev/stdin") == 0;
}

int
path_file_ends(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0 || S_ISREG(st.st_mode) ||
	    (S_ISFIFO(st.st_mode) && is_of_shell(path)))
		return 0;
	return err_path(
	    e, ERP_USAGE, path, "is no regular file; put one in its place");
}

int
path_file_open(const char *path, FILE **out, struct err *e)
{
	int rc = path_file_ends(path, e);

	if (rc == 0 && (*out = fopen(path, "rbe")) == NULL)
		rc = err_sys(e, errno, "open", path);
	return rc;
}

int
path_file_exists(const struct fs *fs, const char *path, struct err *e)
{
	struct fs_stat st;
	struct at at;
	int rc = path_file_open_folder(fs, path, &at, e);

	if (rc != 0)
		return rc;
	rc = at_find(fs, at.dir, at.path, &st, e);
	fs_close_quietly(fs, &at.dir);
	return rc;
}

int
path_file_write(const struct fs *fs, const char *path, uint32_t mode,
    const struct buf *bytes, struct err *e)
{
	struct at to;
	int rc = path_file_open_folder(fs, path, &to, e);

	if (rc != 0)
		return rc;
	rc = file_write_shared(fs, to, mode, buf_data(bytes), bytes->len, e);
	fs_close_quietly(fs, &to.dir);
	return rc;
}

int
path_file_remove(const struct fs *fs, const char *path, struct err *e)
{
	struct at at;
	int rc = path_file_open_folder(fs, path, &at, e);

	if (rc != 0)
		return rc;
	if ((rc = fs_unlink(fs, at.dir, at.path)) != 0)
		rc = err_sys(e, -rc, "remove", path);
	fs_close_quietly(fs, &at.dir);
	return rc;
}
