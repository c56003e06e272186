#ifndef ERPSYNC_ENGINE_BASE_CREW_H
#define ERPSYNC_ENGINE_BASE_CREW_H

/*
 * A seam for work that may be done by several threads at once.  The engine
 * owns no thread: it says what is to be done so and so many times, and a
 * crew that it was given does it (transport/net/threads.h has one).
 */

#include <stdbool.h>
#include <stddef.h>

struct err;

/*
 * The i-th piece of work: 0, or a code with its reason.  Pieces run at the
 * same time and must not touch what another one writes.  `here`: on the
 * thread of crew_run's caller, the only one that may tell an observer.
 */
typedef int crew_fn(void *arg, size_t i, bool here, struct err *e);

struct crew {
	int (*run)(void *ctx, crew_fn *fn, void *arg, size_t n, struct err *e);
	void *ctx;
};

/*
 * Do all pieces 0..n-1 and wait for them; c == NULL: one after another, here.
 * They are begun in this order.  The failure of the first piece that fails
 * is returned, the same whoever was faster; of the pieces after it some may
 * have been done.
 */
int crew_run(
    const struct crew *c, crew_fn *fn, void *arg, size_t n, struct err *e);

#endif
