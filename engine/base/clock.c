/*
 * The machine's clocks behind struct clock.  What has deadlines or waits is
 * given this one by the program, and another by tests.
 */
#include "engine/base/clock.h"

#include <stddef.h>
#include <time.h>

static uint64_t
real_monotonic_ms(void *ctx)
{
	struct timespec ts = {0, 0};

	(void)ctx;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int64_t
real_wall_s(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

uint64_t
clock_thread_us(void)
{
	struct timespec ts = {0, 0};

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

const struct clock *
clock_real(void)
{
	static const struct clock real = {real_monotonic_ms, real_wall_s, NULL};

	return &real;
}

void
clock_sleep_ms(void *ctx, uint32_t ms)
{
	struct timespec left = {
	    .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	(void)ctx;
	while (nanosleep(&left, &left) != 0)
		continue;
}
