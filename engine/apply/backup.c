/*
 * Making a backup: its files (backup_save.c), record, and all of it on the
 * disk.  In the transaction after the new files are built and before the
 * journal; from here on the old release cannot be lost.
 */
#include "engine/apply/backup.h"

#include "engine/apply/backup_save.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/space.h"
#include "engine/apply/spare.h"
#include "engine/base/buf.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_owned.h"
#include "engine/base/observer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Give a folder its mode and time, and what belongs to the live one; nothing
 * is put into it any more. */
static int
seal_folder(struct folder *f, const char *path, const char *live,
    const struct owned_new *as, struct err *e)
{
	struct owned_like like = {-1, OWNED_SAME, 0};
	struct owned_new to = *as;
	int rc;

	if ((to.fd = at_open(f->fs, f->own, path, FS_DIRECTORY, e)) < 0)
		return to.fd;
	to.path = path;
	like.fd = fs_open(f->fs, f->dir, live, FS_DIRECTORY, 0);
	/* A program may have removed it meanwhile. */
	if (like.fd < 0 && like.fd != -ENOENT && like.fd != -ENOTDIR)
		rc = err_sys(e, -like.fd, "open folder", live);
	else
		rc = owned_set(f->fs, &like, &to, e);
	fs_close_quietly(f->fs, &like.fd);
	fs_close_quietly(f->fs, &to.fd);
	return rc;
}

/* Folders from the deepest up, then the backup's own. */
static int
seal_all(
    struct folder *f, const char *bkp, const struct backup *b, struct err *e)
{
	char path[OWN_PATH_BYTES];
	const struct backup_entry *x;
	struct owned_new as = {.fd = -1};
	struct fs_stat st;
	size_t i;
	int rc;

	for (i = b->files.n; i > 0; i--) {
		x = &b->files.v[i - 1];
		if (x->type != FS_DIR)
			continue;
		as.mode = x->mode;
		as.mtime = &x->mtime;
		if ((rc = own_join(path, bkp, x->path, e)) != 0 ||
		    (rc = seal_folder(f, path, x->path, &as, e)) != 0)
			return rc;
	}
	if ((rc = at_fstat(f->fs, f->dir, f->path, &st, e)) != 0)
		return rc;
	/* It still has to be renamed. */
	as.mode = st.mode | 0700;
	as.mtime = &st.mtime;
	return seal_folder(f, bkp, ".", &as, e);
}

/* Has it bytes or names of its own that need a sync? */
static bool
is_ours(const struct backup_entry *x)
{
	return x->type == FS_DIR ||
	    (x->type == FS_FILE &&
		(x->how == BACKUP_CLONE || x->how == BACKUP_COPY));
}

/*
 * One by one.  The last one first: on file systems with one log its sync
 * does the work for those before it; and folders from the deepest up.
 */
static int
sync_each(
    struct folder *f, const char *bkp, const struct backup *b, struct err *e)
{
	char path[OWN_PATH_BYTES];
	const struct backup_entry *x;
	size_t i;
	int rc;

	for (i = b->files.n; i > 0; i--) {
		x = &b->files.v[i - 1];
		if (!is_ours(x))
			continue;
		if ((rc = own_join(path, bkp, x->path, e)) != 0)
			return rc;
		rc = x->type == FS_DIR
		    ? dir_sync(f->fs, f->own, path, e)
		    : at_sync(f->fs, f->own, path, FS_READ, e);
		if (rc != 0)
			return rc;
	}
	return dir_sync(f->fs, f->own, bkp, e);
}

/* The backup, and the others with it if they are many: then 1, else 0. */
static int
sync_all(struct folder *f, const char *bkp, const struct backup *b,
    size_t others, struct err *e)
{
	size_t i, n = others;
	int each, rc = 0;

	for (i = 0; i < b->files.n; i++)
		n += is_ours(&b->files.v[i]);
	each = fs_syncfs(f->fs, f->own, n);
	if (each < 0)
		return err_sys(e, -each, "sync", f->path);
	if (each)
		rc = sync_each(f, bkp, b, e);
	return rc == 0 ? !each : rc;
}

/* Whoever may read the folder may read what is known of its backups. */
static int
share_folder(struct folder *f, const char *path, struct err *e)
{
	struct fs_stat own;
	uint32_t shown;
	int fd, rc;

	if ((rc = at_fstat(f->fs, f->own, FOLDER_OWN, &own, e)) != 0)
		return rc;
	if ((shown = own.mode & 0044) == 0)
		return 0;
	if ((fd = at_open(f->fs, f->own, path, FS_DIRECTORY, e)) < 0)
		return fd;
	rc = fs_fchmod(
	    f->fs, fd, 0700 | shown | shown >> 2 | (own.mode & FOLDER_SET_GID));
	fs_close_quietly(f->fs, &fd);
	return rc < 0 ? err_sys(e, -rc, "set mode of", path) : 0;
}

/* bkp.TX/.erpsync: the record, and the state as it was. */
static int
write_record(
    struct folder *f, const char *bkp, const struct backup *b, struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct buf bytes;
	int rc;

	if ((rc = own_join(path, bkp, FOLDER_OWN, e)) != 0)
		return rc;
	if ((rc = at_mkdir(f->fs, f->own, path, 0700, e)) != 0 ||
	    (rc = share_folder(f, path, e)) != 0)
		return rc;
	if ((rc = own_exists(f->fs, f->own, OWN_STATE, e)) < 0)
		return rc;
	if (rc == 1 &&
	    ((rc = own_join(path, bkp, BACKUP_STATE, e)) != 0 ||
		(rc = file_copy(f->fs, (struct at){f->own, OWN_STATE},
		     (struct at){f->own, path}, NULL, e)) != 0 ||
		(rc = at_sync(f->fs, f->own, path, FS_READ, e)) != 0))
		return rc;
	if ((rc = own_join(path, bkp, BACKUP_RECORD, e)) != 0)
		return rc;
	buf_init(&bytes, (size_t)512 << 20);
	if ((rc = backup_encode(b, &bytes, e)) == 0)
		rc = folder_write_shared(f, path, &bytes, e);
	buf_release(&bytes);
	return rc;
}

int
backup_make(struct folder *f, const struct tx_names *names, struct backup *b,
    size_t others, struct err *e)
{
	int rc = 0;

	if (!spare_use(f, &b->files, names->bkp))
		rc = at_mkdir(f->fs, f->own, names->bkp, 0700, e);
	if (rc != 0 || (rc = backup_save(f, names, b, e)) != 0)
		return rc;
	space_give_rest(f); /* for the records */
	if ((rc = write_record(f, names->bkp, b, e)) != 0 ||
	    (rc = seal_all(f, names->bkp, b, e)) != 0)
		return rc;
	return sync_all(f, names->bkp, b, others, e);
}
