/*
 * Rotation of the backups: the last step of a transaction, after its commit,
 * when bkp.TX gets its number.  Resumed by recovery (recover.c, which knows
 * what waits for a number); taken back with a refused update by
 * rotate_unwind.c.
 */
#include "engine/apply/rotate_internal.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/renew.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/tree/kind.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The lowest number that nothing has; ROTATE_SLOTS + 1 when all are taken. */
static int
lowest_free(struct folder *f, struct err *e)
{
	int k, rc;

	for (k = 1; k <= ROTATE_SLOTS; k++)
		if ((rc = rotate_is_taken(f, k, e)) <= 0)
			return rc < 0 ? rc : k;
	return k;
}

int
rotate_check(struct folder *f, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct fs_stat st;
	int k, rc;

	for (k = 1; k <= ROTATE_SLOTS; k++) {
		rotate_name(name, k);
		rc = fs_stat(f->fs, f->dir, name, &st);
		if (rc == -ENOENT)
			continue;
		if (rc < 0)
			return err_sys(e, -rc, "stat", name);
		if (st.type != FS_DIR)
			return err_path(e, ERP_BLOCKED, name,
			    "is not a folder, but the name of a backup; move "
			    "it away");
		if (st.mounted)
			return err_path(e, ERP_BLOCKED, name,
			    "another file system is mounted here; unmount it");
	}
	return 0;
}

int
rotate_move(struct folder *f, int from, int to, struct err *e)
{
	char a[ROTATE_NAME_BYTES], b[ROTATE_NAME_BYTES];

	assert(from != to);
	rotate_name(a, from);
	rotate_name(b, to);
	return renew_rename(
	    f, (struct at){f->dir, a}, (struct at){f->dir, b}, "rename", e);
}

/* It makes room, but comes back if the update is taken back. */
static int
keep(struct folder *f, struct at from, int number, const struct tx_names *names,
    struct err *e)
{
	char trash[ROTATE_TRASH_BYTES];

	rotate_trash(trash, names, number);
	return renew_rename(f, from, (struct at){f->own, trash}, "move", e);
}

/* Make 001 garbage; one of the ERP's own updater too. */
static int
drop_oldest(struct folder *f, const struct tx_names *names, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct at from = {f->dir, name};
	int rc;

	if ((rc = rotate_check(f, e)) != 0)
		return rc;
	rotate_name(name, 1);
	if (f->keep_trash)
		return keep(f, from, 1, names, e);
	rc = tree_rename(f->fs, from.dir, from.path, f->own, names->trash);
	/* What cannot be renamed is not made anew only to be removed. */
	if (rc == -EXDEV)
		return renew_remove(f, name, e);
	return rc < 0 ? at_unmoved(f->fs, &from,
			    &(struct at){f->own, names->trash}, rc, "move", e)
		      : 0;
}

/* Into tmp.TX, which goes after the commit: 0, 1 when it cannot be renamed, or
 * a code. */
static int
drop(struct folder *f, struct at from, const struct tx_names *names,
    struct err *e)
{
	char gone[OWN_PATH_BYTES];
	int rc;

	assert(strchr(from.path, '/') == NULL);
	if ((rc = own_join(gone, names->tmp, from.path, e)) != 0 ||
	    (rc = own_exists(f->fs, f->own, names->tmp, e)) < 0)
		return rc;
	/* It is gone when the rotation waited for another start. */
	if (rc == 0 && (rc = at_mkdir(f->fs, f->own, names->tmp, 0700, e)) != 0)
		return rc;
	rc = tree_rename(f->fs, from.dir, from.path, f->own, gone);
	if (rc == -EXDEV)
		return 1;
	return rc < 0 ? at_unmoved(f->fs, &from, &(struct at){f->own, gone}, rc,
			    "move", e)
		      : 0;
}

static int
drop_number(
    struct folder *f, int number, const struct tx_names *names, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct at from = {f->dir, name};
	int rc;

	rotate_name(name, number);
	if (f->keep_trash)
		return keep(f, from, number, names, e);
	rc = drop(f, from, names, e);
	return rc == 1 ? renew_remove(f, name, e) : rc;
}

/* For sure: who finds the new backup in its place does not look for this.
 * Some of it may have to stay for now, as the file of a program that runs. */
static int
drop_repaired(struct folder *f, const struct tx_names *names, struct err *e)
{
	struct at from = {f->own, OWN_REPAIRED};
	int rc = own_exists(f->fs, f->own, OWN_REPAIRED, e);

	if (rc != 1)
		return own_failed(rc, e);
	rc = f->keep_trash ? keep(f, from, ROTATE_REPAIRED, names, e)
			   : tree_remove(f->fs, from.dir, from.path, e);
	if (!f->keep_trash && (rc == ERP_AUTH || rc == ERP_BUSY) &&
	    drop(f, from, names, NULL) == 0)
		rc = dir_sync(f->fs, f->own, names->tmp, e);
	if (rc == 0)
		rc = dir_sync(f->fs, f->own, "", e);
	return own_failed(rc, e);
}

/* Into .erpsync, without a number: 1, or a code. */
static int
put_aside(struct folder *f, const struct tx_names *names, struct err *e)
{
	int rc = renew_rename(f, (struct at){f->own, names->bkp},
	    (struct at){f->own, OWN_REPAIRED}, "put aside", e);

	return rc != 0 ? rc : 1;
}

