/*
 * Looking a name up, before dial.c connects: getaddrinfo(3) on a thread, and
 * a wait for it that ends in time.  Whoever comes last, the thread or the one
 * who waits, frees what both share.
 */
#include "transport/net/lookup.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/dial.h"

#include <assert.h>
#include <bsd/string.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLICE_MS = 20 }; /* between two looks at opt->interrupted */

struct query {
	char host[256], port[8];
	pthread_mutex_t lock; /* of all below */
	bool done, left; /* the thread, the one who waits */
	int rc; /* of getaddrinfo */
	struct addrinfo *list;
};

static int
resolve(struct query *q, int flags)
{
	struct addrinfo hints;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | flags;
	return getaddrinfo(q->host, q->port, &hints, &q->list);
}

static void
query_free(struct query *q)
{
	if (q->list != NULL)
		freeaddrinfo(q->list);
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}

static void *
work(void *arg)
{
	struct query *q = arg;
	int rc = resolve(q, 0);
	bool left;

	(void)pthread_mutex_lock(&q->lock);
	assert(!q->done);
	q->rc = rc;
	q->done = true;
	left = q->left;
	(void)pthread_mutex_unlock(&q->lock);
	if (left)
		query_free(q);
	return NULL;
}

/* Signals are for the one who waits. */
static int
start(struct query *q)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int rc = pthread_attr_init(&attr);

	if (rc != 0)
		return rc;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &attr, work, q);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return rc;
}

static bool
is_done(struct query *q)
{
	bool done;

	(void)pthread_mutex_lock(&q->lock);
	done = q->done;
	(void)pthread_mutex_unlock(&q->lock);
	return done;
}

/* Go without it; the thread frees q, if it has not ended meanwhile. */
static void
leave(struct query *q)
{
	bool done;

	(void)pthread_mutex_lock(&q->lock);
	q->left = true;
	done = q->done;
	(void)pthread_mutex_unlock(&q->lock);
	if (done)
		query_free(q);
}

static int
await(const struct dial_options *opt, struct query *q, uint64_t until)
{
	const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000L};
	struct timespec first = {.tv_nsec = 1000000L};

	/* Most answers come at once. */
	(void)nanosleep(&first, NULL);
	while (!is_done(q)) {
		if (opt->interrupted != NULL && opt->interrupted(opt->ctx) != 0)
			return ERP_CANCELLED;
		if (clock_ms(opt->clock) >= until)
			return ERP_UNANSWERED;
		(void)nanosleep(&slice, NULL);
	}
	return 0;
}

/* The answer is there: take it out of q. */
static int
take(struct query *q, const char *shown, struct addrinfo **out, struct err *e)
{
	int rc = q->rc;

	*out = q->list;
	q->list = NULL;
	query_free(q);
	if (rc == 0)
		return 0;
	return err_set(e, ERP_UNREACHABLE, "cannot find the server %s: %s",
	    shown, gai_strerror(rc));
}

int
lookup(const struct dial_options *opt, const char *shown, uint64_t until,
    struct addrinfo **out, struct err *e)
{
	struct query *q = calloc(1, sizeof(*q));
	int rc;

	*out = NULL;
	if (q == NULL)
		return err_nomem(e);
	(void)pthread_mutex_init(&q->lock, NULL);
	(void)snprintf(q->port, sizeof(q->port), "%u", (unsigned)opt->port);
	if (strlcpy(q->host, opt->host, sizeof(q->host)) >= sizeof(q->host)) {
		q->rc = EAI_NONAME;
		return take(q, shown, out, e);
	}
	if ((q->rc = resolve(q, AI_NUMERICHOST)) == 0)
		return take(q, shown, out, e);
	if ((rc = start(q)) != 0) {
		query_free(q);
		return err_sys(e, rc, "look up", shown);
	}
	if ((rc = await(opt, q, until)) == 0)
		return take(q, shown, out, e);
	leave(q);
	if (rc == ERP_CANCELLED)
		return err_set(e, rc, "interrupted");
	return err_set(e, rc, "no answer to who %s is", shown);
}
