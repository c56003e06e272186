#ifndef ERPSYNC_ENGINE_STORE_STORE_H
#define ERPSYNC_ENGINE_STORE_STORE_H

/*
 * The server's state folder (docs/storage-server.md):
 *   format             one line that says what this folder is
 *   lock               held while a server or publisher uses the folder
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
#include "engine/base/stream.h"
#include "engine/delta/pack.h"

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct entry;
struct err;
struct fs;
struct manifest;
struct store;

struct blob {
	struct hash id; /* hash of the blob's bytes */
	enum codec codec;
	uint64_t len; /* bytes */
};

/* Open or create the state folder (its parent must exist); ERP_HELD if
 * another server holds it, ERP_USAGE if it is something else's folder. */
int store_open(
    const struct fs *fs, const char *path, struct store **out, struct err *e);
/* By which the age of what was checked is told; borrowed, the machine's at
 * first. */
void store_set_clock(struct store *s, const struct clock *clock);
void store_close(struct store *s);
const struct fs *store_fs(const struct store *s);
int store_dir(const struct store *s); /* open; for files beside its own */
bool store_is_gone(const struct store *s); /* was it removed meanwhile? */
bool store_is_moved(const struct store *s); /* is its path another's now? */
/* Hold a lock that was removed again: 1; 0: none was; ERP_HELD: another did. */
int store_lock_again(struct store *s, struct err *e);
/* If only emptied it is one again, and locked; ERP_HELD: another has it. */
int store_found_anew(struct store *s, struct err *e);

/*
 * Limit the bytes of blobs on disk, 2 GiB at first; each counts in whole
 * blocks.  The least recently used ones go first, never the newest.  One that
 * is open stays readable until it is closed.  One that was used lately, as by
 * an offer that a station has still to act on, stays for STORE_LEASE_MS; for
 * that a quarter more of the disk may be taken, and beyond that it goes.
 */
enum { STORE_LEASE_MS = 10 * 60 * 1000 };
void store_set_blob_budget(struct store *s, uint64_t bytes);

/*
 * The disk is full, whatever the limit: drop the least recently used blobs
 * until so many bytes of them are gone, but for those of the latest uses, which
 * may be promised.  How many bytes are gone; 0 when there are no such blobs.
 */
uint64_t store_make_room(struct store *s, uint64_t bytes);

/* How much of the blobs' budget is free, in 1/16. */
unsigned store_blob_room(const struct store *s);

/* What is there, and what happened since the store was opened. */
struct store_stats {
	size_t blobs, keys; /* on disk; keys roughly */
	uint64_t bytes, budget; /* of blobs, as store_set_blob_budget counts */
	uint64_t hits, misses; /* of store_find_blob */
	uint64_t written; /* blobs */
	uint64_t evicted; /* blobs that went for want of room */
	uint64_t damaged; /* blobs and contents that were found damaged */
};
/* All as of one moment. */
void store_stats(const struct store *s, struct store_stats *out);

/* Content.  store_add_content copies an open file in (reflink, else bytes)
 * and reports the hash and size of what was copied. */
bool store_has_content(
    const struct store *s, const struct hash *hash, uint64_t size);
/* Leave of these n files those whose contents the store has not, in the order
 * of their paths: how many.  Many are looked for faster than one by one. */
size_t store_lacking(const struct store *s, struct entry **v, size_t n);
int store_add_content(struct store *s, int fd, const char *shown,
    struct hash *hash, uint64_t *size, struct err *e);
/* The content of size bytes, of any kept release, whose hash begins with these
 * n bytes, or ERP_NOTFOUND. */
int store_find_content(struct store *s, const uint8_t *prefix, size_t n,
    uint64_t size, struct hash *out, struct err *e);
/* An open descriptor (close with fs_close), or ERP_NOTFOUND.  Whoever reads
 * it to its end checks the hash, and says when it is wrong: */
int store_open_content(const struct store *s, const struct hash *hash,
    uint64_t *size, struct err *e);
enum { STORE_DOUBT_MS = 60 * 1000 };
/* Was this content hashed by this process, when it was added or since, and
 * found right?  Then it need not be again. */
bool store_content_is_checked(const struct store *s, const struct hash *hash);
void store_content_checked(struct store *s, const struct hash *hash);
/* Something made of contents was found wrong: hash them all again, but for
 * those that were within the last minute (STORE_DOUBT_MS): who doubts for
 * nothing shall not keep the server busy. */
