/*
 * One file: which road leads to its blob.  A final answer is preferred to a
 * quick one, a quick one to making any; a patch from what the store has to a
 * delta from sums.  Whether the compressed file is smaller than either is seen
 * where they are made: compile_patch.c, compile_sums.c.
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
has_usable_basis(const struct compile_one *one)
{
	return one->has_basis && one->basis_size > 0 && one->target_size > 0;
}

/* Is a quick answer to be replaced by a better one? */
static bool
is_worth_quick(const struct compile_one *one)
{
	if (!has_usable_basis(one))
		return one->target_size >= QUICK_FROM;
	/* What is too large for patches has one answer only. */
	return patch_fits(one) &&
	    one->basis_size + one->target_size >= QUICK_PATCH_FROM;
}

int
compile_one_key(const struct compile_one *one, struct hash *key, struct err *e)
{
	enum question q = !has_usable_basis(one)       ? QUESTION_FULL
	    : one->sums == NULL && one->recall == NULL ? QUESTION_BASIS
						       : QUESTION_SUMS;
	/* Who has sums must not be asked for them as who recalls some may. */
	enum compile_effort effort =
	    one->recall != NULL ? COMPILE_FAIR : COMPILE_FINAL;

	return question_key(one, q, effort, key, e);
}

/* Is the quick answer there, and what the station has a part of? */
static bool
is_begun(const struct compile_work *work, enum question q, struct blob *out)
{
	const struct compile_one *one = work->one;
	struct hash key;

	return one->part != NULL && is_worth_quick(one) &&
	    question_key(one, q, COMPILE_QUICK, &key, NULL) == 0 &&
	    store_find_blob(work->s, &key, out, NULL) == 0 &&
	    memcmp(out->id.b, one->part, PART_LEN) == 0;
}

/* The answer that lies there, or ERP_NOTFOUND. */
static int
look_up(const struct compile_work *work, enum question q,
    struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct hash key;
	int rc;

	if (is_begun(work, q, &out->blob))
		return 0;
	if ((rc = question_key(one, q, COMPILE_FINAL, &key, e)) != 0 ||
	    (rc = store_find_blob(work->s, &key, &out->blob, e)) !=
		ERP_NOTFOUND ||
	    !is_worth_quick(one))
		return rc;
	out->provisional = true;
	if ((rc = question_key(one, q, COMPILE_QUICK, &key, e)) != 0)
		return rc;
	return store_find_blob(work->s, &key, &out->blob, e);
}

/* The answer that is ready, or ERP_NOTFOUND.  It is as good as what it was
 * made of. */
static int
find_ready(const struct compile_work *work, enum question q,
    struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	int rc = look_up(work, q, out, e);

	if (rc == 0)
		rc = content_vouch(work->s, &one->target, one->target_size, e);
	if (rc == 0 && q == QUESTION_BASIS)
		rc = content_vouch(work->s, &one->basis, one->basis_size, e);
	return rc;
}

/*
 * The rolling checksums may find what a patch did not think worth looking
 * for; that is left to the final answer.
 */
static int
without_patch(const struct compile_work *work, enum compile_effort effort,
    const struct answer_about *about, struct blob *out, struct err *e)
{
	struct signature *sums = NULL;
	int rc;

	if (effort == COMPILE_QUICK) {
		if ((rc = full_find(work, effort, UINT64_MAX, out, e)) == 0)
			rc = answer_share(work->s, about, out, e);
		return rc;
	}
	if ((rc = sums_sign(work, &sums, e)) == 0)
		rc = sums_answer(work, sums, about, out, e);
	signature_free(sums);
	return rc;
}

/* Make the answer from a basis that the store has. */
static int
make_from_basis(const struct compile_work *work, enum compile_effort effort,
    struct blob *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct answer_about about = {
	    .refs = {one->target, one->basis}, .ref_n = 2};
	int rc;

	rc = answer_begin(one, QUESTION_BASIS, effort, &about, e);
	if (rc != 0)
		return rc;
	rc = patch_answer(work, effort, &about, out, e);
	return rc == ANSWER_NONE ? without_patch(work, effort, &about, out, e)
				 : rc;
}

static int
from_basis(
    const struct compile_work *work, struct compile_answer *out, struct err *e)
{
	enum compile_effort effort =
	    is_worth_quick(work->one) ? COMPILE_QUICK : COMPILE_FINAL;
	int rc = find_ready(work, QUESTION_BASIS, out, e);

	return rc != ERP_NOTFOUND
	    ? rc
	    : make_from_basis(work, effort, &out->blob, e);
}

/* Is there a content that the unknown basis is like? */
static bool
has_like(const struct compile_work *work)
{
	const struct compile_one *one = work->one;
	return one->like_size > 0 &&
	    store_has_content(work->s, &one->like, one->like_size);
}

/* The patch that sums of either kind lead to; ANSWER_NONE when there is
 * none of use, or what the basis is like is gone. */
static int
patch_from_sums(const struct compile_work *work, struct signature *sums,
    const struct answer_about *about, struct blob *out, struct err *e)
{
	int rc;

	if (!has_like(work))
		return ANSWER_NONE;
	rc = patch_answer_sums(work, sums, about, out, e);
	return rc != 0 && !has_like(work) ? ANSWER_NONE : rc;
}

