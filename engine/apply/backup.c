/*
 * Making a backup: links, copies, record, and all of it on the disk.  In the
 * transaction after the new files are built and before the journal; from here
 * on the old release cannot be lost.
 */
#include "engine/apply/backup.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/space.h"
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

enum { COPY_TRIES = 5 };

/* A backup being made. */
struct saver {
	struct folder *f;
	const struct tx_names *names;
	struct backup_list *files;
	bool may_clone; /* the file system has not refused to share blocks */
	struct backup_entry **copies; /* to be copied, here or for a twin */
	size_t copies_n;
	size_t done; /* of the others */
};

/* The twin of x, which lies there now. */
static int
note_fresh(struct backup_entry *x, const struct fs_stat *st,
    const struct hash *content, struct err *e)
{
	struct backup_twin *twin = x->twin;

	assert(twin != NULL && twin->fresh.content.known);
	if (!hash_equal(content, &twin->fresh.content.hash))
		return err_path(e, ERP_BUSY, x->path,
		    "changed since it was compared; close the program and try "
		    "again");
	identity_of_file(&twin->fresh, st, content);
	return 0;
}

/* Only the twin: the backup has the file already. */
static int
copy_fresh(const struct saver *s, const char *to, struct backup_entry *x,
    const struct fs_stat *as, struct err *e)
{
	struct owned_like like = {.fd = -1};
	struct copied copy = {.as = as, .of = s->copies_n, .like = &like};
	const struct folder *f = s->f;
	int rc = file_copy(f->fs, (struct at){f->dir, x->path},
	    (struct at){f->own, to}, &copy, e);

	assert(x->twin != NULL && x->how != BACKUP_COPY);
	if (rc != 0)
		return rc;
	x->twin->lost = like.lost;
	return note_fresh(x, &copy.st, &copy.hash, e);
}

/* A real copy; the record says what was copied: a log may have grown. */
static int
copy_file(const struct saver *s, struct backup_entry *x,
    struct second_copy *second, struct err *e)
{
	struct owned_like like = {.fd = -1};
	struct copied copy = {
	    .of = s->copies_n, .second = second, .like = &like};
	const struct folder *f = s->f;
	char to[OWN_PATH_BYTES];
	int rc;

	assert((second != NULL) == (x->twin != NULL));
	if ((rc = own_join(to, s->names->bkp, x->path, e)) != 0 ||
	    (rc = file_copy(f->fs, (struct at){f->dir, x->path},
		 (struct at){f->own, to}, &copy, e)) != 0)
		return rc;
	x->content.known = x->hashed = true;
	x->content.hash = copy.hash;
	x->content.size = copy.st.size;
	x->mtime = copy.st.mtime;
	/* Without its ACL the group gets nothing, also when it comes back. */
	if ((like.lost & OWNED_LOST_ATTR) != 0)
		x->mode = copy.st.mode;
	if (second == NULL)
		return 0;
	x->twin->lost = second->lost;
	identity_of_file(&x->twin->saved, &copy.st, &copy.hash);
	return note_fresh(x, &second->st, &copy.hash, e);
}

/* What is still missing of an entry, in one read. */
static int
copy_entry(const struct saver *s, struct backup_entry *x, struct err *e)
{
	char fresh[OWN_PATH_BYTES];
	struct second_copy second = {.to = fresh};

	assert(x->type == FS_FILE);
	assert(x->how == BACKUP_COPY || x->twin != NULL);
	if (x->twin == NULL)
		return copy_file(s, x, NULL, e);
	own_fresh(fresh, s->names, x->twin->number);
	second.st.mode = x->twin->fresh.mode;
	second.st.mtime = x->twin->fresh.mtime;
	if (x->how == BACKUP_COPY)
		return copy_file(s, x, &second, e);
	return copy_fresh(s, fresh, x, &second.st, e);
}

/* A link where blocks cannot be shared: the reflink is tried first, since
 * it also survives a program that writes into a file it should not. */
static int
share_file(
    struct saver *s, const char *to, struct backup_entry *x, struct err *e)
{
	struct folder *f = s->f;
	int rc;

	assert(x->how == BACKUP_SHARE);
	if (s->may_clone) {
		rc = file_clone(f->fs, (struct at){f->dir, x->path},
		    (struct at){f->own, to}, e);
		if (rc <= 0) {
			x->how = BACKUP_CLONE;
			return rc;
		}
		s->may_clone = false;
	}
	rc = fs_link(f->fs, f->dir, x->path, f->own, to);
	if (rc == 0)
		return 0;
	if (!file_link_is_refused(rc))
		return err_sys(e, -rc, "back up", x->path);
	x->how = BACKUP_COPY;
	return 0;
}

/* What others read is shared if it can be, else noted to be copied. */
static int
save_file(
    struct saver *s, const char *to, struct backup_entry *x, struct err *e)
{
	int rc;

