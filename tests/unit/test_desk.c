/* The desk between sessions and workers. */
#include "transport/host/desk.h"

#include "engine/base/clock.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "tests/support/release.h"
#include "transport/host/single_flight.h"
#include "transport/server/server_internal.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { CLIENTS = 3, FILES = 4, COST_US = 3000 };

/* A session that has said its last words, so that it asks nothing of what came
 * of its jobs; with an address of its own. */
struct client {
	struct server session;
	struct desk_client desk;
	struct turn_lane lanes[DESK_KINDS];
	int moved;
	pthread_t mover;
};

/* What the workers do and see, under the lock. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_open; /* else who compiles waits */
	int begun, with_crew;
	bool was[FILES]; /* compiled */
	int nice; /* of the last that compiled */
} seen = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static struct release_fixture f;
static struct entry files[FILES];
static struct live_release served = {
    .manifest = {.v = files, .n = FILES}, .refs = 1};
static struct event_base *base;
static struct desk desk;
static struct client client[CLIENTS];
static const struct crew crew; /* is only handed on */

static uint64_t
stands(void *ctx)
{
	(void)ctx;
	return 1000;
}

static const struct clock clock_stands = {.monotonic_ms = stands};

static int
compile(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	uint64_t until = clock_thread_us() + COST_US;

	(void)ctx;
	(void)e;
	memset(out, 0, sizeof(*out));
	while (clock_thread_us() < until)
		;
	(void)pthread_mutex_lock(&seen.lock);
	seen.begun++;
	seen.with_crew += req->how.crew == &crew;
	seen.was[req->one.target_size] = true;
	seen.nice = getpriority(PRIO_PROCESS, 0);
	(void)pthread_cond_broadcast(&seen.changed);
	while (!seen.is_open)
		(void)pthread_cond_wait(&seen.changed, &seen.lock);
	(void)pthread_mutex_unlock(&seen.lock);
	return 0;
}

static void
moved(void *ctx)
{
	struct client *c = ctx;

	c->moved++;
	c->mover = pthread_self();
}

