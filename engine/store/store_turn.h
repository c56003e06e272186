#ifndef ERPSYNC_ENGINE_STORE_STORE_TURN_H
#define ERPSYNC_ENGINE_STORE_STORE_TURN_H

/*
 * Whoever makes a release current has a turn, one after the other: a server
 * that publishes its folder, and an administrator beside it who goes back.  A
 * turn lasts from the look at what is current, held and kept until the new
 * release is saved and the old ones are dropped, so that nobody goes by what is
 * not so any more.  It is a lock on a file of its own, as a server keeps its
 * other one all the time, and ends with its process.
 */

#include <stdatomic.h>
#include <stdint.h>

struct err;
struct store;

/* How to wait; NULL: as clock_sleep_ms does. */
struct store_wait {
	void (*sleep_ms)(void *ctx, uint32_t ms);
	void *ctx;
	const atomic_bool *stop; /* wait no more; NULL: nobody says so */
};

/* Wait for a turn, half a minute at most: then ERP_BUSY, or ERP_CANCELLED when
 * it is to stop.  *turn is for store_turn_end alone, which is to be called
 * after success. */
int store_turn_begin(
    struct store *s, const struct store_wait *wait, int *turn, struct err *e);
void store_turn_end(struct store *s, int *turn);

#endif
