/*
 * The bytes of a blob, in memory or in a part file until they are whole; and
 * asking once more, for the whole, when they were no good.
 */
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/base/stream.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>

int
want_whole(struct station *s, struct transfer **v, size_t n, const char *why,
    struct err *e)
{
	struct event ev = {.kind = EVENT_RETRY, .text = why};
	struct msg_want w[WANT_MAX];
	size_t i, k = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		ev.path = action_of(s, v[i])->want->path;
		observe(s->opt.obs, &ev);
		transfer_again(s, v[i]);
		want_fill(s, v[i], &w[k]);
		w[k].flags = WANT_WHOLE;
		item_sent(s, v[i], want_len(&w[k++]));
		if (k == WANT_MAX || i + 1 == n) {
			rc = say_wants(s, w, k, e);
			k = 0;
		}
	}
	return rc;
}

/* Bytes of all blobs: those that are offered, and for what is not yet, as many
 * for a byte of content as those have. */
static uint64_t
blobs_expected(const struct station *s)
{
	const struct transfers *x = &s->transfers;
	uint64_t left = x->content_offered < x->content_total
	    ? x->content_total - x->content_offered
	    : 0;
	double share = x->content_offered == 0
	    ? 1
	    : (double)x->blob_offered / (double)x->content_offered;

	return s->account.blob_bytes + (uint64_t)((double)left * share);
}

void
show_progress(struct station *s, const struct transfer *t)
{
	struct event ev = {EVENT_RECEIVE, action_of(s, t)->want->path, NULL,
	    s->account.blob_got, blobs_expected(s)};

	observe(s->opt.obs, &ev);
}

int
blob_keep(struct station *s, struct transfer *t, const uint8_t *p, size_t n,
    struct err *e)
{
	int rc = t->in_part
	    ? stage_part_append(s->stage, &t->offer.blob, t->got, p, n, e)
	    : buf_append(&t->mem, p, n, e);

	if (rc == 0)
		transfer_got(s, t, n);
	return rc;
}

void
blobs_leave(struct station *s)
{
	/* The others wait for the end of this one. */
	const struct transfer *t = TAILQ_FIRST(&s->transfers.fetches);
	struct err e;

	/* One part is kept: the longest, which must be written last. */
	if (t != NULL && !t->in_part && t->got > s->transfers.part_len)
		(void)stage_part_append(s->stage, &t->offer.blob, 0,
		    buf_data(&t->mem), t->mem.len, &e);
}

int
blob_open(struct station *s, const struct transfer *t, struct blob_bytes *b,
    struct err *e)
{
	int rc;

	assert(t->state == TRANSFER_FETCH && t->got == t->offer.len);
	b->mem = (struct mem_stream){NULL, t->mem.len, 0};
	b->reader = (struct range_reader){&b->range, 0, t->offer.len};
	b->src = source_of_range(&b->reader);
	b->file = (struct file_stream){folder_fs(s->opt.folder), -1, 0, "part"};
	if (!t->in_part) {
		b->mem.p = buf_data(&t->mem);
		b->range = range_of_mem(&b->mem);
		return 0;
	}
	rc = stage_part_verify(s->stage, &t->offer.blob, t->offer.len, e);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(e, ERP_CORRUPT, "the received blob is damaged");
	b->file.fd = stage_part_open(s->stage, &t->offer.blob, e);
	b->range = range_of_file(&b->file, t->offer.len);
	return b->file.fd < 0 ? b->file.fd : 0;
}

/* The code of the decoding, rc, comes back unless the part cannot go. */
int
blob_close(struct station *s, struct transfer *t, struct blob_bytes *b, int rc,
    struct err *e)
{
	struct err late;
	int gone;

	fs_close_quietly(b->file.fs, &b->file.fd);
	buf_release(&t->mem);
	if (!t->in_part || (rc != 0 && rc != ERP_MISMATCH && rc != ERP_CORRUPT))
		return rc;
	gone = stage_part_remove(s->stage, &t->offer.blob, rc == 0 ? e : &late);
	if (hash_equal(&t->offer.blob, &s->transfers.part))
		s->transfers.part_len = 0;
	return rc == 0 ? gone : rc;
}
