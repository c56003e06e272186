/*
 * From covers to streams, and from streams to packed ones, each by the coder
 * that makes it shortest.  Used for each span by patch_span.c.
 */
#include "engine/base/codec.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/compress/compress_lzma.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <assert.h>
#include <string.h>

/* LZMA: 6 searches as well as 9 in streams like these, at half the cost.  The
 * highest zstd level is for content that LZMA cannot pack. */
enum { LZMA_LEVEL = 6, ZSTD_BEST = 19, ZSTD_FAIR = 9, ZSTD_QUICK = 3 };

void
patch_streams_init(struct patch_streams *s)
{
	unsigned i;

	memset(&s->span, 0, sizeof(s->span));
	for (i = 0; i < PATCH_STREAMS; i++)
		buf_init(&s->b[i], SIZE_MAX / 2);
}

void
patch_streams_release(struct patch_streams *s)
{
	unsigned i;

	for (i = 0; i < PATCH_STREAMS; i++)
		buf_release(&s->b[i]);
}

struct difference {
	uint64_t gap; /* equal bytes since the last differing one */
	uint64_t run; /* differing bytes in a row */
};

static int
end_run(struct patch_streams *s, struct difference *d, struct err *e)
{
	int rc;

	if (d->run == 0)
		return 0;
	if ((rc = put_varint(&s->b[PATCH_GAP], d->gap, e)) != 0)
		return rc;
	rc = put_varint(&s->b[PATCH_RUN], d->run - 1, e);
	d->gap = 0;
	d->run = 0;
	return rc;
}

/* The differing bytes of a cover.  Gaps and runs go on from cover to cover. */
static int
fill_differences(struct patch_streams *s, const struct patch_task *t,
    const struct project_cover *c, struct difference *d, struct err *e)
{
	const uint8_t *old = t->basis + c->basis, *new = t->target + c->target;
	size_t i = 0, n;
	uint8_t value;
	int rc;

	if (s->has == PATCH_HAS_COVERS)
		return 0;
	while (i < c->len) {
		n = patch_equal_len(old + i, c->len - i, new + i, c->len - i);
		if (n > 0) {
			if ((rc = end_run(s, d, e)) != 0)
				return rc;
			d->gap += n;
			i += n;
			continue;
		}
		value = (uint8_t)(new[i] - old[i]);
		if ((rc = buf_append(&s->b[PATCH_VALUE], &value, 1, e)) != 0)
			return rc;
		d->run++;
		i++;
	}
	return 0;
}

static uint64_t
zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (0 - (uint64_t)(v < 0));
}

static int
fill_literal(struct patch_streams *s, const struct patch_task *t, size_t from,
    size_t to, struct err *e)
{
	int rc = 0;

	if (s->has != PATCH_HAS_REST)
		rc = put_varint(&s->b[PATCH_SKIP], to - from, e);
	return rc != 0 || s->has == PATCH_HAS_COVERS
	    ? rc
	    : buf_append(&s->b[PATCH_LITERAL], t->target + from, to - from, e);
}

/* Where a cover is: its diagonal is the one before's, changed by seek. */
static int
fill_cover(struct patch_streams *s, const struct project_cover *c,
    uint64_t seek, struct err *e)
{
	int rc;

	if (s->has == PATCH_HAS_REST)
		return 0;
	if ((rc = put_varint(&s->b[PATCH_LENGTH], c->len, e)) != 0)
		return rc;
	return put_varint(&s->b[PATCH_SEEK], zigzag((int64_t)seek), e);
}

/* A cover, less what of it is not in the piece; none has length 0. */
static struct project_cover
cut(const struct project_cover *c, const struct patch_piece *piece)
{
	uint64_t end = (uint64_t)c->target + c->len;
	uint32_t skip = 0;

	if (end <= piece->from || c->target >= piece->to)
		return (struct project_cover){0, 0, 0};
	if (c->target < piece->from)
		skip = (uint32_t)(piece->from - c->target);
	if (end > piece->to)
		end = piece->to;
	return (struct project_cover){c->target + skip, c->basis + skip,
	    (uint32_t)(end - c->target) - skip};
}

