/*
 * A thread that has time: makes the best answers while no station waits for
 * one.  Told by sessions what was asked, by the publisher what is new.
 */
#define _GNU_SOURCE /* SCHED_IDLE */
#include "transport/host/precompile.h"

#include "engine/base/err.h"
#include "engine/release/compile.h"
#include "engine/release/lineage.h"
#include "transport/net/thread.h"
#include "transport/server/live_release.h"

#include <assert.h>
#include <bsd/sys/queue.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
	WANTED_MAX = 256, /* provisional answers that are remembered */
	LOWEST = 19, /* as nice(1) counts */
	/* Blobs made ahead leave so much of the cache, in 1/16, to what
	 * stations fetch: making them must not drop each other. */
	ROOM_LEFT = 4
};

struct wanted {
	TAILQ_ENTRY(wanted) list;
	struct compile_request req;
	struct hash key;
};

/* The blobs of one system's release. */
struct listing {
	struct live_release *current; /* or NULL */
	/* How far back is the release whose stations' groups are next; 0:
	 * all are made. */
	size_t back;
	bool due; /* it is to be listed */
	struct compile_request *v;
	size_t n, next;
};

struct precompile {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	bool stopping, on;
	unsigned waiting; /* stations */
	TAILQ_HEAD(, wanted) wanted;
	unsigned wanted_n;
	struct listing listing[PATH_OS_N];
};

/* Asked in the middle of work: the place to wait for stations, too. */
static bool
is_stopping(void *ctx)
{
	struct precompile *a = ctx;
	bool stop;

	(void)pthread_mutex_lock(&a->lock);
	while (a->waiting > 0 && !a->stopping)
		(void)pthread_cond_wait(&a->wake, &a->lock);
	stop = a->stopping || !a->on;
	(void)pthread_mutex_unlock(&a->lock);
	return stop;
}

/* With the lock: a system whose groups are not all made, whose release is to
 * be listed, or whose list has more; NULL when there is none. */
static struct listing *
next_listing(struct precompile *a)
{
	size_t i;

	for (i = 0; i < PATH_OS_N; i++)
		if (a->listing[i].back > 0)
			return &a->listing[i];
	for (i = 0; i < PATH_OS_N; i++)
		if (a->listing[i].due)
			return &a->listing[i];
	for (i = 0; i < PATH_OS_N; i++)
		if (a->listing[i].next < a->listing[i].n)
			return &a->listing[i];
	return NULL;
}

/* All that its release wants is to be made. */
static void
listing_begin(struct listing *l)
{
	l->due = l->current != NULL;
	l->back = l->due ? 1 : 0;
}

static void
listing_clear(struct listing *l)
{
	live_release_unref(l->current);
	free(l->v);
	*l = (struct listing){.current = NULL};
}

/* With the lock, which is let go meanwhile: list what a release wants. */
static void
make_list(struct precompile *a, struct listing *l)
{
	struct live_release *served = live_release_ref(l->current);
	struct compile_request *v = NULL;
	size_t n = 0;
	struct err ignored;
	int rc;

	assert(l->due && l->back == 0);
	l->due = false;
	(void)pthread_mutex_unlock(&a->lock);
	rc = lineage_requests(a->store, &served->manifest, &v, &n, &ignored);
	(void)pthread_mutex_lock(&a->lock);
	/* Another release may have come, or nothing is wanted any more. */
	if (rc == 0 && l->current == served && !l->due && a->on) {
		free(l->v);
		l->v = v;
		l->n = n;
		l->next = 0;
	} else {
		free(v);
	}
	live_release_unref(served);
}

/* Without the lock.  What fails here fails again when a station asks, and is
 * told then. */
static void
make_blob(struct precompile *a, const struct compile_request *req)
{
	const struct compile_stop stop = {is_stopping, a};
	struct err ignored;

	(void)compile_best(a->store, req, &stop, &ignored);
}

/* The walk over the groups of stations on one older release. */
struct group_walk {
	struct precompile *a;
	const struct listing *l;
	const struct live_release *served;
};

