/*
 * Which bytes of the target are copied from where.  A diagonal is an offset in
 * the basis less one in the target: on it the target is the basis, moved.
 * Bytes are walked once with a few diagonals alive, each with the estimated
 * cost of the cheapest way to get there, as in Viterbi's algorithm: staying
 * costs little for an equal byte and more for a differing one, changing the
 * diagonal costs what a new cover costs, and one more way is literal bytes.
 *
 * A diagonal is found only where a match begins, often behind the place from
 * which it already was the best one.  So a second walk has the diagonals of
 * the first one's covers alive some bytes earlier.
 */
#include "engine/base/err.h"
#include "engine/delta/patch/patch_make_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Costs in 1/16 bit, near to what LZMA makes of the streams of recompiled
 * programs: a first differing byte needs a gap, a run and a value, one in a
 * row just a value; a cover needs three numbers, the last with about as many
 * bits as the diagonal changes.
 */
enum {
	COST_EQUAL = 1,
	COST_DIFFER = 160,
	COST_DIFFER_ON = 80,
	COST_LITERAL = 64,
	COST_COVER = 200,
	COST_COVER_BIT = 16,
	COST_STOP = 100,
	COST_NEVER = 1 << 20
};

enum {
	PATHS = 8, /* alive, the first is literal */
	NEAR = 3, /* bytes in which a differing byte counts as in a row */
	RUN_MIN = 32, /* equal bytes from which on only one path is followed */
	LOOK = 32, /* bytes ahead that tell whether a diagonal still fits, */
	LOOK_BAD = 8, /* which it does with at most so many differing */
	LOOK_STEP = 8, /* and then so many bytes need no search */
	MATCH_LONG = 16, /* a match that is searched on from its end */
	EARLIER = 256, /* bytes that the second walk knows a diagonal before */
	NODES_FIRST = 1 << 16,
	LOOK_AGAIN = 1 << 18 /* bytes between looks whether to go on */
};

#define NONE UINT32_MAX

/* A piece of a way through the target; it ends where the next begins. */
struct node {
	int32_t diagonal; /* of a literal: of the cover before it */
	uint32_t parent;
	uint32_t start : 31; /* a target is no longer than a span */
	uint32_t literal : 1;
};

struct path {
	uint64_t cost;
	struct node last; /* not yet among the nodes, unless id says so */
	uint32_t id;
	unsigned near; /* bytes left in which a difference is in a row */
};

struct walk {
	const struct patch_task *task;
	const struct patch_index *index; /* first walk */
	const struct patch_covers *known; /* second walk */
	size_t known_at;
	size_t search_at; /* first walk: where to search next */
	struct path path[PATHS];
	unsigned paths, best;
	struct node *node;
	size_t nodes, room;
};

static uint64_t
cover_cost(int32_t from, int32_t to)
{
	int64_t by = (int64_t)to - from;
	uint64_t bits = COST_COVER;

	for (by = by < 0 ? -by : by; by > 0; by >>= 1)
		bits += COST_COVER_BIT;
	return bits;
}

static void
mark_way(const struct walk *w, uint32_t id, uint32_t *moved)
{
	for (; id != NONE && moved[id] == NONE; id = w->node[id].parent)
		moved[id] = 0;
}

/* Drop the nodes that no path leads over; get more room if that is little. */
static int
make_room(struct walk *w, struct err *e)
{
	uint32_t *moved = malloc(w->nodes * sizeof(*moved) + 1), kept = 0;
	struct node *more;
	size_t i, k;

	if (moved == NULL)
		return err_nomem(e);
	memset(moved, 0xff, w->nodes * sizeof(*moved));
	for (k = 0; k < w->paths; k++) {
		mark_way(w, w->path[k].id, moved);
		mark_way(w, w->path[k].last.parent, moved);
	}
	/* Parents have lower numbers than children. */
	for (i = 0; i < w->nodes; i++) {
		if (moved[i] == NONE)
			continue;
		moved[i] = kept;
		w->node[kept] = w->node[i];
		if (w->node[kept].parent != NONE)
			w->node[kept].parent = moved[w->node[kept].parent];
		kept++;
	}
	for (k = 0; k < w->paths; k++) {
		if (w->path[k].id != NONE)
			w->path[k].id = moved[w->path[k].id];
		if (w->path[k].last.parent != NONE)
			w->path[k].last.parent = moved[w->path[k].last.parent];
	}
	free(moved);
	w->nodes = kept;
	if (kept < w->room / 4 * 3)
		return 0;
	more = realloc(w->node, (w->room + w->room / 2) * sizeof(*more));
	if (more == NULL)
		return err_nomem(e);
	w->node = more;
	w->room += w->room / 2;
	return 0;
}

