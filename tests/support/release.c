/* A store for tests. */
#include "tests/support/release.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store_hold.h"
#include "engine/tree/manifest.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
must(int rc, const struct err *e)
{
	if (rc == 0)
		return;
	fprintf(stderr, "release fixture: %s\n", e->msg);
	abort();
}

/* Nothing was looked at within the last minute, nor used within a lease. */
static uint64_t
long_ago(void *ctx)
{
	static atomic_ullong now;

	(void)ctx;
	return atomic_fetch_add(&now, STORE_LEASE_MS) + STORE_LEASE_MS;
}

void
release_reopen_on(struct release_fixture *f, const struct fs *fs)
{
	static const struct clock clock = {long_ago, NULL, NULL};
	char path[300];
	struct err e;

	store_close(f->store);
	(void)snprintf(path, sizeof(path), "%s/state", f->dir.path);
	must(store_open(fs, path, &f->store, &e), &e);
	store_set_clock(f->store, &clock);
}

void
release_reopen(struct release_fixture *f)
{
	release_reopen_on(f, fs_real());
}

void
release_begin(struct release_fixture *f)
{
	tempdir_open(&f->dir);
	f->store = NULL;
	release_reopen(f);
}

void
release_end(struct release_fixture *f)
{
	store_close(f->store);
	tempdir_close(&f->dir);
}

struct hash
release_content(struct release_fixture *f, const void *p, size_t n)
{
	struct hash h;
	struct err e;
	uint64_t size;
	int fd;

	tempdir_write(&f->dir, "content.in", p, n, -1);
	fd = fs_open(fs_real(), f->dir.fd, "content.in", FS_READ, 0);
	must(fd < 0 ? err_sys(&e, -fd, "open", "content.in") : 0, &e);
	must(store_add_content(f->store, fd, "content.in", &h, &size, &e), &e);
	fs_close_quietly(fs_real(), &fd);
	return h;
}

void
release_file(struct release_fixture *f, struct manifest *m, const char *path,
    const void *p, size_t n)
{
	struct entry entry = {.type = ENTRY_FILE,
	    .content.size = n,
	    .mtime.s = 1700000000,
	    .content.known = true};
	struct err e;
	char name[PATH_MAX_BYTES + 1];

	(void)snprintf(name, sizeof(name), "%s", path);
	entry.path = name;
	entry.content.hash = release_content(f, p, n);
	must(manifest_add(m, &entry, &e), &e);
	must(manifest_sort(m, &e), &e);
}

struct hash
release_save(struct release_fixture *f, const char *text, int keep)
{
	struct manifest m;
	struct hash id;
	struct err e;

	manifest_init(&m, PATH_OS_LINUX);
	release_file(f, &m, "a.txt", text, strlen(text));
	must(store_save_release(f->store, &m, keep, &id, &e), &e);
	manifest_release(&m);
	return id;
}

struct store *
release_beside(struct release_fixture *f)
{
	struct store *beside;
	char path[300];
	struct err e;

	(void)snprintf(path, sizeof(path), "%s/state", f->dir.path);
	must(store_open_beside(fs_real(), path, &beside, &e), &e);
	return beside;
}

char *
release_path(const char *kind, const struct hash *h)
{
	char hex[HASH_HEX_LEN + 1], path[200];

	hash_hex(h, hex);
	(void)snprintf(path, sizeof(path), "state/%s/%.2s/%s", kind, hex, hex);
	return strdup(path);
}

struct hash
release_hash(const char *text)
{
	struct hash h;
	struct err e;

	must(hash_bytes(text, strlen(text), &h, &e), &e);
	return h;
}

int
release_add_blob(struct release_fixture *f, const char *question, size_t n,
    const struct hash *about, struct blob *out)
{
	struct hash key = release_hash(question);
	struct blob_writer *w;
	struct err e;
	struct sink to;
	size_t i = strlen(question);
	int rc;

	if ((rc = store_blob_begin(f->store, &w, &e)) != 0)
		return rc;
	to = blob_writer_sink(w);
	/* The question makes every blob another one. */
	must(to.write(to.ctx, question, i, &e), &e);
	for (; i < n; i++)
		must(to.write(to.ctx, "b", 1, &e), &e);
	if (about != NULL)
		blob_writer_refer(w, about);
	return store_blob_commit(w, &key, CODEC_FULL, out, &e);
}

int
release_find_blob(
    struct release_fixture *f, const char *question, struct blob *out)
{
	struct hash key = release_hash(question);
	struct err e;

	return store_find_blob(f->store, &key, out, &e);
}
