#ifndef ERPSYNC_TRANSPORT_HOST_PRECOMPILE_H
#define ERPSYNC_TRANSPORT_HOST_PRECOMPILE_H

/*
 * Makes the best blobs in the background: first those that stations were
 * answered provisionally for, then the groups and then all large ones that
 * stations on older releases will ask for, those on the newest one first.  One
 * thread of the lowest priority; each blob is made once.
 */

#include <stdbool.h>

struct precompile;
struct compile_request;
struct err;
struct live_release;
struct store;

/* store outlives it. */
int precompile_new(struct store *store, struct precompile **out, struct err *e);

/* Ends the thread, within seconds.  NULL is fine. */
void precompile_free(struct precompile *a);

/* While it is off, nothing is begun and nothing remembered.  On at first. */
void precompile_set(struct precompile *a, bool on);

/* A station waits for something that is being computed, or no longer: the
 * background lets go of the processor until nobody does.  From any thread. */
void precompile_make_way(struct precompile *a, bool begin);

/* A release is current now: what was listed for its system before it is not
 * wanted any more. */
void precompile_release(struct precompile *a, struct live_release *served);

/* A station got a provisional answer; from any thread.  Forgotten when too
 * many wait: the next station will bring it up again. */
void precompile_want(struct precompile *a, const struct compile_request *req);

#endif
