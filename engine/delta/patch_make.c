/* Two contents in, a patch out. */
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/delta/patch_internal.h"

#include <stdlib.h>
#include <string.h>

/*
 * A larger target is cut into spans of about this length, and so is a larger
 * basis, into windows with what is near on both sides.  The suffix array of
 * a window is the largest thing in memory.
 */
enum { WINDOW_MAX = PATCH_SPAN_MAX, WINDOW_NEAR = WINDOW_MAX / 8 };

/* With less of its places known from the basis, in 1/1024, a target is not
 * worth a patch: that is about what numbers and addresses share by chance.  Of
 * a short one nobody knows before. */
enum { LIKENESS_MIN = 16, SHORT = 4096 };

static int
unlike(struct err *e)
{
	return err_set(e, ERP_CANCELLED,
	    "next to nothing of the basis occurs in the target");
}

/* A sink that wants to see the very bytes of the target. */
struct proof {
	const uint8_t *expected;
	size_t left;
};

static int
proof_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct proof *proof = ctx;

	if (n > proof->left || memcmp(p, proof->expected, n) != 0)
		return err_set(
		    e, ERP_INTERNAL, "patch does not rebuild its target");
	proof->expected += n;
	proof->left -= n;
	return 0;
}

/* Chunks of packed streams, written in the order in which they are asked. */
struct giver {
	struct patch_streams *streams;
	const struct sink *out;
};

/* A patch_next_fn: what is wanted is what is written next. */
static int
give_chunk(void *ctx, struct patch_lanes *lanes, unsigned wanted, struct err *e)
{
	struct giver *g = ctx;
	struct buf *b = &g->streams->b[wanted];
	size_t n = patch_lanes_chunk_len(lanes, wanted);
	uint8_t which = (uint8_t)wanted;
	int rc;

	if ((rc = g->out->write(g->out->ctx, &which, 1, e)) != 0 ||
	    (rc = g->out->write(g->out->ctx, buf_data(b), n, e)) != 0 ||
	    (rc = patch_lanes_put(lanes, wanted, buf_data(b), e)) != 0)
		return rc;
	buf_consume(b, n);
	return 0;
}

static int
write_buf(struct buf *b, const struct sink *out, struct err *e)
{
	int rc = out->write(out->ctx, buf_data(b), b->len, e);

	buf_clear(b);
	return rc;
}

static int
write_span_head(
    const struct patch_span *span, const struct sink *out, struct err *e)
{
	const struct patch_part *part;
	struct buf head;
	uint8_t coder;
	unsigned i;
	int rc;

	buf_init(&head, SIZE_MAX / 2);
	rc = put_varint(&head, span->len, e);
	for (i = 0; rc == 0 && i < PATCH_STREAMS; i++) {
		part = &span->part[i];
		coder = (uint8_t)part->coder;
		if ((rc = put_varint(&head, part->raw, e)) != 0 ||
		    part->raw == 0)
			continue;
		if ((rc = buf_append(&head, &coder, 1, e)) == 0)
			rc = put_varint(&head, part->packed, e);
	}
	if (rc == 0)
		rc = write_buf(&head, out, e);
	buf_release(&head);
	return rc;
}

/* Write the packed streams in the order in which applying asks for them,
 * which is found by applying them. */
static int
write_span(struct patch_streams *s, struct patch_replay *r,
    const struct sink *out, struct err *e)
{
	struct giver giver = {s, out};
	struct patch_lanes *lanes;
	int rc;

	if ((rc = write_span_head(&s->span, out, e)) != 0 ||
	    (rc = patch_lanes_new(&s->span, give_chunk, &giver, &lanes, e)) !=
		0)
		return rc;
	rc = patch_replay_span(r, &s->span, lanes, e);
	patch_lanes_free(lanes);
	return rc;
}

/* The k-th of n spans, and the window of the basis that belongs to it. */
static struct patch_task
task_of(const struct patch_pair *pair, size_t k, size_t n)
{
	size_t from = pair->target_len / n * k, to, window, window_to;
	struct patch_task t = {.pair = pair};

	to = k + 1 == n ? pair->target_len : pair->target_len / n * (k + 1);
	window = pair->basis_len / n * k;
	window_to =
	    k + 1 == n ? pair->basis_len : pair->basis_len / n * (k + 1);
	if (n > 1) {
		window -= window < WINDOW_NEAR ? window : WINDOW_NEAR;
		window_to += pair->basis_len - window_to < WINDOW_NEAR
		    ? pair->basis_len - window_to
		    : WINDOW_NEAR;
	}
	t.target_len = to - from;
	t.basis_len = window_to - window;
	/* Empty contents may be NULL, from which nothing can be counted. */
	t.target = from == 0 ? pair->target : pair->target + from;
	t.basis = window == 0 ? pair->basis : pair->basis + window;
	return t;
}

