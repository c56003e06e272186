/*
 * After the commit: is the client fit for use?  If not, the update is taken
 * back by a rollback, and the backups are as if there had been no update.
 */
#include "engine/apply/apply.h"

#include "engine/apply/apply_internal.h"
#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/identity.h"
#include "engine/apply/own_names.h"
#include "engine/apply/recover.h"
#include "engine/apply/refused.h"
#include "engine/apply/rollback.h"
#include "engine/apply/rotate.h"
#include "engine/apply/unchecked.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <string.h>

int
apply_check_refused(struct folder *f, const struct hash *release, struct err *e)
{
	char id[HASH_HEX_LEN + 1];
	int rc = refused_is(f, release, e);

	/* What is in place may be put right. */
	if (rc <= 0 ||
	    (rc == REFUSED_BY_PERSON && f->state.known &&
		hash_equal(&f->state.release, release)))
		return rc < 0 ? rc : 0;
	hash_hex(release, id);
	if (rc == REFUSED_BY_PERSON)
		return err_set(e, ERP_HEALTH,
		    "release %.12s was taken back on this station and is not "
		    "installed again; a newer one is, or --force does it",
		    id);
	return err_set(e, ERP_HEALTH,
	    "release %.12s failed the health check of this station before and "
	    "is not installed again; --force installs it",
	    id);
}

/* Read the record of the backup of tx into an initialised out: its number, or
 * ERP_NOTFOUND. */
static int
find_backup(struct folder *f, uint64_t tx, struct backup *out, struct err *e)
{
	int k, rc;

	for (k = ROTATE_REPAIRED; k > 0; k--) {
		if ((rc = rotate_read(f, k, out, e)) < 0)
			return rc;
		if (rc == 1 && out->id == tx)
			return k;
		backup_release(out);
	}
	return err_set(e, ERP_NOTFOUND, "the backup of the update is gone");
}

/* Was the release of the update tx in place before it, too? */
static int
was_repair(struct folder *f, uint64_t tx, struct err *e)
{
	struct tx_names names;
	struct backup b;
	int rc;

	tx_names_of(tx, &names);
	if ((rc = own_exists(f->fs, f->own, names.bkp, e)) < 0)
		return rc;
	backup_init(&b);
	/* It may wait for its number. */
	rc = rc == 1 ? backup_read(f->fs, f->own, names.bkp, &b, e)
		     : find_backup(f, tx, &b, e);
	if (rc >= 0)
		rc = b.has_from && hash_equal(&b.from, &f->state.release);
	backup_release(&b);
	return rc;
}

/* To the backup of tx and to no other, which may still wait for its number.
 * What the check may have written in place into a file that both releases share
 * must not keep the bad one in place. */
static int
roll_back(struct folder *f, uint64_t tx, uint64_t *own, struct err *e)
{
	struct rollback r = {.f = f, .leave_damaged = true};
	struct backup b;
	int rc = recover_number(f, e);

	if (rc != 0)
		return rc;
	backup_init(&b);
	rc = find_backup(f, tx, &b, e);
	backup_release(&b);
	if (rc > 0)
		rc = apply_rollback_run(&r, rc, own, e);
	return rc < 0 ? rc : 0;
}

/*
 * Has only the backup this file of the user's?  The update replaced it, and
 * since the check wrote to the new one, the rollback left that alone.
 */
static int
is_last_copy(struct folder *f, const struct backup_entry *x, struct err *e)
{
	const struct entry *was =
	    f->state.known ? manifest_find(folder_installed(f), x->path) : NULL;
	struct identity now;
	int rc;

	if (x->type != FS_FILE || !x->content.known ||
	    (was != NULL && was->content.known &&
		hash_equal(&was->content.hash, &x->content.hash)))
		return 0;
	/* What is gone, or cannot be read, is no other copy. */
	rc = identity_read(f->fs, f->dir, x->path, true, &now, e);
	if (rc != 0)
		return rc == ERP_NOMEM ? rc : 1;
	return now.type != FS_FILE ||
	    !hash_equal(&now.content.hash, &x->content.hash);
}

/* Does the backup of the taken back update tx hold the last copy of any? */
static int
holds_last_copies(struct folder *f, uint64_t tx, struct err *e)
{
	const struct backup_entry *x;
	struct backup b;
	int rc, any = 0;
	size_t i;

	backup_init(&b);
	if ((rc = find_backup(f, tx, &b, e)) < 0)
		return rc == ERP_NOTFOUND ? 0 : rc;
	rc = folder_spell(f, NULL, NULL, e);
	for (i = 0; rc >= 0 && i < b.written.n; i++) {
		x = backup_list_find(&b.files, b.written.v[i].path);
		if (x == NULL || (rc = is_last_copy(f, x, e)) <= 0)
			continue;
		any = 1;
		folder_warn(f, x->path,
		    "was written to by the check; as it was before the update "
		    "it is in the newest backup, which stays");
	}
	backup_release(&b);
	return rc < 0 ? rc : any;
}

