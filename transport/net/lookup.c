/*
 * Looking a name up, before dial.c connects: the resolver on a thread, and
 * a wait for it that ends in time.  Whoever comes last, the thread or the one
 * who waits, frees what both share.
 */
#include "transport/net/lookup.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/dial.h"
#include "transport/net/sock.h"
#include "transport/net/thread.h"

#include <assert.h>
#include <bsd/string.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE_MS = 20 }; /* between two looks at opt->interrupted */

struct query {
	char host[256];
	uint16_t port;
	pthread_mutex_t lock; /* of all below */
	bool done, left; /* the thread, the one who waits */
	int rc; /* of sock_lookup */
	struct sock_addresses list;
};

static void
query_free(struct query *q)
{
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}

static void *
work(void *arg)
{
	struct query *q = arg;
	int rc = sock_lookup(q->host, q->port, false, &q->list);
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

static int
start(struct query *q)
{
	pthread_t thread;
	int rc = thread_start(&thread, work, q);

	if (rc == 0)
		(void)pthread_detach(thread);
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
	/* Most answers come at once. */
	clock_sleep_ms(NULL, 1);
	while (!is_done(q)) {
		if (opt->interrupted != NULL && opt->interrupted(opt->ctx) != 0)
			return ERP_CANCELLED;
		if (clock_ms(opt->clock) >= until)
			return ERP_UNANSWERED;
		clock_sleep_ms(NULL, SLICE_MS);
	}
	return 0;
}

/* The answer is there: take it out of q. */
static int
take(struct query *q, const char *shown, struct sock_addresses *out,
    struct err *e)
{
	int rc = q->rc;

	*out = q->list;
	query_free(q);
	if (rc == 0)
		return 0;
	return err_set(e, ERP_UNREACHABLE, "cannot find the server %s: %s",
	    shown, sock_lookup_text(rc));
}

int
lookup(const struct dial_options *opt, const char *shown, uint64_t until,
    struct sock_addresses *out, struct err *e)
{
	struct query *q = calloc(1, sizeof(*q));
	int rc;

	if (q == NULL)
		return err_nomem(e);
	(void)pthread_mutex_init(&q->lock, NULL);
	q->port = opt->port;
	if (strlcpy(q->host, opt->host, sizeof(q->host)) >= sizeof(q->host)) {
		q->rc = sock_no_such_name();
		return take(q, shown, out, e);
	}
	if ((q->rc = sock_lookup(q->host, q->port, true, &q->list)) == 0)
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
