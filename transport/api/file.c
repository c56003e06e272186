/*
 * The delta engine for the library's callers: signature, delta and patch over
 * the caller's own streams.  Each of these becomes a stream of the engine's
 * (engine/base/stream.h) whose errors are carried across.
 */
#include "transport/api/api_internal.h"

#include "engine/base/buf.h"
#include "engine/base/stream.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/signature.h"

#include <assert.h>
#include <string.h>

static_assert((int)ERPSYNC_BLOCK_MAX == (int)SIG_BLOCK_MAX, "longest block");
static_assert((int)ERPSYNC_SUM_MAX == (int)SIG_STRONG_MAX, "longest sum");

/* What a callback gives: n > 0 bytes at most, or its failure. */
static int64_t
taken(int64_t got, size_t n, const struct erpsync_error *why, struct err *e)
{
	if (got < 0)
		return api_take(e, why, (int)got);
	if ((uint64_t)got > n)
		return err_set(e, ERP_INTERNAL,
		    "a callback says that it read more than it may");
	return got;
}

static int64_t
read_on(void *ctx, void *p, size_t n, struct err *e)
{
	const struct erpsync_reader *from = ctx;
	struct erpsync_error why;

	memset(&why, 0, sizeof(why));
	return taken(from->read(from->ctx, p, n, &why), n, &why, e);
}

static int64_t
read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	const struct erpsync_range *from = ctx;
	struct erpsync_error why;

	memset(&why, 0, sizeof(why));
	return taken(from->read_at(from->ctx, off, p, n, &why), n, &why, e);
}

static int
write_on(void *ctx, const void *p, size_t n, struct err *e)
{
	const struct erpsync_writer *to = ctx;
	struct erpsync_error why;
	int rc;

	memset(&why, 0, sizeof(why));
	rc = to->write(to->ctx, p, n, &why);
	return rc < 0 ? api_take(e, &why, rc) : 0;
}

int
erpsync_signature(const struct erpsync_reader *basis,
    const struct erpsync_sizes *sizes, const struct erpsync_writer *out,
    struct erpsync_error *error)
{
	struct sig_wish wish = {sizes->size, sizes->block_len, sizes->sum_len,
	    sizes->rollsum, sizes->md4};
	struct erpsync_reader reader = *basis;
	struct erpsync_writer writer = *out;
	struct source from = {read_on, &reader};
	struct sink to = {write_on, &writer};
	struct sig_params p;
	struct err e;
	int rc;

	rc = sig_params_choose(&wish, &p, &e);
	if (rc == 0)
		rc = signature_make(&from, &p, &to, &e);
	return rc != 0 ? api_fail(error, &e) : 0;
}

/* All of a signature, loaded. */
static int
load(const struct source *from, struct signature **sig, struct err *e)
{
	struct buf sums;
	struct sink into;
	int64_t n;
	int rc;

	buf_init(&sums,
	    SIG_HEADER_LEN +
		(size_t)SIG_COUNT_MAX * (SIG_WEAK_LEN + SIG_STRONG_MAX));
	into = sink_of_buf(&sums);
	n = stream_copy(from, &into, e);
	rc = n < 0 ? (int)n : signature_load(buf_data(&sums), sums.len, sig, e);
	buf_release(&sums);
	return rc;
}

int
erpsync_delta(const struct erpsync_reader *signature,
    const struct erpsync_reader *target, const struct erpsync_writer *out,
    struct erpsync_error *error)
{
	struct erpsync_reader sums = *signature, reader = *target;
	struct erpsync_writer writer = *out;
	struct source from = {read_on, &sums}, by = {read_on, &reader};
	struct sink to = {write_on, &writer};
	struct signature *sig = NULL;
	struct err e;
	int rc;

	if ((rc = load(&from, &sig, &e)) == 0)
		rc = rsdelta_make(sig, &by, &to, &e);
	signature_free(sig);
	return rc != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_patch(const struct erpsync_range *basis,
    const struct erpsync_reader *delta, const struct erpsync_writer *out,
    struct erpsync_error *error)
{
	struct erpsync_range range = *basis;
	struct erpsync_reader reader = *delta;
	struct erpsync_writer writer = *out;
	struct range_source old = {read_at, &range, range.size};
	struct source from = {read_on, &reader};
	struct sink to = {write_on, &writer};
	struct err e;
	uint64_t size;
	int rc;

	rc = rsdelta_apply(&old, &from, UINT64_MAX, &to, &size, &e);
	return rc != 0 ? api_fail(error, &e) : 0;
}
