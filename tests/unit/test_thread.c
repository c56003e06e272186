/* Threads that leave signals to others. */
#include "transport/net/thread.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

static void *
look(void *arg)
{
	bool *takes = arg;
	sigset_t mask;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	*takes = sigismember(&mask, SIGTERM) == 0 ||
	    sigismember(&mask, SIGUSR1) == 0;
	return arg;
}

Test(thread, takes_no_signals)
{
	bool takes = true;
	sigset_t before, after;
	pthread_t thread;
	void *said = NULL;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &before);
	cr_assert_eq(thread_start(&thread, look, &takes), 0);
	cr_assert_eq(pthread_join(thread, &said), 0);
	cr_expect_eq(said, &takes);
	cr_expect_not(takes);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	cr_expect_eq(sigismember(&before, SIGTERM),
	    sigismember(&after, SIGTERM), "as the caller had it");
	cr_expect_geq(thread_processors(), 1);
}

/* More than a limit of 64 KiB would give it. */
static void *
use(void *arg)
{
	volatile char much[512 * 1024];
	size_t i;

	for (i = 0; i < sizeof(much); i += 1024)
		much[i] = 1;
	*(size_t *)arg = sizeof(much);
	return arg;
}

Test(thread, has_a_stack_whatever_the_limit_is)
{
	struct rlimit l;
	pthread_t thread;
	size_t used = 0;

	cr_assert_eq(getrlimit(RLIMIT_STACK, &l), 0);
	l.rlim_cur = 64 * 1024;
	cr_assert_eq(setrlimit(RLIMIT_STACK, &l), 0);
	cr_assert_eq(thread_start(&thread, use, &used), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_expect_eq(used, 512 * 1024);
}
