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

enum {
	LOOK_MS = 1000, /* a few calls on the disk, on the loop's thread */
	/* So long stations stay away while the first release is made; and while
	 * it failed, which takes a person: no program is to wait for that. */
	SOON_S = 2,
	LATER_S = 30
};

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

int
standing_awaited(const struct standing *w, bool serving, bool publishing,
    const struct err *failure, struct err *e)
{
	if (publishing)
		return !serving || standing_is_tried(w) ? SOON_S : 0;
	if (serving)
		return 0;
	if (failure->code == ERP_NOSPACE)
		return err_set(e, ERP_NOSPACE, "%s", failure->msg);
	return LATER_S;
}
