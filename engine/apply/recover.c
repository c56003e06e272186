/*
 * Recovery: from whatever a crash left to exactly one release (the argument is
 * in docs/storage.md); and what earlier updates could not remove, such as a
 * program that was replaced while it ran.  Called when a folder is opened, and
 * by the transaction itself to undo or finish.
 */
#include "engine/apply/recover.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/renew.h"
#include "engine/apply/rotate.h"
#include "engine/apply/spare.h"
#include "engine/apply/stage_internal.h"
#include "engine/apply/swap.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"

#include <assert.h>
#include <bsd/string.h>
#include <string.h>

static bool
is_trash(const char *name)
{
	return strncmp(name, "trash.", 6) == 0;
}

static bool
is_garbage(const char *name)
{
	size_t len = strlen(name);

	return strncmp(name, "tmp.", 4) == 0 || strncmp(name, "bkp.", 4) == 0 ||
	    is_trash(name) || (len > 4 && strcmp(name + len - 4, ".new") == 0);
}

/*
 * The transaction whose backup still waits for its number: 1 and its folders'
 * names, or 0, or a code.  A damaged record is none.
 */
static int
waiting(struct folder *f, struct tx_names *out, struct err *e)
{
	struct journal j;
	int rc;

	memset(out, 0, sizeof(*out));
	if ((rc = own_exists(f->fs, f->own, OWN_ROTATING, e)) <= 0)
		return rc;
	rc = journal_read(f->fs, f->own, OWN_ROTATING, &j, e);
	if (rc == ERP_CORRUPT) {
		folder_warn(f, FOLDER_OWN, e->msg);
		return 0;
	}
	if (rc != 0)
		return rc;
	tx_names_of(j.tx, out);
	journal_release(&j);
	return 1;
}

/* Is this garbage, while the backup of `kept` waits for its number? */
static bool
may_go(const struct folder *f, const char *name, const struct tx_names *kept)
{
	size_t trash = strlen(kept->trash);

	return is_garbage(name) && strcmp(name, kept->bkp) != 0 &&
	    (trash == 0 || strncmp(name, kept->trash, trash) != 0) &&
	    !(f->keep_trash && is_trash(name));
}

/* Folders that came here may still lie elsewhere for the disk. */
static int
settle_names(struct folder *f, struct err *e)
{
	int rc = dir_sync(f->fs, f->dir, "", e);

	return rc != 0 ? rc : dir_sync(f->fs, f->own, "", e);
}

static bool
is_told(const struct folder *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->told.n; i++)
		if (strcmp(f->told.v[i], name) == 0)
			return true;
	return false;
}

/* Whatever the reason that it stays: one update looks at it more than once.
 * path: where it is, unless why has that. */
static void
tell_left(
    struct folder *f, const char *name, const char *path, const struct err *why)
{
	if (is_told(f, name))
		return;
	folder_warn(f, path, why->msg);
	/* Rather twice than not at all. */
	(void)names_add(&f->told, name, NULL);
}

/* settled: names that changed before are durable.  killed: it is what an
 * earlier process left. */
static void
collect(struct folder *f, bool settled, bool killed)
{
	struct names list = {NULL, 0, 0};
	struct tx_names kept;
	struct err e;
	size_t i;
	int there, rc;

	assert(f->own >= 0 && !f->opt.read_only);
	/* While one of these exists, those folders are needed. */
	if ((there = own_exists(f->fs, f->own, OWN_JOURNAL, &e)) == 0)
		there = own_exists(f->fs, f->own, OWN_COMMITTED, &e);
	if (there > 0)
		return;
	if (there < 0 || waiting(f, &kept, &e) < 0 ||
	    names_read(f->fs, f->own, ".", &list, &e) != 0) {
		folder_warn(f, FOLDER_OWN, e.msg);
		return;
	}
	for (i = 0; i < list.n; i++) {
		if (!may_go(f, list.v[i], &kept))
			continue;
		/* Whatever the reason: what came before is not durable. */
		if (!settled && (rc = settle_names(f, &e)) != 0) {
			folder_warn(f, FOLDER_OWN, e.msg);
			break;
		}
		settled = true;
		if (is_trash(list.v[i]) && spare_keep(f, list.v[i]))
			continue;
		if (tree_remove(f->fs, f->own, list.v[i], &e) == 0)
			continue;
		/* The update that left it there has said so; a program that
		 * runs from it goes when it ends. */
		if (e.code != ERP_BUSY && (!killed || e.code != ERP_AUTH))
			tell_left(f, list.v[i], FOLDER_OWN, &e);
	}
	names_release(&list);
}