	assert(s->copies_n < s->files->n);
	if (x->how == BACKUP_LEAVE)
		return 0;
	if (x->how == BACKUP_SHARE && (rc = share_file(s, to, x, e)) != 0)
		return rc;
	if (x->how == BACKUP_COPY)
		space_give(s->f, x->content.size);
	if (x->twin != NULL)
		space_give(s->f, x->content.size);
	if (x->how == BACKUP_COPY || x->twin != NULL)
		s->copies[s->copies_n++] = x;
	return 0;
}

int
backup_lacks_link(const char *path, struct err *e)
{
	return err_path(e, ERP_BLOCKED, path,
	    "is a symbolic link, and this disk makes none, so it could not be "
	    "brought back; remove it, or leave it out (--exclude)");
}

/* A link that is there though the disk makes none, as a share may show, is in
 * no backup; the record says so. */
static int
save_link(
    struct saver *s, const char *to, struct backup_entry *x, struct err *e)
{
	struct folder *f = s->f;
	int rc = fs_symlink(f->fs, x->target, f->own, to);

	assert(x->type == FS_SYMLINK);
	if (!at_symlink_is_refused(rc)) {
		if (rc == 0)
			rc = fs_utimes(f->fs, f->own, to, x->mtime);
		return rc < 0 ? err_sys(e, -rc, "create link", to) : 0;
	}
	folder_warn(f, x->path,
	    "this disk makes no symbolic links; it is not backed up");
	x->how = BACKUP_LEAVE;
	return 0;
}

/* All but what is copied: that is only noted. */
static int
save_entry(
    struct saver *s, const char *to, struct backup_entry *x, struct err *e)
{
	switch (x->type) {
	case FS_DIR:
		/* Its mode comes last, or nothing could be put into it. */
		return at_mkdir(s->f->fs, s->f->own, to, 0700, e);
	case FS_SYMLINK:
		return save_link(s, to, x, e);
	case FS_FILE:
		return save_file(s, to, x, e);
	case FS_OTHER:
		break;
	}
	return err_set(e, ERP_INTERNAL, "a thing that has no backup");
}

/* The result for one entry; one that a program removed is only noted. */
static int
saved(struct saver *s, struct backup_entry *x, int rc)
{
	struct folder *f = s->f;

	assert(!x->vanished);
	if (rc == ERP_NOTFOUND && x->type != FS_DIR && x->twin == NULL &&
	    own_exists(f->fs, f->dir, x->path, NULL) == 0) {
		x->vanished = true;
		rc = 0;
	}
	return rc;
}

static int
tell(struct saver *s, const struct backup_entry *x, size_t done, struct err *e)
{
	struct event ev = {EVENT_BACKUP, x->path, NULL, done, s->files->n};

	observe(s->f->opt.obs, &ev);
	return folder_asks(s->f, e);
}

/* A program that removes its file and makes it again gets some more tries. */
static int
copy_one(void *arg, size_t i, bool here, struct err *e)
{
	struct saver *s = arg;
	struct backup_entry *x = s->copies[i];
	int tries = COPY_TRIES, rc;

	do
		rc = saved(s, x, copy_entry(s, x, e));
	while (rc == ERP_NOTFOUND && x->twin == NULL && --tries > 0);

	return rc == 0 && here ? tell(s, x, s->done + i + 1, e) : rc;
}

static void
drop_vanished(struct backup_list *files)
{
	size_t i;

	for (i = files->n; i > 0; i--)
		if (files->v[i - 1].vanished)
			backup_list_drop(files, i - 1);
}

/* All entries, parents first; then the copies, by all who are there. */
static int
save_all(struct folder *f, const struct tx_names *names, struct backup *b,
    struct err *e)
{
	struct saver s = {.f = f, .names = names, .files = &b->files};
	char to[OWN_PATH_BYTES];
	struct backup_entry *x;
	size_t i;
	int rc = 0;

	s.may_clone = true;
	if ((s.copies = calloc(b->files.n + 1, sizeof(*s.copies))) == NULL)
		return err_nomem(e);
	for (i = 0; rc == 0 && i < b->files.n; i++) {
		x = &b->files.v[i];
		if ((rc = own_join(to, names->bkp, x->path, e)) == 0)
			rc = saved(&s, x, save_entry(&s, to, x, e));
		/* Those that are only noted are told when they are done. */
		if (rc == 0 && s.done + s.copies_n == i)
			rc = tell(&s, x, ++s.done, e);
	}
	if (rc == 0)
		rc = crew_run(f->opt.crew, copy_one, &s, s.copies_n, e);
	free(s.copies);
	if (rc == 0)
		drop_vanished(&b->files);
	return rc;
}

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
	    (x->type == FS_FILE && x->how != BACKUP_SHARE &&
		x->how != BACKUP_LEAVE);
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
	int rc = at_mkdir(f->fs, f->own, names->bkp, 0700, e);

	if (rc != 0)
		return rc;
	if ((rc = save_all(f, names, b, e)) != 0)
		return rc;
	space_give_rest(f); /* for the records */
	if ((rc = write_record(f, names->bkp, b, e)) != 0 ||
	    (rc = seal_all(f, names->bkp, b, e)) != 0)
		return rc;
	return sync_all(f, names->bkp, b, others, e);
}