/* Path k begins anew at offset at, coming from the best one. */
static int
branch(struct walk *w, unsigned k, int32_t diagonal, size_t at, struct err *e)
{
	struct path *from = &w->path[w->best], *to = &w->path[k];
	int rc;

	if (from->id == NONE) {
		if (w->nodes == w->room && (rc = make_room(w, e)) != 0)
			return rc;
		from->id = (uint32_t)w->nodes;
		w->node[w->nodes++] = from->last;
	}
	to->cost = from->cost +
	    (k == 0 ? (uint64_t)COST_STOP
		    : cover_cost(from->last.diagonal, diagonal));
	to->last.diagonal = k == 0 ? from->last.diagonal : diagonal;
	to->last.start = (uint32_t)at & INT32_MAX;
	to->last.parent = from->id;
	to->last.literal = k == 0;
	to->id = NONE;
	to->near = 0;
	return 0;
}

/* Make the diagonal one of the paths if it is not yet. */
static int
admit(struct walk *w, int32_t diagonal, size_t at, struct err *e)
{
	unsigned k, worst = 0;

	for (k = 1; k < w->paths; k++) {
		if (w->path[k].last.diagonal == diagonal)
			break;
		if (k != w->best &&
		    (worst == 0 || w->path[k].cost > w->path[worst].cost))
			worst = k;
	}
	if (k < w->paths) {
		if (k == w->best ||
		    w->path[k].cost <= w->path[w->best].cost +
			    cover_cost(
				w->path[w->best].last.diagonal, diagonal))
			return 0;
		return branch(w, k, diagonal, at, e);
	}
	if (w->paths < PATHS)
		k = w->paths++;
	else
		k = worst;
	/* A path that make_room may look at. */
	w->path[k].id = NONE;
	w->path[k].last.parent = NONE;
	return branch(w, k, diagonal, at, e);
}

/* Equal bytes of the path's diagonal from offset at on, up to most. */
static size_t
equal_on(const struct walk *w, unsigned k, size_t at, size_t most)
{
	const struct patch_task *t = w->task;
	int64_t place = (int64_t)at + w->path[k].last.diagonal;

	if (w->path[k].last.literal || place < 0 ||
	    (size_t)place >= t->basis_len)
		return 0;
	return patch_equal_len(t->basis + place, t->basis_len - (size_t)place,
	    t->target + at, most);
}

/* Does the best path's diagonal go on well enough without a search? */
static bool
fits_on(const struct walk *w, size_t at)
{
	const struct patch_task *t = w->task;
	const struct node *last = &w->path[w->best].last;
	int64_t place = (int64_t)at + last->diagonal;
	unsigned i, bad = 0;

	if (last->literal || place < 0 || t->target_len - at < LOOK ||
	    (size_t)place + LOOK > t->basis_len)
		return false;
	for (i = 0; i < LOOK; i++)
		bad += t->basis[(size_t)place + i] != t->target[at + i];
	return bad <= LOOK_BAD;
}

/* First walk: search a match at offset at, if it is time for it. */
static int
search(struct walk *w, size_t at, struct err *e)
{
	size_t n, place;

	if (at < w->search_at)
		return 0;
	if (fits_on(w, at)) {
		w->search_at = at + LOOK_STEP;
		return 0;
	}
	n = patch_index_find(w->index, at, &place);
	w->search_at = at + (n < MATCH_LONG ? 1 : n);
	if (n == 0)
		return 0;
	return admit(w, (int32_t)((int64_t)place - (int64_t)at), at, e);
}

/* Offset from which on the second walk knows a cover. */
static size_t
known_from(const struct patch_covers *known, size_t i)
{
	size_t start = known->v[i].target, from, least;

	from = start < EARLIER ? 0 : start - EARLIER;
	least = i == 0 ? 0 : known->v[i - 1].target;
	return from < least ? least : from;
}

static int
recall(struct walk *w, size_t at, struct err *e)
{
	const struct project_cover *c;
	int rc = 0;

	while (rc == 0 && w->known_at < w->known->n &&
	    known_from(w->known, w->known_at) <= at) {
		c = &w->known->v[w->known_at++];
		rc = admit(w, (int32_t)((int64_t)c->basis - (int64_t)c->target),
		    at, e);
	}
	return rc;
}

/* A long run of equal bytes: no other path can win there.  *at moves on. */
static int
jump(struct walk *w, size_t *at, struct err *e)
{
	size_t end = w->task->target_len, n;
	unsigned k;
	int rc = 0;

	if (w->known != NULL && w->known_at < w->known->n)
		end = known_from(w->known, w->known_at);
	if (end - *at < RUN_MIN)
		return 0;
	n = equal_on(w, w->best, *at, end - *at);
	if (n < RUN_MIN)
		return 0;
	*at += n;
	w->path[w->best].cost += n * COST_EQUAL;
	w->path[w->best].near = 0;
	for (k = 0; rc == 0 && k < w->paths; k++)
		if (k != w->best)
			rc = branch(w, k, w->path[k].last.diagonal, *at, e);
	if (w->search_at < *at)
		w->search_at = *at;
	return rc;
}

