/* Bytes a second. */
#include "transport/net/bwlimit.h"

#include <criterion/criterion.h>

Test(bwlimit, no_limit_is_no_limit)
{
	struct bwlimit b;

	bwlimit_init(&b, 0, 5);
	cr_expect_eq(bwlimit_room(&b, 5), SIZE_MAX);
	bwlimit_take(&b, 1 << 30);
	cr_expect_eq(bwlimit_room(&b, 5), SIZE_MAX);
	cr_expect_eq(bwlimit_wait_ms(&b), 0);
}

/* Who takes all there is, as often as it can, gets the rate. */
Test(bwlimit, rate_is_kept_whatever_the_step)
{
	static const struct {
		uint64_t rate;
		uint32_t step_ms;
	} v[] = {{1, 1}, {100, 1}, {32 * 1024, 1}, {32 * 1024, 7},
	    {1000 * 1000, 20}, {(uint64_t)1 << 33, 200}};
	uint64_t now, got, want;
	struct bwlimit b;
	size_t i, room;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		bwlimit_init(&b, v[i].rate, 1000);
		for (now = 1000, got = 0; now <= 61000; now += v[i].step_ms) {
			room = bwlimit_room(&b, now);
			got += room;
			bwlimit_take(&b, room);
		}
		want = v[i].rate * 60;
		cr_expect_leq(
		    got, want, "case %zu: %llu", i, (unsigned long long)got);
		cr_expect_geq(got, want - want / 50 - 1, "case %zu: %llu", i,
		    (unsigned long long)got);
	}
}

Test(bwlimit, an_idle_time_is_not_saved_up)
{
	struct bwlimit b;

	bwlimit_init(&b, 10000, 0);
	cr_expect_eq(bwlimit_room(&b, 1000 * 1000), 2500);
	bwlimit_take(&b, 2500);
	cr_expect_eq(bwlimit_room(&b, 1000 * 1000), 0);
}

Test(bwlimit, waiting_as_told_gives_room_and_not_later)
{
	static const uint64_t rates[] = {1, 3, 999, 32768, 1 << 20};
	struct bwlimit b;
	uint32_t wait;
	size_t i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		bwlimit_init(&b, rates[i], 50);
		cr_assert_eq(bwlimit_room(&b, 50), 0);
		wait = bwlimit_wait_ms(&b);
		cr_expect_gt(wait, 0);
		cr_expect_eq(bwlimit_room(&b, 50 + wait - 1), 0);
		cr_expect_gt(bwlimit_room(&b, 50 + wait), 0);
	}
}

Test(bwlimit, an_absurd_rate_does_not_overflow)
{
	struct bwlimit b;

	bwlimit_init(&b, UINT64_MAX, 0);
	cr_expect_gt(bwlimit_room(&b, UINT64_MAX / 2), 1 << 30);
}
