#ifndef ERPSYNC_TRANSPORT_HOST_POOL_H
#define ERPSYNC_TRANSPORT_HOST_POOL_H

/*
 * A pool of threads for work on disk and CPU.  Work is started in the order
 * in which it was submitted; what is finished comes back to the thread of the
 * event loop.  Only that thread calls the functions below.
 */

#include <bsd/sys/queue.h>

struct err;
struct event_base;
struct pool;

/*
 * One piece of work, inside a structure of its owner, who may free it in
 * done or drop: exactly one of them is called, on the loop's thread.
 */
struct work {
	void (*run)(void *arg); /* on a worker */
	void (*done)(void *arg); /* after run */
	void (*drop)(void *arg); /* it was never run: the pool stopped */
	void *arg;
	STAILQ_ENTRY(work) link; /* the pool's */
};

/* Start a pool of so many threads (>= 1), each so much nicer than the process
 * (0..19, as nice(1) counts), which reports to base's loop. */
int pool_new(struct event_base *base, unsigned threads, int nice,
    struct pool **out, struct err *e);

/* Let it be run.  Never fails; while the pool stops, it is dropped. */
void pool_submit(struct pool *p, struct work *w);

/* Stop: running work is finished and done, queued work dropped.  NULL is
 * fine. */
void pool_free(struct pool *p);

#endif
