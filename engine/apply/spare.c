/*
 * What is left of the backup that fell out, for the next one.  Between
 * recover.c, which has the garbage, and backup.c, which makes backups.
 */
#include "engine/apply/spare.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

/* A spare that was of no use and has to go: garbage, by its name. */
#define SPENT "trash.spare"

/* Which of the names in a tree stay. */
struct sieve {
	struct folder *f;
	struct backup_list *files; /* NULL: what has another name elsewhere */
	uint64_t dev; /* the disk of the client folder */
	uint32_t uid; /* of .erpsync */
	size_t left; /* files that stayed */
	size_t at; /* where in files the next one is looked for */
	char path[OWN_PATH_BYTES]; /* in the tree, of what is looked at */
};

static int sift(struct sieve *s, const struct at *it, int depth);

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

/* May what lies at s->path stay?  Then x is its entry. */
static bool
stays(struct sieve *s, const struct fs_stat *st, struct backup_entry **x)
{
	bool linked = st->type == FS_FILE && st->nlink > 1;

	*x = NULL;
	if (s->files == NULL)
		return linked ||
		    (st->type == FS_DIR && strcmp(s->path, FOLDER_OWN) != 0);
	if (backup_list_next(s->files, s->path, &s->at) == NULL)
		return false;
	*x = &s->files->v[s->at - 1];
	if ((*x)->type != st->type)
		return false;
	return st->type == FS_DIR || (linked && is_same(s, *x, st));
}

static int
sift_one(struct sieve *s, const struct at *it, int depth)
{
	const struct fs *fs = s->f->fs;
	struct backup_entry *x;
	struct fs_stat st;
	int rc = at_stat(fs, it->dir, it->path, &st, NULL);

	if (rc != 0 || st.mounted)
		return rc != 0 ? rc : ERP_BLOCKED;
	if (!stays(s, &st, &x))
		return st.type == FS_DIR
		    ? tree_remove(fs, it->dir, it->path, NULL)
		    : at_unlink(fs, it->dir, it->path, NULL);
	if (st.type == FS_DIR && (rc = sift(s, it, depth + 1)) != 0)
		return rc;
	s->left += st.type == FS_FILE;
	if (x != NULL)
		x->there = true;
	return 0;
}

/*
 * As a folder that was just made here: nobody else may write there, whosever
 * it was, and whatever mode its live one had.
 */
static int
take(const struct sieve *s, int fd)
{
	const struct fs *fs = s->f->fs;
	struct fs_stat st;
	int rc = fs_fstat(fs, fd, &st);

	if (rc == 0 && st.uid != s->uid)
		rc = fs_fchown(fs, fd, s->uid, FS_AS_IT_IS);
	if (rc == 0)
		rc = fs_fchmod(fs, fd, 0700 | (st.mode & FOLDER_SET_GID));
	return rc < 0 ? ERP_AUTH : 0;
}

/* The names in a folder of the tree, which is the first len bytes of the
 * sieve's path; each is sifted by itself. */
struct sifting {
	const struct sieve *s;
	size_t len;
	int dir, depth;
	struct names list;
	size_t *left; /* of each */
};

static int
sift_name(struct sieve *s, const struct sifting *of, size_t i)
{
	const struct at it = {of->dir, of->list.v[i]};
	size_t len = of->len;

	if (len + strlen(it.path) + 2 > sizeof(s->path))
		return ERP_USAGE;
	if (len > 0)
		s->path[len++] = '/';
	(void)strlcpy(s->path + len, it.path, sizeof(s->path) - len);
	return sift_one(s, &it, of->depth);
}

/* By whoever of the crew has time. */
static int
sift_part(void *arg, size_t i, bool here, struct err *e)
{
	const struct sifting *of = arg;
	struct sieve s = *of->s;
	int rc;

	(void)here;
	(void)e;
	s.left = 0;
	rc = sift_name(&s, of, i);
	of->left[i] = s.left;
	return rc;
}

