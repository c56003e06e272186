/*
 * What is left of the backup that fell out, for the next one.  Between
 * recover.c, which has the garbage, and backup.c, which makes backups.
 */
#include "engine/apply/spare.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <string.h>

/* Which of the names in a tree stay. */
struct sieve {
	struct folder *f;
	struct backup_list *files; /* NULL: what has another name elsewhere */
	uint64_t dev; /* the disk of the client folder */
	size_t left; /* files that stayed */
};

/* A name in an open folder, and what it is in the tree. */
struct spot {
	int dir;
	const char *name;
	const char *path;
};

static int sift(struct sieve *s, const struct spot *at, uint32_t mode);

/* Is x, which shares its inode with another file, that one? */
static bool
is_same(const struct sieve *s, const struct backup_entry *x,
    const struct fs_stat *st)
{
	uint64_t ino = x->how == BACKUP_SHARE ? x->ino : x->again;

	return (x->how == BACKUP_SHARE || x->how == BACKUP_AGAIN) &&
	    st->dev == s->dev && st->ino == ino &&
	    st->size == x->content.size && stamp_equal(st->mtime, x->mtime);
}

/* May what lies there stay? */
static bool
stays(const struct sieve *s, const char *path, const struct fs_stat *st,
    struct backup_entry **x)
{
	bool linked = st->type == FS_FILE && st->nlink > 1;

	*x = NULL;
	if (s->files == NULL)
		return linked ||
		    (st->type == FS_DIR && strcmp(path, FOLDER_OWN) != 0);
	*x = backup_list_find(s->files, path);
	if (*x == NULL || (*x)->type != st->type)
		return false;
	return st->type == FS_DIR || (linked && is_same(s, *x, st));
}

static int
sift_one(struct sieve *s, const struct spot *at)
{
	const struct fs *fs = s->f->fs;
	struct backup_entry *x;
	struct fs_stat st;
	int rc = at_stat(fs, at->dir, at->name, &st, NULL);

	if (rc != 0 || st.mounted)
		return rc != 0 ? rc : ERP_BLOCKED;
	if (!stays(s, at->path, &st, &x))
		return st.type == FS_DIR
		    ? tree_remove(fs, at->dir, at->name, NULL)
		    : at_unlink(fs, at->dir, at->name, NULL);
	if (x != NULL)
		x->there = true;
	s->left += st.type == FS_FILE;
	return st.type == FS_DIR ? sift(s, at, st.mode) : 0;
}

/* All in the folder at. */
static int
sift(struct sieve *s, const struct spot *at, uint32_t mode)
{
	char below[OWN_PATH_BYTES];
	const struct fs *fs = s->f->fs;
	struct names list = {NULL, 0, 0};
	struct spot in = {-1, NULL, below};
	size_t i;
	int rc = at_open(fs, at->dir, at->name, FS_DIRECTORY, NULL);

	if (rc < 0)
		return rc;
	in.dir = rc;
	/* As its live folder was, perhaps. */
	if ((mode & 0700) != 0700)
		(void)fs_fchmod(fs, in.dir, mode | 0700);
	rc = names_list(fs, in.dir, at->path, &list, NULL);
	for (i = 0; rc == 0 && i < list.n; i++) {
		in.name = list.v[i];
		if ((rc = own_join(below, at->path, in.name, NULL)) == 0)
			rc = sift_one(s, &in);
	}
	fs_close_quietly(fs, &in.dir);
	names_release(&list);
	return rc;
}

/* The tree that lies in .erpsync as name: 0 if it is a folder and only what
 * may stay is left of it. */
static int
sift_tree(struct sieve *s, const char *name)
{
	const struct folder *f = s->f;
	struct fs_stat st;
	int rc = at_stat(f->fs, f->dir, ".", &st, NULL);

	s->dev = st.dev;
	if (rc != 0 || (rc = at_stat(f->fs, f->own, name, &st, NULL)) != 0)
		return rc;
	if (st.type != FS_DIR || st.mounted)
		return ERP_BLOCKED;
	return sift(s, &(struct spot){f->own, name, ""}, st.mode);
}

bool
spare_keep(struct folder *f, const char *name)
{
	struct sieve s = {.f = f};

	if (own_exists(f->fs, f->own, OWN_SPARE, NULL) != 0)
		return false;
	return sift_tree(&s, name) == 0 && s.left > 0 &&
	    fs_rename(f->fs, f->own, name, f->own, OWN_SPARE, false) == 0;
}

bool
spare_use(struct folder *f, struct backup_list *files, const char *bkp)
{
	struct sieve s = {.f = f, .files = files};
	size_t i;

	assert(strcmp(bkp, OWN_SPARE) != 0);
	if (own_exists(f->fs, f->own, OWN_SPARE, NULL) == 0)
		return false;
	if (sift_tree(&s, OWN_SPARE) == 0 &&
	    fs_rename(f->fs, f->own, OWN_SPARE, f->own, bkp, false) == 0)
		return true;
	for (i = 0; i < files->n; i++)
		files->v[i].there = false;
	(void)spare_drop(f);
	return false;
}

bool
spare_drop(struct folder *f)
{
	return own_exists(f->fs, f->own, OWN_SPARE, NULL) == 1 &&
	    tree_remove(f->fs, f->own, OWN_SPARE, NULL) == 0;
}
