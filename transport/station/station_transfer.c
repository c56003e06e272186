/*
 * The books of what travels: each distinct content that is on its way here,
 * its state, whose it is in the report, and how many are done.  The ground
 * of the files that ask (station_want.c), take offers (station_offer.c), and
 * bring blobs (station_fetch.c): they say what happens, here it is written
 * down.
 */
#include "engine/base/err.h"
#include "engine/tree/missing.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct action *
action_of(const struct station *s, const struct transfer *t)
{
	assert(t->action < s->plan.n);
	return &s->plan.v[t->action];
}

int
transfers_init(struct station *s, size_t n, struct err *e)
{
	struct transfers *x = &s->transfers;

	assert(x->v == NULL);
	TAILQ_INIT(&x->sums);
	TAILQ_INIT(&x->fetches);
	x->v = calloc(n + 1, sizeof(*x->v));
	x->by_index = calloc(s->manifest.want.n + 1, sizeof(struct transfer *));
	if (x->v == NULL || x->by_index == NULL)
		return err_nomem(e);
	x->n = n;
	return 0;
}

void
transfer_init(struct station *s, struct transfer *t, const struct missing *want)
{
	const struct action *a = want->action;

	t->action = (size_t)(a - s->plan.v);
	t->index = (uint32_t)spelling_index(
	    &s->manifest.spelling, &s->manifest.want, a->want);
	assert(t->action < s->plan.n && t->index < s->manifest.want.n);
	t->basis = want->basis;
	t->whole = t->basis == NULL;
	buf_init(&t->mem, BLOB_IN_MEMORY);
	assert(s->transfers.by_index[t->index] == NULL);
	s->transfers.by_index[t->index] = t;
	s->account.items[t->action].transfer = true;
	s->transfers.content_total += a->want->content.size;
}

void
transfers_release(struct transfers *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		buf_release(&x->v[i].mem);
	free(x->v);
	free(x->groups);
	free(x->by_index);
}

bool
transfers_done(const struct transfers *x)
{
	assert(x->done_n + x->window_n <= x->n);
	return x->done_n == x->n;
}

int
items_init(struct station *s, struct err *e)
{
	struct account *a = &s->account;

	assert(a->items == NULL);
	a->items = calloc(s->plan.n + 1, sizeof(*a->items));
	if (a->items == NULL)
		return err_nomem(e);
	s->report.items = a->items;
	return 0;
}

void
items_release(struct station *s)
{
	free(s->account.items);
}

void
item_begin(struct station *s, size_t action, const struct station_item *from)
{
	assert(action < s->plan.n);
	s->account.items[action] = *from;
}

void
item_lose(struct station *s, const struct transfer *t, uint64_t bytes)
{
	struct station_item *item = &s->account.items[t->action];

	assert(t->state != TRANSFER_DONE);
	item->transfer = false;
	item->received -= bytes < item->received ? bytes : item->received;
}

void
item_sent(struct station *s, const struct transfer *t, uint64_t bytes)
{
	s->account.items[t->action].sent += bytes;
}

void
item_received(struct station *s, const struct transfer *t, uint64_t bytes)
{
	s->account.items[t->action].received += bytes;
}

void
item_blob(
    struct station *s, const struct transfer *t, uint8_t codec, uint64_t len)
{
	struct station_item *item = &s->account.items[t->action];

	assert(codec <= CODEC_PATCH);
	item->codec = (enum codec)codec;
	item->blob_len = len;
}

void
want_fill(const struct station *s, const struct transfer *t, struct msg_want *w)
{
	memset(w, 0, sizeof(*w));
	w->index = t->index;
	/* It is hardly of a file that is smaller. */
	if (s->transfers.part_len > 0 &&
	    action_of(s, t)->want->content.size >= s->transfers.part_len) {
		w->flags = WANT_HAS_PART;
		memcpy(w->part, s->transfers.part.b, PART_PREFIX);
	}
	if (t->whole)
		return;
	assert(t->basis != NULL);
	w->flags |= WANT_HAS_BASIS;
	w->basis_size = t->basis->content.size;
	w->basis = t->basis->content.hash;
}

