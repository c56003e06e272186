/*
 * What the stations before this one, whose links broke, have moved already:
 * an update in several tries is told as one.
 */
#include "engine/base/err.h"
#include "transport/station/station_internal.h"

#include <stdlib.h>
#include <string.h>

static int
compare_contents(const void *a, const void *b)
{
	return memcmp(((const struct earlier_item *)a)->content.b,
	    ((const struct earlier_item *)b)->content.b, HASH_LEN);
}

/* What is missing of the blob that first began, of t's file alone. */
static uint64_t
missing(const struct station *s, const struct transfer *first,
    const struct transfer *t)
{
	uint64_t rest = data_frames_len(first->offer.len - first->got);

	if (t->group == NULL)
		return rest;
	return rest * action_of(s, t)->want->content.size / first->group->size;
}

/* Is t's file in the blob that first began? */
static bool
is_of(const struct transfer *t, const struct transfer *first)
{
	return t == first ||
	    (t->state == TRANSFER_GROUPED && first != NULL &&
		first->group == t->group);
}

/* The items count an offered blob as a whole: take off what did not come. */
static void
settle(struct station *s)
{
	const struct transfer *first = NULL, *t;

	for (t = s->transfers.v;
	     t != NULL && t < s->transfers.v + s->transfers.n; t++) {
		if (t->state == TRANSFER_DONE)
			continue;
		/* A group's blob is that of its first file. */
		if (t->state == TRANSFER_FETCH)
			first = t;
		item_lose(s, t, is_of(t, first) ? missing(s, first, t) : 0);
	}
}

static int
take_items(struct earlier *to, const struct station *s, struct err *e)
{
	const struct station_item *item;
	size_t i;

	to->v = calloc(s->plan.n + 1, sizeof(*to->v));
	if (to->v == NULL)
		return err_nomem(e);
	for (i = 0; i < s->plan.n; i++) {
		item = &s->account.items[i];
		if (item->sent + item->received == 0)
			continue;
		to->v[to->n].content = s->plan.v[i].want->content.hash;
		to->v[to->n++].item = *item;
	}
	if (to->n > 1)
		qsort(to->v, to->n, sizeof(*to->v), compare_contents);
	return 0;
}

int
earlier_take(struct station *s, struct station *before, struct err *e)
{
	/* A dry run foretells one update, however often it had to ask. */
	if (before == NULL || s->opt.dry_run)
		return 0;
	recalls_take(s, before);
	s->report.is_answered = before->report.is_answered;
	s->account.earlier.sent =
	    before->account.earlier.sent + before->account.sent;
	s->account.earlier.received =
	    before->account.earlier.received + before->account.received;
	s->account.earlier.ms =
	    s->born - before->born + before->account.earlier.ms;
	s->account.blob_bytes = before->account.blob_got;
	s->account.blob_got = before->account.blob_got;
	if (before->account.items != NULL) {
		settle(before);
		return take_items(&s->account.earlier, before, e);
	}
	/* It did not come so far as to use them. */
	s->account.earlier.v = before->account.earlier.v;
	s->account.earlier.n = before->account.earlier.n;
	before->account.earlier.v = NULL;
	before->account.earlier.n = 0;
	return 0;
}

void
earlier_give(struct station *s)
{
	struct earlier_item key, *found;
	const struct action *a;
	size_t i;

	for (i = 0; s->account.earlier.n > 0 && i < s->plan.n; i++) {
		a = &s->plan.v[i];
		if (!action_needs_content(a))
			continue;
		key.content = a->want->content.hash;
		found = bsearch(&key, s->account.earlier.v,
		    s->account.earlier.n, sizeof(key), compare_contents);
		if (found == NULL)
			continue;
		item_begin(s, i, &found->item);
		/* Once, where several files have this content. */
		memset(&found->item, 0, sizeof(found->item));
	}
}

void
earlier_release(struct station *s)
{
	free(s->account.earlier.v);
}
