/* The clock seam. */
#include "engine/base/clock.h"

#include <criterion/criterion.h>
#include <time.h>

Test(clock, monotonic_never_goes_back)
{
	const struct clock *c = clock_real();
	uint64_t before = c->monotonic_ms(c->ctx), now;
	int i;

	for (i = 0; i < 1000; i++) {
		now = c->monotonic_ms(c->ctx);
		cr_assert_geq(now, before);
		before = now;
	}
}

Test(clock, monotonic_counts_milliseconds)
{
	const struct clock *c = clock_real();
	const struct timespec nap = {0, 20 * 1000 * 1000};
	uint64_t before = c->monotonic_ms(c->ctx), passed;

	(void)nanosleep(&nap, NULL);
	passed = c->monotonic_ms(c->ctx) - before;
	cr_assert_geq(passed, 19);
	cr_assert_lt(passed, 20000);
}

Test(clock, wall_is_the_systems_time)
{
	const struct clock *c = clock_real();
	int64_t before = (int64_t)time(NULL), now = c->wall_s(c->ctx);

	cr_assert_geq(now, before);
	cr_assert_leq(now, before + 60);
}
