/*
 * What the preflight and the newest backup tell of live files, so that most of
 * them need not be opened.  Beside backup_collect.c, which asks.
 */
#include "engine/apply/backup_before.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/rotate.h"
#include "engine/base/fs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The disk's clock moves in steps of some seconds.  And who has mapped a file
 * may write to a page again, untold, until it was written back: Linux does that
 * within 35 seconds. */
enum { SURE_S = 60 };

/* What the folder of the newest backup is, or 0: there is none. */
static uint64_t
newest_ino(const struct folder *f, int newest)
{
	char name[ROTATE_NAME_BYTES];
	struct fs_stat st;

	if (newest < 0)
		return 0;
	rotate_name(name, newest);
	return fs_stat(f->fs, f->dir, name, &st) == 0 ? st.ino : 0;
}

void
backup_before_open(struct backup_before *o, struct folder *f)
{
	char name[ROTATE_NAME_BYTES];
	int newest = rotate_newest(f, NULL);
	struct fs_stat st;

	memset(o, 0, sizeof(*o));
	o->f = f;
	o->dir = -1;
	o->near = FS_NEAR;
	backup_init(&o->newest);
	/* Somebody may have removed it meanwhile. */
	if (f->looked != NULL && newest_ino(f, newest) != f->looked_newest)
		backup_before_note(f, NULL);
	if (f->looked != NULL || newest < 0 ||
	    rotate_read(f, newest, &o->newest, NULL) != 1 ||
	    fs_stat(f->fs, f->dir, ".", &st) != 0)
		return;
	o->dev = st.dev;
	rotate_name(name, newest);
	o->dir = fs_open(f->fs, f->dir, name, FS_DIRECTORY, 0);
}

void
backup_before_close(struct backup_before *o)
{
	fs_near_close(o->f->fs, &o->near);
	fs_close_quietly(o->f->fs, &o->dir);
	backup_release(&o->newest);
}

void
backup_before_note(struct folder *f, struct backup_list *list)
{
	if (f->looked != NULL)
		backup_list_release(f->looked);
	free(f->looked);
	f->looked = NULL;
	if (list == NULL || (f->looked = malloc(sizeof(*list))) == NULL)
		return;
	f->looked_newest = newest_ino(f, rotate_newest(f, NULL));
	*f->looked = *list;
	memset(list, 0, sizeof(*list));
}

/* Is x, with its content, what `as` says? */
static bool
is_like(const struct backup_entry *x, const struct backup_entry *as)
{
	return as->type == FS_FILE && as->how != BACKUP_LEAVE &&
	    as->content.size == x->content.size &&
	    stamp_equal(as->mtime, x->mtime) &&
	    (!x->content.known || !as->content.known ||
		hash_equal(&as->content.hash, &x->content.hash));
}

/* x is in the newest backup as `as` says, in this inode. */
static bool
take_again(struct backup_entry *x, const struct backup_entry *as, uint64_t ino)
{
	assert(as->content.known);
	x->how = BACKUP_AGAIN;
	x->again = ino;
	x->content = as->content;
	x->mode = as->mode;
	return true;
}

/* By what the preflight found. */
static bool
was_looked(struct backup_before *o, const struct backup_hint *hint,
    struct backup_entry *x)
{
	const struct backup_entry *as =
	    backup_list_next(o->f->looked, x->path, &o->at);

	if (as == NULL || !is_like(x, as) || as->ino != x->ino ||
	    !stamp_equal(as->changed, x->changed))
		return false;
	x->opened = as->opened;
	if (as->how == BACKUP_AGAIN)
		return (hint == NULL || !hint->goes) &&
		    take_again(x, as, as->again);
	/* Text or not; of what is not pristine nobody has asked. */
	if (hint == NULL || !hint->pristine || !x->opened)
		return false;
	x->how = as->how;
	return true;
}

static bool
find_copy(struct backup_before *o, const char *path)
{
	if (!o->asked)
		o->found = fs_stat_near(
			       o->f->fs, o->dir, path, &o->near, &o->copy) == 0;
	o->asked = true;
	return o->found;
}

bool
backup_before_shares(
    struct backup_before *o, const struct backup_hint *hint, struct fs_stat *st)
{
	o->asked = false;
	if (hint == NULL || hint->ino == 0 || o->dir < 0 ||
	    !find_copy(o, hint->path))
		return false;
	*st = o->copy;
	/* It holds the inode: no other file can have got its number. */
	return st->type == FS_FILE && st->ino == hint->ino &&
	    st->dev == o->dev && !st->mounted;
}

/* Has nothing of the live file changed since this copy was made of it? */
static bool
is_older(const struct fs_stat *live, const struct fs_stat *copy)
{
	return copy->born.s != 0 && live->changed.s + SURE_S < copy->born.s;
}

bool
backup_before_tells(struct backup_before *o, const struct fs_stat *live,
    const struct backup_hint *hint, struct backup_entry *x)
{
	const struct fs_stat *copy = &o->copy;
	const struct backup_entry *as;

	x->ino = live->ino;
	x->changed = live->changed;
	if (o->f->looked != NULL)
		return was_looked(o, hint, x);
	if (o->dir < 0 || (hint != NULL && hint->goes))
		return false;
	as = backup_list_next(&o->newest.files, x->path, &o->at);
	if (as == NULL || !as->content.known || !is_like(x, as) ||
	    !find_copy(o, x->path) || copy->type != FS_FILE ||
	    copy->size != x->content.size || copy->dev != live->dev)
		return false;
	if (copy->ino != live->ino)
		return stamp_equal(copy->mtime, x->mtime) &&
		    is_older(live, copy) && take_again(x, as, copy->ino);
	if (hint == NULL || !hint->pristine)
		return false;
	/* It was no text, and written by updates only. */
	x->how = BACKUP_SHARE;
	x->opened = true;
	return true;
}
