/*
 * The decisions of a rollback: records of backups in, what to do with each
 * path out.  Pure but for reading records; apply_rollback.c does it.
 */
#include "engine/apply/rollback.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/folder_state.h"
#include "engine/apply/identity.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Take a backup without a record for what lies there now. */
static int
open_foreign(struct rollback *r, struct err *e)
{
	struct backup_list *files = &r->target.files;
	char path[OWN_PATH_BYTES];
	struct identity now;
	size_t i;
	int rc;

	r->foreign = true;
	if ((rc = backup_scan(r->f, r->folder, files, e)) != 0)
		return rc;
	if (files->n == 0)
		return err_path(e, ERP_MISMATCH, r->folder,
		    "is empty; nothing was changed");
	for (i = 0; i < files->n; i++) {
		if (files->v[i].type != FS_FILE)
			continue;
		if ((rc = own_join(path, r->folder, files->v[i].path, e)) !=
			0 ||
		    (rc = identity_read(
			 r->f->fs, r->f->dir, path, true, &now, e)) != 0)
			return rc;
		files->v[i].content.known = true;
		files->v[i].content.hash = now.content.hash;
	}
	return 0;
}

/* Its files are good without the state, which says only whose they are. */
static int
open_state(struct rollback *r, struct err *e)
{
	const struct folder *f = r->f;
	char path[OWN_PATH_BYTES];
	int rc;

	if ((rc = own_join(path, r->folder, BACKUP_STATE, e)) != 0 ||
	    (rc = backup_state(
		 f->fs, f->dir, r->folder, &r->target, &r->then, e)) != 0)
		return rc;
	if (r->target.has_from && !r->then.known && !r->then.unread)
		folder_warn(f, path,
		    "is missing or damaged; the backup's files come back, and "
		    "the next update finds out of which release they are");
	return 0;
}

static int
open_target(struct rollback *r, struct err *e)
{
	const struct folder *f = r->f;
	char record[OWN_PATH_BYTES];
	int rc = own_join(record, r->folder, BACKUP_RECORD, e);

	/* A record that is none any more is damage, not another program. */
	if (rc != 0 || (rc = own_exists(f->fs, f->dir, record, e)) < 0)
		return rc;
	if (rc == 0)
		return open_foreign(r, e);
	rc = backup_read(f->fs, f->dir, r->folder, &r->target, e);
	return rc != 0 ? rc : open_state(r, e);
}

int
rollback_open(struct rollback *r, int number, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	struct folder *f = r->f;
	struct err why;
	int k, rc;

	assert(r->f != NULL && r->newer_n == 0);
	if (number < 0 || number > ROTATE_REPAIRED)
		return err_set(e, ERP_USAGE,
		    "there is no backup number %d; give 1, 2 or 3", number);
	if (number == 0 && (number = rotate_newest(f, e)) < 0)
		return number;
	rotate_name(r->folder, number);
	if ((rc = own_exists(f->fs, f->dir, r->folder, e)) < 0)
		return rc;
	if (rc == 0)
		return err_path(
		    e, ERP_NOTFOUND, r->folder, "there is no such backup");
	if ((rc = open_target(r, e)) != 0)
		return rc;
	for (k = ROTATE_REPAIRED; k >= number; k--) {
		rotate_name(name, k);
		if ((rc = backup_identify(f->fs, f->dir, name, e)) < 0)
			return rc;
		if (rc == 0)
			continue;
		assert(r->newer_n < ROTATE_REPAIRED);
		rc = backup_read(
		    f->fs, f->dir, name, &r->newer[r->newer_n], &why);
		if (rc == 0)
			r->newer_number[r->newer_n++] = k;
		else if (rc != ERP_CORRUPT && rc != ERP_NEWER)
			return err_set(e, rc, "%s", why.msg);
		else
			folder_warn(f, name, why.msg);
	}
	return 0;
}

void
rollback_release(struct rollback *r)
{
	int k;

	state_release(&r->then);
	backup_release(&r->target);
	for (k = 0; k < r->newer_n; k++)
		backup_release(&r->newer[k]);
	r->newer_n = 0;
}

