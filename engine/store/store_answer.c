/*
 * Answers: the blob that a key names, as long as both are there, and which
 * answers go with their contents.  Stands above keys and blobs.
 */
#include "engine/store/store_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"

#include <assert.h>
#include <string.h>

static int
find_blob(
    struct store *s, const struct hash *key, struct blob *out, struct err *e)
{
	char path[STORE_PATH_BYTES];
	struct key_record r;
	uint64_t len;
	int fd;

	store_path(path, "key", key);
	if (!key_read(s, path, &r))
		return err_set(e, ERP_NOTFOUND, "no such key");
	if ((fd = store_open_blob(s, &r.blob.id, &len, e)) < 0)
		return fd;
	fs_close_quietly(s->fs, &fd);
	if (len != r.blob.len)
		return err_set(e, ERP_NOTFOUND, "no such blob");
	blob_share(s, &r.blob.id);
	*out = r.blob;
	return 0;
}

int
store_find_blob(
    struct store *s, const struct hash *key, struct blob *out, struct err *e)
{
	int rc = find_blob(s, key, out, e);

	assert(rc <= 0);
	store_lock(s);
	if (rc == 0)
		s->blobs->stats.hits++;
	else if (rc == ERP_NOTFOUND)
		s->blobs->stats.misses++;
	store_unlock(s);
	return rc;
}

int
store_add_key(struct store *s, const struct hash *key, const struct blob *blob,
    const struct hash refs[BLOB_MAX_REFS], size_t ref_n, struct err *e)
{
	struct key_record r = {.blob = *blob, .ref_n = ref_n};

	if (ref_n > BLOB_MAX_REFS)
		return err_set(e, ERP_INTERNAL, "too many references");
	memcpy(r.refs, refs, ref_n * sizeof(refs[0]));
	return key_write(s, key, &r, e);
}

bool
store_peek_blob(const struct store *s, const struct hash *key, struct blob *out)
{
	char path[STORE_PATH_BYTES];
	struct key_record r;
	bool found;

	store_path(path, "key", key);
	if (!key_read(s, path, &r))
		return false;
	store_lock(s);
	found = entry_find(s->blobs, &r.blob.id) != NULL;
	store_unlock(s);
	*out = r.blob;
	return found;
}

struct about {
	const struct store *s;
	const struct hash *content;
};

static bool
is_about_another(void *arg, const char *path, const struct hash *h)
{
	const struct about *about = arg;
	struct key_record r;
	size_t i;

	(void)h;
	if (!key_read(about->s, path, &r))
		return false;
	/* Answers to sums and of groups are made of more than they name. */
	if (r.ref_n < BLOB_MAX_REFS)
		return false;
	for (i = 0; i < r.ref_n; i++)
		if (hash_equal(&r.refs[i], about->content))
			return false;
	return true;
}

int
store_drop_answers(struct store *s, const struct hash *content, struct err *e)
{
	struct about about = {s, content};

	return store_sweep(s, "key", is_about_another, &about, e);
}

struct survivors {
	struct store *s;
	struct hash_set *needed; /* contents */
	struct hash_set named; /* blobs of the keys that stay */
	uint64_t since; /* uses after this moment save a blob */
	bool used; /* one stays for that alone */
	struct err *e;
	int rc;
};

static bool
keep_key(void *arg, const char *path, const struct hash *h)
{
	struct survivors *v = arg;
	struct key_record r;
	size_t i;

	(void)h;
	if (!key_read(v->s, path, &r))
		return false;
	for (i = 0; i < r.ref_n; i++)
		if (!hash_set_has(v->needed, &r.refs[i]))
			return false;
	v->s->blobs->key_n++;
	if (v->rc == 0)
		v->rc = hash_set_add(&v->named, &r.blob.id, v->e);
	return true;
}

static bool
keep_blob(void *arg, const char *path, const struct hash *h)
{
	struct survivors *v = arg;
	struct blob_entry *entry = entry_find(v->s->blobs, h);

	(void)path;
	if (hash_set_has(&v->named, h))
		return true;
	if (entry != NULL &&
	    (entry->used > v->since || entry_is_leased(v->s, entry)))
		return v->used = true;
	if (entry != NULL)
		entry_remove(v->s->blobs, entry);
	return false;
}

int
blobs_collect(struct store *s, struct hash_set *needed, struct err *e)
{
	struct survivors v = {.s = s, .needed = needed, .e = e};
	int rc;

	store_lock(s);
	v.since = s->blobs->clock;
	s->blobs->key_n = 0;
	store_unlock(s);
	rc = store_sweep(s, "key", keep_key, &v, e);
	if (rc == 0)
		rc = v.rc;
	if (rc == 0)
		rc = store_sweep(s, "blob", keep_blob, &v, e);
	hash_set_release(&v.named);
	return rc == 0 ? v.used : rc;
}
