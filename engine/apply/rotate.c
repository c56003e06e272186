/*
 * Rotation of the backups: the last step of a transaction, after its commit,
 * when bkp.TX gets its number.  Resumed by recovery, undone by nobody.
 */
#include "engine/apply/rotate.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <string.h>

void
rotate_name(char out[ROTATE_NAME_BYTES], int number)
{
	assert(number >= 1 && number <= ROTATE_SLOTS);
	(void)strlcpy(out, "bkp_remote.000", ROTATE_NAME_BYTES);
	out[strlen(out) - 1] = (char)('0' + number);
}

/* 1 when something has this number, else 0, or a code. */
static int
is_taken(struct folder *f, int number, struct err *e)
{
	char name[ROTATE_NAME_BYTES];

	rotate_name(name, number);
	return own_exists(f->fs, f->dir, name, e);
}

/* The lowest number that nothing has; ROTATE_SLOTS + 1 when all are taken. */
static int
lowest_free(struct folder *f, struct err *e)
{
	int k, rc;

	for (k = 1; k <= ROTATE_SLOTS; k++)
		if ((rc = is_taken(f, k, e)) <= 0)
			return rc < 0 ? rc : k;
	return k;
}

int
rotate_check(struct folder *f, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct fs_stat st;
	int k, rc, taken = 0;

	for (k = 1; k <= ROTATE_SLOTS; k++) {
		rotate_name(name, k);
		rc = fs_stat(f->fs, f->dir, name, &st);
		if (rc == -ENOENT)
			continue;
		if (rc < 0)
			return err_sys(e, -rc, "stat", name);
		if (st.type != FS_DIR)
			return err_path(e, ERP_MISMATCH, name,
			    "is not a folder, but the name of a backup; move "
			    "it away");
		taken++;
	}
	rotate_name(name, 1);
	if (taken < ROTATE_SLOTS)
		return 0;
	if ((rc = backup_identify(f->fs, f->dir, name, e)) != 0)
		return rc < 0 ? rc : 0;
	return err_path(e, ERP_MISMATCH, name,
	    "would be deleted as the oldest backup, but was not made by "
	    "erpsync; move it away");
}

/* Rename inside the client folder, durably. */
static int
move_to(struct folder *f, int from, int to, struct err *e)
{
	char a[ROTATE_NAME_BYTES], b[ROTATE_NAME_BYTES];
	int rc;

	assert(from != to);
	rotate_name(a, from);
	rotate_name(b, to);
	if ((rc = fs_rename(f->fs, f->dir, a, f->dir, b, false)) < 0)
		return err_sys(e, -rc, "rename", a);
	return dir_sync(f->fs, f->dir, "", e);
}

/* Make 001 garbage; it must be ours, whatever happened since the check. */
static int
drop_oldest(struct folder *f, const char *trash, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	int rc;

	if ((rc = rotate_check(f, e)) != 0)
		return rc;
	rotate_name(name, 1);
	if ((rc = fs_rename(f->fs, f->dir, name, f->own, trash, false)) < 0)
		return err_sys(e, -rc, "move", name);
	if ((rc = dir_sync(f->fs, f->dir, "", e)) != 0)
		return rc;
	return dir_sync(f->fs, f->own, "", e);
}

int
rotate_run(struct folder *f, const struct tx_names *names, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	int free_slot, k, rc;

	/* It has its number already; that may not be durable yet. */
	if ((rc = own_exists(f->fs, f->own, names->bkp, e)) < 0)
		return rc;
	if (rc == 0)
		return dir_sync(f->fs, f->dir, "", e);
	if ((free_slot = lowest_free(f, e)) < 0)
		return free_slot;
	if (free_slot > ROTATE_SLOTS &&
	    (rc = drop_oldest(f, names->trash, e)) != 0)
		return rc;
	for (k = 2; k <= ROTATE_SLOTS; k++) {
		if ((rc = is_taken(f, k, e)) < 0 ||
		    (free_slot = lowest_free(f, e)) < 0)
			return rc < 0 ? rc : free_slot;
		if (rc == 1 && free_slot < k &&
		    (rc = move_to(f, k, free_slot, e)) != 0)
			return rc;
	}
	if ((free_slot = lowest_free(f, e)) < 0)
		return free_slot;
	rotate_name(name, free_slot);
	rc = fs_rename(f->fs, f->own, names->bkp, f->dir, name, false);
	if (rc < 0)
		return err_sys(e, -rc, "give the backup its name", name);
	if ((rc = dir_sync(f->fs, f->dir, "", e)) != 0)
		return rc;
	return dir_sync(f->fs, f->own, "", e);
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
	return err_set(e, ERP_NOTFOUND, "there is no backup in this folder");
}

int
rotate_read(struct folder *f, int number, struct backup *b, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	int rc;

	rotate_name(name, number);
	if (!backup_is_ours(f->fs, f->dir, name))
		return 0;
	rc = backup_read(f->fs, f->dir, name, b, e);
	return rc == 0 ? 1 : rc == ERP_CORRUPT ? 0 : rc;
}

/* Is this number the backup of one of the two?  Then it becomes garbage. */
static int
discard(struct folder *f, int number, const uint64_t tx[2], struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct tx_names names;
	struct backup b;
	uint64_t id;
	int rc;

	backup_init(&b);
	if ((rc = rotate_read(f, number, &b, e)) <= 0)
		return rc;
	id = b.id;
	backup_release(&b);
	if (id != tx[0] && id != tx[1])
		return 0;
	tx_names_of(id, &names);
	rotate_name(name, number);
	rc = fs_rename(f->fs, f->dir, name, f->own, names.bkp, false);
	if (rc < 0)
		return err_sys(e, -rc, "move", name);
	return dir_sync(f->fs, f->dir, "", e);
}

/* Bring back what was dropped for tx, under this number. */
static int
take_out(struct folder *f, const char *trash, int number, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	int rc;

	rotate_name(name, number);
	rc = fs_rename(f->fs, f->own, trash, f->dir, name, false);
	if (rc < 0)
		return err_sys(e, -rc, "bring back", name);
	return dir_sync(f->fs, f->dir, "", e);
}

int
rotate_unwind(
    struct folder *f, uint64_t update, uint64_t rollback, struct err *e)
{
	const uint64_t tx[2] = {update, rollback};
	struct tx_names names[2];
	bool dropped[2];
	int k, rc, taken = 0, top;

	for (k = ROTATE_SLOTS; k > 0; k--)
		if ((rc = discard(f, k, tx, e)) != 0)
			return rc;
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		if ((rc = is_taken(f, k, e)) < 0)
			return rc;
		taken += rc;
	}
	for (k = 0; k < 2; k++) {
		tx_names_of(tx[k], &names[k]);
		rc = own_exists(f->fs, f->own, names[k].trash, e);
		if (rc < 0)
			return rc;
		dropped[k] = rc == 1;
	}
	/* From the newest down; the update dropped the older one. */
	top = taken + dropped[0] + dropped[1];
	for (k = ROTATE_SLOTS; k > 0; k--) {
		if ((rc = is_taken(f, k, e)) < 0)
			return rc;
		if (rc == 0)
			continue;
		if (k < top && (rc = move_to(f, k, top, e)) != 0)
			return rc;
		top--;
	}
	for (k = 1; k >= 0; k--)
		if (dropped[k] &&
		    (rc = take_out(f, names[k].trash, top--, e)) != 0)
			return rc;
	return 0;
}
