/*
 * The desk between sessions and workers: conn.c brings jobs, turns.c says which
 * is next, pool.c runs as many as it has threads, and each comes back here.
 */
#include "transport/host/desk.h"

#include "engine/base/clock.h"
#include "transport/host/pool.h"
#include "transport/host/single_flight.h"
#include "transport/server/server.h"

#include <assert.h>
#include <stdlib.h>

/* A job on its way. */
struct errand {
	struct work work;
	struct turn turn;
	LIST_ENTRY(errand) list; /* of its client */
	struct desk *desk;
	struct desk_client *client; /* NULL: gone */
	enum desk_kind kind;
	unsigned rank; /* once it is at work */
	struct job *job;
	uint64_t cost_us; /* once it ran */
};

/* How nice the threads are that work for each rank. */
static const int nice_of[TURN_RANKS] = {0, 8, 19};

static struct errand *
errand_of(struct turn *turn)
{
	return (struct errand *)(void *)((char *)turn -
	    offsetof(struct errand, turn));
}

static int
compile_once(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	const struct errand *errand = ctx;
	struct desk *d = errand->desk;
	atomic_uint *compiling = &d->compiling[errand->rank];
	struct compile_request waited = *req;
	int rc;

	/* Where several are made, the workers are crew enough, and a crew of
	 * each would multiply memory too. */
	if (atomic_fetch_add(compiling, 1) == 0 &&
	    errand->rank < TURN_RANKS - 1)
		waited.how.crew = d->crew;
	rc = single_flight_compile(d->flight, &waited, out, e);
	(void)atomic_fetch_sub(compiling, 1);
	return rc;
}

static void
errand_run(void *arg)
{
	struct errand *errand = arg;
	uint64_t before = clock_thread_us();

	job_run(errand->job, compile_once, errand);
	errand->cost_us = clock_thread_us() - before;
}

/* Begin whatever may begin. */
static void
begin(struct desk *d, enum desk_kind kind)
{
	struct errand *errand;
	struct turn *turn;

	while ((turn = turns_next(&d->kinds[kind].turns, clock_ms(d->clock))) !=
	    NULL) {
		errand = errand_of(turn);
		errand->rank = turn_rank(turn);
		pool_submit(d->kinds[kind].pools[errand->rank], &errand->work);
	}
}

/* It is at work no more, whatever came of it. */
static void
end(struct errand *errand)
{
	struct desk *d = errand->desk;

	turns_end(&d->kinds[errand->kind].turns, &errand->turn, errand->cost_us,
	    clock_ms(d->clock));
	if (errand->client != NULL) {
		errand->client->cost_us += errand->cost_us;
		LIST_REMOVE(errand, list);
	}
}

static void
errand_done(void *arg)
{
	struct errand *errand = arg;
	struct desk_client *client = errand->client;
	struct desk *d = errand->desk;
	enum desk_kind kind = errand->kind;
	struct server *session;

	end(errand);
	session = server_job_done(errand->job);
	assert((session != NULL) == (client != NULL));
	free(errand);
	begin(d, kind);
	if (session != NULL)
		client->moved(client->ctx);
}

static void
errand_drop(void *arg)
{
	struct errand *errand = arg;

	end(errand);
	job_drop(errand->job);
	free(errand);
}

int
desk_open(struct desk *d, struct event_base *base,
    const unsigned threads[DESK_KINDS], struct err *e)
{
	unsigned i, rank;
	int rc = 0;

	for (i = 0; i < DESK_KINDS; i++) {
		turns_init(&d->kinds[i].turns, threads[i]);
		for (rank = 0; rc == 0 && rank < TURN_RANKS; rank++)
			rc = pool_new(base,
			    turns_of_rank(&d->kinds[i].turns, rank),
			    nice_of[rank], &d->kinds[i].pools[rank], e);
	}
	return rc;
}

void
desk_close(struct desk *d)
{
	unsigned i, rank;

	for (i = 0; i < DESK_KINDS; i++) {
		for (rank = 0; rank < TURN_RANKS; rank++) {
			pool_free(d->kinds[i].pools[rank]);
			d->kinds[i].pools[rank] = NULL;
		}
		assert(d->kinds[i].turns.at_work == 0);
		assert(d->kinds[i].turns.waiting_n == 0);
	}
}

bool
desk_take(struct desk *d, struct desk_client *client, struct job *job)
{
	struct errand *errand = calloc(1, sizeof(*errand));

	if (errand == NULL) {
		job_drop(job);
		return false;
	}
	errand->kind = job_only_reads(job) ? DESK_READ : DESK_COMPILE;
	errand->work.run = errand_run;
	errand->work.done = errand_done;
	errand->work.drop = errand_drop;
	errand->work.arg = errand;
	errand->desk = d;
	errand->client = client;
	errand->job = job;
	LIST_INSERT_HEAD(&client->errands, errand, list);
	turns_add(&d->kinds[errand->kind].turns, &client->lanes[errand->kind],
	    &errand->turn, client->cost_us);
	begin(d, errand->kind);
	return true;
}

uint32_t
desk_ahead(const struct desk *d, const struct desk_client *client)
{
	const struct errand *errand;
	uint32_t ahead, most = 0;

	LIST_FOREACH(errand, &client->errands, list)
	{
		ahead =
		    turns_ahead(&d->kinds[errand->kind].turns, &errand->turn);
		if (ahead > most)
			most = ahead;
	}
	return most;
}

void
desk_leave(struct desk *d, struct desk_client *client)
{
	struct errand *errand;

	while ((errand = LIST_FIRST(&client->errands)) != NULL) {
		LIST_REMOVE(errand, list);
		errand->client = NULL;
		if (errand->turn.at_work)
			continue;
		turns_withdraw(&d->kinds[errand->kind].turns, &errand->turn);
		job_drop(errand->job);
		free(errand);
	}
}
