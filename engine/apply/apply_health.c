/*
 * After the commit: is the client fit for use?  If not, the update is taken
 * back by a rollback, and the backups are as if there had been no update.
 */
#include "engine/apply/apply.h"

#include "engine/apply/apply_internal.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/recover.h"
#include "engine/apply/refused.h"
#include "engine/apply/rollback.h"
#include "engine/apply/rotate.h"
#include "engine/base/err.h"

#include <string.h>

int
apply_check_refused(struct folder *f, const struct hash *release, struct err *e)
{
	char id[HASH_HEX_LEN + 1];
	int rc = refused_is(f, release, e);

	if (rc <= 0)
		return rc;
	hash_hex(release, id);
	return err_set(e, ERP_HEALTH,
	    "release %.12s failed the health check of this station before and "
	    "is not installed again; --force installs it",
	    id);
}

/* To the newest backup.  What the check may have written in place into a file
 * that both releases share must not keep the bad one in place. */
static int
roll_back(struct folder *f, uint64_t *own, struct err *e)
{
	struct rollback r = {.f = f, .leave_damaged = true};

	return apply_rollback_run(&r, 0, own, e);
}

/* Take the update tx back; its backups and the rollback's do not count. */
static int
take_back(struct folder *f, uint64_t tx, struct err *e)
{
	uint64_t own;
	int rc = roll_back(f, &own, e);

	if (rc == ERP_NOSPACE) {
		/* The oldest backup makes room: rather that than this. */
		f->keep_trash = false;
		recover_collect(f);
		rc = roll_back(f, &own, e);
	}
	return rc != 0 ? rc : rotate_unwind(f, tx, own, e);
}

int
apply_prove(struct folder *f, uint64_t tx, struct err *e)
{
	struct err why = {0}, late = {0};
	struct hash bad = f->state.release;

	if (f->opt.health(f->opt.health_ctx, f, &why) == 0) {
		if (refused_clear(f, &late) != 0)
			folder_warn(f, NULL, late.msg);
		return 0;
	}
	/* First, so that a crash does not make it come again. */
	if (refused_write(f, &bad, &late) != 0)
		folder_warn(f, NULL, late.msg);
	if (take_back(f, tx, &late) != 0)
		return err_set(e, ERP_HEALTH,
		    "%.200s; going back failed too (%.200s): run erpsync "
		    "rollback",
		    why.msg, late.msg);
	return err_set(e, ERP_HEALTH,
	    "%.300s; the version before is in place again", why.msg);
}
