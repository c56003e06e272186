/*
 * A transaction up to its journal: new files and their identities.  Update and
 * rollback add their operations here; txn_commit.c takes it from there.
 */
#include "engine/apply/txn.h"

#include "engine/apply/backup_before.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/ini_base.h"
#include "engine/apply/recover.h"
#include "engine/apply/space.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_owned.h"
#include "engine/base/who.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_TRIES = 64, NEW_DIR_MODE = 0755 };

/* Names that nothing has; time makes them differ between backups. */
static int
choose_names(struct txn *t, struct err *e)
{
	const struct clock *c = t->f->opt.clock;
	uint64_t tx = (uint64_t)clock_s(c) << 20 | (clock_ms(c) & 0xfffff);
	int i, rc = 1;

	for (i = 0; i < NAME_TRIES; i++) {
		t->j.tx = tx + (uint64_t)i;
		tx_names_of(t->j.tx, &t->names);
		if ((rc = own_exists(t->f->fs, t->f->own, t->names.tmp, e)) ==
			0 &&
		    (rc = own_exists(t->f->fs, t->f->own, t->names.bkp, e)) ==
			0)
			rc = own_exists(t->f->fs, t->f->own, t->names.trash, e);
		if (rc <= 0)
			return rc;
	}
	return err_set(e, ERP_IO,
	    "unfinished updates in .erpsync cannot be removed; remove the "
	    "folders tmp.*, bkp.* and trash.* in it");
}

/* An earlier transaction of this process may have failed to clean up. */
static int
settle_earlier(struct folder *f, struct err *e)
{
	int journal, committed, rc;

	if (f->own < 0 || f->opt.read_only)
		return err_set(e, ERP_INTERNAL, "the folder is read-only");
	if (f->stuck)
		return err_set(e, ERP_CORRUPT,
		    "recovery required: an earlier update of this folder has "
		    "an unknown outcome; run erpsync recover");
	if ((journal = own_exists(f->fs, f->own, OWN_JOURNAL, e)) < 0)
		return journal;
	if ((committed = own_exists(f->fs, f->own, OWN_COMMITTED, e)) < 0)
		return committed;
	if (!journal && !committed)
		return 0;
	/* Backups may get other numbers. */
	backup_before_note(f, NULL);
	if ((rc = recover_run(f, e)) != 0)
		return rc;
	return folder_state_load(f, OWN_STATE, e);
}

int
txn_begin(struct txn *t, struct folder *f, struct err *e)
{
	const struct clock *c = f->opt.clock;
	int rc;

	memset(t, 0, sizeof(*t));
	t->f = f;
	t->near = t->home = FS_NEAR;
	journal_init(&t->j, 0);
	backup_init(&t->b);
	manifest_init(&t->next.manifest, who_os());
	if ((rc = settle_earlier(f, e)) != 0 || (rc = choose_names(t, e)) != 0)
		return rc;
	/* A crash may have kept who installed this release from it. */
	ini_base_note(f);
	if ((rc = at_disk(f->fs, f->dir, f->path, &t->j.dev, e)) != 0)
		return rc;
	t->b.id = t->j.tx;
	t->b.date = clock_s(c);
	t->begun = true;
	return at_mkdir(f->fs, f->own, t->names.tmp, 0700, e);
}

int
txn_add(struct txn *t, enum op_kind kind, const char *path, struct op **out,
    struct err *e)
{
	struct folder *f = t->f;
	uint32_t beside = f->opt.beside == 0 ? OWN_BESIDE : f->opt.beside;
	char home[OWN_PATH_BYTES];
	int rc = journal_add(&t->j, kind, path, out, e);

	assert(t->begun);
	if (rc != 0)
		return rc;
	(*out)->number = own_number((uint32_t)t->j.n, beside);
	if (t->j.n % beside != 0)
		return 0;
	own_home(home, &t->names, own_home_of((*out)->number));
	space_give(f, 1);
	return at_mkdir(f->fs, f->own, home, 0700, e);
}

int
txn_old(struct txn *t, struct op *op, bool with_hash, struct err *e)
{
	const struct fs *fs = t->f->fs;
	struct fs_stat st;
	int rc;

	assert(t->begun);
	assert(op->kind == OP_DELETE || op->kind == OP_REPLACE);
	if (with_hash) {
		rc = identity_read(fs, t->f->dir, op->path, true, &op->old, e);
	} else if ((rc = fs_stat_near(fs, t->f->dir, op->path, &t->near, &st)) <
	    0) {
		rc = err_sys(e, -rc, "stat", op->path);
	} else {
		identity_of_stat(&op->old, &st);
	}
	if (rc == ERP_NOTFOUND)
		return err_path(e, ERP_BUSY, op->path,
		    "vanished during the update; try again");
	if (rc == 0 && op->old.type == FS_OTHER)
		return err_path(e, ERP_BLOCKED, op->path,
		    "is no file, folder or link; move it away");
	return rc;
}

/* The folder that path will lie in, open as long as t wants; where it is yet
 * to come, the one above it. */
static int
home_of(struct txn *t, const char *path, struct err *e)
{
	const struct fs *fs = t->f->fs;
	char above[OWN_PATH_BYTES];
	char *slash;
	int fd = -1;

	(void)strlcpy(above, path, sizeof(above));
	while (fd < 0) {
		if ((slash = strrchr(above, '/')) == NULL)
			return t->f->dir;
		*slash = '\0';
		if (t->home.fd >= 0 && strcmp(t->home.above, above) == 0)
			return t->home.fd;
		fd = fs_open(fs, t->f->dir, above, FS_DIRECTORY, 0);
		if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR && fd != -ELOOP)
			return err_sys(e, -fd, "open folder", above);
	}
	fs_near_close(fs, &t->home);
	t->home.fd = fd;
	(void)strlcpy(t->home.above, above, sizeof(t->home.above));
	return fd;
}

