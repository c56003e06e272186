/*
 * Two contents in, a patch out: chooses the careful or the quick way, cuts the
 * target into spans and has each made.  The top of the making; what it writes
 * is read by patch_apply.c.
 */
#include "engine/base/codec.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * A larger target is cut into pieces of about this length, and so is a larger
 * basis, into windows with what is near on both sides.  The suffix array of
 * a window is the largest thing in memory.
 */
enum { WINDOW_MAX = PATCH_SPAN_MAX, WINDOW_NEAR = WINDOW_MAX / 8 };

static int
write_buf(const struct buf *b, const struct sink *out, struct err *e)
{
	return out->write(out->ctx, buf_data(b), b->len, e);
}

/* The k-th of n pieces, and the window of the basis that belongs to it. */
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
	assert(k < n && from < to && window <= window_to);
	t.target_at = from;
	t.basis_at = window;
	t.target_len = to - from;
	t.basis_len = window_to - window;
	/* Empty contents may be NULL, from which nothing can be counted. */
	t.target = from == 0 ? pair->target : pair->target + from;
	t.basis = window == 0 ? pair->basis : pair->basis + window;
	return t;
}

static int
head_of(const struct patch_pair *pair, uint8_t version, struct buf *head,
    struct err *e)
{
	int rc;

	if ((rc = buf_append(head, PATCH_MAGIC, PATCH_MAGIC_LEN, e)) != 0 ||
	    (rc = buf_append(head, &version, 1, e)) != 0 ||
	    (rc = put_varint(head, pair->basis_len, e)) != 0)
		return rc;
	return put_varint(head, pair->target_len, e);
}

/* The spans of a task whose covers are chosen, appended to what stands in
 * front of them. */
static int
make_spans(struct patch_work *w, const struct buf *front,
    const struct sink *out, struct err *e)
{
	size_t k;
	int rc;

	if ((rc = patch_work_cut(w, e)) == 0 &&
	    (rc = crew_run(w->task->pair->crew, patch_work_span, w, w->n, e)) ==
		0 &&
	    front->len > 0)
		rc = out->write(out->ctx, buf_data(front), front->len, e);
	for (k = 0; rc == 0 && k < w->n; k++)
		rc = write_buf(&w->span[k].bytes, out, e);
	return rc;
}

/* A projected patch of the only task of a pair, of whose covers some may be
 * known; PATCH_NONE: better not.  *sure: it is smaller than without. */
static int
make_projected(const struct patch_task *task, const struct patch_covers *quick,
    struct buf *made, bool *sure, struct err *e)
{
	struct sink to = sink_of_buf(made);
	struct patch_projected p = {.basis = NULL};
	struct patch_work w = {.task = &p.task};
	struct buf front;
	int rc;

	buf_init(&front, SIZE_MAX / 2);
	buf_init(&p.told, SIZE_MAX / 2);
	if ((rc = patch_project(task, quick, &p, e)) == 0 &&
	    (rc = head_of(task->pair, PATCH_VERSION_PROJECTED, &front, e)) ==
		0 &&
	    (rc = buf_append(&front, buf_data(&p.told), p.told.len, e)) == 0) {
		w.covers = p.covers;
		p.covers = (struct patch_covers){NULL, 0};
		rc = make_spans(&w, &front, &to, e);
	}
	*sure = p.is_sure;
	buf_release(&front);
	patch_projected_release(&p);
	patch_work_release(&w);
	return rc;
}

/* The spans of a task, behind the head if it is the first. */
static int
make_plain(
    struct patch_work *w, bool is_first, const struct sink *out, struct err *e)
{
	const struct patch_task *t = w->task;
	struct buf head;
	int rc = 0;

	buf_init(&head, SIZE_MAX / 2);
	if (w->covers.v == NULL)
		rc = patch_choose(t, is_first, &w->covers, e);
	if (rc == 0 && (rc = patch_clip(t, &w->covers, e)) == 0 && is_first)
		rc = head_of(t->pair, PATCH_VERSION, &head, e);
	if (rc == 0)
		rc = make_spans(w, &head, out, e);
	buf_release(&head);
	return rc;
}

/* The patch of a pair that is one task: projected or plain, the smaller one
 * where that is not sure. */
static int
make_only(const struct patch_task *task, const struct sink *out, struct err *e)
{
	struct patch_work w = {.task = task};
	struct buf projected, plain;
	struct sink to = sink_of_buf(&plain);
	bool sure = false;
	int rc, plain_rc;

	buf_init(&projected, SIZE_MAX / 2);
	buf_init(&plain, SIZE_MAX / 2);
	if (task->pair->effort != PATCH_BEST &&
	    (rc = patch_choose(task, true, &w.covers, e)) != 0)
		goto out;
	rc = make_projected(task, &w.covers, &projected, &sure, e);
	if (rc == PATCH_NONE) {
		rc = make_plain(&w, true, out, e);
		goto out;
	}
	if (rc == 0 && !sure) {
		if ((plain_rc = make_plain(&w, true, &to, e)) < 0)
			rc = plain_rc;
		else if (plain_rc == 0 && plain.len <= projected.len)
			buf_clear(&projected);
	}
	if (rc == 0)
		rc = write_buf(projected.len > 0 ? &projected : &plain, out, e);
out:
	buf_release(&projected);
	buf_release(&plain);
	patch_work_release(&w);
	return rc;
}

/* The k-th of some tasks. */
static int
make_task(const struct patch_task *task, size_t k, const struct sink *out,
    struct err *e)
{
	struct patch_work w = {.task = task};
	int rc = make_plain(&w, k == 0, out, e);

	assert(rc != PATCH_NONE || k == 0);
	patch_work_release(&w);
	return rc;
}

static size_t
tasks_for(const struct patch_pair *pair)
{
	size_t most = pair->target_len > pair->basis_len ? pair->target_len
							 : pair->basis_len;
	size_t n = most / WINDOW_MAX + (most % WINDOW_MAX != 0);

	/* Each has at least one byte. */
	return n < pair->target_len ? n : pair->target_len;
}

int
patch_make(const struct patch_pair *pair, const struct sink *out, struct err *e)
{
	size_t k, n = tasks_for(pair);
	struct patch_task task;
	struct buf head;
	int rc = 0;

	for (k = 0; rc == 0 && k < n; k++) {
		task = task_of(pair, k, n);
		rc = n == 1 ? make_only(&task, out, e)
			    : make_task(&task, k, out, e);
	}
	if (n > 0)
		return rc;
	/* An empty target has no span. */
	buf_init(&head, SIZE_MAX / 2);
	if ((rc = head_of(pair, PATCH_VERSION, &head, e)) == 0)
		rc = write_buf(&head, out, e);
	buf_release(&head);
	return rc;
}
