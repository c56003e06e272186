/*
 * One span of a patch: its streams packed, proven by unpacking them again, and
 * put into their order.  Between the covers of a span and the bytes that
 * patch_make.c writes.
 */
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <assert.h>
#include <stdlib.h>

/*
 * Spans are described and rebuilt side by side where there are processors,
 * and each costs its coders' learning anew.  Work is counted in literal bytes:
 * that is where the time goes.  A cover is so much, too.
 */
enum { SPAN_WORK = 16 << 20, SPAN_WORK_QUICK = 4 << 20, COVER_WORK = 8 };

static uint64_t
work_of(const struct patch_work *w)
{
	uint64_t work = w->task->target_len;
	size_t i;

	for (i = 0; i < w->covers.n; i++) {
		assert(work >= w->covers.v[i].len);
		work -= w->covers.v[i].len;
	}
	return work + w->covers.n * (uint64_t)COVER_WORK;
}

/* A walk over the target that cuts it wherever a share of work is done. */
struct cutting {
	struct patch_work *w;
	uint64_t share, done;
	size_t n; /* spans begun */
};

/* The literal bytes from <= .. < to come next. */
static void
cut_literal(struct cutting *c, size_t from, size_t to)
{
	struct patch_work *w = c->w;
	uint64_t missing;

	assert(from <= to && to <= w->task->target_len);
	for (; c->n < w->n; c->n++) {
		missing = c->share > c->done ? c->share - c->done : 0;
		if (to - from < missing ||
		    from + missing == w->task->target_len)
			break;
		from += (size_t)missing;
		w->span[c->n - 1].piece.to = from;
		w->span[c->n].piece.from = from;
		c->done = 0;
	}
	c->done += to - from;
}

static void
cut(struct patch_work *w, uint64_t share)
{
	struct cutting c = {.w = w, .share = share, .n = 1};
	const struct project_cover *cover;
	size_t i, at = 0;

	for (i = 0; i < w->covers.n; i++) {
		cover = &w->covers.v[i];
		cut_literal(&c, at, cover->target);
		c.done += COVER_WORK;
		at = cover->target + (size_t)cover->len;
	}
	cut_literal(&c, at, w->task->target_len);
	assert(c.n >= 1 && c.n <= w->n);
	w->n = c.n; /* not all may have got something */
	w->span[w->n - 1].piece.to = w->task->target_len;
}

int
patch_work_cut(struct patch_work *w, struct err *e)
{
	bool best = w->task->pair->effort == PATCH_BEST;
	uint64_t work = work_of(w), share;
	size_t i;

	assert(w->span == NULL);
	share = best ? SPAN_WORK : SPAN_WORK_QUICK;
	w->n = work <= share ? 1 : (size_t)((work + share - 1) / share);
	if ((w->span = calloc(w->n, sizeof(*w->span))) == NULL)
		return err_nomem(e);
	for (i = 0; i < w->n; i++)
		buf_init(&w->span[i].bytes, SIZE_MAX / 2);
	cut(w, work / w->n);
	return 0;
}

void
patch_work_release(struct patch_work *w)
{
	size_t i;

	for (i = 0; w->span != NULL && i < w->n; i++)
		buf_release(&w->span[i].bytes);
	free(w->span);
	free(w->covers.v);
}

int
patch_give_chunk(
    void *ctx, struct patch_lanes *lanes, unsigned wanted, struct err *e)
{
	struct patch_giver *g = ctx;
	struct buf *b = &g->streams->b[wanted];
	size_t n = patch_lanes_chunk_len(lanes, wanted);
	uint8_t which = (uint8_t)wanted;
	int rc;

	assert(n <= b->len);
	if ((rc = buf_append(g->out, &which, 1, e)) != 0 ||
	    (rc = buf_append(g->out, buf_data(b), n, e)) != 0 ||
	    (rc = patch_lanes_put(lanes, wanted, buf_data(b), e)) != 0)
		return rc;
	buf_consume(b, n);
	return 0;
}

int
patch_write_span(const struct patch_span *span, struct buf *out, struct err *e)
{
	const struct patch_part *part;
	uint8_t coder;
	unsigned i;
	int rc;

	rc = put_varint(out, span->len, e);
	for (i = 0; rc == 0 && i < PATCH_STREAMS; i++) {
		part = &span->part[i];
		coder = (uint8_t)part->coder;
		if ((rc = put_varint(out, part->raw, e)) != 0 || part->raw == 0)
			continue;
		if ((rc = buf_append(out, &coder, 1, e)) == 0)
			rc = put_varint(out, part->packed, e);
	}
	return rc;
}

/* Write the packed streams in the order in which applying asks for them,
 * which is found by applying them, to the pair's target from offset at on. */
static int
write_streams(const struct patch_work *w, uint64_t at, struct patch_streams *s,
    struct buf *out, struct err *e)
{
	const struct patch_task *t = w->task;
	const struct patch_pair *pair = t->pair;
	struct mem_stream mem = {pair->basis, pair->basis_len, 0};
	struct range_source basis;
	struct expected proof = {pair->target + at, (size_t)s->span.len};
	struct sink prove = sink_of_expected(&proof);
	struct patch_giver giver = {s, out};
	struct patch_replay *r = NULL;
	struct patch_lanes *lanes = NULL;
	int rc;

	if (t->is_projected)
		mem = (struct mem_stream){t->basis, t->basis_len, 0};
	basis = range_of_mem(&mem);
	if ((rc = patch_write_span(&s->span, out, e)) == 0 &&
	    (rc = patch_replay_new(&basis, &prove, &r, e)) == 0 &&
	    (rc = patch_lanes_new(
		 &s->span, patch_give_chunk, &giver, &lanes, e)) == 0) {
		if (t->is_projected)
			patch_replay_use(r, &w->covers);
		rc = patch_replay_span(r, at, &s->span, lanes, e);
	}
	assert(rc != 0 || proof.left == 0);
	if (rc == ERP_MISMATCH)
		rc = err_set(
		    e, ERP_INTERNAL, "patch does not rebuild its target");
	patch_lanes_free(lanes);
	patch_replay_free(r);
	return rc;
}

int
patch_work_span(void *arg, size_t i, bool here, struct err *e)
{
	struct patch_work *w = arg;
	const struct patch_pair *pair = w->task->pair;
	struct patch_made *span = &w->span[i];
	struct patch_streams s;
	int rc;

	(void)here;
	assert(i < w->n && span->piece.from < span->piece.to);
	patch_streams_init(&s);
	s.has = w->task->is_projected ? PATCH_HAS_REST : PATCH_HAS_ALL;
	if ((rc = patch_go_on(pair, e)) == 0 &&
	    (rc = patch_streams_fill(
		 &s, w->task, &w->covers, &span->piece, e)) == 0 &&
	    (rc = patch_go_on(pair, e)) == 0 &&
	    (rc = patch_streams_pack(&s, pair->effort, e)) == 0)
		rc = write_streams(w, w->task->target_at + span->piece.from, &s,
		    &span->bytes, e);
	patch_streams_release(&s);
	return rc;
}
