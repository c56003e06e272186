/* Deltas of the rolling-checksum road. */
#include "engine/release/compile_internal.h"

#include "engine/base/buf.h"
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

int
sums_answer(struct store *s, const struct compile_request *req,
    struct signature *sums, const struct answer_about *about, struct blob *out,
    struct err *e)
{
	struct blob_writer *w = NULL;
	int rc;

	if ((rc = write_delta(s, req, sums, &w, e)) != 0) {
		store_blob_abort(w);
		return rc;
	}
	rc = full_find(s, req, COMPILE_FAIR, blob_writer_len(w), out, e);
	if (rc == ERP_CANCELLED)
		return answer_commit(w, about, CODEC_RSYNC, out, e);
	store_blob_abort(w);
	if (rc == 0)
		rc = store_add_key(
		    s, &about->key, out, about->refs, about->ref_n, e);
	return rc;
}
