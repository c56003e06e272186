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
 * projection, and so many in all: else it is not worth its plan. */
enum { GAIN_PART = 8, GAIN_MIN = 256 };

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
tell(const struct patch_work *w, const struct project_plan *plan,
    struct patch_projection *p, struct buf *out, struct err *e)
{
	const struct patch_task *t = w->task;
	const struct patch_piece whole = {0, t->target_len};
	const struct patch_lens lens = {t->basis_len, t->target_len};
	struct patch_streams s;
	struct patch_giver giver = {&s, out};
	struct patch_lanes *lanes = NULL;
	int rc;

	patch_streams_init(&s);
	s.has = PATCH_HAS_COVERS;
	if ((rc = patch_streams_fill(&s, t, &w->covers, &whole, e)) == 0)
		rc = project_encode(plan, &s.b[PATCH_LITERAL], e);
	if (rc == 0 &&
	    (w->covers.n > PROJECT_COVERS_MAX ||
		s.b[PATCH_LITERAL].len > PROJECT_PLAN_MAX ||
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
	return rc;
}

/* One choice of kinds by the covers of w, and the basis seen through it. */
static int
look(const struct patch_work *w, struct project_plan *plan,
    struct project_gain *gain, struct err *e)
{
	const struct patch_pair *pair = w->task->pair;
	const struct project_pair both = {pair->basis, pair->target,
	    pair->basis_len, pair->target_len, pair->crew};

	if (w->covers.n > PROJECT_COVERS_MAX)
		return PATCH_NONE;
	return project_choose(&both, w->covers.v, w->covers.n, plan, gain, e);
}

static int
see_by_covers(const struct patch_work *w, struct project_plan *plan,
    uint8_t *out, struct err *e)
{
	struct project_map *map;
	int rc;

	rc = project_map_new(plan, w->covers.v, w->covers.n, &map, e);
	if (rc == 0)
		rc = see(plan, map, w->task->pair, out, e);
	project_map_free(map);
	return rc;
}

static bool
is_worth_it(const struct project_gain *gain)
{
	return gain->gain >= GAIN_MIN && gain->gain >= gain->differ / GAIN_PART;
}

/* Covers of the basis as the first ones project it. */
static int
choose_again(struct patch_work *w, struct project_plan *plan,
    struct patch_projected *out, struct err *e)
{
	struct patch_covers again = {NULL, 0};
	int rc;

	if ((rc = see_by_covers(w, plan, out->basis, e)) != 0 ||
	    (rc = patch_choose(&out->task, false, &again, e)) != 0) {
		free(again.v);
		return rc;
	}
	free(w->covers.v);
	w->covers = again;
	return 0;
}

static int
project(struct patch_work *w, struct project_plan *plan,
    struct patch_projected *out, struct err *e)
{
	const struct patch_pair *pair = w->task->pair;
	struct patch_projection p = {.map = NULL};
	struct project_gain gain;
	int rc;

	if ((rc = look(w, plan, &gain, e)) != 0)
		return rc;
	if (!is_worth_it(&gain))
		return PATCH_NONE;
	out->task = *w->task;
	out->task.is_projected = true;
	if ((out->basis = malloc(pair->basis_len + 1)) == NULL)
		return err_nomem(e);
	out->task.basis = out->basis;
	if (pair->effort == PATCH_BEST) {
		if ((rc = choose_again(w, plan, out, e)) != 0 ||
		    (rc = look(w, plan, &gain, e)) != 0)
			return rc;
	}
	if ((rc = tell(w, plan, &p, &out->told, e)) == 0 &&
	    (rc = see(&p.plan, p.map, pair, out->basis, e)) == 0)
		w->task = &out->task;
	patch_projection_release(&p);
	return rc;
}

int
patch_project(struct patch_work *w, struct patch_projected *out, struct err *e)
{
	const struct patch_pair *pair = w->task->pair;
	const struct project_pair both = {pair->basis, pair->target,
	    pair->basis_len, pair->target_len, pair->crew};
	struct project_plan plan = {.kind = NULL};
	int rc = PATCH_NONE;

	if (pair->gap_n == 0 && project_find(&both, &plan))
		rc = project(w, &plan, out, e);
	project_plan_release(&plan);
	return rc;
}

void
patch_projected_release(struct patch_projected *p)
{
	free(p->basis);
	buf_release(&p->told);
}