/* Is there something else to be done first, or this no more? */
static bool
is_overtaken(const struct group_walk *w)
{
	bool overtaken;

	(void)pthread_mutex_lock(&w->a->lock);
	overtaken = w->a->stopping || !TAILQ_EMPTY(&w->a->wanted) ||
	    w->l->back == 0 || w->l->current != w->served;
	(void)pthread_mutex_unlock(&w->a->lock);
	return overtaken;
}

static int
make_group(void *ctx, const struct compile_request *req, struct err *e)
{
	const struct group_walk *w = ctx;

	if (is_stopping(w->a) || is_overtaken(w))
		return err_set(e, ERP_CANCELLED, "something else goes first");
	if (store_blob_room(w->a->store) >= ROOM_LEFT)
		make_blob(w->a, req);
	return 0;
}

/* With the lock, which is let go meanwhile: make the groups of stations on one
 * older release.  After an interruption those that are made are found. */
static void
make_groups(struct precompile *a, struct listing *l)
{
	struct live_release *served = live_release_ref(l->current);
	struct group_walk walk = {a, l, served};
	const struct lineage_visitor visitor = {make_group, &walk};
	size_t back = l->back;
	struct err ignored;
	int rc;

	(void)pthread_mutex_unlock(&a->lock);
	rc = lineage_groups(
	    a->store, &served->manifest, back, &visitor, &ignored);
	(void)pthread_mutex_lock(&a->lock);
	if (l->current == served && l->back == back && rc != ERP_CANCELLED)
		/* A damaged release is passed over. */
		l->back = rc == ERP_NOTFOUND || rc == ERP_NOMEM ||
			back == STORE_RELEASES_MAX
		    ? 0
		    : back + 1;
	live_release_unref(served);
}

/* With the lock: do one thing, false when there is none to do. */
static bool
step(struct precompile *a)
{
	struct wanted *w = TAILQ_FIRST(&a->wanted);
	struct compile_request req;
	struct listing *l;

	if (w != NULL) {
		/* It stays in the list meanwhile, so that it is not wanted a
		 * second time. */
		(void)pthread_mutex_unlock(&a->lock);
		make_blob(a, &w->req);
		(void)pthread_mutex_lock(&a->lock);
		assert(a->wanted_n > 0 && TAILQ_FIRST(&a->wanted) == w);
		TAILQ_REMOVE(&a->wanted, w, list);
		a->wanted_n--;
		free(w);
		return true;
	}
	if ((l = next_listing(a)) == NULL)
		return false;
	if (l->back > 0) {
		make_groups(a, l);
		return true;
	}
	if (l->due) {
		make_list(a, l);
		return true;
	}
	assert(l->next < l->n);
	req = l->v[l->next++];
	(void)pthread_mutex_unlock(&a->lock);
	if (!compile_is_small(&req.one) &&
	    store_blob_room(a->store) >= ROOM_LEFT)
		make_blob(a, &req);
	(void)pthread_mutex_lock(&a->lock);
	return true;
}

static void *
precompile_thread(void *arg)
{
	const struct sched_param none = {.sched_priority = 0};
	struct precompile *a = arg;

	/* Both are the thread's own on Linux; without them it is only less
	 * polite.  Of the policy alone does the kernel know that a processor
	 * is as good as free: a station's threads were kept waiting on the
	 * other one. */
	(void)setpriority(PRIO_PROCESS, 0, LOWEST);
	(void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
	(void)pthread_mutex_lock(&a->lock);
	while (!a->stopping)
		if (!a->on || a->waiting > 0 || !step(a))
			(void)pthread_cond_wait(&a->wake, &a->lock);
	(void)pthread_mutex_unlock(&a->lock);
	return NULL;
}

static int
start_thread(struct precompile *a, struct err *e)
{
	int sys = thread_start(&a->thread, precompile_thread, a);

	return sys == 0 ? 0 : err_sys(e, sys, "start", "compiling thread");
}

static void
destroy(struct precompile *a)
{
	(void)pthread_cond_destroy(&a->wake);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}

int
precompile_new(struct store *store, struct precompile **out, struct err *e)
{
	struct precompile *a = calloc(1, sizeof(*a));
	int rc;

	*out = NULL;
	if (a == NULL)
		return err_nomem(e);
	a->store = store;
	a->on = true;
	TAILQ_INIT(&a->wanted);
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->wake, NULL);
	if ((rc = start_thread(a, e)) != 0)
		destroy(a);
	else
		*out = a;
	return rc;
}

