/*
 * Contents: copied in and hashed at once, synced when a release is saved, and
 * removed when no release needs them.
 */
#include "engine/store/store_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/sparse.h"
#include "engine/base/stream.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool
store_has_content(const struct store *s, const struct hash *hash, uint64_t size)
{
	char path[STORE_PATH_BYTES];
	struct fs_stat st;

	store_path(path, "content", hash);
	return fs_stat(s->fs, s->root, path, &st) == 0 && st.type == FS_FILE &&
	    st.size == size;
}

static int
compare_hashes(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return memcmp((*x)->content.hash.b, (*y)->content.hash.b, HASH_LEN);
}

void
store_sort_contents(struct entry **v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(struct entry *), compare_hashes);
}

static int
compare_paths(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

size_t
store_lacking(const struct store *s, struct entry **v, size_t n)
{
	struct fs_near near = FS_NEAR;
	char path[STORE_PATH_BYTES];
	size_t i, lacking = 0;
	struct fs_stat st;

	/* By hash: then neighbours lie in one folder, which stays open. */
	store_sort_contents(v, n);
	for (i = 0; i < n; i++) {
		store_path(path, "content", &v[i]->content.hash);
		if (fs_stat_near(s->fs, s->root, path, &near, &st) != 0 ||
		    st.type != FS_FILE || st.size != v[i]->content.size)
			v[lacking++] = v[i];
	}
	fs_near_close(s->fs, &near);
	qsort(v, lacking, sizeof(struct entry *), compare_paths);
	return lacking;
}

/* What is written here is no file of the update folder. */
static const char copy_shown[] = "a copy in the state folder";

/* Copy fd to the new file to, and hash exactly what arrived there. */
static int
copy_hashed(struct store *s, int fd, const char *shown, int to,
    struct hash *hash, struct err *e)
{
	struct file_stream in = {s->fs, fd, 0, shown};
	struct file_stream out = {s->fs, to, 0, copy_shown};
	struct source src = source_of_file(&in);
	struct sink file = sink_of_file(&out), sink;
	struct hash_sink hs = {NULL, &file, 0};
	int64_t n;
	int rc;

	if (fs_clone(s->fs, to, fd) == 0)
		return file_hash(s->fs, to, shown, hash, e);
	if ((rc = hasher_new(&hs.hasher, e)) != 0)
		return rc;
	sink = sink_of_hash(&hs);
	n = stream_copy(&src, &sink, e);
	rc = n < 0 ? (int)n : hasher_final(hs.hasher, hash, e);
	hasher_free(hs.hasher);
	if (rc == 0 && (rc = sparse_end(s->fs, to, out.pos)) < 0)
		rc = err_sys(e, -rc, "write", copy_shown);
	return rc;
}

int
store_add_content(struct store *s, int fd, const char *shown, struct hash *hash,
    uint64_t *size, struct err *e)
{
	char temp[STORE_PATH_BYTES];
	struct fs_stat st;
	int to, rc;

	if ((to = store_temp(s, temp, e)) < 0)
		return to;
	if ((rc = copy_hashed(s, fd, shown, to, hash, e)) != 0)
		goto out;
	if ((rc = at_fstat(s->fs, to, temp, &st, e)) != 0)
		goto out;
	*size = st.size;
	/* Pending first: a collection must not meet it in between. */
	store_lock(s);
	rc = hash_set_add(&s->blobs->pending, hash, e);
	store_unlock(s);
	if (rc == 0)
		rc = store_place(s, temp, "content", hash, e);
	if (rc == 0)
		store_content_added(s, hash);
out:
	fs_close_quietly(s->fs, &to);
	if (rc != 0)
		(void)fs_unlink(s->fs, s->root, temp);
	return rc;
}

int
store_open_content(const struct store *s, const struct hash *hash,
    uint64_t *size, struct err *e)
{
	char path[STORE_PATH_BYTES];
	struct fs_stat st;
	int fd, rc;

	store_path(path, "content", hash);
	if ((fd = at_open(s->fs, s->root, path, FS_READ, e)) < 0)
		return fd == ERP_NOTFOUND ? store_missed(s, e) : fd;
	if ((rc = at_fstat(s->fs, fd, path, &st, e)) != 0) {
		fs_close_quietly(s->fs, &fd);
		return rc;
	}
	*size = st.size;
	return fd;
}

void
content_remove(struct store *s, const struct hash *hash)
{
	char path[STORE_PATH_BYTES];

	store_path(path, "content", hash);
	(void)fs_unlink(s->fs, s->root, path);
	store_lock(s);
	checked_forget(s->blobs, hash);
	store_unlock(s);
}

void
store_drop_content(struct store *s, const struct hash *hash)
{
	content_remove(s, hash);
	store_lock(s);
	s->blobs->stats.damaged++;
	store_unlock(s);
}

/* Sync one content; a file whose sync failed is lost, so it goes. */
static int
sync_content(struct store *s, const struct hash *h, struct err *e)
{
	char path[STORE_PATH_BYTES];
	int fd, rc;

	store_path(path, "content", h);
	if ((fd = fs_open(s->fs, s->root, path, FS_WRITE, 0)) < 0)
		return fd == -ENOENT ? 0 : err_sys(e, -fd, "open", path);
	rc = at_fsync(s->fs, fd, path, e);
	fs_close_quietly(s->fs, &fd);
	if (rc != 0)
		content_remove(s, h);
	return rc;
}

/* Sync the folders of these contents, each once: the set is sorted.  And the
 * one that they came from: fsync(2) promises no name across two folders. */
static int
sync_folders(struct store *s, const struct hash_set *set, struct err *e)
{
	char path[STORE_PATH_BYTES];
	size_t i;
	int rc = 0;

	assert(!set->unsorted);
	for (i = 0; rc == 0 && i < set->n; i++) {
		if (i > 0 && set->v[i].b[0] == set->v[i - 1].b[0])
			continue;
		store_path(path, "content", &set->v[i]);
		*strrchr(path, '/') = '\0';
		rc = dir_sync(s->fs, s->root, path, e);
	}
	if (rc == 0)
		rc = dir_sync(s->fs, s->root, "content", e);
	return rc == 0 ? dir_sync(s->fs, s->root, "tmp", e) : rc;
}

void
pending_exchange(struct store *s, struct hash_set *set)
{
	struct hash_set old;

	store_lock(s);
	old = s->blobs->pending;
	s->blobs->pending = *set;
	store_unlock(s);
	*set = old;
}

/* Many contents in one go; which of them a failure hit is not known. */
static int
sync_at_once(struct store *s, const struct hash_set *set, struct err *e)
{
	int rc = fs_syncfs(s->fs, s->root, set->n);
	size_t i;

	if (rc >= 0)
		return rc;
	for (i = 0; i < set->n; i++)
		content_remove(s, &set->v[i]);
	return err_sys(e, -rc, "sync", "the new contents of the state folder");
}

static int
sync_each(struct store *s, const struct hash_set *set, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < set->n; i++)
		rc = sync_content(s, &set->v[i], e);
	return rc == 0 ? sync_folders(s, set, e) : rc;
}

int
contents_sync(struct store *s, struct err *e)
{
	struct hash_set set = {.v = NULL};
	int rc;

	pending_exchange(s, &set);
	if (set.n == 0)
		return 0;
	/* Of what broke off before it was saved, no release needs some. */
	memset(s->tidy_number, 0, sizeof(s->tidy_number));
	hash_set_sort(&set);
	if ((rc = sync_at_once(s, &set, e)) == 1)
		rc = sync_each(s, &set, e);
	if (rc != 0)
		pending_exchange(s, &set);
	hash_set_release(&set);
	return rc;
}

struct collection {
	struct store *s;
	struct hash_set *needed;
};

static bool
keep_content(void *arg, const char *path, const struct hash *h)
{
	struct collection *c = arg;

	(void)path;
	if (hash_set_has(c->needed, h) ||
	    hash_set_has(&c->s->blobs->pending, h))
		return true;
	checked_forget(c->s->blobs, h);
	return false;
}

int
contents_collect(struct store *s, struct hash_set *needed, struct err *e)
{
	struct collection c = {s, needed};

	return store_sweep(s, "content", keep_content, &c, e);
}
