/*
 * Wave two of an update: names change, contents do not.  After the journal is
 * durable, before the commit; the way back is swap_undo.c.
 */
#include "engine/apply/swap.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/swap_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A virus scanner holds a file for seconds, not for minutes. */
enum { RETRIES = 9, FIRST_WAIT_MS = 10, LONGEST_WAIT_MS = 500 };

/* A rename that waits while a file is in use: 0 or -errno, ETXTBSY to replace
 * at once. */
static int
rename_patiently(const struct folder *f, int from_dir, const char *from,
    int to_dir, const char *to, bool replace)
{
	uint32_t wait = FIRST_WAIT_MS;
	int tries, rc;

	for (tries = 0;; tries++) {
		rc = fs_rename(f->fs, from_dir, from, to_dir, to, replace);
		if (rc != -EACCES && rc != -EBUSY &&
		    (rc != -ETXTBSY || replace))
			break;
		if (tries == RETRIES || !folder_sleep(f, wait))
			break;
		wait = wait * 2 > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : wait * 2;
	}
	return rc;
}

static int
appeared(const char *path, struct err *e)
{
	return err_path(e, ERP_BUSY, path,
	    "appeared during the update; close the program and try again");
}

/* A quota of its own, a subvolume, another key: the disk's own borders. */
static int
put_failed(const struct folder *f, int rc, const char *verb, const char *path,
    struct err *e)
{
	if (rc != -EXDEV)
		return at_held(f->fs, f->dir, path, verb, rc, e);
	return err_path(e, ERP_BLOCKED, path,
	    "lies on another file system, subvolume or quota than the folder; "
	    "leave it out (--exclude) or move it away");
}

int
swap_put(struct folder *f, int from_dir, const char *from, const char *path,
    struct err *e)
{
	int rc = rename_patiently(f, from_dir, from, f->dir, path, false);

	assert(from_dir >= 0 && from_dir != f->dir);
	if (rc == -EEXIST)
		return appeared(path, e);
	return rc < 0 ? put_failed(f, rc, "put in place", path, e) : 0;
}

int
swap_replace(struct folder *f, int from_dir, const char *from,
    const char *aside, const char *path, struct err *e)
{
	int rc = rename_patiently(f, from_dir, from, f->dir, path, true);

	assert(from_dir >= 0 && from_dir != f->dir);
	if (rc == -ETXTBSY) {
		rc = rename_patiently(f, f->dir, path, f->own, aside, false);
		if (rc == 0)
			return swap_put(f, from_dir, from, path, e);
	}
	return rc < 0 ? put_failed(f, rc, "put in place", path, e) : 0;
}

static int
not_empty(const char *path, struct err *e)
{
	return err_path(e, ERP_BLOCKED, path,
	    "a file must take the place of this folder, but it holds files "
	    "that are not ours; move them away");
}

/*
 * A live name goes to the place `taken` in .erpsync, where nothing is.  A
 * folder that cannot be renamed is removed: it must be empty, and the journal
 * knows how to make it again.  1: then nothing is in that place.
 */
static int
take_away(
    struct folder *f, const struct op *op, const char *taken, struct err *e)
{
	int rc = rename_patiently(f, f->dir, op->path, f->own, taken, false);

	if (rc == -EXDEV && op->old.type == FS_DIR) {
		rc = fs_rmdir(f->fs, f->dir, op->path);
		if (rc == -ENOTEMPTY || rc == -EEXIST)
			return not_empty(op->path, e);
		return rc < 0 ? err_sys(e, -rc, "remove folder", op->path) : 1;
	}
	if (rc == -EEXIST)
		return appeared(taken, e);
	return rc < 0 ? put_failed(f, rc, "move", op->path, e) : 0;
}

