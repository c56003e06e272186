/*
 * Where blobs come from.  A blob is known by its hash, and is checked by it,
 * so it matters to nobody where its bytes were: whoever wants some calls
 * blobs_fetch, whatever source has bytes hands them to blob_arrived, and one
 * that is whole is decoded into the stage.  There is one source today, the
 * connection, which answers a FETCH with DATA, one blob after the other.
 */
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>

enum { SHOWN_BYTES = 300 };

/* All bytes of a transfer's blob are here. */
static int
blob_complete(struct station *s, struct transfer *t, struct err *e)
{
	const struct entry *want = action_of(s, t)->want;
	struct stage_member m = {
	    .want = &want->content.hash, .size = want->content.size};
	struct blob_bytes b;
	char shown[SHOWN_BYTES];
	int rc;

	if (t->group != NULL)
		return group_complete(s, t, e);
	if (t->offer.codec != CODEC_FULL)
		m.basis_path = t->basis->path;
	if ((rc = blob_open(s, t, &b, e)) == 0)
		rc = stage_put(
		    s->stage, (enum codec)t->offer.codec, &b.range, &m, e);
	rc = blob_close(s, t, &b, rc, e);
	if ((rc == ERP_MISMATCH || rc == ERP_CORRUPT) && !t->again)
		return want_whole(s, &t, 1, e->msg, e);
	if (rc == ERP_MISMATCH || rc == ERP_CORRUPT) {
		text_escape(shown, sizeof(shown), want->path);
		return err_context(e, "%s", shown);
	}
	if (rc != 0)
		return rc;
	transfer_done(s, t);
	show_progress(s, t);
	return 0;
}

/* The next bytes of t's blob, from wherever. */
static int
blob_arrived(struct station *s, struct transfer *t, const uint8_t *p, size_t n,
    struct err *e)
{
	int rc = blob_keep(s, t, p, n, e);

	if (rc != 0)
		return rc;
	if (t->got < t->offer.len) {
		show_progress(s, t);
		return 0;
	}
	TAILQ_REMOVE(&s->transfers.fetches, t, list);
	return blob_complete(s, t, e);
}

/* A dry run counts what it would have fetched, and fetches nothing. */
static void
foretell(struct station *s, struct transfer *const *v, size_t n)
{
	size_t i;

	s->account.foretold_sent += FRAME_HEADER_LEN + n * FETCH_LEN;
	for (i = 0; i < n; i++) {
		s->account.foretold_received +=
		    data_frames_len(v[i]->offer.len - v[i]->got);
		if (v[i]->group != NULL)
			group_done(s, v[i]);
		else
			transfer_done(s, v[i]);
	}
}

int
blobs_fetch(
    struct station *s, struct transfer *const *v, size_t n, struct err *e)
{
	struct msg_fetch fetch[WANT_MAX];
	size_t i;
	int rc;

	assert(n > 0 && n <= WANT_MAX);
	if (s->opt.dry_run) {
		foretell(s, v, n);
		return 0;
	}
	for (i = 0; i < n; i++)
		fetch[i] = (struct msg_fetch){v[i]->index, v[i]->got};
	if ((rc = say_fetches(s, fetch, n, e)) != 0)
		return rc;
	for (i = 0; i < n; i++) {
		/* A blob may have been complete before the link broke. */
		if (v[i]->got < v[i]->offer.len)
			TAILQ_INSERT_TAIL(&s->transfers.fetches, v[i], list);
		else if ((rc = blob_complete(s, v[i], e)) != 0)
			return rc;
	}
	return 0;
}

int
data_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct msg_data m;
	struct transfer *t;
	int rc;

	if ((rc = data_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	t = TAILQ_FIRST(&s->transfers.fetches);
	if (t == NULL || t->index != m.index || m.len > t->offer.len - t->got)
		return err_set(
		    e, ERP_PROTO, "the server sends data nobody asked for");
	return blob_arrived(s, t, m.p, m.len, e);
}
