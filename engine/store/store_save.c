/*
 * Publishing: a release is saved, durable with all its contents.  Stands above
 * contents, blobs and kept releases; the older ones go in store_release_drop.c.
 */
#include "engine/store/store_hold.h"
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

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Is the name of this content among those of its folder?  They are read when it
 * is the first of them. */
static bool
is_named(const struct store *s, const struct hash *h, struct names *near)
{
	char path[STORE_PATH_BYTES], *name, *above = path;

	store_path(path, "content", h);
	name = strrchr(path, '/');
	*name++ = '\0';
	if (near->n == 0 || memcmp(near->v[0], name, 2) != 0) {
		names_release(near);
		(void)names_read(s->fs, s->root, above, near, NULL);
	}
	return near->n > 0 &&
	    bsearch(&name, near->v, near->n, sizeof(near->v[0]),
		compare_names) != NULL;
}

/* The first of v that the store lacks, or NULL.  Where each was looked at just
 * now its name tells: one that a session found damaged since has none. */
static const struct entry *
find_lacking(const struct store *s, struct entry **v, size_t n, bool looked)
{
	struct names near = {NULL, 0, 0};
	size_t i = 0;

	if (!looked)
		return store_lacking(s, v, n) > 0 ? v[0] : NULL;
	store_sort_contents(v, n);
	while (i < n && is_named(s, &v[i]->content.hash, &near))
		i++;
	names_release(&near);
	return i < n ? v[i] : NULL;
}

/* Every content of m is in the store. */
static int
check_contents(
    const struct store *s, const struct manifest *m, bool looked, struct err *e)
{
	struct entry **v = calloc(m->n + 1, sizeof(*v));
	const struct entry *lacking;
	size_t i, n = 0;
	int rc = 0;

	if (v == NULL)
		return err_nomem(e);
	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			v[n++] = &m->v[i];
	if ((lacking = find_lacking(s, v, n, looked)) != NULL)
		rc = err_set(e, ERP_NOTFOUND,
		    "the content of %.300s is not in the state folder",
		    lacking->path);
	free(v);
	return rc;
}

int
store_has_contents(
    const struct store *s, const struct manifest *m, struct err *e)
{
	return check_contents(s, m, false, e);
}

/* Is this the newest release, and undamaged? */
static bool
is_current(struct store *s, const struct kept_list *list,
    const struct buf *bytes, const struct hash *id)
{
	const struct kept *last = list->n == 0 ? NULL : &list->v[list->n - 1];
	struct buf have;
	bool same;

	if (last == NULL || !hash_equal(&last->id, id))
		return false;
	buf_init(&have, MANIFEST_MAX_BYTES);
	same = file_read(s->fs, s->root, last->path, &have, NULL) == 0 &&
	    buf_equal(&have, bytes);
	buf_release(&have);
	return same;
}

static uint64_t
newest_number(const struct kept_list *list)
{
	return list->n == 0 ? 0 : list->v[list->n - 1].number;
}

/* Write the manifest under the next number. */
static int
write_kept(struct store *s, const struct kept_list *list, enum path_os os,
    const struct buf *bytes, const struct hash *id, struct err *e)
{
	uint64_t number = newest_number(list) + 1;
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

/* The newest release is what was saved: has all gone that it let go? */
static bool
is_tidy(const struct store *s, enum path_os os, const struct kept_list *list,
    int keep)
{
	return s->tidy_number[os] == newest_number(list) &&
	    s->tidy_keep[os] == keep;
}

/* It can fail, but then only space is lost, and the next saving tries again. */
static void
tidy(struct store *s, enum path_os os, uint64_t number, int keep)
{
	bool all_gone = releases_drop(s, os, keep, NULL) == 0;

	assert(number > 0);
	s->tidy_number[os] = all_gone ? number : 0;
	s->tidy_keep[os] = keep;
	known_outdate(s);
}

static int
save(struct store *s, const struct manifest *m, int keep, struct hash *id,
    struct err *e)
{
	struct kept_list list = {NULL, 0};
	struct buf bytes;
	bool is_new;
	int rc;

	buf_init(&bytes, MANIFEST_MAX_BYTES);
	if ((rc = manifest_encode(m, &bytes, e)) != 0 ||
	    (rc = hash_bytes(buf_data(&bytes), bytes.len, id, e)) != 0 ||
	    (rc = contents_sync(s, e)) != 0 ||
	    (rc = check_contents(s, m, true, e)) != 0 ||
	    (rc = kept_list_read(s, m->os, &list, e)) != 0)
		goto out;
	is_new = !is_current(s, &list, &bytes, id);
	rc = is_new ? write_kept(s, &list, m->os, &bytes, id, e)
		    : kept_sync(s, m->os, e);
	/* From here on the release is durable. */
	if (rc == 0 && (is_new || !is_tidy(s, m->os, &list, keep)))
		tidy(s, m->os, newest_number(&list) + is_new, keep);
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
	(void)pthread_mutex_unlock(&s->publishing);
	return rc;
}

/* Has this release the highest number? */
static bool
is_last(const struct kept_list *list, const struct hash *id)
{
	return list->n > 0 && hash_equal(&list->v[list->n - 1].id, id);
}

static int
save_again(struct store *s, enum path_os os, const struct buf *bytes,
    const struct hash *id, struct err *e)
{
	struct kept_list list;
	int rc = kept_list_read(s, os, &list, e);

	if (rc == 0)
		rc = is_last(&list, id)
		    ? kept_sync(s, os, e)
		    : write_kept(s, &list, os, bytes, id, e);
	free(list.v);
	return rc;
}

int
store_save_again(
    struct store *s, enum path_os os, const struct hash *id, struct err *e)
{
	struct manifest m;
	struct buf bytes;
	int rc;

	manifest_init(&m, os);
	buf_init(&bytes, MANIFEST_MAX_BYTES);
	if ((rc = store_load_release(s, os, id, &m, e)) == 0 &&
	    (rc = store_has_contents(s, &m, e)) == 0 &&
	    (rc = manifest_encode(&m, &bytes, e)) == 0)
		rc = save_again(s, os, &bytes, id, e);
	buf_release(&bytes);
	manifest_release(&m);
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