static int
parent_of(char out[OWN_PATH_BYTES], const char *path)
{
	char *slash;

	if (strlcpy(out, path, OWN_PATH_BYTES) >= OWN_PATH_BYTES)
		return ERP_USAGE;
	slash = strrchr(out, '/');
	*(slash == NULL ? out : slash) = '\0';
	return 0;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_unique(struct names *list)
{
	size_t i, kept = 0;

	if (list->n > 1)
		qsort(list->v, list->n, sizeof(list->v[0]), compare_texts);
	for (i = 0; i < list->n; i++) {
		if (kept > 0 && strcmp(list->v[kept - 1], list->v[i]) == 0)
			free(list->v[i]);
		else
			list->v[kept++] = list->v[i];
	}
	assert(kept <= list->n);
	list->n = kept;
}

int
swap_dirs(const struct journal *j, struct names *out, struct err *e)
{
	char above[OWN_PATH_BYTES], last[OWN_PATH_BYTES];
	bool any = false;
	size_t i;
	int rc;

	for (i = 0; i < j->n; i++) {
		if (j->v[i].kind == OP_RMDIR)
			continue;
		if (parent_of(above, j->v[i].path) != 0)
			return err_set(e, ERP_CORRUPT, "path too long");
		/* Neighbours mostly share their folder. */
		if (any && strcmp(last, above) == 0)
			continue;
		if ((rc = names_add(out, above, e)) != 0)
			return rc;
		(void)strlcpy(last, above, sizeof(last));
		any = true;
	}
	names_unique(out);
	return 0;
}

int
swap_sync_folder(struct folder *f, int dir, const char *path, struct err *e)
{
	struct fs_stat st;
	int rc = fs_stat(f->fs, dir, path, &st);

	if (rc == -ENOENT || rc == -ENOTDIR || (rc == 0 && st.type != FS_DIR))
		return 0; /* it gave way to a file */
	return rc < 0 ? err_sys(e, -rc, "stat", path)
		      : dir_sync(f->fs, dir, path, e);
}

int
swap_sync_homes(struct folder *f, const struct journal *j, struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct tx_names names;
	uint32_t k, last = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < j->n; i++)
		if ((k = own_home_of(j->v[i].number)) > last)
			last = k;
	tx_names_of(j->tx, &names);
	for (k = 1; rc == 0 && k <= last; k++) {
		own_home(path, &names, k);
		rc = dir_sync(f->fs, f->own, path, e);
	}
	return rc;
}

int
swap_sync_dirs(struct folder *f, const struct journal *j,
    const struct names *dirs, struct err *e)
{
	struct tx_names names;
	size_t i;
	int rc;

	for (i = 0; i < dirs->n; i++) {
		rc = swap_sync_folder(
		    f, f->dir, dirs->v[i][0] == '\0' ? "." : dirs->v[i], e);
		if (rc != 0)
			return rc;
	}
	tx_names_of(j->tx, &names);
	if ((rc = own_exists(f->fs, f->own, names.tmp, e)) <= 0)
		return rc;
	if ((rc = dir_sync(f->fs, f->own, names.tmp, e)) != 0)
		return rc;
	return swap_sync_homes(f, j, e);
}

/* Is live still what was backed up? */
static int
require_old(struct folder *f, const struct op *op, struct err *e)
{
	struct fs_stat st;
	int rc = fs_stat(f->fs, f->dir, op->path, &st);

	assert(op->kind == OP_DELETE || op->kind == OP_REPLACE);
	if (rc < 0 && rc != -ENOENT)
		return err_sys(e, -rc, "stat", op->path);
	if (rc == 0 && identity_is_exact(&op->old, &st))
		return 0;
	return err_path(e, ERP_BUSY, op->path,
	    "changed during the update; close the program and try again");
}

static int
run_delete(struct folder *f, const struct tx_names *names, const struct op *op,
    struct err *e)
{
	struct names inside = {NULL, 0, 0};
	char taken[OWN_PATH_BYTES];
	int rc;

	assert(op->kind == OP_DELETE);
	own_taken(taken, names, op->number);
	if ((rc = require_old(f, op, e)) != 0 ||
	    (rc = take_away(f, op, taken, e)) != 0)
		return rc < 0 ? rc : 0;
	if (op->old.type != FS_DIR)
		return 0;
	/* A folder goes only when nothing is in it. */
	rc = names_read(f->fs, f->own, taken, &inside, e);
	if (rc == 0 && inside.n > 0)
		rc = not_empty(op->path, e);
	names_release(&inside);
	return rc;
}

/* The folder of tmp.TX that new things wait in. */
struct home {
	const struct tx_names *names;
	uint32_t k;
	int fd; /* open for the next one, or -1 */
};

static int
home_open(
    const struct folder *f, struct home *h, uint32_t number, struct err *e)
{
	uint32_t k = own_home_of(number);
	char path[OWN_PATH_BYTES];
	int fd;

	if (h->fd >= 0 && h->k == k)
		return h->fd;
	own_home(path, h->names, k);
	if ((fd = at_open(f->fs, f->own, path, FS_DIRECTORY, e)) < 0)
		return fd;
	fs_close_quietly(f->fs, &h->fd);
	h->k = k;
	return h->fd = fd;
}

