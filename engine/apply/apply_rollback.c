/*
 * A rollback: the same transaction as an update, fed from a backup by the
 * decisions of rollback.c instead of from a plan and the stage.
 */
#include "engine/apply/apply.h"

#include "engine/apply/apply_internal.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/recover.h"
#include "engine/apply/refused.h"
#include "engine/apply/rollback.h"
#include "engine/apply/rotate.h"
#include "engine/apply/trust.h"
#include "engine/apply/txn.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_owned.h"
#include "engine/base/observer.h"
#include "engine/base/who.h"
#include "engine/tree/plan.h"
#include "engine/tree/scan.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdio.h>
#include <string.h>

/* What the plan against the installed release borrows from. */
struct known {
	struct manifest have;
	struct plan plan;
};

/* Copy a file out of the backup and see that it is what was put in. */
static int
restore_file(struct txn *t, const struct rollback *r, struct op *op,
    const struct backup_entry *x, struct err *e)
{
	struct fs_stat as;
	struct owned_like like = {.fd = -1};
	struct copied copy = {.as = &as, .like = r->foreign ? NULL : &like};
	char from[OWN_PATH_BYTES], to[OWN_PATH_BYTES];
	struct folder *f = t->f;
	bool gone;
	int rc;

	assert(op->kind == OP_ADD || op->kind == OP_REPLACE);
	memset(&as, 0, sizeof(as));
	as.mode = x->mode | 0400;
	as.mtime = x->mtime;
	own_fresh(to, &t->names, op->number);
	if ((rc = own_join(from, r->folder, backup_entry_kept(x), e)) != 0)
		return rc;
	rc = file_copy(f->fs, (struct at){f->dir, from},
	    (struct at){f->own, to}, &copy, e);
	/* Somebody tidied up in the backup. */
	gone = rc == ERP_NOTFOUND && own_exists(f->fs, f->dir, from, NULL) == 0;
	if (rc != 0 && !gone)
		return rc;
	if (gone || copy.st.size != x->content.size ||
	    (x->content.known && !hash_equal(&copy.hash, &x->content.hash)))
		return err_path(e, ERP_MISMATCH, from,
		    "the backup is damaged; nothing was changed");
	if (r->foreign) /* whoever made it: it is to be as what is live */
		return txn_fresh_file(t, op,
		    &(struct fresh){as.mode & 0777, as.mtime, &copy.hash}, e);
	op->lost = like.lost;
	identity_of_file(&op->fresh, &copy.st, &copy.hash);
	return 0;
}

static int
restore_dir(struct txn *t, const struct rollback *r, struct op *op,
    const struct backup_entry *x, struct err *e)
{
	char from[OWN_PATH_BYTES];
	int rc;

	if (r->foreign)
		return txn_fresh_dir(t, op, NULL, 0, e);
	/* Names are to be put into it. */
	rc = own_join(from, r->folder, x->path, e);
	return rc != 0 ? rc : txn_fresh_dir(t, op, from, x->mode | 0700, e);
}

static int
restore(struct txn *t, const struct rollback *r, struct op *op,
    const struct backup_entry *x, struct err *e)
{
	struct fresh as = {0, x->mtime, NULL};

	switch (x->type) {
	case FS_DIR:
		return restore_dir(t, r, op, x, e);
	case FS_SYMLINK:
		return txn_fresh_link(t, op, x->target, &as, e);
	case FS_FILE:
		return restore_file(t, r, op, x, e);
	case FS_OTHER:
		break;
	}
	return err_set(e, ERP_INTERNAL, "a backup of an unknown thing");
}

