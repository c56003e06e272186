/*
 * A patch and its basis in, the target out, all in order: head, then each span
 * through lanes and replay.  Every number of the patch is a peer's until it
 * was checked here.
 */
#include "engine/base/err.h"
#include "engine/delta/patch/patch_internal.h"

#include <assert.h>
#include <string.h>

int
patch_read_exact(const struct source *in, void *p, size_t n, struct err *e)
{
	int64_t got = source_read_full(in, p, n, e);

	if (got < 0)
		return (int)got;
	if ((size_t)got < n)
		return err_set(e, ERP_CORRUPT, "patch is cut off");
	return 0;
}

int
patch_read_varint(const struct source *in, uint64_t *v, struct err *e)
{
	unsigned shift = 0;
	uint8_t byte;
	int rc;

	*v = 0;
	do {
		if ((rc = patch_read_exact(in, &byte, 1, e)) != 0)
			return rc;
		rc = patch_varint_step(byte, &shift, v, e);
	} while (rc == 0);
	return rc < 0 ? rc : 0;
}

int
patch_read_version(const struct source *in, uint8_t *version, struct err *e)
{
	uint8_t magic[PATCH_MAGIC_LEN + 1];
	int rc;

	if ((rc = patch_read_exact(in, magic, sizeof(magic), e)) != 0)
		return rc;
	if (memcmp(magic, PATCH_MAGIC, PATCH_MAGIC_LEN) != 0)
		return err_set(e, ERP_CORRUPT, "not a patch");
	*version = magic[PATCH_MAGIC_LEN];
	if (*version < PATCH_VERSION || *version > PATCH_VERSION_PROJECTED)
		return err_set(
		    e, ERP_CORRUPT, "patch of unknown version %u", *version);
	return 0;
}

int
patch_read_lengths(const struct source *in, uint64_t basis_len, uint64_t limit,
    uint64_t *target_len, struct err *e)
{
	uint64_t basis;
	int rc;

	if ((rc = patch_read_varint(in, &basis, e)) != 0 ||
	    (rc = patch_read_varint(in, target_len, e)) != 0)
		return rc;
	if (basis != basis_len)
		return err_set(e, ERP_CORRUPT,
		    "patch is for a basis of %llu bytes, this has %llu",
		    (unsigned long long)basis, (unsigned long long)basis_len);
	if (*target_len > limit)
		return err_set(e, ERP_CORRUPT,
		    "patch makes %llu bytes, %llu are allowed",
		    (unsigned long long)*target_len, (unsigned long long)limit);
	return 0;
}

static int
read_part(const struct source *in, enum patch_stream which, uint64_t span_len,
    struct patch_part *part, struct err *e)
{
	uint8_t coder;
	int rc;

	memset(part, 0, sizeof(*part));
	if ((rc = patch_read_varint(in, &part->raw, e)) != 0 || part->raw == 0)
		return rc;
	if ((rc = patch_read_exact(in, &coder, 1, e)) != 0 ||
	    (rc = patch_read_varint(in, &part->packed, e)) != 0)
		return rc;
	if (part->raw > patch_raw_max(which, span_len) ||
	    coder >= PATCH_CODERS || part->packed == 0 ||
	    part->packed > part->raw ||
	    (coder == PATCH_STORED && part->packed != part->raw))
		return err_set(e, ERP_CORRUPT, "patch: bad stream sizes");
	part->coder = (enum patch_coder)coder;
	return 0;
}

int
patch_read_span(const struct source *in, uint64_t left, struct patch_span *span,
    struct err *e)
{
	unsigned i;
	int rc;

	if ((rc = patch_read_varint(in, &span->len, e)) != 0)
		return rc;
	if (span->len == 0 || span->len > left || span->len > PATCH_SPAN_MAX)
		return err_set(e, ERP_CORRUPT, "patch: span out of range");
	for (i = 0; rc == 0 && i < PATCH_STREAMS; i++)
		rc = read_part(
		    in, (enum patch_stream)i, span->len, &span->part[i], e);
	return rc;
}

int
patch_next_chunk(
    void *ctx, struct patch_lanes *lanes, unsigned wanted, struct err *e)
{
	const struct source *in = ctx;
	uint8_t which, chunk[PATCH_CHUNK_LEN];
	int rc;

	assert(wanted < PATCH_STREAMS);
	if ((rc = patch_read_exact(in, &which, 1, e)) != 0)
		return rc;
	if (which >= PATCH_STREAMS)
		return err_set(e, ERP_CORRUPT, "patch: no stream %u", which);
	rc =
	    patch_read_exact(in, chunk, patch_lanes_chunk_len(lanes, which), e);
	return rc != 0 ? rc : patch_lanes_put(lanes, which, chunk, e);
}

int
patch_apply_span(struct patch_replay *r, uint64_t at,
    const struct patch_span *span, struct source *chunks, struct err *e)
{
	struct patch_lanes *lanes;
	int rc;

	if ((rc = patch_lanes_new(span, patch_next_chunk, chunks, &lanes, e)) !=
	    0)
		return rc;
	rc = patch_replay_span(r, at, span, lanes, e);
	patch_lanes_free(lanes);
	return rc;
}

int
patch_apply_spans(
    const struct patch_sight *s, struct source *in, uint64_t len, struct err *e)
{
	struct patch_replay *r = NULL;
	struct patch_span span;
	uint64_t at;
	uint8_t over;
	int64_t got;
	int rc;

	if ((rc = patch_replay_new(&s->basis, &s->out, &r, e)) != 0)
		return rc;
	patch_replay_use(r, s->covers);
	for (at = 0; rc == 0 && at < len; at += span.len)
		if ((rc = patch_read_span(in, len - at, &span, e)) == 0)
			rc = patch_apply_span(r, at, &span, in, e);
	assert(rc != 0 || at == len);
	patch_replay_free(r);
	if (rc != 0)
		return rc;
	if ((got = in->read(in->ctx, &over, 1, e)) < 0)
		return (int)got;
	if (got > 0)
		return err_set(e, ERP_CORRUPT, "bytes behind a patch");
	return 0;
}
