/*
 * Turns: between the jobs that sessions hand over and the threads that run
 * them (desk.c), who decides which of the waiting is next.
 */
#include "transport/host/turns.h"

#include <assert.h>
#include <stddef.h>

void
turns_init(struct turns *t, unsigned places)
{
	assert(places > 0);
	TAILQ_INIT(&t->lanes);
	t->places = places;
	t->at_work = t->waiting_n = 0;
	t->owing_at_work = t->costly_at_work = 0;
}

/* Time pays the debt off. */
static void
pay(struct turn_lane *lane, uint64_t now)
{
	uint64_t paid =
	    now > lane->since ? (now - lane->since) * TURNS_PAY_US : 0;

	lane->debt_us = paid < lane->debt_us ? lane->debt_us - paid : 0;
	lane->since = now;
}

static bool
is_owing(const struct turn_lane *lane)
{
	return lane->debt_us > TURNS_FREE_US;
}

/* Who cost less comes first, and of equals the older. */
static void
insert(struct turn_lane *lane, struct turn *turn)
{
	struct turn *before;

	TAILQ_FOREACH_REVERSE(before, &lane->waiting, turn_list, list)
	if (before->cost <= turn->cost) {
		TAILQ_INSERT_AFTER(&lane->waiting, before, turn, list);
		return;
	}
	TAILQ_INSERT_HEAD(&lane->waiting, turn, list);
}

void
turns_add(struct turns *t, struct turn_lane *lane, struct turn *turn,
    uint64_t cost_us)
{
	turn->lane = lane;
	turn->cost = cost_us / TURNS_GRAIN_US;
	turn->at_work = turn->owing = false;
	if (lane->waiting_n == 0) {
		TAILQ_INIT(&lane->waiting);
		TAILQ_INSERT_TAIL(&t->lanes, lane, list);
	}
	insert(lane, turn);
	lane->waiting_n++;
	t->waiting_n++;
}

/* It is not among the waiting any more; its lane goes to the end. */
static void
take(struct turns *t, struct turn *turn, bool to_the_end)
{
	struct turn_lane *lane = turn->lane;

	assert(!turn->at_work && lane->waiting_n > 0 && t->waiting_n > 0);
	TAILQ_REMOVE(&lane->waiting, turn, list);
	t->waiting_n--;
	if (--lane->waiting_n == 0) {
		TAILQ_REMOVE(&t->lanes, lane, list);
	} else if (to_the_end) {
		TAILQ_REMOVE(&t->lanes, lane, list);
		TAILQ_INSERT_TAIL(&t->lanes, lane, list);
	}
}

/* Where many wait the newest of those who cost least: a flood buries itself,
 * and of a crowd all are served in the end. */
static struct turn *
first_of(const struct turn_lane *lane)
{
	struct turn *first = TAILQ_FIRST(&lane->waiting), *next;

	while (lane->waiting_n > TURNS_CROWD &&
	    (next = TAILQ_NEXT(first, list)) != NULL &&
	    next->cost == first->cost)
		first = next;
	return first;
}

/* One place in so many, or one. */
static unsigned
part(const struct turns *t, unsigned of)
{
	return t->places > of ? t->places / of : 1;
}

unsigned
turn_rank(const struct turn *turn)
{
	assert(turn->at_work);
	return (unsigned)turn->owing + (turn->cost > 0);
}

unsigned
turns_of_rank(const struct turns *t, unsigned rank)
{
	assert(rank < TURN_RANKS);
	return rank < TURN_RANKS - 1 ? t->places : part(t, TURNS_OWING_COSTLY);
}

/* Is there a place for the first of this lane? */
static bool
has_place(const struct turns *t, const struct turn_lane *lane)
{
	bool costly = first_of(lane)->cost > 0;

	if (costly && t->places > 1 && t->costly_at_work >= t->places - 1)
		return false;
	return !is_owing(lane) ||
	    t->owing_at_work <
	    part(t, costly ? TURNS_OWING_COSTLY : TURNS_OWING);
}

/*
 * The lane whose turn it is: one without debts and with few at work, else one
 * without debts, else that with the least of them.  Or NULL.
 */
static struct turn_lane *
lane_next(struct turns *t, uint64_t now)
{
	struct turn_lane *lane, *busy = NULL, *owing = NULL;

	TAILQ_FOREACH(lane, &t->lanes, list)
	{
		pay(lane, now);
		if (!has_place(t, lane))
			continue;
		if (!is_owing(lane)) {
			if (lane->at_work < TURNS_AT_ONCE)
				return lane;
			if (busy == NULL)
				busy = lane;
		} else if (owing == NULL || lane->debt_us < owing->debt_us) {
			owing = lane;
		}
	}
	return busy != NULL ? busy : owing;
}

struct turn *
turns_next(struct turns *t, uint64_t now)
{
	struct turn_lane *lane = NULL;
	struct turn *turn;

	if (t->at_work < t->places)
		lane = lane_next(t, now);
	if (lane == NULL)
		return NULL;
	turn = first_of(lane);
	take(t, turn, true);
	turn->at_work = true;
	turn->owing = is_owing(lane);
	lane->at_work++;
	t->at_work++;
	t->owing_at_work += turn->owing;
	t->costly_at_work += turn->cost > 0;
	return turn;
}

void
turns_end(struct turns *t, struct turn *turn, uint64_t cost_us, uint64_t now)
{
	struct turn_lane *lane = turn->lane;

	assert(turn->at_work && lane->at_work > 0 && t->at_work > 0);
	assert(!turn->owing || t->owing_at_work > 0);
	assert(turn->cost == 0 || t->costly_at_work > 0);
	turn->at_work = false;
	lane->at_work--;
	t->at_work--;
	t->owing_at_work -= turn->owing;
	t->costly_at_work -= turn->cost > 0;
	pay(lane, now);
	lane->debt_us += cost_us;
	if (lane->debt_us > TURNS_DEBT_MAX_US)
		lane->debt_us = TURNS_DEBT_MAX_US;
}

void
turns_withdraw(struct turns *t, struct turn *turn)
{
	take(t, turn, false);
}

uint32_t
turns_ahead(const struct turns *t, const struct turn *turn)
{
	const struct turn_lane *lane;
	const struct turn *other;
	uint32_t own = 1, all = t->at_work;

	if (turn->at_work)
		return 0;
	TAILQ_FOREACH(other, &turn->lane->waiting, list)
	{
		if (other == turn)
			break;
		own++;
	}
	/* The others have a turn for each of ours, or all of theirs first. */
	TAILQ_FOREACH(lane, &t->lanes, list)
	all += lane == turn->lane                           ? own
	    : is_owing(turn->lane) || lane->waiting_n < own ? lane->waiting_n
							    : own;
	return all;
}

bool
turn_lane_is_idle(struct turn_lane *lane, uint64_t now)
{
	pay(lane, now);
	return lane->waiting_n == 0 && lane->at_work == 0 && lane->debt_us == 0;
}