static int
add_op(struct txn *t, const struct rollback *r, enum rollback_step step,
    const struct backup_entry *x, struct err *e)
{
	struct op *op = NULL;
	int rc = 0;

	switch (step) {
	case ROLLBACK_KEEP:
		return 0;
	case ROLLBACK_RMDIR:
		return txn_add(t, OP_RMDIR, x->path, &op, e);
	case ROLLBACK_REMOVE:
	case ROLLBACK_RETYPE:
		rc = txn_add(t, OP_DELETE, x->path, &op, e);
		if (rc == 0)
			rc = txn_old(t, op, true, e);
		if (rc != 0 || step == ROLLBACK_REMOVE)
			return rc;
		break;
	case ROLLBACK_ADD:
	case ROLLBACK_REPLACE:
		break;
	}
	rc = txn_add(
	    t, step == ROLLBACK_REPLACE ? OP_REPLACE : OP_ADD, x->path, &op, e);
	if (rc == 0 && step == ROLLBACK_REPLACE)
		rc = txn_old(t, op, true, e);
	return rc != 0 ? rc : restore(t, r, op, x, e);
}

/* Does the backup have a file where path needs a folder? */
static bool
is_in_the_way(const struct rollback *r, const char *path)
{
	char above[OWN_PATH_BYTES];
	const struct backup_entry *x;
	char *slash;

	(void)strlcpy(above, path, sizeof(above));
	while ((slash = strrchr(above, '/')) != NULL) {
		*slash = '\0';
		x = backup_list_find(&r->target.files, above);
		if (x != NULL && x->type != FS_DIR && x->how != BACKUP_LEAVE)
			return true;
	}
	return false;
}

/* A step for what the backup does not know: it goes, or it stays. */
static int
add_gone(struct txn *t, const struct rollback *r, int step,
    const struct backup_entry *x, struct err *e)
{
	if (step == ROLLBACK_RMDIR && is_in_the_way(r, x->path))
		step = ROLLBACK_REMOVE;
	return step < 0 ? step : add_op(t, r, (enum rollback_step)step, x, e);
}

/* What updates wrote since and the backup does not know. */
static int
build_newer(struct txn *t, struct rollback *r, struct err *e)
{
	const struct backup_list *list;
	int k, rc;
	size_t i;

	for (k = 0; k < r->newer_n; k++) {
		list = &r->newer[k].written;
		for (i = 0; i < list->n; i++) {
			rc = rollback_decide_newer(r, &list->v[i], e);
			if ((rc = add_gone(t, r, rc, &list->v[i], e)) != 0)
				return rc;
		}
	}
	return 0;
}

/* Of an update whose record is gone: what the installed release has and the
 * backup does not know.  What another program's backup does not know is only
 * gone where a record tells that it was not there. */
static int
build_release(struct txn *t, struct rollback *r, struct err *e)
{
	const struct manifest *m;
	struct backup_entry as;
	size_t i;
	int rc;

	if (r->foreign || !t->f->state.known)
		return 0;
	m = folder_installed(t->f);
	for (i = 0; i < m->n; i++) {
		rollback_of_release(&m->v[i], &as);
		rc = rollback_decide_release(r, &as, e);
		if ((rc = add_gone(t, r, rc, &as, e)) != 0)
			return rc;
	}
	return 0;
}

/* Everything that the backup does not know. */
static int
build_live(struct txn *t, struct rollback *r, struct err *e)
{
	struct backup_hints none = {.looks = true};
	struct backup live;
	size_t i;
	int rc;

	backup_init(&live);
	rc = backup_collect(t->f, &none, &live.files, e);
	for (i = 0; rc == 0 && i < live.files.n; i++)
		rc = add_gone(t, r, rollback_decide_live(r, &live.files.v[i]),
		    &live.files.v[i], e);
	backup_release(&live);
	return rc;
}

static int
build(struct txn *t, struct rollback *r, struct err *e)
{
	const struct backup_list *list = &r->target.files;
	size_t i;
	int rc;

	for (i = 0; i < list->n; i++)
		if ((rc = rollback_decide(r, &list->v[i], e)) < 0 ||
		    (rc = add_op(
			 t, r, (enum rollback_step)rc, &list->v[i], e)) != 0)
			return rc;
	if (r->all)
		return build_live(t, r, e);
	rc = build_newer(t, r, e);
	return rc != 0 ? rc : build_release(t, r, e);
}

static int
add_hint(struct txn *t, const char *path, const struct backup_hint *as,
    struct err *e)
{
	struct backup_hint *h = backup_hints_add(&t->hints);

