/*
 * The update transaction: from a plan and a full stage to a new folder.  The
 * top of apply: builds, backs up and commits by the files below, and undoes
 * all of it when one fails.
 */
#include "engine/apply/apply.h"

#include "engine/apply/apply_internal.h"
#include "engine/apply/disk_attrs.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/ini_base.h"
#include "engine/apply/own_names.h"
#include "engine/apply/recover.h"
#include "engine/apply/refused.h"
#include "engine/apply/stage_internal.h"
#include "engine/apply/trust.h"
#include "engine/apply/txn.h"
#include "engine/apply/unchecked.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <bsd/string.h>
#include <string.h>

/*
 * From which release to which: the head of the backup's record.  An update to
 * other times alone counts as a repair, or it would cost the last backup of
 * other contents.
 */
static void
describe(struct txn *t, const struct manifest *want)
{
	const struct folder_state *s = &t->f->state;

	t->b.has_from = s->known;
	if (s->known) {
		t->b.from = s->release;
		(void)strlcpy(t->b.from_build, s->manifest.build,
		    sizeof(t->b.from_build));
	}
	t->b.has_to = true;
	t->b.to = t->next.release;
	(void)strlcpy(t->b.to_build, want->build, sizeof(t->b.to_build));
	t->b.repair = s->known && manifest_same_gist(&s->manifest, want);
}

/* It came, though it was refused, so it is not any more. */
static void
lift(struct folder *f, const struct hash *release)
{
	struct err late;

	if (refused_lift(f, release, &late) != 0)
		folder_warn(f, NULL, late.msg);
}

static int
update(struct folder *f, struct stage *stage, const struct manifest *want,
    const struct plan *plan, struct err *e)
{
	const bool known = f->state.known;
	const struct hash before = f->state.release;
	struct err late;
	uint64_t tx;
	struct txn t;
	bool back, marked = false;
	int rc;

	if ((rc = folder_check_place(f, e)) != 0)
		return rc;
	f->may_stop = true;
	if ((rc = txn_begin(&t, f, e)) == 0 &&
	    (rc = apply_check_numbers(f, plan, e)) == 0 &&
	    (rc = apply_hints(f, plan, &t.hints, e)) == 0 &&
	    (rc = apply_build(&t, stage, want, plan, e)) == 0 &&
	    (rc = txn_state(&t, want, e)) == 0) {
		describe(&t, want);
		marked = f->keep_trash;
		if (marked)
			rc = unchecked_write(
			    f, &(struct unchecked){t.next.release, t.j.tx}, e);
		if (rc == 0)
			rc = txn_commit(&t, e);
	}
	f->may_stop = false;
	tx = t.j.tx;
	txn_end(&t);
	if (rc != 0 && marked && !f->stuck)
		(void)unchecked_clear(f, &late);
	/* A full disk gets back also what was received. */
	if (rc == ERP_NOSPACE)
		(void)stage_clear(f, &late);
	/* Before the check, which may write to files, as a client does. */
	if (rc == 0)
		disk_attrs_note(f, plan, want->os == PATH_OS_WINDOWS);
	if (rc == 0 && f->keep_trash)
		rc = apply_prove(f, tx,
		    known && hash_equal(&before, &f->state.release), &back, e);
	else if (rc == 0)
		lift(f, &f->state.release);
	return rc;
}

/* The folder is the release already: only our own state has to say so. */
static int
adopt(struct folder *f, const struct manifest *want, struct err *e)
{
	struct folder_state next = {.known = true};
	struct buf b;
	int rc;

	ini_base_note(f);
	buf_init(&b, (size_t)MANIFEST_MAX_BYTES + 4096);
	manifest_init(&next.manifest, want->os);
	next.installed_at = clock_s(f->opt.clock);
	if ((rc = state_encode(
		 want, next.installed_at, &next.release, &b, e)) == 0 &&
	    (rc = manifest_copy(&next.manifest, want, e)) == 0)
		rc = folder_write_shared(f, OWN_STATE, &b, e);
	buf_release(&b);
	if (rc == 0)
		folder_state_swap(f, &next);
	state_release(&next);
	if (rc == 0)
		lift(f, &f->state.release);
	return rc;
}

int
apply_update(struct folder *f, struct stage *stage, const struct manifest *want,
    const struct plan *plan, struct err *e)
{
	int rc = trust_require(f, want, e);
	struct err late;

	if (rc != 0)
		return rc;
	if (plan_is_empty(plan) && !f->stuck) {
		rc = adopt(f, want, e);
	} else {
		/* Until the check is passed the oldest backup may be needed
		 * again. */
		f->keep_trash = f->opt.health != NULL;
		rc = update(f, stage, want, plan, e);
		if (f->keep_trash) {
			f->keep_trash = false;
			recover_collect(f);
		}
	}
	if (rc != 0)
		return rc;
	ini_base_note(f);
	/* What cannot be removed only takes room. */
	(void)ini_base_trim(f, &late);
	return 0;
}
