#ifndef ERPSYNC_TRANSPORT_HOST_TURNS_H
#define ERPSYNC_TRANSPORT_HOST_TURNS_H

/*
 * Whose work is next.  Work waits in a lane for each address, and lanes have
 * their turns one after the other.  What work cost is the debt of its lane,
 * which time pays off slowly: while it is too high, the lane's work comes after
 * that of others, and never takes more than a part of the places.  Within a
 * lane comes first what belongs to who cost least, and the last place is free
 * for who has cost nothing so far.  So an address cannot starve
 * others, nor a connection those of its address.  Pure books on the loop's
 * thread: nothing here runs, waits or knows the time.
 */

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	TURNS_AT_ONCE = 2, /* of a lane, while others have fewer */
	TURNS_CROWD = 8, /* of a lane: more that wait are served newest first */
	TURNS_FREE_US = 3 * 1000 * 1000, /* debt that nobody minds */
	TURNS_DEBT_MAX_US = 60 * 1000 * 1000, /* more is forgotten */
	TURNS_GRAIN_US = 250 * 1000, /* costs that differ less are equal */
	TURNS_PAY_US = 250, /* of debt, that a millisecond pays off */
	/* Those who owe get at most one place in so many, or one; and of them
	 * those whose owner's work did cost something. */
	TURNS_OWING = 2,
	TURNS_OWING_COSTLY = 4,
	/* How much work gives way to other work that runs: not at all; if its
	 * owner's work did cost something, or its lane owes; and if both. */
	TURN_RANKS = 3
};

struct turn;
TAILQ_HEAD(turn_list, turn);

/* The work of an address; all zero at first. */
struct turn_lane {
	TAILQ_ENTRY(turn_lane) list; /* among those that wait */
	struct turn_list waiting; /* by its owner's cost, then by age */
	unsigned waiting_n, at_work;
	uint64_t debt_us; /* of processor time, */
	uint64_t since; /* as it was then, in monotonic ms */
};

/* A piece of work, in a structure of its owner. */
struct turn {
	TAILQ_ENTRY(turn) list;
	struct turn_lane *lane;
	uint64_t cost; /* of its owner's work so far, in grains */
	bool at_work;
	bool owing; /* it began as work of a lane with debts */
};

struct turns {
	TAILQ_HEAD(, turn_lane) lanes; /* with work that waits */
	unsigned places, at_work, waiting_n;
	unsigned owing_at_work, costly_at_work; /* of them */
};

void turns_init(struct turns *t, unsigned places);

/* It waits for its turn; cost_us: what work of its owner cost so far. */
void turns_add(struct turns *t, struct turn_lane *lane, struct turn *turn,
    uint64_t cost_us);

/* What is to be begun now, or NULL: no place is free, or none for it. */
struct turn *turns_next(struct turns *t, uint64_t now);

/* Work that was begun is done, and was so expensive. */
void turns_end(
    struct turns *t, struct turn *turn, uint64_t cost_us, uint64_t now);

/* Of what is at work, below TURN_RANKS; how many of a rank can be at once. */
unsigned turn_rank(const struct turn *turn);
unsigned turns_of_rank(const struct turns *t, unsigned rank);

/* It waits no more. */
void turns_withdraw(struct turns *t, struct turn *turn);

/* How much work at most comes before it; 0: it is at work. */
uint32_t turns_ahead(const struct turns *t, const struct turn *turn);

/* Is there anything to be remembered of it? */
bool turn_lane_is_idle(struct turn_lane *lane, uint64_t now);

#endif
