#ifndef ERPSYNC_TRANSPORT_SERVER_SERVER_BOOKS_H
#define ERPSYNC_TRANSPORT_SERVER_SERVER_BOOKS_H

/*
 * The books of a server session: which files are wanted, how far each is
 * between WANT and the last byte of its DATA, and what waits to be compiled.
 * Anybody may look; only these functions change them.  What a station says is
 * checked here against what it said before.
 */

#include "engine/base/buf.h"
#include "transport/wire/msg.h"

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct manifest;

enum { BATCHES_MAX = 64 /* WANTs and sums waiting to be compiled */ };
#define SUMS_MAX ((size_t)64 * 1024 * 1024) /* of the largest basis */
/* Sums that wait to be compiled: above this no more input is read. */
#define SUMS_HELD_MAX ((size_t)4 * 1024 * 1024)

/* A file between WANT and the last byte of its DATA. */
enum pending_state {
	PENDING_WANTED,
	PENDING_SUMS,
	PENDING_OFFERED,
	PENDING_FETCH
};
struct pending {
	RB_ENTRY(pending) tree; /* by index */
	TAILQ_ENTRY(pending) list; /* in owing or fetches */
	uint32_t index;
	enum pending_state state;
	struct msg_want want;
	struct msg_offer offer;
	uint64_t offset; /* next byte to read of the blob */
	/* PENDING_SUMS: which, how many bytes, and the group whose they are. */
	bool short_sums;
	bool recalled[2]; /* sums of either kind, short ones second */
	uint64_t owed;
	struct batch *group; /* or NULL: the file's own */
};
RB_HEAD(pending_tree, pending);
TAILQ_HEAD(pending_list, pending);

/* How a member of a group goes on, which its basis decides. */
enum member_state {
	MEMBER_ASKED, /* as the station asked for it */
	MEMBER_SUMMED, /* its short sums are in the batch's */
	MEMBER_LEFT /* alone, outside the group */
};

/* Wants (n >= 1) or one file's sums, waiting for the compile lane. */
struct batch {
	TAILQ_ENTRY(batch) list;
	/* A group, to be answered by one blob: enum member_state of each
	 * want.  Else NULL. */
	uint8_t *members;
	bool short_sums; /* which sums */
	struct buf sums; /* not empty: of the basis, or of members' bases */
	bool has_recall; /* the hash of such sums, instead of them */
	struct hash recall;
	size_t n;
	struct msg_want want[];
};
TAILQ_HEAD(batch_list, batch);

/* What is wanted. */
struct books {
	struct pending_tree pending;
	size_t pending_n;
	struct pending_list owing; /* PENDING_SUMS, in the order asked */
	struct buf sums; /* of the first of them, as far as they came */
	struct pending_list fetches; /* PENDING_FETCH, in the order asked */
	struct batch_list batches;
	size_t batches_n;
	size_t batches_sums; /* bytes of sums in them */
	/* Blobs offered, and files wanted whole since one came out wrong. */
	uint64_t deltas, wholes;
	bool *was_whole; /* of each entry: it was wanted whole; NULL: none */
};

/* Of n wants, which are copied. */
int batch_new(
    const struct msg_want *v, size_t n, struct batch **out, struct err *e);
void batch_free(struct batch *b); /* NULL is fine */
void books_init(struct books *b);
void books_release(struct books *b);
/* Bytes of memory it takes; all of the books. */
size_t batch_held(const struct batch *b);
size_t books_held(const struct books *b);
bool books_are_full(const struct books *b); /* take no more */
/* One file of m is wanted now.  What is not believed of the want is taken out
 * of it. */
int books_want(struct books *b, const struct manifest *m, struct msg_want *want,
    struct err *e);
struct pending *books_find(struct books *b, uint32_t index); /* or NULL */
/* p is no longer wanted. */
void books_forget(struct books *b, struct pending *p);
/* Takes batch; books_take_batch gives the oldest back. */
void books_queue(struct books *b, struct batch *batch);
const struct batch *books_next_batch(const struct books *b); /* or NULL */
struct batch *books_take_batch(struct books *b);
/* So many bytes of sums are awaited under p, of its own basis ... */
void books_owe(
    struct books *b, struct pending *p, uint64_t owed, bool short_sums);
/* ... or of those of a whole group, which the books take. */
void books_owe_group(
    struct books *b, struct pending *p, uint64_t owed, struct batch *group);
/* Sums came, in the order in which they are owed: the batch that waited for
 * them is queued with the last byte. */
int books_take_sums(struct books *b, const uint8_t *p, size_t n, struct err *e);
/* The sums that are due are not sent again: their hash is there. */
int books_recall(struct books *b, const struct hash *sums, struct err *e);
/* A blob is offered for p; or p comes with the blob offered for its group. */
void books_offer(
    struct books *b, struct pending *p, const struct msg_offer *offer);
void books_settle(struct books *b, struct pending *p);
/* What was offered is fetched: queued, unless the station has all of it. */
int books_fetch(struct books *b, const struct msg_fetch *fetch, struct err *e);
const struct pending *books_next_fetch(const struct books *b); /* or NULL */
/* Of the next fetch n more bytes are under way; all of it is gone. */
void books_sent(struct books *b, size_t n);
void books_end_fetch(struct books *b);

#endif
