/* Jobs of a server session: what runs on workers, away from the loop. */
#include "engine/base/crc.h"
#include "engine/base/fs.h"
#include "engine/release/lineage.h"
#include "engine/store/store.h"
#include "engine/tree/manifest.h"
#include "transport/server/server_internal.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct job *
job_new(struct server *s, enum job_kind kind, struct err *e)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		(void)err_set(e, ERP_NOMEM, "out of memory");
		return NULL;
	}
	job->kind = kind;
	job->session = s;
	job->store = s->env.store;
	job->fd = -1;
	atomic_init(&job->cancelled, false);
	buf_init(&job->packed, MANIFEST_MAX_BYTES);
	return job;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	fs_close_quietly(store_fs(job->store), &job->fd);
	live_release_unref(job->served);
	batch_free(job->batch);
	buf_release(&job->packed);
	free(job->offers);
	free(job->bytes);
	free(job);
}

bool
job_only_reads(const struct job *job)
{
	return job->kind == JOB_READ;
}

void
job_drop(struct job *job)
{
	if (job->kind == JOB_RELATIVE)
		live_release_end_relative(job->served, &job->from, NULL);
	if (job->session != NULL && job->session->compiling == job)
		job->session->compiling = NULL;
	if (job->session != NULL && job->session->reading == job)
		job->session->reading = NULL;
	job_free(job);
}

static int
compile_one(struct job *job, size_t i, job_compile_fn *compile, void *ctx)
{
	const struct msg_want *want = &job->batch->want[i];
	const struct entry *entry = &job->served->manifest.v[want->index];
	struct msg_offer *offer = &job->offers[job->offers_n];
	struct compile_request req;
	struct compile_answer answer;
	int rc;

	memset(&req, 0, sizeof(req));
	req.target = entry->hash;
	req.target_size = entry->size;
	req.has_basis = (want->flags & WANT_HAS_BASIS) != 0;
	req.basis = want->basis;
	req.basis_size = want->basis_size;
	if (want->flags & WANT_HAS_PART)
		req.part = want->part;
	req.again = (want->flags & WANT_WHOLE) != 0;
	if (job->batch->sums.len > 0) {
		req.sums = buf_data(&job->batch->sums);
		req.sums_len = job->batch->sums.len;
		req.short_sums = job->batch->short_sums;
	}
	if (job->served->ancestors != NULL) {
		req.like = job->served->ancestors[want->index].hash;
		req.like_size = job->served->ancestors[want->index].size;
	}
	if ((rc = compile(ctx, &req, &answer, &job->err)) != 0)
		return rc;
	offer->index = want->index;
	job->offers_n++;
	if (answer.need_sums) {
		offer->codec =
		    answer.short_sums ? OFFER_ASK_SHORT : OFFER_ASK_SUMS;
		return 0;
	}
	offer->codec = (uint8_t)answer.blob.codec;
	offer->blob = answer.blob.id;
	offer->len = answer.blob.len;
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

	if (job->fd >= 0)
		return 0;
	job->fd = store_open_blob(job->store, &job->blob, &len, &job->err);
	if (job->fd < 0)
		return job->fd;
	if (len != job->len)
		return err_set(&job->err, ERP_CORRUPT,
		    "blob has %" PRIu64 " bytes, not %" PRIu64, len, job->len);
	return 0;
}

static int
read_bytes(struct job *job, uint8_t *p, size_t n, uint64_t offset)
{
	int64_t got = fs_pread(store_fs(job->store), job->fd, p, n, offset);

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
	uint64_t end = job->offset + (uint64_t)job->crcs_n * BULK_PIECE;
	uint8_t last;

	if (end > job->len)
		end = job->len;
	(void)posix_fadvise(job->fd, (off_t)job->offset,
	    (off_t)(end - job->offset), POSIX_FADV_WILLNEED);
	return read_bytes(job, &last, 1, end - 1);
}

/* The CRCs of the next pieces, which are not those that the store knows. */
static int
read_crcs(struct job *job)
{
	uint8_t *piece = malloc(BULK_PIECE);
	uint64_t offset = job->offset;
	int rc = 0;
	size_t i, n;

	if (piece == NULL)
		return err_set(&job->err, ERP_NOMEM, "out of memory");
	for (i = 0; i < job->crcs_n && rc == 0; i++, offset += n) {
		n = piece_len(offset, job->len);
		if ((rc = read_bytes(job, piece, n, offset)) == 0)
			job->crcs[i] = crc_add(0, piece, n);
	}
	free(piece);
	return rc;
}

static int
read_blob(struct job *job)
{
	size_t n = piece_len(job->offset, job->len);
	int rc;

	if ((rc = open_blob(job)) != 0)
		return rc;
	if (job->len > SMALL_BLOB)
		return job->offset % BULK_PIECE == 0 &&
			store_blob_crcs(job->store, &job->blob,
			    (size_t)(job->offset / BULK_PIECE), job->crcs_n,
			    job->crcs)
		    ? read_ahead(job)
		    : read_crcs(job);
	if ((job->bytes = malloc(n)) == NULL)
		return err_set(&job->err, ERP_NOMEM, "out of memory");
	return read_bytes(job, job->bytes, n, job->offset);
}

static int
pack_relative(struct job *job)
{
	struct manifest older;
	int rc;

	manifest_init(&older, job->served->manifest.os);
	rc = store_load_release(
	    job->store, older.os, &job->from, &older, &job->err);
	if (rc == 0)
		rc = live_release_pack_after(
		    job->served, &older, &job->packed, &job->err);
	manifest_release(&older);
	return rc;
}

void
job_run(struct job *job, job_compile_fn *compile, void *ctx)
{
	size_t i;

	/* Nobody waits for it any more. */
	if (atomic_load(&job->cancelled)) {
		job->rc =
		    err_set(&job->err, ERP_CANCELLED, "the session is gone");
		return;
	}
	if (job->kind == JOB_READ) {
		job->rc = read_blob(job);
		return;
	}
	if (job->kind == JOB_RELATIVE) {
		job->rc = pack_relative(job);
		return;
	}
	if (job->batch->group) {
		job->rc = group_run(job, compile, ctx);
		return;
	}
	for (i = 0; job->rc == 0 && i < job->batch->n; i++) {
		if (atomic_load(&job->cancelled))
			job->rc = err_set(
			    &job->err, ERP_CANCELLED, "the session is gone");
		else
			job->rc = compile_one(job, i, compile, ctx);
	}
}
