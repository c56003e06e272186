#ifndef ERPSYNC_TRANSPORT_HOST_TALLY_H
#define ERPSYNC_TRANSPORT_HOST_TALLY_H

/*
 * Which stations have which release, as they tell when they come: noted here,
 * and kept beside the release (engine/store/store_stations.h) by a thread of
 * its own, at most once a minute and at the end.  What cannot be kept is told
 * to the log and forgotten: the station comes again.  On the loop's thread.
 */

#include "engine/base/path.h"

struct clock;
struct err;
struct event_base;
struct hash;
struct net_log;
struct store;
struct tally;

struct tally_options {
	struct event_base *base;
	struct store *store;
	const struct clock *clock;
	const struct net_log *log; /* all of them outlive the tally */
};

enum { TALLY_MS = 60 * 1000 };

int tally_new(
    const struct tally_options *opt, struct tally **out, struct err *e);

/* This station has that release. */
void tally_note(struct tally *t, enum path_os os, const struct hash *release,
    const char *station);

/* Now and then: is it time to keep what was noted? */
void tally_look(struct tally *t);

/* Keeps the rest.  Nobody publishes any more.  NULL is fine. */
void tally_free(struct tally *t);

#endif