void store_uncheck_contents(struct store *s);
/* Remove a content that was found damaged; publishing copies it again. */
void store_drop_content(struct store *s, const struct hash *hash);

/*
 * Blobs.  A key is a hash that names the question; store_find_blob answers 0
 * or ERP_NOTFOUND.  A writer takes bytes through its sink and either becomes
 * the answer to key or is dropped.
 *
 * A blob can be gone at any time (evicted, found damaged): ERP_NOTFOUND then
 * means to compile it again.  A blob is never handed out before its bytes
 * were checked against its id once in this process.
 */
struct blob_writer;
enum { BLOB_MAX_REFS = 2 };
int store_find_blob(
    struct store *s, const struct hash *key, struct blob *out, struct err *e);
/* What is written of the answer to key, which may be damaged: it does not count
 * as a use. */
bool store_peek_blob(
    const struct store *s, const struct hash *key, struct blob *out);
int store_blob_begin(struct store *s, struct blob_writer **out, struct err *e);
struct sink blob_writer_sink(struct blob_writer *w);
uint64_t blob_writer_len(const struct blob_writer *w);
/* It is of use only while this content is kept; BLOB_MAX_REFS at most. */
void blob_writer_refer(struct blob_writer *w, const struct hash *content);
/* The answer is made for what one station has.  Until it is asked for again,
 * it shares a quarter of the budget with others of its kind. */
void blob_writer_set_lone(struct blob_writer *w);
/* Both end the writer. */
int store_blob_commit(struct blob_writer *w, const struct hash *key,
    enum codec codec, struct blob *out, struct err *e);
void store_blob_abort(struct blob_writer *w);
/* Make a blob that is there the answer to one more question; refs as for
 * blob_writer_refer. */
int store_add_key(struct store *s, const struct hash *key,
    const struct blob *blob, const struct hash refs[BLOB_MAX_REFS],
    size_t ref_n, struct err *e);
/* Forget the answers that are, or may be, about this content. */
int store_drop_answers(
    struct store *s, const struct hash *content, struct err *e);
/* An open descriptor (close with fs_close), or ERP_NOTFOUND. */
int store_open_blob(
    struct store *s, const struct hash *id, uint64_t *len, struct err *e);
/*
 * CRC-32 of n pieces of it from the first on, of STORE_PIECE bytes each (the
 * last as short as it is), computed from the bytes that were checked: bytes
 * that are damaged later do not fit.  False if it is gone.
 */
enum { STORE_PIECE = 64 * 1024 };
bool store_blob_crcs(const struct store *s, const struct hash *id, size_t first,
    size_t n, uint32_t *out);
/* A blob seems damaged: check each before its next use, but as above. */
void store_uncheck_blobs(struct store *s);

/*
 * One publisher at a time: from begin to end, contents that were found or added
 * stay.  end removes what was added and no release came to need.
 */
void store_publish_begin(struct store *s);
void store_publish_end(struct store *s);

enum { STORE_RELEASES_MAX = 100 }; /* of one system */

/*
 * Releases of one system, oldest first.  Saving makes it current and drops
 * the oldest beyond keep, with contents and blobs nobody needs any more.
 * When it returns 0 the release and its contents are on the disk for good.
 * ERP_NOTFOUND when a content of m was not added.  Loading answers
 * ERP_CORRUPT when the stored manifest is damaged.
 */
int store_save_release(struct store *s, const struct manifest *m, int keep,
    struct hash *id, struct err *e);
int store_load_current(struct store *s, enum path_os os, struct manifest *out,
    struct err *e); /* ERP_NOTFOUND: none yet */
int store_load_release(struct store *s, enum path_os os, const struct hash *id,
    struct manifest *out, struct err *e);
/* The one so many places before the current one, ERP_NOTFOUND: none. */
int store_load_older(struct store *s, enum path_os os, size_t back,
    struct manifest *out, struct err *e);

/* The seal of a release, a text kept as long as that is: durable.  Loading
 * appends it to out: 1, or 0 without one. */
int store_keep_seal(struct store *s, enum path_os os, const struct hash *id,
    const struct buf *text, struct err *e);
int store_load_seal(struct store *s, enum path_os os, const struct hash *id,
    struct buf *out, struct err *e);

#endif
