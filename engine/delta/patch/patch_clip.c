/*
 * Covers must not take bytes of the basis that are not known: cuts them at the
 * gaps.  Between the choice of covers and their streams, and only for a basis
 * that is known by its sums.
 */
#include "engine/base/err.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What is left of a cover, if it is shorter, is cheaper as literal bytes. */
enum { PIECE_MIN = 16 };

struct clip {
	const struct patch_pair *pair;
	uint64_t window; /* offset in the basis of what covers count from */
	struct patch_covers out;
	size_t room;
};

/* The first gap that ends behind offset at. */
static size_t
first_gap(const struct patch_pair *pair, uint64_t at)
{
	size_t low = 0, high = pair->gap_n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (pair->gap[mid].to > at)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Keep the part of a cover from offset `from` in the basis up to `to`. */
static int
keep(struct clip *c, const struct project_cover *whole, uint64_t from,
    uint64_t to, struct err *e)
{
	size_t room = c->room == 0 ? 1024 : 2 * c->room;
	uint32_t skip = (uint32_t)(from - c->window - whole->basis);
	struct project_cover *v;

	assert(from < to && from - c->window >= whole->basis);
	assert(to - c->window <= (uint64_t)whole->basis + whole->len);
	if (to < from + PIECE_MIN && to - from < whole->len)
		return 0;
	if (c->out.n == c->room) {
		if ((v = reallocarray(c->out.v, room, sizeof(*v))) == NULL)
			return err_nomem(e);
		c->out.v = v;
		c->room = room;
	}
	c->out.v[c->out.n++] = (struct project_cover){
	    whole->target + skip, whole->basis + skip, (uint32_t)(to - from)};
	return 0;
}

static int
clip_one(struct clip *c, const struct project_cover *whole, struct err *e)
{
	const struct patch_gap *gap = c->pair->gap;
	uint64_t at = c->window + whole->basis, end = at + whole->len;
	size_t i;
	int rc = 0;

	for (i = first_gap(c->pair, at);
	     rc == 0 && i < c->pair->gap_n && gap[i].from < end; i++) {
		if (gap[i].from > at)
			rc = keep(c, whole, at, gap[i].from, e);
		at = gap[i].to;
	}
	return rc == 0 && at < end ? keep(c, whole, at, end, e) : rc;
}

int
patch_clip(
    const struct patch_task *task, struct patch_covers *covers, struct err *e)
{
	struct clip c = {.pair = task->pair, .window = task->basis_at};
	size_t i;
	int rc = 0;

	if (task->pair->gap_n == 0)
		return 0;
	for (i = 0; rc == 0 && i < covers->n; i++)
		rc = clip_one(&c, &covers->v[i], e);
	free(covers->v);
	*covers = c.out;
	return rc;
}