const struct backup_entry *
rollback_latest(const struct rollback *r, const char *path)
{
	const struct backup_entry *x;
	int k;

	for (k = 0; k < r->newer_n; k++)
		if ((x = backup_list_find(&r->newer[k].written, path)) != NULL)
			return x;
	return NULL;
}

/* Has the live thing of stat st the content that the record says? */
static int
has_content(struct folder *f, const struct backup_entry *x,
    const struct fs_stat *st, struct err *e)
{
	char target[OWN_PATH_BYTES];
	struct identity now;
	int rc;

	if (st->type != x->type)
		return 0;
	if (st->type == FS_DIR)
		return 1;
	if (st->type == FS_SYMLINK) {
		rc = at_readlink(
		    f->fs, f->dir, x->path, target, sizeof(target), e);
		if (rc < 0)
			return rc;
		return x->target != NULL && strcmp(target, x->target) == 0;
	}
	if (st->size != x->content.size)
		return 0;
	/* Builds that date all files alike are not told apart by time. */
	if (!x->content.known)
		return stamp_equal(st->mtime, x->mtime);
	rc = identity_read(f->fs, f->dir, x->path, true, &now, e);
	return rc != 0 ? rc : hash_equal(&now.content.hash, &x->content.hash);
}

/* What the release of the backup, or the installed one, has there, or NULL. */
static const struct entry *
find_then(const struct rollback *r, const struct backup_entry *x)
{
	return r->then.known
	    ? manifest_find(&r->then.manifest, backup_entry_kept(x))
	    : NULL;
}

static const struct entry *
find_now(const struct rollback *r, const char *path)
{
	return r->f->state.known ? manifest_find(folder_installed(r->f), path)
				 : NULL;
}

static bool
is_same_entry(const struct entry *a, const struct entry *b)
{
	if (a->type != b->type || a->exec != b->exec ||
	    !stamp_equal(a->mtime, b->mtime))
		return false;
	if (a->type == ENTRY_SYMLINK)
		return strcmp(a->target, b->target) == 0;
	return a->type == ENTRY_DIR ||
	    hash_equal(&a->content.hash, &b->content.hash);
}

/* Has the installed release another thing there than the backup's?  Then an
 * update since wrote it, though its record may be gone. */
static bool
is_of_newer_release(const struct rollback *r, const struct backup_entry *x)
{
	const struct entry *then = find_then(r, x);
	const struct entry *now = find_now(r, x->path);

	return then != NULL && now != NULL && !is_same_entry(then, now);
}

/* Did an update since write what x is to take the place of? */
static bool
is_of_update(const struct rollback *r, const struct backup_entry *x)
{
	const struct backup_entry *last = rollback_latest(r, x->path);

	return (last != NULL && !last->gone) || is_of_newer_release(r, x);
}

/* Exactly as the backup has it, time and exec bit too; other programs' copies
 * may have been given times of their own. */
static int
is_as_backed_up(const struct rollback *r, const struct backup_entry *x,
    const struct fs_stat *st, struct err *e)
{
	if (st->type == FS_FILE &&
	    ((!r->foreign && !stamp_equal(st->mtime, x->mtime)) ||
		((st->mode ^ x->mode) & 0100) != 0))
		return 0;
	/* Of a link the time counts where an update gave it another. */
	if (st->type == FS_SYMLINK && !stamp_equal(st->mtime, x->mtime) &&
	    (rollback_latest(r, x->path) != NULL || is_of_update(r, x)))
		return 0;
	return has_content(r->f, x, st, e);
}

void
rollback_of_release(const struct entry *x, struct backup_entry *out)
{
	memset(out, 0, sizeof(*out));
	out->path = x->path;
	out->target = x->target;
	out->content = x->content;
	out->mtime = x->mtime;
	out->type = x->type == ENTRY_DIR ? FS_DIR
	    : x->type == ENTRY_SYMLINK   ? FS_SYMLINK
					 : FS_FILE;
}

/* Is the live thing as the last record has it?  Or as the installed release
 * has it, as it is after an update whose record is gone. */
