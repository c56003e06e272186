/*
 * Which blob answers a station's want: the compressed file or a delta, made
 * once and found by its key from then on.  A final answer is preferred to a
 * quick one, a quick one to making any.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/err.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"

#include <string.h>

enum {
	/* Patches of smaller basis and target are made with care at once. */
	QUICK_PATCH_FROM = 512 * 1024,
	/* Targets up to here are compressed before a signature is asked for,
	 * which often is not worth its bytes then. */
	SMALL = 64 * 1024,
	/* The least a delta and its two messages take. */
	DELTA_LEAST = 64
};

static bool
has_usable_basis(const struct compile_request *req)
{
	return req->has_basis && req->basis_size > 0 && req->target_size > 0;
}

/* Is a quick answer to be replaced by a better one? */
static bool
is_worth_quick(const struct compile_request *req)
{
	if (!has_usable_basis(req))
		return req->target_size >= QUICK_FROM;
	/* What is too large for patches has one answer only. */
	return patch_fits(req) &&
	    req->basis_size + req->target_size >= QUICK_PATCH_FROM;
}

int
compile_key(const struct compile_request *req, struct hash *key, struct err *e)
{
	enum question q = !has_usable_basis(req) ? QUESTION_FULL
	    : req->sums == NULL                  ? QUESTION_BASIS
						 : QUESTION_SUMS;

	if (req->members_n > 0)
		return compile_group_key(req, key, e);
	return question_key(req, q, COMPILE_FINAL, key, e);
}

/* Is the quick answer there, and what the station has a part of? */
static bool
is_begun(struct store *s, const struct compile_request *req, enum question q,
    struct blob *out)
{
	struct hash key;

	return req->part != NULL && is_worth_quick(req) &&
	    question_key(req, q, COMPILE_QUICK, &key, NULL) == 0 &&
	    store_find_blob(s, &key, out, NULL) == 0 &&
	    memcmp(out->id.b, req->part, PART_LEN) == 0;
}

/* The answer that lies there, or ERP_NOTFOUND. */
static int
look_up(struct store *s, const struct compile_request *req, enum question q,
    struct compile_answer *out, struct err *e)
{
	struct hash key;
	int rc;

	if (is_begun(s, req, q, &out->blob))
		return 0;
	if ((rc = question_key(req, q, COMPILE_FINAL, &key, e)) != 0 ||
	    (rc = store_find_blob(s, &key, &out->blob, e)) != ERP_NOTFOUND ||
	    !is_worth_quick(req))
		return rc;
	out->provisional = true;
	if ((rc = question_key(req, q, COMPILE_QUICK, &key, e)) != 0)
		return rc;
	return store_find_blob(s, &key, &out->blob, e);
}

/* The answer that is ready, or ERP_NOTFOUND.  It is as good as what it was
 * made of. */
static int
find_ready(struct store *s, const struct compile_request *req, enum question q,
    struct compile_answer *out, struct err *e)
{
	int rc = look_up(s, req, q, out, e);

	if (rc == 0)
		rc = content_vouch(s, &req->target, req->target_size, e);
	if (rc == 0 && q == QUESTION_BASIS)
		rc = content_vouch(s, &req->basis, req->basis_size, e);
	return rc;
}

/*
 * The rolling checksums may find what a patch did not think worth looking
 * for; that is left to the final answer.
 */
static int
without_patch(struct store *s, const struct compile_request *req,
    enum compile_effort effort, const struct answer_about *about,
    struct blob *out, struct err *e)
{
	struct signature *sums = NULL;
	int rc;

	if (effort == COMPILE_QUICK) {
		if ((rc = full_find(s, req, effort, UINT64_MAX, out, e)) == 0)
			rc = answer_share(s, about, out, e);
		return rc;
	}
	if ((rc = sums_sign(s, req, &sums, e)) == 0)
		rc = sums_answer(s, req, sums, about, out, e);
	signature_free(sums);
	return rc;
}

/* Make the answer from a basis that the store has. */
static int
make_from_basis(struct store *s, const struct compile_request *req,
    enum compile_effort effort, struct blob *out, struct err *e)
{
	struct answer_about about = {
	    .refs = {req->target, req->basis}, .ref_n = 2};
	int rc;

	rc = answer_begin(req, QUESTION_BASIS, effort, &about, e);
	if (rc != 0)
		return rc;
	rc = patch_answer(s, req, effort, &about, out, e);
	return rc == ANSWER_NONE ? without_patch(s, req, effort, &about, out, e)
				 : rc;
}

static int
from_basis(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	enum compile_effort effort =
	    is_worth_quick(req) ? COMPILE_QUICK : COMPILE_FINAL;
	int rc = find_ready(s, req, QUESTION_BASIS, out, e);

	return rc != ERP_NOTFOUND
	    ? rc
	    : make_from_basis(s, req, effort, &out->blob, e);
}

/* Is there a content that the unknown basis is like? */
static bool
has_like(struct store *s, const struct compile_request *req)
{
	return req->like_size > 0 &&
	    store_has_content(s, &req->like, req->like_size);
}

/* The patch that sums of either kind lead to; ANSWER_NONE when there is
 * none of use, or what the basis is like is gone. */
static int
patch_from_sums(struct store *s, const struct compile_request *req,
    struct signature *sums, const struct answer_about *about, struct blob *out,
    struct err *e)
{
	int rc;