static int
from_short_sums(const struct compile_work *work,
    const struct answer_about *about, struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	int rc;

	if (one->sums_len != short_sums_len(one->basis_size))
		return err_set(e, ERP_CORRUPT,
		    "%zu bytes of short sums do not fit a file of %llu",
		    one->sums_len, (unsigned long long)one->basis_size);
	rc = patch_from_sums(work, NULL, about, &out->blob, e);
	if (rc != ANSWER_NONE)
		return rc;
	out->need_sums = true;
	return 0;
}

static int
from_sums(
    const struct compile_work *work, struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct answer_about about = {
	    .refs = {one->target}, .ref_n = 1, .lone = true};
	struct signature *sums = NULL;
	int rc;

	rc = answer_begin(one, QUESTION_SUMS, COMPILE_FINAL, &about, e);
	if (rc != 0)
		return rc;
	rc = store_find_blob(work->s, &about.key, &out->blob, e);
	if (rc != ERP_NOTFOUND)
		return rc;
	if (one->short_sums)
		return from_short_sums(work, &about, out, e);
	if ((rc = sums_take(one, &sums, e)) != 0)
		return rc;
	rc = ANSWER_NONE;
	/* The target itself tells no more than a delta does. */
	if (!hash_equal(&one->like, &one->target))
		rc = patch_from_sums(work, sums, &about, &out->blob, e);
	if (rc == ANSWER_NONE)
		rc = sums_answer(work, sums, &about, &out->blob, e);
	signature_free(sums);
	return rc;
}

/* What was made of sums that were sent once. */
static int
from_recalled(
    const struct compile_work *work, struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct hash key;
	int rc;

	rc = question_key(one, QUESTION_SUMS, COMPILE_FINAL, &key, e);
	if (rc == 0)
		rc = store_find_blob(work->s, &key, &out->blob, e);
	if (rc != ERP_NOTFOUND)
		return rc;
	out->need_sums = true;
	out->short_sums = one->short_sums;
	return 0;
}

static int
whole(
    const struct compile_work *work, struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	enum compile_effort effort =
	    is_worth_quick(one) ? COMPILE_QUICK : COMPILE_FINAL;
	int rc = 0;

	if (one->again)
		rc = content_verify(work->s, &one->target, one->target_size, e);
	if (rc == 0)
		rc = find_ready(work, QUESTION_FULL, out, e);
	return rc != ERP_NOTFOUND
	    ? rc
	    : full_find(work, effort, UINT64_MAX, &out->blob, e);
}

/* The compressed target if no sums and delta could be smaller, else
 * ANSWER_NONE. */
static int
full_if_small(const struct compile_work *work, bool short_sums,
    struct blob *out, struct err *e)
{
	const struct compile_one *one = work->one;
	uint64_t least = DELTA_LEAST;
	struct sig_params params;
	int rc;

	if (one->target_size > SMALL)
		return ANSWER_NONE;
	if ((rc = sig_params_for(one->basis_size, &params, e)) != 0)
		return rc;
	least += short_sums
	    ? short_sums_len(one->basis_size)
	    : sig_length(one->basis_size, &params) - SIG_HEADER_LEN;
	return full_find(work, COMPILE_FAIR, least + 1, out, e);
}

/* Ask for sums: short ones where a content of the same length is at hand, of
 * which the basis may be an edited form with all in its place. */
static int
ask_sums(
    const struct compile_work *work, struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	bool short_sums = one->like_size == one->basis_size &&
	    patch_fits(one) && has_like(work);
	int rc = full_if_small(work, short_sums, &out->blob, e);

	if (rc != ANSWER_NONE)
		return rc;
	out->need_sums = true;
	out->short_sums = short_sums;
	return 0;
}

int
compile_one(
    const struct compile_work *work, struct compile_answer *out, struct err *e)
{
	const struct compile_one *one = work->one;
	struct store *s = work->s;
	int rc;

	if (!has_usable_basis(one))
		return whole(work, out, e);
	if (store_has_content(s, &one->basis, one->basis_size)) {
		rc = from_basis(work, out, e);
		/* A basis that was collected or found damaged meanwhile is
		 * an unknown one; the same fault of the target is final. */
		if (rc == 0 ||
		    store_has_content(s, &one->basis, one->basis_size) ||
		    !store_has_content(s, &one->target, one->target_size))
			return rc;
	}
	memset(out, 0, sizeof(*out));
	if (one->sums != NULL)
		return from_sums(work, out, e);
	return one->recall != NULL ? from_recalled(work, out, e)
				   : ask_sums(work, out, e);
}

bool
compile_is_small(const struct compile_one *one)
{
	return !is_worth_quick(one) && patch_fits(one);
}

int
compile_one_best(const struct compile_work *work, struct err *e)
{
	enum question q =
	    has_usable_basis(work->one) ? QUESTION_BASIS : QUESTION_FULL;
	struct compile_answer ready;
	int rc;

	memset(&ready, 0, sizeof(ready));
	rc = find_ready(work, q, &ready, e);
	if (rc != ERP_NOTFOUND && (rc != 0 || !ready.provisional))
		return rc;
	return q == QUESTION_BASIS
	    ? make_from_basis(work, COMPILE_FINAL, &ready.blob, e)
	    : full_find(work, COMPILE_FINAL, UINT64_MAX, &ready.blob, e);
}
