#ifndef ERPSYNC_ENGINE_STORE_STORE_INTERNAL_H
#define ERPSYNC_ENGINE_STORE_STORE_INTERNAL_H

/*
 * Inside of the store, shared by its files.  From the ground up: store.c (the
 * folder), store_evict.c (what is known of blobs), store_crcs.c and
 * store_checked.c, store_key.c (records), store_blob.c, store_content.c,
 * store_release.c (releases and what they need), store_known.c (what stations
 * may have), store_answer.c (which blob answers what), store_release_drop.c
 * (old releases), store_save.c (publishing) and store_open.c.
 *
 * Locks: `publishing` is held by one publisher at a time, for as long as it
 * works; `mutex` only around look-ups and single file calls.  A thread that
 * takes both takes `publishing` first.
 */

#include "engine/base/hash.h"
#include "engine/store/hash_set.h"
#include "engine/store/store.h"

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { STORE_PATH_BYTES = 128 }; /* every path in the state folder fits */

/* What is known of a blob on disk. */
struct blob_entry {
	RB_ENTRY(blob_entry) node;
	TAILQ_ENTRY(blob_entry) age;
	struct hash id;
	uint64_t len;
	int64_t mtime; /* only to sort at start */
	uint64_t used; /* value of blobs.clock at the last use */
	uint64_t used_ms; /* when that was, in monotonic ms; 0: never */
	bool lone; /* made for one station, and not asked for again */
	bool checked; /* written or hashed by this process */
	uint64_t hashed; /* when, in monotonic ms; 0: it was not */
	uint32_t *crcs; /* of its pieces, since then; or NULL */
	size_t crcs_n;
};
RB_HEAD(blob_tree, blob_entry);
TAILQ_HEAD(blob_ages, blob_entry);

struct checked_content;
RB_HEAD(checked_tree, checked_content);

struct blobs {
	pthread_mutex_t mutex; /* also guards what is known of contents */
	struct blob_tree tree;
	struct blob_ages ages; /* least recently used first; not the lone */
	struct blob_ages lone; /* which are here, in the same order */
	uint64_t bytes; /* on disk, with the keys' share */
	uint64_t lone_bytes; /* of them */
	uint64_t budget;
	uint64_t clock; /* counts uses */
	size_t blob_n; /* in the tree */
	size_t key_n; /* keys on disk, roughly */
	struct store_stats stats; /* its counters of what happened */
	uint64_t temp_n; /* names in tmp/ given out so far */
	/* Contents that are named but not yet synced nor in a release. */
	struct hash_set pending;
	struct checked_tree contents;
	/* store_known.c: how often a release was saved; the contents of the
	 * releases as they were after known_saves - 1 times; 0: never read. */
	uint64_t saves;
	struct hash_set known;
	uint64_t known_saves;
};

struct store {
	const struct fs *fs;
	const struct clock *clock;
	int root;
	char *path; /* by which it was opened, or NULL */
	int lock_fd;
	pthread_mutex_t publishing; /* recursive */
	/* The release last saved, if nothing older has to go; how many stay. */
	uint64_t tidy_number[PATH_OS_N];
	int tidy_keep[PATH_OS_N];
	struct blobs *blobs; /* apart, so that a const store can use it */
};

/* Around look-ups and single file calls: blobs.mutex, which a const store has,
 * too.  It knows its owner: one lock without its unlock is noticed. */
static inline void
store_lock(const struct store *s)
{
	if (pthread_mutex_lock(&s->blobs->mutex) != 0)
		abort();
}

static inline void
store_unlock(const struct store *s)
{
	if (pthread_mutex_unlock(&s->blobs->mutex) != 0)
		abort();
}

/* "content", hash -> "content/ab/abcd..." */
void store_path(
    char out[STORE_PATH_BYTES], const char *kind, const struct hash *h);
/* A fresh file in tmp/: its descriptor and path. */
int store_temp(struct store *s, char path[STORE_PATH_BYTES], struct err *e);
/* Rename tmp file path to its place, making the folder HH when missing. */
int store_place(struct store *s, const char *temp, const char *kind,
    const struct hash *h, struct err *e);
