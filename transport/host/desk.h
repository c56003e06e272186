#ifndef ERPSYNC_TRANSPORT_HOST_DESK_H
#define ERPSYNC_TRANSPORT_HOST_DESK_H

/*
 * The desk: takes the jobs of sessions, lets them wait for their turn (turns.h)
 * and gives them to the workers; what comes back goes to whose it is.  On the
 * loop's thread.
 */

#include "transport/host/turns.h"

#include <bsd/sys/queue.h>
#include <stdatomic.h>
#include <stdbool.h>

struct clock;
struct crew;
struct err;
struct errand;
struct event_base;
struct job;
struct pool;
struct single_flight;

/* Jobs that compute, or wait for another; and jobs that only read. */
enum desk_kind { DESK_COMPILE, DESK_READ };
enum { DESK_KINDS = 2 };

struct desk {
	struct {
		struct pool *pools[TURN_RANKS]; /* the first runs first */
		struct turns turns;
	} kinds[DESK_KINDS];
	struct single_flight *flight;
	const struct clock *clock;
	const struct crew *crew; /* for one that compiles, of each rank */
	atomic_uint compiling[TURN_RANKS];
};

/* Who has jobs: a connection.  Its own until desk_leave. */
struct desk_client {
	struct turn_lane *lanes; /* its address's, DESK_KINDS of them */
	uint64_t cost_us; /* what its jobs cost so far */
	LIST_HEAD(, errand) errands;
	/* A job of its session is done: see what can go on. */
	void (*moved)(void *ctx);
	void *ctx;
};

/* So many jobs of each kind at once.  The flight, the clock and the crew are
 * set, and borrowed. */
int desk_open(struct desk *d, struct event_base *base,
    const unsigned threads[DESK_KINDS], struct err *e);
/* Running jobs are finished first; one that was never opened is fine. */
void desk_close(struct desk *d);

/* Takes the job; false without memory: it is dropped. */
bool desk_take(struct desk *d, struct desk_client *client, struct job *job);

/* How many jobs at most come before those of this client. */
uint32_t desk_ahead(const struct desk *d, const struct desk_client *client);

/* Its session is gone: what waits is dropped, what runs told to nobody. */
void desk_leave(struct desk *d, struct desk_client *client);

#endif
