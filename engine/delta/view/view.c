/*
 * Where what is in a view, and what is said of it in a patch: arithmetic on
 * lists, below view_read.c and view_repack.c, which have the bytes.
 */
#include "engine/delta/view/view.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
view_layout(const struct view_streams *streams, const deflate_how *how,
    uint64_t content_len, struct view *out, struct err *e)
{
	const struct view_stream *s;
	uint64_t grown = 0;
	size_t i;

	*out = (struct view){.content_len = content_len};
	out->v = calloc(streams->n + 1, sizeof(*out->v));
	if (out->v == NULL)
		return err_nomem(e);
	for (i = 0; i < streams->n; i++) {
		if (how[i] == 0)
			continue;
		s = &streams->v[i];
		assert(s->at + s->packed <= content_len);
		out->v[out->n++] = (struct view_piece){
		    s->at, s->at + grown, s->packed, s->raw, how[i]};
		/* May shrink, too: modulo 2^64. */
		grown += (uint64_t)s->raw - s->packed;
	}
	out->len = content_len + grown;
	return 0;
}

void
view_release(struct view *v)
{
	free(v->v);
	*v = (struct view){.v = NULL};
}

/* Where the raw bytes of a stream end. */
static uint64_t
piece_end(const struct view_piece *p)
{
	return p->view + p->raw;
}

int
view_prefix(const struct view_streams *streams, struct buf *out, struct err *e)
{
	uint64_t end = 0;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < streams->n; i++) {
		if ((rc = put_varint(out, streams->v[i].at - end, e)) == 0)
			rc = put_varint(out, streams->v[i].raw, e);
		end = streams->v[i].at + streams->v[i].packed;
	}
	return rc;
}

/* One byte for each stream of the basis: is it unpacked? */
static int
encode_choice(const struct view *basis, const struct view_streams *streams,
    struct buf *out, struct err *e)
{
	size_t i, k = 0;
	bool chosen;
	int rc = 0;

	for (i = 0; rc == 0 && i < streams->n; i++) {
		chosen = k < basis->n && basis->v[k].at == streams->v[i].at;
		rc = put_u8(out, chosen, e);
		k += chosen;
	}
	assert(rc != 0 || k == basis->n);
	return rc;
}

int
view_encode(const struct view *basis, const struct view_streams *streams,
    const struct view *target, struct buf *out, struct err *e)
{
	uint64_t end = 0;
	size_t i;
	int rc = encode_choice(basis, streams, out, e);

	for (i = 0; rc == 0 && i < target->n; i++)
		rc = put_u8(out, target->v[i].how, e);
	if (rc == 0)
		rc = put_u8(out, 0, e);
	for (i = 0; rc == 0 && i < target->n; i++) {
		if ((rc = put_varint(out, target->v[i].view - end, e)) == 0)
			rc = put_varint(out, target->v[i].raw, e);
		end = piece_end(&target->v[i]);
	}
	return rc;
}

static int
corrupt(struct err *e)
{
	return err_set(e, ERP_CORRUPT, "patch: bad views");
}

static int
decode_basis(struct cursor *c, const struct view_streams *streams,
    uint64_t basis_len, struct view *out, struct err *e)
{
	const uint8_t *choice = cursor_bytes(c, streams->n);
	size_t i;

	if (choice == NULL)
		return corrupt(e);
	for (i = 0; i < streams->n; i++)
		if (choice[i] > 1)
			return corrupt(e);
	return view_layout(streams, choice, basis_len, out, e);
}

static int
decode_target(
    struct cursor *c, uint64_t target_len, struct view *out, struct err *e)
{
	const uint8_t *how = c->p, *end = memchr(c->p, 0, c->len);
	uint64_t left = VIEW_RAW_MAX(target_len), at = 0, gap, raw;
	size_t i, n;

	if (end == NULL || (n = (size_t)(end - how)) > VIEW_STREAMS_MAX)
		return corrupt(e);
	(void)cursor_bytes(c, n + 1);
	*out = (struct view){.content_len = target_len};
	if ((out->v = calloc(n + 1, sizeof(*out->v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++) {
		gap = cursor_varint(c);
		raw = cursor_varint(c);
		if (c->bad || !deflate_how_is_valid(how[i]) ||
		    gap > target_len || raw > left || raw < VIEW_STREAM_MIN ||
		    raw > VIEW_STREAM_MAX)
			return corrupt(e);
		left -= raw;
		at += gap;
		out->v[i] = (struct view_piece){
		    .view = at, .raw = (uint32_t)raw, .how = how[i]};
		at += raw;
	}
	out->n = n;
	return cursor_end(c) ? 0 : corrupt(e);
}

int
view_decode(const struct view_streams *streams, uint64_t basis_len,
    uint64_t target_len, const struct buf *in, struct view_pair *out,
    struct err *e)
{
	struct cursor c;
	int rc;

	memset(out, 0, sizeof(*out));
	cursor_init(&c, in->p == NULL ? NULL : buf_data(in), in->len);
	if ((rc = decode_basis(&c, streams, basis_len, &out->basis, e)) == 0)
		rc = decode_target(&c, target_len, &out->target, e);
	if (rc != 0) {
		view_release(&out->basis);
		view_release(&out->target);
	}
	return rc;
}
