/*
 * Starting threads, as POSIX has it.  Below crews, look-ups and the server's
 * pools; another system has a file of its own.
 */
#include "transport/net/thread.h"

#include <signal.h>
#include <unistd.h>

int
thread_start(pthread_t *out, void *(*fn)(void *), void *arg)
{
	sigset_t all, before;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(out, NULL, fn, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

unsigned
thread_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned)n;
}
