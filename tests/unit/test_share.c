/* Memory held for sessions. */
#include "transport/host/share.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

enum { PIECE = 64 * 1024, SESSIONS = 1000, ADDRESSES = 100 };

/* All take as much as they are let; nobody ever gives any back. */
static void
take_all(struct share *all, struct share *address, size_t n, size_t *held,
    size_t sessions)
{
	bool more = true;
	size_t i;

	while (more) {
		more = false;
		for (i = 0; i < sessions; i++) {
			if (!share_may_read(
				all, &address[i % n], &held[i], held[i]))
				continue;
			/* No session holds more than this, see SUMS_MAX. */
			if (held[i] >= 64 * 1024 * 1024)
				continue;
			share_note(all, &address[i % n], &held[i], held[i],
			    held[i] + PIECE);
			held[i] += PIECE;
			more = true;
		}
	}
}

Test(share, an_address_has_its_share)
{
	static size_t held[SESSIONS];
	struct share all, address[2];
	size_t other = 0;

	memset(&all, 0, sizeof(all));
	memset(address, 0, sizeof(address));
	take_all(&all, address, 1, held, SESSIONS);
	/* With what the first of all may hold. */
	cr_expect_leq(address[0].held, SHARE_ADDRESS + 66 * 1024 * 1024);
	/* Another one is read from. */
	cr_expect(share_may_read(&all, &address[1], &other, 0));
	share_note(&all, &address[1], &other, 0, PIECE);
	cr_expect_eq(address[1].held, PIECE);
}

/* The first who holds anything, be it little, may go on. */
Test(share, one_may_always_go_on)
{
	struct share all = {.held = 0}, address = {.held = 0};
	size_t one = 1, other = 0;

	cr_assert(share_may_read(&all, &address, &one, one));
	all.held = address.held = SIZE_MAX / 2;
	cr_expect(share_may_read(&all, &address, &one, one));
	cr_expect_not(share_may_read(&all, &address, &other, other));
}

Test(share, all_together_hold_what_there_is)
{
	static size_t held[SESSIONS];
	static struct share address[ADDRESSES];
	struct share all;
	size_t i;

	memset(&all, 0, sizeof(all));
	take_all(&all, address, ADDRESSES, held, SESSIONS);
	cr_expect_lt(all.held,
	    (size_t)SHARE_ALL + 65 * 1024 * 1024 +
		ADDRESSES * (size_t)(SHARE_FIRST + PIECE));
	/* Everybody got something. */
	for (i = 0; i < ADDRESSES; i++)
		cr_expect_geq(address[i].held, SHARE_FIRST);
	/* It is given back, and then there is room. */
	for (i = 0; i < SESSIONS; i++)
		share_note(&all, &address[i % ADDRESSES], &held[i], held[i], 0);
	cr_expect_eq(all.held, 0);
	cr_expect_null(all.first);
	cr_expect(share_has_room(&all));
}

Test(share, the_first_can_go_on_and_then_the_next)
{
	struct share all = {SHARE_ALL, NULL}, address = {SHARE_ADDRESS, NULL};
	int a = 0, b = 0, c = 0;

	/* The first of its address, with little; and the first of all. */
	cr_expect(share_may_read(&all, &address, &a, 1000));
	cr_expect(share_may_read(&all, &address, &b, 1000));
	cr_expect(!share_may_read(&all, &address, &c, 1000));
	cr_expect(!share_may_read(&all, &address, &a, 2 * SHARE_FIRST));
	cr_expect(share_may_read(&all, &address, &b, 2 * SHARE_FIRST));
	cr_expect(!share_has_room(&all));
	share_note(&all, &address, &b, 1000, 0);
	share_note(&all, &address, &c, 0, 1000);
	cr_expect(share_may_read(&all, &address, &c, 2 * SHARE_FIRST));
	cr_expect(!share_may_read(&all, &address, &b, 0));
}

Test(share, limits_are_reached_to_the_byte)
{
	struct share all = {.held = 0}, address = {.held = SHARE_ADDRESS - 1};
	int who = 0, other = 0;

	cr_expect(share_may_read(&all, &address, &who, 0));
	address.held = SHARE_ADDRESS;
	cr_expect_not(share_may_read(&all, &address, &who, 0));
	cr_expect_null(address.first, "who holds nothing is not the first");
	all.held = SHARE_ALL - 1000;
	address.held = 999;
	cr_expect(share_may_read(&all, &address, &who, 0));
	address.held = 1000;
	cr_expect_not(share_may_read(&all, &address, &who, 0));
	all.first = &other;
	cr_expect(share_may_read(&all, &address, &who, SHARE_FIRST - 1));
	cr_expect_not(share_may_read(&all, &address, &who, SHARE_FIRST));
	cr_expect(address.first == &who);
	all.held = SHARE_ALL - 1;
	cr_expect(share_has_room(&all));
	all.held = SHARE_ALL;
	cr_expect_not(share_has_room(&all));
	/* Nothing is left of what is more than there is. */
	all.held = SHARE_ALL + 1;
	address = (struct share){0, NULL};
	cr_expect_not(share_may_read(&all, &address, &who, 0));
}