/* With the lock: forget all work that is not under way. */
static void
forget_work(struct precompile *a)
{
	struct wanted *w, *next;
	size_t i;

	for (i = 0; i < PATH_OS_N; i++) {
		a->listing[i].back = 0;
		a->listing[i].due = false;
		a->listing[i].next = a->listing[i].n;
	}
	w = TAILQ_FIRST(&a->wanted);
	/* The first one may be in the thread's hands. */
	for (w = w == NULL ? NULL : TAILQ_NEXT(w, list); w != NULL; w = next) {
		next = TAILQ_NEXT(w, list);
		TAILQ_REMOVE(&a->wanted, w, list);
		a->wanted_n--;
		free(w);
	}
}

void
precompile_free(struct precompile *a)
{
	size_t i;

	if (a == NULL)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->stopping = true;
	(void)pthread_cond_signal(&a->wake);
	(void)pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	forget_work(a);
	free(TAILQ_FIRST(&a->wanted));
	for (i = 0; i < PATH_OS_N; i++)
		listing_clear(&a->listing[i]);
	destroy(a);
}

void
precompile_set(struct precompile *a, bool on)
{
	size_t i;

	(void)pthread_mutex_lock(&a->lock);
	for (i = 0; on && !a->on && i < PATH_OS_N; i++)
		listing_begin(&a->listing[i]);
	if (!on)
		forget_work(a);
	a->on = on;
	(void)pthread_cond_signal(&a->wake);
	(void)pthread_mutex_unlock(&a->lock);
}

void
precompile_make_way(struct precompile *a, bool begin)
{
	(void)pthread_mutex_lock(&a->lock);
	assert(begin || a->waiting > 0);
	a->waiting += begin ? 1 : -1u;
	if (a->waiting == 0)
		(void)pthread_cond_signal(&a->wake);
	(void)pthread_mutex_unlock(&a->lock);
}

void
precompile_release(struct precompile *a, struct live_release *served)
{
	struct listing *l = &a->listing[served->manifest.os];

	assert((unsigned)served->manifest.os < PATH_OS_N);
	(void)pthread_mutex_lock(&a->lock);
	listing_clear(l);
	l->current = live_release_ref(served);
	if (a->on)
		listing_begin(l);
	(void)pthread_cond_signal(&a->wake);
	(void)pthread_mutex_unlock(&a->lock);
}

/* With the lock. */
static bool
is_wanted(const struct precompile *a, const struct hash *key)
{
	const struct wanted *w;

	TAILQ_FOREACH(w, &a->wanted, list)
	if (hash_equal(&w->key, key))
		return true;
	return false;
}

void
precompile_want(struct precompile *a, const struct compile_request *req)
{
	struct wanted *w = calloc(1, sizeof(*w));

	assert(!req->is_group);
	if (w == NULL)
		return;
	w->req = *req;
	/* What is one station's is not made again. */
	w->req.one.sums = NULL;
	w->req.one.sums_len = 0;
	w->req.one.part = NULL;
	if (compile_key(&w->req, &w->key, NULL) != 0) {
		free(w);
		return;
	}
	(void)pthread_mutex_lock(&a->lock);
	if (!a->on || a->stopping || a->wanted_n >= WANTED_MAX ||
	    is_wanted(a, &w->key)) {
		free(w);
	} else {
		TAILQ_INSERT_TAIL(&a->wanted, w, list);
		a->wanted_n++;
		(void)pthread_cond_signal(&a->wake);
	}
	(void)pthread_mutex_unlock(&a->lock);
}
