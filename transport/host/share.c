/*
 * Shares of memory: what conn.c asks before it reads from a station, and
 * net_admission.c before it lets one in.
 */
#include "transport/host/share.h"

#include <assert.h>

static void
note(struct share *share, const void *who, size_t before, size_t now)
{
	assert(share->held >= before);
	share->held = share->held - before + now;
	if (now == 0 && share->first == who)
		share->first = NULL;
}

void
share_note(struct share *all, struct share *address, const void *who,
    size_t before, size_t now)
{
	note(all, who, before, now);
	note(address, who, before, now);
	assert(all->held >= address->held);
}

static bool
is_first(struct share *share, const void *who, size_t held)
{
	/* Whoever holds nothing has begun nothing that must be ended. */
	if (share->first == NULL && held > 0)
		share->first = who;
	return share->first == who;
}

bool
share_may_read(
    struct share *all, struct share *address, const void *who, size_t held)
{
	size_t left = all->held < SHARE_ALL ? SHARE_ALL - all->held : 0;

	if (address->held < SHARE_ADDRESS && address->held < left)
		return true;
	/* A session that needs more than is left to its address waits until it
	 * is the first of all: one can always go on. */
	return (is_first(address, who, held) && held < SHARE_FIRST) ||
	    is_first(all, who, held);
}

bool
share_has_room(const struct share *all)
{
	return all->held < SHARE_ALL;
}