int
patch_streams_fill(struct patch_streams *s, const struct patch_task *t,
    const struct patch_covers *covers, const struct patch_piece *piece,
    struct err *e)
{
	struct difference d = {0, 0};
	size_t i, at = piece->from;
	struct project_cover c;
	uint64_t before = 0, diagonal;
	int rc;

	s->span.len = piece->to - piece->from;
	for (i = 0; i < covers->n; i++) {
		c = cut(&covers->v[i], piece);
		if (c.len == 0)
			continue;
		assert(
		    c.target >= at && c.basis + (size_t)c.len <= t->basis_len);
		/* Modulo 2^64, as applying does. */
		diagonal = t->basis_at + c.basis - (t->target_at + c.target);
		if ((rc = fill_literal(s, t, at, c.target, e)) != 0 ||
		    (rc = fill_cover(s, &c, diagonal - before, e)) != 0 ||
		    (rc = fill_differences(s, t, &c, &d, e)) != 0)
			return rc;
		before = diagonal;
		at = c.target + (size_t)c.len;
	}
	assert(at <= piece->to);
	if ((rc = end_run(s, &d, e)) != 0 || at == piece->to)
		return rc;
	return fill_literal(s, t, at, piece->to, e);
}

/* Keep the packed form in try if it is the smallest so far. */
static void
keep_smaller(struct buf *kept, struct patch_part *part, struct buf *try,
    enum patch_coder coder)
{
	struct buf swap;

	if (try->len < kept->len) {
		swap = *kept;
		*kept = *try;
		*try = swap;
		part->coder = coder;
	}
	buf_release(try);
}

static int
pack_zstd(const struct buf *raw, enum patch_stream which, int level,
    struct buf *out, struct err *e)
{
	struct sink to = sink_of_buf(out), in;
	struct compressor *c;
	int rc;

	if ((rc = compressor_new(&to, level, raw->len, &c, e)) != 0)
		return rc;
	in = compressor_sink(c);
	if ((rc = compressor_set_window(c, patch_window(which), e)) == 0 &&
	    (rc = in.write(in.ctx, buf_data(raw), raw->len, e)) == 0)
		rc = compressor_finish(c, e);
	compressor_free(c);
	return rc;
}

static int
pack_lzma(const struct buf *raw, enum patch_stream which, struct buf *out,
    struct err *e)
{
	const struct lzma_choice choice = {
	    LZMA_LEVEL, which == PATCH_VALUE ? 0 : 3, patch_dictionary(which)};

	return compress_lzma_bytes(buf_data(raw), raw->len, &choice, out, e);
}

static int
pack_one(struct buf *b, enum patch_stream which, struct patch_part *part,
    enum patch_effort effort, struct err *e)
{
	bool best = effort == PATCH_BEST;
	int level = best           ? ZSTD_BEST
	    : effort == PATCH_FAIR ? ZSTD_FAIR
				   : ZSTD_QUICK;
	struct buf raw = *b, kept, try;
	int rc = 0;

	*part = (struct patch_part){PATCH_STORED, raw.len, raw.len};
	if (raw.len == 0)
		return 0;
	buf_init(&kept, SIZE_MAX / 2);
	kept.len = raw.len;
	buf_init(&try, SIZE_MAX / 2);
	if (best) {
		rc = pack_lzma(&raw, which, &try, e);
		keep_smaller(&kept, part, &try, PATCH_LZMA);
	}
	/* zstd is seldom smaller than LZMA but where little can be packed. */
	if (rc == 0 && (!best || kept.len > raw.len - raw.len / 8)) {
		rc = pack_zstd(&raw, which, level, &try, e);
		keep_smaller(&kept, part, &try, PATCH_ZSTD);
	}
	assert(kept.len <= raw.len);
	part->packed = kept.len;
	if (part->coder != PATCH_STORED) {
		buf_release(b);
		*b = kept;
	}
	return rc;
}

int
patch_streams_pack(
    struct patch_streams *s, enum patch_effort effort, struct err *e)
{
	unsigned i;
	int rc = 0;

	for (i = 0; rc == 0 && i < PATCH_STREAMS; i++)
		rc = pack_one(&s->b[i], (enum patch_stream)i, &s->span.part[i],
		    effort, e);
	return rc;
}
