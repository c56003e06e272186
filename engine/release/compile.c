/*
 * Which blob answers a station's want: the compressed file or a delta,
 * whichever is smaller, made once and found by its key from then on.
 */
#include "engine/release/compile_internal.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "engine/delta/signature.h"

#include <stdbool.h>
#include <string.h>

enum {
	KEY_FORMAT = 2, /* to be raised when the making of blobs changes */
	LEVEL = 12,
	/* Above this size level 9: 100 MB of program code take 3 s instead of
	 * 7 and come out 1.3 % larger. */
	LEVEL_FAST = 9,
	LEVEL_FAST_FROM = 8 * 1024 * 1024,
	/* Targets up to here are compressed before a signature is asked for,
	 * which often is not worth its bytes then. */
	SMALL = 64 * 1024,
	/* The least a delta and its two messages take. */
	DELTA_LEAST = 64
};

enum question { FULL = 'f', FROM_BASIS = 'b', FROM_SUMS = 's', PATCH = 'p' };

static int
level_for(uint64_t size)
{
	return size > LEVEL_FAST_FROM ? LEVEL_FAST : LEVEL;
}

static bool
has_usable_basis(const struct compile_request *req)
{
	return req->has_basis && req->basis_size > 0 && req->target_size > 0;
}

static int
make_key(const struct compile_request *req, enum question q, struct hash *key,
    struct err *e)
{
	uint8_t bytes[8 + 2 * HASH_LEN + 2 * 8];
	struct hash from;
	int rc = 0;

	memset(&from, 0, sizeof(from));
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = KEY_FORMAT;
	bytes[1] = (uint8_t)q;
	bytes[2] = (uint8_t)level_for(req->target_size);
	store_u64(bytes + 8, req->target_size);
	memcpy(bytes + 24, req->target.b, HASH_LEN);
	if (q == FROM_BASIS || q == PATCH)
		from = req->basis;
	else if (q == FROM_SUMS)
		rc = hash_bytes(req->sums, req->sums_len, &from, e);
	if (q != FULL)
		store_u64(bytes + 16, req->basis_size);
	memcpy(bytes + 24 + HASH_LEN, from.b, HASH_LEN);
	return rc == 0 ? hash_bytes(bytes, sizeof(bytes), key, e) : rc;
}

int
compile_key(const struct compile_request *req, struct hash *key, struct err *e)
{
	enum question q = !has_usable_basis(req) ? FULL
	    : req->sums == NULL                  ? FROM_BASIS
						 : FROM_SUMS;

	if (req->members_n > 0)
		return compile_group_key(req, key, e);
	return make_key(req, q, key, e);
}

/* A content of the store that hashes itself while it is read. */
struct checked {
	struct store *s;
	struct hash want;
	uint64_t size;
	struct file_stream file;
	struct source inner;
	struct hasher *hasher;
	uint64_t count;
};

static int64_t
checked_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct checked *c = ctx;
	int64_t got = c->inner.read(c->inner.ctx, p, n, e);
	int rc;

	if (got <= 0)
		return got;
	if ((rc = hasher_update(c->hasher, p, (size_t)got, e)) != 0)
		return rc;
	c->count += (uint64_t)got;
	return got;
}

static int
checked_open(struct checked *c, struct store *s, const struct hash *want,
    uint64_t size, struct err *e)
{
	uint64_t real;
	int rc;

	memset(c, 0, sizeof(*c));
	c->s = s;
	c->want = *want;
	c->size = size;
	c->file.fs = store_fs(s);
	c->file.path = "content in the state folder";
	c->inner = source_of_file(&c->file);
	if ((c->file.fd = store_open_content(s, want, &real, e)) < 0)
		return c->file.fd;
	if ((rc = hasher_new(&c->hasher, e)) != 0)
		fs_close_quietly(c->file.fs, &c->file.fd);
	return rc;
}

/*
 * Close; was all of it read, and was it what its name says?  Damage is noticed
 * here rather than by every station; rc, a failure so far, stays otherwise.
 */
