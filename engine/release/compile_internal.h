#ifndef ERPSYNC_ENGINE_RELEASE_COMPILE_INTERNAL_H
#define ERPSYNC_ENGINE_RELEASE_COMPILE_INTERNAL_H

/*
 * What the files of compile share: compile.c (the door), compile_road.c
 * (which road), compile_full.c
 * (the compressed file), compile_sums.c (rolling checksums), compile_patch.c
 * (two contents), compile_group.c (many small ones), and what these stand on:
 * compile_key.c (keys and answers) and compile_content.c (contents that are
 * checked as they are read).
 */

#include "engine/base/stream.h"
#include "engine/release/compile.h"

#include <stdatomic.h>
#include <stdbool.h>

struct fs;
struct hasher;
struct signature;

/* QUICK is what a station waits for until compile_best has made the FINAL
 * one; FAIR is for answers that only one station waits for. */
enum compile_effort { COMPILE_FINAL, COMPILE_FAIR, COMPILE_QUICK };

/* What is being made, of what and how. */
struct compile_work {
	struct store *s;
	const struct compile_one *one;
	const struct compile_how *how;
};

/* What may answer is of no use, or not smaller than another answer: neither a
 * failure nor a stop, so the next road is gone. */
enum { ANSWER_NONE = 1 };

/* In front of each key: to be raised when the making of such blobs changes, so
 * that those made before are not found any more. */
enum { FORMAT_ONE = 4, FORMAT_GROUP = 4 };

/* A question to the store; its answer's key depends on all it is about. */
enum question {
	QUESTION_FULL = 'f', /* the compressed file */
	QUESTION_BASIS = 'b', /* from a basis that the store has */
	QUESTION_SUMS = 's' /* from a station's sums */
};

/* What an answer is kept under, and which contents it is about. */
struct answer_about {
	struct hash key;
	struct hash quick; /* the key of the quick answer, when this is final */
	bool may_be_quick;
	struct hash refs[BLOB_MAX_REFS];
	size_t ref_n;
	bool lone; /* it depends on what one station has */
};

/* compile_key.c: the key of a question. */
int question_key(const struct compile_one *one, enum question q,
    enum compile_effort effort, struct hash *key, struct err *e);

/* The keys of an answer that is going to be made of this effort. */
int answer_begin(const struct compile_one *one, enum question q,
    enum compile_effort effort, struct answer_about *about, struct err *e);

/* Has who asked given up? */
bool compile_is_stopped(const struct compile_how *how);

/* From this size on targets are first packed in a hurry, and well later. */
enum { QUICK_FROM = 1024 * 1024 };

/* zstd's level for content of this size. */
int compile_level(uint64_t size, enum compile_effort effort);

/*
 * Both make an answer final, or quick, as its key says: what w took, which is
 * gone then in any case, or a blob that is there.  A quick answer to the same
 * question that is no larger stays instead, and becomes final; *out is what
 * answers from now on.
 */
int answer_share(struct store *s, const struct answer_about *about,
    struct blob *out, struct err *e);
int answer_commit(struct store *s, struct blob_writer *w,
    const struct answer_about *about, enum codec codec, struct blob *out,
    struct err *e);

/* compile_content.c: a content of the store that is hashed as it is read,
 * unless this process did so before. */
struct content_reader {
	struct store *s;
	/* To be set by whoever can be given up: then a read fails with
	 * ERP_CANCELLED.  Else NULL. */
	const struct compile_how *how;
	struct hash want;
	uint64_t size, real; /* wanted, and of the file */
	struct file_stream file;
	struct source inner;
	struct hasher *hasher;
	uint64_t count;
};
int content_open(struct content_reader *c, struct store *s,
    const struct hash *want, uint64_t size, struct err *e);
struct source content_source(struct content_reader *c);
/*
 * Close; was all of it read, and was it what its name says?  Damage is
 * noticed here rather than by every station: the content is removed then,
 * ERP_CORRUPT.  rc, a failure so far, stays otherwise.
 */
int content_close(struct content_reader *c, int rc, struct err *e);
/* Hash it again, and from now on every other one. */
int content_verify(
    struct store *s, const struct hash *want, uint64_t size, struct err *e);
/* Hash it unless this process did: ERP_CORRUPT when it was damaged, and is
 * gone with the answers about it.  That it is gone already is no failure:
 * answers outlive what they were made of. */
int content_vouch(
    struct store *s, const struct hash *want, uint64_t size, struct err *e);
/* Read one whole, checked, into size bytes at to. */
int content_read(struct store *s, const struct hash *want, uint64_t size,
    uint8_t *to, struct err *e);

/* One whole, checked: large ones as they lie in the page cache (fs_map), or
 * read.  The file may be removed meanwhile; nobody writes into it. */
struct held {
	const uint8_t *p;
	size_t n;
	const struct fs *fs; /* it is mapped, else NULL */
};
int content_hold(struct store *s, const struct hash *want, uint64_t size,
    struct held *out, struct err *e);
void content_release(struct held *h); /* a zeroed one is fine */

/*
 * compile_full.c: the compressed target, from the store or made.
 * ANSWER_NONE when it would not be smaller than below bytes.
 */
int full_find(const struct compile_work *work, enum compile_effort effort,
    uint64_t below, struct blob *out, struct err *e);

/* One that nobody can find before it is taken, unless it lay there. */
struct full {
	struct blob_writer *w; /* NULL: it lay there */
	struct blob blob; /* of one that is new only the length */
	struct answer_about about;
};

/* The same while somebody may still make a smaller one, and lower below.
 * full_take makes it an answer; else the caller aborts its writer. */
int full_make(const struct compile_work *work, enum compile_effort effort,
    const atomic_uint_fast64_t *below, struct full *out, struct err *e);
int full_take(
    struct store *s, struct full *full, struct blob *out, struct err *e);

/*
 * compile_sums.c: the delta from a signature, or the compressed target where
 * that is smaller.  sums_take loads the one that a station sent without its
 * header, sums_sign makes that of a basis that the store has.
 */
int sums_take(
    const struct compile_one *one, struct signature **out, struct err *e);
int sums_sign(
    const struct compile_work *work, struct signature **out, struct err *e);
int sums_answer(const struct compile_work *work, struct signature *sums,
    const struct answer_about *about, struct blob *out, struct err *e);

/*
 * compile_patch.c: the patch between two contents, or the compressed target
 * where that is smaller.  ANSWER_NONE when they have too little in common, or
 * are too large; ERP_CANCELLED when the request is given up.
 */
int patch_answer(const struct compile_work *work, enum compile_effort effort,
    const struct answer_about *about, struct blob *out, struct err *e);

/* Are all contents of the request small enough to be held in memory? */
bool patch_fits(const struct compile_one *one);

/* The same from a basis of which only sums and a content like it are known;
 * sums NULL: those of req, which are short. */
int patch_answer_sums(const struct compile_work *work, struct signature *sums,
    const struct answer_about *about, struct blob *out, struct err *e);

/* compile_road.c: compile_blob, compile_best and compile_key of a file; *out
 * is zeroed. */
int compile_one(
    const struct compile_work *work, struct compile_answer *out, struct err *e);
int compile_one_best(const struct compile_work *work, struct err *e);
int compile_one_key(
    const struct compile_one *one, struct hash *key, struct err *e);

/* compile_group.c: the same of a group. */
int compile_group(struct store *s, const struct compile_group *group,
    struct blob *out, struct err *e);
int compile_group_best(struct store *s, const struct compile_group *group,
    const struct compile_stop *stop, struct err *e);
int compile_group_key(
    const struct compile_group *group, struct hash *key, struct err *e);

#endif
