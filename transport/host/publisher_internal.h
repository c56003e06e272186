#ifndef ERPSYNC_TRANSPORT_HOST_PUBLISHER_INTERNAL_H
#define ERPSYNC_TRANSPORT_HOST_PUBLISHER_INTERNAL_H

/*
 * The inside of the publisher: publisher.c (systems, their folders, what is
 * served) on publisher_origin.c (what is to be published),
 * publisher_task.c (one publication), publisher_live.c (what is served of it),
 * publisher_standing.c (what the state folder says of it) and
 * publisher_relate.c (what stations on older releases get).
 */

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/hash.h"
#include "engine/release/publish.h"
#include "engine/tree/filter.h"
#include "transport/host/pool.h"
#include "transport/host/watch.h"

#include <stdbool.h>
#include <stdint.h>

struct live_release;
struct manifest;
struct net_log;
struct slot;
struct store;

/* An update folder and how to publish it: our own copy.  Shared by the slot
 * and its task; only the loop's thread counts. */
struct origin {
	struct publish_source src; /* points to: */
	char *key, *path, *build;
	struct minisign_key seal_key;
	struct filter filter;
	struct buf left_out; /* the same, as struct msg_left_out */
	size_t untold; /* patterns that are not in that */
	unsigned refs;
};

/* A copy of what from says, with all that it leaves open.  One reference. */
int origin_new(
    const struct publish_source *from, struct origin **out, struct err *e);
void origin_unref(struct origin *s); /* NULL is fine */

/*
 * publisher_live.c: what is served once m is published, which is empty then;
 * NULL in *out: nothing else than current, which may be NULL.  From any thread.
 */
int live_of(struct store *store, const struct buf *left_out,
    const struct live_release *current, struct manifest *m,
    struct live_release **out, struct err *e);
/* Has it the seal that the configuration asks for?  Else the log says it. */
bool is_sealed(const struct origin *origin, const struct net_log *log,
    const struct live_release *served);

/* The same of what the state folder has, which another process may have made
 * current; NULL in *out: nothing else. */
int live_stored(struct store *store, const struct live_release *current,
    struct live_release **out, struct err *e);

/* What the state folder has, at the start, if it may be served; else NULL, and
 * the log says what keeps it from that.  One reference. */
struct live_release *live_load(struct store *store, const struct origin *origin,
    const struct net_log *log);

/* The log says which patterns stations cannot be told, if there are any. */
void tell_untold(const struct origin *origin, const struct net_log *log);

/* And how a folder is watched that cannot be as others are. */
void tell_polled(const struct origin *origin, const struct net_log *log,
    enum watch_walk walk, bool is_blind);

/* Was the state folder emptied, so that all is to be published again?  The log
 * says so; also, once, that it is gone or lies elsewhere, or that another
 * server has it, which a person has to mend. */
struct absence {
	bool gone, moved, unlocked;
};
bool tell_absence(
    struct store *store, const struct net_log *log, struct absence *is);

/* publisher_task.c: one publication, by itself while it is on the thread. */
struct task {
	struct work work;
	struct slot *slot; /* for the loop's thread */
	struct store *store;
	struct origin *origin;
	struct live_release *current; /* what is served, or NULL */
	int watch_fd; /* or -1 */
	enum watch_walk walk;
	uint64_t started;
	struct names warnings;
	struct live_release *served; /* new, or NULL: none but before */
	int rc;
	struct err err;
};
void task_run(void *task); /* on the thread */
void task_free(struct task *t);

/* publisher_standing.c: what the state folder says of a system. */
struct standing {
	bool looked;
	uint64_t at; /* monotonic milliseconds, of the last look */
	bool held; /* what is served */
	bool other; /* another one is current there: */
	struct hash current;
	struct hash tried; /* one that the folder was read anew for */
};
/* Look, at most once a second, where this release is served: true, once for
 * each, when another one is current there; not while we publish. */
bool standing_look(struct standing *w, const struct store *store,
    const struct live_release *served, bool publishing, uint64_t now);
/* Was it true for what is current there now? */
bool standing_is_tried(const struct standing *w);
/* Of what is served, or not yet, and the last failure to publish: as awaited of
 * struct releases. */
int standing_awaited(const struct standing *w, bool serving, bool publishing,
    const struct err *failure, struct err *e);

/* Make, behind all that waits for the pool, what stations on the releases
 * before this one get, as long as it is served; ctx is asked on the loop's
 * thread until the pool has ended.  False: without memory it did not begin. */
struct relate_options {
	struct pool *pool;
	struct store *store;
	struct live_release *to;
	bool (*is_served)(void *ctx, const struct live_release *to);
	void *ctx;
	bool gives_back; /* free memory to the system, first: it is ours */
};
bool relate_older(const struct relate_options *opt);

#endif