/* So many at once of each kind. */
static void
begin(unsigned places)
{
	struct err e;
	size_t i;
	int rc;

	release_begin(&f);
	base = event_base_new();
	cr_assert_not_null(base);
	rc = single_flight_new(compile, NULL, &desk.flight, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	desk.clock = &clock_stands;
	desk.crew = &crew;
	rc = desk_open(&desk, base, (unsigned[]){places, places}, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	for (i = 0; i < FILES; i++)
		files[i].content.size = files[i].content.hash.b[0] = (uint8_t)i;
	for (i = 0; i < CLIENTS; i++) {
		client[i].session.env.store = f.store;
		client[i].session.state = SERVER_CLOSING;
		client[i].desk.lanes = client[i].lanes;
		client[i].desk.moved = moved;
		client[i].desk.ctx = &client[i];
	}
}

static void
end(void)
{
	desk_close(&desk);
	single_flight_free(desk.flight);
	event_base_free(base);
	release_end(&f);
}

static void
let_go(void)
{
	(void)pthread_mutex_lock(&seen.lock);
	seen.is_open = true;
	(void)pthread_cond_broadcast(&seen.changed);
	(void)pthread_mutex_unlock(&seen.lock);
}

/* Until so many have begun to compile. */
static void
await(int n)
{
	(void)pthread_mutex_lock(&seen.lock);
	while (seen.begun < n)
		(void)pthread_cond_wait(&seen.changed, &seen.lock);
	(void)pthread_mutex_unlock(&seen.lock);
}

/* Until nothing of this kind is at work or waits for it. */
static void
run(enum desk_kind kind)
{
	const struct turns *t = &desk.kinds[kind].turns;

	while (t->at_work > 0 || t->waiting_n > 0)
		cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void
take(struct client *c, struct job *job)
{
	struct job **slot =
	    job->kind == JOB_READ ? &c->session.reading : &c->session.compiling;

	*slot = job;
	cr_assert(desk_take(&desk, &c->desk, job));
}

static void
take_compile(struct client *c, uint32_t file)
{
	struct err e;
	struct job *job = job_new(&c->session, JOB_COMPILE, &e);

	cr_assert_not_null(job);
	job->served = live_release_ref(&served);
	job->compile.batch = calloc(
	    1, sizeof(struct batch) + sizeof(job->compile.batch->want[0]));
	job->compile.offers = calloc(1, sizeof(*job->compile.offers));
	cr_assert_not_null(job->compile.batch);
	cr_assert_not_null(job->compile.offers);
	job->compile.batch->n = 1;
	job->compile.batch->want[0].index = file;
	take(c, job);
}

/* Of a blob that is not there. */
static void
take_read(struct client *c)
{
	struct err e;
	struct job *job = job_new(&c->session, JOB_READ, &e);

	cr_assert_not_null(job);
	job->read.len = 1;
	take(c, job);
}

Test(desk, what_is_done_comes_back_to_whose_it_was)
{
	int i;

	begin(1);
	let_go();
	for (i = 0; i < CLIENTS; i++)
		take_compile(&client[i], (uint32_t)i);
	run(DESK_COMPILE);
	for (i = 0; i < CLIENTS; i++) {
		cr_expect_eq(client[i].moved, 1);
		cr_expect(pthread_equal(client[i].mover, pthread_self()));
		cr_expect_null(client[i].session.compiling);
		cr_expect(LIST_EMPTY(&client[i].desk.errands));
		cr_expect(seen.was[i]);
	}
	end();
}

Test(desk, what_only_reads_waits_for_nobody_who_compiles)
{
	begin(1);
	take_compile(&client[0], 0);
	take_compile(&client[1], 1);
	take_read(&client[0]);
	run(DESK_READ);
	cr_expect_eq(client[0].moved, 1);
	cr_expect_null(client[0].session.reading);
	cr_expect_not_null(client[0].session.compiling);
	let_go();
	run(DESK_COMPILE);
	cr_expect_eq(client[0].moved, 2);
	cr_expect_eq(client[1].moved, 1);
	end();
}

/* Of all that a client waits for the last counts, whichever it took first. */
Test(desk, ahead_is_what_comes_before_all_of_a_client)
{
	begin(1);
	cr_expect_eq(desk_ahead(&desk, &client[1].desk), 0);
	take_compile(&client[0], 0);
	cr_expect_eq(desk_ahead(&desk, &client[0].desk), 0);
	take_compile(&client[1], 1);
	cr_expect_eq(desk_ahead(&desk, &client[1].desk), 2);
	take_read(&client[1]);
	cr_expect_eq(desk_ahead(&desk, &client[1].desk), 2);
	take_read(&client[2]);
	take_compile(&client[2], 2);
	cr_expect_eq(desk_ahead(&desk, &client[2].desk), 3);
	let_go();
	run(DESK_COMPILE);
	run(DESK_READ);
	cr_expect_eq(desk_ahead(&desk, &client[2].desk), 0);
	end();
}

/* What runs for who has left is finished and told to nobody; what waits is
 * never begun, and is in the way of none. */
Test(desk, who_leaves_is_told_nothing)
{
	int i;

	begin(1);
	for (i = 0; i < CLIENTS; i++)
		take_compile(&client[i], (uint32_t)i);
	await(1);
	for (i = 0; i < 2; i++) {
		struct job *job = client[i].session.compiling;

		jobs_orphan(&client[i].session);
		cr_expect_null(job->session);
		desk_leave(&desk, &client[i].desk);
		cr_expect(LIST_EMPTY(&client[i].desk.errands));
	}
	cr_expect_eq(desk.kinds[DESK_COMPILE].turns.at_work, 1);
	cr_expect_eq(desk.kinds[DESK_COMPILE].turns.waiting_n, 1);
	let_go();
	run(DESK_COMPILE);
	cr_expect_eq(client[0].moved, 0);
	cr_expect_eq(client[1].moved, 0);
	cr_expect_eq(client[2].moved, 1);
	cr_expect(seen.was[0] && !seen.was[1] && seen.was[2]);
	cr_expect_eq(client[0].desk.cost_us, 0);
	end();
}

/* The processor's time is the client's and its address's, whoever waits. */
Test(desk, what_a_job_cost_is_noted)
{
	begin(1);
	let_go();
	take_compile(&client[0], 0);
	run(DESK_COMPILE);
	cr_expect_geq(client[0].desk.cost_us, COST_US);
	cr_expect_eq(
	    client[0].lanes[DESK_COMPILE].debt_us, client[0].desk.cost_us);
	cr_expect_eq(client[0].lanes[DESK_READ].debt_us, 0);
	cr_expect_eq(client[1].desk.cost_us, 0);
	end();
}

Test(desk, work_of_those_who_cost_much_gives_way)
{
	static const struct {
		uint64_t cost_us, debt_us;
		int nicer;
	} rows[] = {
	    {0, 0, 0},
	    {TURNS_GRAIN_US, 0, 8},
	    {0, TURNS_FREE_US + 1, 8},
	    {TURNS_GRAIN_US, TURNS_FREE_US + 1, 19},
	};
	int own = getpriority(PRIO_PROCESS, 0), want;
	size_t i;

	begin(2);
	let_go();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		client[0].desk.cost_us = rows[i].cost_us;
		client[0].lanes[DESK_COMPILE] = (struct turn_lane){
		    .debt_us = rows[i].debt_us,
		    .since = clock_ms(&clock_stands),
		};
		take_compile(&client[0], 0);
		run(DESK_COMPILE);
		want = own + rows[i].nicer;
		cr_expect_eq(seen.nice, want < 19 ? want : 19, "row %zu", i);
	}
	end();
}

/* A crew helps the one that compiles alone, unless it has to give way. */
Test(desk, the_crew_is_for_one)
{
	begin(2);
	take_compile(&client[0], 0);
	await(1);
	cr_expect_eq(seen.with_crew, 1);
	take_compile(&client[1], 1);
	await(2);
	cr_expect_eq(seen.with_crew, 1);
	let_go();
	run(DESK_COMPILE);
	take_compile(&client[2], 2);
	run(DESK_COMPILE);
	cr_expect_eq(seen.with_crew, 2);
	client[0].desk.cost_us = TURNS_GRAIN_US;
	client[0].lanes[DESK_COMPILE].debt_us = 2 * TURNS_FREE_US;
	take_compile(&client[0], 0);
	run(DESK_COMPILE);
	cr_expect_eq(seen.begun, 4);
	cr_expect_eq(seen.with_crew, 2);
	end();
}