static int
is_as_written(struct rollback *r, const struct backup_entry *x,
    const struct fs_stat *st, struct err *e)
{
	const struct backup_entry *last = rollback_latest(r, x->path);
	const struct entry *now = find_now(r, x->path);
	struct backup_entry as;
	int rc = 0;

	if (last != NULL && !last->gone)
		rc = has_content(r->f, last, st, e);
	/* What both releases have alike is the user's if no record tells. */
	if (rc != 0 || now == NULL ||
	    (find_then(r, x) != NULL && !is_of_update(r, x)))
		return rc;
	rollback_of_release(now, &as);
	return has_content(r->f, &as, st, e);
}

static int
decide_missing(const struct rollback *r, const struct backup_entry *x)
{
	if (r->all || r->foreign || rollback_latest(r, x->path) != NULL ||
	    x->type == FS_DIR)
		return ROLLBACK_ADD;
	/* What only the user removed stays removed. */
	return r->f->state.known && find_then(r, x) != NULL &&
		find_now(r, x->path) == NULL
	    ? ROLLBACK_ADD
	    : ROLLBACK_KEEP;
}

/* A folder stands for a file, or a file for a folder. */
static int
decide_type(struct rollback *r, const struct backup_entry *x,
    const struct fs_stat *st, struct err *e)
{
	bool takes = r->all || (r->foreign && st->type != FS_DIR);
	int rc = takes && st->type != FS_OTHER;

	if (rc == 0)
		rc = is_as_written(r, x, st, e);
	if (rc < 0)
		return rc;
	return rc == 1
	    ? ROLLBACK_RETYPE
	    : err_path(e, ERP_BLOCKED, x->path,
		  "is in the way of the backup's file of this name; move it "
		  "away");
}

/* Does this record's backup share the live file's inode? */
static int
is_shared(struct rollback *r, int k, const struct backup_entry *x,
    const struct fs_stat *st, struct err *e)
{
	char name[ROTATE_NAME_BYTES], path[OWN_PATH_BYTES];
	struct fs_stat kept;
	int rc;

	rotate_name(name, r->newer_number[k]);
	if ((rc = own_join(path, name, backup_entry_kept(x), e)) != 0)
		return rc;
	rc = at_find(r->f->fs, r->f->dir, path, &kept, e);
	return rc == 1 ? kept.dev == st->dev && kept.ino == st->ino : rc;
}

/*
 * Backups share programs as their release has them, which updates replace
 * and never write to: other bytes there are damage, not somebody's work.
 */
static int
is_damaged(struct rollback *r, const char *path, const struct fs_stat *st,
    struct err *e)
{
	const struct backup_entry *x;
	int k, rc;

	if (st->type != FS_FILE || st->nlink < 2)
		return 0;
	for (k = 0; k < r->newer_n; k++) {
		x = backup_list_find(&r->newer[k].files, path);
		if (x == NULL || x->type != FS_FILE || !x->content.known)
			continue;
		if ((rc = is_shared(r, k, x, st, e)) == 0)
			continue;
		if (rc == 1)
			rc = has_content(r->f, x, st, e);
		return rc < 0 ? rc : rc == 0;
	}
	return 0;
}

/* What no update wrote, or a text that is not as an update wrote it. */
static int
decide_edited(struct rollback *r, const char *path, const struct fs_stat *st,
    struct err *e)
{
	int rc = is_damaged(r, path, st, e);

	if (rc <= 0)
		return rc < 0 ? rc : ROLLBACK_KEEP;
	if (!r->leave_damaged)
		return ROLLBACK_REPLACE;
	folder_warn(r->f, path,
	    "was written to in place and is damaged, in the backups too; it "
	    "stays until an update repairs it");
	return ROLLBACK_KEEP;
}

