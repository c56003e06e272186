/*
 * Folders that cannot be renamed, for rotate.c: made anew beside the old tree,
 * committed by one rename, and put in its place.  The new tree lies in
 * .erpsync as anew.NAME.new while it is made, as anew.NAME when it is whole.
 */
#include "engine/apply/renew.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_owned.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ANEW "anew."
#define UNFINISHED ".new"

enum { TARGET_BYTES = 4096 };

/* Backups stand in the client folder, all else of ours in .erpsync. */
static int
dir_of(const struct folder *f, const char *name)
{
	return strncmp(name, "bkp_remote.", 11) == 0 ? f->dir : f->own;
}

static int renew_tree(
    struct folder *f, struct at from, const char *to, struct err *e);

static int
renew_link(struct folder *f, struct at from, const char *to, struct stamp mtime,
    struct err *e)
{
	char target[TARGET_BYTES + 1];
	int rc =
	    at_readlink(f->fs, from.dir, from.path, target, sizeof(target), e);

	if (rc < 0)
		return rc;
	if ((rc = fs_symlink(f->fs, target, f->own, to)) == 0)
		rc = fs_utimes(f->fs, f->own, to, mtime);
	return rc < 0 ? err_sys(e, -rc, "create link", to) : 0;
}

/* The same file under a second name, or its copy, durable. */
static int
renew_file(struct folder *f, struct at from, const char *to, struct err *e)
{
	struct owned_like like = {.fd = -1};
	struct copied copy = {.like = &like};
	int rc = fs_link(f->fs, from.dir, from.path, f->own, to);

	if (rc == 0)
		return 0;
	if (!file_link_is_refused(rc))
		return err_sys(e, -rc, "link", to);
	rc = file_copy(f->fs, from, (struct at){f->own, to}, &copy, e);
	return rc != 0 ? rc : at_sync(f->fs, f->own, to, FS_READ, e);
}

static int
renew_one(struct folder *f, struct at from, const char *to, struct err *e)
{
	struct fs_stat st;
	int rc = at_stat(f->fs, from.dir, from.path, &st, e);

	if (rc != 0)
		return rc;
	switch (st.type) {
	case FS_DIR:
		return renew_tree(f, from, to, e);
	case FS_FILE:
		return renew_file(f, from, to, e);
	case FS_SYMLINK:
		return renew_link(f, from, to, st.mtime, e);
	case FS_OTHER:
		break;
	}
	return err_path(e, ERP_BLOCKED, from.path,
	    "is no file, folder or link; move it away");
}

/* All that a folder that is filled has of the old one; durable. */
static int
seal(struct folder *f, struct at from, const char *path,
    const struct fs_stat *as, struct err *e)
{
	struct owned_like like = {-1, OWNED_SAME, 0};
	struct owned_new to = {-1, path, as->mode, &as->mtime};
	int rc;

	if ((to.fd = at_open(f->fs, f->own, path, FS_DIRECTORY, e)) < 0)
		return to.fd;
	rc = like.fd = at_open(f->fs, from.dir, from.path, FS_DIRECTORY, e);
	if (rc >= 0 && (rc = owned_set(f->fs, &like, &to, e)) == 0)
		rc = at_fsync(f->fs, to.fd, path, e);
	fs_close_quietly(f->fs, &like.fd);
	fs_close_quietly(f->fs, &to.fd);
	return rc;
}

static int
renew_tree(struct folder *f, struct at from, const char *to, struct err *e)
{
	char a[OWN_PATH_BYTES], b[OWN_PATH_BYTES];
	struct names list = {NULL, 0, 0};
	struct fs_stat st;
	size_t i;
	int rc;

	if ((rc = at_stat(f->fs, from.dir, from.path, &st, e)) != 0 ||
	    (rc = at_mkdir(f->fs, f->own, to, 0700, e)) != 0 ||
	    (rc = names_read(f->fs, from.dir, from.path, &list, e)) != 0)
		return rc;
	for (i = 0; rc == 0 && i < list.n; i++)
		if ((rc = own_join(a, from.path, list.v[i], e)) == 0 &&
		    (rc = own_join(b, to, list.v[i], e)) == 0)
			rc = renew_one(f, (struct at){from.dir, a}, b, e);
	names_release(&list);
	return rc != 0 ? rc : seal(f, from, to, &st, e);
}

/* The new tree is whole and durable: the old one goes, it takes its place.
 * Until that is durable too, it is found again under its other name. */
static int
put_in_place(struct folder *f, const char *anew, struct err *e)
{
	const char *name = anew + strlen(ANEW);
	int dir = dir_of(f, name), rc;

	assert(strncmp(anew, ANEW, strlen(ANEW)) == 0);
	if ((rc = tree_remove(f->fs, dir, name, e)) != 0)
		return rc;
	rc = tree_rename(f->fs, f->own, anew, dir, name);
	return rc < 0 ? err_sys(e, -rc, "put in place", name) : 0;
}

