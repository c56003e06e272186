/*
 * Jobs of a server session: what runs on workers, away from the loop.  The
 * session hands one over with job_submit and hears of it in server_job_done;
 * which are in flight is kept here.
 */
#include "engine/base/crc.h"
#include "engine/base/fs.h"
#include "engine/release/lineage.h"
#include "engine/store/store.h"
#include "engine/tree/manifest.h"
#include "transport/server/server_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct job *
job_new(struct server *s, enum job_kind kind, struct err *e)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		(void)err_nomem(e);
		return NULL;
	}
	job->kind = kind;
	job->session = s;
	job->store = s->env.store;
	atomic_init(&job->cancelled, false);
	if (kind == JOB_READ)
		job->read.fd = -1;
	if (kind == JOB_RELATIVE)
		buf_init(&job->relative.packed, MANIFEST_MAX_BYTES);
	return job;
}

struct job *
job_new_compile(struct server *s, struct err *e)
{
	const struct batch *b = books_next_batch(&s->books);
	struct job *job = job_new(s, JOB_COMPILE, e);
	struct compile_job *c;

	if (job == NULL)
		return NULL;
	c = &job->compile;
	c->offers = calloc(b->n, sizeof(*c->offers));
	c->signatures.v = calloc(b->n, sizeof(*c->signatures.v));
	c->shorts.v = calloc(b->n, sizeof(*c->shorts.v));
	if (c->offers == NULL || c->signatures.v == NULL ||
	    c->shorts.v == NULL) {
		job_free(job);
		(void)err_nomem(e);
		return NULL;
	}
	c->batch = books_take_batch(&s->books);
	assert(c->batch == b);
	job->served = live_release_ref(s->served);
	return job;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	switch (job->kind) {
	case JOB_COMPILE:
		batch_free(job->compile.batch);
		free(job->compile.offers);
		free(job->compile.signatures.v);
		free(job->compile.shorts.v);
		break;
	case JOB_RELATIVE:
		buf_release(&job->relative.packed);
		break;
	case JOB_READ:
		fs_close_quietly(store_fs(job->store), &job->read.fd);
		free(job->read.bytes);
		break;
	}
	live_release_unref(job->served);
	free(job);
}

bool
job_only_reads(const struct job *job)
{
	return job->kind == JOB_READ;
}

/* Where its session keeps a job of this kind while it is in flight. */
static struct job **
slot_of(const struct job *job)
{
	return job->kind == JOB_READ ? &job->session->reading
				     : &job->session->compiling;
}

void
job_submit(struct job *job)
{
	struct server *s = job->session;
	struct job **slot = slot_of(job);

	assert(*slot == NULL && s->state != SERVER_CLOSING);
	assert(job->kind != JOB_COMPILE || job->compile.batch != NULL);
	assert((job->kind == JOB_READ) == (job->served == NULL));
	*slot = job;
	s->env.submit(s->env.ctx, job);
}

void
job_land(struct job *job)
{
	struct job **slot = slot_of(job);

	assert(*slot == job);
	*slot = NULL;
}

static void
orphan(struct job *job)
{
	if (job == NULL)
		return;
	atomic_store(&job->cancelled, true);
	job_land(job);
	job->session = NULL;
}

void
jobs_orphan(struct server *s)
{
	orphan(s->compiling);
	orphan(s->reading);
}

void
job_drop(struct job *job)
{
	if (job->kind == JOB_RELATIVE)
		live_release_end_relative(
		    job->served, &job->relative.from, NULL);
	if (job->session != NULL)
		job_land(job);
	job_free(job);
}

static int
compile_one(struct job *job, size_t i, job_compile_fn *compile, void *ctx)
{
	struct compile_job *c = &job->compile;
	const struct msg_want *want = &c->batch->want[i];
	const struct entry *entry = &job->served->manifest.v[want->index];
	struct compile_request req;
	struct compile_answer answer;
	int rc;

	memset(&req, 0, sizeof(req));
	req.one.target = entry->content.hash;
	req.one.target_size = entry->content.size;
	req.one.has_basis = (want->flags & WANT_HAS_BASIS) != 0;
	req.one.basis = want->basis;
	req.one.basis_size = want->basis_size;
	if (want->flags & WANT_HAS_PART)
		req.one.part = want->part;
	req.one.again = (want->flags & WANT_WHOLE) != 0;
	if (c->batch->sums.len > 0) {
		req.one.sums = buf_data(&c->batch->sums);
		req.one.sums_len = c->batch->sums.len;
		req.one.short_sums = c->batch->short_sums;
	}
	if (c->batch->has_recall) {
		req.one.recall = &c->batch->recall;
		req.one.short_sums = c->batch->short_sums;
	}
	if (job->served->ancestors != NULL) {
		req.one.like = job->served->ancestors[want->index].hash;
		req.one.like_size = job->served->ancestors[want->index].size;
	}
	assert(c->offers_n + c->signatures.n + c->shorts.n == i);
	if ((rc = compile(ctx, &req, &answer, &job->err)) != 0)
		return rc;
	if (answer.need_sums) {
		asked_add(answer.short_sums ? &c->shorts : &c->signatures,
		    want->index);
		return 0;
	}
	offer_add(c, want->index, &answer.blob);
	return 0;
}

