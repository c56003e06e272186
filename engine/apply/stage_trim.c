/*
 * What goes from the receiving area: all of it when an update is done, and of
 * updates that were cut and never went on what the wanted release does not
 * name, once that is known, so that a server that never finishes does not fill
 * the disk.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

/* The contents of a release, sorted; the caller's to free. */
static struct hash *
contents_of(const struct manifest *m, size_t *n)
{
	struct hash *v = calloc(m->n + 1, sizeof(*v));
	size_t i;

	*n = 0;
	for (i = 0; v != NULL && i < m->n; i++)
		if (m->v[i].content.known)
			v[(*n)++] = m->v[i].content.hash;
	if (v != NULL)
		qsort(v, *n, sizeof(*v), compare_hashes);
	return v;
}

struct trim {
	struct folder *f;
	int dir; /* recv/ */
	const struct hash *keep; /* sorted */
	size_t n;
	/* The part written last, if there is one: only one blob comes at a
	 * time. */
	char part[STAGE_NAME_BYTES];
	struct stamp written;
};

/* A part stays until one is seen that was written after it. */
static int
trim_part(struct trim *t, const char *name, struct err *e)
{
	char gone[STAGE_NAME_BYTES];
	struct fs_stat st;

	(void)strlcpy(gone, name, sizeof(gone));
	if (fs_stat(t->f->fs, t->dir, name, &st) == 0 &&
	    (t->part[0] == '\0' || st.mtime.s > t->written.s ||
		(st.mtime.s == t->written.s && st.mtime.ns >= t->written.ns))) {
		(void)strlcpy(gone, t->part, sizeof(gone));
		(void)strlcpy(t->part, name, sizeof(t->part));
		t->written = st.mtime;
	}
	return gone[0] == '\0' ? 0 : tree_remove(t->f->fs, t->dir, gone, e);
}

/* As an earlier erpsync had them, all in recv/ itself: where it cannot get its
 * place it is received again. */
static int
send_home(
    struct trim *t, const char *name, const struct hash *hash, struct err *e)
{
	const struct fs *fs = t->f->fs;
	struct err late;
	int home = stage_home(t->f, t->dir, hash, true, &late);
	int rc =
	    home < 0 ? home : fs_rename(fs, t->dir, name, home, name, true);

	fs_close_quietly(fs, &home);
	return rc < 0 ? tree_remove(fs, t->dir, name, e) : 0;
}

static int
trim_name(void *arg, const struct stage_sight *it, struct err *e)
{
	struct trim *t = arg;
	struct hash hash;

	if (!it->home && stage_name_parse(it->name, STAGE_PART, &hash))
		return trim_part(t, it->name, e);
	if (!stage_name_parse(it->name, "", &hash) ||
	    bsearch(&hash, t->keep, t->n, sizeof(hash), compare_hashes) == NULL)
		return tree_remove(t->f->fs, it->at, it->name, e);
	return it->home ? 0 : send_home(t, it->name, &hash, e);
}

int
stage_trim(struct folder *f, const struct manifest *want, struct err *e)
{
	struct trim t = {.f = f};
	struct hash *keep;
	int rc;

	assert(!f->opt.read_only);
	t.dir =
	    f->own < 0 ? -1 : fs_open(f->fs, f->own, OWN_RECV, FS_DIRECTORY, 0);
	if (t.dir < 0)
		return 0;
	t.keep = keep = contents_of(want, &t.n);
	rc = keep == NULL ? err_nomem(e)
			  : stage_walk(f->fs, t.dir, trim_name, &t, e);
	free(keep);
	fs_close_quietly(f->fs, &t.dir);
	return rc;
}

static int
clear_name(void *arg, const struct stage_sight *it, struct err *e)
{
	const struct folder *f = arg;

	return tree_remove(f->fs, it->at, it->name, e);
}

int
stage_clear(struct folder *f, struct err *e)
{
	int rc, dir = fs_open(f->fs, f->own, OWN_RECV, FS_DIRECTORY, 0);

	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return folder_own_shut(f, OWN_RECV, -dir, e);
	rc = stage_walk(f->fs, dir, clear_name, f, e);
	fs_close_quietly(f->fs, &dir);
	return rc;
}