	if (h == NULL)
		return err_nomem(e);
	*h = *as;
	h->path = path;
	return 0;
}

/* Has the installed release this content there? */
static bool
is_pristine(const struct folder *f, const struct op *op)
{
	const struct entry *x = f->state.known
	    ? manifest_find(folder_installed(f), op->path)
	    : NULL;

	return x != NULL && x->content.known && op->old.content.known &&
	    hash_equal(&x->content.hash, &op->old.content.hash);
}

/* Files that the operations replace may be shared with the backup. */
static int
hint_replaced(struct txn *t, struct err *e)
{
	const struct op *op;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < t->j.n; i++) {
		op = &t->j.v[i];
		if ((op->kind == OP_REPLACE || op->kind == OP_DELETE) &&
		    op->old.type == FS_FILE)
			rc = add_hint(t, op->path,
			    &(struct backup_hint){.mtime = op->old.mtime,
				.content = op->old.content,
				.pristine = is_pristine(t->f, op),
				.goes = true},
			    e);
	}
	return rc;
}

/* So may what is as the installed release has it. */
static int
hint_same(struct txn *t, struct known *k, struct err *e)
{
	const struct observer *obs = t->f->opt.obs;
	/* What goes back asks nobody whether it may. */
	const struct observer told = {
	    .event = obs != NULL ? obs->event : NULL,
	    .ctx = obs != NULL ? obs->ctx : NULL,
	};
	const struct scan_options scan = {
	    .obs = obs != NULL ? &told : NULL,
	    .skip_unmanageable = true,
	    .closed = t->f->opt.backup_exclude,
	};
	const struct plan_options opt = {.ignore_exec = true};
	const struct folder_state *s = &t->f->state;
	const struct action *a;
	size_t i;
	int rc;

	manifest_init(&k->have, s->known ? s->manifest.os : who_os());
	if (!s->known)
		return 0;
	if ((rc = scan_folder(t->f->fs, t->f->dir, &scan, &k->have, e)) != 0 ||
	    (rc = folder_spell(t->f, &k->have, NULL, e)) != 0)
		return rc;
	rc = plan_build(folder_installed(t->f), &k->have, &opt, &k->plan, e);
	if (rc == ERP_BLOCKED)
		return 0; /* no hints: everything is copied */
	for (i = 0; rc == 0 && i < k->plan.n; i++) {
		a = &k->plan.v[i];
		if (a->kind == ACTION_SAME && a->have->type == ENTRY_FILE)
			rc = add_hint(t, a->have->path,
			    &(struct backup_hint){.mtime = a->have->raw,
				.content = a->want->content,
				.pristine = true},
			    e);
	}
	return rc;
}

/* The release that was installed then is installed again. */
static int
restore_state(struct txn *t, const struct rollback *r, struct err *e)
{
	const struct folder_state *now = &t->f->state;
	const struct folder_state *then = &r->then;

	t->b.has_from = now->known;
	t->b.from = now->release;
	(void)strlcpy(
	    t->b.from_build, now->manifest.build, sizeof(t->b.from_build));
	if (!then->known)
		return 0; /* nobody knows which release it is */
	t->b.has_to = true;
	t->b.to = then->release;
	(void)strlcpy(
	    t->b.to_build, then->manifest.build, sizeof(t->b.to_build));
	return txn_state(t, &then->manifest, e);
}

/* Files and links of the folder that no operation brings again. */
static size_t
count_going(const struct txn *t)
{
	const struct op *op;
	size_t i, n = 0;

	for (i = 0; i < t->j.n; i++) {
		op = &t->j.v[i];
		n += op->kind == OP_DELETE && op->old.type != FS_DIR &&
		    (i + 1 == t->j.n || strcmp(op[1].path, op->path) != 0);
	}
	return n;
}

/*
 * A folder of a backup's name into which somebody saved a few files is no
 * client: as one it would take the program away.  What counts is the installed
 * release, or, where none is known, what would be there no more.
 */
