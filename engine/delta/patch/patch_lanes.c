/*
 * Streams of a span side by side, each unpacked as it is read.  Between the
 * chunks of a patch as they come (patch_apply.c, patch_spread.c) and the
 * replay that wants one number or byte at a time.
 */
#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/compress/compress_lzma.h"
#include "engine/delta/patch/patch_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_LEN = 16 * 1024 };

struct lane {
	struct patch_lanes *all;
	unsigned which;
	uint64_t raw_left; /* unpacked bytes not yet in piece */
	uint64_t packed_left; /* packed bytes not yet arrived */
	struct buf waiting; /* arrived, not yet unpacked */
	struct source packed; /* what was waiting, in order */
	struct source plain;
	struct decompressor *zstd;
	struct decompress_lzma *lzma;
	uint8_t piece[PIECE_LEN]; /* unpacked */
	size_t at, len;
};

struct patch_lanes {
	patch_next_fn *next;
	void *ctx;
	struct lane lane[PATCH_STREAMS];
};

/* The packed bytes of a lane, fetching chunks until it is this one's turn. */
static int64_t
packed_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct lane *l = ctx;
	int rc;

	while (l->waiting.len == 0) {
		if (l->packed_left == 0)
			return 0;
		if ((rc = l->all->next(l->all->ctx, l->all, l->which, e)) != 0)
			return rc;
	}
	if (n > l->waiting.len)
		n = l->waiting.len;
	memcpy(p, buf_data(&l->waiting), n);
	buf_consume(&l->waiting, n);
	return (int64_t)n;
}

static int
open_lane(struct lane *l, const struct patch_part *part, struct err *e)
{
	int rc = 0;

	l->raw_left = part->raw;
	l->packed_left = part->packed;
	l->packed = (struct source){packed_read, l};
	l->plain = l->packed;
	if (part->raw == 0)
		return 0;
	switch (part->coder) {
	case PATCH_STORED:
	case PATCH_CODERS:
		break;
	case PATCH_ZSTD:
		if ((rc = decompressor_new(
			 &l->packed, part->raw, &l->zstd, e)) == 0)
			rc = decompressor_set_window(
			    l->zstd, patch_window(l->which), e);
		if (rc == 0)
			l->plain = decompressor_source(l->zstd);
		break;
	case PATCH_LZMA:
		rc = decompress_lzma_new(&l->packed, part->raw,
		    patch_dictionary((enum patch_stream)l->which), &l->lzma, e);
		if (rc == 0)
			l->plain = decompress_lzma_source(l->lzma);
		break;
	}
	return rc;
}

int
patch_lanes_new(const struct patch_span *span, patch_next_fn *next, void *ctx,
    struct patch_lanes **lanes, struct err *e)
{
	struct patch_lanes *n = calloc(1, sizeof(*n));
	unsigned i;
	int rc = 0;

	*lanes = NULL;
	if (n == NULL)
		return err_nomem(e);
	n->next = next;
	n->ctx = ctx;
	for (i = 0; i < PATCH_STREAMS; i++) {
		n->lane[i].all = n;
		n->lane[i].which = i;
		buf_init(&n->lane[i].waiting,
		    (size_t)PATCH_CHUNK_LEN * PATCH_CHUNKS_AHEAD);
	}
	for (i = 0; rc == 0 && i < PATCH_STREAMS; i++)
		rc = open_lane(&n->lane[i], &span->part[i], e);
	if (rc != 0) {
		patch_lanes_free(n);
		return rc;
	}
	*lanes = n;
	return 0;
}

void
patch_lanes_free(struct patch_lanes *lanes)
{
	unsigned i;

	if (lanes == NULL)
		return;
	for (i = 0; i < PATCH_STREAMS; i++) {
		decompressor_free(lanes->lane[i].zstd);
		decompress_lzma_free(lanes->lane[i].lzma);
		buf_release(&lanes->lane[i].waiting);
	}
	free(lanes);
}

size_t
patch_lanes_chunk_len(const struct patch_lanes *lanes, unsigned which)
{
	uint64_t left = lanes->lane[which].packed_left;

	assert(which < PATCH_STREAMS);
	return left < PATCH_CHUNK_LEN ? (size_t)left : PATCH_CHUNK_LEN;
}

int
patch_lanes_put(
    struct patch_lanes *lanes, unsigned which, const uint8_t *p, struct err *e)
{
	struct lane *l = &lanes->lane[which];
	size_t n = patch_lanes_chunk_len(lanes, which);
	int rc;

	if (n == 0 || n > l->waiting.limit - l->waiting.len)
		return err_set(e, ERP_CORRUPT, "patch: chunk out of turn");
	if ((rc = buf_append(&l->waiting, p, n, e)) == 0)
		l->packed_left -= n;
	return rc;
}

/* Have at least one unpacked byte in piece. */
static int
refill(struct lane *l, struct err *e)
{
	size_t n = l->raw_left < PIECE_LEN ? (size_t)l->raw_left : PIECE_LEN;
	int64_t got;

	if (l->at < l->len)
		return 0;
	if (n == 0)
		return err_set(e, ERP_CORRUPT, "patch: a stream is too short");
	got = l->plain.read(l->plain.ctx, l->piece, n, e);
	if (got < 0)
		return (int)got;
	if (got == 0)
		return err_set(e, ERP_CORRUPT, "patch: a stream ends early");
	assert((uint64_t)got <= n);
	l->raw_left -= (uint64_t)got;
	l->at = 0;
	l->len = (size_t)got;
	return 0;
}

int
patch_lanes_varint(
    struct patch_lanes *lanes, unsigned which, uint64_t *v, struct err *e)
{
	struct lane *l = &lanes->lane[which];
	unsigned shift = 0;
	int rc;

	*v = 0;
	do {
		if ((rc = refill(l, e)) != 0)
			return rc;
		rc = patch_varint_step(l->piece[l->at++], &shift, v, e);
	} while (rc == 0);
	return rc < 0 ? rc : 0;
}

int
patch_lanes_bytes(struct patch_lanes *lanes, unsigned which, const uint8_t **p,
    size_t *n, struct err *e)
{
	struct lane *l = &lanes->lane[which];
	int rc = refill(l, e);

	assert(*n > 0);
	if (rc != 0)
		return rc;
	if (*n > l->len - l->at)
		*n = l->len - l->at;
	*p = l->piece + l->at;
	l->at += *n;
	return 0;
}

bool
patch_lanes_is_empty(const struct patch_lanes *lanes, unsigned which)
{
	const struct lane *l = &lanes->lane[which];

	return l->raw_left == 0 && l->at == l->len;
}

int
patch_lanes_end(struct patch_lanes *lanes, struct err *e)
{
	struct lane *l;
	uint8_t over;
	int64_t got;
	unsigned i;

	for (i = 0; i < PATCH_STREAMS; i++) {
		l = &lanes->lane[i];
		if (!patch_lanes_is_empty(lanes, i))
			return err_set(
			    e, ERP_CORRUPT, "patch: a stream is too long");
		/* A packed stream shows its own end only when read on. */
		got = l->plain.read(l->plain.ctx, &over, 1, e);
		if (got < 0)
			return (int)got;
		if (got > 0 || l->packed_left > 0 || l->waiting.len > 0)
			return err_set(
			    e, ERP_CORRUPT, "patch: a stream is too long");
	}
	return 0;
}