int
rollback_decide(struct rollback *r, const struct backup_entry *x, struct err *e)
{
	struct folder *f = r->f;
	struct fs_stat st;
	int rc;

	if (x->how == BACKUP_LEAVE)
		return ROLLBACK_KEEP;
	rc = at_find(f->fs, f->dir, x->path, &st, e);
	if (rc == 0)
		return decide_missing(r, x);
	/* It is mounted, or its folder is. */
	if (rc != 1)
		return e->sys == EXDEV ? ROLLBACK_KEEP : rc;
	if (st.mounted)
		return ROLLBACK_KEEP;
	if (st.type == FS_DIR && x->type == FS_DIR)
		return ROLLBACK_KEEP;
	if (st.type == FS_DIR || x->type == FS_DIR || st.type == FS_OTHER)
		return decide_type(r, x, &st, e);
	if ((rc = is_as_backed_up(r, x, &st, e)) != 0)
		return rc < 0 ? rc : ROLLBACK_KEEP;
	if (r->all || r->foreign)
		return ROLLBACK_REPLACE;
	/* Only what updates wrote is taken back. */
	if ((rc = is_as_written(r, x, &st, e)) != 0)
		return rc < 0 ? rc : ROLLBACK_REPLACE;
	if (!is_of_update(r, x))
		return decide_edited(r, x->path, &st, e);
	if (st.type != FS_FILE)
		return ROLLBACK_REPLACE;
	/* Edited since: a text is the user's work, a program is damaged. */
	if ((rc = backup_is_text(f, x->path, e)) < 0)
		return rc;
	return rc == 1 ? decide_edited(r, x->path, &st, e) : ROLLBACK_REPLACE;
}

/* An update wrote x where nothing was: what is live goes if it still is that.
 */
static int
decide_written(const struct rollback *r, const struct backup_entry *x,
    const struct fs_stat *st, struct err *e)
{
	int rc = has_content(r->f, x, st, e);

	if (rc <= 0)
		return rc < 0 ? rc : ROLLBACK_KEEP;
	return st->type == FS_DIR ? ROLLBACK_RMDIR : ROLLBACK_REMOVE;
}

/* Is something there that could be what an update wrote?  Nothing that is
 * mounted, or whose folder is. */
static int
find_written(const struct rollback *r, const struct backup_entry *x,
    struct fs_stat *st, struct err *e)
{
	int rc = at_find(r->f->fs, r->f->dir, x->path, st, e);

	if (rc < 0)
		return e->sys == EXDEV ? 0 : rc;
	return rc == 1 && !st->mounted;
}

int
rollback_decide_newer(
    struct rollback *r, const struct backup_entry *x, struct err *e)
{
	struct fs_stat st;
	int rc;

	if (x->gone || rollback_latest(r, x->path) != x ||
	    backup_list_find(&r->target.files, x->path) != NULL)
		return ROLLBACK_KEEP;
	if ((rc = find_written(r, x, &st, e)) != 1)
		return rc < 0 ? rc : ROLLBACK_KEEP;
	return decide_written(r, x, &st, e);
}

int
rollback_decide_release(
    struct rollback *r, const struct backup_entry *x, struct err *e)
{
	const struct backup_entry *last = rollback_latest(r, x->path);
	struct fs_stat st;
	int rc;

	if (backup_list_find(&r->target.files, x->path) != NULL)
		return ROLLBACK_KEEP;
	if ((rc = find_written(r, x, &st, e)) != 1)
		return rc < 0 ? rc : ROLLBACK_KEEP;
	/* As the last record has it, it is decided as that. */
	if (last != NULL && !last->gone &&
	    (rc = has_content(r->f, last, &st, e)) != 0)
		return rc < 0 ? rc : ROLLBACK_KEEP;
	return decide_written(r, x, &st, e);
}

int
rollback_decide_live(const struct rollback *r, const struct backup_entry *x)
{
	if (backup_list_find(&r->target.files, x->path) != NULL)
		return ROLLBACK_KEEP; /* decided as an entry of the backup */
	/* What the backup to be made leaves out must not go. */
	if (x->how == BACKUP_LEAVE && rollback_latest(r, x->path) == NULL)
		return ROLLBACK_KEEP;
	return x->type == FS_DIR ? ROLLBACK_RMDIR : ROLLBACK_REMOVE;
}
