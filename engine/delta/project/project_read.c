/*
 * The basis as it is projected, by ranges: regions of what is wanted are read
 * and projected as they are asked for, and nothing is kept.
 */
#include "engine/base/stream.h"
#include "engine/delta/project/project_internal.h"

#include <assert.h>

/* Bytes that are projected at once: with those in front of a range whose fields
 * may end in it, and those behind it that its fields may end in. */
enum { PIECE = 8192, FRONT = PROJECT_REGION, PIECE_BYTES = FRONT + PIECE };

/* Read until n bytes are there, fewer at the end. */
static int64_t
read_full(const struct range_source *from, uint64_t at, uint8_t *to, size_t n,
    struct err *e)
{
	size_t have = 0;
	int64_t got = 1;

	while (have < n && got > 0) {
		got =
		    from->read_at(from->ctx, at + have, to + have, n - have, e);
		if (got < 0)
			return got;
		have += (size_t)got;
	}
	return (int64_t)have;
}

/* The section that has this offset, or NULL. */
static const struct project_section *
section_at(const struct project_image *image, uint32_t at)
{
	size_t i;

	for (i = 0; i < image->n; i++)
		if (at >= image->v[i].at &&
		    at - image->v[i].at < image->v[i].len)
			return &image->v[i];
	return NULL;
}

void
project_region(const struct project_reader *r, const struct project_window *w,
    size_t i, uint8_t kind)
{
	uint32_t at = (uint32_t)(w->at + i);
	const struct project_section *s = section_at(&r->plan->from, at);
	struct project_piece p = {.plan = r->plan,
	    .map = r->map,
	    .old = w->old,
	    .new = w->new,
	    .from = i,
	    .to = i + PROJECT_REGION,
	    .end = i + PROJECT_REGION + PROJECT_SPILL};

	assert(at % PROJECT_REGION == 0);
	if (kind == PROJECT_PLAIN || s == NULL)
		return;
	if (p.end > w->n)
		p.end = w->n;
	if (s->at + s->len - at < p.end - i)
		p.end = i + (s->at + s->len - at);
	if (p.to > p.end)
		p.to = p.end;
	p.address = s->address + (at - s->at);
	if (kind == PROJECT_X86_64)
		project_x86_64(&p);
	else if (kind == PROJECT_X86_32)
		project_x86_32(&p);
	else if (kind == PROJECT_ARM64)
		project_arm64(&p);
	else
		project_words(&p, &r->plan->pattern[kind - PROJECT_PATTERN]);
}

/* Is any region of these offsets projected? */
static bool
has_kinds(const struct project_plan *plan, uint64_t from, uint64_t to)
{
	size_t i = (size_t)(from / PROJECT_REGION);

	for (; i < plan->regions && (uint64_t)i * PROJECT_REGION < to; i++)
		if (plan->kind[i] != PROJECT_PLAIN)
			return true;
	return false;
}

static int64_t
project_read_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	const struct project_reader *r = ctx;
	uint8_t old[PIECE_BYTES + PROJECT_SPILL],
	    new[PIECE_BYTES + PROJECT_SPILL];
	struct project_window w = {old, new, 0, 0};
	uint64_t from, to;
	int64_t got;
	size_t i;

	if (off >= r->basis->size)
		return 0;
	/* Up to the end of a piece. */
	if (n > PIECE - off % PIECE)
		n = (size_t)(PIECE - off % PIECE);
	if (n > r->basis->size - off)
		n = (size_t)(r->basis->size - off);
	from = off / PROJECT_REGION * PROJECT_REGION;
	from -= from < FRONT ? from : FRONT;
	to = off + n;
	if (!has_kinds(r->plan, from, to))
		return r->basis->read_at(r->basis->ctx, off, p, n, e);
	to = (to + PROJECT_REGION - 1) / PROJECT_REGION * PROJECT_REGION +
	    PROJECT_SPILL;
	assert(to - from <= sizeof(old));
	got = read_full(r->basis, from, old, (size_t)(to - from), e);
	if (got < 0)
		return got;
	/* It may have become shorter. */
	if ((uint64_t)got <= off - from)
		return 0;
	w.at = from;
	w.n = (size_t)got;
	memcpy(new, old, w.n);
	for (i = 0; i < w.n && w.at + i < off + n; i += PROJECT_REGION)
		project_region(
		    r, &w, i, r->plan->kind[(w.at + i) / PROJECT_REGION]);
	if (n > w.n - (size_t)(off - from))
		n = w.n - (size_t)(off - from);
	memcpy(p, new + (off - from), n);
	return (int64_t)n;
}

struct range_source
project_source(struct project_reader *r)
{
	return (struct range_source){project_read_at, r, r->basis->size};
}
