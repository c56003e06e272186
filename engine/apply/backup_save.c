/*
 * Filling a backup: folders, links and copies of what backup_collect.c has
 * listed.  Below backup.c, which makes it durable.
 */
#include "engine/apply/backup_save.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/rotate.h"
#include "engine/apply/space.h"
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

/* Neighbours are linked by one, who keeps their folders open. */
enum { COPY_TRIES = 5, LINKS_AT_ONCE = 64, TOLD_EACH = 256 };

/* A backup being made. */
struct saver {
	struct folder *f;
	const struct tx_names *names;
	struct backup_list *files;
	char newest[ROTATE_NAME_BYTES]; /* the backup whose files come again */
	bool may_clone; /* the file system has not refused to share blocks */
	bool alone; /* no other copy is being made */
	struct backup_entry **todo; /* to be linked; then to be copied, here or
				     * for a twin */
	size_t todo_n;
	size_t done; /* of the others */
	size_t told;
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
copy_fresh(struct saver *s, const char *to, struct backup_entry *x,
    const struct fs_stat *as, struct err *e)
{
	struct owned_like like = {.fd = -1};
	struct copied copy = {
	    .as = as, .of = s->todo_n, .plain = !s->may_clone, .like = &like};
	const struct folder *f = s->f;
	int rc = file_copy(f->fs, (struct at){f->dir, x->path},
	    (struct at){f->own, to}, &copy, e);

	assert(x->twin != NULL && x->how != BACKUP_COPY);
	if (rc != 0)
		return rc;
	if (s->alone)
		s->may_clone = !copy.plain;
	x->twin->lost = like.lost;
	return note_fresh(x, &copy.st, &copy.hash, e);
}

/* A real copy; the record says what was copied: a log may have grown. */
static int
copy_file(struct saver *s, struct backup_entry *x, struct second_copy *second,
    struct err *e)
{
	struct owned_like like = {.fd = -1};
	struct copied copy = {.of = s->todo_n,
	    .plain = !s->may_clone,
	    .second = second,
	    .like = &like};
	const struct folder *f = s->f;
	char to[OWN_PATH_BYTES];
	int rc;

	assert((second != NULL) == (x->twin != NULL));
	if ((rc = own_join(to, s->names->bkp, x->path, e)) != 0 ||
	    (rc = file_copy(f->fs, (struct at){f->dir, x->path},
		 (struct at){f->own, to}, &copy, e)) != 0)
		return rc;
	if (s->alone)
		s->may_clone = !copy.plain;
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
copy_entry(struct saver *s, struct backup_entry *x, struct err *e)
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

/* Blocks, where they can be shared: that also survives a program that writes
 * into a file it should not. */
static int
clone_file(
    struct saver *s, const char *to, struct backup_entry *x, struct err *e)
{
	struct folder *f = s->f;
	int rc = file_clone(
	    f->fs, (struct at){f->dir, x->path}, (struct at){f->own, to}, e);

