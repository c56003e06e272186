/*
 * A crew of threads: each takes the next piece of work until none is left.
 * Given to the engine by whoever runs an update, a publishing or a server.
 */
#include "transport/net/threads.h"

#include "engine/base/err.h"
#include "transport/net/thread.h"

#include <assert.h>
#include <pthread.h>

/* More would only wait for one disk. */
enum { MOST = 8 };

/* One crew_run. */
struct job {
	crew_fn *fn;
	void *arg;
	pthread_mutex_t lock; /* of all below */
	size_t next; /* the piece to be begun next */
	size_t end; /* pieces from here on are not begun */
	int rc; /* of piece `end`, when that failed */
	struct err err;
};

static bool
take(struct job *j, size_t *i)
{
	bool some;

	(void)pthread_mutex_lock(&j->lock);
	some = j->next < j->end;
	if (some)
		*i = j->next++;
	(void)pthread_mutex_unlock(&j->lock);
	return some;
}

/* Pieces before a failed one have all been begun, so the first wins. */
static void
note_failure(struct job *j, size_t i, int rc, const struct err *e)
{
	(void)pthread_mutex_lock(&j->lock);
	if (i < j->end) {
		j->end = i;
		j->rc = rc;
		j->err = *e;
	}
	(void)pthread_mutex_unlock(&j->lock);
}

static void
work(struct job *j, bool here)
{
	struct err e = {0};
	size_t i;
	int rc;

	while (take(j, &i))
		if ((rc = j->fn(j->arg, i, here, &e)) != 0)
			note_failure(j, i, rc, &e);
}

static void *
helper(void *arg)
{
	work(arg, false);
	return NULL;
}

/* Start up to n threads; fewer are fine. */
static unsigned
start(struct job *j, pthread_t *threads, unsigned n)
{
	unsigned i = 0;

	while (i < n && thread_start(&threads[i], helper, j) == 0)
		i++;
	return i;
}

static unsigned
processors(void)
{
	unsigned n = thread_processors();

	return n > MOST ? MOST : n;
}

static int
run(void *ctx, crew_fn *fn, void *arg, size_t n, struct err *e)
{
	unsigned most = ctx == NULL ? processors() : *(unsigned *)ctx;
	struct job j = {.fn = fn, .arg = arg, .end = n};
	pthread_t threads[MOST];
	unsigned helpers = 0;

	assert(most >= 1 && most <= MOST);
	(void)pthread_mutex_init(&j.lock, NULL);
	if (n > 1 && most > 1)
		helpers =
		    start(&j, threads, n < most ? (unsigned)n - 1 : most - 1);
	work(&j, true);
	while (helpers > 0)
		(void)pthread_join(threads[--helpers], NULL);
	(void)pthread_mutex_destroy(&j.lock);
	if (j.rc != 0 && e != NULL)
		*e = j.err;
	return j.rc;
}

const struct crew *
threads_real(void)
{
	static const struct crew real = {run, NULL};

	return &real;
}
