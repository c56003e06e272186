#ifndef ERPSYNC_TRANSPORT_HOST_PUBLISHER_H
#define ERPSYNC_TRANSPORT_HOST_PUBLISHER_H

/*
 * Keeps the releases that the server offers: loads what the store has,
 * publishes the update folders on a thread of its own, and again when they
 * change.  A folder that cannot be published leaves its last release in
 * place.  Called on the loop's thread.
 */

#include "engine/release/publish.h"
#include "transport/server/live_release.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct net_log;
struct publisher;

struct publisher_options {
	struct event_base *base;
	struct store *store;
	const struct clock *clock;
	uint32_t settle_ms;
	const struct net_log *log; /* outlives the publisher */
	bool gives_back; /* free memory, to the system: the process is ours */
	/* This is the current release of its system now; may be NULL. */
	void (*released)(void *ctx, struct live_release *served);
	void *ctx;
};

int publisher_new(
    const struct publisher_options *opt, struct publisher **out, struct err *e);

/* Waits for a publication that is under way.  NULL is fine. */
void publisher_free(struct publisher *p);

/*
 * These are the update folders now, at most one for each system: load what
 * the store has of them, publish them all, and watch them.  Everything is
 * copied.
 */
int publisher_configure(struct publisher *p, const struct publish_source *v,
    size_t n, struct err *e);

/* Publish all folders again, changed or not. */
void publisher_again(struct publisher *p);

/* Its releases, to those who serve them; while p lives. */
struct releases publisher_releases(struct publisher *p);

#endif
