/*
 * Releases: one manifest a file, release/OS/NUMBER.ID, the highest number is
 * the current one.  The file has the canonical bytes, so its hash is the ID.
 */
#include "engine/store/store_internal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_DIGITS = 10, OS_N = 3, LIST_TRIES = 3 };

/* One kept release. */
struct kept {
	uint64_t number;
	struct hash id;
	char path[2 * STORE_PATH_BYTES];
};

struct kept_list { /* oldest first */
	struct kept *v;
	size_t n;
};

static bool
kept_parse(const char *folder, const char *name, struct kept *out)
{
	size_t i;

	out->number = 0;
	for (i = 0; i < NUMBER_DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		out->number = out->number * 10 + (uint64_t)(name[i] - '0');
	}
	(void)snprintf(out->path, sizeof(out->path), "%s/%.80s", folder, name);
	return name[i] == '.' && hash_parse(name + i + 1, &out->id);
}

static void
folder_of(char out[STORE_PATH_BYTES], enum path_os os)
{
	(void)snprintf(out, STORE_PATH_BYTES, "release/%s", store_os_name(os));
}

static int
list_kept(const struct store *s, enum path_os os, struct kept_list *out,
    struct err *e)
{
	struct names names = {NULL, 0, 0};
	char folder[STORE_PATH_BYTES];
	size_t i;
	int rc;

	out->v = NULL;
	out->n = 0;
	folder_of(folder, os);
	rc = names_read(s->fs, s->root, folder, &names, e);
	if (rc == ERP_NOTFOUND)
		return 0;
	if (rc == 0 && names.n > 0 &&
	    (out->v = calloc(names.n, sizeof(*out->v))) == NULL)
		rc = err_set(e, ERP_NOMEM, "out of memory");
	/* Sorted names are sorted numbers: all have the same digits. */
	for (i = 0; out->v != NULL && i < names.n; i++)
		if (kept_parse(folder, names.v[i], &out->v[out->n]))
			out->n++;
	names_release(&names);
	return rc;
}

static int
load_kept(const struct store *s, const struct kept *k, enum path_os os,
    struct manifest *out, struct err *e)
{
	struct buf bytes;
	struct hash id;
	int rc;

	buf_init(&bytes, MANIFEST_MAX_BYTES);
	if ((rc = file_read(s->fs, s->root, k->path, &bytes, e)) != 0)
		goto out;
	rc = hash_bytes(bytes.p, bytes.len, &id, e);
	if (rc == 0 && !hash_equal(&id, &k->id))
		rc = err_set(e, ERP_CORRUPT,
		    "%s in the state folder is damaged; publish again",
		    k->path);
	if (rc == 0)
		rc = manifest_decode(out, bytes.p, bytes.len, e);
	if (rc == 0 && out->os != os) {
		manifest_release(out);
		rc =
		    err_set(e, ERP_CORRUPT, "%s is of another system", k->path);
	}
out:
	buf_release(&bytes);
	return rc;
}

/* Which of the kept releases: the one with this id, or so many places before
 * the newest. */
struct choice {
	const struct hash *id; /* or NULL */
	size_t back;
};

/* Its place in the list, counted from 1; 0 when it is not there. */
static size_t
place_of(const struct kept_list *list, const struct choice *which)
{
	size_t i = list->n;

	if (which->id == NULL)
		return which->back < i ? i - which->back : 0;
	for (; i > 0; i--)
		if (hash_equal(&list->v[i - 1].id, which->id))
			break;
	return i;
}

static int
load(const struct store *s, enum path_os os, const struct choice *which,
    struct manifest *out, struct err *e)
{
	struct kept_list list;
	size_t i;
	int tries, rc = ERP_NOTFOUND;

