/*
 * The worker pool: two queues under one lock, and an eventfd to the loop.
 * Sessions' jobs go in by conn.c and come back on the loop's thread.
 */
#include "transport/host/pool.h"

#include "engine/base/err.h"
#include "transport/net/thread.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

STAILQ_HEAD(work_list, work);

struct pool {
	pthread_mutex_t lock; /* of all below it up to stopping */
	pthread_cond_t wake; /* queue or stopping changed */
	struct work_list queue;
	struct work_list finished;
	bool stopping;
	int fd; /* eventfd: finished is not empty */
	struct event *event;
	pthread_t *threads;
	unsigned threads_n;
	int nice;
};

/* The loop shall look at the finished work. */
static void
wake_loop(const struct pool *p)
{
	uint64_t one = 1;
	/* Nothing that waits for nothing is interrupted: it fails only when the
	 * counter is full, and then the loop is awake. */
	ssize_t n = write(p->fd, &one, sizeof(one));

	assert(n == (ssize_t)sizeof(one) || errno == EAGAIN);
}

static void *
worker(void *arg)
{
	struct pool *p = arg;
	struct work *w;

	/* The thread's own on Linux, and of those it starts; without it, it is
	 * only less polite. */
	if (p->nice > 0)
		(void)setpriority(
		    PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + p->nice);
	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stopping && STAILQ_EMPTY(&p->queue))
			(void)pthread_cond_wait(&p->wake, &p->lock);
		if (p->stopping)
			break;
		w = STAILQ_FIRST(&p->queue);
		STAILQ_REMOVE_HEAD(&p->queue, link);
		(void)pthread_mutex_unlock(&p->lock);
		w->run(w->arg);
		(void)pthread_mutex_lock(&p->lock);
		STAILQ_INSERT_TAIL(&p->finished, w, link);
		wake_loop(p);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Hand all finished work back to its owners. */
static void
collect(struct pool *p)
{
	struct work_list list = STAILQ_HEAD_INITIALIZER(list);
	struct work *w;

	(void)pthread_mutex_lock(&p->lock);
	STAILQ_CONCAT(&list, &p->finished);
	(void)pthread_mutex_unlock(&p->lock);
	while ((w = STAILQ_FIRST(&list)) != NULL) {
		STAILQ_REMOVE_HEAD(&list, link);
		w->done(w->arg);
	}
}

static void
on_finished(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count;
	/* Reset before collecting, so that nothing finished is missed. */
	ssize_t n = read(fd, &count, sizeof(count));

	(void)what;
	assert(n == (ssize_t)sizeof(count) || errno == EAGAIN);
	collect(arg);
}

static int
start_threads(struct pool *p, unsigned n, struct err *e)
{
	int sys = 0;

	while (p->threads_n < n && sys == 0) {
		sys = thread_start(&p->threads[p->threads_n], worker, p);
		if (sys == 0)
			p->threads_n++;
	}
	return sys == 0 ? 0 : err_sys(e, sys, "start", "worker thread");
}

int
pool_new(struct event_base *base, unsigned threads, int nice, struct pool **out,
    struct err *e)
{
	struct pool *p = calloc(1, sizeof(*p));
	int rc;

	assert(threads > 0 && nice >= 0);
	*out = NULL;
	if (p == NULL)
		return err_nomem(e);
	p->nice = nice;
	STAILQ_INIT(&p->queue);
	STAILQ_INIT(&p->finished);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->wake, NULL);
	p->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->fd < 0) {
		rc = err_sys(e, errno, "open", "eventfd");
		goto out;
	}
	p->threads = calloc(threads, sizeof(*p->threads));
	p->event = event_new(base, p->fd, EV_READ | EV_PERSIST, on_finished, p);
	if (p->threads == NULL || p->event == NULL ||
	    event_add(p->event, NULL) != 0) {
		rc = err_nomem(e);
		goto out;
	}
	rc = start_threads(p, threads, e);
out:
	if (rc != 0)
		pool_free(p);
	else
		*out = p;
	return rc;
}

void
pool_submit(struct pool *p, struct work *w)
{
	bool stopping;

	assert(w->run != NULL && w->done != NULL && w->drop != NULL);
	(void)pthread_mutex_lock(&p->lock);
	stopping = p->stopping;
	if (!stopping) {
		STAILQ_INSERT_TAIL(&p->queue, w, link);
		(void)pthread_cond_signal(&p->wake);
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (stopping)
		w->drop(w->arg);
}

void
pool_free(struct pool *p)
{
	struct work *w;

	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stopping = true;
	(void)pthread_cond_broadcast(&p->wake);
	(void)pthread_mutex_unlock(&p->lock);
	while (p->threads_n > 0)
		(void)pthread_join(p->threads[--p->threads_n], NULL);
	collect(p);
	while ((w = STAILQ_FIRST(&p->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&p->queue, link);
		w->drop(w->arg);
	}
	if (p->event != NULL)
		event_free(p->event);
	if (p->fd >= 0)
		(void)close(p->fd);
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->threads);
	free(p);
}
