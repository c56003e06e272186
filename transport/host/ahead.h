#ifndef ERPSYNC_TRANSPORT_HOST_AHEAD_H
#define ERPSYNC_TRANSPORT_HOST_AHEAD_H

/*
 * Makes the best blobs in the background: first those that stations were
 * answered provisionally for, then the groups and then all large ones that
 * stations on older releases will ask for, those on the newest one first.  One
 * thread of the lowest priority; each blob is made once.
 */

#include <stdbool.h>

struct ahead;
struct compile_request;
struct err;
struct served;
struct store;

/* store outlives it. */
int ahead_new(struct store *store, struct ahead **out, struct err *e);

/* Ends the thread, within seconds.  NULL is fine. */
void ahead_free(struct ahead *a);

/* While it is off, nothing is begun and nothing remembered.  On at first. */
void ahead_set(struct ahead *a, bool on);

/* A station waits for something that is being computed, or no longer: the
 * background lets go of the processor until nobody does.  From any thread. */
void ahead_make_way(struct ahead *a, bool begin);

/* A release is current now: what was listed for its system before it is not
 * wanted any more. */
void ahead_release(struct ahead *a, struct served *served);

/* A station got a provisional answer; from any thread.  Forgotten when too
 * many wait: the next station will bring it up again. */
void ahead_want(struct ahead *a, const struct compile_request *req);

#endif
