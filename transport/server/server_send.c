/* What leaves, above all in bulk: the manifest and the bytes of blobs. */
#include "engine/base/crc.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <string.h>

int
fetch_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct msg_fetch v[WANT_MAX];
	struct pending key, *p;
	int i, n;

	if ((n = fetches_decode(f->payload, f->len, v, e)) < 0)
		return n;
	for (i = 0; i < n; i++) {
		key.index = v[i].index;
		p = RB_FIND(pending_tree, &s->pending, &key);
		if (p == NULL || p->state != PENDING_OFFERED)
			return err_set(e, ERP_PROTO,
			    "FETCH of entry %u, for which nothing is offered",
			    v[i].index);
		/* An offset at the end: the station has the blob already. */
		if (v[i].offset > p->offer.len)
			return err_set(
			    e, ERP_PROTO, "FETCH beyond the end of a blob");
		if (v[i].offset == p->offer.len) {
			pending_remove(s, p);
			continue;
		}
		p->offset = v[i].offset;
		p->state = PENDING_FETCH;
		TAILQ_INSERT_TAIL(&s->fetches, p, list);
	}
	return 0;
}

/*
 * Is the manifest to be sent in a form that leans on the one the station has?
 * 1: a job is under way that will tell; 0: what there is to know is known.
 */
int
relative_find(struct server *s, struct err *e)
{
	struct job *job;

	if (hash_is_zero(&s->hello.release) ||
	    hash_equal(&s->hello.release, &s->served->id) ||
	    !live_release_begin_relative(s->served, &s->hello.release))
		return 0;
	if ((job = job_new(s, JOB_RELATIVE, e)) == NULL) {
		live_release_end_relative(s->served, &s->hello.release, NULL);
		return ERP_NOMEM;
	}
	job->served = live_release_ref(s->served);
	job->from = s->hello.release;
	s->compiling = job;
	s->env.submit(s->env.ctx, job);
	return 1;
}

static void
manifest_next(struct server *s)
{
	const struct buf *packed = s->packed;
	struct bulk *b = &s->bulk;

	b->p = buf_data(packed) + s->manifest_pos;
	b->len = packed->len - s->manifest_pos;
	if (b->len > BULK_PIECE)
		b->len = BULK_PIECE;
	b->head_n = bulk_head(
	    b->head, MSG_MANIFEST, 0, b->len, crc_add(0, b->p, b->len));
	s->manifest_pos += b->len;
	if (s->manifest_pos == packed->len)
		s->sending_manifest = false;
}

static void
data_next(struct server *s)
{
	struct pending *p = TAILQ_FIRST(&s->fetches);
	struct bulk *b = &s->bulk;

	b->p = NULL;
	b->offset = p->offset;
	b->len = piece_len(p->offset, p->offer.len);
	b->head_n =
	    bulk_head(b->head, MSG_DATA, p->index, b->len, s->crcs[s->crcs_at]);
	s->crcs_at++;
	p->offset += b->len;
	s->served_pieces = true;
}

void
bulk_next(struct server *s)
{
	if (s->bulk.len > 0)
		return;
	s->bulk.sent = 0;
	if (s->sending_manifest)
		manifest_next(s);
	else if (s->crcs_at < s->crcs_n)
		data_next(s);
}

void
bulk_sent(struct server *s, size_t n)
{
	struct pending *p = TAILQ_FIRST(&s->fetches);
	struct bulk *b = &s->bulk;

	b->sent += n;
	assert(b->sent <= b->head_n + b->len);
	if (b->sent < b->head_n + b->len)
		return;
	b->len = 0;
	if (b->p != NULL || p->offset < p->offer.len)
		return;
	fs_close_quietly(store_fs(s->env.store), &s->fetch_fd);
	pending_remove(s, p);
}

bool
server_output(const struct server *s, struct server_bytes *out)
{
	const struct bulk *b = &s->bulk;
	size_t at = b->sent < b->head_n ? 0 : b->sent - b->head_n;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (s->out.len > 0 && b->sent == 0) {
		out->p = buf_data(&s->out);
		out->n = s->out.len;
		out->more = b->len > 0;
	} else if (b->len == 0) {
		return false;
	} else if (b->sent < b->head_n) {
		out->p = b->head + b->sent;
		out->n = b->head_n - b->sent;
		out->more = true;
	} else {
		out->p = b->p == NULL ? NULL : b->p + at;
		out->fd = s->fetch_fd;
		out->offset = b->offset + at;
		out->n = b->len - at;
		out->more = s->out.len > 0 || s->crcs_at < s->crcs_n;
	}
	return true;
}

/* Make the next pieces of a blob ready, if all before are sent. */
int
read_next(struct server *s, struct err *e)
{
	struct pending *p = TAILQ_FIRST(&s->fetches);
	struct job *job;

	if (p == NULL || s->reading != NULL || s->out.len >= OUT_HIGH ||
	    (s->bulk.len > 0 && s->bulk.p == NULL) || s->crcs_at < s->crcs_n)
		return 0;
	if ((job = job_new(s, JOB_READ, e)) == NULL)
		return ERP_NOMEM;
	job->blob = p->offer.blob;
	job->offset = p->offset;
	job->len = p->offer.len;
	job->crcs_n = pieces_between(p->offset, p->offer.len);
	if (job->crcs_n > WINDOW_PIECES)
		job->crcs_n = WINDOW_PIECES;
	/* The descriptor travels with the job and comes back with it. */
	job->fd = s->fetch_fd;
	s->fetch_fd = -1;
	s->reading = job;
	s->env.submit(s->env.ctx, job);
	return 0;
}

/* A small blob: all of it, from its offset on, leaves in one frame. */
static int
small_done(struct server *s, struct job *job, struct err *e)
{
	struct pending *p = TAILQ_FIRST(&s->fetches);
	struct msg_bulk m = {
	    p->index, job->bytes, piece_len(job->offset, job->len)};
	int rc = bulk_encode(MSG_DATA, &m, &s->out, e);

	if (rc == 0)
		pending_remove(s, p); /* job_free closes the descriptor */
	return rc;
}

int
read_done(struct server *s, struct job *job, struct err *e)
{
	struct pending *p = TAILQ_FIRST(&s->fetches);

	if (job->rc != 0) {
		*e = job->err;
		return job->rc;
	}
	assert(p != NULL && p->offset == job->offset);
	if (job->bytes != NULL)
		return small_done(s, job, e);
	memcpy(s->crcs, job->crcs, job->crcs_n * sizeof(s->crcs[0]));
	s->crcs_at = 0;
	s->crcs_n = job->crcs_n;
	s->fetch_fd = job->fd;
	job->fd = -1;
	return 0;
}