/* The store's pieces are those of the wire. */
_Static_assert((int)STORE_PIECE == (int)BULK_PIECE, "pieces");

size_t
piece_len(uint64_t offset, uint64_t len)
{
	return len - offset < BULK_PIECE ? (size_t)(len - offset) : BULK_PIECE;
}

size_t
pieces_between(uint64_t offset, uint64_t len)
{
	return (size_t)((len - offset + BULK_PIECE - 1) / BULK_PIECE);
}

static int
open_blob(struct job *job)
{
	uint64_t len = 0;

	assert(job->read.offset < job->read.len);
	if (job->read.fd >= 0)
		return 0;
	job->read.fd =
	    store_open_blob(job->store, &job->read.blob, &len, &job->err);
	if (job->read.fd < 0)
		return job->read.fd;
	if (len != job->read.len)
		return err_set(&job->err, ERP_CORRUPT,
		    "blob has %" PRIu64 " bytes, not %" PRIu64, len,
		    job->read.len);
	return 0;
}

static int
read_bytes(struct job *job, uint8_t *p, size_t n, uint64_t offset)
{
	int64_t got =
	    fs_pread(store_fs(job->store), job->read.fd, p, n, offset);

	if (got < 0)
		return err_sys(&job->err, (int)-got, "read", "blob");
	if ((size_t)got != n)
		return err_set(&job->err, ERP_CORRUPT, "blob ended early");
	return 0;
}

/*
 * The pieces will be sent from the file by the thread of the loop, which must
 * not wait for a disk: have them read in.  A hint, whose result does not
 * matter; the last byte comes when the others have, as a rule.
 */
static int
read_ahead(struct job *job)
{
	uint64_t end =
	    job->read.offset + (uint64_t)job->read.crcs_n * BULK_PIECE;
	uint8_t last;

	if (end > job->read.len)
		end = job->read.len;
	fs_readahead(store_fs(job->store), job->read.fd, job->read.offset,
	    end - job->read.offset);
	return read_bytes(job, &last, 1, end - 1);
}

/* The CRCs of the next pieces, which are not those that the store knows. */
static int
read_crcs(struct job *job)
{
	uint8_t *piece = malloc(BULK_PIECE);
	uint64_t offset = job->read.offset;
	int rc = 0;
	size_t i, n;

	if (piece == NULL)
		return err_nomem(&job->err);
	for (i = 0; i < job->read.crcs_n && rc == 0; i++, offset += n) {
		n = piece_len(offset, job->read.len);
		if ((rc = read_bytes(job, piece, n, offset)) == 0)
			job->read.crcs[i] = crc_add(0, piece, n);
	}
	free(piece);
	return rc;
}

static int
read_blob(struct job *job)
{
	size_t n = piece_len(job->read.offset, job->read.len);
	int rc;

	if ((rc = open_blob(job)) != 0)
		return rc;
	if (job->read.len > SMALL_BLOB)
		return job->read.offset % BULK_PIECE == 0 &&
			store_blob_crcs(job->store, &job->read.blob,
			    (size_t)(job->read.offset / BULK_PIECE),
			    job->read.crcs_n, job->read.crcs)
		    ? read_ahead(job)
		    : read_crcs(job);
	if ((job->read.bytes = malloc(n)) == NULL)
		return err_nomem(&job->err);
	return read_bytes(job, job->read.bytes, n, job->read.offset);
}

/* Has nobody waited for it any more?  Then it ends so. */
static bool
is_cancelled(struct job *job)
{
	if (!atomic_load(&job->cancelled))
		return false;
	job->rc = err_set(&job->err, ERP_CANCELLED, "the session is gone");
	return true;
}

static int
compile_all(struct job *job, job_compile_fn *compile, void *ctx)
{
	size_t i;
	int rc = 0;

	if (job->compile.batch->members != NULL)
		return group_run(job, compile, ctx);
	for (i = 0; rc == 0 && i < job->compile.batch->n; i++) {
		if (is_cancelled(job))
			return job->rc;
		rc = compile_one(job, i, compile, ctx);
	}
	return rc;
}

void
job_run(struct job *job, job_compile_fn *compile, void *ctx)
{
	assert(job->rc == 0);
	if (is_cancelled(job))
		return;
	switch (job->kind) {
	case JOB_COMPILE:
		job->rc = compile_all(job, compile, ctx);
		break;
	case JOB_RELATIVE:
		job->rc = live_release_relate(
		    job->served, job->store, &job->relative, &job->err);
		break;
	case JOB_READ:
		job->rc = read_blob(job);
		break;
	}
}
