/*
 * Deltas of the rolling-checksum road, from a signature that a station sent or
 * the server made itself, side by side with the compressed file: the smaller
 * one is taken.  One road of compile.c.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/buf.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/delta/pack.h"
#include "engine/delta/signature.h"

#include <assert.h>

int
sums_sign(
    const struct compile_work *work, struct signature **out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct sig_params params;
	struct content_reader basis;
	struct source src;
	struct sink to;
	struct buf bytes;
	int rc;

	if ((rc = sig_params_for(one->basis_size, &params, e)) != 0)
		return rc;
	rc = content_open(&basis, work->s, &one->basis, one->basis_size, e);
	if (rc != 0)
		return rc;
	basis.how = work->how;
	src = content_source(&basis);
	buf_init(&bytes, sig_length(one->basis_size, &params));
	to = sink_of_buf(&bytes);
	rc = signature_make(&src, &params, &to, e);
	rc = content_close(&basis, rc, e);
	if (rc == 0)
		rc = signature_load(buf_data(&bytes), bytes.len, out, e);
	buf_release(&bytes);
	return rc;
}

int
sums_take(const struct compile_one *one, struct signature **out, struct err *e)
{
	uint8_t header[SIG_HEADER_LEN];
	struct sig_params params;
	struct buf bytes;
	int rc;

	if ((rc = sig_params_for(one->basis_size, &params, e)) != 0)
		return rc;
	if (sig_length(one->basis_size, &params) !=
	    (uint64_t)one->sums_len + SIG_HEADER_LEN)
		return err_set(e, ERP_CORRUPT,
		    "a signature of %zu bytes does not fit a file of %llu",
		    one->sums_len, (unsigned long long)one->basis_size);
	signature_header(&params, header);
	buf_init(&bytes, one->sums_len + SIG_HEADER_LEN);
	if ((rc = buf_append(&bytes, header, sizeof(header), e)) == 0 &&
	    (rc = buf_append(&bytes, one->sums, one->sums_len, e)) == 0)
		rc = signature_load(buf_data(&bytes), bytes.len, out, e);
	buf_release(&bytes);
	return rc;
}

/* Write the delta that sums lead to. */
static int
write_delta(const struct compile_work *work, struct signature *sums,
    struct blob_writer **w, struct err *e)
{
	const struct compile_one *one = work->one;
	struct content_reader target;
	struct source src;
	struct sink to;
	int rc;

	rc = content_open(&target, work->s, &one->target, one->target_size, e);
	if (rc != 0)
		return rc;
	target.how = work->how;
	src = content_source(&target);
	if ((rc = store_blob_begin(work->s, w, e)) == 0) {
		to = blob_writer_sink(*w);
		rc = pack_rsync(sums, &src,
		    compile_level(one->target_size, COMPILE_FAIR), &to, e);
	}
	return content_close(&target, rc, e);
}

/* A delta and the compressed target, of which the smaller one is the answer:
 * a long delta is made side by side with it, and a short one ends it. */
struct race {
	const struct compile_work *work;
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
		rc = write_delta(r->work, r->sums, &r->delta, e);
		atomic_store(
		    &r->below, rc == 0 ? blob_writer_len(r->delta) : 0);
		return rc;
	}
	r->full_rc = full_make(r->work, COMPILE_FAIR, &r->below, &r->full, e);
	return r->full_rc == ANSWER_NONE ? 0 : r->full_rc;
}

static int
end_race(struct race *r, const struct answer_about *about, struct blob *out,
    struct err *e)
{
	struct blob_writer *w = r->delta;
	int rc;

	assert(w != NULL && (r->full_rc == 0 || r->full_rc == ANSWER_NONE));
	/* The file may have come to its end before the delta did. */
	if (r->full_rc == ANSWER_NONE ||
	    r->full.blob.len >= blob_writer_len(w)) {
		r->delta = NULL;
		return answer_commit(r->work->s, w, about, CODEC_RSYNC, out, e);
	}
	if ((rc = full_take(r->work->s, &r->full, out, e)) == 0)
		rc = answer_share(r->work->s, about, out, e);
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
sums_answer(const struct compile_work *work, struct signature *sums,
    const struct answer_about *about, struct blob *out, struct err *e)
{
	const struct race begin = {.work = work, .sums = sums};
	struct race r = begin;
	int rc = race(&r, work->how->crew, about, out, e);

	/* Side by side a file may grow far beyond the delta, and fill the
	 * disk; after it, never. */
	if (rc == ERP_NOSPACE && work->how->crew != NULL) {
		r = begin;
		rc = race(&r, NULL, about, out, e);
	}
	return rc;
}