	if (!has_like(s, req))
		return ANSWER_NONE;
	rc = patch_answer_sums(s, req, sums, about, out, e);
	return rc != 0 && !has_like(s, req) ? ANSWER_NONE : rc;
}

static int
from_short_sums(struct store *s, const struct compile_request *req,
    const struct answer_about *about, struct compile_answer *out, struct err *e)
{
	int rc;

	if (req->sums_len != short_sums_len(req->basis_size))
		return err_set(e, ERP_CORRUPT,
		    "%zu bytes of short sums do not fit a file of %llu",
		    req->sums_len, (unsigned long long)req->basis_size);
	rc = patch_from_sums(s, req, NULL, about, &out->blob, e);
	if (rc != ANSWER_NONE)
		return rc;
	out->need_sums = true;
	return 0;
}

static int
from_sums(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	struct answer_about about = {
	    .refs = {req->target}, .ref_n = 1, .lone = true};
	struct signature *sums = NULL;
	int rc;

	rc = answer_begin(req, QUESTION_SUMS, COMPILE_FINAL, &about, e);
	if (rc != 0)
		return rc;
	rc = store_find_blob(s, &about.key, &out->blob, e);
	if (rc != ERP_NOTFOUND)
		return rc;
	if (req->short_sums)
		return from_short_sums(s, req, &about, out, e);
	if ((rc = sums_take(req, &sums, e)) != 0)
		return rc;
	rc = ANSWER_NONE;
	/* The target itself tells no more than a delta does. */
	if (!hash_equal(&req->like, &req->target))
		rc = patch_from_sums(s, req, sums, &about, &out->blob, e);
	if (rc == ANSWER_NONE)
		rc = sums_answer(s, req, sums, &about, &out->blob, e);
	signature_free(sums);
	return rc;
}

static int
whole(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	enum compile_effort effort =
	    is_worth_quick(req) ? COMPILE_QUICK : COMPILE_FINAL;
	int rc = 0;

	if (req->again)
		rc = content_verify(s, &req->target, req->target_size, e);
	if (rc == 0)
		rc = find_ready(s, req, QUESTION_FULL, out, e);
	return rc != ERP_NOTFOUND
	    ? rc
	    : full_find(s, req, effort, UINT64_MAX, &out->blob, e);
}

/* The compressed target if no sums and delta could be smaller, else
 * ANSWER_NONE. */
static int
full_if_small(struct store *s, const struct compile_request *req,
    bool short_sums, struct blob *out, struct err *e)
{
	uint64_t least = DELTA_LEAST;
	struct sig_params params;
	int rc;

	if (req->target_size > SMALL)
		return ANSWER_NONE;
	if ((rc = sig_params_for(req->basis_size, &params, e)) != 0)
		return rc;
	least += short_sums
	    ? short_sums_len(req->basis_size)
	    : sig_length(req->basis_size, &params) - SIG_HEADER_LEN;
	return full_find(s, req, COMPILE_FAIR, least + 1, out, e);
}

/* Ask for sums: short ones where a content of the same length is at hand, of
 * which the basis may be an edited form with all in its place. */
static int
ask_sums(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	bool short_sums = req->like_size == req->basis_size &&
	    patch_fits(req) && has_like(s, req);
	int rc = full_if_small(s, req, short_sums, &out->blob, e);

	if (rc != ANSWER_NONE)
		return rc;
	out->need_sums = true;
	out->short_sums = short_sums;
	return 0;
}

int
compile_blob(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	int rc = ERP_NOTFOUND;

	memset(out, 0, sizeof(*out));
	if (req->members_n > 0)
		return compile_group(s, req, &out->blob, e);
	if (!has_usable_basis(req))
		return whole(s, req, out, e);
	if (store_has_content(s, &req->basis, req->basis_size)) {
		rc = from_basis(s, req, out, e);
		/* A basis that was collected or found damaged meanwhile is
		 * an unknown one; the same fault of the target is final. */
		if (rc == 0 ||
		    store_has_content(s, &req->basis, req->basis_size) ||
		    !store_has_content(s, &req->target, req->target_size))
			return rc;
	}
	memset(out, 0, sizeof(*out));
	return req->sums != NULL ? from_sums(s, req, out, e)
				 : ask_sums(s, req, out, e);
}

bool
compile_is_small(const struct compile_request *req)
{
	return !is_worth_quick(req) && patch_fits(req);
}

int
compile_best(struct store *s, const struct compile_request *want,
    const struct compile_stop *stop, struct err *e)
{
	enum question q =
	    has_usable_basis(want) ? QUESTION_BASIS : QUESTION_FULL;
	struct compile_request req = *want;
	struct compile_answer ready;
	int rc;

	if (want->members_n > 0)
		return compile_group_best(s, want, stop, e);
	memset(&ready, 0, sizeof(ready));
	req.stop = stop;
	rc = find_ready(s, &req, q, &ready, e);
	if (rc != ERP_NOTFOUND && (rc != 0 || !ready.provisional))
		return rc;
	return q == QUESTION_BASIS
	    ? make_from_basis(s, &req, COMPILE_FINAL, &ready.blob, e)
	    : full_find(s, &req, COMPILE_FINAL, UINT64_MAX, &ready.blob, e);
}
