/*
 * Bytes a second, for one direction of a connection: asked before bytes move
 * and told of those that did.  Pure, over times that the byte loop
 * (link.c) gives.
 */
#include "transport/net/bwlimit.h"

enum {
	SCALE = 1000, /* tokens of a byte: one for a byte a second and ms */
	FULL_MS = 250, /* the bucket is full after so long */
	WORTH_MS = 10, /* and worth emptying after so long */
	IDLE_MAX_MS = 1000 /* more time makes it no fuller */
};
#define RATE_MAX ((uint64_t)1 << 40) /* no link is faster */

static uint64_t
tokens_of(const struct bwlimit *b, uint32_t ms)
{
	uint64_t tokens = b->rate * ms;

	/* At the slowest rates one byte still has to pass. */
	return tokens > SCALE ? tokens : SCALE;
}

void
bwlimit_init(struct bwlimit *b, uint64_t rate, uint64_t now)
{
	b->rate = rate < RATE_MAX ? rate : RATE_MAX;
	b->tokens = 0;
	b->filled = now;
}

size_t
bwlimit_room(struct bwlimit *b, uint64_t now)
{
	uint64_t passed = now - b->filled, full = tokens_of(b, FULL_MS);

	if (b->rate == 0)
		return SIZE_MAX;
	if (passed > IDLE_MAX_MS)
		passed = IDLE_MAX_MS;
	b->tokens += b->rate * passed;
	if (b->tokens > full)
		b->tokens = full;
	b->filled = now;
	return b->tokens < tokens_of(b, WORTH_MS) ? 0
						  : (size_t)(b->tokens / SCALE);
}

void
bwlimit_take(struct bwlimit *b, size_t n)
{
	if (b->rate == 0)
		return;
	/* Last words are sent without asking for room first. */
	if (n > b->tokens / SCALE)
		b->tokens = 0;
	else
		b->tokens -= (uint64_t)n * SCALE;
}

uint32_t
bwlimit_wait_ms(const struct bwlimit *b)
{
	uint64_t worth = tokens_of(b, WORTH_MS);

	if (b->rate == 0 || b->tokens >= worth)
		return 0;
	return (uint32_t)((worth - b->tokens + b->rate - 1) / b->rate);
}
