/*
 * Undo of wave two, by identity.  First every operation is explained, then
 * names are changed; nothing is allocated in between, so memory cannot run
 * out half-way.
 */
#include "engine/apply/swap.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/swap_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_owned.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a folder that is made again, until it gets its own, which is another. */
enum { REMADE_MODE = 01700 };

enum step {
	STEP_NONE, /* never done, or undone already */
	STEP_REMOVE, /* remove what was added */
	STEP_RESTORE, /* the backup's file comes back over the new one */
	STEP_BACK, /* what was taken away comes back */
	STEP_REMAKE /* a folder that was removed is made again */
};

struct undo {
	struct folder *f;
	const struct journal *j;
	struct tx_names names;
	bool trust; /* inode numbers mean what they meant */
	uint8_t *steps; /* enum step, one for each operation */
};

static int
cannot_explain(const struct op *op, struct err *e)
{
	(void)err_path(e, ERP_CORRUPT, op->path,
	    "is neither the old nor the new file; move it out of the folder "
	    "and run erpsync recover");
	return err_context(e, "recovery required");
}

/* Is the new file of op still in tmp.TX? */
static int
is_waiting(const struct undo *u, const struct op *op, struct err *e)
{
	char fresh[OWN_PATH_BYTES];

	own_fresh(fresh, &u->names, op->number);
	return own_exists(u->f->fs, u->f->own, fresh, e);
}

static int
live_is(const struct undo *u, const struct op *op, const struct identity *id,
    struct err *e)
{
	return identity_match(u->f->fs, u->f->dir, op->path, id, u->trust, e);
}

static int
explain_add(const struct undo *u, const struct op *op, struct err *e)
{
	int rc = live_is(u, op, &op->fresh, e);

	/* A folder there is ours if ours no longer waits. */
	if (rc == 1 && op->fresh.type == FS_DIR &&
	    (rc = is_waiting(u, op, e)) >= 0)
		rc = !rc;
	if (rc < 0)
		return rc;
	if (rc == 1)
		return STEP_REMOVE;
	/* Missing: not done or undone.  Another file: somebody put it there
	 * or changed it since; it is theirs now. */
	return STEP_NONE;
}

static int
explain_replace(const struct undo *u, const struct op *op, struct err *e)
{
	char saved[OWN_PATH_BYTES];
	int missing, rc = live_is(u, op, &op->fresh, e);

	if (rc < 0)
		return rc;
	if (rc == 0) {
		if ((rc = live_is(u, op, &op->old, e)) != 0 ||
		    (rc = live_is(u, op, &op->saved, e)) != 0)
			return rc < 0 ? rc : STEP_NONE;
		if ((rc = own_exists(u->f->fs, u->f->dir, op->path, e)) < 0)
			return rc;
		missing = rc == 0;
		if ((rc = is_waiting(u, op, e)) < 0)
			return rc;
		/* Never replaced: what is live is somebody's own change. */
		if (rc == 1 && !missing)
			return STEP_NONE;
		if (!missing)
			return cannot_explain(op, e);
	}
	if ((rc = own_join(saved, u->names.bkp, op->path, e)) != 0)
		return rc;
	rc =
	    identity_match(u->f->fs, u->f->own, saved, &op->saved, u->trust, e);
	if (rc != 0)
		return rc < 0 ? rc : STEP_RESTORE;
	/* Where the disk cannot tell the new file from the old one, what is
	 * live may be the one that came back before. */
	if ((rc = live_is(u, op, &op->saved, e)) < 0)
		return rc;
	return rc == 1 ? STEP_NONE : cannot_explain(op, e);
}

/*
 * Will undoing the operation that added this path make room?  One whose name
 * differs in case only does, where the disk takes both for the same.  1, 0 or
 * a code.
 */
static int
is_cleared(const struct undo *u, const char *path, struct err *e)
{
	const struct op *op;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < u->j->n; i++) {
		op = &u->j->v[i];
		if (u->steps[i] == STEP_REMOVE && op->kind == OP_ADD &&
		    strcasecmp(op->path, path) == 0)
			rc = identity_match(
			    u->f->fs, u->f->dir, path, &op->fresh, u->trust, e);
	}
	return rc;
}