void
recover_collect(struct folder *f)
{
	collect(f, false, false);
}

/* Remove one of our files, durably; it may be gone already. */
static int
forget(struct folder *f, const char *name, struct err *e)
{
	int rc = at_unlink_any(f->fs, f->own, name, e);

	return own_failed(rc == 0 ? dir_sync(f->fs, f->own, "", e) : rc, e);
}

int
recover_undo(struct folder *f, const struct journal *j, struct err *e)
{
	int rc = swap_undo(f, j, e);

	assert(f->own >= 0 && !f->opt.read_only);
	/* Only when the old names are durable may the journal go. */
	if (rc == 0)
		rc = forget(f, OWN_JOURNAL, e);
	if (rc == 0)
		collect(f, true, false);
	return rc;
}

/* tmp.TX/NAME takes its place, if it is not there yet. */
static int
take_next(struct folder *f, const char *tmp, const char *name, struct err *e)
{
	char next[OWN_PATH_BYTES];
	int rc = own_join(next, tmp, name, e);

	if (rc != 0 || (rc = own_exists(f->fs, f->own, next, e)) <= 0)
		return rc;
	return own_failed(at_rename(f->fs, f->own, next, name, e), e);
}

/*
 * tmp.TX/state becomes the state, or the state goes; so does what was refused.
 * Durable with it is what rotation did.
 */
static int
settle_state(struct folder *f, const struct journal *j, struct err *e)
{
	struct tx_names names;
	int rc;

	tx_names_of(j->tx, &names);
	if (!j->has_state)
		rc = own_failed(at_unlink_any(f->fs, f->own, OWN_STATE, e), e);
	else
		rc = take_next(f, names.tmp, OWN_STATE, e);
	if (rc != 0 || (rc = take_next(f, names.tmp, OWN_REFUSED, e)) != 0 ||
	    (rc = own_exists(f->fs, f->own, names.tmp, e)) < 0)
		return rc;
	if (rc == 1 && (rc = dir_sync(f->fs, f->own, names.tmp, e)) != 0)
		return rc;
	return dir_sync(f->fs, f->own, "", e);
}

/* Give the backup that waits its number; only then may the record go. */
static int
turn_waiting(struct folder *f, struct err *e)
{
	struct tx_names names;
	int rc;

	if ((rc = waiting(f, &names, e)) == 1 &&
	    (rc = rotate_run(f, &names, e)) == 0) {
		f->renumbered = true;
		rc = dir_sync(f->fs, f->own, "", e);
	}
	return rc;
}

int
recover_number(struct folder *f, struct err *e)
{
	int rc = own_exists(f->fs, f->own, OWN_ROTATING, e);

	assert(!f->opt.read_only);
	if (rc <= 0)
		return rc;
	if ((rc = turn_waiting(f, e)) == 0)
		return forget(f, OWN_ROTATING, e);
	/* Why was told when the folder was opened or updated. */
	if (e != NULL && is_told(f, OWN_ROTATING))
		(void)strlcpy(e->msg,
		    "nothing can be gone back to until the newest backup has "
		    "its number; put that right, then try again",
		    sizeof(e->msg));
	else
		(void)err_context(e,
		    "the newest backup waits for its number and cannot be gone "
		    "back to; put this right, then try again");
	return rc;
}

/* What comes of it, and why. */
static void
tell_unnumbered(struct folder *f, const char *what, struct err *why)
{
	(void)err_context(why, "%s", what);
	folder_warn(f, NULL, why->msg);
	if (f->opt.obs != NULL)
		(void)names_add(&f->told, OWN_ROTATING, NULL);
}

/*
 * Give the backup that waits its number, if there is one.  last: another one
 * is to get the next, so it is now or never.
 */
static int
rotate_waiting(struct folder *f, bool last, struct err *e)
{
	struct err why;
	int rc = own_exists(f->fs, f->own, OWN_ROTATING, e);

	if (rc <= 0)
		return rc;
	if ((rc = turn_waiting(f, &why)) != 0) {
		tell_unnumbered(f,
		    last ? "the backup before this one never got its number "
			   "and is given up"
			 : "the newest backup still waits for its number",
		    &why);
		if (!last)
			return 0;
	}
	return forget(f, OWN_ROTATING, e);
}