static int
renew(struct folder *f, struct at from, struct err *e)
{
	char anew[OWN_PATH_BYTES], temp[OWN_PATH_BYTES];
	int rc;

	if (strncmp(from.path, FOLDER_OWN "/", sizeof(FOLDER_OWN)) == 0)
		from = (struct at){f->own, from.path + sizeof(FOLDER_OWN)};
	assert(dir_of(f, from.path) == from.dir);
	assert(strchr(from.path, '/') == NULL);
	(void)snprintf(anew, sizeof(anew), ANEW "%.200s", from.path);
	(void)snprintf(temp, sizeof(temp), "%.300s" UNFINISHED, anew);
	if ((rc = tree_remove(f->fs, f->own, temp, e)) != 0 ||
	    (rc = renew_tree(f, from, temp, e)) != 0 ||
	    (rc = at_rename(f->fs, f->own, temp, anew, e)) != 0 ||
	    (rc = dir_sync(f->fs, f->own, "", e)) != 0)
		return rc;
	return put_in_place(f, anew, e);
}

int
renew_rename(struct folder *f, struct at from, struct at to, const char *verb,
    struct err *e)
{
	int rc = tree_rename(f->fs, from.dir, from.path, to.dir, to.path);

	if (rc == -EXDEV) {
		if ((rc = renew(f, from, e)) != 0)
			return rc;
		rc = tree_rename(f->fs, from.dir, from.path, to.dir, to.path);
	}
	return rc < 0 ? at_unmoved(f->fs, &from, &to, rc, verb, e) : 0;
}

bool
renew_is_left(const char *name)
{
	return strncmp(name, ANEW, strlen(ANEW)) == 0;
}

static bool
is_whole(const char *name)
{
	size_t len = strlen(name), end = strlen(UNFINISHED);

	/* What begins so is longer than the end. */
	return renew_is_left(name) && strcmp(name + len - end, UNFINISHED) != 0;
}

int
renew_settle(struct folder *f, struct err *e)
{
	struct names list = {NULL, 0, 0};
	size_t i;
	int rc = names_read(f->fs, f->own, ".", &list, e);

	/* After a mere kill its name may not be durable yet. */
	for (i = 0; rc == 0 && i < list.n; i++)
		if (is_whole(list.v[i]) &&
		    (rc = dir_sync(f->fs, f->own, "", e)) == 0)
			rc = put_in_place(f, list.v[i], e);
	names_release(&list);
	return rc;
}

/* Empty the folder path but for the name `keep`; durable. */
static int
empty(struct folder *f, const char *path, const char *keep, struct err *e)
{
	char below[OWN_PATH_BYTES];
	struct names list = {NULL, 0, 0};
	size_t i;
	int rc;

	(void)tree_open_up(f->fs, f->dir, path);
	rc = names_read(f->fs, f->dir, path, &list, e);
	for (i = 0; rc == 0 && i < list.n; i++)
		if (strcmp(list.v[i], keep) != 0 &&
		    (rc = own_join(below, path, list.v[i], e)) == 0)
			rc = tree_remove(f->fs, f->dir, below, e);
	names_release(&list);
	return rc != 0 ? rc : dir_sync(f->fs, f->dir, path, e);
}

int
renew_remove(struct folder *f, const char *name, struct err *e)
{
	char inner[OWN_PATH_BYTES];
	int rc;

	assert(dir_of(f, name) == f->dir);
	if ((rc = own_join(inner, name, FOLDER_OWN, e)) != 0 ||
	    (rc = own_exists(f->fs, f->dir, inner, e)) < 0)
		return rc;
	if (rc == 1 && (rc = empty(f, name, FOLDER_OWN, e)) != 0)
		return rc;
	return tree_remove(f->fs, f->dir, name, e);
}

/* Is this gone from the backup's .erpsync? */
static bool
is_without(struct folder *f, const char *name, const char *what)
{
	char path[OWN_PATH_BYTES];

	return own_join(path, name, what, NULL) == 0 &&
	    own_exists(f->fs, f->dir, path, NULL) == 0;
}

bool
renew_is_remainder(struct folder *f, const char *name)
{
	struct names list = {NULL, 0, 0};
	bool nothing, ours;

	if (names_read(f->fs, f->dir, name, &list, NULL) != 0)
		return false;
	nothing = list.n == 0;
	ours = list.n == 1 && strcmp(list.v[0], FOLDER_OWN) == 0;
	names_release(&list);
	return nothing ||
	    (ours &&
		(is_without(f, name, BACKUP_RECORD) ||
		    is_without(f, name, BACKUP_STATE)));
}
