/*
 * What a patch says of a projection beside its covers: the plan, as bytes.  All
 * of it is a peer's until it was decoded here.
 */
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/delta/project/project.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

size_t
project_regions(uint64_t basis_len)
{
	assert(basis_len <= PROJECT_LEN_MAX);
	return (size_t)((basis_len + PROJECT_REGION - 1) / PROJECT_REGION);
}

static int
encode_image(const struct project_image *image, struct buf *out, struct err *e)
{
	const struct project_section *s;
	uint64_t at = 0, address = 0;
	int rc = put_varint(out, image->base, e);

	if (rc == 0)
		rc = put_varint(out, image->n, e);
	for (s = image->v; rc == 0 && s < image->v + image->n; s++) {
		assert(s->at >= at && s->address >= address && s->len > 0);
		if ((rc = put_varint(out, s->at - at, e)) == 0 &&
		    (rc = put_varint(out, s->len, e)) == 0 &&
		    (rc = put_varint(out, s->address - address, e)) == 0)
			rc = put_varint(out, s->room - s->len, e);
		at = s->at + (uint64_t)s->len;
		address = s->address + (uint64_t)s->room;
	}
	return rc;
}

static int
encode_patterns(const struct project_plan *plan, struct buf *out, struct err *e)
{
	const struct project_pattern *p;
	size_t i;
	int rc;

	rc = put_varint(out, plan->anchors, e);
	for (i = 0; rc == 0 && i < plan->anchors; i++)
		rc = put_varint(out, plan->anchor[i], e);
	if (rc == 0)
		rc = put_varint(out, plan->patterns, e);
	for (p = plan->pattern; rc == 0 && p < plan->pattern + plan->patterns;
	     p++) {
		if ((rc = put_varint(out, p->start, e)) == 0)
			rc = put_varint(out, p->n, e);
		for (i = 0; rc == 0 && i < p->n; i++)
			rc = put_u8(out, p->role[i], e);
	}
	return rc;
}

static int
encode_kinds(const struct project_plan *plan, struct buf *out, struct err *e)
{
	size_t i, run;
	int rc = 0;

	for (i = 0; rc == 0 && i < plan->regions; i += run) {
		for (run = 1; i + run < plan->regions &&
		     plan->kind[i + run] == plan->kind[i];
		     run++)
			;
		if ((rc = put_u8(out, plan->kind[i], e)) == 0)
			rc = put_varint(out, run, e);
	}
	return rc;
}

int
project_encode(const struct project_plan *plan, struct buf *out, struct err *e)
{
	int rc;

	if ((rc = encode_image(&plan->from, out, e)) != 0 ||
	    (rc = encode_image(&plan->to, out, e)) != 0 ||
	    (rc = put_varint(out, plan->cover_min, e)) != 0 ||
	    (rc = encode_patterns(plan, out, e)) != 0)
		return rc;
	return encode_kinds(plan, out, e);
}

/* A number of at most `most`; else the cursor is bad, and it is 0. */
static uint32_t
number(struct cursor *c, uint64_t most)
{
	uint64_t v = cursor_varint(c);

	assert(most <= UINT32_MAX);
	if (v <= most)
		return (uint32_t)v;
	c->bad = true;
	return 0;
}

static void
decode_image(struct cursor *c, uint64_t len, struct project_image *image)
{
	uint64_t at = 0, address = 0;
	struct project_section *s;
	size_t i, n;

	image->base = cursor_varint(c);
	n = number(c, PROJECT_SECTIONS_MAX);
	for (i = 0; i < n && !c->bad; i++) {
		s = &image->v[i];
		at += s->at = number(c, len - at);
		s->len = number(c, len - at);
		s->at = (uint32_t)at;
		at += s->len;
		address += number(c, UINT32_MAX - address);
		s->address = (uint32_t)address;
		if (s->len > UINT32_MAX - address || s->len == 0)
			c->bad = true;
		else
			s->room =
			    s->len + number(c, UINT32_MAX - address - s->len);
		address += s->room;
	}
	image->n = n;
}

static void
decode_patterns(struct cursor *c, struct project_plan *out)
{
	struct project_pattern *p;
	size_t i, k;

	out->anchors = number(c, PROJECT_ANCHORS_MAX);
	for (i = 0; i < out->anchors; i++)
		out->anchor[i] = number(c, UINT32_MAX);
	out->patterns = number(c, PROJECT_PATTERNS_MAX);
	for (i = 0; i < out->patterns && !c->bad; i++) {
		p = &out->pattern[i];
		p->start = number(c, UINT32_MAX);
		p->n = number(c, PROJECT_WORDS_MAX);
		if (p->n == 0)
			c->bad = true;
		for (k = 0; k < p->n; k++) {
			p->role[k] = cursor_u8(c);
			if (p->role[k] > PROJECT_SELF &&
			    (p->role[k] < PROJECT_ANCHOR ||
				(size_t)p->role[k] - PROJECT_ANCHOR >=
				    out->anchors))
				c->bad = true;
		}
	}
}

static bool
is_kind(const struct project_plan *plan, uint8_t kind)
{
	return kind <= PROJECT_ARM64 ||
	    (kind >= PROJECT_PATTERN &&
		(size_t)kind - PROJECT_PATTERN < plan->patterns);
}

static int
decode_kinds(struct cursor *c, struct project_plan *out, struct err *e)
{
	size_t i, run;
	uint8_t kind;

	if ((out->kind = malloc(out->regions + 1)) == NULL)
		return err_nomem(e);
	for (i = 0; i < out->regions && !c->bad; i += run) {
		kind = cursor_u8(c);
		run = number(c, out->regions - i);
		if (run == 0 || !is_kind(out, kind))
			c->bad = true;
		memset(out->kind + i, kind, run);
	}
	return 0;
}

int
project_decode(const struct buf *in, uint64_t basis_len, uint64_t target_len,
    struct project_plan *out, struct err *e)
{
	struct cursor c;
	int rc = 0;

	*out = (struct project_plan){.kind = NULL};
	cursor_init(&c, in->p == NULL ? NULL : buf_data(in), in->len);
	if (basis_len > PROJECT_LEN_MAX || target_len > PROJECT_LEN_MAX)
		return err_set(e, ERP_CORRUPT, "patch: bad projection");
	decode_image(&c, basis_len, &out->from);
	decode_image(&c, target_len, &out->to);
	out->cover_min = number(&c, UINT32_MAX);
	decode_patterns(&c, out);
	out->regions = project_regions(basis_len);
	if (!c.bad)
		rc = decode_kinds(&c, out, e);
	if (rc == 0 && !cursor_end(&c))
		rc = err_set(e, ERP_CORRUPT, "patch: bad projection");
	if (rc != 0)
		project_plan_release(out);
	return rc;
}

void
project_plan_release(struct project_plan *plan)
{
	free(plan->kind);
	*plan = (struct project_plan){.kind = NULL};
}