	assert(s->may_clone);
	if (rc > 0)
		s->may_clone = false;
	else
		x->how = BACKUP_CLONE;
	return rc < 0 ? rc : 0;
}

bool
backup_makes_links(const struct folder *f)
{
	int rc;

	/* The name is one that recovery clears away. */
	(void)fs_unlink(f->fs, f->own, OWN_MODES);
	rc = fs_symlink(f->fs, "x", f->own, OWN_MODES);
	(void)fs_unlink(f->fs, f->own, OWN_MODES);
	return !at_symlink_is_refused(rc);
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
	/* A folder on the way may say the same, and only of itself. */
	if (!at_symlink_is_refused(rc) || backup_makes_links(f)) {
		if (rc == 0)
			rc = fs_utimes(f->fs, f->own, to, x->mtime);
		return rc < 0 ? err_sys(e, -rc, "create link", to) : 0;
	}
	folder_warn(f, x->path,
	    "this disk makes no symbolic links; it is not backed up");
	x->how = BACKUP_LEAVE;
	return 0;
}

/* All but what is linked or copied. */
static int
save_entry(
    struct saver *s, const char *to, struct backup_entry *x, struct err *e)
{
	switch (x->type) {
	case FS_DIR:
		/* Its mode comes last, or nothing could be put into it. */
		return x->there ? 0
				: at_mkdir(s->f->fs, s->f->own, to, 0700, e);
	case FS_SYMLINK:
		return save_link(s, to, x, e);
	case FS_FILE:
		return x->how == BACKUP_SHARE && s->may_clone && !x->there
		    ? clone_file(s, to, x, e)
		    : 0;
	case FS_OTHER:
		break;
	}
	return err_set(e, ERP_INTERNAL, "a thing that has no backup");
}

/* The result for one entry; one that a program removed is only noted. */
static int
saved(const struct saver *s, struct backup_entry *x, int rc)
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

/* So many are done.  May it go on? */
static int
tell(struct saver *s, const struct backup_entry *x, size_t done, struct err *e)
{
	struct event ev = {EVENT_BACKUP, x->path, NULL, done, s->files->n};

	if (done > s->told) {
		observe(s->f->opt.obs, &ev);
		s->told = done;
	}
	return folder_asks(s->f, e);
}

/* The folders that one links from and to. */
struct linker {
	const struct saver *s;
	struct fs_near from, to;
};

/* Another name for the live file, or for what the newest backup has; where that
 * is refused it is to be copied. */
static int
link_one(struct linker *l, struct backup_entry *x, struct err *e)
{
	const struct folder *f = l->s->f;
	char from[OWN_PATH_BYTES], to[OWN_PATH_BYTES];
	struct fs_spot old = {f->dir, x->path, &l->from};
	const struct fs_spot new = {f->own, to, &l->to};
	int rc;

	assert(x->how == BACKUP_SHARE || x->twin == NULL);
	if ((rc = own_join(to, l->s->names->bkp, x->path, e)) != 0)
		return rc;
	if (x->how == BACKUP_AGAIN) {
		if ((rc = own_join(from, l->s->newest, x->path, e)) != 0)
			return rc;
		old.path = from;
	}
	rc = fs_link_near(f->fs, &old, &new);
	if (rc == 0)
		return 0;
	if (!file_link_is_refused(rc))
		return err_sys(e, -rc, "back up", x->path);
	x->how = BACKUP_COPY;
	return 0;
}

static int
link_some(void *arg, size_t i, bool here, struct err *e)
{
	struct saver *s = arg;
	struct linker l = {s, FS_NEAR, FS_NEAR};
	size_t k, end = (i + 1) * LINKS_AT_ONCE;
	int rc = 0;

	end = end < s->todo_n ? end : s->todo_n;
	for (k = i * LINKS_AT_ONCE; rc == 0 && k < end; k++) {
		rc = saved(s, s->todo[k], link_one(&l, s->todo[k], e));
		if (rc == 0 && here)
			rc = tell(s, s->todo[k], s->done + k + 1, e);
	}
	fs_near_close(s->f->fs, &l.from);
	fs_near_close(s->f->fs, &l.to);
	return rc;
}

/* A program that removes its file and makes it again gets some more tries. */
static int
copy_one(void *arg, size_t i, bool here, struct err *e)
{
	struct saver *s = arg;
	struct backup_entry *x = s->todo[i];
	int tries = COPY_TRIES, rc;

	do
		rc = saved(s, x, copy_entry(s, x, e));
	while (rc == ERP_NOTFOUND && x->twin == NULL && --tries > 0);

	return rc == 0 && here ? tell(s, x, s->done + i + 1, e) : rc;
}

/* Folders, symbolic links and shared blocks, parents first. */
static int
save_entries(struct saver *s, struct err *e)
{
	char to[OWN_PATH_BYTES];
	struct backup_entry *x;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->files->n; i++) {
		x = &s->files->v[i];
		if ((rc = own_join(to, s->names->bkp, x->path, e)) == 0)
			rc = saved(s, x, save_entry(s, to, x, e));
		if (rc != 0 ||
		    (x->type == FS_FILE && !x->there && x->how != BACKUP_CLONE))
			continue;
		/* What is there took no time. */
		if (++s->done % TOLD_EACH == 0 || !x->there)
			rc = tell(s, x, s->done, e);
	}
	return rc;
}

static int
link_all(struct saver *s, struct err *e)
{
	struct backup_entry *x;
	size_t i;
	int rc = 0;

	s->todo_n = 0;
	for (i = 0; i < s->files->n; i++) {
		x = &s->files->v[i];
		if (x->type == FS_FILE && !x->vanished && !x->there &&
		    (x->how == BACKUP_SHARE || x->how == BACKUP_AGAIN))
			s->todo[s->todo_n++] = x;
	}
	if (s->todo_n > 0)
		rc = crew_run(s->f->opt.crew, link_some, s,
		    (s->todo_n - 1) / LINKS_AT_ONCE + 1, e);
	return rc;
}

/* By all who are there; the first copy tells whether blocks can be shared. */
static int
copy_all(struct saver *s, struct err *e)
{
	struct backup_entry *x;
	size_t i, first;
	int rc = 0;

	s->todo_n = 0;
	for (i = 0; i < s->files->n; i++) {
		x = &s->files->v[i];
		if (x->type != FS_FILE || x->vanished ||
		    (x->how != BACKUP_COPY && x->twin == NULL))
			continue;
		if (x->how == BACKUP_COPY)
			space_give(s->f, x->taken);
		if (x->twin != NULL)
			space_give(s->f, x->content.size);
		s->todo[s->todo_n++] = x;
	}
	s->done = s->files->n - s->todo_n;
	first = s->may_clone && s->todo_n > 0;
	s->alone = true;
	if (first > 0)
		rc = copy_one(s, 0, true, e);
	s->alone = false;
	s->todo += first;
	s->done += first;
	if (rc == 0)
		rc =
		    crew_run(s->f->opt.crew, copy_one, s, s->todo_n - first, e);
	s->todo -= first;
	return rc;
}

static void
drop_vanished(struct backup_list *files)
{
	size_t i;

	for (i = files->n; i > 0; i--)
		if (files->v[i - 1].vanished)
			backup_list_drop(files, i - 1);
}

int
backup_save(struct folder *f, const struct tx_names *names, struct backup *b,
    struct err *e)
{
	struct saver s = {.f = f, .names = names, .files = &b->files};
	int newest = rotate_newest(f, NULL), rc;

	if (newest > 0)
		rotate_name(s.newest, newest);
	s.may_clone = true;
	if ((s.todo = calloc(b->files.n + 1, sizeof(struct backup_entry *))) ==
	    NULL)
		return err_nomem(e);
	if ((rc = save_entries(&s, e)) == 0 && (rc = link_all(&s, e)) == 0)
		rc = copy_all(&s, e);
	free(s.todo);
	if (rc == 0)
		drop_vanished(&b->files);
	return rc;
}
