/*
 * Releases: one manifest a file, release/OS/NUMBER.ID, the highest number is
 * the current one.  The file has the canonical bytes, so its hash is the ID.
 * How many stay, and which go: store_release_drop.c.
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

enum { LIST_TRIES = 3 };

void
kept_folder(char out[STORE_PATH_BYTES], enum path_os os)
{
	(void)snprintf(out, STORE_PATH_BYTES, "release/%s", path_os_name(os));
}

void
kept_beside(char out[2 * STORE_PATH_BYTES], enum path_os os,
    const struct hash *id, const char *ending)
{
	char folder[STORE_PATH_BYTES], hex[HASH_HEX_LEN + 1];

	kept_folder(folder, os);
	hash_hex(id, hex);
	(void)snprintf(
	    out, 2 * STORE_PATH_BYTES, "%s/%s.%s", folder, hex, ending);
}

static bool
kept_parse(const char *folder, const char *name, struct kept *out)
{
	size_t i;

	out->number = 0;
	for (i = 0; i < KEPT_DIGITS; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		out->number = out->number * 10 + (uint64_t)(name[i] - '0');
	}
	(void)snprintf(out->path, sizeof(out->path), "%s/%.80s", folder, name);
	return name[i] == '.' && hash_parse(name + i + 1, &out->id);
}

int
kept_list_read(const struct store *s, enum path_os os, struct kept_list *out,
    struct err *e)
{
	struct names names = {NULL, 0, 0};
	char folder[STORE_PATH_BYTES];
	size_t i;
	int rc;

	out->v = NULL;
	out->n = 0;
	kept_folder(folder, os);
	rc = names_read(s->fs, s->root, folder, &names, e);
	if (rc == ERP_NOTFOUND)
		return 0;
	if (rc == 0 && names.n > 0 &&
	    (out->v = calloc(names.n, sizeof(*out->v))) == NULL)
		rc = err_nomem(e);
	/* Sorted names are sorted numbers: all have the same digits. */
	for (i = 0; out->v != NULL && i < names.n; i++)
		if (kept_parse(folder, names.v[i], &out->v[out->n]))
			out->n++;
	names_release(&names);
	return rc;
}

bool
kept_is_older_twin(const struct kept_list *list, size_t i)
{
	size_t k;

	for (k = i + 1; k < list->n; k++)
		if (hash_equal(&list->v[k].id, &list->v[i].id))
			return true;
	return false;
}

/* Its bytes, which are what was saved, into an empty buf. */
static int
read_kept(const struct store *s, const struct kept *k, struct buf *bytes,
    struct err *e)
{
	struct hash id;
	int rc;

	buf_init(bytes, MANIFEST_MAX_BYTES);
	if ((rc = file_read(s->fs, s->root, k->path, bytes, e)) != 0) {
		(void)err_context(e, "state folder");
		return rc;
	}
	rc = hash_bytes(bytes->p, bytes->len, &id, e);
	if (rc == 0 && !hash_equal(&id, &k->id))
		rc = err_set(e, ERP_CORRUPT,
		    "%s in the state folder is damaged; publish again",
		    k->path);
	return rc;
}

static int
of_another_system(const struct kept *k, struct err *e)
{
	return err_set(e, ERP_CORRUPT, "%s is of another system", k->path);
}

/* What is whole and refused was saved by a version with other limits. */
static int
not_ours(const struct kept *k, int rc, struct err *e)
{
	if (rc == ERP_CORRUPT)
		(void)err_context(e,
		    "%s in the state folder is a release that this version of "
		    "erpsync does not allow; publish again",
		    k->path);
	return rc;
}

int
kept_load(const struct store *s, const struct kept *k, enum path_os os,
    struct manifest *out, struct err *e)
{
	struct buf bytes;
	int rc = read_kept(s, k, &bytes, e);

	if (rc == 0)
		rc =
		    not_ours(k, manifest_decode(out, bytes.p, bytes.len, e), e);
	buf_release(&bytes);
	if (rc != 0 || out->os == os)
		return rc;
	manifest_release(out);
	return of_another_system(k, e);
}

int
kept_sync(struct store *s, enum path_os os, struct err *e)
{
	char folder[STORE_PATH_BYTES];

	kept_folder(folder, os);
	return dir_sync(s->fs, s->root, folder, e);
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

	assert(which->id == NULL || which->back == 0);
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
		if ((rc = kept_list_read(s, os, &list, e)) != 0)
			return rc;
		i = place_of(&list, which);
		rc = i == 0 ? err_set(e, ERP_NOTFOUND, "no such release for %s",
				  path_os_name(os))
			    : kept_load(s, &list.v[i - 1], os, out, e);
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

int
kept_contents(const struct store *s, const struct kept *k, enum path_os os,
    struct hash_set *out, struct err *e)
{
	struct manifest_hashes hashes;
	struct hash h;
	struct buf bytes;
	size_t i;
	int rc = read_kept(s, k, &bytes, e);

	if (rc == 0)
		rc = manifest_decode_hashes(bytes.p, bytes.len, &hashes, e);
	if (rc == 0 && hashes.os != os)
		rc = of_another_system(k, e);
	for (i = 0; rc == 0 && i < hashes.n; i++) {
		memcpy(h.b, hashes.p + i * HASH_LEN, HASH_LEN);
		rc = hash_set_add(out, &h, e);
	}
	buf_release(&bytes);
	/* Removed meanwhile. */
	return rc == ERP_NOTFOUND ? 0 : rc;
}

int
kept_all_contents(
    const struct store *s, enum path_os os, struct hash_set *out, struct err *e)
{
	struct kept_list list;
	size_t i;
	int rc = kept_list_read(s, os, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		rc = kept_contents(s, &list.v[i], os, out, e);
		/* A damaged one is none: it cannot be served. */
		if (rc == ERP_CORRUPT)
			rc = 0;
	}
	free(list.v);
	return rc;
}

int
releases_contents(struct store *s, struct hash_set *out, struct err *e)
{
	int os, rc = 0;

	for (os = 0; rc == 0 && os < PATH_OS_N; os++)
		rc = kept_all_contents(s, (enum path_os)os, out, e);
	return rc;
}