/* A file that ought to be there is not: ERP_NOTFOUND, or what is worse. */
int store_missed(const struct store *s, struct err *e);

/*
 * Ask keep about each kind/HH/HASH and remove those it refuses; other names
 * are left alone.  The question and the removal are one step under
 * blobs.mutex, which keep therefore must not take.
 */
typedef bool store_keep_fn(void *arg, const char *path, const struct hash *h);
int store_sweep(struct store *s, const char *kind, store_keep_fn *keep,
    void *arg, struct err *e);

/* store_blob.c */
int blobs_open(struct store *s, struct err *e);
void blobs_close(struct store *s);

/* store_evict.c; entry_* want blobs.mutex held. */
RB_PROTOTYPE(blob_tree, blob_entry, node, compare_entries)
struct blob_entry *entry_find(struct blobs *b, const struct hash *id);
/* The entry of a blob of this length, which is new or written anew; or NULL. */
struct blob_entry *entry_add(
    struct blobs *b, const struct hash *id, uint64_t len);
void entry_touch(struct store *s, struct blob_entry *entry);
/* Was it used so lately that a station may be about to fetch it? */
bool entry_is_leased(const struct store *s, const struct blob_entry *entry);
void entry_set_lone(struct blobs *b, struct blob_entry *entry, bool lone);
/* remove leaves the file alone, drop takes it, too. */
void entry_remove(struct blobs *b, struct blob_entry *entry);
void entry_drop(struct store *s, struct blob_entry *entry);
void entry_evict(struct store *s);
/* It was asked for again: from now on it has the standing of all others. */
void blob_share(struct store *s, const struct hash *id);

/* store_crcs.c: a sink that takes the CRCs of pieces, then hands all to next.
 * v is freed by the owner, or taken. */
struct crc_sink {
	const struct sink *next; /* may be NULL */
	uint32_t *v;
	size_t n, cap;
	size_t room; /* bytes that the last piece has room for */
};
struct sink sink_of_crc(struct crc_sink *c);
void entry_take_crcs(struct blob_entry *entry, struct crc_sink *c);

/* store_checked.c.  A content is known to be right, although nobody hashed the
 * stored bytes. */
void store_content_added(struct store *s, const struct hash *h);
/* Was what was hashed at this time hashed so lately that it need not be now,
 * whoever doubts it? */
bool store_is_fresh(const struct store *s, uint64_t hashed);
/* Both want blobs.mutex held, or nobody else there. */
void checked_forget(struct blobs *b, const struct hash *h);
void checked_release(struct blobs *b);

/* store_key.c */
struct key_record {
	struct blob blob;
	struct hash refs[BLOB_MAX_REFS];
	size_t ref_n;
};
/* What is written at path: false when there is none or it is damaged. */
bool key_read(const struct store *s, const char *path, struct key_record *r);
int key_write(struct store *s, const struct hash *key,
    const struct key_record *r, struct err *e);
int keys_count(struct store *s, struct err *e);

/* store_answer.c.  Remove keys that refer to contents not in needed, and blobs
 * that no key names: 1 when one stays for now, as it was used lately. */
int blobs_collect(struct store *s, struct hash_set *needed, struct err *e);

/* store_release.c: add the contents of all kept releases but damaged ones, up
 * to a failure. */
int releases_contents(struct store *s, struct hash_set *out, struct err *e);

/* store_known.c: the releases have changed. */
void known_outdate(struct store *s);

/* store_content.c.  By hash: then neighbours lie in one folder. */
void store_sort_contents(struct entry **v, size_t n);
/* It is there no more, and was not hashed. */
void content_remove(struct store *s, const struct hash *hash);
/* Take the pending set out of the store, or put it back. */
void pending_exchange(struct store *s, struct hash_set *set);
/* Sync all pending contents, which then are pending no more. */
int contents_sync(struct store *s, struct err *e);
/* Remove contents that are neither needed nor pending. */
int contents_collect(struct store *s, struct hash_set *needed, struct err *e);

#endif