/*
 * Did the folder around it go with it still inside?  A power cut may keep
 * the rename of a folder and lose an earlier one out of it.
 */
static int
went_along(const struct undo *u, const struct op *op, struct err *e)
{
	char taken[OWN_PATH_BYTES], inside[OWN_PATH_BYTES];
	const struct op *above;
	size_t i, len;
	int rc = 0;

	for (i = 0; rc == 0 && i < u->j->n; i++) {
		above = &u->j->v[i];
		len = strlen(above->path);
		if (above->kind != OP_DELETE ||
		    strncmp(above->path, op->path, len) != 0 ||
		    op->path[len] != '/')
			continue;
		own_taken(taken, &u->names, above->number);
		if ((rc = own_join(inside, taken, op->path + len + 1, e)) == 0)
			rc = own_exists(u->f->fs, u->f->own, inside, e);
	}
	return rc;
}

static int
is_empty(const struct folder *f, const char *taken, struct err *e)
{
	struct names inside = {NULL, 0, 0};
	int rc = names_read(f->fs, f->own, taken, &inside, e);
	bool empty = inside.n == 0;

	names_release(&inside);
	return rc != 0 ? rc : empty;
}

static int
explain_delete(const struct undo *u, const struct op *op, struct err *e)
{
	char taken[OWN_PATH_BYTES];
	int there, live, cleared;

	own_taken(taken, &u->names, op->number);
	if ((there = own_exists(u->f->fs, u->f->own, taken, e)) < 0)
		return there;
	if ((live = own_exists(u->f->fs, u->f->dir, op->path, e)) < 0)
		return live;
	if (there == 0 && live == 0 && (live = went_along(u, op, e)) < 0)
		return live;
	if ((cleared = is_cleared(u, op->path, e)) < 0)
		return cleared;
	/* Some disks do not rename folders: an empty one was removed. */
	if (there == 0 && op->old.type == FS_DIR && (live == 0 || cleared))
		return STEP_REMAKE;
	if (there == 0)
		return live == 1 ? STEP_NONE : cannot_explain(op, e);
	if (live == 0 || cleared)
		return STEP_BACK;
	/* Both are there: a folder was made again, and its removal was lost.
	 * Of one that went with files in it, those may be needed. */
	live = live_is(u, op, &op->old, e);
	if (live == 1 && op->old.type == FS_DIR)
		live = is_empty(u->f, taken, e);
	if (live < 0)
		return live;
	return live == 1 ? STEP_NONE : cannot_explain(op, e);
}

static int
explain(const struct undo *u, const struct op *op, struct err *e)
{
	switch (op->kind) {
	case OP_DELETE:
		return explain_delete(u, op, e);
	case OP_ADD:
		return explain_add(u, op, e);
	case OP_REPLACE:
		return explain_replace(u, op, e);
	case OP_RMDIR:
		return STEP_NONE;
	}
	return STEP_NONE;
}

static int
remove_added(const struct undo *u, const struct op *op, struct err *e)
{
	const struct fs *fs = u->f->fs;
	int rc;

	assert(op->kind == OP_ADD);
	if (op->fresh.type != FS_DIR)
		return at_unlink(fs, u->f->dir, op->path, e);
	rc = fs_rmdir(fs, u->f->dir, op->path);
	/* Somebody put files into it meanwhile: those are not ours. */
	if (rc == -ENOTEMPTY || rc == -EEXIST)
		return 0;
	return rc < 0 ? err_sys(e, -rc, "remove folder", op->path) : 0;
}

/* A folder that was made again gets all that its copy in the backup has. */
static int
dress_folder(const struct undo *u, const struct op *op,
    const struct owned_new *to, struct err *e)
{
	struct owned_like like = {-1, OWNED_SAME, 0};
	struct folder *f = u->f;
	char saved[OWN_PATH_BYTES];
	int rc;

	if ((rc = own_join(saved, u->names.bkp, op->path, e)) != 0)
		return rc;
	rc = like.fd = at_open(f->fs, f->own, saved, FS_DIRECTORY, e);
	if (rc >= 0 && (rc = owned_set(f->fs, &like, to, e)) == 0)
		rc = at_fsync(f->fs, to->fd, to->path, e);
	fs_close_quietly(f->fs, &like.fd);
	return rc;
}

