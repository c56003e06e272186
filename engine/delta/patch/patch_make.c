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

/* With less of its places known from the basis, in 1/1024, a target is not
 * worth a patch: that is about what numbers and addresses share by chance.  Of
 * a short one nobody knows before. */
enum { LIKENESS_MIN = 16, SHORT = 4096 };

static int
write_buf(struct buf *b, const struct sink *out, struct err *e)
{
	int rc = out->write(out->ctx, buf_data(b), b->len, e);

	buf_clear(b);
	return rc;
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

/* Choose covers with care; PATCH_NONE when there is next to nothing. */
static int
choose(struct patch_work *w, bool may_refuse, struct err *e)
{
	struct patch_index *index = NULL;
	int rc;

	if ((rc = patch_index_new(w->task, &index, e)) != 0)
		return rc;
	if (may_refuse && patch_index_likeness(index) < LIKENESS_MIN)
		rc = PATCH_NONE;
	if (rc == 0 && (rc = patch_go_on(w->task->pair, e)) == 0 &&
	    (rc = patch_index_sort(index, e)) == 0)
		rc = patch_parse(w->task, index, &w->covers, e);
	patch_index_free(index);
	return rc;
}

/* Choose covers without delay. */
static int
choose_quickly(struct patch_work *w, bool may_refuse, struct err *e)
{
	const struct patch_task *t = w->task;
	uint64_t covered = 0;
	size_t i;
	int rc;

	if ((rc = patch_quick(t, &w->covers, e)) != 0)
		return rc;
	for (i = 0; i < w->covers.n; i++)
		covered += w->covers.v[i].len;
	if (may_refuse && t->target_len >= SHORT &&
	    covered * 1024 < (uint64_t)LIKENESS_MIN * t->target_len)
		return PATCH_NONE;
	return 0;
}

/* Describe one task in spans, and write them behind the head if that was not
 * written yet. */
static int
make_task(const struct patch_task *task, struct buf *head,
    const struct sink *out, struct err *e)
{
	const struct patch_pair *pair = task->pair;
	bool is_first = head->len > 0;
	struct patch_work w = {.task = task};
	size_t k;
	int rc;

	rc = pair->effort == PATCH_BEST ? choose(&w, is_first, e)
					: choose_quickly(&w, is_first, e);
	assert(rc != PATCH_NONE || is_first);
	if (rc == 0 && (rc = patch_clip(task, &w.covers, e)) == 0 &&
	    (rc = patch_work_cut(&w, e)) == 0 &&
	    (rc = crew_run(pair->crew, patch_work_span, &w, w.n, e)) == 0 &&
	    is_first)
		rc = write_buf(head, out, e);
	for (k = 0; rc == 0 && k < w.n; k++)
		rc = write_buf(&w.span[k].bytes, out, e);
	patch_work_release(&w);
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
	int rc;

	buf_init(&head, SIZE_MAX / 2);
	rc = head_of(pair, &head, e);
	for (k = 0; rc == 0 && k < n; k++) {
		task = task_of(pair, k, n);
		rc = make_task(&task, &head, out, e);
	}
	/* An empty target has no span. */
	if (rc == 0 && head.len > 0)
		rc = write_buf(&head, out, e);
	buf_release(&head);
	return rc;
}
