/*
 * The backups there are, each compared with its record: reads them all and
 * changes nothing.  For people who choose one to go back to.
 */
#include "engine/apply/history.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/identity.h"
#include "engine/apply/own_names.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

struct look {
	struct folder *f;
	apply_finding_fn *fn; /* or NULL */
	void *arg;
	int findings;
};

static void
found(struct look *l, const char *path, const char *what)
{
	l->findings++;
	if (l->fn != NULL)
		l->fn(l->arg, path, what);
}

static int
has_content(
    const struct backup_entry *x, const struct identity *now, struct err *e)
{
	struct hash target;
	int rc;

	if (x->type == FS_FILE)
		return !x->content.known ||
		    hash_equal(&now->content.hash, &x->content.hash);
	if (x->target == NULL)
		return 1;
	rc = hash_bytes(x->target, strlen(x->target), &target, e);
	return rc != 0 ? rc : hash_equal(&now->content.hash, &target);
}

/* A backup against its record. */
struct check {
	struct folder *f;
	const char *folder;
	const struct backup *b;
	const char **what; /* is wrong, for each of b->files */
};

/* Times and modes are the record's to tell: a link shares the live ones. */
static int
look_at(void *arg, size_t i, bool here, struct err *e)
{
	struct check *c = arg;
	const struct backup_entry *x = &c->b->files.v[i];
	char path[OWN_PATH_BYTES];
	struct identity now;
	int rc;

	(void)here;
	if (x->how == BACKUP_LEAVE)
		return 0;
	if ((rc = own_join(path, c->folder, x->path, e)) != 0)
		return rc;
	rc = identity_read(c->f->fs, c->f->dir, path, true, &now, e);
	if (rc == ERP_NOMEM || rc == ERP_INTERNAL)
		return rc;
	if (rc == ERP_NOTFOUND) {
		c->what[i] = "missing";
	} else if (rc != 0) {
		c->what[i] = "not readable";
	} else if (now.type != x->type) {
		c->what[i] = "of another type";
	} else if (x->type == FS_FILE && now.content.size != x->content.size) {
		c->what[i] = "of another size";
	} else {
		if ((rc = has_content(x, &now, e)) < 0)
			return rc;
		if (rc == 0)
			c->what[i] = "of other content";
	}
	return 0;
}

static int
look_at_all(
    struct look *l, const char *folder, const struct backup *b, struct err *e)
{
	struct check c = {l->f, folder, b, NULL};
	char path[OWN_PATH_BYTES];
	size_t i;
	int rc;

	if ((c.what = calloc(b->files.n + 1, sizeof(*c.what))) == NULL)
		return err_nomem(e);
	rc = crew_run(l->f->opt.crew, look_at, &c, b->files.n, e);
	for (i = 0; rc == 0 && i < b->files.n; i++)
		if (c.what[i] != NULL &&
		    (rc = own_join(path, folder, b->files.v[i].path, e)) == 0)
			found(l, path, c.what[i]);
	free(c.what);
	return rc;
}

/* Without it nobody knows which release comes back. */
static int
look_at_state(
    struct look *l, const char *folder, const struct backup *b, struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct folder_state s = {0};
	int rc;

	if (!b->has_from)
		return 0;
	if ((rc = own_join(path, folder, BACKUP_STATE, e)) == 0)
		rc = backup_state(l->f->fs, l->f->dir, folder, b, &s, e);
	if (rc == 0 && !s.known && !s.unread)
		found(l, path, "missing or damaged");
	state_release(&s);
	return rc;
}

static void
describe(struct history_item *item, const struct backup *b)
{
	const struct backup_entry *x;
	size_t i;

	item->date = b->date;
	item->has_from = b->has_from;
	item->has_to = b->has_to;
	item->from = b->from;
	item->to = b->to;
	(void)strlcpy(
	    item->from_build, b->from_build, sizeof(item->from_build));
	(void)strlcpy(item->to_build, b->to_build, sizeof(item->to_build));
	for (i = 0; i < b->files.n; i++) {
		x = &b->files.v[i];
		if (x->how == BACKUP_LEAVE)
			continue;
		if (x->type != FS_DIR)
			item->files++;
		item->bytes += x->content.size;
	}
}

static int
read_item(struct look *l, const char *name, const struct fs_stat *st,
    struct history_item *item, struct err *e)
{
	struct folder *f = l->f;
	char path[OWN_PATH_BYTES];
	struct backup b;
	int rc;

	item->health = HISTORY_FOREIGN;
	if (st->type != FS_DIR) {
		item->health = HISTORY_BAD;
		found(l, name,
		    "is not a folder, but the name of a backup; move it away");
		return 0;
	}
	if (!backup_is_ours(f->fs, f->dir, name)) {
		/* A record that is none any more is damage. */
		rc = own_join(path, name, BACKUP_RECORD, e);
		if (rc != 0 || (rc = own_exists(f->fs, f->dir, path, e)) <= 0)
			return rc;
		item->health = HISTORY_BAD;
		found(l, name, "its record is damaged");
		return 0;
	}
	backup_init(&b);
	item->health = HISTORY_BAD;
	rc = backup_read(f->fs, f->dir, name, &b, e);
	if (rc == ERP_CORRUPT || rc == ERP_NEWER) {
		found(l, name,
		    rc == ERP_NEWER ? "written by a newer erpsync; use that one"
				    : "its record is damaged");
		return 0;
	}
	if (rc != 0)
		return rc;
	describe(item, &b);
	l->findings = 0;
	if ((rc = look_at_all(l, name, &b, e)) == 0)
		rc = look_at_state(l, name, &b, e);
	if (l->findings == 0)
		item->health = HISTORY_GOOD;
	backup_release(&b);
	return rc;
}

int
history_read(struct folder *f, apply_finding_fn *fn, void *arg,
    struct history *out, struct err *e)
{
	struct look l = {f, fn, arg, 0};
	char name[ROTATE_NAME_BYTES];
	struct history_item *item;
	struct fs_stat st;
	int k, rc, bad = 0;

	memset(out, 0, sizeof(*out));
	rc = own_exists(f->fs, f->dir, FOLDER_OWN "/" OWN_ROTATING, e);
	if (rc < 0)
		return rc;
	out->waits = rc == 1;
	f->renumbered = false;
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		rotate_name(name, k);
		if ((rc = at_find(f->fs, f->dir, name, &st, e)) < 0)
			return rc;
		if (rc == 0)
			continue;
		item = &out->v[out->n++];
		item->number = k;
		rc = read_item(&l, name, &st, item, e);
		if (rc == ERP_NOMEM || rc == ERP_INTERNAL)
			return rc;
		if (rc != 0) { /* the others are still to be looked at */
			item->health = HISTORY_BAD;
			found(&l, name, "not readable");
		}
		bad += item->health == HISTORY_BAD;
	}
	return bad;
}
