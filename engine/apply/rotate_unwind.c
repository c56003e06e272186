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

#include <string.h>

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

/* The numbers from the oldest on as they are to be: the one that each has now,
 * or below zero what comes back: -1 for the update, -2 for the rollback. */
struct order {
	int v[ROTATE_SLOTS];
	int n;
};

/* Those of now, without holes. */
static int
order_read(struct folder *f, struct order *o, struct err *e)
{
	int k, rc;

	o->n = 0;
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		if ((rc = rotate_is_taken(f, k, e)) < 0)
			return rc;
		if (rc == 0)
			continue;
		o->v[o->n] = o->n + 1;
		o->n++;
		if (k != o->n && (rc = rotate_move(f, k, o->n, e)) != 0)
			return rc;
	}
	return 0;
}

static void
order_insert(struct order *o, int number, int what)
{
	int at = number - 1 < o->n ? number - 1 : o->n;

	/* Somebody may have put more there meanwhile. */
	if (o->n == ROTATE_SLOTS)
		return;
	memmove(
	    o->v + at + 1, o->v + at, (size_t)(o->n - at) * sizeof(o->v[0]));
	o->v[at] = what;
	o->n++;
}

/* Did this number's make room for the transaction of names, so that it comes
 * back?  Not the backup of one of the two. */
static int
is_kept(struct folder *f, const struct tx_names *names, int number,
    const uint64_t tx[2], struct err *e)
{
	char trash[ROTATE_TRASH_BYTES];
	struct backup b;
	int rc;

	rotate_trash(trash, names, number);
	if ((rc = own_exists(f->fs, f->own, trash, e)) <= 0)
		return rc;
	backup_init(&b);
	rc = rotate_read_at(f, f->own, trash, &b, e);
	if (rc >= 0)
		rc = rc == 0 || (b.id != tx[0] && b.id != tx[1]);
	backup_release(&b);
	return rc;
}

/* Bring back what made room, under this number. */
static int
take_out(struct folder *f, const struct tx_names *names, int was, int number,
    struct err *e)
{
	char trash[ROTATE_TRASH_BYTES], name[ROTATE_NAME_BYTES];

	rotate_trash(trash, names, was);
	rotate_name(name, number);
	return renew_rename(f, (struct at){f->own, trash},
	    (struct at){f->dir, name}, "bring back", e);
}

/* Where those that come back had their numbers: was, 0 where none does. */
static int
find_kept(struct folder *f, const struct tx_names names[2],
    const uint64_t tx[2], struct order *o, int was[2], struct err *e)
{
	int i, k, rc;

	/* The rollback found what the update had left. */
	for (i = 1; i >= 0; i--) {
		was[i] = 0;
		for (k = 1; k <= ROTATE_SLOTS && was[i] == 0; k++) {
			if ((rc = is_kept(f, &names[i], k, tx, e)) < 0)
				return rc;
			was[i] = rc == 1 ? k : 0;
		}
		if (was[i] != 0)
			order_insert(o, was[i], -1 - i);
	}
	return 0;
}

/* The one without a number, too. */
static int
bring_repaired(struct folder *f, const struct tx_names names[2],
    const uint64_t tx[2], struct err *e)
{
	int i, rc;

	for (i = 1; i >= 0; i--) {
		if ((rc = rotate_is_taken(f, ROTATE_REPAIRED, e)) != 0)
			return rc < 0 ? rc : 0;
		if ((rc = is_kept(f, &names[i], ROTATE_REPAIRED, tx, e)) == 1)
			rc = take_out(
			    f, &names[i], ROTATE_REPAIRED, ROTATE_REPAIRED, e);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/*
 * The two that go must be gone for sure before others get their numbers, and
 * the others must have these before what comes back lies between them, or the
 * order of what a power cut leaves is not that of their ages.
 */
int
rotate_unwind(
    struct folder *f, uint64_t update, uint64_t rollback, struct err *e)
{
	const uint64_t tx[2] = {update, rollback};
	struct tx_names names[2];
	struct order o;
	int k, rc, was[2];

	/* One that only has its other name would take its number later from
	 * whatever has it then. */
	if ((rc = renew_settle(f, e)) != 0)
		return rc;
	for (k = ROTATE_REPAIRED; k > 0; k--)
		if ((rc = discard(f, k, tx, e)) != 0)
			return rc;
	if ((rc = dir_sync(f->fs, f->dir, "", e)) != 0 ||
	    (rc = dir_sync(f->fs, f->own, "", e)) != 0)
		return rc;
	tx_names_of(update, &names[0]);
	tx_names_of(rollback, &names[1]);
	if ((rc = order_read(f, &o, e)) != 0 ||
	    (rc = find_kept(f, names, tx, &o, was, e)) != 0)
		return rc;
	for (k = o.n; k > 0; k--)
		if (o.v[k - 1] > 0 && o.v[k - 1] != k &&
		    (rc = rotate_move(f, o.v[k - 1], k, e)) != 0)
			return rc;
	if ((rc = dir_sync(f->fs, f->dir, "", e)) != 0)
		return rc;
	for (k = o.n; k > 0; k--)
		if (o.v[k - 1] < 0 &&
		    (rc = take_out(f, &names[-1 - o.v[k - 1]],
			 was[-1 - o.v[k - 1]], k, e)) != 0)
			return rc;
	return bring_repaired(f, names, tx, e);
}
