/*
 * The books of what travels: each distinct content that is on its way here,
 * which action and report item it is of, and how many are done.  The ground
 * of the files that ask (station_want.c), take offers (station_offer.c), and
 * bring blobs (station_fetch.c).
 */
#include "engine/apply/stage.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <stdlib.h>
#include <string.h>

const struct action *
action_of(const struct station *s, const struct transfer *t)
{
	return &s->plan.v[t->action];
}

struct station_item *
item_of(const struct station *s, const struct transfer *t)
{
	return &s->items[t->action];
}

void
transfers_free(struct station *s)
{
	size_t i;

	for (i = 0; s->transfers != NULL && i < s->transfers_n; i++)
		buf_release(&s->transfers[i].mem);
	free(s->transfers);
	free(s->groups);
	free(s->by_index);
	namesake_release(&s->namesakes);
	stage_close(s->stage);
}

void
want_fill(const struct station *s, const struct transfer *t, struct msg_want *w)
{
	memset(w, 0, sizeof(*w));
	w->index = t->index;
	/* Only blobs of large files have parts. */
	if (s->has_part && action_of(s, t)->want->size > BLOB_IN_MEMORY) {
		w->flags = WANT_HAS_PART;
		memcpy(w->part, s->part.b, PART_PREFIX);
	}
	if (t->whole)
		return;
	w->flags |= WANT_HAS_BASIS;
	w->basis_size = t->basis->size;
	w->basis = t->basis->hash;
}

void
transfer_done(struct station *s, struct transfer *t)
{
	t->state = TRANSFER_DONE;
	t->got = 0;
	s->done_n++;
	s->window_n--;
	s->content_done += action_of(s, t)->want->size;
}

bool
transfers_done(const struct station *s)
{
	return s->done_n == s->transfers_n;
}
