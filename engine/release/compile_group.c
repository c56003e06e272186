/*
 * Groups: many small files are one stream, so that what they have in common
 * is written once, and each costs no blob of its own.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/known.h"
#include "engine/delta/pack.h"
#include "engine/delta/patch/patch.h"
#include "engine/delta/short_sums.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Of a group without bases: 8 MiB take half a second, or five. */
	LEVEL = 12,
	LEVEL_BEST = 19,
	/* A patch that shrinks the targets this much is not compared with
	 * their compression. */
	PATCH_IS_GOOD = 16,
	/* Above these, bases and targets together, less care is taken: a
	 * station waits, one alone where there are sums. */
	BEST_UP_TO = 8 * 1024 * 1024,
	BEST_SUMS_UP_TO = 2 * 1024 * 1024,
	BEST_FULL_UP_TO = 1024 * 1024 /* targets without any basis */
};

/* How a group is made. */
struct making {
	enum compile_effort effort; /* its key's: FINAL or QUICK */
	enum patch_effort patch;
	int level;
	const struct compile_stop *stop; /* or NULL */
};

/* The contents of all members, one behind the other. */
struct joined {
	uint8_t *bases, *targets;
	size_t bases_len, targets_len;
	/* Bytes of bases that sums do not tell. */
	struct patch_gap *gap;
	size_t gap_n;
};

/* What a station waits for. */
static struct making
making_waited(const struct compile_group *group)
{
	uint64_t bases = 0, targets = 0;
	struct making how = {COMPILE_FINAL, PATCH_BEST, LEVEL, NULL};
	bool has_sums = false;
	size_t i;

	for (i = 0; i < group->n; i++) {
		bases += group->members[i].basis_size;
		targets += group->members[i].target_size;
		has_sums |= group->members[i].sums != NULL;
	}
	if (bases + targets > (has_sums ? BEST_SUMS_UP_TO : BEST_UP_TO))
		how.patch = PATCH_FAIR;
	if (targets <= BEST_FULL_UP_TO)
		how.level = LEVEL_BEST;
	/* What is one station's has one answer only. */
	if (!has_sums &&
	    (bases == 0 ? how.level != LEVEL_BEST : how.patch != PATCH_BEST))
		how.effort = COMPILE_QUICK;
	return how;
}

/* The hash of the sums of all members, one's behind the other's. */
static int
sums_hash(const struct compile_group *group, struct hash *out, struct err *e)
{
	const struct compile_member *m;
	struct hasher *h;
	int rc;

	if (group->recall != NULL) {
		*out = *group->recall;
		return 0;
	}
	if ((rc = hasher_new(&h, e)) != 0)
		return rc;
	for (m = group->members; rc == 0 && m < group->members + group->n; m++)
		if (m->sums != NULL)
			rc = hasher_update(h, m->sums,
			    (size_t)short_sums_len(m->basis_size), e);
	if (rc == 0)
		rc = hasher_final(h, out, e);
	hasher_free(h);
	return rc;
}

static int
group_key(const struct compile_group *group, enum compile_effort effort,
    struct hash *key, struct err *e)
{
	uint8_t bytes[2 * (HASH_LEN + 8)] = {
	    FORMAT_GROUP, 'g', (uint8_t)effort};
	const struct compile_member *m = group->members;
	struct hash sums;
	struct hasher *h;
	size_t i;
	int rc;

	if ((rc = sums_hash(group, &sums, e)) != 0 ||
	    (rc = hasher_new(&h, e)) != 0)
		return rc;
	rc = hasher_update(h, bytes, sizeof(bytes), e);
	for (i = 0; rc == 0 && i < group->n; i++, m++) {
		memset(bytes, 0, sizeof(bytes));
		store_u64(bytes, m->target_size);
		store_u64(bytes + 8, m->basis_size);
		memcpy(bytes + 16, m->target.b, HASH_LEN);
		if (m->basis_size > 0 && m->sums == NULL)
			memcpy(bytes + 16 + HASH_LEN, m->basis.b, HASH_LEN);
		rc = hasher_update(h, bytes, sizeof(bytes), e);
	}
	if (rc == 0)
		rc = hasher_update(h, sums.b, HASH_LEN, e);
	if (rc == 0)
		rc = hasher_final(h, key, e);
	hasher_free(h);
	return rc;
}

int
compile_group_key(
    const struct compile_group *group, struct hash *key, struct err *e)
{
	/* Who has sums must not be told as who recalls some may be. */
	return group_key(group,
	    group->recall != NULL ? COMPILE_FAIR : COMPILE_FINAL, key, e);
}

/* Contents that could not be had; the first of them is told. */
struct losses {
	int rc; /* 0: none */
	struct err *e;
};

