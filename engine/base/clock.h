#ifndef ERPSYNC_ENGINE_BASE_CLOCK_H
#define ERPSYNC_ENGINE_BASE_CLOCK_H

/* Time comes through this seam, so that tests can set it. */

#include <stdint.h>

struct clock {
	/* Milliseconds from an arbitrary start; never goes back. */
	uint64_t (*monotonic_ms)(void *ctx);
	/* Seconds since 1970, UTC. */
	int64_t (*wall_s)(void *ctx);
	void *ctx;
};

/* Processor time of the calling thread so far, in microseconds. */
uint64_t clock_thread_us(void);

static inline uint64_t
clock_ms(const struct clock *c)
{
	return c->monotonic_ms(c->ctx);
}

static inline int64_t
clock_s(const struct clock *c)
{
	return c->wall_s(c->ctx);
}

/* The machine's clocks. */
const struct clock *clock_real(void);

/* Sleep so long, whatever signals come; ctx is not used. */
void clock_sleep_ms(void *ctx, uint32_t ms);

#endif
