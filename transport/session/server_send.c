/* What leaves in bulk: the manifest and the bytes of blobs. */
#include "engine/base/fs.h"
#include "engine/release/store.h"
#include "transport/session/server_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>

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
	    !served_begin_relative(s->served, &s->hello.release))
		return 0;
	if ((job = job_new(s, JOB_RELATIVE, e)) == NULL) {
		served_end_relative(s->served, &s->hello.release, NULL);
		return ERP_NOMEM;
	}
	job->served = served_ref(s->served);
	job->from = s->hello.release;
	s->compiling = job;
	s->env.submit(s->env.ctx, job);
	return 1;
}

int
manifest_next(struct server *s, struct err *e)
{
	const struct buf *packed = s->packed;
	size_t n;
	int rc;

	while (s->sending_manifest && s->out.len < OUT_HIGH) {
		n = packed->len - s->manifest_pos;
		if (n > BULK_PIECE)
			n = BULK_PIECE;
		rc = manifest_piece_encode(
		    buf_data(packed) + s->manifest_pos, n, &s->out, e);
		if (rc != 0)
			return rc;
		s->manifest_pos += n;
		if (s->manifest_pos == packed->len)
			s->sending_manifest = false;
	}
	return 0;
}

/* Start reading the next piece of a blob, if there is room for it. */
int
read_next(struct server *s, struct err *e)
{
	struct pending *p = TAILQ_FIRST(&s->fetches);
	struct job *job;

	if (p == NULL || s->reading != NULL || s->out.len >= OUT_HIGH)
		return 0;
	if ((job = job_new(s, JOB_READ, e)) == NULL)
		return ERP_NOMEM;
	job->blob = p->offer.blob;
	job->offset = p->offset;
	job->len = p->offer.len;
	/* The descriptor travels with the job and comes back with it. */
	job->fd = s->fetch_fd;
	s->fetch_fd = -1;
	s->reading = job;
	s->env.submit(s->env.ctx, job);
	return 0;
}

int
read_done(struct server *s, struct job *job, struct err *e)
{
	struct pending *p = TAILQ_FIRST(&s->fetches);
	struct msg_bulk m;
	size_t pos;
	int rc;

	if (job->rc != 0) {
		*e = job->err;
		return job->rc;
	}
	assert(p != NULL && p->offset == job->offset && job->bytes_n > 0);
	for (pos = 0; pos < job->bytes_n; pos += m.len) {
		m.index = p->index;
		m.p = job->bytes + pos;
		m.len = job->bytes_n - pos;
		if (m.len > BULK_PIECE)
			m.len = BULK_PIECE;
		if ((rc = bulk_encode(MSG_DATA, &m, &s->out, e)) != 0)
			return rc;
	}
	p->offset += job->bytes_n;
	if (p->offset == p->offer.len) {
		pending_remove(s, p);
		return 0; /* job_free closes the descriptor */
	}
	s->fetch_fd = job->fd;
	job->fd = -1;
	return 0;
}
