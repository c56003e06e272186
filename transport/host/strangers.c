/*
 * Who of those that have not greeted gives way: when its while is over, and how
 * slow it was.  Pure; below net_places.c, which has their connections.
 */
#include "transport/host/strangers.h"

#include <assert.h>
#include <stddef.h>

static uint64_t
age_of(const struct stranger *one, uint64_t now)
{
	assert(now >= one->came);
	return now - one->came;
}

static bool
is_due(const struct stranger *one, uint64_t now)
{
	return age_of(one, now) >=
	    (one->doubted ? STRANGER_DOUBTED_MS : STRANGER_MS);
}

/* Whoever was silent said one byte, so that silences can be compared. */
static uint64_t
words_of(const struct stranger *one)
{
	return one->said < STRANGER_WORDS ? one->said + 1 : STRANGER_WORDS;
}

/* Did it take longer for each byte? */
static bool
is_slower(const struct stranger *one, const struct stranger *than, uint64_t now)
{
	return age_of(one, now) * words_of(than) >
	    age_of(than, now) * words_of(one);
}

struct stranger *
strangers_slowest(const struct strangers *all, uint64_t now, const void *from)
{
	struct stranger *one, *slowest = NULL;

	TAILQ_FOREACH(one, all, list)
	if (is_due(one, now) && (from == NULL || one->from == from) &&
	    (slowest == NULL || is_slower(one, slowest, now)))
		slowest = one;
	return slowest;
}