/* Make room for the backup of a repair: 0, or 1 when it lies apart. */
static int
run_repair(struct folder *f, const struct tx_names *names,
    const struct backup *next, struct err *e)
{
	struct err why;
	int k, rc;

	if ((rc = drop_repaired(f, names, e)) != 0)
		return rc;
	/* What has a number and is no backup is nobody's to move for this. */
	rc = rotate_check(f, &why);
	if (rc == ERP_BLOCKED && why.sys == 0)
		return put_aside(f, names, e);
	if (rc != 0) {
		*e = why;
		return rc;
	}
	if ((k = rotate_place(f, names, next, e)) == ROTATE_REPAIRED)
		return put_aside(f, names, e);
	return k > 0 ? drop_number(f, k, names, e) : k;
}

/* A repair whose release another backup has goes before the oldest, unless it
 * may be needed again. */
static int
run_update(struct folder *f, const struct tx_names *names, struct err *e)
{
	int k;

	if (f->keep_trash)
		return 0;
	/* Read only where one has to go. */
	if ((k = lowest_free(f, e)) <= ROTATE_SLOTS)
		return k < 0 ? k : 0;
	k = rotate_spare(f, e);
	return k > 0 ? drop_number(f, k, names, e) : k;
}

bool
rotate_is_of_nothing(const struct backup *b)
{
	const struct backup_entry *x = b->files.v;
	size_t i;

	if (b->has_from)
		return false;
	for (i = 0; i < b->files.n; i++)
		if (x[i].type != FS_FILE || !kind_is_ini(x[i].path) ||
		    backup_list_find(&b->written, x[i].path) != NULL)
			return false;
	return true;
}

/* Before it gets a number: 1 when it needs none. */
static int
make_room(struct folder *f, const struct tx_names *names, struct err *e)
{
	struct backup b;
	bool known;
	int rc;

	backup_init(&b);
	rc = backup_glance(f->fs, f->own, names->bkp, &b, e);
	/* Any other is treated like a damaged one. */
	if (rc == 1 && (b.repair || !b.has_from))
		rc = rotate_read_at(f, f->own, names->bkp, &b, e);
	if (rc < 0)
		return rc;
	known = rc == 1;
	if (known && b.repair)
		rc = run_repair(f, names, &b, e);
	else if ((rc = drop_repaired(f, names, e)) == 0)
		rc = known && rotate_is_of_nothing(&b)
		    ? put_aside(f, names, e)
		    : run_update(f, names, e);
	backup_release(&b);
	return rc;
}

/* A whole backup of a folder without a release has no state. */
static bool
is_of_no_release(struct folder *f, const char *name)
{
	struct backup b;
	bool is;

	backup_init(&b);
	is = rotate_read_at(f, f->dir, name, &b, NULL) == 1 && !b.has_from;
	backup_release(&b);
	return is;
}

/* What a crash left of backups that could not be renamed. */
static int
settle(struct folder *f, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	int k, rc = renew_settle(f, e);

	for (k = 1; rc == 0 && k <= ROTATE_SLOTS; k++) {
		rotate_name(name, k);
		if (renew_is_remainder(f, name) && !is_of_no_release(f, name))
			rc = renew_remove(f, name, e);
	}
	return rc;
}

/* Give the backup its number. */
static int
turn(struct folder *f, const struct tx_names *names, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	int free_slot, k, rc;

	if ((rc = make_room(f, names, e)) != 0)
		return rc < 0 ? rc : 0;
	if ((free_slot = lowest_free(f, e)) < 0)
		return free_slot;
	if (free_slot > ROTATE_SLOTS && (rc = drop_oldest(f, names, e)) != 0)
		return rc;
	for (k = 2; k <= ROTATE_SLOTS; k++) {
		if ((rc = rotate_is_taken(f, k, e)) < 0 ||
		    (free_slot = lowest_free(f, e)) < 0)
			return rc < 0 ? rc : free_slot;
		if (rc == 1 && free_slot < k &&
		    (rc = rotate_move(f, k, free_slot, e)) != 0)
			return rc;
	}
	if ((free_slot = lowest_free(f, e)) < 0)
		return free_slot;
	rotate_name(name, free_slot);
	return renew_rename(f, (struct at){f->own, names->bkp},
	    (struct at){f->dir, name}, "give its number to", e);
}

int
rotate_run(struct folder *f, const struct tx_names *names, struct err *e)
{
	int rc;

	if ((rc = settle(f, e)) != 0 ||
	    (rc = own_exists(f->fs, f->own, names->bkp, e)) < 0)
		return rc;
	if (rc == 1 && (rc = turn(f, names, e)) != 0)
		return rc;
	/* Each rename needs the one before it, so this is enough; also for
	 * those that a kill left visible only. */
	return dir_sync(f->fs, f->dir, "", e);
}

int
rotate_next(struct folder *f, bool *pushes, struct err *e)
{
	int k, rc, taken = 0;

	for (k = 1; k <= ROTATE_SLOTS; k++) {
		if ((rc = rotate_is_taken(f, k, e)) < 0)
			return rc;
		taken += rc;
	}
	/* Holes close. */
	*pushes = taken == ROTATE_SLOTS;
	return *pushes ? ROTATE_SLOTS : taken + 1;
}

int
rotate_newest(struct folder *f, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	int k, rc;

	for (k = ROTATE_SLOTS; k > 0; k--) {
		rotate_name(name, k);
		if ((rc = backup_identify(f->fs, f->dir, name, e)) != 0)
			return rc < 0 ? rc : k;
	}
	for (k = ROTATE_SLOTS; k > 0; k--)
		if ((rc = rotate_is_taken(f, k, e)) != 0)
			return rc < 0 ? rc : k;
	return err_set(e, ERP_NOTFOUND, "there is no backup in this folder");
}
