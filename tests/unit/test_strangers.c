/* Who of those that have not greeted gives way. */
#include "transport/host/strangers.h"

#include <criterion/criterion.h>

enum { NOW = 100 * 1000 };

static const char here[] = "here", there[] = "there";

static struct stranger
caller(const void *from, uint64_t age, uint64_t said, bool doubted)
{
	struct stranger one = {
	    .from = from, .came = NOW - age, .said = said, .doubted = doubted};

	return one;
}

/* Which of these two goes, or -1. */
static int
slowest(struct stranger *v, const void *from)
{
	struct strangers all = TAILQ_HEAD_INITIALIZER(all);
	struct stranger *one;

	TAILQ_INSERT_TAIL(&all, &v[0], list);
	TAILQ_INSERT_TAIL(&all, &v[1], list);
	one = strangers_slowest(&all, NOW, from);
	return one == NULL ? -1 : (int)(one - v);
}

Test(strangers, everybody_has_a_while)
{
	static const struct {
		uint64_t age;
		bool doubted;
		int goes;
	} cases[] = {{0, false, -1}, {STRANGER_MS - 1, false, -1},
	    {STRANGER_MS, false, 0}, {0, true, -1},
	    {STRANGER_DOUBTED_MS - 1, true, -1},
	    {STRANGER_DOUBTED_MS, true, 0}};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stranger v[2] = {
		    caller(here, cases[i].age, 0, cases[i].doubted),
		    caller(here, 0, 0, false)};

		cr_expect_eq(slowest(v, NULL), cases[i].goes, "%zu", i);
	}
}

Test(strangers, then_the_slowest_goes)
{
	static const struct {
		uint64_t age[2], said[2];
		int goes;
	} cases[] = {
	    /* Of the silent the older one, wherever it stands. */
	    {{3000, 2000}, {0, 0}, 0},
	    {{2000, 3000}, {0, 0}, 1},
	    /* A byte a second is as silence, a handshake is none. */
	    {{2000, 9000}, {0, 9}, 0},
	    {{9000, 2000}, {9, 517}, 0},
	    {{2000, 9000}, {517, 7}, 1},
	    {{9000, 2000}, {517, 0}, 1},
	    /* Who says much in vain does not win by it. */
	    {{2000, 9000}, {1023, 100000}, 1},
	    {{2000, 1999}, {1023, 100000}, 0},
	    {{2000, 1999}, {100000, 1022}, 1},
	    /* Among equals who came first. */
	    {{2000, 2000}, {5, 5}, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stranger v[2] = {
		    caller(here, cases[i].age[0], cases[i].said[0], false),
		    caller(here, cases[i].age[1], cases[i].said[1], false)};

		cr_expect_eq(slowest(v, NULL), cases[i].goes, "%zu", i);
	}
}

Test(strangers, of_an_address_or_of_all)
{
	struct stranger v[2] = {
	    caller(here, 5000, 0, false), caller(there, 4000, 0, false)};

	cr_expect_eq(slowest(v, NULL), 0);
	cr_expect_eq(slowest(v, here), 0);
	cr_expect_eq(slowest(v, there), 1);
	cr_expect_eq(slowest(v, v), -1);
}
