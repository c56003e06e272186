/*
 * Two contents of the store and the patch between them; or one, and what a
 * station's sums tell of a basis that the server never saw.  The known-basis
 * road of compile.c: the patch is taken where it is smaller than the whole
 * file, compressed.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/delta/known.h"
#include "engine/delta/patch/patch.h"

#include <stdlib.h>
#include <string.h>

/*
 * CONTENT_MAX: both contents are held in memory meanwhile.  A patch that is
 * no larger than a quarter of its target is not compared with the compressed
 * file, which costs as much time again and is hardly ever smaller.
 */
#define CONTENT_MAX ((uint64_t)192 << 20)
enum { SURE_PART = 4 };

/* Patches from sums: below this the best one is made at once.  Of larger
 * contents it saves less time on a line than it takes. */
#define BEST_SUMS_UP_TO ((uint64_t)512 << 10)

bool
patch_fits(const struct compile_one *one)
{
	return one->basis_size <= CONTENT_MAX &&
	    one->target_size <= CONTENT_MAX && one->like_size <= CONTENT_MAX;
}

static enum patch_effort
patch_effort_of(enum compile_effort effort)
{
	switch (effort) {
	case COMPILE_FINAL:
		return PATCH_BEST;
	case COMPILE_FAIR:
		return PATCH_FAIR;
	case COMPILE_QUICK:
		break;
	}
	return PATCH_QUICK;
}

/* Write a patch, and answer with it or the compressed file. */
static int
answer(const struct compile_work *work, const struct patch_pair *pair,
    const struct answer_about *about, struct blob *out, struct err *e)
{
	enum compile_effort effort =
	    pair->effort == PATCH_BEST ? COMPILE_FINAL : COMPILE_QUICK;
	struct blob_writer *w = NULL;
	struct sink to;
	int rc;

	if ((rc = store_blob_begin(work->s, &w, e)) != 0)
		return rc;
	to = blob_writer_sink(w);
	if ((rc = patch_make_smallest(pair, &to, e)) != 0) {
		store_blob_abort(w);
		return rc == PATCH_NONE ? ANSWER_NONE : rc;
	}
	rc = ANSWER_NONE;
	if (blob_writer_len(w) > work->one->target_size / SURE_PART)
		rc = full_find(work, effort, blob_writer_len(w), out, e);
	if (rc == ANSWER_NONE)
		return answer_commit(work->s, w, about, CODEC_PATCH, out, e);
	store_blob_abort(w);
	if (rc == 0)
		rc = answer_share(work->s, about, out, e);
	return rc;
}

/* Two contents that are read at once. */
struct load {
	struct store *s;
	const struct hash *want[2];
	uint64_t size[2];
	struct held held[2];
};

/* A crew_fn. */
static int
load_one(void *arg, size_t i, bool here, struct err *e)
{
	struct load *l = arg;

	(void)here;
	return content_hold(l->s, l->want[i], l->size[i], &l->held[i], e);
}

int
patch_answer(const struct compile_work *work, enum compile_effort effort,
    const struct answer_about *about, struct blob *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct load l = {work->s, {&one->basis, &one->target},
	    {one->basis_size, one->target_size}, {{.p = NULL}}};
	struct patch_pair pair = {.basis_len = (size_t)one->basis_size,
	    .target_len = (size_t)one->target_size,
	    .effort = patch_effort_of(effort),
	    .crew = work->how->crew};
	int rc;

	if (!patch_fits(one))
		return ANSWER_NONE;
	if ((rc = crew_run(work->how->crew, load_one, &l, 2, e)) != 0)
		goto out;
	pair.basis = l.held[0].p;
	pair.target = l.held[1].p;
	if (work->how->stop != NULL) {
		pair.is_cancelled = work->how->stop->is_set;
		pair.ctx = work->how->stop->ctx;
	}
	rc = answer(work, &pair, about, out, e);
out:
	content_release(&l.held[0]);
	content_release(&l.held[1]);
	return rc;
}

/* What sums of either kind tell of the basis; ANSWER_NONE: too little. */
static int
find_known(const struct compile_one *one, struct signature *sums,
    const struct known_like v[2], struct known *known, struct err *e)
{
	size_t len = (size_t)one->basis_size;
	int rc;

	if (sums != NULL)
		return known_find(sums, len, v, 2, known, e);
	if ((rc = known_find_short(one->sums, len, v, 2, known, e)) == 0 &&
	    known->gap_bytes > len / 2)
		rc = ANSWER_NONE;
	return rc;
}

int
patch_answer_sums(const struct compile_work *work, struct signature *sums,
    const struct answer_about *about, struct blob *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct held like = {.p = NULL}, target = {.p = NULL};
	struct known known = {.gap_n = 0};
	struct known_like v[2];
	struct patch_pair pair = {
	    .target_len = (size_t)one->target_size, .crew = work->how->crew};
	int rc;

	if (!patch_fits(one))
		return ANSWER_NONE;
	if ((rc = content_hold(
		 work->s, &one->like, one->like_size, &like, e)) != 0 ||
	    (rc = content_hold(
		 work->s, &one->target, one->target_size, &target, e)) != 0)
		goto out;
	v[0] = (struct known_like){like.p, like.n};
	v[1] = (struct known_like){target.p, target.n};
	if ((rc = find_known(one, sums, v, &known, e)) != 0)
		goto out;
	pair.basis = known.bytes;
	pair.basis_len = known.len;
	pair.gap = known.gap;
	pair.gap_n = known.gap_n;
	pair.target = target.p;
	pair.effort = one->basis_size + one->target_size <= BEST_SUMS_UP_TO
	    ? PATCH_BEST
	    : PATCH_FAIR;
	rc = answer(work, &pair, about, out, e);
out:
	known_release(&known);
	content_release(&like);
	content_release(&target);
	return rc;
}