void
transfer_wanted(struct station *s, struct transfer *t, uint64_t bytes)
{
	assert(t->state == TRANSFER_TODO);
	assert(s->transfers.window_n < WINDOW);
	t->state = TRANSFER_WANTED;
	s->transfers.window_n++;
	item_sent(s, t, bytes);
}

void
transfer_again(struct station *s, struct transfer *t)
{
	assert(t->state == TRANSFER_FETCH || t->state == TRANSFER_GROUPED);
	assert(t->group == NULL && s->transfers.window_n > 0);
	t->state = TRANSFER_WANTED;
	t->whole = t->again = true;
	t->got = 0;
	buf_clear(&t->mem);
}

/* Is t asked for, and nothing was answered since? */
static bool
is_open(const struct transfer *t)
{
	return t->state == TRANSFER_WANTED || t->state == TRANSFER_ASKED;
}

struct transfer *
transfer_open(const struct station *s, uint32_t index)
{
	struct transfer *t =
	    index < s->manifest.want.n ? s->transfers.by_index[index] : NULL;

	return t != NULL && is_open(t) ? t : NULL;
}

void
transfer_owes(struct station *s, struct transfer *t, enum sums_kind kind)
{
	assert(is_open(t) && !t->whole && !t->asked_sums);
	item_received(s, t, ASK_LEN);
	if (kind == SUMS_SHORT) {
		assert(!t->asked_short);
		t->asked_short = true;
	} else {
		t->asked_sums = true;
		t->group = NULL;
	}
	t->state = TRANSFER_SUMS;
	t->asked_by = s->transfers.asks_n;
	TAILQ_INSERT_TAIL(&s->transfers.sums, t, list);
}

void
transfer_asked(struct station *s, struct transfer *t)
{
	assert(t->state == TRANSFER_SUMS);
	TAILQ_REMOVE(&s->transfers.sums, t, list);
	t->state = TRANSFER_ASKED;
}

void
transfer_recalled(struct station *s, struct transfer *t)
{
	transfer_asked(s, t);
	if (t->asked_sums)
		t->asked_sums = false;
	else
		t->asked_short = false;
}

void
transfer_grouped(struct transfer *t)
{
	assert(is_open(t) && t->group != NULL);
	t->state = TRANSFER_GROUPED;
}

void
transfer_offered(struct station *s, struct transfer *t,
    const struct msg_offer *offer, uint64_t got)
{
	assert(t->group != NULL ? t->state == TRANSFER_GROUPED : is_open(t));
	assert(offer->index == t->index && got <= offer->len);
	t->offer = *offer;
	t->got = got;
	t->in_part = got > 0 || offer->len > BLOB_IN_MEMORY;
	t->state = TRANSFER_FETCH;
	s->account.blob_bytes += offer->len - got;
	s->transfers.blob_offered += offer->len;
	s->transfers.content_offered += t->group != NULL
	    ? t->group->size
	    : action_of(s, t)->want->content.size;
}

void
transfer_got(struct station *s, struct transfer *t, uint64_t n)
{
	assert(t->state == TRANSFER_FETCH);
	assert(n <= t->offer.len - t->got);
	t->got += n;
	s->account.blob_got += n;
	assert(s->account.blob_got <= s->account.blob_bytes);
}

void
transfer_done(struct station *s, struct transfer *t)
{
	struct transfers *x = &s->transfers;

	assert(t->state == TRANSFER_FETCH || t->state == TRANSFER_GROUPED);
	assert(x->window_n > 0 && x->done_n < x->n);
	t->state = TRANSFER_DONE;
	t->got = 0;
	x->done_n++;
	x->window_n--;
	x->content_done += action_of(s, t)->want->content.size;
	assert(x->content_done <= x->content_total);
}
