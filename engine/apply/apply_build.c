/*
 * From the actions of a plan to operations and new files in tmp.TX.  The first
 * step of the transaction: nothing of the live folder changes here.
 */
#include "engine/apply/apply_internal.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/stage_internal.h"
#include "engine/apply/txn.h"
#include "engine/base/err.h"
#include "engine/tree/plan.h"

#include <assert.h>
#include <string.h>

struct builder {
	struct txn *t;
	struct stage *stage;
	const struct manifest *want;
};

/*
 * The permission bits of a new file.  What the administrator of the station
 * gave the old one stays, also to run what one may not read; a windows set says
 * nothing of the exec bit.
 */
static uint32_t
mode_for(const struct builder *b, const struct entry *want,
    const struct identity *old)
{
	uint32_t mode;

	if (old == NULL || old->type != FS_FILE)
		return want->exec ? 0755 : 0644;
	mode = (old->mode & 0777) | 0400;
	if (b->want->os == PATH_OS_WINDOWS)
		return mode;
	if (!want->exec)
		return mode & 0666;
	return mode | (mode & 0444) >> 2;
}

/* Is it what was compared? */
static bool
is_compared(const struct entry *have, const struct identity *now)
{
	static const enum fs_type types[] = {
	    [ENTRY_FILE] = FS_FILE,
	    [ENTRY_DIR] = FS_DIR,
	    [ENTRY_SYMLINK] = FS_SYMLINK,
	};

	if (now->type != types[have->type])
		return false;
	if (have->type == ENTRY_DIR)
		return true;
	return (have->type != ENTRY_FILE ||
		   have->content.size == now->content.size) &&
	    stamp_equal(have->raw, now->mtime) &&
	    (have->ino == 0 || have->ino == now->ino);
}

/* The live file of op, which must be what the plan was made for. */
static int
take_old(
    struct builder *b, struct op *op, const struct entry *have, struct err *e)
{
	bool need_hash = have->type == ENTRY_SYMLINK ||
	    (have->type == ENTRY_FILE && !have->content.known);
	int rc;

	if ((rc = txn_old(b->t, op, need_hash, e)) != 0)
		return rc;
	if (!is_compared(have, &op->old))
		return err_path(e, ERP_BUSY, op->path,
		    "changed since it was compared; close the program and try "
		    "again");
	if (have->type == ENTRY_FILE && have->content.known)
		op->old.content = have->content;
	return 0;
}

/* Attributes of the new file, which lies there. */
static int
finish_file(const struct builder *b, struct op *op, const struct entry *want,
    struct err *e)
{
	struct fresh as = {0, want->mtime, &want->content.hash};

	as.mode = mode_for(b, want, op->kind == OP_REPLACE ? &op->old : NULL);
	return txn_fresh_file(b->t, op, &as, e);
}

/* What the live file is to become when the backup is made: itself, with
 * another time or exec bit. */
static void
expect_copy(const struct builder *b, struct op *op, const struct entry *want)
{
	/* Of the same content it may keep what lends the rights of others. */
	const struct fs_stat st = {
	    .type = FS_FILE,
	    .mode = mode_for(b, want, &op->old) | (op->old.mode & 06000),
	    .size = want->content.size,
	    .mtime = want->mtime,
	};

	assert(op->kind == OP_REPLACE && want->content.known);
	identity_of_file(&op->fresh, &st, &want->content.hash);
	op->of_live = true;
}

static int
build_file(
    struct builder *b, struct op *op, const struct action *a, struct err *e)
{
	const struct entry *want = a->want;
	char to[OWN_PATH_BYTES];
	int rc;

	assert(want->type == ENTRY_FILE);
	if (!want->content.known)
		return err_set(e, ERP_INTERNAL, "a release without hashes");
	if (a->kind == ACTION_META) {
		expect_copy(b, op, want);
		return 0;
	}
	own_fresh(to, &b->t->names, op->number);
	rc = stage_take(
	    b->stage, &want->content.hash, want->content.size, to, e);
	if (rc == ERP_NOTFOUND)
		(void)err_context(e, "content of %.100s", want->path);
	return rc == 0 ? finish_file(b, op, want, e) : rc;
}

/* NEW, CHANGED and META. */
static int
build_new(struct builder *b, const struct action *a, struct err *e)
{
	const struct entry *want = a->want;
	struct fresh as = {0, want->mtime, NULL};
	struct op *op = NULL;
	int rc = txn_add(b->t, a->kind == ACTION_NEW ? OP_ADD : OP_REPLACE,
	    want->path, &op, e);

	if (rc != 0)
		return rc;
	assert(op->kind == OP_ADD || a->have != NULL);
	if (op->kind == OP_REPLACE && (rc = take_old(b, op, a->have, e)) != 0)
		return rc;
	switch (want->type) {
	case ENTRY_DIR:
		return txn_fresh_dir(b->t, op, NULL, 0, e);
	case ENTRY_SYMLINK:
		return txn_fresh_link(b->t, op, want->target, &as, e);
	case ENTRY_FILE:
		return build_file(b, op, a, e);
	}
	return err_set(e, ERP_INTERNAL, "unknown type in a plan");
}

/*
 * DELETE: what makes room for another type has to go in the swap; a folder
 * that is merely gone from the release goes after the commit, if empty.
 */
static int
build_delete(struct builder *b, const struct action *a, struct err *e)
{
	bool later =
	    a->have->type == ENTRY_DIR && (a->reasons & REASON_TYPE) == 0;
	struct op *op = NULL;
	int rc =
	    txn_add(b->t, later ? OP_RMDIR : OP_DELETE, a->have->path, &op, e);

	return rc != 0 || later ? rc : take_old(b, op, a->have, e);
}

int
apply_build(struct txn *t, struct stage *stage, const struct manifest *want,
    const struct plan *plan, struct err *e)
{
	struct builder b = {t, stage, want};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < plan->n; i++) {
		if ((rc = folder_asks(t->f, e)) != 0)
			break;
		switch (plan->v[i].kind) {
		case ACTION_SAME:
		case ACTION_EXTRA:
			break;
		case ACTION_NEW:
		case ACTION_CHANGED:
		case ACTION_META:
			rc = build_new(&b, &plan->v[i], e);
			break;
		case ACTION_DELETE:
			rc = build_delete(&b, &plan->v[i], e);
			break;
		}
	}
	return rc;
}