/* Those of the tree itself, side by side. */
static int
sift_top(struct sieve *s, struct sifting *of)
{
	size_t i;
	int rc;

	if ((of->left = calloc(of->list.n + 1, sizeof(*of->left))) == NULL)
		return ERP_NOMEM;
	rc = crew_run(s->f->opt.crew, sift_part, of, of->list.n, NULL);
	for (i = 0; i < of->list.n; i++)
		s->left += of->left[i];
	free(of->left);
	return rc;
}

/* All in the folder it, which is s->path. */
static int
sift(struct sieve *s, const struct at *it, int depth)
{
	const struct fs *fs = s->f->fs;
	struct sifting of = {s, strlen(s->path), -1, depth, {NULL, 0, 0}, NULL};
	size_t i;
	int rc = depth > RAW_PATH_DEPTH
	    ? ERP_USAGE
	    : at_open(fs, it->dir, it->path, FS_DIRECTORY, NULL);

	if (rc < 0)
		return rc;
	of.dir = rc;
	if ((rc = take(s, of.dir)) == 0)
		rc = names_list(fs, of.dir, s->path, &of.list, NULL);
	if (rc == 0 && depth == 0)
		rc = sift_top(s, &of);
	for (i = 0; depth > 0 && rc == 0 && i < of.list.n; i++)
		rc = sift_name(s, &of, i);
	fs_close_quietly(fs, &of.dir);
	names_release(&of.list);
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
	if (rc != 0 ||
	    (rc = at_fstat(f->fs, f->own, FOLDER_OWN, &st, NULL)) != 0)
		return rc;
	s->uid = st.uid;
	if ((rc = at_stat(f->fs, f->own, name, &st, NULL)) != 0)
		return rc;
	if (st.type != FS_DIR || st.mounted)
		return ERP_BLOCKED;
	return sift(s, &(struct at){f->own, name}, 0);
}

bool
spare_keep(struct folder *f, const char *name)
{
	struct sieve s = {.f = f};

	if (strcmp(name, SPENT) == 0 ||
	    own_exists(f->fs, f->own, OWN_SPARE, NULL) != 0)
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
	/* Who removes garbage says why it stays, if it does. */
	(void)fs_rename(f->fs, f->own, OWN_SPARE, f->own, SPENT, false);
	return false;
}

bool
spare_drop(struct folder *f)
{
	return own_exists(f->fs, f->own, OWN_SPARE, NULL) == 1 &&
	    tree_remove(f->fs, f->own, OWN_SPARE, NULL) == 0;
}

/* Of the open folder dir, as deep as a backup is. */
static uint64_t
bytes_below(const struct fs *fs, int dir, int depth)
{
	struct names list = {NULL, 0, 0};
	struct fs_stat st;
	uint64_t n = 0;
	size_t i;
	int fd;

	if (depth > RAW_PATH_DEPTH ||
	    names_list(fs, dir, OWN_SPARE, &list, NULL) != 0)
		return 0;
	for (i = 0; i < list.n; i++) {
		if (fs_stat(fs, dir, list.v[i], &st) != 0)
			continue;
		if (st.type == FS_FILE && st.nlink == 1)
			n += st.size;
		if (st.type != FS_DIR)
			continue;
		fd = fs_open(fs, dir, list.v[i], FS_DIRECTORY, 0);
		n += fd < 0 ? 0 : bytes_below(fs, fd, depth + 1);
		fs_close_quietly(fs, &fd);
	}
	names_release(&list);
	return n;
}

uint64_t
spare_bytes(const struct folder *f)
{
	uint64_t n = 0;
	int fd =
	    fs_open(f->fs, f->dir, FOLDER_OWN "/" OWN_SPARE, FS_DIRECTORY, 0);

	if (fd >= 0)
		n = bytes_below(f->fs, fd, 0);
	fs_close_quietly(f->fs, &fd);
	return n;
}