/* The record of the transaction goes; or, where its backup could not get its
 * number, stays as the record of that, which is in nobody's way. */
static int
close_record(struct folder *f, bool rotated, struct err *e)
{
	int rc;

	if (rotated)
		return forget(f, OWN_COMMITTED, e);
	rc = at_rename(f->fs, f->own, OWN_COMMITTED, OWN_ROTATING, e);
	return own_failed(rc == 0 ? dir_sync(f->fs, f->own, "", e) : rc, e);
}

int
recover_finish(
    struct folder *f, const struct journal *j, bool patient, struct err *e)
{
	struct tx_names names;
	struct err late, left;
	int rc, turned;

	assert(f->own >= 0 && !f->opt.read_only);
	tx_names_of(j->tx, &names);
	if ((rc = rotate_waiting(f, true, e)) != 0)
		return rc;
	turned = rotate_run(f, &names, &late);
	if ((rc = settle_state(f, j, e)) != 0 ||
	    (rc = swap_remove_emptied(f, j, patient, e)) != 0)
		return rc;
	/* Staged files share their bytes with live ones now: one that stays is
	 * used by none, so that it ends no update, but costs its space. */
	if (stage_clear(f, &left) != 0)
		tell_left(f, OWN_RECV, NULL, &left);
	if ((rc = close_record(f, turned == 0, e)) != 0)
		return rc;
	/* A rotation that failed has perhaps moved what is not durable. */
	collect(f, turned == 0, false);
	if (turned != 0)
		tell_unnumbered(
		    f, "the newest backup still waits for its number", &late);
	return 0;
}

static void
tell(struct folder *f, enum recovery what, const char *text)
{
	struct event ev = {.kind = EVENT_RECOVER, .text = text};

	assert(what != RECOVERY_NONE);
	f->recovery = what;
	observe(f->opt.obs, &ev);
}

/* Did earlier updates leave nothing at all?  So it is at most starts, where one
 * look at the names does for all that would be looked for. */
static bool
is_tidy(struct folder *f)
{
	struct names list = {NULL, 0, 0};
	bool tidy = names_read(f->fs, f->own, ".", &list, NULL) == 0;
	size_t i;

	for (i = 0; tidy && i < list.n; i++)
		tidy = !is_garbage(list.v[i]) && !renew_is_left(list.v[i]) &&
		    strcmp(list.v[i], OWN_ROTATING) != 0;
	names_release(&list);
	return tidy;
}

/* No transaction is unfinished, but a backup may be. */
static int
settle_backups(struct folder *f, struct err *e)
{
	struct err why;

	if (renew_settle(f, &why) != 0)
		folder_warn(f, NULL, why.msg);
	return rotate_waiting(f, false, e);
}

int
recover_run(struct folder *f, struct err *e)
{
	int committed = own_exists(f->fs, f->own, OWN_COMMITTED, e);
	int started = own_exists(f->fs, f->own, OWN_JOURNAL, e);
	struct journal j;
	int rc;

	if (committed < 0 || started < 0)
		return committed < 0 ? committed : started;
	if (committed && started)
		return err_set(e, ERP_CORRUPT,
		    "recovery required: .erpsync holds both a journal and a "
		    "committed update; nothing was changed");
	if (!committed && !started) {
		if (is_tidy(f))
			return 0;
		if ((rc = settle_backups(f, e)) != 0)
			return rc;
		collect(f, false, true);
		return 0;
	}
	/* After a mere kill the name that decides may not be durable yet. */
	if ((rc = dir_sync(f->fs, f->own, "", e)) != 0)
		return rc;
	rc = journal_read(
	    f->fs, f->own, committed ? OWN_COMMITTED : OWN_JOURNAL, &j, e);
	if (rc != 0)
		return rc;
	rc = committed ? recover_finish(f, &j, false, e)
		       : recover_undo(f, &j, e);
	journal_release(&j);
	f->renumbered |= committed != 0;
	if (rc == 0 && committed)
		tell(
		    f, RECOVERY_FINISHED, "an interrupted update was finished");
	else if (rc == 0)
		tell(f, RECOVERY_UNDONE,
		    "an interrupted update was undone; the folder is as it "
		    "was before");
	return rc;
}
