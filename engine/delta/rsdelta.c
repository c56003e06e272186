/*
 * Deltas of the rolling-checksum road: making them by our matcher (match/),
 * and applying them by librsync behind the checker (rsdelta_check.c), since a
 * delta is a peer's.
 */
#include "engine/delta/rsdelta.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/match/match.h"
#include "engine/delta/match/match_weak.h"
#include "engine/delta/rsjob.h"
#include "engine/delta/signature_internal.h"

#include <librsync.h>
#include <stdbool.h>

int
rsdelta_make(struct signature *basis, const struct source *target,
    const struct sink *delta, struct err *e)
{
	return match_delta(basis->index, match_has_avx2(), target, delta, e);
}

int
rsdelta_copies(struct signature *basis, const struct source *target,
    match_copy_fn *copied, void *arg, struct err *e)
{
	return match_copies(
	    basis->index, match_has_avx2(), target, copied, arg, e);
}

uint64_t
rsdelta_commands_max(uint64_t target_size)
{
	/* A copy and a literal for each 256 bytes are possible. */
	return target_size / 64 + 16;
}

uint64_t
rsdelta_length_max(uint64_t target_size)
{
	/* Literals of one byte between copies of 256 cost 10 bytes more at
	 * most than what they stand for; a copy is shorter than its block. */
	return target_size + target_size / 16 + 1024;
}

/* The delta as librsync gets it: every byte went through the checker. */
struct checked_source {
	const struct source *from;
	struct rsdelta_check check;
	bool ended;
};

static int64_t
read_checked(void *ctx, void *p, size_t n, struct err *e)
{
	struct checked_source *c = ctx;
	int64_t got = c->from->read(c->from->ctx, p, n, e);
	int rc;

	if (got < 0)
		return got;
	c->ended = got == 0;
	rc = c->ended ? rsdelta_check_end(&c->check, e)
		      : rsdelta_check_feed(&c->check, p, (size_t)got, e);
	return rc != 0 ? rc : got;
}

/* librsync stops at the end command; whether the stream ends there too, it
 * does not ask. */
static int
check_rest(struct checked_source *c, struct err *e)
{
	uint8_t extra;
	int64_t got = c->ended ? 0 : read_checked(c, &extra, 1, e);

	return got < 0 ? (int)got : 0;
}

/* What librsync's copy callback needs, and what it met. */
struct copier {
	const struct range_source *basis;
	struct err *e;
	int rc;
};

static rs_result
copy_basis(void *opaque, rs_long_t pos, size_t *len, void **buf)
{
	struct copier *c = opaque;
	uint64_t at = (uint64_t)pos;
	size_t done = 0;
	int64_t got;

	while (done < *len) {
		got = c->basis->read_at(c->basis->ctx, at + done,
		    (char *)*buf + done, *len - done, c->e);
		if (got == 0)
			got = err_set(c->e, ERP_MISMATCH,
			    "the basis became shorter while it was read");
		if (got < 0) {
			c->rc = (int)got;
			return RS_IO_ERROR;
		}
		done += (size_t)got;
	}
	return RS_DONE;
}

int
rsdelta_apply_within(const struct range_source *basis,
    const struct source *delta, const struct rsdelta_limits *limits,
    const struct sink *out, uint64_t *size, struct err *e)
{
	struct copier copier = {basis, e, 0};
	struct checked_source checked;
	struct source src = {read_checked, &checked};
	rs_result result;
	rs_job_t *job;
	int rc;

	checked.from = delta;
	checked.ended = false;
	rsdelta_check_init(&checked.check, basis->size, limits->output);
	checked.check.commands_max = limits->commands;
	rsjob_silence();
	if ((job = rs_patch_begin(copy_basis, &copier)) == NULL)
		return err_nomem(e);
	rc = rsjob_run(job, &src, out, &result, e);
	if (rc == 0 && result != RS_DONE)
		rc = copier.rc != 0 ? copier.rc
				    : rsjob_error(result, "delta", e);
	if (rc == 0)
		rc = check_rest(&checked, e);
	(void)rs_job_free(job);
	*size = checked.check.produced;
	return rc;
}

int
rsdelta_apply(const struct range_source *basis, const struct source *delta,
    uint64_t limit, const struct sink *out, uint64_t *size, struct err *e)
{
	struct rsdelta_limits limits = {limit, UINT64_MAX};

	return rsdelta_apply_within(basis, delta, &limits, out, size, e);
}