/* Bring back the folder that lies in `taken`, or is made there first. */
static int
bring_folder(
    const struct undo *u, const struct op *op, const char *taken, struct err *e)
{
	struct owned_new to = {-1, taken, op->old.mode, &op->old.mtime};
	struct folder *f = u->f;
	struct fs_stat st;
	int rc = 0;

	assert(op->old.type == FS_DIR);
	if ((to.fd = at_open(f->fs, f->own, taken, FS_DIRECTORY, e)) < 0)
		return to.fd;
	if ((rc = at_fstat(f->fs, to.fd, taken, &st, e)) == 0 &&
	    st.mode != op->old.mode)
		rc = dress_folder(u, op, &to, e);
	fs_close_quietly(f->fs, &to.fd);
	return rc != 0 ? rc : swap_put(f, f->own, taken, op->path, e);
}

static int
take_back(const struct undo *u, size_t i, struct err *e)
{
	const struct op *op = &u->j->v[i];
	struct folder *f = u->f;
	char from[OWN_PATH_BYTES], aside[OWN_PATH_BYTES];
	int rc;

	switch ((enum step)u->steps[i]) {
	case STEP_NONE:
		return 0;
	case STEP_REMOVE:
		return remove_added(u, op, e);
	case STEP_RESTORE:
		assert(op->kind == OP_REPLACE);
		own_fresh(aside, &u->names, op->number);
		rc = own_join(from, u->names.bkp, op->path, e);
		return rc != 0
		    ? rc
		    : swap_replace(f, f->own, from, aside, op->path, e);
	case STEP_BACK:
		assert(op->kind == OP_DELETE);
		own_taken(from, &u->names, op->number);
		return op->old.type == FS_DIR
		    ? bring_folder(u, op, from, e)
		    : swap_put(f, f->own, from, op->path, e);
	case STEP_REMAKE:
		assert(op->kind == OP_DELETE);
		own_taken(from, &u->names, op->number);
		rc = at_mkdir(f->fs, f->own, from, REMADE_MODE, e);
		return rc != 0 ? rc : bring_folder(u, op, from, e);
	}
	return 0;
}

/* Folders of the backup that files came back from. */
static int
sync_saved(const struct undo *u, const struct names *dirs, struct err *e)
{
	char path[OWN_PATH_BYTES];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < dirs->n; i++) {
		rc = own_join(path, u->names.bkp,
		    dirs->v[i][0] == '\0' ? "." : dirs->v[i], e);
		if (rc == 0)
			rc = swap_sync_folder(u->f, u->f->own, path, e);
	}
	return rc;
}

int
swap_undo(struct folder *f, const struct journal *j, struct err *e)
{
	struct undo u = {.f = f, .j = j};
	struct names dirs = {NULL, 0, 0};
	uint64_t disk;
	size_t i;
	int rc;

	tx_names_of(j->tx, &u.names);
	if ((rc = at_disk(f->fs, f->dir, f->path, &disk, e)) != 0)
		return rc;
	u.trust = disk == j->dev;
	if ((u.steps = calloc(j->n + 1, 1)) == NULL)
		return err_nomem(e);
	if ((rc = swap_dirs(j, &dirs, e)) != 0)
		goto out;
	for (i = j->n; rc == 0 && i > 0; i--) {
		if ((rc = explain(&u, &j->v[i - 1], e)) < 0)
			goto out;
		assert(rc <= STEP_REMAKE);
		u.steps[i - 1] = (uint8_t)rc;
		rc = 0;
	}
	for (i = j->n; rc == 0 && i > 0; i--)
		rc = take_back(&u, i - 1, e);
	if (rc == 0)
		rc = swap_sync_dirs(f, j, &dirs, e);
	if (rc == 0)
		rc = sync_saved(&u, &dirs, e);
out:
	names_release(&dirs);
	free(u.steps);
	return rc;
}
