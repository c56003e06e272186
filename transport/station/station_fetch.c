/*
 * Blobs that were fetched: they come in DATA messages, one after the other,
 * and are decoded into the stage when they are whole.
 */
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

int
blob_complete(struct station *s, struct transfer *t, struct err *e)
{
	const struct entry *want = action_of(s, t)->want;
	struct stage_member m = {.want = &want->hash, .size = want->size};
	struct blob_bytes b;
	int rc;

	if (t->group != NULL)
		return group_complete(s, t, e);
	if (t->offer.codec != CODEC_FULL)
		m.basis_path = t->basis->path;
	if ((rc = blob_open(s, t, &b, e)) == 0)
		rc = stage_put(
		    s->stage, (enum codec)t->offer.codec, &b.range, &m, e);
	rc = blob_close(s, t, &b, rc, e);
	if ((rc == ERP_MISMATCH || rc == ERP_CORRUPT) && !t->again) {
		s->window_n--;
		return want_whole(s, &t, 1, e->msg, e);
	}
	if (rc != 0)
		return rc;
	transfer_done(s, t);
	show_progress(s, t);
	return 0;
}

int
data_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct msg_bulk m;
	struct transfer *t;
	int rc;

	if ((rc = bulk_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	/* Blobs come one after the other, in the order they were asked for. */
	t = TAILQ_FIRST(&s->fetches);
	if (t == NULL || t->index != m.index || m.len > t->offer.len - t->got)
		return err_set(
		    e, ERP_PROTO, "the server sends data nobody asked for");
	if (t->offer.len <= BLOB_IN_MEMORY)
		rc = buf_append(&t->mem, m.p, m.len, e);
	else
		rc = stage_part_append(
		    s->stage, &t->offer.blob, t->got, m.p, m.len, e);
	if (rc != 0)
		return rc;
	t->got += m.len;
	if (t->got == t->offer.len) {
		TAILQ_REMOVE(&s->fetches, t, list);
		return blob_complete(s, t, e);
	}
	show_progress(s, t);
	return 0;
}
