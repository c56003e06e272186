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
	struct job *job;
	uint64_t cost_us; /* once it ran */
};

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
	return single_flight_compile(ctx, req, out, e);
}

static void
errand_run(void *arg)
{
	struct errand *errand = arg;
	uint64_t before = clock_thread_us();

	job_run(errand->job, compile_once, errand->desk->flight);
	errand->cost_us = clock_thread_us() - before;
}

/* Begin whatever may begin. */
static void
begin(struct desk *d, enum desk_kind kind)
{
	struct turn *turn;

	while ((turn = turns_next(&d->kinds[kind].turns, clock_ms(d->clock))) !=
	    NULL)
		pool_submit(d->kinds[kind].pool, &errand_of(turn)->work);
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
	int i, rc;

	for (i = 0; i < DESK_KINDS; i++) {
		turns_init(&d->kinds[i].turns, threads[i]);
		if ((rc = pool_new(base, threads[i], &d->kinds[i].pool, e)) !=
		    0)
			return rc;
	}
	return 0;
}

void
desk_close(struct desk *d)
{
	int i;

	for (i = 0; i < DESK_KINDS; i++) {
		pool_free(d->kinds[i].pool);
		d->kinds[i].pool = NULL;
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
