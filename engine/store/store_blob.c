/*
 * Blobs.  Nothing here is synced: what a crash damages is found by its hash
 * at the first use and compiled again.
 */
#include "engine/store/store_internal.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/sparse.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_BUDGET ((uint64_t)2 << 30)

struct blob_writer {
	struct store *s;
	char temp[STORE_PATH_BYTES];
	struct file_stream file;
	struct sink file_sink;
	struct crc_sink crcs;
	struct sink crc_sink;
	struct hash_sink hashing;
	struct key_record record;
	bool lone;
};

/* Forget a blob that turned out damaged, or gone, if it still is what it was.
 */
static void
drop_blob(struct store *s, const struct hash *id, bool damaged)
{
	struct blob_entry *entry;

	store_lock(s);
	if ((entry = entry_find(s->blobs, id)) != NULL) {
		entry_drop(s, entry);
		s->blobs->stats.damaged += damaged;
	}
	store_unlock(s);
}

/* The hash of an open blob, and the CRCs of its pieces. */
static int
hash_blob(const struct store *s, int fd, const char *path, struct hash *out,
    struct crc_sink *crcs, struct err *e)
{
	struct file_stream f = {s->fs, fd, 0, path};
	struct source src = source_of_file(&f);
	struct sink to_crcs = sink_of_crc(crcs);
	struct hash_sink h = {.next = &to_crcs};
	struct sink to = sink_of_hash(&h);
	int64_t n;
	int rc;

	if ((rc = hasher_new(&h.hasher, e)) != 0)
		return rc;
	n = stream_copy(&src, &to, e);
	rc = n < 0 ? (int)n : hasher_final(h.hasher, out, e);
	hasher_free(h.hasher);
	return rc;
}

/* An open blob of the right length and, if there are CRCs to be filled in, the
 * right hash. */
static int
open_checked(struct store *s, const struct hash *id, uint64_t len,
    struct crc_sink *crcs, struct err *e)
{
	char path[STORE_PATH_BYTES];
	struct fs_stat st;
	struct hash hash;
	int fd, rc;

	store_path(path, "blob", id);
	fd = fs_open(s->fs, s->root, path, FS_READ, 0);
	if (fd == -ENOENT) {
		drop_blob(s, id, false);
		(void)err_set(e, ERP_NOTFOUND, "%s is gone", path);
		return store_missed(s, e);
	}
	if (fd < 0)
		return err_sys(e, -fd, "open", path);
	if (fs_fstat(s->fs, fd, &st) < 0 || st.size != len)
		goto damaged;
	if (crcs == NULL)
		return fd;
	rc = hash_blob(s, fd, path, &hash, crcs, e);
	if (rc == 0 && hash_equal(&hash, id))
		return fd;
	if (rc == ERP_NOMEM) {
		fs_close_quietly(s->fs, &fd);
		return rc;
	}
damaged:
	fs_close_quietly(s->fs, &fd);
	drop_blob(s, id, true);
	return err_set(e, ERP_NOTFOUND, "%s was damaged and is removed", path);
}

int
store_open_blob(
    struct store *s, const struct hash *id, uint64_t *len, struct err *e)
{
	struct crc_sink crcs = {.v = NULL};
	struct blob_entry *entry;
	bool checked = false;
	int fd;

	store_lock(s);
	if ((entry = entry_find(s->blobs, id)) != NULL) {
		entry_touch(s, entry);
		checked = entry->checked;
		*len = entry->len;
	}
	store_unlock(s);
	if (entry == NULL)
		return err_set(e, ERP_NOTFOUND, "no such blob");
	fd = open_checked(s, id, *len, checked ? NULL : &crcs, e);
	if (fd < 0 || checked) {
		free(crcs.v);
		return fd;
	}
	store_lock(s);
	if ((entry = entry_find(s->blobs, id)) != NULL) {
		entry->checked = true;
		entry->hashed = clock_ms(s->clock);
		entry_take_crcs(entry, &crcs);
	}
	store_unlock(s);
	free(crcs.v);
	return fd;
}

void
store_uncheck_blobs(struct store *s)
{
	struct blob_entry *entry;

	store_lock(s);
	RB_FOREACH(entry, blob_tree, &s->blobs->tree)
	if (!store_is_fresh(s, entry->hashed))
		entry->checked = false;
	store_unlock(s);
}

int
store_blob_begin(struct store *s, struct blob_writer **out, struct err *e)
{
	struct blob_writer *w = calloc(1, sizeof(*w));
	int rc;

	*out = NULL;
	if (w == NULL)
		return err_nomem(e);
	w->s = s;
	w->file.fs = s->fs;
	w->file.path = w->temp;
	w->file_sink = sink_of_file(&w->file);
	w->crcs.next = &w->file_sink;
	w->crc_sink = sink_of_crc(&w->crcs);
	w->hashing.next = &w->crc_sink;
	if ((rc = hasher_new(&w->hashing.hasher, e)) != 0) {
		free(w);
		return rc;
	}
	if ((w->file.fd = store_temp(s, w->temp, e)) < 0) {
		rc = w->file.fd;
		hasher_free(w->hashing.hasher);
		free(w);
		return rc;
	}
	*out = w;
	return 0;
}

struct sink
blob_writer_sink(struct blob_writer *w)
{
	return sink_of_hash(&w->hashing);
}

uint64_t
blob_writer_len(const struct blob_writer *w)
{
	return w->hashing.count;
}

void
blob_writer_refer(struct blob_writer *w, const struct hash *content)
{
	assert(w->record.ref_n < BLOB_MAX_REFS);
	w->record.refs[w->record.ref_n++] = *content;
}

void
blob_writer_set_lone(struct blob_writer *w)
{
	w->lone = true;
}

