/*
 * Recovery: from whatever a crash left to exactly one release (the argument is
 * in docs/storage.md).  Called when a folder is opened, and by the transaction
 * itself to undo or finish.
 */
#include "engine/apply/recover.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/rotate.h"
#include "engine/apply/stage_internal.h"
#include "engine/apply/swap.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"

#include <assert.h>
#include <string.h>

static bool
is_garbage(const char *name)
{
	size_t len = strlen(name);

	return strncmp(name, "tmp.", 4) == 0 || strncmp(name, "bkp.", 4) == 0 ||
	    strncmp(name, "trash.", 6) == 0 ||
	    (len > 4 && strcmp(name + len - 4, ".new") == 0);
}

void
recover_collect(struct folder *f)
{
	struct names list = {NULL, 0, 0};
	struct err e;
	size_t i;

	assert(f->own >= 0 && !f->opt.read_only);
	/* While one of these exists, those folders are needed. */
	if (own_exists(f->fs, f->own, OWN_JOURNAL, NULL) != 0 ||
	    own_exists(f->fs, f->own, OWN_COMMITTED, NULL) != 0)
		return;
	if (names_read(f->fs, f->own, ".", &list, &e) != 0) {
		folder_warn(f, FOLDER_OWN, e.msg);
		return;
	}
	for (i = 0; i < list.n; i++)
		if (is_garbage(list.v[i]) &&
		    !(f->keep_trash && strncmp(list.v[i], "trash.", 6) == 0) &&
		    tree_remove(f->fs, f->own, list.v[i], &e) != 0)
			folder_warn(f, FOLDER_OWN, e.msg);
	names_release(&list);
}

/* Remove one of our files, durably; it may be gone already. */
static int
forget(struct folder *f, const char *name, struct err *e)
{
	int rc = at_unlink_any(f->fs, f->own, name, e);

	return rc == 0 ? dir_sync(f->fs, f->own, "", e) : rc;
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
		recover_collect(f);
	return rc;
}

/* tmp.TX/state becomes the state, or the state goes. */
static int
settle_state(struct folder *f, const struct journal *j, struct err *e)
{
	struct tx_names names;
	char next[OWN_PATH_BYTES];
	int rc;

	if (!j->has_state)
		return forget(f, OWN_STATE, e);
	tx_names_of(j->tx, &names);
	if ((rc = own_join(next, names.tmp, OWN_STATE, e)) != 0 ||
	    (rc = own_exists(f->fs, f->own, next, e)) < 0)
		return rc;
	if (rc == 1 && (rc = at_rename(f->fs, f->own, next, OWN_STATE, e)) != 0)
		return rc;
	return dir_sync(f->fs, f->own, "", e);
}

int
recover_finish(
    struct folder *f, const struct journal *j, bool patient, struct err *e)
{
	struct tx_names names;
	int rc;

	assert(f->own >= 0 && !f->opt.read_only);
	tx_names_of(j->tx, &names);
	if ((rc = rotate_run(f, &names, e)) != 0 ||
	    (rc = settle_state(f, j, e)) != 0 ||
	    (rc = swap_remove_emptied(f, j, patient, e)) != 0)
		return rc;
	/* Staged files share their bytes with live ones now. */
	if ((rc = stage_clear(f, e)) != 0 ||
	    (rc = forget(f, OWN_COMMITTED, e)) != 0)
		return rc;
	recover_collect(f);
	return 0;
}

static void
tell(struct folder *f, enum recovery what, const char *text)
{
	struct event ev = {EVENT_RECOVER, NULL, text, 0, 0};

	assert(what != RECOVERY_NONE);
	f->recovery = what;
	observe(f->opt.obs, &ev);
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
		recover_collect(f);
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
	if (rc == 0 && committed)
		tell(
		    f, RECOVERY_FINISHED, "an interrupted update was finished");
	else if (rc == 0)
		tell(f, RECOVERY_UNDONE,
		    "an interrupted update was undone; the folder is as it "
		    "was before");
	return rc;
}
