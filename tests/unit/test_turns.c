/* Whose work is next, by a clock of the tests' own. */
#include "transport/host/turns.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 64 };

struct world {
	struct turns t;
	uint64_t now;
	struct turn_lane a, b;
	struct turn of_a[MANY], of_b[MANY];
};

static void
world_open(struct world *w, unsigned places)
{
	memset(w, 0, sizeof(*w));
	w->now = 1000;
	turns_init(&w->t, places);
}

static void
add(struct world *w, struct turn_lane *lane, struct turn *v, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		turns_add(&w->t, lane, &v[i], 0);
}

/* Begin the next one and end it, for so much. */
static struct turn *
run(struct world *w, uint64_t cost)
{
	struct turn *turn = turns_next(&w->t, w->now);

	if (turn != NULL)
		turns_end(&w->t, turn, cost, w->now);
	return turn;
}

Test(turns, addresses_one_after_the_other)
{
	struct world w;
	unsigned i;

	world_open(&w, 1);
	add(&w, &w.a, w.of_a, TURNS_CROWD);
	add(&w, &w.b, w.of_b, 3);
	for (i = 0; i < 3; i++) {
		cr_expect_eq(run(&w, 1), &w.of_a[i]);
		cr_expect_eq(run(&w, 1), &w.of_b[i]);
	}
	for (; i < TURNS_CROWD; i++)
		cr_expect_eq(run(&w, 1), &w.of_a[i]);
	cr_expect_null(run(&w, 1));
	cr_expect_eq(w.t.waiting_n, 0);
	cr_expect_eq(w.t.at_work, 0);
}

Test(turns, two_at_once_while_others_wait)
{
	struct turn *first;
	struct world w;

	/* Nobody else: all places. */
	world_open(&w, 4);
	add(&w, &w.a, w.of_a, 5);
	first = turns_next(&w.t, w.now);
	cr_expect_eq(first, &w.of_a[0]);
	while (turns_next(&w.t, w.now) != NULL)
		;
	cr_expect_eq(w.a.at_work, 4);
	/* Somebody else waits: the next place is theirs, and the one after. */
	add(&w, &w.b, w.of_b, 2);
	turns_end(&w.t, first, 1, w.now);
	cr_expect_eq(turns_next(&w.t, w.now), &w.of_b[0]);
	turns_end(&w.t, &w.of_a[1], 1, w.now);
	cr_expect_eq(turns_next(&w.t, w.now), &w.of_b[1]);
	turns_end(&w.t, &w.of_a[2], 1, w.now);
	cr_expect_eq(turns_next(&w.t, w.now), &w.of_a[4]);
}

/* As many as are let, of those that wait now. */
static void
fill(struct world *w)
{
	while (turns_next(&w->t, w->now) != NULL)
		;
}

Test(turns, who_owes_comes_last_until_time_has_paid)
{
	struct world w;

	world_open(&w, 8);
	add(&w, &w.a, w.of_a, MANY);
	cr_expect_not_null(run(&w, TURNS_FREE_US + 1000 * 1000));
	/* A part of the places, although nobody else wants them. */
	fill(&w);
	cr_expect_eq(w.a.at_work, 8 / TURNS_OWING);
	/* Whoever owes nothing has the others, and comes first. */
	add(&w, &w.b, w.of_b, 4);
	fill(&w);
	cr_expect_eq(w.b.at_work, 4);
	cr_expect_eq(w.a.at_work, 4);
	/* Time pays. */
	w.now += 1000 * 1000 / TURNS_PAY_US;
	turns_end(&w.t, &w.of_b[0], 0, w.now);
	fill(&w);
	cr_expect_eq(w.a.at_work, 5);
}

Test(turns, a_place_is_left_for_who_cost_nothing)
{
	struct world w;
	unsigned i;

	world_open(&w, 4);
	for (i = 0; i < 5; i++)
		turns_add(&w.t, &w.a, &w.of_a[i], TURNS_GRAIN_US);
	fill(&w);
	cr_expect_eq(w.a.at_work, 3);
	turns_add(&w.t, &w.a, &w.of_a[5], 0);
	cr_expect_eq(turns_next(&w.t, w.now), &w.of_a[5]);
	for (i = 0; i < 3; i++)
		turns_end(&w.t, &w.of_a[i], 2 * TURNS_FREE_US, w.now);
	turns_end(&w.t, &w.of_a[5], 0, w.now);
	/* Those who owe have fewer, with a place for the same. */
	fill(&w);
	cr_expect_eq(w.a.at_work, 1);
	turns_add(&w.t, &w.a, &w.of_a[5], 0);
	cr_expect_eq(turns_next(&w.t, w.now), &w.of_a[5]);
}

Test(turns, of_an_address_first_who_cost_least)
{
	struct world w;
	unsigned i;

	world_open(&w, 1);
	for (i = 0; i < 6; i++)
		turns_add(
		    &w.t, &w.a, &w.of_a[i], (5 - i) / 3 * TURNS_GRAIN_US + i);
	for (i = 0; i < 6; i++)
		cr_expect_eq(run(&w, 1), &w.of_a[(i + 3) % 6], "%u", i);
}