/* Read one content; that it is gone or damaged is only noted. */
static int
read_noting(struct store *s, const struct hash *want, uint64_t size,
    uint8_t *to, struct losses *lost)
{
	struct err later;
	int rc = content_read(s, want, size, to, lost->rc ? &later : lost->e);

	if (rc != ERP_NOTFOUND && rc != ERP_CORRUPT) {
		if (rc != 0 && lost->rc != 0 && lost->e != NULL)
			*lost->e = later;
		return rc;
	}
	if (lost->rc == 0)
		lost->rc = rc;
	return 0;
}

/* The gaps of a member whose basis begins at offset base. */
static int
add_gaps(struct joined *j, const struct known *k, uint64_t base, struct err *e)
{
	struct patch_gap *v;
	size_t i;

	if (k->gap_n == 0)
		return 0;
	v = reallocarray(j->gap, j->gap_n + k->gap_n, sizeof(*v));
	if (v == NULL)
		return err_nomem(e);
	j->gap = v;
	for (i = 0; i < k->gap_n; i++)
		v[j->gap_n++] = (struct patch_gap){
		    base + k->gap[i].from, base + k->gap[i].to};
	return 0;
}

/* Put what short sums tell of a member's basis at basis.  What it is like may
 * be gone: then its target has to do. */
static int
recall_basis(struct store *s, const struct compile_member *m,
    const uint8_t *target, struct joined *j, uint8_t *basis, struct err *e)
{
	struct known_like v[2] = {{NULL, 0}, {target, (size_t)m->target_size}};
	struct known k = {.gap_n = 0};
	struct held like = {.p = NULL};
	struct err why;
	int rc;

	if (m->like_size == m->basis_size &&
	    content_hold(s, &m->like, m->like_size, &like, &why) == 0)
		v[0] = (struct known_like){like.p, like.n};
	rc = known_find_short(m->sums, (size_t)m->basis_size, v, 2, &k, e);
	if (rc == 0) {
		assert(k.len == m->basis_size);
		memcpy(basis, k.bytes, k.len);
		rc = add_gaps(j, &k, (uint64_t)(basis - j->bases), e);
	}
	known_release(&k);
	content_release(&like);
	return rc;
}

/* Read every content, whatever is lost, so that who asks again without the
 * lost ones has to ask no more than once. */
static int
join(struct store *s, const struct compile_group *group, struct joined *j,
    struct err *e)
{
	const struct compile_member *m = group->members;
	uint8_t *basis = j->bases, *target = j->targets;
	struct losses lost = {0, e};
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < group->n; i++, m++) {
		if (m->basis_size > 0 && m->sums == NULL)
			rc = read_noting(
			    s, &m->basis, m->basis_size, basis, &lost);
		if (rc == 0)
			rc = read_noting(
			    s, &m->target, m->target_size, target, &lost);
		if (rc == 0 && lost.rc == 0 && m->sums != NULL)
			rc = recall_basis(s, m, target, j, basis, e);
		basis += m->basis_size;
		target += m->target_size;
	}
	assert(rc != 0 || basis == j->bases + j->bases_len);
	assert(rc != 0 || target == j->targets + j->targets_len);
	return rc != 0 ? rc : lost.rc;
}

static int
joined_make(struct store *s, const struct compile_group *group,
    struct joined *out, struct err *e)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < group->n; i++) {
		out->bases_len += (size_t)group->members[i].basis_size;
		out->targets_len += (size_t)group->members[i].target_size;
	}
	out->bases = malloc(out->bases_len + 1);
	out->targets = malloc(out->targets_len + 1);
	if (out->bases == NULL || out->targets == NULL)
		return err_nomem(e);
	return join(s, group, out, e);
}

static int
make_patch(const struct joined *j, const struct making *how, struct buf *blob,
    struct err *e)
{
	struct patch_pair pair = {.basis = j->bases,
	    .basis_len = j->bases_len,
	    .target = j->targets,
	    .target_len = j->targets_len,
	    .gap = j->gap,
	    .gap_n = j->gap_n,
	    .effort = how->patch};
	struct sink to = sink_of_buf(blob);

	if (how->stop != NULL) {
		pair.is_cancelled = how->stop->is_set;
		pair.ctx = how->stop->ctx;
	}
	return j->bases_len == 0 ? PATCH_NONE
				 : patch_make_smallest(&pair, &to, e);
}

/* The patch, or the compressed targets where they have little in common with
 * the bases: the smaller one. */
static int
make_smaller(const struct joined *j, const struct making *how, struct buf *blob,
    enum codec *codec, struct err *e)
{
	struct mem_stream m = {j->targets, j->targets_len, 0};
	struct source src = source_of_mem(&m);
	struct sink to;
	struct buf full;
	int rc = make_patch(j, how, blob, e);

