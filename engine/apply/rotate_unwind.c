/*
 * The numbers of the backups after a refused update and the rollback that took
 * it back: as they were before both.  Above rotate.c, called by the way back
 * alone.
 */
#include "engine/apply/rotate_internal.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/renew.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

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
	return renew_rename(f, (struct at){f->dir, name},
	    (struct at){f->own, names.bkp}, "move", e);
}

/* Bring back what was dropped for tx, under this number. */
static int
take_out(struct folder *f, const char *trash, int number, struct err *e)
{
	char name[ROTATE_NAME_BYTES];

	rotate_name(name, number);
	return renew_rename(f, (struct at){f->own, trash},
	    (struct at){f->dir, name}, "bring back", e);
}

/* Move the backups that are left up, below `top`; what becomes free below
 * them is the new top. */
static int
move_up(struct folder *f, int *top, struct err *e)
{
	int k, rc;

	for (k = ROTATE_SLOTS; k > 0; k--) {
		if ((rc = rotate_is_taken(f, k, e)) < 0)
			return rc;
		if (rc == 0)
			continue;
		if (k < *top && (rc = rotate_move(f, k, *top, e)) != 0)
			return rc;
		--*top;
	}
	return 0;
}

/*
 * The two that go must be gone for sure before others get their numbers, and
 * the others must have these before older ones come back below them, or the
 * order of what a power cut leaves is not that of their ages.
 */
int
rotate_unwind(
    struct folder *f, uint64_t update, uint64_t rollback, struct err *e)
{
	const uint64_t tx[2] = {update, rollback};
	struct tx_names names[2];
	bool dropped[2];
	int k, rc, top = 0;

	for (k = ROTATE_REPAIRED; k > 0; k--)
		if ((rc = discard(f, k, tx, e)) != 0)
			return rc;
	if ((rc = dir_sync(f->fs, f->dir, "", e)) != 0 ||
	    (rc = dir_sync(f->fs, f->own, "", e)) != 0)
		return rc;
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		if ((rc = rotate_is_taken(f, k, e)) < 0)
			return rc;
		top += rc;
	}
	for (k = 0; k < 2; k++) {
		tx_names_of(tx[k], &names[k]);
		rc = own_exists(f->fs, f->own, names[k].trash, e);
		if (rc < 0)
			return rc;
		dropped[k] = rc == 1;
		top += rc;
	}
	/* Somebody may have put more there meanwhile. */
	if (top > ROTATE_SLOTS)
		top = ROTATE_SLOTS;
	if ((rc = move_up(f, &top, e)) != 0 ||
	    (rc = dir_sync(f->fs, f->dir, "", e)) != 0)
		return rc;
	/* From the newest down; the update dropped the older one. */
	for (k = 1; k >= 0; k--)
		if (dropped[k] && top > 0 &&
		    (rc = take_out(f, names[k].trash, top--, e)) != 0)
			return rc;
	return 0;
}
