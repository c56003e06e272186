#ifndef ERPSYNC_TRANSPORT_NET_THREAD_H
#define ERPSYNC_TRANSPORT_NET_THREAD_H

/* What threads need of the system beside pthreads, which every system has. */

#include <pthread.h>

/* Start a thread that takes no signals: they are for those who wait for them.
 * 0 or an errno, as pthread_create, but ENOMEM where it has EAGAIN. */
int thread_start(pthread_t *out, void *(*fn)(void *), void *arg);

/* How many can run at the same time, at least 1. */
unsigned thread_processors(void);

#endif
