/*
 * What an administrator sees and says of kept releases: the list, and which are
 * held back, release/OS/ID.held.  Beside store_seal.c; all of it is right while
 * another process publishes.
 */
#include "engine/store/store_hold.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/store/store_release_internal.h"
#include "engine/tree/manifest.h"

#include <stdlib.h>

int
store_is_held(const struct store *s, enum path_os os, const struct hash *id,
    struct err *e)
{
	char path[2 * STORE_PATH_BYTES];
	struct fs_stat st;

	kept_beside(path, os, id, KEPT_HELD);
	return at_find(s->fs, s->root, path, &st, e);
}

/* Only its name counts. */
static int
mark(struct store *s, const char *path, struct err *e)
{
	struct fs_stat st;
	int rc = at_find(s->fs, s->root, path, &st, e), fd;

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if ((fd = at_create(s->fs, s->root, path, e)) < 0)
		return fd;
	fs_close_quietly(s->fs, &fd);
	return 0;
}

int
store_hold(struct store *s, enum path_os os, const struct hash *id, bool held,
    struct err *e)
{
	char path[2 * STORE_PATH_BYTES];
	int rc;

	kept_beside(path, os, id, KEPT_HELD);
	rc = held ? mark(s, path, e) : at_unlink_any(s->fs, s->root, path, e);
	return rc != 0 ? rc : kept_sync(s, os, e);
}

/* What is to be told of one; ERP_NOTFOUND: it went away. */
static int
tell_kept(const struct store *s, enum path_os os, const struct kept *k,
    struct store_kept *out, struct err *e)
{
	struct fs_stat st;
	int rc = at_stat(s->fs, s->root, k->path, &st, e);

	if (rc != 0)
		return rc;
	if ((rc = store_is_held(s, os, &k->id, e)) < 0)
		return rc;
	*out = (struct store_kept){
	    .number = k->number, .id = k->id, .saved_s = st.mtime.s};
	out->held = rc == 1;
	return 0;
}

int
store_list_releases(const struct store *s, enum path_os os,
    struct store_list *out, struct err *e)
{
	struct kept_list list;
	size_t i;
	int rc = kept_list_read(s, os, &list, e);

	*out = (struct store_list){NULL, 0};
	if (rc == 0 && list.n > 0 &&
	    (out->v = calloc(list.n, sizeof(*out->v))) == NULL)
		rc = err_nomem(e);
	for (i = 0; rc == 0 && i < list.n; i++) {
		if (kept_is_older_twin(&list, i))
			continue;
		rc = tell_kept(s, os, &list.v[i], &out->v[out->n], e);
		if (rc == 0)
			out->n++;
		else if (rc == ERP_NOTFOUND)
			rc = 0;
	}
	free(list.v);
	return rc;
}

/* Has this release the gist of m?  1 or 0; what cannot be read has none. */
static int
has_gist(struct store *s, const struct manifest *m, const struct hash *id,
    struct err *e)
{
	struct manifest kept;
	int rc;

	manifest_init(&kept, m->os);
	if ((rc = store_load_release(s, m->os, id, &kept, e)) == 0)
		rc = manifest_same_gist(&kept, m) ? 1 : 0;
	manifest_release(&kept);
	return rc == ERP_CORRUPT || rc == ERP_NOTFOUND ? 0 : rc;
}

int
store_find_held(
    struct store *s, const struct manifest *m, struct hash *out, struct err *e)
{
	struct store_list list;
	size_t i;
	int rc = store_list_releases(s, m->os, &list, e);

	for (i = list.n; rc == 0 && i > 0; i--) {
		if (!list.v[i - 1].held)
			continue;
		*out = list.v[i - 1].id;
		rc = has_gist(s, m, out, e);
	}
	free(list.v);
	return rc;
}

int
store_find_current(const struct store *s, enum path_os os,
    struct store_kept *out, struct err *e)
{
	struct kept_list list;
	int rc = kept_list_read(s, os, &list, e);

	if (rc == 0)
		rc = list.n > 0
		    ? tell_kept(s, os, &list.v[list.n - 1], out, e)
		    : err_set(e, ERP_NOTFOUND, "no such release for %s",
			  path_os_name(os));
	free(list.v);
	return rc;
}
