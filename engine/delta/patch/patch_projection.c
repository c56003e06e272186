/*
 * Patches of a projected basis (version 3): all covers come first, since they
 * are the map of its addresses; then spans without them.  Reading only; made in
 * patch_project.c.
 */
#include "engine/delta/patch/patch_projection.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <assert.h>
#include <stdlib.h>

static int
corrupt(struct err *e)
{
	return err_set(e, ERP_CORRUPT, "patch: bad projection");
}

static int
read_plan(
    struct patch_lanes *lanes, uint64_t len, struct buf *plan, struct err *e)
{
	const uint8_t *p;
	size_t n;
	int rc = 0;

	if (len > PROJECT_PLAN_MAX)
		return corrupt(e);
	for (; rc == 0 && len > 0; len -= n) {
		n = (size_t)len;
		rc = patch_lanes_bytes(lanes, PATCH_LITERAL, &p, &n, e);
		if (rc != 0)
			return rc;
		rc = buf_append(plan, p, n, e);
	}
	return rc;
}

static int
add_cover(struct patch_covers *covers, size_t *room,
    const struct project_cover *cover, struct err *e)
{
	size_t more = *room == 0 ? 1024 : 2 * *room;
	struct project_cover *v;

	if (covers->n == PROJECT_COVERS_MAX)
		return corrupt(e);
	if (covers->n == *room) {
		v = reallocarray(covers->v, more, sizeof(*v));
		if (v == NULL)
			return err_nomem(e);
		covers->v = v;
		*room = more;
	}
	covers->v[covers->n++] = *cover;
	return 0;
}

/* Where a cover is that begins at offset `at` of the target. */
static int
read_cover(struct patch_lanes *lanes, const struct patch_lens *lens,
    uint64_t at, uint64_t *diagonal, struct project_cover *out, struct err *e)
{
	uint64_t len, seek, basis;
	int rc;

	if ((rc = patch_lanes_varint(lanes, PATCH_LENGTH, &len, e)) != 0 ||
	    (rc = patch_lanes_varint(lanes, PATCH_SEEK, &seek, e)) != 0)
		return rc;
	*diagonal += patch_unzigzag(seek);
	basis = at + *diagonal;
	if (len == 0 || len > lens->target - at || basis > lens->basis ||
	    len > lens->basis - basis)
		return corrupt(e);
	*out = (struct project_cover){
	    (uint32_t)at, (uint32_t)basis, (uint32_t)len};
	return 0;
}

static int
read_covers(struct patch_lanes *lanes, const struct patch_lens *lens,
    struct patch_covers *out, struct err *e)
{
	uint64_t at = 0, skip, diagonal = 0;
	struct project_cover cover;
	size_t room = 0;
	int rc;

	for (;;) {
		rc = patch_lanes_varint(lanes, PATCH_SKIP, &skip, e);
		if (rc != 0)
			return rc;
		if (skip > lens->target - at)
			return corrupt(e);
		if ((at += skip) == lens->target)
			return 0;
		if ((rc = read_cover(lanes, lens, at, &diagonal, &cover, e)) !=
			0 ||
		    (rc = add_cover(out, &room, &cover, e)) != 0)
			return rc;
		if ((at += cover.len) == lens->target)
			return 0;
	}
}

int
patch_projection_read(struct patch_lanes *lanes, uint64_t plan_len,
    const struct patch_lens *lens, struct patch_projection *p, struct err *e)
{
	struct buf plan;
	int rc;

	buf_init(&plan, PROJECT_PLAN_MAX);
	if ((rc = read_plan(lanes, plan_len, &plan, e)) == 0 &&
	    (rc = read_covers(lanes, lens, &p->covers, e)) == 0 &&
	    (rc = patch_lanes_end(lanes, e)) == 0)
		rc = project_decode(
		    &plan, lens->basis, lens->target, &p->plan, e);
	buf_release(&plan);
	return rc;
}

int
patch_projection_map(struct patch_projection *p, struct err *e)
{
	return project_map_new(&p->plan, p->covers.v, p->covers.n, &p->map, e);
}

static int
open_projection(struct source *in, const struct range_source *basis,
    uint64_t target_len, struct patch_projection *p, struct err *e)
{
	const struct patch_lens lens = {basis->size, target_len};
	struct patch_lanes *lanes;
	struct patch_span span;
	int rc;

	if ((rc = patch_read_span(in, target_len, &span, e)) != 0)
		return rc;
	if (span.len != target_len || basis->size > PROJECT_LEN_MAX ||
	    span.part[PATCH_GAP].raw > 0 || span.part[PATCH_RUN].raw > 0 ||
	    span.part[PATCH_VALUE].raw > 0)
		return corrupt(e);
	if ((rc = patch_lanes_new(&span, patch_next_chunk, in, &lanes, e)) != 0)
		return rc;
	rc = patch_projection_read(
	    lanes, span.part[PATCH_LITERAL].raw, &lens, p, e);
	patch_lanes_free(lanes);
	if (rc == 0)
		rc = patch_projection_map(p, e);
	p->basis = *basis;
	p->reader = (struct project_reader){&p->plan, p->map, &p->basis};
	return rc;
}

int
patch_projected_open(struct source *in, const struct patch_sight *from,
    uint64_t target_len, struct patch_sight *to, struct err *e)
{
	struct patch_projection *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return err_nomem(e);
	*to = *from;
	to->own = p;
	if ((rc = open_projection(in, &from->basis, target_len, p, e)) == 0) {
		to->basis = project_source(&p->reader);
		to->covers = &p->covers;
	}
	return rc;
}

uint64_t
patch_projected_memory(const struct patch_sight *of)
{
	const struct patch_projection *p = of->own;

	return p->covers.n * sizeof(*p->covers.v) + p->plan.regions +
	    project_map_size(p->map);
}

void
patch_projected_close(struct patch_sight *to)
{
	struct patch_projection *p = to->own;

	if (p != NULL)
		patch_projection_release(p);
	free(p);
}

void
patch_projection_release(struct patch_projection *p)
{
	free(p->covers.v);
	project_map_free(p->map);
	project_plan_release(&p->plan);
}