static int
require_client(
    const struct txn *t, const struct rollback *r, bool named, struct err *e)
{
	const struct backup_list *files = &r->target.files;
	size_t i, goes = count_going(t), has = files->n, of = files->n + goes;
	const struct manifest *m;
	char text[200];

	if (!r->foreign)
		return 0;
	if (t->f->state.known) {
		m = folder_installed(t->f);
		for (i = has = of = 0; i < m->n; i++) {
			if (m->v[i].type != ENTRY_FILE)
				continue;
			of++;
			has += backup_list_find(files, m->v[i].path) != NULL;
		}
	}
	if (has >= of - has)
		return 0;
	if (!named)
		return err_set(e, ERP_MISMATCH,
		    "%s: lacks most files of the client (has %zu of %zu), so "
		    "it comes back only where it is named (--to); nothing was "
		    "changed",
		    r->folder, has, of);
	(void)snprintf(text, sizeof(text),
	    "lacks most files of the client (has %zu of %zu); so many go, and "
	    "are in the newest backup: %zu",
	    has, of, goes);
	folder_warn(r->f, r->folder, text);
	return 0;
}

/* Then no backup is made, which would push out the oldest. */
static bool
changes_nothing(const struct txn *t, const struct rollback *r)
{
	const struct folder_state *now = &t->f->state;

	if (t->j.n > 0 || r->foreign)
		return t->j.n == 0;
	return now->known && t->next.known &&
	    hash_equal(&now->release, &t->next.release);
}

/* What a person goes back from is not installed again by itself: with the
 * commit, or a crash behind it would let the next update undo the rollback. */
static int
refuse_left(struct txn *t, const struct rollback *r, struct err *e)
{
	const struct folder_state *now = &t->f->state;

	if (!r->by_person || !now->known ||
	    (t->next.known && hash_equal(&now->release, &t->next.release)))
		return 0;
	return refused_write_next(t->f, t->names.tmp, &now->release,
	    t->next.known ? &t->next.release : NULL, e);
}

int
apply_rollback_run(struct rollback *r, int number, uint64_t *tx, struct err *e)
{
	struct known known;
	struct txn t;
	int rc;

	memset(&known, 0, sizeof(known));
	manifest_init(&known.have, who_os());
	if ((rc = txn_begin(&t, r->f, e)) == 0 &&
	    (rc = rotate_check(r->f, e)) == 0 &&
	    (rc = rollback_open(r, number, e)) == 0 &&
	    (rc = rollback_take_names(r, e)) == 0 &&
	    (rc = build(&t, r, e)) == 0 &&
	    (rc = require_client(&t, r, number > 0, e)) == 0 &&
	    (rc = hint_same(&t, &known, e)) == 0 &&
	    (rc = hint_replaced(&t, e)) == 0 &&
	    (rc = restore_state(&t, r, e)) == 0 &&
	    (rc = r->by_person ? trust_require_state(r->f, &t.next, e) : 0) ==
		0) {
		if (changes_nothing(&t, r)) {
			folder_warn(r->f, r->folder,
			    "has nothing that this would bring back; nothing "
			    "was changed");
			rc = 1;
		} else if ((rc = refuse_left(&t, r, e)) == 0)
			rc = txn_commit(&t, e);
	}
	*tx = t.j.tx;
	txn_end(&t);
	rollback_release(r);
	plan_release(&known.plan);
	manifest_release(&known.have);
	return rc;
}

int
apply_rollback_with(
    struct folder *f, const struct rollback_options *opt, struct err *e)
{
	struct rollback r = {.f = f, .all = opt->all, .by_person = true};
	uint64_t tx;
	int rc = f->opt.read_only ? 0 : recover_number(f, e);

	if (rc == 0 && opt->number > 0 && f->renumbered)
		rc = err_set(e, ERP_USAGE,
		    "the backup of the last update has got its number just "
		    "now, and those of others may have moved; look at erpsync "
		    "history, then say which one");
	return rc != 0 ? rc : apply_rollback_run(&r, opt->number, &tx, e);
}

int
apply_rollback(struct folder *f, int number, struct err *e)
{
	struct rollback_options opt = {number, false};
	int rc = apply_rollback_with(f, &opt, e);

	return rc < 0 ? rc : 0;
}