/* Free a writer whose file was renamed away, or must go. */
static void
writer_free(struct blob_writer *w, bool placed)
{
	fs_close_quietly(w->s->fs, &w->file.fd);
	if (!placed)
		(void)fs_unlink(w->s->fs, w->s->root, w->temp);
	hasher_free(w->hashing.hasher);
	free(w->crcs.v);
	free(w);
}

void
store_blob_abort(struct blob_writer *w)
{
	if (w != NULL)
		writer_free(w, false);
}

/* Name the written file and know it, in one step for a collection. */
static int
place_blob(struct blob_writer *w, const struct blob *blob, struct err *e)
{
	struct store *s = w->s;
	struct blobs *b = s->blobs;
	struct blob_entry *entry;
	bool lone;
	int rc;

	store_lock(s);
	/* Bytes that answer another question already have their standing. */
	lone = w->lone && entry_find(b, &blob->id) == NULL;
	rc = store_place(s, w->temp, "blob", &blob->id, e);
	if (rc == 0) {
		entry = entry_add(b, &blob->id, blob->len);
		if (entry == NULL) {
			rc = err_nomem(e);
		} else {
			entry->checked = true;
			entry_take_crcs(entry, &w->crcs);
			if (lone || !w->lone)
				entry_set_lone(b, entry, lone);
			entry_touch(s, entry);
			b->stats.written++;
			entry_evict(s);
			assert(entry_find(b, &blob->id) == entry);
		}
	}
	store_unlock(s);
	return rc;
}

int
store_blob_commit(struct blob_writer *w, const struct hash *key,
    enum codec codec, struct blob *out, struct err *e)
{
	struct blob blob = {.codec = codec, .len = w->hashing.count};
	bool placed;
	int rc;

	assert(blob.len == w->file.pos);
	if ((rc = sparse_end(w->s->fs, w->file.fd, blob.len)) < 0)
		rc = err_sys(e, -rc, "write", w->temp);
	if (rc == 0 && (rc = hasher_final(w->hashing.hasher, &blob.id, e)) == 0)
		rc = place_blob(w, &blob, e);
	placed = rc == 0;
	w->record.blob = blob;
	if (rc == 0)
		rc = key_write(w->s, key, &w->record, e);
	if (rc == 0)
		*out = blob;
	writer_free(w, placed);
	return rc;
}

struct found {
	struct store *s;
	struct blob_entry **v;
	size_t n;
	size_t cap;
	struct err *e;
	int rc;
};

static bool
note_blob(void *arg, const char *path, const struct hash *h)
{
	struct found *f = arg;
	size_t cap = f->cap == 0 ? 256 : 2 * f->cap;
	struct blob_entry **v = f->v;
	struct fs_stat st;

	if (f->rc != 0 || fs_stat(f->s->fs, f->s->root, path, &st) != 0)
		return true;
	if (st.type != FS_FILE || entry_find(f->s->blobs, h) != NULL)
		return true;
	if (f->n == f->cap) {
		v = reallocarray(v, cap, sizeof(struct blob_entry *));
		if (v == NULL) {
			f->rc = err_nomem(f->e);
			return true;
		}
		f->v = v;
		f->cap = cap;
	}
	if ((v[f->n] = entry_add(f->s->blobs, h, st.size)) == NULL)
		f->rc = err_nomem(f->e);
	else
		v[f->n++]->mtime = st.mtime.s;
	return true;
}

static int
compare_ages(const void *a, const void *b)
{
	const struct blob_entry *x = *(struct blob_entry *const *)a;
	const struct blob_entry *y = *(struct blob_entry *const *)b;

	return (x->mtime > y->mtime) - (x->mtime < y->mtime);
}

/* Line up all entries, the oldest first. */
static void
order_by_age(struct blobs *b, struct found *f)
{
	size_t i;

	qsort(f->v, f->n, sizeof(struct blob_entry *), compare_ages);
	TAILQ_INIT(&b->ages);
	for (i = 0; i < f->n; i++) {
		f->v[i]->used = ++b->clock;
		TAILQ_INSERT_TAIL(&b->ages, f->v[i], age);
	}
}

int
blobs_open(struct store *s, struct err *e)
{
	struct found f = {s, NULL, 0, 0, e, 0};
	struct blobs *b = calloc(1, sizeof(*b));
	pthread_mutexattr_t attr;
	int rc;

	if (b == NULL)
		return err_nomem(e);
	(void)pthread_mutexattr_init(&attr);
	(void)pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	(void)pthread_mutex_init(&b->mutex, &attr);
	(void)pthread_mutexattr_destroy(&attr);
	RB_INIT(&b->tree);
	RB_INIT(&b->contents);
	TAILQ_INIT(&b->ages);
	TAILQ_INIT(&b->lone);
	b->budget = DEFAULT_BUDGET;
	s->blobs = b;
	rc = store_sweep(s, "blob", note_blob, &f, e);
	if (rc == 0)
		rc = f.rc;
	if (rc == 0 && f.n > 0)
		order_by_age(b, &f);
	free(f.v);
	return rc == 0 ? keys_count(s, e) : rc;
}

void
blobs_close(struct store *s)
{
	struct blob_entry *entry, *next;
	struct blobs *b = s->blobs;

	if (b == NULL)
		return;
	RB_FOREACH_SAFE(entry, blob_tree, &b->tree, next)
	{
		RB_REMOVE(blob_tree, &b->tree, entry);
		b->blob_n--;
		free(entry->crcs);
		free(entry);
	}
	assert(b->blob_n == 0);
	hash_set_release(&b->pending);
	checked_release(b);
	hash_set_release(&b->known);
	(void)pthread_mutex_destroy(&b->mutex);
	free(b);
	s->blobs = NULL;
}