/* Many wait: who comes now does not wait for all of them. */
Test(turns, in_a_crowd_the_newest_of_the_cheapest_first)
{
	struct world w;
	unsigned i;

	world_open(&w, 1);
	for (i = 0; i < MANY - 1; i++)
		turns_add(
		    &w.t, &w.a, &w.of_a[i], i < MANY / 2 ? 0 : TURNS_GRAIN_US);
	turns_add(&w.t, &w.a, &w.of_a[MANY - 1], 0);
	cr_expect_eq(run(&w, 1), &w.of_a[MANY - 1]);
	cr_expect_eq(run(&w, 1), &w.of_a[MANY / 2 - 1]);
	for (i = 0; run(&w, 1) != NULL; i++)
		;
	cr_expect_eq(i, MANY - 2);
}

/* A flood of one address, each piece of a second: others do not feel it. */
Test(turns, a_flood_does_not_starve_others)
{
	struct world w;
	struct turn *turn;
	unsigned i, waited;

	world_open(&w, 4);
	add(&w, &w.a, w.of_a, MANY);
	for (i = 0; i < 20; i++) {
		while (turns_next(&w.t, w.now) != NULL)
			;
		w.now += 1000;
		turn = NULL;
		for (waited = 0; waited < MANY && turn == NULL; waited++)
			if (w.of_a[waited].at_work)
				turn = &w.of_a[waited];
		cr_assert_not_null(turn);
		turns_end(&w.t, turn, 1000 * 1000, w.now);
		turns_add(&w.t, &w.a, turn, 1000 * 1000);
	}
	cr_expect_leq(w.a.at_work, 3);
	turns_add(&w.t, &w.b, &w.of_b[0], 0);
	cr_expect_eq(turns_next(&w.t, w.now), &w.of_b[0]);
}

Test(turns, ahead_counts_who_comes_first)
{
	struct world w;

	world_open(&w, 1);
	add(&w, &w.a, w.of_a, 3);
	add(&w, &w.b, w.of_b, 1);
	cr_assert_eq(turns_next(&w.t, w.now), &w.of_a[0]);
	cr_expect_eq(turns_ahead(&w.t, &w.of_a[0]), 0);
	cr_expect_eq(turns_ahead(&w.t, &w.of_b[0]), 3);
	cr_expect_eq(turns_ahead(&w.t, &w.of_a[2]), 4);
	turns_withdraw(&w.t, &w.of_a[1]);
	cr_expect_eq(turns_ahead(&w.t, &w.of_a[2]), 3);
	turns_end(&w.t, &w.of_a[0], 0, w.now);
	cr_expect_eq(run(&w, 0), &w.of_b[0]);
	cr_expect_eq(run(&w, 0), &w.of_a[2]);
}

Test(turns, a_lane_is_forgotten_when_it_owes_nothing)
{
	struct world w;

	world_open(&w, 1);
	cr_expect(turn_lane_is_idle(&w.a, w.now));
	add(&w, &w.a, w.of_a, 1);
	cr_expect(!turn_lane_is_idle(&w.a, w.now));
	cr_expect_not_null(run(&w, UINT64_C(86400) * 1000 * 1000));
	cr_expect(!turn_lane_is_idle(&w.a, w.now));
	w.now += TURNS_DEBT_MAX_US / TURNS_PAY_US;
	cr_expect(turn_lane_is_idle(&w.a, w.now));
}

/* Work gives way to other work that runs if its owner's work did cost
 * something, or its lane owes. */
Test(turns, ranks_of_what_is_at_work)
{
	struct world w;
	unsigned rank;

	world_open(&w, 8);
	turns_add(&w.t, &w.a, &w.of_a[0], 0);
	turns_add(&w.t, &w.a, &w.of_a[1], TURNS_GRAIN_US);
	fill(&w);
	cr_expect_eq(turn_rank(&w.of_a[0]), 0);
	cr_expect_eq(turn_rank(&w.of_a[1]), 1);
	turns_end(&w.t, &w.of_a[0], 2 * TURNS_FREE_US, w.now);
	turns_end(&w.t, &w.of_a[1], 0, w.now);
	turns_add(&w.t, &w.a, &w.of_a[0], 0);
	turns_add(&w.t, &w.a, &w.of_a[1], TURNS_GRAIN_US);
	fill(&w);
	cr_expect_eq(turn_rank(&w.of_a[0]), 1);
	cr_expect_eq(turn_rank(&w.of_a[1]), 2);
	/* There is a thread for each that can be at work. */
	for (rank = 0; rank < TURN_RANKS - 1; rank++)
		cr_expect_eq(turns_of_rank(&w.t, rank), 8);
	cr_expect_eq(turns_of_rank(&w.t, rank), 8 / TURNS_OWING_COSTLY);
	world_open(&w, 1);
	cr_expect_eq(turns_of_rank(&w.t, TURN_RANKS - 1), 1);
}
