/*
 * Blobs as they arrive: kept in memory or in a part file until they are
 * whole, then decoded into the stage.
 */
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/base/stream.h"
#include "transport/session/station_internal.h"
#include "transport/wire/frame.h"

/* Ask once more for a file, without a delta. */
static int
want_whole(
    struct station *s, struct transfer *t, const char *why, struct err *e)
{
	struct event ev = {EVENT_RETRY, action_of(s, t)->want->path, why, 0, 0};
	struct msg_want w;

	observe(s->opt.obs, &ev);
	t->whole = true;
	t->state = TRANSFER_WANTED;
	t->got = 0;
	buf_clear(&t->mem);
	want_fill(t, &w);
	w.flags = WANT_WHOLE;
	item_of(s, t)->sent += want_len(&w);
	s->window_n++;
	return wants_encode(&w, 1, &s->out, e);
}

static void
show_progress(struct station *s, const struct transfer *t)
{
	const struct entry *want = action_of(s, t)->want;
	double part = t->offer.len == 0
	    ? 0
	    : (double)t->got / (double)t->offer.len * (double)want->size;
	struct event ev = {EVENT_RECEIVE, want->path, NULL,
	    s->content_done + (uint64_t)part, s->content_total};

	observe(s->opt.obs, &ev);
}

static int
decode_blob(struct station *s, struct transfer *t, struct err *e)
{
	const struct action *a = action_of(s, t);
	const struct fs *fs = folder_fs(s->opt.folder);
	struct mem_stream mem = {NULL, t->mem.len, 0};
	struct file_stream file = {fs, -1, 0, "part"};
	struct source blob;
	int rc;

	if (t->offer.len <= BLOB_IN_MEMORY) {
		mem.p = buf_data(&t->mem);
		blob = source_of_mem(&mem);
	} else {
		rc = stage_part_verify(
		    s->stage, &t->offer.blob, t->offer.len, e);
		if (rc < 0)
			return rc;
		if (rc == 0)
			return err_set(e, ERP_CORRUPT,
			    "%s: the received blob is damaged", a->want->path);
		file.fd = stage_part_open(s->stage, &t->offer.blob, e);
		if (file.fd < 0)
			return file.fd;
		blob = source_of_file(&file);
	}
	rc = stage_put(s->stage, (enum codec)t->offer.codec, &blob,
	    t->offer.codec == CODEC_FULL ? NULL : t->basis->path,
	    &a->want->hash, a->want->size, e);
	fs_close_quietly(fs, &file.fd);
	return rc;
}

/* All bytes of a blob are here. */
int
blob_complete(struct station *s, struct transfer *t, struct err *e)
{
	int rc = decode_blob(s, t, e);
	bool part = t->offer.len > BLOB_IN_MEMORY;

	buf_release(&t->mem);
	s->window_n--;
	if (rc == ERP_MISMATCH || rc == ERP_CORRUPT) {
		if (part)
			(void)stage_part_remove(s->stage, &t->offer.blob, NULL);
		if (!t->whole)
			return want_whole(s, t, e->msg, e);
	}
	if (rc != 0)
		return rc;
	if (part && (rc = stage_part_remove(s->stage, &t->offer.blob, e)) != 0)
		return rc;
	t->state = TRANSFER_DONE;
	s->done_n++;
	s->content_done += action_of(s, t)->want->size;
	t->got = 0;
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