static int
checked_close(struct checked *c, int rc, struct err *e)
{
	char hex[HASH_HEX_LEN + 1];
	struct hash got;

	fs_close_quietly(c->file.fs, &c->file.fd);
	if ((rc == 0 || rc == ERP_MISMATCH) &&
	    hasher_final(c->hasher, &got, e) == 0 &&
	    (c->count != c->size || !hash_equal(&got, &c->want))) {
		store_drop_content(c->s, &c->want);
		hash_hex(&c->want, hex);
		rc = err_set(e, ERP_CORRUPT,
		    "content %s in the state folder was damaged and is "
		    "removed; publish again",
		    hex);
	}
	hasher_free(c->hasher);
	return rc;
}

/* A sink that refuses to grow beyond what is worth making. */
struct capped {
	struct sink inner;
	uint64_t left;
	bool full;
};

static int
capped_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct capped *c = ctx;

	if (n > c->left) {
		c->full = true;
		return err_set(e, ERP_CANCELLED, "larger than needed");
	}
	c->left -= n;
	return c->inner.write(c->inner.ctx, p, n, e);
}

/*
 * The compressed target, from the store or made.  ERP_CANCELLED when it would
 * not be smaller than below bytes.
 */
static int
find_full(struct store *s, const struct compile_request *req, uint64_t below,
    struct blob *out, struct err *e)
{
	struct capped cap = {.left = below - 1};
	struct sink to = {capped_write, &cap};
	struct blob_writer *w = NULL;
	struct checked target;
	struct source src = {checked_read, &target};
	struct hash key;
	int rc;

	if ((rc = make_key(req, FULL, &key, e)) != 0)
		return rc;
	if ((rc = store_find_blob(s, &key, out, e)) != ERP_NOTFOUND)
		return rc == 0 && out->len >= below ? ERP_CANCELLED : rc;
	rc = checked_open(&target, s, &req->target, req->target_size, e);
	if (rc != 0)
		return rc;
	if ((rc = store_blob_begin(s, &w, e)) == 0) {
		cap.inner = blob_writer_sink(w);
		rc = pack_full(&src, req->target_size,
		    level_for(req->target_size), &to, e);
	}
	if (cap.full)
		rc = ERP_CANCELLED;
	if ((rc = checked_close(&target, rc, e)) != 0) {
		store_blob_abort(w);
		return rc;
	}
	blob_writer_refer(w, &req->target);
	return store_blob_commit(w, &key, CODEC_FULL, out, e);
}

/*
 * Write the delta that sig leads to, and make the smaller of it and the
 * compressed file the answer to key.
 */
static int
answer_delta(struct store *s, const struct compile_request *req,
    struct signature *sig, enum question q, struct blob *out, struct err *e)
{
	struct hash key, refs[BLOB_MAX_REFS] = {req->target, req->basis};
	size_t ref_n = q == FROM_BASIS ? 2 : 1;
	struct blob_writer *w = NULL;
	struct checked target;
	struct source src = {checked_read, &target};
	struct sink to;
	int rc;

	if ((rc = make_key(req, q, &key, e)) != 0)
		return rc;
	rc = checked_open(&target, s, &req->target, req->target_size, e);
	if (rc != 0)
		return rc;
	if ((rc = store_blob_begin(s, &w, e)) == 0) {
		to = blob_writer_sink(w);
		rc = pack_rsync(sig, &src, level_for(req->target_size), &to, e);
	}
	if ((rc = checked_close(&target, rc, e)) == 0)
		rc = find_full(s, req, blob_writer_len(w), out, e);
	if (rc == ERP_CANCELLED) {
		blob_writer_refer(w, &refs[0]);
		if (ref_n > 1)
			blob_writer_refer(w, &refs[1]);
		return store_blob_commit(w, &key, CODEC_RSYNC, out, e);
	}
	store_blob_abort(w);
	if (rc == 0)
		rc = store_add_key(s, &key, out, refs, ref_n, e);
	return rc;
}

/* The signature of a basis that the store has. */
static int
sign_basis(struct store *s, const struct compile_request *req,
    struct signature **out, struct err *e)
{
	struct sig_params params;
	struct checked basis;
	struct source src = {checked_read, &basis};
	struct sink to;
	struct buf bytes;
	int rc;

