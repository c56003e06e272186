#ifndef ERPSYNC_TRANSPORT_STATION_STATION_TRANSFER_INTERNAL_H
#define ERPSYNC_TRANSPORT_STATION_STATION_TRANSFER_INTERNAL_H

/*
 * What travels.  Each distinct content that the station lacks is a transfer,
 * which goes through these states:
 *
 *	TODO -> WANTED -> (SUMS -> ASKED ->) FETCH or GROUPED -> DONE
 *
 * once more from WANTED when what came was wrong.  station_transfer.c keeps
 * the books: it alone changes states and items, and counts what is done.  Who
 * asks counts what is asked for.
 */

#include "engine/base/buf.h"
#include "engine/base/hash.h"
#include "engine/base/stream.h"
#include "transport/wire/msg.h"

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct action;
struct entry;
struct err;
struct frame;
struct missing;
struct stage;
struct station;
struct station_item;

enum transfer_state {
	TRANSFER_TODO, /* not asked for yet */
	TRANSFER_WANTED, /* WANT is sent */
	TRANSFER_SUMS, /* the server wants the sums of our basis */
	TRANSFER_ASKED, /* sums are sent */
	TRANSFER_FETCH, /* its blob is awaited */
	TRANSFER_GROUPED, /* it comes in the blob of another of its group */
	TRANSFER_DONE
};
struct transfer {
	TAILQ_ENTRY(transfer) list; /* in sums or fetches */
	size_t action; /* in the plan */
	uint32_t index; /* in the manifest */
	enum transfer_state state;
	struct transfer_group *group; /* it travels in, or NULL */
	bool whole; /* the delta failed, or none is possible */
	bool again; /* what came first was wrong */
	bool asked_short, asked_sums; /* of the basis, by the server, */
	uint64_t asked_by; /* in its ASK of this number */
	const struct entry *basis; /* what the station has, or NULL */
	struct msg_offer offer;
	uint64_t got; /* bytes of the blob here: */
	bool in_part; /* in a part file, else */
	struct buf mem;
};
TAILQ_HEAD(transfer_list, transfer);

/* Transfers that are wanted together; those that leave forget it. */
struct transfer_group {
	size_t first, n;
	uint64_t size; /* of the contents that come in its blob */
};

struct transfers {
	struct transfer *v; /* those of groups first */
	size_t n, done_n;
	size_t window_n; /* asked for and not done */
	size_t todo_next; /* the first that is not asked for, and in no group */
	struct transfer_group *groups;
	size_t groups_n, groups_next;
	struct transfer **by_index; /* of manifest entries */
	struct transfer_list sums; /* owed, in the order asked */
	struct transfer_list fetches; /* likewise */
	uint64_t asks_n; /* ASKs so far */
	uint64_t content_total, content_done; /* bytes */
	/* Of what was offered so far: contents, and their blobs. */
	uint64_t content_offered, blob_offered;
	uint64_t part_len; /* of a blob that was begun before a link broke: */
	struct hash part;
};

/* station_transfer.c.  Room for n transfers; their contents by transfer_init,
 * which takes what is lacked. */
int transfers_init(struct station *s, size_t n, struct err *e);
void transfer_init(
    struct station *s, struct transfer *t, const struct missing *want);
void transfers_release(struct transfers *x);
bool transfers_done(const struct transfers *x);
const struct action *action_of(
    const struct station *s, const struct transfer *t);
/* The file of this index if it is asked for, and nothing was answered since;
 * else NULL. */
struct transfer *transfer_open(const struct station *s, uint32_t index);
/* How t is asked for. */
void want_fill(
    const struct station *s, const struct transfer *t, struct msg_want *w);

/* t is asked for, with so many bytes; and once more, as a whole. */
void transfer_wanted(struct station *s, struct transfer *t, uint64_t bytes);
void transfer_again(struct station *s, struct transfer *t);
/* The server asks for sums of t's basis: they are owed; they are sent. */
void transfer_owes(struct station *s, struct transfer *t, enum sums_kind kind);
void transfer_asked(struct station *s, struct transfer *t);
/* They were sent before, and are not said again unless asked for again. */
void transfer_recalled(struct station *s, struct transfer *t);
/* t's blob is offered, got bytes of it are here; or it is in another's. */
void transfer_offered(struct station *s, struct transfer *t,
    const struct msg_offer *offer, uint64_t got);
void transfer_grouped(struct transfer *t);
/* n more bytes of its blob are here. */
void transfer_got(struct station *s, struct transfer *t, uint64_t n);
/* The transfer has, or would have, all it needs. */
void transfer_done(struct station *s, struct transfer *t);

/* What the report says of each action: nothing so far; what the station before
 * had of one; and so many bytes of what is counted for t did not come. */
int items_init(struct station *s, struct err *e);
void items_release(struct station *s);
void item_begin(
    struct station *s, size_t action, const struct station_item *from);
void item_lose(struct station *s, const struct transfer *t, uint64_t bytes);
/* Bytes for t's file alone; and of its blob, of which it has len bytes. */
void item_sent(struct station *s, const struct transfer *t, uint64_t bytes);
void item_received(struct station *s, const struct transfer *t, uint64_t bytes);
void item_blob(
    struct station *s, const struct transfer *t, uint8_t codec, uint64_t len);

/*
 * station_blob.c.  blob_keep: the next bytes of t's blob.  The bytes of one
 * that is whole as a source; and the end of it, with what was kept of them.
 */
struct blob_bytes {
	struct mem_stream mem;
	struct file_stream file;
	struct range_source range;
	struct range_reader reader;
	struct source src; /* the same in order */
};
int blob_keep(struct station *s, struct transfer *t, const uint8_t *p, size_t n,
    struct err *e);
/* The session ends: what came of a blob that is not whole is kept for the next
 * one, as far as that can be. */
void blobs_leave(struct station *s);
int blob_open(struct station *s, const struct transfer *t, struct blob_bytes *b,
    struct err *e);
int blob_close(struct station *s, struct transfer *t, struct blob_bytes *b,
    int rc, struct err *e);
/* Ask once more for these files, without a delta. */
int want_whole(struct station *s, struct transfer **v, size_t n,
    const char *why, struct err *e);
void show_progress(struct station *s, const struct transfer *t);

/*
 * station_group.c.  groups_make: cut the transfers, made of v, into groups;
 * groups_want: ask for those that fit into the window; group_offered: t's
 * offer is for its group; group_account: its bytes, divided among the files;
 * group_done: as transfer_done; group_complete: t's blob, which is here, is
 * decoded.
 */
int groups_make(struct station *s, const struct missing *v, struct err *e);
int groups_want(struct station *s, struct err *e);
int group_offered(struct station *s, struct transfer *t, struct err *e);
void group_account(struct station *s, const struct transfer *t);
void group_done(struct station *s, struct transfer *t);
int group_complete(struct station *s, struct transfer *t, struct err *e);

/* station_want.c */
int transfers_make(struct station *s, struct err *e);
int wants_next(struct station *s, struct err *e);

/*
 * station_fetch.c.  Bring what is missing of the blobs of these transfers,
 * from wherever they can be had: no other place knows where that is.
 */
int blobs_fetch(
    struct station *s, struct transfer *const *v, size_t n, struct err *e);
int data_receive(struct station *s, const struct frame *f, struct err *e);

/* station_offer.c */
int offer_receive(struct station *s, const struct frame *f, struct err *e);

/* station_sums.c */
int ask_receive(struct station *s, const struct frame *f, struct err *e);
int sums_next(struct station *s, struct err *e);

#endif
