#ifndef ERPSYNC_ENGINE_RELEASE_STORE_H
#define ERPSYNC_ENGINE_RELEASE_STORE_H

/*
 * The server's state folder (docs/storage.md):
 *   content/HH/HASH    uncompressed contents of all kept releases
 *   blob/HH/ID         encoded blobs, named by the hash of their bytes
 *   key/HH/KEY         which blob answers a question (codec, basis, target)
 *   release/OS/        manifests of kept releases and which one is current
 *   tmp/               unfinished files, emptied at start
 * Everything in it is immutable once named; many threads may read and add at
 * once.  Losing blob/ and key/ costs only time.
 */

#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "engine/delta/pack.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct fs;
struct manifest;
struct store;

struct blob {
	struct hash id; /* hash of the blob's bytes */
	enum codec codec;
	uint64_t len; /* bytes */
};

/* Open or create the state folder; ERP_BUSY if another server holds it. */
int store_open(
    const struct fs *fs, const char *path, struct store **out, struct err *e);
void store_close(struct store *s);
const struct fs *store_fs(const struct store *s);

/* Content.  store_add_content copies an open file in (reflink, else bytes)
 * and reports the hash and size of what was copied. */
bool store_has_content(
    const struct store *s, const struct hash *hash, uint64_t size);
int store_add_content(struct store *s, int fd, const char *shown,
    struct hash *hash, uint64_t *size, struct err *e);
/* An open descriptor (close with fs_close), or ERP_NOTFOUND. */
int store_open_content(const struct store *s, const struct hash *hash,
    uint64_t *size, struct err *e);

/*
 * Blobs.  A key is a hash that names the question; store_find_blob answers 0
 * or ERP_NOTFOUND.  A writer takes bytes through its sink and either becomes
 * the answer to key or is dropped.
 */
struct blob_writer;
int store_find_blob(const struct store *s, const struct hash *key,
    struct blob *out, struct err *e);
int store_blob_begin(struct store *s, struct blob_writer **out, struct err *e);
struct sink blob_writer_sink(struct blob_writer *w);
uint64_t blob_writer_len(const struct blob_writer *w);
/* Both end the writer. */
int store_blob_commit(struct blob_writer *w, const struct hash *key,
    enum codec codec, struct blob *out, struct err *e);
void store_blob_abort(struct blob_writer *w);
int store_open_blob(
    const struct store *s, const struct hash *id, uint64_t *len, struct err *e);

/*
 * Releases of one system, oldest first.  Saving makes it current and drops
 * the oldest beyond keep, with contents and blobs nobody needs any more.
 */
int store_save_release(struct store *s, const struct manifest *m, int keep,
    struct hash *id, struct err *e);
int store_load_current(struct store *s, enum path_os os, struct manifest *out,
    struct err *e); /* ERP_NOTFOUND: none yet */
int store_load_release(struct store *s, enum path_os os, const struct hash *id,
    struct manifest *out, struct err *e);

#endif
