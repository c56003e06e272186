#ifndef ERPSYNC_TRANSPORT_STATION_STATION_INTERNAL_H
#define ERPSYNC_TRANSPORT_STATION_STATION_INTERNAL_H

/*
 * The inside of a station session.  From the top: station.c (bytes and
 * states) stands on station_plan.c (scan, hash, plan), station_want.c (what
 * is asked for), station_offer.c (what is answered), station_fetch.c (what
 * arrives) and station_sums.c; those on station_group.c (much at once),
 * station_local.c (what is here), station_blob.c (bytes that arrive), and all
 * on the books, station_transfer.c.  station_earlier.c: what came before the
 * link broke.
 */

#include "engine/base/buf.h"
#include "engine/base/stream.h"
#include "engine/tree/manifest.h"
#include "engine/tree/missing.h"
#include "engine/tree/namesake.h"
#include "transport/station/station.h"

#include <bsd/sys/queue.h>

struct frame;
struct hashcache;
struct stage;

enum {
	STATION_OUT_MAX = 64 * 1024 * 1024, /* output never holds more */
	STATION_OUT_HIGH = 256 * 1024, /* no sums are made above this */
	BLOB_IN_MEMORY = 1024 * 1024 /* a larger blob becomes a part file */
};

enum station_state {
	STATE_PREFACE, /* the server's preface is awaited */
	STATE_WELCOME, /* its WELCOME */
	STATE_ASK, /* the person's answer */
	STATE_MANIFEST, /* the manifest */
	STATE_PLAN, /* scan, hash, plan: local work */
	STATE_TRANSFER, /* wants, offers, data */
	STATE_APPLY, /* local work */
	STATE_END /* output leaves, then done */
};

/* One distinct content on its way here. */
enum transfer_state {
	TRANSFER_TODO, /* not asked for yet */
	TRANSFER_WANTED, /* WANT is sent */
	TRANSFER_SUMS, /* the server wants the sums of our basis */
	TRANSFER_ASKED, /* sums are sent */
	TRANSFER_FETCH, /* DATA is awaited */
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
	uint64_t asked_by; /* in its OFFER of this number */
	const struct entry *basis; /* what the station has, or NULL */
	struct msg_offer offer;
	uint64_t got; /* bytes of the blob here */
	struct buf mem; /* a small blob */
};
TAILQ_HEAD(transfer_list, transfer);

/* Transfers that are wanted together; those that leave forget it. */
struct transfer_group {
	size_t first, n;
	uint64_t size; /* of the contents that come in its blob */
	const struct transfer *summed; /* the first whose short sums are sent */
};

/* What the stations of broken links moved, all of them together. */
struct earlier_item {
	struct hash content;
	struct station_item item;
};
struct earlier {
	uint64_t sent, received;
	uint64_t ms; /* since the first began */
	struct earlier_item *v; /* sorted by content */
	size_t n;
};

struct station {
	struct station_options opt;
	enum station_state state;
	struct buf in;
	struct buf out;
	bool eof;
	uint64_t born; /* monotonic ms */
	uint64_t received, sent;
	struct earlier earlier;
	/* What a dry run would send and receive beyond what it does. */
	uint64_t predicted_sent, predicted_received;
	struct station_report report;
	bool answered_yes;
	/* Manifest. */
	struct buf packed; /* while it arrives */
	struct manifest fetched; /* received, or the installed one's copy */
	const struct manifest *want;
	/* Plan. */
	struct manifest have;
	struct hashcache *cache;
	struct plan plan;
	struct station_item *items; /* one for each action */
	struct namesakes namesakes; /* what is like the wanted files */
	/* Transfer. */
	struct stage *stage;
	bool has_part; /* of a blob that was begun before a link broke: */
	struct hash part;
	struct transfer *transfers; /* those of groups first */
	size_t transfers_n, todo_next, done_n, window_n;
	uint64_t offers_n; /* OFFERs so far */
	struct transfer_group *groups;
	size_t groups_n, groups_next;
	struct transfer **by_index; /* of manifest entries */
	struct transfer_list sums;
	struct transfer_list fetches; /* TRANSFER_FETCH, in the order asked */
	size_t current; /* transfer whose file is shown as progress */
	uint64_t content_total, content_done;
	uint64_t content_max; /* the largest: its blob may need a part file */
};

/* station_plan.c: also whether the plan may be carried out */
int station_plan(struct station *s, struct err *e);

/* station_local.c.  locals_find: the file that has the wanted content under
 * another name, or NULL. */
struct locals;
int locals_make(struct station *s, struct locals **out, struct err *e);
void locals_free(struct locals *l);
const struct entry *locals_find(
    const struct locals *l, const struct entry *want);

/* station_transfer.c */
void transfers_free(struct station *s);
void want_fill(
    const struct station *s, const struct transfer *t, struct msg_want *w);
bool transfers_done(const struct station *s);
const struct action *action_of(
    const struct station *s, const struct transfer *t);
struct station_item *item_of(const struct station *s, const struct transfer *t);

/* The transfer has, or would have, all it needs. */
void transfer_done(struct station *s, struct transfer *t);

/* station_blob.c.  The bytes of a blob that is here as a source; and the end
 * of it, with what was kept of them. */
struct blob_bytes {
	struct mem_stream mem;
	struct file_stream file;
	struct range_source range;
	struct range_reader reader;
	struct source src; /* the same in order */
};
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
 * group_done: as transfer_done; group_complete: as blob_complete.
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

/* station_fetch.c */
int data_receive(struct station *s, const struct frame *f, struct err *e);
/* All bytes of a transfer's blob are here. */
int blob_complete(struct station *s, struct transfer *t, struct err *e);

/* station_offer.c */
int offer_receive(struct station *s, const struct frame *f, struct err *e);

/* station_earlier.c: begin with what the one before has, which may be NULL
 * and is of no further use; give each file of the plan its part. */
int earlier_take(struct station *s, struct station *before, struct err *e);
void earlier_give(struct station *s);
void earlier_release(struct station *s);

/* station_sums.c */
int sums_next(struct station *s, struct err *e);

#endif