/* Give the new thing of op all that it is to have, and see how it lies. */
static int
finish_fresh(struct txn *t, struct op *op, struct owned_like *like,
    const struct owned_new *to, struct fs_stat *st, struct err *e)
{
	int rc = owned_set(t->f->fs, like, to, e);

	if (rc == 0)
		rc = at_fstat(t->f->fs, to->fd, to->path, st, e);
	op->lost = like->lost;
	return rc;
}

int
txn_fresh_dir(struct txn *t, struct op *op, const char *like, uint32_t mode,
    struct err *e)
{
	struct owned_like from = {-1, OWNED_BORN, 0};
	const struct fs *fs = t->f->fs;
	char path[OWN_PATH_BYTES];
	struct owned_new to = {.path = path, .mode = NEW_DIR_MODE};
	struct fs_stat st;
	int rc, opened = -1;

	assert(t->begun);
	assert(op->kind == OP_ADD || op->kind == OP_REPLACE);
	own_fresh(path, &t->names, op->number);
	if ((rc = at_mkdir(fs, t->f->own, path, NEW_DIR_MODE, e)) != 0 ||
	    (rc = at_open(fs, t->f->own, path, FS_DIRECTORY, e)) < 0)
		return rc;
	to.fd = rc;
	if (like == NULL) {
		rc = from.fd = home_of(t, op->path, e);
	} else {
		from.how = OWNED_SAME;
		to.mode = mode;
		rc = from.fd = opened =
		    at_open(fs, t->f->dir, like, FS_DIRECTORY, e);
	}
	/* The umask must not decide who may run the client. */
	if (rc >= 0)
		rc = finish_fresh(t, op, &from, &to, &st, e);
	fs_close_quietly(fs, &opened);
	fs_close_quietly(fs, &to.fd);
	if (rc == 0)
		identity_of_stat(&op->fresh, &st);
	return rc;
}

int
txn_fresh_link(struct txn *t, struct op *op, const char *target,
    const struct fresh *as, struct err *e)
{
	const struct fs *fs = t->f->fs;
	char path[OWN_PATH_BYTES];
	int rc;

	assert(target != NULL);
	assert(t->begun);
	assert(op->kind == OP_ADD || op->kind == OP_REPLACE);
	own_fresh(path, &t->names, op->number);
	if ((rc = fs_symlink(fs, target, t->f->own, path)) < 0)
		return err_sys(e, -rc, "create link", path);
	rc = fs_utimes(fs, t->f->own, path, as->mtime);
	if (rc < 0)
		return err_sys(e, -rc, "set time of", path);
	return identity_read(fs, t->f->own, path, true, &op->fresh, e);
}

int
txn_fresh_file(
    struct txn *t, struct op *op, const struct fresh *as, struct err *e)
{
	bool replaces = op->kind == OP_REPLACE && op->old.type == FS_FILE;
	struct owned_like like = {-1, OWNED_BORN, 0};
	const struct fs *fs = t->f->fs;
	char path[OWN_PATH_BYTES];
	struct owned_new to = {-1, path, as->mode, &as->mtime};
	struct fs_stat st;
	int rc, live = -1;

	assert(as->hash != NULL);
	assert(t->begun);
	assert(op->kind == OP_ADD || op->kind == OP_REPLACE);
	own_fresh(path, &t->names, op->number);
	if ((to.fd = at_open(fs, t->f->own, path, FS_READ, e)) < 0)
		return to.fd;
	if (replaces) {
		like.how = OWNED_OTHER;
		rc = like.fd = live =
		    at_open(fs, t->f->dir, op->path, FS_READ, e);
	} else {
		rc = like.fd = home_of(t, op->path, e);
	}
	if (rc >= 0)
		rc = finish_fresh(t, op, &like, &to, &st, e);
	fs_close_quietly(fs, &live);
	fs_close_quietly(fs, &to.fd);
	if (rc == 0)
		identity_of_file(&op->fresh, &st, as->hash);
	return rc;
}

int
txn_state(struct txn *t, const struct manifest *m, struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct buf b;
	int rc;

	assert(t->begun && !t->next.known);
	buf_init(&b, (size_t)MANIFEST_MAX_BYTES + 4096);
	t->next.installed_at = t->b.date;
	if ((rc = state_encode(m, t->b.date, &t->next.release, &b, e)) == 0 &&
	    (rc = own_join(path, t->names.tmp, OWN_STATE, e)) == 0 &&
	    (rc = folder_write_shared(t->f, path, &b, e)) == 0)
		rc = manifest_copy(&t->next.manifest, m, e);
	buf_release(&b);
	t->next.known = rc == 0;
	t->j.has_state = rc == 0;
	return rc;
}

void
txn_end(struct txn *t)
{
	fs_near_close(t->f->fs, &t->near);
	fs_near_close(t->f->fs, &t->home);
	/* A failed one: its journal is gone, so all of it is garbage. */
	space_drop(t->f);
	if (t->begun && !t->f->stuck)
		recover_collect(t->f);
	journal_release(&t->j);
	backup_release(&t->b);
	backup_hints_release(&t->hints);
	free(t->twins);
	state_release(&t->next);
}
