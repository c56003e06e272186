/*
 * Makes what a projected patch has in front of its spans: finds out whether
 * both contents are programs, which of their bytes are addresses, and chooses
 * the covers anew where they are compared with the projected basis.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch_make_internal.h"
#include "engine/delta/patch/patch_projection.h"
#include "engine/delta/project/project_make.h"

#include <assert.h>
#include <stdlib.h>

/* Of the bytes that differ within covers one of so many has to agree by the
 * projection, and so many in all: else it is not worth its plan.  If it is one
 * of SURE_PART, nothing else is tried. */
enum { GAIN_PART = 16, GAIN_MIN = 256, SURE_PART = 4 };

/* Covers of what was projected by quick ones, once more: in tables of addresses
 * covers are often off by an entry or two before. */
enum { LOOKS = 2 };

/* The projected basis, as whoever reads the patch will see it. */
static int
see(const struct project_plan *plan, const struct project_map *map,
    const struct patch_pair *pair, uint8_t *out, struct err *e)
{
	struct mem_stream mem = {pair->basis, pair->basis_len, 0};
	struct range_source basis = range_of_mem(&mem), seen;
	struct project_reader reader = {plan, map, &basis};
	struct range_reader range;
	struct source in;
	int64_t got;

	seen = project_source(&reader);
	range = (struct range_reader){&seen, 0, seen.size};
	in = source_of_range(&range);
	got = source_read_full(&in, out, pair->basis_len, e);
	assert(got < 0 || (size_t)got == pair->basis_len);
	return got < 0 ? (int)got : 0;
}

/* Write plan and covers as they are told, in the order in which they are read
 * again, which goes to *p. */
static int
tell(const struct patch_projected *of, const struct project_plan *plan,
    struct patch_projection *p, struct buf *out, struct err *e)
{
	const struct patch_task *t = &of->task;
	const struct patch_piece whole = {0, t->target_len};
	const struct patch_lens lens = {t->basis_len, t->target_len};
	struct patch_streams s;
	struct patch_giver giver = {&s, out};
	struct patch_lanes *lanes = NULL;
	int rc;

	patch_streams_init(&s);
	s.has = PATCH_HAS_COVERS;
	if ((rc = patch_streams_fill(&s, t, &of->covers, &whole, e)) == 0)
		rc = project_encode(plan, &s.b[PATCH_LITERAL], e);
	if (rc == 0 &&
	    (s.b[PATCH_LITERAL].len > PROJECT_PLAN_MAX ||
		s.b[PATCH_LITERAL].len > t->target_len))
		rc = PATCH_NONE;
	if (rc == 0 && (rc = patch_streams_pack(&s, t->pair->effort, e)) == 0 &&
	    (rc = patch_write_span(&s.span, out, e)) == 0 &&
	    (rc = patch_lanes_new(
		 &s.span, patch_give_chunk, &giver, &lanes, e)) == 0)
		rc = patch_projection_read(
		    lanes, s.span.part[PATCH_LITERAL].raw, &lens, p, e);
	patch_lanes_free(lanes);
	patch_streams_release(&s);
	return rc != 0 ? rc : patch_projection_map(p, e);
}

/* One choice of kinds by the covers. */
static int
look(const struct patch_pair *pair, const struct patch_covers *covers,
    const struct project_hints *hints, struct project_plan *plan,
    struct project_gain *gain, struct err *e)
{
	const struct project_pair both = {pair->basis, pair->target,
	    pair->basis_len, pair->target_len, pair->crew, hints,
	    pair->effort == PATCH_QUICK};
	int rc;

	if (covers->n > PROJECT_COVERS_MAX)
		return PATCH_NONE;
	if ((rc = patch_go_on(pair, e)) != 0)
		return rc;
	return project_choose(&both, covers->v, covers->n, plan, gain, e);
}

/* The basis as these covers project it. */
static int
see_by_covers(const struct patch_projected *p, const struct project_plan *plan,
    const struct patch_covers *covers, struct err *e)
{
	struct project_map *map;
	int rc;

	rc = project_map_new(plan, covers->v, covers->n, &map, e);
	if (rc == 0)
		rc = see(plan, map, p->task.pair, p->basis, e);
	project_map_free(map);
	return rc;
}

/* Covers of the basis as the quick ones, then better ones, project it. */
static int
choose_again(const struct patch_covers *quick,
    const struct project_hints *hints, struct project_plan *plan,
    struct patch_projected *out, struct err *e)
{
	const struct patch_pair *pair = out->task.pair;
	const struct patch_covers *before = quick;
	struct patch_covers again;
	struct project_gain gain;
	int i, rc = 0;

