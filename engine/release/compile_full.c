/* The compressed file. */
#include "engine/release/compile_internal.h"

#include "engine/base/err.h"
#include "engine/delta/pack.h"

/* A sink that refuses to grow beyond what is worth making. */
struct capped {
	struct sink inner;
	const atomic_uint_fast64_t *below;
	uint64_t count;
	bool full;
	const struct compile_request *req;
};

static int
capped_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct capped *c = ctx;

	if (c->count + n >= atomic_load(c->below) ||
	    compile_is_stopped(c->req)) {
		c->full = true;
		return err_set(
		    e, ERP_CANCELLED, "larger than needed, or given up");
	}
	c->count += n;
	return c->inner.write(c->inner.ctx, p, n, e);
}

int
full_find_while(struct store *s, const struct compile_request *req,
    enum compile_effort effort, const atomic_uint_fast64_t *below,
    struct blob *out, struct err *e)
{
	struct capped cap = {.below = below, .req = req};
	struct sink to = {capped_write, &cap};
	struct answer_about about = {.refs = {req->target}, .ref_n = 1};
	struct blob_writer *w = NULL;
	struct content target;
	struct source src;
	int rc;

	if ((rc = question_key(req, QUESTION_FULL, effort, &about.key, e)) != 0)
		return rc;
	if ((rc = store_find_blob(s, &about.key, out, e)) != ERP_NOTFOUND)
		return rc == 0 && out->len >= atomic_load(below) ? ERP_CANCELLED
								 : rc;
	rc = content_open(&target, s, &req->target, req->target_size, e);
	if (rc != 0)
		return rc;
	target.req = req;
	src = content_source(&target);
	if ((rc = store_blob_begin(s, &w, e)) == 0) {
		cap.inner = blob_writer_sink(w);
		rc = pack_full(&src, req->target_size,
		    compile_level(req->target_size, effort), &to, e);
	}
	if (cap.full)
		rc = ERP_CANCELLED;
	if ((rc = content_close(&target, rc, e)) != 0) {
		store_blob_abort(w);
		return rc;
	}
	return answer_commit(w, &about, CODEC_FULL, out, e);
}

int
full_find(struct store *s, const struct compile_request *req,
    enum compile_effort effort, uint64_t below, struct blob *out, struct err *e)
{
	const atomic_uint_fast64_t fixed = below;

	return full_find_while(s, req, effort, &fixed, out, e);
}