	*codec = CODEC_PATCH;
	if (rc < 0)
		return rc;
	if (rc == 0 && blob->len < j->targets_len / PATCH_IS_GOOD)
		return 0;
	buf_init(&full, SIZE_MAX);
	to = sink_of_buf(&full);
	if ((rc = pack_full(&src, j->targets_len, how->level, &to, e)) == 0 &&
	    (blob->len == 0 || full.len < blob->len)) {
		buf_release(blob);
		*blob = full;
		*codec = CODEC_FULL;
		return 0;
	}
	buf_release(&full);
	return rc;
}

static int
blob_store(struct store *s, const struct answer_about *about,
    const struct buf *bytes, enum codec codec, struct blob *out, struct err *e)
{
	struct blob_writer *w;
	struct sink to;
	int rc;

	if ((rc = store_blob_begin(s, &w, e)) != 0)
		return rc;
	to = blob_writer_sink(w);
	if ((rc = to.write(to.ctx, buf_data(bytes), bytes->len, e)) == 0)
		return answer_commit(s, w, about, codec, out, e);
	store_blob_abort(w);
	return rc;
}

/* An answer made before is as good as what it was made of. */
static int
vouch_all(struct store *s, const struct compile_group *group, struct err *e)
{
	const struct compile_member *m = group->members;
	struct losses lost = {0, e};
	struct err later;
	size_t i;
	int rc;

	for (i = 0; i < group->n; i++, m++) {
		rc = content_vouch(s, &m->target, m->target_size, &later);
		if (rc == 0 && m->basis_size > 0 && m->sums == NULL)
			rc = content_vouch(s, &m->basis, m->basis_size, &later);
		if (rc != 0 && lost.rc == 0) {
			lost.rc = rc;
			if (e != NULL)
				*e = later;
		}
		if (rc != 0 && rc != ERP_CORRUPT)
			break;
	}
	return lost.rc;
}

/* The answer of this effort that lies there, or ERP_NOTFOUND. */
static int
find_ready(struct store *s, const struct compile_group *group,
    enum compile_effort effort, struct blob *out, struct err *e)
{
	struct hash key;
	int rc;

	if ((rc = group_key(group, effort, &key, e)) != 0 ||
	    (rc = store_find_blob(s, &key, out, e)) != 0)
		return rc;
	return vouch_all(s, group, e);
}

/* What the answer is kept under.  One of its contents has to stand for all of
 * them; other stations may have all the same files, or not. */
static int
about_group(const struct compile_group *group, enum compile_effort effort,
    struct answer_about *about, struct err *e)
{
	int rc;

	assert(group->n > 0);
	*about = (struct answer_about){.refs = {group->members[0].target},
	    .ref_n = 1,
	    .lone = true,
	    .may_be_quick = effort == COMPILE_FINAL};
	if ((rc = group_key(group, effort, &about->key, e)) != 0)
		return rc;
	return group_key(group, COMPILE_QUICK, &about->quick, e);
}

static int
make(struct store *s, const struct compile_group *group,
    const struct making *how, struct blob *out, struct err *e)
{
	struct answer_about about;
	enum codec codec;
	struct joined j;
	struct buf blob;
	int rc;

	if ((rc = about_group(group, how->effort, &about, e)) != 0)
		return rc;
	buf_init(&blob, SIZE_MAX);
	if ((rc = joined_make(s, group, &j, e)) == 0 &&
	    (rc = make_smaller(&j, how, &blob, &codec, e)) == 0)
		rc = blob_store(s, &about, &blob, codec, out, e);
	buf_release(&blob);
	free(j.bases);
	free(j.targets);
	free(j.gap);
	return rc;
}

int
compile_group(struct store *s, const struct compile_group *group,
    struct blob *out, struct err *e)
{
	const struct making how = making_waited(group);
	int rc = find_ready(s, group, COMPILE_FINAL, out, e);

	if (group->recall != NULL)
		return rc;
	if (rc == ERP_NOTFOUND && how.effort != COMPILE_FINAL)
		rc = find_ready(s, group, how.effort, out, e);
	return rc != ERP_NOTFOUND ? rc : make(s, group, &how, out, e);
}

int
compile_group_best(struct store *s, const struct compile_group *group,
    const struct compile_stop *stop, struct err *e)
{
	const struct making how = {COMPILE_FINAL, PATCH_BEST, LEVEL_BEST, stop};
	struct blob ready;
	int rc = find_ready(s, group, COMPILE_FINAL, &ready, e);

	return rc != ERP_NOTFOUND ? rc : make(s, group, &how, &ready, e);
}
