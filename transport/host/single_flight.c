/*
 * A lock for each question that is being answered: between the workers and
 * compile.c, so that a hundred stations cost one answer.
 */
#include "transport/host/single_flight.h"

#include "engine/base/err.h"

#include <assert.h>
#include <bsd/sys/queue.h>
#include <pthread.h>
#include <stdlib.h>

/* A question under way; on the stack of the thread that answers it. */
struct flight {
	LIST_ENTRY(flight) list;
	struct hash key;
};

struct single_flight {
	job_compile_fn *compile;
	void *ctx;
	pthread_mutex_t lock; /* of flights */
	pthread_cond_t landed; /* one of them ended */
	LIST_HEAD(, flight) flights; /* never more than there are workers */
};

int
single_flight_new(job_compile_fn *compile, void *ctx,
    struct single_flight **out, struct err *e)
{
	struct single_flight *o = calloc(1, sizeof(*o));

	*out = o;
	if (o == NULL)
		return err_nomem(e);
	o->compile = compile;
	o->ctx = ctx;
	LIST_INIT(&o->flights);
	(void)pthread_mutex_init(&o->lock, NULL);
	(void)pthread_cond_init(&o->landed, NULL);
	return 0;
}

static bool
is_in_flight(const struct single_flight *o, const struct hash *key)
{
	const struct flight *f;

	LIST_FOREACH(f, &o->flights, list)
	if (hash_equal(&f->key, key))
		return true;
	return false;
}

int
single_flight_compile(struct single_flight *o,
    const struct compile_request *req, struct compile_answer *out,
    struct err *e)
{
	struct flight f;
	int rc;

	if ((rc = compile_key(req, &f.key, e)) != 0)
		return rc;
	(void)pthread_mutex_lock(&o->lock);
	while (is_in_flight(o, &f.key))
		(void)pthread_cond_wait(&o->landed, &o->lock);
	LIST_INSERT_HEAD(&o->flights, &f, list);
	(void)pthread_mutex_unlock(&o->lock);

	/* Who had to wait asks too: that is quick now, and right even if the
	 * first one failed. */
	rc = o->compile(o->ctx, req, out, e);

	(void)pthread_mutex_lock(&o->lock);
	LIST_REMOVE(&f, list);
	(void)pthread_cond_broadcast(&o->landed);
	(void)pthread_mutex_unlock(&o->lock);
	return rc;
}

void
single_flight_free(struct single_flight *o)
{
	if (o == NULL)
		return;
	assert(LIST_EMPTY(&o->flights));
	(void)pthread_cond_destroy(&o->landed);
	(void)pthread_mutex_destroy(&o->lock);
	free(o);
}