static int
run_op(struct folder *f, struct home *h, const struct op *op, struct err *e)
{
	char path[OWN_PATH_BYTES], aside[OWN_PATH_BYTES];
	const char *fresh;
	int home, rc;

	if (op->kind == OP_DELETE)
		return run_delete(f, h->names, op, e);
	if (op->kind == OP_RMDIR)
		return 0; /* after the commit */
	assert(op->kind == OP_ADD || op->kind == OP_REPLACE);
	if ((home = home_open(f, h, op->number, e)) < 0)
		return home;
	own_fresh(path, h->names, op->number);
	fresh = strrchr(path, '/') + 1;
	if (op->kind == OP_ADD)
		return swap_put(f, home, fresh, op->path, e);
	if ((rc = require_old(f, op, e)) != 0)
		return rc;
	own_taken(aside, h->names, op->number);
	return swap_replace(f, home, fresh, aside, op->path, e);
}

int
swap_forward(struct folder *f, const struct journal *j, struct err *e)
{
	struct event ev = {.kind = EVENT_SWAP, .total = j->n};
	struct tx_names names;
	struct home home = {&names, 0, -1};
	size_t i;
	int rc = 0;

	tx_names_of(j->tx, &names);
	for (i = 0; rc == 0 && i < j->n; i++) {
		ev.path = j->v[i].path;
		ev.done = i + 1;
		if ((rc = run_op(f, &home, &j->v[i], e)) == 0)
			observe(f->opt.obs, &ev);
	}
	fs_close_quietly(f->fs, &home.fd);
	return rc;
}

/* Is the new file of op what is live?  Its inode tells, or its content where
 * a rename changes that.  0 or a code. */
static int
require_fresh(
    struct folder *f, const struct op *op, struct fs_near *near, struct err *e)
{
	struct fs_stat st;
	int rc = fs_stat_near(f->fs, f->dir, op->path, near, &st);

	assert(op->kind == OP_ADD || op->kind == OP_REPLACE);
	if (rc < 0)
		return err_sys(e, -rc, "stat", op->path);
	if (identity_is_exact(&op->fresh, &st))
		return 0;
	rc = identity_match(f->fs, f->dir, op->path, &op->fresh, false, e);
	if (rc == 0)
		return err_path(e, ERP_BUSY, op->path,
		    "changed during the update; close the program and try "
		    "again");
	return rc < 0 ? rc : 0;
}

int
swap_settle(struct folder *f, const struct journal *j, struct err *e)
{
	struct names dirs = {NULL, 0, 0};
	struct fs_near near = FS_NEAR;
	size_t i;
	int rc;

	if ((rc = swap_dirs(j, &dirs, e)) == 0)
		rc = swap_sync_dirs(f, j, &dirs, e);
	names_release(&dirs);
	for (i = 0; rc == 0 && i < j->n; i++)
		if (j->v[i].kind == OP_ADD || j->v[i].kind == OP_REPLACE)
			rc = require_fresh(f, &j->v[i], &near, e);
	fs_near_close(f->fs, &near);
	return rc;
}

/* A folder that cannot go, and that is sound where it stays. */
static bool
may_stay(int rc, bool patient)
{
	if (rc == -ENOTEMPTY || rc == -EEXIST || rc == -ENOTDIR)
		return true;
	return !patient &&
	    (rc == -EACCES || rc == -EPERM || rc == -EBUSY || rc == -EROFS);
}

int
swap_remove_emptied(
    struct folder *f, const struct journal *j, bool patient, struct err *e)
{
	char above[OWN_PATH_BYTES];
	size_t i;
	int rc;

	for (i = 0; i < j->n; i++) {
		if (j->v[i].kind != OP_RMDIR)
			continue;
		rc = fs_rmdir(f->fs, f->dir, j->v[i].path);
		if (may_stay(rc, patient))
			continue;
		if (rc < 0 && rc != -ENOENT)
			return err_sys(e, -rc, "remove folder", j->v[i].path);
		/* Gone already: its removal may not be durable yet, unless
		 * the folder above it is gone too. */
		if (parent_of(above, j->v[i].path) != 0 ||
		    (above[0] != '\0' &&
			own_exists(f->fs, f->dir, above, NULL) != 1))
			continue;
		if ((rc = dir_sync(f->fs, f->dir, above, e)) != 0)
			return rc;
	}
	return 0;
}
