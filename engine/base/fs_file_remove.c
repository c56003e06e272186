/*
 * Removing a tree, folder by folder from open ones, so that no path is gone
 * down again for each name; and moving one.  Part of fs_file.c.
 */
#include "engine/base/fs_file.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int remove_below(
    const struct fs *fs, const struct at *it, char *path, struct err *e);

/* The name of it, which is a folder, and all below. */
static int
remove_folder(const struct fs *fs, const struct at *it, char *path,
    uint32_t mode, struct err *e)
{
	struct at in = {fs_open(fs, it->dir, it->path, FS_DIRECTORY, 0), NULL};
	int rc = 0;

	if (in.dir < 0)
		return err_sys(e, -in.dir, "open folder", path);
	/* A read-only folder could not be emptied. */
	if ((mode & 0700) != 0700 &&
	    (rc = fs_fchmod(fs, in.dir, mode | 0700)) < 0)
		rc = at_unchanged(fs, it, rc, "set mode of", path, e);
	if (rc == 0)
		rc = remove_below(fs, &in, path, e);
	/* On Windows none goes that is open. */
	fs_close_quietly(fs, &in.dir);
	if (rc == 0 && (rc = fs_rmdir(fs, it->dir, it->path)) < 0)
		rc = at_unchanged(fs, it, rc, "remove folder", path, e);
	return rc;
}

/* Whatever it is, and all below; path is its whole one, for messages. */
static int
remove_it(const struct fs *fs, const struct at *it, char *path, struct err *e)
{
	struct fs_stat st;
	int rc = fs_stat(fs, it->dir, it->path, &st);

	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return err_sys(e, -rc, "stat", path);
	if (st.type == FS_DIR)
		return remove_folder(fs, it, path, st.mode, e);
	rc = fs_unlink(fs, it->dir, it->path);
	return rc < 0 ? at_unchanged(fs, it, rc, "remove", path, e) : 0;
}

/* All in the open folder it->dir. */
static int
remove_below(
    const struct fs *fs, const struct at *it, char *path, struct err *e)
{
	struct names list = {NULL, 0, 0};
	size_t i, len = strlen(path);
	struct at below = {it->dir, NULL};
	int rc = names_list(fs, it->dir, path, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		below.path = list.v[i];
		if (snprintf(path + len, FS_PATH_BYTES - len, "/%s",
			below.path) >= (int)(FS_PATH_BYTES - len))
			rc = err_path(e, ERP_USAGE, path, "path too long");
		else
			rc = remove_it(fs, &below, path, e);
	}
	path[len] = '\0';
	names_release(&list);
	return rc;
}

int
tree_remove(const struct fs *fs, int dir, const char *path, struct err *e)
{
	struct at it = {dir, path};
	char shown[FS_PATH_BYTES];

	if (strlcpy(shown, path, sizeof(shown)) >= sizeof(shown))
		return err_path(e, ERP_USAGE, path, "path too long");
	return remove_it(fs, &it, shown, e);
}

int
tree_open_up(const struct fs *fs, int dir, const char *path)
{
	struct fs_stat st;
	int fd = fs_open(fs, dir, path, FS_DIRECTORY, 0), rc;

	if (fd < 0)
		return fd;
	if ((rc = fs_fstat(fs, fd, &st)) == 0 && (st.mode & 0700) != 0700 &&
	    (rc = fs_fchmod(fs, fd, st.mode | 0700)) == 0)
		rc = 1;
	fs_close_quietly(fs, &fd);
	return rc;
}

/* What a folder calls ".." is a name in it. */
int
tree_rename(const struct fs *fs, int from_dir, const char *from, int to_dir,
    const char *to)
{
	int rc = fs_rename(fs, from_dir, from, to_dir, to, false);

	if (rc == -EACCES && tree_open_up(fs, from_dir, from) == 1)
		rc = fs_rename(fs, from_dir, from, to_dir, to, false);
	return rc;
}
