/*
 * A view back to its content, as the bytes come: streams are packed again, the
 * rest passes.
 */
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/view/view.h"

#include <assert.h>
#include <stdlib.h>

struct view_repacker {
	const struct view *v;
	const struct sink *out;
	struct deflater *deflater;
	struct sink counted; /* what is packed goes there */
	uint64_t at; /* bytes of the view so far */
	uint64_t made; /* bytes of the content */
	size_t next; /* piece that is not packed yet */
};

/* To out, and no more of it than there may be. */
static int
count(void *ctx, const void *p, size_t n, struct err *e)
{
	struct view_repacker *r = ctx;

	if (n > r->v->content_len - r->made)
		return err_set(
		    e, ERP_MISMATCH, "streams are packed to other lengths");
	r->made += n;
	return r->out->write(r->out->ctx, p, n, e);
}

int
view_repacker_new(const struct view *v, const struct sink *out,
    struct view_repacker **r, struct err *e)
{
	int rc;

	if ((*r = calloc(1, sizeof(**r))) == NULL)
		return err_nomem(e);
	(*r)->v = v;
	(*r)->out = out;
	(*r)->counted = (struct sink){count, *r};
	if ((rc = deflater_new(&(*r)->deflater, e)) != 0) {
		free(*r);
		*r = NULL;
	}
	return rc;
}

/* The next n bytes, all of them of one stream, or of none. */
static int
pass(struct view_repacker *r, const struct view_piece *piece, const void *p,
    size_t n, struct err *e)
{
	uint64_t within;
	int rc = 0;

	if (piece == NULL || r->at < piece->view)
		return count(r, p, n, e);
	within = r->at - piece->view;
	assert(within + n <= piece->raw);
	if (within == 0)
		rc = deflater_begin(r->deflater, piece->how, &r->counted, e);
	if (rc == 0)
		rc = deflater_write(r->deflater, p, n, e);
	if (rc == 0 && within + n == piece->raw) {
		rc = deflater_end(r->deflater, e);
		r->next++;
	}
	return rc;
}

static int
repack(void *ctx, const void *p, size_t n, struct err *e)
{
	struct view_repacker *r = ctx;
	const struct view_piece *piece;
	const uint8_t *from = p;
	uint64_t end;
	size_t len;
	int rc;

	for (; n > 0; from += len, n -= len) {
		piece = r->next < r->v->n ? &r->v->v[r->next] : NULL;
		end = piece == NULL       ? UINT64_MAX
		    : r->at < piece->view ? piece->view
					  : piece->view + piece->raw;
		len = end - r->at < n ? (size_t)(end - r->at) : n;
		if ((rc = pass(r, piece, from, len, e)) != 0)
			return rc;
		r->at += len;
	}
	return 0;
}

struct sink
view_repacker_sink(struct view_repacker *r)
{
	return (struct sink){repack, r};
}

int
view_repacker_end(struct view_repacker *r, struct err *e)
{
	if (r->next == r->v->n && r->made == r->v->content_len)
		return 0;
	return err_set(e, ERP_MISMATCH, "streams are packed to other lengths");
}

void
view_repacker_free(struct view_repacker *r)
{
	if (r == NULL)
		return;
	deflater_free(r->deflater);
	free(r);
}
