/*
 * The server's answers to what was asked for: OFFERs of blobs, which are then
 * fetched.  Never more is taken than what the manifest allows; a dry run ends
 * here and counts.
 */
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

/* No honest blob is larger: a delta of literals only, that does not
 * compress. */
static uint64_t
blob_len_max(uint64_t size)
{
	return size + size / 64 + 64 * 1024;
}

/* May this be offered for t? */
static int
offer_check(struct station *s, struct transfer *t,
    const struct msg_offer *offer, struct err *e)
{
	uint64_t size;
	int rc;

	if (t->whole && offer->codec != CODEC_FULL && t->group == NULL)
		return err_set(e, ERP_PROTO,
		    "the server offers a delta "
		    "where a whole file was wanted");
	if (t->group != NULL && offer->codec == CODEC_RSYNC)
		return err_set(
		    e, ERP_PROTO, "the server offers a delta for a group");
	if (t->group != NULL && (rc = group_offered(s, t, e)) != 0)
		return rc;
	size = t->group != NULL ? t->group->size
				: action_of(s, t)->want->content.size;
	if (offer->len > blob_len_max(size))
		return err_set(e, ERP_PROTO,
		    "the server offers %llu bytes for a file of %llu",
		    (unsigned long long)offer->len, (unsigned long long)size);
	return 0;
}

/* Does another one go on with this part?  It is gone when that one is whole. */
static bool
is_part_in_use(const struct station *s, const struct hash *blob)
{
	const struct transfers *x = &s->transfers;
	size_t i;

	for (i = 0; i < x->n; i++)
		if (x->v[i].state == TRANSFER_FETCH && x->v[i].in_part &&
		    x->v[i].got > 0 && hash_equal(&x->v[i].offer.blob, blob))
			return true;
	return false;
}

/* How much of the offered blob is here since a link broke? */
static int
find_part(struct station *s, const struct msg_offer *offer, uint64_t *got,
    struct err *e)
{
	const struct transfers *x = &s->transfers;
	int rc;

	*got = 0;
	if (offer->len <= BLOB_IN_MEMORY &&
	    (x->part_len == 0 || !hash_equal(&offer->blob, &x->part)))
		return 0;
	if (s->stage == NULL)
		*got = stage_peek_part(s->opt.folder, &offer->blob);
	else if ((rc = stage_part_len(s->stage, &offer->blob, got, e)) != 0)
		return rc;
	if (*got > 0 && is_part_in_use(s, &offer->blob))
		*got = 0;
	if (*got <= offer->len)
		return 0;
	/* Not a part of this blob, whoever put it there. */
	*got = 0;
	return s->stage == NULL ? 0
				: stage_part_remove(s->stage, &offer->blob, e);
}

/* The bytes of the offer and of what will be fetched, in the report. */
static void
count_offer(struct station *s, const struct transfer *t)
{
	const struct msg_offer *offer = &t->offer;

	if (t->group != NULL) {
		group_account(s, t);
		return;
	}
	item_blob(s, t, offer->codec, offer->len);
	item_sent(s, t, FETCH_LEN);
	item_received(s, t, OFFER_LEN + data_frames_len(offer->len - t->got));
}

/* Take one offer: *out is to be fetched. */
static int
offer_take(struct station *s, const struct msg_offer *offer,
    struct transfer **out, struct err *e)
{
	struct transfer *t = transfer_open(s, offer->index);
	uint64_t got;
	int rc;

	if (t == NULL)
		return err_set(e, ERP_PROTO,
		    "the server offers entry %u, which nobody wants",
		    offer->index);
	if ((rc = offer_check(s, t, offer, e)) != 0)
		return rc;
	if ((rc = find_part(s, offer, &got, e)) != 0)
		return rc;
	transfer_offered(s, t, offer, got);
	count_offer(s, t);
	*out = t;
	return 0;
}

int
offer_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct transfer *fetch[WANT_MAX];
	struct msg_offer v[WANT_MAX];
	int i, rc, n = offers_decode(f->payload, f->len, v, e);

	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		if ((rc = offer_take(s, &v[i], &fetch[i], e)) != 0)
			return rc;
	return blobs_fetch(s, fetch, (size_t)n, e);
}
