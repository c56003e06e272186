#ifndef ERPSYNC_TRANSPORT_SERVER_LIVE_RELEASE_H
#define ERPSYNC_TRANSPORT_SERVER_LIVE_RELEASE_H

/*
 * A release as sessions use it: decoded, and packed for the wire.  Immutable;
 * counted by its users, from any thread.
 */

#include "engine/base/buf.h"
#include "engine/base/hash.h"
#include "engine/tree/manifest.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct ancestor;
struct err;
struct filter;
struct store;

/* What a station on an older release gets: the manifest, and behind it hints
 * (engine/tree/hints.h). */
struct relative {
	struct hash from;
	struct buf packed; /* empty: just the whole manifest, or not yet */
	uint32_t hints_len; /* of its last bytes; 0: none */
	bool leans; /* the manifest is packed behind the older one */
};

/* Releases kept by the store, and some; more are not remembered. */
enum { RELATIVES_MAX = 16 };

struct live_release {
	struct manifest manifest;
	struct hash id;
	uint32_t manifest_len; /* canonical bytes */
	struct buf packed; /* the same, compressed */
	struct buf seal; /* the text of its seal; empty: none */
	/* What its folder leaves out, as struct msg_left_out: filled by who
	 * makes it, before it is shared. */
	struct buf left_out;
	struct ancestor *ancestors; /* of its entries, or NULL */
	/* Loop thread only. */
	struct relative relatives[RELATIVES_MAX];
	size_t relatives_n;
	atomic_uint refs;
};

/* The patterns of a filter as left_out has them, into out: how many of them
 * stations cannot be told, or ERP_NOMEM. */
int live_release_names(const struct filter *f, struct buf *out, struct err *e);

/* Takes the content of m, which is empty afterwards.  One reference. */
int live_release_new(
    struct manifest *m, struct live_release **out, struct err *e);
/* Find out what its contents were in older releases, before it is shared. */
int live_release_find_ancestors(
    struct live_release *s, struct store *store, struct err *e);
/* Likewise: its seal, if the store has one. */
int live_release_find_seal(
    struct live_release *s, struct store *store, struct err *e);
/* The store's current one for a system, with all of that: ERP_NOTFOUND without.
 */
int live_release_load(struct store *store, enum path_os os,
    struct live_release **out, struct err *e);
struct live_release *live_release_ref(struct live_release *s);
void live_release_unref(struct live_release *s); /* NULL is fine */

/*
 * Make that form for the release out->from, which the store has; the rest of
 * out is empty.  ERP_NOTFOUND and other codes of loading it.  The caller
 * releases out->packed, also after a failure.  From any thread.
 */
int live_release_relate(const struct live_release *s, struct store *store,
    struct relative *out, struct err *e);

/* The same for the release so many places before it, which out->from is then:
 * ERP_NOTFOUND without one, or when it is s itself. */
int live_release_relate_older(const struct live_release *s, struct store *store,
    size_t back, struct relative *out, struct err *e);

/*
 * What is remembered for stations on this release, or NULL.  Loop thread
 * only, as the two below: one session begins the making, meanwhile others
 * find an empty form and send the whole; the end takes what was made, or
 * forgets the release when that is NULL.
 */
struct relative *live_release_find_relative(
    struct live_release *s, const struct hash *from);
bool live_release_begin_relative(
    struct live_release *s, const struct hash *from);
void live_release_end_relative(
    struct live_release *s, const struct hash *from, struct relative *made);

/*
 * Where live releases come from, as the server sees it: today update folders
 * (publisher.h).  On the loop's thread.
 */
struct releases {
	/* The release for a system, borrowed, or NULL. */
	struct live_release *(*served)(void *ctx, enum path_os os);
	/* Is it held back: does nobody get it for now? */
	bool (*held)(void *ctx, enum path_os os);
	/* Is one still to come?  0: no; else seconds that a station stays away
	 * at least; ERP_NOSPACE: not before the full disk is mended. */
	int (*awaited)(void *ctx, enum path_os os, struct err *e);
	/* One of their contents was damaged and is no longer in the store:
	 * bring it back. */
	void (*restore)(void *ctx);
	void *ctx;
};

#endif
