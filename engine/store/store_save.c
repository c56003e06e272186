/*
 * Publishing: a release is saved, durable with all its contents; what no kept
 * release needs goes then.  Stands above contents, blobs and kept releases.
 */
#include "engine/store/store_release_internal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every content of m is in the store. */
static int
check_contents(const struct store *s, const struct manifest *m, struct err *e)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE &&
		    !store_has_content(
			s, &m->v[i].content.hash, m->v[i].content.size))
			return err_set(e, ERP_NOTFOUND,
			    "the content of %.300s is not in the state folder",
			    m->v[i].path);
	return 0;
}

/* Is this the newest release, and undamaged? */
static bool
is_current(
    struct store *s, const struct kept_list *list, const struct buf *bytes)
{
	const struct kept *last = list->n == 0 ? NULL : &list->v[list->n - 1];
	struct buf have;
	bool same;

	if (last == NULL)
		return false;
	buf_init(&have, MANIFEST_MAX_BYTES);
	same = file_read(s->fs, s->root, last->path, &have, NULL) == 0 &&
	    have.len == bytes->len &&
	    memcmp(buf_data(&have), buf_data(bytes), have.len) == 0;
	buf_release(&have);
	return same;
}

/* Write the manifest under the next number. */
static int
write_kept(struct store *s, const struct kept_list *list, enum path_os os,
    const struct buf *bytes, const struct hash *id, struct err *e)
{
	uint64_t number = list->n == 0 ? 1 : list->v[list->n - 1].number + 1;
	char folder[STORE_PATH_BYTES], path[STORE_PATH_BYTES + 96];
	char hex[HASH_HEX_LEN + 1];
	int rc;

	kept_folder(folder, os);
	hash_hex(id, hex);
	(void)snprintf(path, sizeof(path), "%s/%0*llu.%s", folder, KEPT_DIGITS,
	    (unsigned long long)number, hex);
	if ((rc = dir_make(s->fs, s->root, folder, e)) != 0 ||
	    (rc = dir_sync(s->fs, s->root, "release", e)) != 0)
		return rc;
	rc = file_write_durable(
	    s->fs, s->root, path, buf_data(bytes), bytes->len, e);
	/* It has its name, perhaps, but not for good: the old one stays. */
	if (rc != 0)
		(void)fs_unlink(s->fs, s->root, path);
	return rc;
}

/* The current one has its name, perhaps since a process that was killed gave
 * it: make sure that it stays. */
static int
sync_kept(struct store *s, enum path_os os, struct err *e)
{
	char folder[STORE_PATH_BYTES];

	/* That it has the folder for good was seen to before it was written. */
	kept_folder(folder, os);
	return dir_sync(s->fs, s->root, folder, e);
}

/* Remove older entries of the same release, damaged ones and all but keep;
 * the last of the list is the current one. */
static int
drop_old(struct store *s, enum path_os os, int keep, struct err *e)
{
	struct kept_list list;
	const struct kept *k;
	struct manifest m;
	size_t i, left = (size_t)keep;
	bool drop, dropped = false;
	int rc = kept_list_read(s, os, &list, e);

	for (i = list.n; rc == 0 && i > 0; i--) {
		k = &list.v[i - 1];
		drop = left == 0 ||
		    (i < list.n && hash_equal(&k->id, &list.v[list.n - 1].id));
		if (!drop) {
			manifest_init(&m, os);
			drop = kept_load(s, k, os, &m, NULL) == ERP_CORRUPT;
			manifest_release(&m);
		}
		if (!drop)
			left--;
		else if ((rc = at_unlink(s->fs, s->root, k->path, e)) == 0)
			dropped = true;
	}
	free(list.v);
	/* Their names go before their contents do. */
	return rc == 0 && dropped ? sync_kept(s, os, e) : rc;
}

static int
collect(struct store *s, struct err *e)
{
	struct hash_set needed = {.v = NULL};
	int rc = releases_contents(s, &needed, e);

	if (rc == 0)
		rc = contents_collect(s, &needed, e);
	if (rc == 0)
		rc = blobs_collect(s, &needed, e);
	hash_set_release(&needed);
	return rc;
}

static int
save(struct store *s, const struct manifest *m, int keep, struct hash *id,
    struct err *e)
{
	struct kept_list list = {NULL, 0};
	struct buf bytes;
	int rc;

	buf_init(&bytes, MANIFEST_MAX_BYTES);
	if ((rc = manifest_encode(m, &bytes, e)) != 0 ||
	    (rc = hash_bytes(buf_data(&bytes), bytes.len, id, e)) != 0 ||
	    (rc = contents_sync(s, e)) != 0 ||
	    (rc = check_contents(s, m, e)) != 0 ||
	    (rc = kept_list_read(s, m->os, &list, e)) != 0)
		goto out;
	rc = is_current(s, &list, &bytes)
	    ? sync_kept(s, m->os, e)
	    : write_kept(s, &list, m->os, &bytes, id, e);
	/* From here on the release is durable; tidying up can fail, but then
	 * only space is lost, and the next saving tries again. */
	if (rc == 0 && drop_old(s, m->os, keep, NULL) == 0)
		(void)collect(s, NULL);
out:
	free(list.v);
	buf_release(&bytes);
	return rc;
}

int
store_save_release(struct store *s, const struct manifest *m, int keep,
    struct hash *id, struct err *e)
{
	int rc;

	assert(keep >= 1);
	(void)pthread_mutex_lock(&s->publishing);
	rc = save(s, m, keep, id, e);
	known_outdate(s);
	(void)pthread_mutex_unlock(&s->publishing);
	return rc;
}

void
store_publish_begin(struct store *s)
{
	(void)pthread_mutex_lock(&s->publishing);
}

void
store_publish_end(struct store *s)
{
	struct hash_set needed = {.v = NULL};
	struct hash_set left = {.v = NULL};
	struct err ignored;
	size_t i;

	pending_exchange(s, &left);
	/* What a release needs was only repaired: it still wants its sync. */
	if (left.n > 0 && releases_contents(s, &needed, &ignored) == 0)
		for (i = left.n; i-- > 0;)
			if (!hash_set_has(&needed, &left.v[i])) {
				content_remove(s, &left.v[i]);
				hash_set_drop(&left, i);
			}
	pending_exchange(s, &left);
	hash_set_release(&left);
	hash_set_release(&needed);
	(void)pthread_mutex_unlock(&s->publishing);
}