	/* A publisher may remove what was just listed: look again. */
	for (tries = 0; rc == ERP_NOTFOUND && tries < LIST_TRIES; tries++) {
		if ((rc = list_kept(s, os, &list, e)) != 0)
			return rc;
		i = place_of(&list, which);
		rc = i == 0 ? err_set(e, ERP_NOTFOUND, "no such release for %s",
				  store_os_name(os))
			    : load_kept(s, &list.v[i - 1], os, out, e);
		free(list.v);
	}
	return rc;
}

int
store_load_current(
    struct store *s, enum path_os os, struct manifest *out, struct err *e)
{
	return store_load_older(s, os, 0, out, e);
}

int
store_load_older(struct store *s, enum path_os os, size_t back,
    struct manifest *out, struct err *e)
{
	const struct choice which = {NULL, back};

	return load(s, os, &which, out, e);
}

int
store_load_release(struct store *s, enum path_os os, const struct hash *id,
    struct manifest *out, struct err *e)
{
	const struct choice which = {id, 0};

	return load(s, os, &which, out, e);
}

static int
add_needed(const struct manifest *m, struct hash_set *out, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			rc = hash_set_add(out, &m->v[i].hash, e);
	return rc;
}

int
releases_needed(struct store *s, struct hash_set *out, struct err *e)
{
	struct kept_list list;
	struct manifest m;
	size_t i;
	int os, rc = 0;

	for (os = 0; rc == 0 && os < OS_N; os++) {
		if ((rc = list_kept(s, (enum path_os)os, &list, e)) != 0)
			return rc;
		for (i = 0; rc == 0 && i < list.n; i++) {
			manifest_init(&m, (enum path_os)os);
			rc = load_kept(s, &list.v[i], (enum path_os)os, &m, e);
			if (rc == 0)
				rc = add_needed(&m, out, e);
			else if (rc == ERP_CORRUPT)
				rc = 0; /* it cannot be served either */
			manifest_release(&m);
		}
		free(list.v);
	}
	return rc;
}

/* Every content of m is in the store. */
static int
check_contents(const struct store *s, const struct manifest *m, struct err *e)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE &&
		    !store_has_content(s, &m->v[i].hash, m->v[i].size))
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

	folder_of(folder, os);
	hash_hex(id, hex);
	(void)snprintf(path, sizeof(path), "%s/%0*llu.%s", folder,
	    NUMBER_DIGITS, (unsigned long long)number, hex);
	if ((rc = dir_make(s->fs, s->root, folder, e)) != 0 ||
	    (rc = dir_sync(s->fs, s->root, "release", e)) != 0)
		return rc;
	return file_write_durable(
	    s->fs, s->root, path, buf_data(bytes), bytes->len, e);
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
	bool drop;
	int rc = list_kept(s, os, &list, e);

	for (i = list.n; rc == 0 && i > 0; i--) {
		k = &list.v[i - 1];
		drop = left == 0 ||
		    (i < list.n && hash_equal(&k->id, &list.v[list.n - 1].id));
		if (!drop) {
			manifest_init(&m, os);
			drop = load_kept(s, k, os, &m, NULL) == ERP_CORRUPT;
			manifest_release(&m);
		}
		if (!drop)
			left--;
		else if ((rc = fs_unlink(s->fs, s->root, k->path)) < 0)
			rc = err_sys(e, -rc, "remove", k->path);
	}
	free(list.v);
	return rc;
}

static int
collect(struct store *s, struct err *e)
{
	struct hash_set needed = {NULL, 0, 0, true};
	int rc = releases_needed(s, &needed, e);

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
	    (rc = list_kept(s, m->os, &list, e)) != 0)
		goto out;
	if (!is_current(s, &list, &bytes))
		rc = write_kept(s, &list, m->os, &bytes, id, e);
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
	(void)pthread_mutex_lock(&s->blobs->mutex);
	s->blobs->saves++;
	(void)pthread_mutex_unlock(&s->blobs->mutex);
	(void)pthread_mutex_unlock(&s->publishing);
	return rc;
}
