/*
 * What the state folder says of a release that is served, looked at as stations
 * come: an administrator's command may have held it, or made another one
 * current, while this process serves.  Below publisher.c.
 */
#include "transport/host/publisher_internal.h"

#include "engine/base/err.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "transport/server/live_release.h"

enum { LOOK_MS = 1000 }; /* a few calls on the disk, on the loop's thread */

static void
look(struct standing *w, const struct store *store,
    const struct live_release *served, bool publishing)
{
	enum path_os os = served->manifest.os;
	struct store_kept current;
	struct err e;
	int held;

	/* A disk that fails says nothing new. */
	if ((held = store_is_held(store, os, &served->id, &e)) >= 0)
		w->held = held == 1;
	if (publishing || store_find_current(store, os, &current, &e) != 0)
		return;
	w->other = !hash_equal(&current.id, &served->id);
	w->current = current.id;
}

bool
standing_is_tried(const struct standing *w)
{
	return w->other && hash_equal(&w->tried, &w->current);
}

bool
standing_look(struct standing *w, const struct store *store,
    const struct live_release *served, bool publishing, uint64_t now)
{
	if (w->looked && now - w->at < LOOK_MS)
		return false;
	w->looked = true;
	w->at = now;
	look(w, store, served, publishing);
	if (publishing || !w->other || standing_is_tried(w))
		return false;
	w->tried = w->current;
	return true;
}
