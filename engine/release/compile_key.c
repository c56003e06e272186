/*
 * The key under which an answer is kept, and its way into the store; the level
 * it is packed with, and whether anybody still waits for it.  Which answer is
 * made is for compile_road.c, and what roads have in common for all of them.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/codec.h"

#include <assert.h>
#include <string.h>

enum {
	LEVEL_FINAL = 19,
	LEVEL_FAIR = 12,
	/* Above this size level 9: 100 MB of program code take 3 s instead of
	 * 7 and come out 1.3 % larger. */
	LEVEL_FAIR_LARGE = 9,
	FAIR_LARGE = 8 * 1024 * 1024,
	/* For stations that wait; 250 MB in a second. */
	LEVEL_QUICK = 3
};

int
compile_level(uint64_t size, enum compile_effort effort)
{
	if (effort == COMPILE_FINAL)
		return LEVEL_FINAL;
	if (effort == COMPILE_QUICK && size >= QUICK_FROM)
		return LEVEL_QUICK;
	return size > FAIR_LARGE ? LEVEL_FAIR_LARGE : LEVEL_FAIR;
}

bool
compile_is_stopped(const struct compile_how *how)
{
	return how->stop != NULL && how->stop->is_set(how->stop->ctx);
}

int
question_key(const struct compile_one *one, enum question q,
    enum compile_effort effort, struct hash *key, struct err *e)
{
	uint8_t bytes[8 + 2 * HASH_LEN + 2 * 8];
	struct hash from;
	int rc = 0;

	assert(q != QUESTION_BASIS || one->has_basis);
	assert(q != QUESTION_SUMS || one->sums != NULL || one->recall != NULL);
	memset(&from, 0, sizeof(from));
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = FORMAT_ONE;
	bytes[1] = (uint8_t)q;
	bytes[2] = (uint8_t)effort;
	bytes[3] = q == QUESTION_SUMS && one->short_sums;
	store_u64(bytes + 8, one->target_size);
	memcpy(bytes + 24, one->target.b, HASH_LEN);
	if (q == QUESTION_BASIS)
		from = one->basis;
	else if (q == QUESTION_SUMS && one->sums == NULL)
		from = *one->recall;
	else if (q == QUESTION_SUMS)
		rc = hash_bytes(one->sums, one->sums_len, &from, e);
	if (q != QUESTION_FULL)
		store_u64(bytes + 16, one->basis_size);
	memcpy(bytes + 24 + HASH_LEN, from.b, HASH_LEN);
	return rc == 0 ? hash_bytes(bytes, sizeof(bytes), key, e) : rc;
}

int
answer_begin(const struct compile_one *one, enum question q,
    enum compile_effort effort, struct answer_about *about, struct err *e)
{
	int rc = question_key(one, q, effort, &about->key, e);

	if (rc != 0 || effort != COMPILE_FINAL || q == QUESTION_SUMS)
		return rc;
	about->may_be_quick = true;
	return question_key(one, q, COMPILE_QUICK, &about->quick, e);
}

/* Is there a quick answer that is no larger than len bytes? */
static bool
quick_stays(const struct store *s, const struct answer_about *about,
    uint64_t len, struct blob *out)
{
	struct blob quick;

	if (!about->may_be_quick ||
	    !store_peek_blob(s, &about->quick, &quick) || quick.len > len)
		return false;
	*out = quick;
	return true;
}

int
answer_share(struct store *s, const struct answer_about *about,
    struct blob *out, struct err *e)
{
	assert(about->ref_n >= 1 && about->ref_n <= BLOB_MAX_REFS);
	(void)quick_stays(s, about, out->len, out);
	return store_add_key(s, &about->key, out, about->refs, about->ref_n, e);
}

int
answer_commit(struct store *s, struct blob_writer *w,
    const struct answer_about *about, enum codec codec, struct blob *out,
    struct err *e)
{
	size_t i;

	assert(about->ref_n >= 1 && about->ref_n <= BLOB_MAX_REFS);
	if (quick_stays(s, about, blob_writer_len(w), out)) {
		store_blob_abort(w);
		return store_add_key(
		    s, &about->key, out, about->refs, about->ref_n, e);
	}
	for (i = 0; i < about->ref_n; i++)
		blob_writer_refer(w, &about->refs[i]);
	if (about->lone)
		blob_writer_set_lone(w);
	return store_blob_commit(w, &about->key, codec, out, e);
}