	for (i = 1; rc == 0 && i <= LOOKS; i++) {
		again = (struct patch_covers){NULL, 0};
		if ((rc = see_by_covers(out, plan, before, e)) == 0)
			rc = i < LOOKS
			    ? patch_choose_quickly(&out->task, false, &again, e)
			    : patch_choose(&out->task, false, &again, e);
		free(out->covers.v);
		out->covers = again;
		before = &out->covers;
		if (rc == 0)
			rc = look(pair, before, i < LOOKS ? hints : NULL, plan,
			    &gain, e);
	}
	if (rc == 0 && gain.gain < gain.differ / GAIN_PART)
		return PATCH_NONE;
	out->is_sure = gain.gain >= gain.differ / SURE_PART;
	return rc;
}

/* Better covers than the quick ones by which it seems worth it, and the kinds
 * by those. */
static int
choose_with_care(const struct patch_projected *p,
    const struct project_hints *hints, struct project_plan *plan,
    struct patch_covers *out, struct err *e)
{
	const struct patch_pair *pair = p->task.pair;
	struct patch_task plain = p->task;
	struct project_gain gain;
	int rc;

	plain.basis = pair->basis;
	plain.is_projected = false;
	rc = patch_choose(&plain, false, out, e);
	return rc != 0 ? rc : look(pair, out, hints, plan, &gain, e);
}

static int
copy_covers(
    const struct patch_covers *from, struct patch_covers *to, struct err *e)
{
	if ((to->v = calloc(from->n + 1, sizeof(*to->v))) == NULL)
		return err_nomem(e);
	if (from->n > 0)
		memcpy(to->v, from->v, from->n * sizeof(*to->v));
	to->n = from->n;
	return 0;
}

/* The plan is found, with hints; the kinds are chosen here, and the covers. */
static int
project(const struct patch_covers *quick, const struct project_hints *hints,
    struct project_plan *plan, struct patch_projected *out, struct err *e)
{
	const struct patch_pair *pair = out->task.pair;
	bool in_a_hurry = pair->effort == PATCH_QUICK;
	struct patch_projection p = {.map = NULL};
	struct patch_covers best = {NULL, 0};
	struct project_gain gain;
	int rc;

	rc = look(pair, quick, in_a_hurry ? NULL : hints, plan, &gain, e);
	if (rc != 0)
		return rc;
	if (gain.gain < GAIN_MIN || gain.gain < gain.differ / GAIN_PART)
		return PATCH_NONE;
	out->is_sure = gain.gain >= gain.differ / SURE_PART;
	if ((out->basis = malloc(pair->basis_len + 1)) == NULL)
		return err_nomem(e);
	out->task.basis = out->basis;
	if (pair->effort == PATCH_BEST) {
		rc = choose_with_care(out, hints, plan, &best, e);
		quick = &best;
	}
	if (rc == 0)
		rc = in_a_hurry ? copy_covers(quick, &out->covers, e)
				: choose_again(quick, hints, plan, out, e);
	if (rc == 0 && (rc = tell(out, plan, &p, &out->told, e)) == 0)
		rc = see(&p.plan, p.map, pair, out->basis, e);
	patch_projection_release(&p);
	free(best.v);
	return rc;
}

int
patch_project(const struct patch_task *task, const struct patch_covers *quick,
    struct patch_projected *out, struct err *e)
{
	const struct patch_pair *pair = task->pair;
	const struct project_pair both = {pair->basis, pair->target,
	    pair->basis_len, pair->target_len, pair->crew, NULL, true};
	struct project_plan plan = {.kind = NULL};
	struct project_hints hints;
	struct patch_covers own = {NULL, 0};
	int rc = 0;

	if (pair->gap_n > 0 || !project_find(&both, &plan, &hints))
		return PATCH_NONE;
	out->task = *task;
	out->task.is_projected = true;
	if (quick->v == NULL) {
		rc = patch_choose_quickly(task, false, &own, e);
		quick = &own;
	}
	if (rc == 0)
		rc = project(quick, &hints, &plan, out, e);
	free(own.v);
	project_plan_release(&plan);
	return rc;
}

void
patch_projected_release(struct patch_projected *p)
{
	free(p->basis);
	free(p->covers.v);
	buf_release(&p->told);
}