	if ((rc = sig_params_for(req->basis_size, &params, e)) != 0)
		return rc;
	rc = checked_open(&basis, s, &req->basis, req->basis_size, e);
	if (rc != 0)
		return rc;
	buf_init(&bytes, sig_length(req->basis_size, &params));
	to = sink_of_buf(&bytes);
	rc = signature_make(&src, &params, &to, e);
	rc = checked_close(&basis, rc, e);
	if (rc == 0)
		rc = signature_load(buf_data(&bytes), bytes.len, out, e);
	buf_release(&bytes);
	return rc;
}

/* The signature that a station sent without its header. */
static int
take_sums(
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

static int
from_signature(struct store *s, const struct compile_request *req,
    enum question q, struct blob *out, struct err *e)
{
	struct signature *sig = NULL;
	struct hash key;
	int rc;

	if ((rc = make_key(req, q, &key, e)) != 0)
		return rc;
	if ((rc = store_find_blob(s, &key, out, e)) != ERP_NOTFOUND)
		return rc;
	rc = q == FROM_BASIS ? sign_basis(s, req, &sig, e)
			     : take_sums(req, &sig, e);
	if (rc == 0)
		rc = answer_delta(s, req, sig, q, out, e);
	signature_free(sig);
	return rc;
}

/*
 * The patch from a basis that the store has, or the compressed file where
 * that is smaller.  ERP_CANCELLED when the two contents have too little in
 * common: the rolling checksums may still find something.
 */
static int
from_patch(struct store *s, const struct compile_request *req, struct blob *out,
    struct err *e)
{
	struct hash key, refs[BLOB_MAX_REFS] = {req->target, req->basis};
	struct blob_writer *w = NULL;
	int rc;

	if (!patch_is_possible(req))
		return ERP_CANCELLED;
	if ((rc = make_key(req, PATCH, &key, e)) != 0)
		return rc;
	if ((rc = store_find_blob(s, &key, out, e)) != ERP_NOTFOUND)
		return rc;
	if ((rc = store_blob_begin(s, &w, e)) != 0)
		return rc;
	if ((rc = patch_write(s, req, w, e)) == 0 &&
	    (rc = find_full(s, req, blob_writer_len(w), out, e)) ==
		ERP_CANCELLED) {
		blob_writer_refer(w, &refs[0]);
		blob_writer_refer(w, &refs[1]);
		return store_blob_commit(w, &key, CODEC_PATCH, out, e);
	}
	store_blob_abort(w);
	if (rc == 0)
		rc = store_add_key(s, &key, out, refs, 2, e);
	return rc;
}

/* The best blob from a basis that the store has. */
static int
from_basis(struct store *s, const struct compile_request *req, struct blob *out,
    struct err *e)
{
	struct hash key;
	int rc;

	/* Known not to be worth a patch? */
	if ((rc = make_key(req, FROM_BASIS, &key, e)) != 0 ||
	    (rc = store_find_blob(s, &key, out, e)) != ERP_NOTFOUND)
		return rc;
	if ((rc = from_patch(s, req, out, e)) != ERP_CANCELLED)
		return rc;
	return from_signature(s, req, FROM_BASIS, out, e);
}

/* The compressed target if no signature and delta could be smaller, else
 * ERP_CANCELLED. */
static int
full_if_small(struct store *s, const struct compile_request *req,
    struct blob *out, struct err *e)
{
	struct sig_params params;
	uint64_t least = DELTA_LEAST;
	int rc;

	if (req->target_size > SMALL)
		return ERP_CANCELLED;
	if ((rc = sig_params_for(req->basis_size, &params, e)) != 0)
		return rc;
	least += sig_length(req->basis_size, &params) - SIG_HEADER_LEN;
	return find_full(s, req, least + 1, out, e);
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
		return find_full(s, req, UINT64_MAX, &out->blob, e);
	if (store_has_content(s, &req->basis, req->basis_size)) {
		rc = from_basis(s, req, &out->blob, e);
		/* A basis that was collected or found damaged meanwhile is
		 * an unknown one; the same fault of the target is final. */
		if (rc == 0 ||
		    store_has_content(s, &req->basis, req->basis_size) ||
		    !store_has_content(s, &req->target, req->target_size))
			return rc;
	}
	if (req->sums != NULL)
		return from_signature(s, req, FROM_SUMS, &out->blob, e);
	rc = full_if_small(s, req, &out->blob, e);
	if (rc != ERP_CANCELLED)
		return rc;
	out->need_signature = true;
	return 0;
}
