/*
 * A view by ranges: what lies between streams comes from the content, streams
 * are unpacked as a whole and kept for a while.
 */
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/view/view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 64, KEPT_MAX = 24 * 1024 * 1024 };

/* Raw bytes that are unpacked for a view of this length, again and again. */
#define UNPACKED_MAX(len) (4 * (uint64_t)(len) + (64 << 20))

/* A stream, unpacked. */
struct slot {
	const struct view_piece *of; /* or NULL */
	uint8_t *raw;
	size_t n; /* bytes that are there */
	uint64_t used;
};

struct view_reader {
	const struct view *v;
	const struct range_source *content;
	struct slot slot[SLOTS];
	size_t kept; /* bytes */
	uint64_t unpacked; /* bytes, in all */
	uint64_t clock;
};

static void
slot_clear(struct view_reader *r, struct slot *s)
{
	if (s->of != NULL)
		r->kept -= s->of->raw;
	free(s->raw);
	*s = (struct slot){.of = NULL};
}

/* A slot for so many bytes: a free one, or that of the stream that was not
 * used for longest, as often as it takes. */
static struct slot *
slot_for(struct view_reader *r, size_t raw)
{
	struct slot *oldest, *free_one;
	size_t i;

	for (;;) {
		oldest = free_one = NULL;
		for (i = 0; i < SLOTS; i++) {
			if (r->slot[i].of == NULL)
				free_one = &r->slot[i];
			else if (oldest == NULL ||
			    r->slot[i].used < oldest->used)
				oldest = &r->slot[i];
		}
		if (free_one != NULL &&
		    (oldest == NULL || r->kept + raw <= KEPT_MAX))
			return free_one;
		slot_clear(r, oldest);
	}
}

static int
slot_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct slot *s = ctx;

	if (n > s->of->raw - s->n)
		return err_set(e, ERP_MISMATCH,
		    "a packed stream of the basis has changed");
	memcpy(s->raw + s->n, p, n);
	s->n += n;
	return 0;
}

/* Unpack a stream into a slot; 1 as deflate_unpack, 0 or a code. */
static int
slot_fill(struct view_reader *r, struct slot *s, const struct view_piece *piece,
    struct err *e)
{
	struct sink to = {slot_write, s};
	struct deflate_size size;
	int rc;

	if (piece->raw > UNPACKED_MAX(r->v->len) - r->unpacked)
		return err_set(e, ERP_MISMATCH,
		    "the patch jumps too much between packed streams");
	if ((s->raw = malloc(piece->raw)) == NULL)
		return err_nomem(e);
	r->unpacked += piece->raw;
	s->of = piece;
	r->kept += piece->raw;
	rc = deflate_unpack(r->content, piece->at, piece->raw, &to, &size, e);
	if (rc == 1 && (size.packed != piece->packed || s->n != piece->raw))
		rc = 0;
	return rc;
}

/* The raw bytes of a stream; or NULL, with the code in *rc. */
static const uint8_t *
slot_get(struct view_reader *r, const struct view_piece *piece, int *rc,
    struct err *e)
{
	struct slot *s;
	size_t i;

	*rc = 0;
	for (i = 0; i < SLOTS; i++)
		if (r->slot[i].of == piece) {
			r->slot[i].used = ++r->clock;
			return r->slot[i].raw;
		}
	s = slot_for(r, piece->raw);
	if ((*rc = slot_fill(r, s, piece, e)) == 1) {
		s->used = ++r->clock;
		return s->raw;
	}
	if (*rc == 0)
		*rc = err_set(e, ERP_MISMATCH,
		    "a packed stream of the basis has changed");
	slot_clear(r, s);
	return NULL;
}

/* How many pieces begin at or before off. */
static size_t
pieces_to(const struct view *v, uint64_t off)
{
	size_t low = 0, high = v->n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (v->v[mid].view <= off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int64_t
view_read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct view_reader *r = ctx;
	const struct view *v = r->v;
	const struct view_piece *before, *next;
	size_t k = pieces_to(v, off);
	uint64_t left = v->len - off, from = off;
	const uint8_t *raw;
	int rc;

	if (off >= v->len)
		return 0;
	before = k > 0 ? &v->v[k - 1] : NULL;
	next = k < v->n ? &v->v[k] : NULL;
	if (before != NULL && off - before->view < before->raw) {
		if ((raw = slot_get(r, before, &rc, e)) == NULL)
			return rc;
		left = before->raw - (off - before->view);
		n = left < n ? (size_t)left : n;
		memcpy(p, raw + (off - before->view), n);
		return (int64_t)n;
	}
	if (next != NULL)
		left = next->view - off;
	if (before != NULL)
		from = before->at + before->packed +
		    (off - before->view - before->raw);
	n = left < n ? (size_t)left : n;
	return r->content->read_at(r->content->ctx, from, p, n, e);
}

int
view_reader_new(const struct view *v, const struct range_source *content,
    struct view_reader **out, struct err *e)
{
	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return err_nomem(e);
	assert(content->size == v->content_len);
	(*out)->v = v;
	(*out)->content = content;
	return 0;
}

struct range_source
view_reader_source(struct view_reader *r)
{
	return (struct range_source){view_read_at, r, r->v->len};
}

void
view_reader_free(struct view_reader *r)
{
	size_t i;

	for (i = 0; r != NULL && i < SLOTS; i++)
		free(r->slot[i].raw);
	free(r);
}
