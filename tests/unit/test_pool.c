/* The worker pool. */
#include "transport/host/pool.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { WORKS = 50 };

/* One piece of work and what became of it. */
struct piece {
	struct work work;
	struct bench *bench;
	int ran, done, dropped;
	int place; /* in the order of running */
	int nice; /* of the thread that ran it */
	pthread_t runner, doner;
};

struct bench {
	struct event_base *base;
	struct pool *pool;
	struct piece v[WORKS];
	atomic_int next; /* place in the order of running */
	int back; /* done so far */
	int expect; /* leave the loop after so many */
	pthread_barrier_t barrier;
	atomic_bool gate;
	struct piece *submit_in_done;
};

static void
piece_run(void *arg)
{
	struct piece *p = arg;

	p->ran++;
	p->runner = pthread_self();
	p->nice = getpriority(PRIO_PROCESS, 0);
	p->place = atomic_fetch_add(&p->bench->next, 1);
}

static void
piece_done(void *arg)
{
	struct piece *p = arg;
	struct bench *b = p->bench;

	p->done++;
	p->doner = pthread_self();
	if (b->submit_in_done != NULL)
		pool_submit(b->pool, &b->submit_in_done->work);
	b->submit_in_done = NULL;
	if (++b->back == b->expect)
		(void)event_base_loopbreak(b->base);
}

static void
piece_drop(void *arg)
{
	struct piece *p = arg;

	p->dropped++;
}

static void
bench_open(struct bench *b, unsigned threads, int nice)
{
	struct err e;
	size_t i;
	int rc;

	memset(b, 0, sizeof(*b));
	b->base = event_base_new();
	cr_assert_not_null(b->base);
	rc = pool_new(b->base, threads, nice, &b->pool, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	for (i = 0; i < WORKS; i++) {
		b->v[i].bench = b;
		b->v[i].work.run = piece_run;
		b->v[i].work.done = piece_done;
		b->v[i].work.drop = piece_drop;
		b->v[i].work.arg = &b->v[i];
	}
}

static void
bench_close(struct bench *b)
{
	pool_free(b->pool);
	event_base_free(b->base);
}

Test(pool, one_thread_runs_in_the_order_of_submission)
{
	struct bench b;
	int i;

	bench_open(&b, 1, 0);
	b.expect = WORKS;
	for (i = 0; i < WORKS; i++)
		pool_submit(b.pool, &b.v[i].work);
	cr_assert_eq(event_base_dispatch(b.base), 0);
	for (i = 0; i < WORKS; i++) {
		cr_expect_eq(b.v[i].place, i);
		cr_expect_eq(b.v[i].ran, 1);
		cr_expect_eq(b.v[i].done, 1);
		cr_expect_eq(b.v[i].dropped, 0);
		cr_expect(!pthread_equal(b.v[i].runner, pthread_self()));
		cr_expect(pthread_equal(b.v[i].doner, pthread_self()));
	}
	bench_close(&b);
}

static void
meet(void *arg)
{
	struct piece *p = arg;

	(void)pthread_barrier_wait(&p->bench->barrier);
	piece_run(arg);
}

Test(pool, threads_work_at_the_same_time, .timeout = 300)
{
	struct bench b;
	int i;

	bench_open(&b, 4, 0);
	b.expect = 4;
	(void)pthread_barrier_init(&b.barrier, NULL, 4);
	for (i = 0; i < 4; i++) {
		b.v[i].work.run = meet;
		pool_submit(b.pool, &b.v[i].work);
	}
	/* Would hang if they ran one after the other. */
	cr_assert_eq(event_base_dispatch(b.base), 0);
	cr_expect_eq(atomic_load(&b.next), 4);
	bench_close(&b);
	(void)pthread_barrier_destroy(&b.barrier);
}

/* Runs until the pool has begun to stop, as far as that can be known. */
static void
run_for_a_while(void *arg)
{
	struct piece *p = arg;
	const struct timespec ms100 = {.tv_nsec = 100 * 1000000L};

	atomic_store(&p->bench->gate, true);
	(void)nanosleep(&ms100, NULL);
	piece_run(arg);
}

Test(pool, stopping_finishes_what_runs_and_drops_what_waits)
{
	const struct timespec ms1 = {.tv_nsec = 1000000L};
	struct bench b;
	int i;

	bench_open(&b, 1, 0);
	b.v[0].work.run = run_for_a_while;
	b.submit_in_done = &b.v[4];
	for (i = 0; i < 4; i++)
		pool_submit(b.pool, &b.v[i].work);
	while (!atomic_load(&b.gate))
		(void)nanosleep(&ms1, NULL);
	pool_free(b.pool);
	b.pool = NULL;
	cr_expect_eq(b.v[0].ran, 1);
	cr_expect_eq(b.v[0].done, 1);
	cr_expect_eq(b.v[0].dropped, 0);
	/* The last was submitted while the pool was stopping. */
	for (i = 1; i < 5; i++) {
		cr_expect_eq(b.v[i].ran, 0);
		cr_expect_eq(b.v[i].done, 0);
		cr_expect_eq(b.v[i].dropped, 1, "work %d", i);
	}
	bench_close(&b);
}

/* The first piece of a pool of one thread; how much nicer than we it ran. */
static int
nicer_by(int nice)
{
	int own = getpriority(PRIO_PROCESS, 0), by;
	struct bench b;

	bench_open(&b, 1, nice);
	b.expect = 1;
	pool_submit(b.pool, &b.v[0].work);
	cr_assert_eq(event_base_dispatch(b.base), 0);
	by = b.v[0].nice - own;
	bench_close(&b);
	cr_expect_eq(getpriority(PRIO_PROCESS, 0), own);
	return own + by == 19 ? nice : by;
}

Test(pool, its_threads_are_as_nice_as_they_are_told)
{
	cr_expect_eq(nicer_by(0), 0);
	cr_expect_eq(nicer_by(1), 1);
	cr_expect_eq(nicer_by(8), 8);
	cr_expect_eq(nicer_by(19), 19);
}

Test(pool, an_idle_pool_stops)
{
	struct bench b;

	bench_open(&b, 3, 0);
	bench_close(&b);
	pool_free(NULL);
	cr_expect_eq(b.back, 0);
}
