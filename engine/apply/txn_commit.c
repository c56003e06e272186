/*
 * A transaction from its backup to its end.  The order of the barriers here
 * is the crash argument of docs/storage.md.  Names change places in swap.c;
 * whether a barrier is one syncfs or an fsync a file is said in fs.h.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/recover.h"
#include "engine/apply/space.h"
#include "engine/apply/swap.h"
#include "engine/apply/txn.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_owned.h"
#include "engine/base/observer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool
has_fresh(const struct op *op)
{
	return op->kind == OP_ADD || op->kind == OP_REPLACE;
}

/* Has it a new file or folder that can be synced? */
static bool
has_bytes(const struct op *op)
{
	return has_fresh(op) && op->fresh.type != FS_SYMLINK;
}

static size_t
count_fresh(const struct txn *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->j.n; i++)
		n += has_bytes(&t->j.v[i]);
	return n;
}

/* All new files are written; now they are made durable one by one. */
static int
sync_fresh(struct txn *t, struct err *e)
{
	const struct fs *fs = t->f->fs;
	char path[OWN_PATH_BYTES];
	const struct op *op;
	size_t i;
	int rc;

	for (i = 0; i < t->j.n; i++) {
		op = &t->j.v[i];
		if (!has_bytes(op))
			continue;
		own_fresh(path, &t->names, op->number);
		rc = at_sync(fs, t->f->own, path,
		    op->fresh.type == FS_DIR ? FS_DIRECTORY : FS_READ, e);
		if (rc != 0)
			return rc;
	}
	if ((rc = dir_sync(fs, t->f->own, t->names.tmp, e)) != 0)
		return rc;
	return swap_sync_homes(t->f, &t->j, e);
}

/* What the record of the backup says of one operation. */
static int
write_down(struct txn *t, const struct op *op, struct err *e)
{
	const struct identity *id = has_fresh(op) ? &op->fresh : &op->old;
	struct backup_entry *x = backup_list_add(&t->b.written, op->path);
	char path[OWN_PATH_BYTES], target[OWN_PATH_BYTES];
	int n;

	assert(!op->of_live || op->kind == OP_REPLACE);
	if (x == NULL)
		return err_nomem(e);
	x->type = op->kind == OP_RMDIR ? FS_DIR : id->type;
	x->mode = id->mode;
	x->mtime = id->mtime;
	x->content = id->content;
	if (x->type != FS_FILE)
		x->content.size = 0;
	x->added = op->kind == OP_ADD;
	x->gone = op->kind == OP_DELETE || op->kind == OP_RMDIR;
	if (x->type != FS_SYMLINK || x->gone)
		return 0;
	own_fresh(path, &t->names, op->number);
	n = at_readlink(t->f->fs, t->f->own, path, target, sizeof(target), e);
	if (n < 0)
		return n;
	x->target = strdup(target);
	return x->target == NULL ? err_nomem(e) : 0;
}

/* A path that goes and comes again in another type is one entry. */
static int
write_down_all(struct txn *t, struct err *e)
{
	struct backup_list *list = &t->b.written;
	size_t i;
	int rc;

	for (i = 0; i < t->j.n; i++)
		if ((rc = write_down(t, &t->j.v[i], e)) != 0)
			return rc;
	backup_list_sort(list);
	backup_list_join(list);
	return 0;
}

/* What lies in the backup for a file that will be replaced. */
static int
read_saved(struct txn *t, struct op *op, struct err *e)
{
	const struct backup_entry *x;
	char path[OWN_PATH_BYTES];
	struct fs_stat st;
	int rc;

	x = backup_list_find(&t->b.files, op->path);
	if (x != NULL && x->type == FS_SYMLINK && x->how == BACKUP_LEAVE)
		return backup_lacks_link(op->path, e);
	if ((rc = own_join(path, t->names.bkp, op->path, e)) != 0)
		return rc;
	if ((rc = at_stat(t->f->fs, t->f->own, path, &st, e)) != 0)
		return rc;
	if (identity_is_exact(&op->old, &st)) {
		op->saved = op->old;
		return 0;
	}
	if (x == NULL || !x->hashed || st.type != FS_FILE)
		return identity_read(
		    t->f->fs, t->f->own, path, true, &op->saved, e);
	identity_of_file(&op->saved, &st, &x->content.hash);
	return 0;
}

static int
changed(const struct op *op, struct err *e)
{
	return err_path(e, ERP_BUSY, op->path,
	    "changed during the update; close the program and try again");
}

/* Is it a copy of what will be replaced?  Of a file that was copied with its
 * new one it is known how it lies there. */
static int
note_saved(struct txn *t, struct op *op, struct err *e)
{
	int rc;

	assert(op->kind == OP_REPLACE);
	if (!op->saved.content.known && (rc = read_saved(t, op, e)) != 0)
		return rc;
	return op->saved.type == op->old.type &&
		hash_equal(&op->saved.content.hash, &op->old.content.hash)
	    ? 0
	    : changed(op, e);
}

/* New files that are copies of live ones are made with the backup. */
static int
join_backup(struct txn *t, struct err *e)
{
	struct backup_twin *twin;
	struct backup_entry *x;
	const struct op *op;
	size_t i;

	assert(t->twins == NULL);
	if ((t->twins = calloc(t->j.n + 1, sizeof(*t->twins))) == NULL)
		return err_nomem(e);
	twin = t->twins;
	for (i = 0; i < t->j.n; i++) {
		op = &t->j.v[i];
		if (!op->of_live)
			continue;
		x = backup_list_find(&t->b.files, op->path);
		if (x == NULL || x->type != FS_FILE)
			return changed(op, e);
		assert(x->twin == NULL);
		twin->number = op->number;
		twin->fresh = op->fresh;
		x->twin = twin++;
	}
	return 0;
}

