/*
 * What is left in the receiving area of updates that were cut and never went
 * on: once the wanted release is known, what it does not name goes, so that a
 * server that never finishes does not fill the disk.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>
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

/* The part written last: only one blob comes at a time. */
static const char *
newest_part(const struct folder *f, int dir, const struct names *list)
{
	const char *newest = NULL;
	struct stamp when = {0, 0};
	struct fs_stat st;
	struct hash blob;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!stage_name_parse(list->v[i], STAGE_PART, &blob) ||
		    fs_stat(f->fs, dir, list->v[i], &st) != 0)
			continue;
		if (newest != NULL &&
		    (st.mtime.s < when.s ||
			(st.mtime.s == when.s && st.mtime.ns < when.ns)))
			continue;
		newest = list->v[i];
		when = st.mtime;
	}
	return newest;
}

static int
trim(struct folder *f, int dir, const struct manifest *want, struct err *e)
{
	struct names list = {NULL, 0, 0};
	const char *part;
	struct hash *keep, hash;
	size_t i, n;
	int rc;

	if ((keep = contents_of(want, &n)) == NULL)
		return err_nomem(e);
	rc = names_list(f->fs, dir, OWN_RECV, &list, e);
	part = rc == 0 ? newest_part(f, dir, &list) : NULL;
	for (i = 0; rc == 0 && i < list.n; i++) {
		if (list.v[i] == part ||
		    (stage_name_parse(list.v[i], "", &hash) &&
			bsearch(&hash, keep, n, sizeof(*keep),
			    compare_hashes) != NULL))
			continue;
		rc = tree_remove(f->fs, dir, list.v[i], e);
	}
	names_release(&list);
	free(keep);
	return rc;
}

int
stage_trim(struct folder *f, const struct manifest *want, struct err *e)
{
	int dir, rc;

	assert(!f->opt.read_only);
	dir =
	    f->own < 0 ? -1 : fs_open(f->fs, f->own, OWN_RECV, FS_DIRECTORY, 0);
	if (dir < 0)
		return 0;
	rc = own_failed(trim(f, dir, want, e), e);
	fs_close_quietly(f->fs, &dir);
	return rc;
}
