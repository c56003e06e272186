/*
 * The compressed file: the answer to a station that has no basis, and the
 * measure that each delta has to beat.  One road of compile.c, and part of the
 * others.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/err.h"
#include "engine/delta/pack.h"

#include <assert.h>

/* A sink that refuses to grow beyond what is worth making. */
struct capped {
	struct sink inner;
	const atomic_uint_fast64_t *below;
	uint64_t count;
	bool full;
	const struct compile_how *how;
};

static int
capped_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct capped *c = ctx;

	if (compile_is_stopped(c->how))
		return err_set(e, ERP_CANCELLED, "given up");
	if (c->count + n >= atomic_load(c->below)) {
		c->full = true;
		return err_set(e, ERP_CANCELLED, "larger than needed");
	}
	assert(!c->full);
	c->count += n;
	return c->inner.write(c->inner.ctx, p, n, e);
}

/* Write it as long as it stays below, or ANSWER_NONE; *w is NULL otherwise. */
static int
write_full(const struct compile_work *work, int level, struct capped *cap,
    struct blob_writer **w, struct err *e)
{
	const struct compile_one *one = work->one;
	struct sink to = {capped_write, cap};
	struct content_reader target;
	struct source src;
	int rc;

	rc = content_open(&target, work->s, &one->target, one->target_size, e);
	if (rc != 0)
		return rc;
	target.how = work->how;
	src = content_source(&target);
	if ((rc = store_blob_begin(work->s, w, e)) == 0) {
		cap->inner = blob_writer_sink(*w);
		rc = pack_full(&src, one->target_size, level, &to, e);
	}
	if (cap->full)
		rc = ANSWER_NONE;
	if ((rc = content_close(&target, rc, e)) != 0) {
		store_blob_abort(*w);
		*w = NULL;
	}
	return rc;
}

int
full_make(const struct compile_work *work, enum compile_effort effort,
    const atomic_uint_fast64_t *below, struct full *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct capped cap = {.below = below, .how = work->how};
	int rc;

	*out = (struct full){.about = {.refs = {one->target}, .ref_n = 1}};
	rc = answer_begin(one, QUESTION_FULL, effort, &out->about, e);
	if (rc != 0)
		return rc;
	rc = store_find_blob(work->s, &out->about.key, &out->blob, e);
	if (rc == ERP_NOTFOUND) {
		rc = write_full(work, compile_level(one->target_size, effort),
		    &cap, &out->w, e);
		out->blob.len = rc == 0 ? blob_writer_len(out->w) : 0;
	}
	return rc == 0 && out->w == NULL && out->blob.len >= atomic_load(below)
	    ? ANSWER_NONE
	    : rc;
}

int
full_take(struct store *s, struct full *full, struct blob *out, struct err *e)
{
	struct blob_writer *w = full->w;

	full->w = NULL;
	if (w != NULL)
		return answer_commit(s, w, &full->about, CODEC_FULL, out, e);
	*out = full->blob;
	return 0;
}

int
full_find(const struct compile_work *work, enum compile_effort effort,
    uint64_t below, struct blob *out, struct err *e)
{
	const atomic_uint_fast64_t fixed = below;
	struct full full;
	int rc = full_make(work, effort, &fixed, &full, e);

	assert(rc == 0 || full.w == NULL);
	return rc == 0 ? full_take(work->s, &full, out, e) : rc;
}
