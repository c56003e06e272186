/* The clock seam. */
#include "engine/base/clock.h"

#include <criterion/criterion.h>
#include <time.h>

Test(clock, monotonic_never_goes_back)
{
	const struct clock *c = clock_real();
	uint64_t before = clock_ms(c), now;
	int i;

	for (i = 0; i < 1000; i++) {
		now = clock_ms(c);
		cr_assert_geq(now, before);
		before = now;
	}
}

Test(clock, monotonic_counts_milliseconds)
{
	const struct clock *c = clock_real();
	const struct timespec nap = {0, 20 * 1000 * 1000};
	uint64_t before = clock_ms(c), passed;

	(void)nanosleep(&nap, NULL);
	passed = clock_ms(c) - before;
	cr_assert_geq(passed, 19);
	cr_assert_lt(passed, 20000);
}

Test(clock, wall_is_the_systems_time)
{
	const struct clock *c = clock_real();
	int64_t before = (int64_t)time(NULL), now = clock_s(c);

	cr_assert_geq(now, before);
	cr_assert_leq(now, before + 60);
}

static uint64_t
answer_ms(void *ctx)
{
	return *(const uint32_t *)ctx;
}

static int64_t
answer_s(void *ctx)
{
	return -(int64_t) * (const uint32_t *)ctx;
}

Test(clock, is_asked_with_its_own)
{
	uint32_t own = 7;
	const struct clock c = {answer_ms, answer_s, &own};

	cr_assert_eq(clock_ms(&c), 7);
	cr_assert_eq(clock_s(&c), -7);
}