/* Rather the oldest backup, or what made room for a repair, which the update
 * dropped, than the way back. */
static void
make_room(struct folder *f, uint64_t tx)
{
	char trash[ROTATE_TRASH_BYTES];
	struct tx_names names;
	bool any = false;
	int k;

	tx_names_of(tx, &names);
	for (k = 1; k <= ROTATE_REPAIRED && !any; k++) {
		rotate_trash(trash, &names, k);
		any = own_exists(f->fs, f->own, trash, NULL) != 0;
	}
	if (any)
		folder_warn(f, NULL,
		    "the disk is full; the oldest backup was given up so that "
		    "the version before can come back");
	f->keep_trash = false;
	recover_collect(f);
	/* What the way back drops from now on comes back. */
	f->keep_trash = true;
}

/* Take the update tx back; its backups and the rollback's do not count, unless
 * something is nowhere else. */
static int
take_back(struct folder *f, uint64_t tx, struct err *e)
{
	uint64_t own;
	int rc = roll_back(f, tx, &own, e);

	if (rc == ERP_NOSPACE) {
		make_room(f, tx);
		rc = roll_back(f, tx, &own, e);
	}
	if (rc != 0 || (rc = holds_last_copies(f, tx, e)) < 0)
		return rc;
	/* No backup is of a transaction 0. */
	return rotate_unwind(f, rc == 1 ? 0 : tx, own, e);
}

int
apply_prove(
    struct folder *f, uint64_t tx, bool repairs, bool *back, struct err *e)
{
	struct err why = {0}, late = {0};
	struct hash release = f->state.release;
	int rc;

	assert(f->opt.health != NULL && f->keep_trash);
	*back = false;
	if ((rc = f->opt.health(f->opt.health_ctx, f, &why)) == 0) {
		if (refused_lift(f, &release, &late) != 0 ||
		    unchecked_clear(f, &late) != 0)
			folder_warn(f, NULL, late.msg);
		return 0;
	}
	if (rc == ERP_CANCELLED)
		return err_set(e, ERP_CANCELLED,
		    "stopped while the new version was checked; it is in "
		    "place and is checked at the next start");
	/* First, so that a crash does not make it come again.  A check that
	 * could not be asked has said nothing of the release, and none says
	 * anything of one that it was a repair of, which ran here: the next
	 * start may try it again. */
	if (rc == ERP_HEALTH && !repairs &&
	    refused_write(f, &release, REFUSED_BY_CHECK, &late) != 0)
		folder_warn(f, NULL, late.msg);
	if (take_back(f, tx, &late) != 0)
		return err_set(e, ERP_HEALTH,
		    "%.200s; going back failed too (%.200s): run erpsync "
		    "rollback",
		    why.msg, late.msg);
	*back = true;
	if (unchecked_clear(f, &late) != 0)
		folder_warn(f, NULL, late.msg);
	(void)err_set(
	    e, rc, "%.300s; the version before is in place again", why.msg);
	e->sys = why.sys;
	return rc;
}

/* Is the backup of this transaction the newest, or the one that lies apart, or
 * does it wait for its number?  Then it is the last. */
static int
is_last(struct folder *f, uint64_t tx, struct err *e)
{
	struct tx_names names;
	struct backup b;
	int k, rc;

	tx_names_of(tx, &names);
	if ((rc = own_exists(f->fs, f->own, names.bkp, e)) != 0)
		return rc;
	for (k = ROTATE_REPAIRED; rc == 0 && k > 0; k--) {
		backup_init(&b);
		rc = rotate_read(f, k, &b, e);
		if (rc == 1 && b.id != tx) /* one apart may be older */
			rc = k == ROTATE_REPAIRED ? 0 : 2;
		backup_release(&b);
	}
	return rc < 0 ? rc : rc == 1;
}

int
apply_prove_earlier(struct folder *f, struct err *e)
{
	struct unchecked mark;
	bool back;
	int rc;

	if (f->opt.health == NULL || f->opt.read_only ||
	    (rc = unchecked_read(f, &mark, e)) == 0)
		return 0;
	if (rc < 0)
		return rc;
	if (!f->state.known || !hash_equal(&f->state.release, &mark.release))
		rc = 0;
	else if ((rc = is_last(f, mark.tx, e)) < 0)
		return rc;
	if (rc == 0) /* the update never was, or was taken back */
		return unchecked_clear(f, e);
	if ((rc = was_repair(f, mark.tx, e)) < 0)
		return rc;
	f->keep_trash = true;
	rc = apply_prove(f, mark.tx, rc == 1, &back, e);
	f->keep_trash = false;
	recover_collect(f);
	if (rc != ERP_HEALTH || !back)
		return rc;
	folder_warn(f, NULL, e->msg);
	return 0;
}
