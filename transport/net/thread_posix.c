/*
 * Starting threads, as POSIX has it.  Below crews, look-ups and the server's
 * pools; another system has a file of its own.
 */
#include "transport/net/thread.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* Not what ulimit -s says, which may be far less than a thread needs. */
enum { STACK_BYTES = 1 << 20 };

int
thread_start(pthread_t *out, void *(*fn)(void *), void *arg)
{
	pthread_attr_t how;
	sigset_t all, before;
	int rc;

	if ((rc = pthread_attr_init(&how)) != 0)
		return rc;
	(void)pthread_attr_setstacksize(&how, STACK_BYTES);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(out, &how, fn, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&how);
	/* It means that there is no memory or leave for one more; everywhere
	 * else it means that something is in use. */
	return rc == EAGAIN ? ENOMEM : rc;
}

unsigned
thread_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned)n;
}