/* How the copies lie there goes into the journal's book. */
static void
note_twins(struct txn *t)
{
	const struct backup_twin *twin = t->twins;
	struct op *op;
	size_t i;

	for (i = 0; i < t->j.n; i++) {
		op = &t->j.v[i];
		if (!op->of_live)
			continue;
		assert(twin->number == op->number);
		op->fresh = twin->fresh;
		op->saved = twin->saved;
		op->lost = twin->lost;
		twin++;
	}
}

/* Everything up to the journal; the client's files are untouched. */
static int
prepare(struct txn *t, struct err *e)
{
	size_t i;
	int rc;

	journal_sort(&t->j);
	if ((rc = write_down_all(t, e)) != 0)
		return rc;
	backup_hints_sort(&t->hints);
	if ((rc = backup_collect(t->f, &t->hints, &t->b.files, e)) != 0 ||
	    (rc = join_backup(t, e)) != 0 ||
	    (rc = backup_make(t->f, &t->names, &t->b, count_fresh(t), e)) < 0)
		return rc;
	note_twins(t);
	if (rc == 0 && (rc = sync_fresh(t, e)) != 0)
		return rc;
	for (i = 0; i < t->j.n; i++)
		if (t->j.v[i].kind == OP_REPLACE &&
		    (rc = note_saved(t, &t->j.v[i], e)) != 0)
			return rc;
	/* .erpsync itself, in case this is its first use. */
	return dir_sync(t->f->fs, t->f->dir, "", e);
}

/* From the journal to the rename that commits. */
static int
swap_and_commit(struct txn *t, struct err *e)
{
	struct folder *f = t->f;
	int rc;

	if ((rc = journal_write(f->fs, f->own, &t->j, e)) != 0)
		return rc;
	/* A folder that gets names may need a block; and so that nothing
	 * after this, forward or back, wants for space. */
	space_drop(f);
	if ((rc = swap_forward(f, &t->j, e)) != 0 ||
	    (rc = swap_settle(f, &t->j, e)) != 0)
		return rc;
	rc =
	    fs_rename(f->fs, f->own, OWN_JOURNAL, f->own, OWN_COMMITTED, false);
	return rc < 0 ? err_sys(e, -rc, "commit", OWN_COMMITTED) : 0;
}

/* The swap failed: undo it.  e keeps the first reason. */
static int
undo(struct txn *t, int rc, struct err *e)
{
	struct folder *f = t->f;
	struct err why;
	int there = own_exists(f->fs, f->own, OWN_JOURNAL, &why);

	assert(rc < 0 && !f->stuck);
	if (there == 1)
		there = recover_undo(f, &t->j, &why);
	if (there == 0)
		return rc;
	f->stuck = true;
	if (e == NULL)
		return ERP_CORRUPT;
	e->code = ERP_CORRUPT;
	(void)err_context(e,
	    "recovery required, run erpsync recover: undoing failed (%.150s) "
	    "after",
	    why.msg);
	return ERP_CORRUPT;
}

/* Warn of what is live now and could not be given all of what belonged to the
 * old one: of rights each, of the rest in one line. */
static void
tell_lost(const struct txn *t)
{
	const char *first = NULL;
	struct err why;
	size_t i, n = 0;

	for (i = 0; i < t->j.n; i++) {
		const struct op *op = &t->j.v[i];

		if (op->lost & OWNED_LOST_RIGHTS)
			folder_warn(t->f, op->path,
			    "is new and was not given the set-uid or set-gid "
			    "bit or the capabilities that the old one had; if "
			    "it needs them, set them again (chmod, setcap)");
		if (op->lost & (OWNED_LOST_OWNER | OWNED_LOST_ATTR)) {
			first = n++ == 0 ? op->path : first;
		}
	}
	if (n == 0)
		return;
	(void)err_set(&why, ERP_AUTH,
	    "its owner, group, ACL or attributes could not be kept (files in "
	    "all: %zu); give them again (chgrp, setfacl), or run the update as "
	    "a user who may",
	    n);
	folder_warn(t->f, first, why.msg);
}

int
txn_commit(struct txn *t, struct err *e)
{
	struct event done = {.kind = EVENT_COMMIT};
	struct folder *f = t->f;
	struct err late;
	int rc;

	assert(t->begun && !f->stuck);
	assert(t->next.known == t->j.has_state);
	fs_near_close(f->fs, &t->near);
	/* The last moment to ask: what begins then is ended, either way. */
	if ((rc = prepare(t, e)) != 0 || (rc = folder_asks(f, e)) != 0)
		return rc;
	if ((rc = swap_and_commit(t, e)) != 0)
		return undo(t, rc, e);
	if ((rc = dir_sync(f->fs, f->own, "", e)) != 0) {
		/* Which name the disk kept is unknown: touch nothing. */
		f->stuck = true;
		(void)err_context(e,
		    "it is not known whether the update is durable; run "
		    "erpsync recover");
		return rc;
	}
	folder_state_swap(f, &t->next);
	observe(f->opt.obs, &done);
	tell_lost(t);
	if (recover_finish(f, &t->j, true, &late) != 0) {
		folder_warn(f, NULL, late.msg);
		folder_warn(f, NULL,
		    "the update is complete; the backup gets its number at "
		    "the next start");
	}
	return 0;
}
