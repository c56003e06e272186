#ifndef ERPSYNC_TRANSPORT_NET_THREADS_H
#define ERPSYNC_TRANSPORT_NET_THREADS_H

/*
 * A crew (engine/base/crew.h) of threads.  They live for one crew_run each,
 * so there is nothing to stop or to free.
 */

#include "engine/base/crew.h"

/* As many as there are processors, the caller among them; a few at most.  A
 * crew with its run, and an unsigned for ctx, is of so many. */
const struct crew *threads_real(void);

#endif
