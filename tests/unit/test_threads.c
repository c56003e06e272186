/* A crew of threads. */
#include "engine/base/err.h"
#include "transport/net/threads.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { N = 5000 };

static unsigned four = 4;
static unsigned char hits[N];
static atomic_size_t total;
static atomic_int elsewhere;
static pthread_t caller;

static int
count(void *arg, size_t i, bool here, struct err *e)
{
	(void)arg;
	(void)e;
	hits[i]++;
	total++;
	/* cr_assert belongs to the test's own thread. */
	if (here != (pthread_equal(pthread_self(), caller) != 0))
		elsewhere++;
	return 0;
}

Test(threads, each_piece_is_done_once)
{
	struct crew c = {threads_real()->run, &four};
	size_t i;

	caller = pthread_self();
	cr_assert_eq(crew_run(&c, count, NULL, N, NULL), 0);
	cr_assert_eq(total, N);
	for (i = 0; i < N; i++)
		cr_assert_eq(hits[i], 1);
	cr_assert_eq(elsewhere, 0);
	cr_assert_eq(crew_run(&c, count, NULL, 0, NULL), 0);
	cr_assert_eq(crew_run(&c, count, NULL, 1, NULL), 0);
	cr_assert_eq(total, N + 1);
	cr_assert_eq(crew_run(threads_real(), count, NULL, 100, NULL), 0);
	cr_assert_eq(total, N + 101);
}

/* Two that wait for each other: they do run at the same time. */
static int
meet(void *arg, size_t i, bool here, struct err *e)
{
	int rc = pthread_barrier_wait(arg);

	(void)i;
	(void)here;
	return rc == 0 || rc == PTHREAD_BARRIER_SERIAL_THREAD
	    ? 0
	    : err_set(e, ERP_INTERNAL, "no barrier");
}

Test(threads, pieces_run_at_the_same_time, .timeout = 300)
{
	struct crew c = {threads_real()->run, &four};
	pthread_barrier_t barrier;
	struct err e;

	cr_assert_eq(pthread_barrier_init(&barrier, NULL, 2), 0);
	cr_assert_eq(crew_run(&c, meet, &barrier, 2, &e), 0, "%s", e.msg);
	(void)pthread_barrier_destroy(&barrier);
}

static int
fail_later(void *arg, size_t i, bool here, struct err *e)
{
	volatile unsigned spin = 0;

	(void)arg;
	(void)here;
	total++;
	if (i < 20)
		return 0;
	/* The first that fails takes the longest. */
	while (i == 20 && spin < 1000000)
		spin++;
	return err_set(e, ERP_BUSY, "piece %zu", i);
}

Test(threads, the_first_failure_wins_whoever_was_faster)
{
	struct crew c = {threads_real()->run, &four};
	struct err e = {0};
	int i;

	for (i = 0; i < 50; i++) {
		total = 0;
		cr_assert_eq(crew_run(&c, fail_later, NULL, N, &e), ERP_BUSY);
		cr_assert_str_eq(e.msg, "piece 20");
		cr_assert_lt(total, N, "no new work after a failure");
		cr_assert_eq(crew_run(&c, fail_later, NULL, N, NULL), ERP_BUSY);
	}
}

Test(threads, one_thread_is_the_caller)
{
	unsigned one = 1;
	struct crew c = {threads_real()->run, &one};

	caller = pthread_self();
	cr_assert_eq(crew_run(&c, count, NULL, N, NULL), 0);
	cr_assert_eq(total, N);
	cr_assert_eq(elsewhere, 0);
}
