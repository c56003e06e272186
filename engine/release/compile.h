#ifndef ERPSYNC_ENGINE_RELEASE_COMPILE_H
#define ERPSYNC_ENGINE_RELEASE_COMPILE_H

/*
 * Which blob brings a station from its basis to a wanted content.  A station
 * that waits gets the best one that is ready, or one that is made within
 * about a second; the best one is made meanwhile, once for all stations.
 * Everything made is kept in the store.  Safe to call from several threads.
 */

#include "engine/base/hash.h"
#include "engine/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crew;
struct err;

enum { PART_LEN = 8 };

/* One of many small files that are answered by one blob. */
struct compile_member {
	struct hash target;
	uint64_t target_size;
	struct hash basis; /* in the store; with basis_size > 0 */
	uint64_t basis_size;
	/* Short sums of a basis that is not known, instead of its hash, and
	 * the content that it may be an edited form of. */
	const uint8_t *sums;
	struct hash like;
	uint64_t like_size;
};

struct compile_stop {
	bool (*is_set)(void *ctx);
	void *ctx;
};

/* A single file. */
struct compile_one {
	struct hash target;
	uint64_t target_size;
	bool has_basis;
	struct hash basis;
	uint64_t basis_size;
	/* Signature of the basis without header, or short sums, or NULL when
	 * not sent. */
	const uint8_t *sums;
	size_t sums_len;
	bool short_sums;
	/* Of sums of this kind that were sent once, the hash, or NULL: the
	 * answer that was made from them, else the question again. */
	const struct hash *recall;
	/* A content that an unknown basis may be an edited form of, or size
	 * 0: an earlier one of the same name, usually. */
	struct hash like;
	uint64_t like_size;
	/* The first bytes, PART_LEN, of the id of a blob of which the station
	 * has a part: it is the answer as long as it is one; or NULL. */
	const uint8_t *part;
	/* What was answered before came out wrong: trust no content that is
	 * not hashed again. */
	bool again;
};

/* Many small ones, at least one. */
struct compile_group {
	const struct compile_member *members;
	size_t n;
	/* The hash of all sums of the members that have neither those nor a
	 * basis, or NULL: the answer made from them, else ERP_NOTFOUND. */
	const struct hash *recall;
};

/* What making it may cost.  A group is made without a crew. */
struct compile_how {
	/* Asked now and then whether to give up; NULL: never.  compile_best
	 * sets it. */
	const struct compile_stop *stop;
	/* For what a station waits for; may be NULL.  stop is asked by all. */
	const struct crew *crew;
};

struct compile_request {
	bool is_group;
	union {
		struct compile_one one;
		struct compile_group group;
	};
	struct compile_how how;
};

struct compile_answer {
	bool need_sums; /* basis unknown here: ask for its signature, */
	bool short_sums; /* or for short sums, which may do */
	struct blob blob; /* else this one */
	/* compile_best may bring a smaller one; not said of groups. */
	bool provisional;
};

/*
 * The smaller of the compressed file and a delta.  A basis that the store
 * holds (an older release) needs no signature from the station.
 * ERP_CORRUPT when sums do not fit basis_size.
 *
 * Of a group: the concatenated targets, as a patch from the concatenated
 * bases (CODEC_PATCH) or by themselves (CODEC_FULL), both in the order of the
 * members.  ERP_NOTFOUND or ERP_CORRUPT when the store does not have a basis
 * or target any more: damaged ones are all dropped by then.
 */
int compile_blob(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e);

/*
 * Make the smallest blob that compile_blob answers with from then on, unless
 * it is there: up to a minute for 100 MB, and eight times the basis in memory.
 * A provisional blob that is no larger becomes the final one.
 * Only for requests without sums, as those are one station's.  stop may be
 * NULL; it is asked now and then, and ends the work with ERP_CANCELLED
 * within seconds.
 */
int compile_best(struct store *s, const struct compile_request *req,
    const struct compile_stop *stop, struct err *e);

/* Is it made in so little time that there is no point in making it ahead?
 * Besides, small files are mostly asked for in groups. */
bool compile_is_small(const struct compile_one *one);

/* The key under which equal requests meet, to compute them once. */
int compile_key(
    const struct compile_request *req, struct hash *key, struct err *e);

#endif