/* Let all paths take the byte at offset at, and see which is best then. */
static void
take_byte(struct walk *w, size_t at)
{
	const struct patch_task *t = w->task;
	struct path *p;
	uint64_t place;
	unsigned k;

	w->path[0].cost += COST_LITERAL;
	w->best = 0;
	for (k = 1; k < w->paths; k++) {
		p = &w->path[k];
		place = at + (uint64_t)(int64_t)p->last.diagonal;
		if (place >= t->basis_len) {
			p->cost += COST_NEVER;
		} else if (t->basis[place] == t->target[at]) {
			p->cost += COST_EQUAL;
			p->near -= p->near > 0;
		} else {
			p->cost += p->near > 0 ? COST_DIFFER_ON : COST_DIFFER;
			p->near = NEAR;
		}
		if (p->cost < w->path[w->best].cost)
			w->best = k;
	}
}

/* No path stays dearer than one that comes from the best right now. */
static int
rejoin(struct walk *w, size_t at, struct err *e)
{
	const struct path *best = &w->path[w->best];
	const struct path *p;
	uint64_t cost;
	unsigned k;
	int rc;

	for (k = 0; k < w->paths; k++) {
		p = &w->path[k];
		if (k == w->best || p->cost < best->cost + COST_STOP)
			continue;
		cost = best->cost +
		    (k == 0 ? (uint64_t)COST_STOP
			    : cover_cost(
				  best->last.diagonal, p->last.diagonal));
		if (p->cost <= cost)
			continue;
		if ((rc = branch(w, k, p->last.diagonal, at, e)) != 0)
			return rc;
	}
	return 0;
}

static int
walk_target(struct walk *w, struct err *e)
{
	size_t at = 0, before, look = 0;
	int rc;

	while (at < w->task->target_len) {
		if (at >= look) {
			look = at + LOOK_AGAIN;
			if ((rc = patch_go_on(w->task->pair, e)) != 0)
				return rc;
		}
		rc = w->known != NULL ? recall(w, at, e) : search(w, at, e);
		if (rc != 0)
			return rc;
		before = at;
		if ((rc = jump(w, &at, e)) != 0)
			return rc;
		if (at > before)
			continue;
		take_byte(w, at);
		at++;
		if ((rc = rejoin(w, at, e)) != 0)
			return rc;
	}
	return 0;
}

/* Put a piece in front of the covers gathered so far, which begin at v[i]. */
static size_t
prepend(struct patch_covers *c, size_t i, const struct node *n, size_t end)
{
	size_t len = end - n->start;

	assert(n->start <= end);
	if (n->literal || len == 0)
		return i;
	c->v[--i] = (struct project_cover){n->start,
	    (uint32_t)((int64_t)n->start + n->diagonal), (uint32_t)len};
	return i;
}

/* The covers on the best path. */
static int
collect(const struct walk *w, struct patch_covers *out, struct err *e)
{
	const struct node *last = &w->path[w->best].last, *n;
	struct patch_covers c = {NULL, 1};
	size_t i, end = w->task->target_len;

	for (n = last; n->parent != NONE; n = &w->node[n->parent])
		c.n++;
	c.v = malloc(c.n * sizeof(*c.v));
	if (c.v == NULL)
		return err_nomem(e);
	i = c.n;
	for (n = last;; n = &w->node[n->parent]) {
		i = prepend(&c, i, n, end);
		end = n->start;
		if (n->parent == NONE)
			break;
	}
	assert(i <= c.n && end == 0);
	memmove(c.v, c.v + i, (c.n - i) * sizeof(*c.v));
	c.n -= i;
	*out = c;
	return 0;
}

static int
walk(const struct patch_task *task, const struct patch_index *index,
    const struct patch_covers *known, struct patch_covers *out, struct err *e)
{
	struct walk w = {.task = task, .index = index, .known = known};
	int rc;

	/* Each walk has one of both. */
	assert((index == NULL) != (known == NULL));
	assert(task->target_len <= INT32_MAX);
	w.room = NODES_FIRST;
	w.node = malloc(w.room * sizeof(*w.node));
	if (w.node == NULL)
		return err_nomem(e);
	w.paths = 1;
	w.path[0].last = (struct node){.parent = NONE, .literal = 1};
	w.path[0].id = NONE;
	if ((rc = walk_target(&w, e)) == 0)
		rc = collect(&w, out, e);
	free(w.node);
	return rc;
}

int
patch_parse(const struct patch_task *task, const struct patch_index *index,
    struct patch_covers *out, struct err *e)
{
	return walk(task, index, NULL, out, e);
}

int
patch_parse_again(const struct patch_task *task,
    const struct patch_covers *first, struct patch_covers *out, struct err *e)
{
	return walk(task, NULL, first, out, e);
}
