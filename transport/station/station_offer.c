/*
 * The server's answers to what was asked for: an OFFER of a blob, which is
 * then fetched, or the question for sums.  Never more is taken than what the
 * manifest allows; a dry run ends here and counts.
 */
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <string.h>

/* No honest blob is larger: a delta of literals only, that does not
 * compress. */
static uint64_t
blob_len_max(uint64_t size)
{
	return size + size / 64 + 64 * 1024;
}

/* May this be asked of t?  Each kind of sums once, the short ones first. */
static int
question_check(
    const struct transfer *t, const struct msg_offer *offer, struct err *e)
{
	if (t->whole)
		return err_set(e, ERP_PROTO,
		    "the server asks for sums where there is no basis");
	if (t->asked_sums ||
	    (t->asked_short && offer->codec == OFFER_ASK_SHORT))
		return err_set(
		    e, ERP_PROTO, "the server asks for the same sums again");
	return 0;
}

/* May this be offered for t? */
static int
offer_check(struct station *s, struct transfer *t,
    const struct msg_offer *offer, struct err *e)
{
	uint64_t size;
	int rc;

	if (offer_is_question(offer))
		return question_check(t, offer, e);
	if (t->whole && offer->codec != CODEC_FULL && t->group == NULL)
		return err_set(e, ERP_PROTO,
		    "the server offers a delta "
		    "where a whole file was wanted");
	if (t->group != NULL && offer->codec == CODEC_RSYNC)
		return err_set(
		    e, ERP_PROTO, "the server offers a delta for a group");
	if (t->group != NULL && (rc = group_offered(s, t, e)) != 0)
		return rc;
	size = t->group != NULL ? t->group->size : action_of(s, t)->want->size;
	if (offer->len > blob_len_max(size))
		return err_set(e, ERP_PROTO,
		    "the server offers %llu bytes for a file of %llu",
		    (unsigned long long)offer->len, (unsigned long long)size);
	return 0;
}

/* The server wants sums: to be sent when there is room. */
static void
question_take(
    struct station *s, struct transfer *t, const struct msg_offer *offer)
{
	item_of(s, t)->received += offer_len(offer);
	if (offer->codec == OFFER_ASK_SHORT) {
		t->asked_short = true;
		if (t->group != NULL && t->group->summed == NULL)
			t->group->summed = t;
	} else {
		t->asked_sums = true;
		t->group = NULL;
	}
	t->state = TRANSFER_SUMS;
	t->asked_by = s->offers_n;
	TAILQ_INSERT_TAIL(&s->sums, t, list);
}

/* How much of the offered blob is here since a link broke? */
static int
find_part(struct station *s, struct transfer *t, struct err *e)
{
	const struct msg_offer *offer = &t->offer;
	int rc;

	if (offer->len <= BLOB_IN_MEMORY)
		return 0;
	if (s->stage == NULL)
		t->got = stage_peek_part(s->opt.folder, &offer->blob);
	else if ((rc = stage_part_len(s->stage, &offer->blob, &t->got, e)) != 0)
		return rc;
	if (t->got <= offer->len)
		return 0;
	/* Not a part of this blob, whoever put it there. */
	t->got = 0;
	return s->stage == NULL ? 0
				: stage_part_remove(s->stage, &offer->blob, e);
}

/* Take one offer; *fetch gets what to fetch of it. */
static int
offer_take(struct station *s, const struct msg_offer *offer,
    struct msg_fetch *fetch, struct err *e)
{
	struct transfer *t =
	    offer->index < s->want->n ? s->by_index[offer->index] : NULL;
	struct station_item *item;
	int rc;

	if (t == NULL ||
	    (t->state != TRANSFER_WANTED && t->state != TRANSFER_ASKED))
		return err_set(e, ERP_PROTO,
		    "the server offers entry %u, which nobody wants",
		    offer->index);
	if ((rc = offer_check(s, t, offer, e)) != 0)
		return rc;
	item = item_of(s, t);
	if (offer_is_question(offer)) {
		question_take(s, t, offer);
		return 0;
	}
	t->offer = *offer;
	t->state = TRANSFER_FETCH;
	if ((rc = find_part(s, t, e)) != 0)
		return rc;
	s->report.blob_bytes += offer->len - t->got;
	fetch->index = t->index;
	fetch->offset = t->got;
	if (t->group != NULL) {
		group_account(s, t);
		return 1;
	}
	item->codec = (enum codec)offer->codec;
	item->blob_len = offer->len;
	item->sent += FETCH_LEN;
	item->received +=
	    offer_len(offer) + bulk_frames_len(offer->len - t->got);
	return 1;
}

/* A dry run counts what it would have fetched, and fetches nothing. */
static void
predict(struct station *s, const struct msg_fetch *v, size_t n)
{
	struct transfer *t;
	size_t i;

	s->predicted_sent += FRAME_HEADER_LEN + n * FETCH_LEN;
	for (i = 0; i < n; i++) {
		t = s->by_index[v[i].index];
		s->predicted_received +=
		    bulk_frames_len(t->offer.len - v[i].offset);
		if (t->group != NULL)
			group_done(s, t);
		else
			transfer_done(s, t);
	}
}

int
offer_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct msg_offer v[WANT_MAX];
	struct msg_fetch fetch[WANT_MAX];
	struct transfer *t;
	size_t n = 0;
	int i, rc, count = offers_decode(f->payload, f->len, v, e);

	if (count < 0)
		return count;
	memset(fetch, 0, sizeof(fetch));
	s->offers_n++;
	for (i = 0; i < count; i++) {
		if ((rc = offer_take(s, &v[i], &fetch[n], e)) < 0)
			return rc;
		n += (size_t)rc;
	}
	if (n == 0)
		return 0;
	if (s->opt.dry_run) {
		predict(s, fetch, n);
		return 0;
	}
	if ((rc = fetches_encode(fetch, n, &s->out, e)) != 0)
		return rc;
	/* A blob that was complete before the link broke. */
	for (i = 0; (size_t)i < n; i++) {
		t = s->by_index[fetch[i].index];
		if (t->got < t->offer.len)
			TAILQ_INSERT_TAIL(&s->fetches, t, list);
		else if ((rc = blob_complete(s, t, e)) != 0)
			return rc;
	}
	return 0;
}
