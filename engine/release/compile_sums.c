/*
 * Deltas of the rolling-checksum road, from a signature that a station sent or
 * the server made itself, side by side with the compressed file.  One road of
 * compile.c.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/buf.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/delta/pack.h"
#include "engine/delta/signature.h"

int
sums_sign(struct store *s, const struct compile_request *req,
    struct signature **out, struct err *e)
{
	struct sig_params params;
	struct content basis;
	struct source src;
	struct sink to;
	struct buf bytes;
	int rc;

	if ((rc = sig_params_for(req->basis_size, &params, e)) != 0)
		return rc;
	rc = content_open(&basis, s, &req->basis, req->basis_size, e);
	if (rc != 0)
		return rc;
	basis.req = req;
	src = content_source(&basis);
	buf_init(&bytes, sig_length(req->basis_size, &params));
	to = sink_of_buf(&bytes);
	rc = signature_make(&src, &params, &to, e);
	rc = content_close(&basis, rc, e);
	if (rc == 0)
		rc = signature_load(buf_data(&bytes), bytes.len, out, e);
	buf_release(&bytes);
	return rc;
}

int
sums_take(
    const struct compile_request *req, struct signature **out, struct err *e)
{
	uint8_t header[SIG_HEADER_LEN];
	struct sig_params params;
	struct buf bytes;
	int rc;

	if ((rc = sig_params_for(req->basis_size, &params, e)) != 0)
		return rc;
	if (sig_length(req->basis_size, &params) !=
	    (uint64_t)req->sums_len + SIG_HEADER_LEN)
		return err_set(e, ERP_CORRUPT,
		    "a signature of %zu bytes does not fit a file of %llu",
		    req->sums_len, (unsigned long long)req->basis_size);
	signature_header(&params, header);
	buf_init(&bytes, req->sums_len + SIG_HEADER_LEN);
	if ((rc = buf_append(&bytes, header, sizeof(header), e)) == 0 &&
	    (rc = buf_append(&bytes, req->sums, req->sums_len, e)) == 0)
		rc = signature_load(buf_data(&bytes), bytes.len, out, e);
	buf_release(&bytes);
	return rc;
}

/* Write the delta that sums lead to. */
static int
write_delta(struct store *s, const struct compile_request *req,
    struct signature *sums, struct blob_writer **w, struct err *e)
{
	struct content target;
	struct source src;
	struct sink to;
	int rc;

	rc = content_open(&target, s, &req->target, req->target_size, e);
	if (rc != 0)
		return rc;
	target.req = req;
	src = content_source(&target);
	if ((rc = store_blob_begin(s, w, e)) == 0) {
		to = blob_writer_sink(*w);
		rc = pack_rsync(sums, &src,
		    compile_level(req->target_size, COMPILE_FAIR), &to, e);
	}
	return content_close(&target, rc, e);
}

/* A delta and the compressed target, of which the smaller one is the answer:
 * a long delta is made side by side with it, and a short one ends it. */
struct race {
	struct store *s;
	const struct compile_request *req;
	struct signature *sums;
	struct blob_writer *delta;
	atomic_uint_fast64_t below; /* what full has to be smaller than */
	int full_rc;
	struct full full;
};

/* A crew_fn. */
static int
run_race(void *arg, size_t i, bool here, struct err *e)
{
	struct race *r = arg;
	int rc;

	(void)here;
	if (i == 0) {
		rc = write_delta(r->s, r->req, r->sums, &r->delta, e);
		atomic_store(
		    &r->below, rc == 0 ? blob_writer_len(r->delta) : 0);
		return rc;
	}
	r->full_rc =
	    full_make(r->s, r->req, COMPILE_FAIR, &r->below, &r->full, e);
	return r->full_rc == ANSWER_NONE ? 0 : r->full_rc;
}

static int
end_race(struct race *r, const struct answer_about *about, struct blob *out,
    struct err *e)
{
	struct blob_writer *w = r->delta;
	int rc;

	/* The file may have come to its end before the delta did. */
	if (r->full_rc == ANSWER_NONE ||
	    r->full.blob.len >= blob_writer_len(w)) {
		r->delta = NULL;
		return answer_commit(r->s, w, about, CODEC_RSYNC, out, e);
	}
	if ((rc = full_take(r->s, &r->full, out, e)) == 0)
		rc = answer_share(r->s, about, out, e);
	return rc;
}

static int
race(struct race *r, const struct crew *crew, const struct answer_about *about,
    struct blob *out, struct err *e)
{
	int rc;

	atomic_init(&r->below, UINT64_MAX);
	if ((rc = crew_run(crew, run_race, r, 2, e)) == 0)
		rc = end_race(r, about, out, e);
	store_blob_abort(r->delta);
	store_blob_abort(r->full.w);
	return rc;
}

int
sums_answer(struct store *s, const struct compile_request *req,
    struct signature *sums, const struct answer_about *about, struct blob *out,
    struct err *e)
{
	const struct race begin = {.s = s, .req = req, .sums = sums};
	struct race r = begin;
	int rc = race(&r, req->crew, about, out, e);

	/* Side by side a file may grow far beyond the delta, and fill the
	 * disk; after it, never. */
	if (rc == ERP_NOSPACE && req->crew != NULL) {
		r = begin;
		rc = race(&r, NULL, about, out, e);
	}
	return rc;
}