int
patch_go_on(const struct patch_pair *pair, struct err *e)
{
	if (pair->is_cancelled == NULL || !pair->is_cancelled(pair->ctx))
		return 0;
	return err_set(e, ERP_CANCELLED, "the patch is not wanted any more");
}

/* Choose covers with care. */
static int
choose(const struct patch_task *task, bool may_refuse,
    struct patch_covers *covers, struct err *e)
{
	struct patch_index *index = NULL;
	int rc;

	if ((rc = patch_index_new(task, &index, e)) != 0)
		return rc;
	if (may_refuse && patch_index_likeness(index) < LIKENESS_MIN)
		rc = unlike(e);
	if (rc == 0 && (rc = patch_go_on(task->pair, e)) == 0 &&
	    (rc = patch_index_sort(index, e)) == 0)
		rc = patch_parse(task, index, covers, e);
	patch_index_free(index);
	return rc;
}

/* Choose covers without delay. */
static int
choose_quickly(const struct patch_task *task, bool may_refuse,
    struct patch_covers *covers, struct err *e)
{
	uint64_t covered = 0;
	size_t i;
	int rc;

	if ((rc = patch_quick(task, covers, e)) != 0)
		return rc;
	for (i = 0; i < covers->n; i++)
		covered += covers->v[i].len;
	if (may_refuse && task->target_len >= SHORT &&
	    covered * 1024 < (uint64_t)LIKENESS_MIN * task->target_len)
		return unlike(e);
	return 0;
}

/* Choose covers and make packed streams of them. */
static int
describe(const struct patch_pair *pair, const struct patch_task *task,
    bool may_refuse, struct patch_streams *s, struct err *e)
{
	struct patch_covers covers = {NULL, 0};
	ptrdiff_t window = 0, shift = 0;
	int rc;

	if (task->basis_len > 0 && task->target_len > 0) {
		window = task->basis - pair->basis;
		shift = window - (task->target - pair->target);
	}
	rc = pair->effort == PATCH_BEST
	    ? choose(task, may_refuse, &covers, e)
	    : choose_quickly(task, may_refuse, &covers, e);
	if (rc == 0 &&
	    (rc = patch_clip(pair, (uint64_t)window, &covers, e)) == 0)
		rc = patch_streams_fill(s, task, &covers, shift, e);
	free(covers.v);
	if (rc == 0 && (rc = patch_go_on(pair, e)) == 0)
		rc = patch_streams_pack(s, pair->effort, e);
	return rc;
}

static int
make_span(const struct patch_pair *pair, const struct patch_task *task,
    struct patch_replay *r, struct buf *head, const struct sink *out,
    struct err *e)
{
	bool is_first = head->len > 0;
	struct patch_streams s;
	int rc;

	patch_streams_init(&s);
	rc = describe(pair, task, is_first, &s, e);
	if (rc == 0 && is_first)
		rc = write_buf(head, out, e);
	if (rc == 0)
		rc = write_span(&s, r, out, e);
	patch_streams_release(&s);
	return rc;
}

static int
head_of(const struct patch_pair *pair, struct buf *head, struct err *e)
{
	static const uint8_t version = PATCH_VERSION;
	int rc;

	if ((rc = buf_append(head, PATCH_MAGIC, PATCH_MAGIC_LEN, e)) != 0 ||
	    (rc = buf_append(head, &version, 1, e)) != 0 ||
	    (rc = put_varint(head, pair->basis_len, e)) != 0)
		return rc;
	return put_varint(head, pair->target_len, e);
}

static size_t
spans_for(const struct patch_pair *pair)
{
	size_t most = pair->target_len > pair->basis_len ? pair->target_len
							 : pair->basis_len;
	size_t n = most / WINDOW_MAX + (most % WINDOW_MAX != 0);

	/* A span has at least one byte. */
	return n < pair->target_len ? n : pair->target_len;
}

int
patch_make(const struct patch_pair *pair, const struct sink *out, struct err *e)
{
	struct mem_stream mem = {pair->basis, pair->basis_len, 0};
	struct range_source basis = range_of_mem(&mem);
	struct proof proof = {pair->target, pair->target_len};
	struct sink prove = {proof_write, &proof};
	size_t k, n = spans_for(pair);
	struct patch_replay *r = NULL;
	struct patch_task task;
	struct buf head;
	int rc;

	buf_init(&head, SIZE_MAX / 2);
	if ((rc = patch_replay_new(&basis, &prove, &r, e)) != 0 ||
	    (rc = head_of(pair, &head, e)) != 0)
		goto out;
	for (k = 0; rc == 0 && k < n; k++) {
		task = task_of(pair, k, n);
		rc = make_span(pair, &task, r, &head, out, e);
	}
	/* An empty target has no span. */
	if (rc == 0 && head.len > 0)
		rc = write_buf(&head, out, e);
out:
	buf_release(&head);
	patch_replay_free(r);
	return rc;
}
