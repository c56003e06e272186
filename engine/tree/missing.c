/*
 * Contents that are lacked.  Which go together is decided by the plan alone,
 * so that stations alike ask alike and one answer does for all of them.
 */
#include "engine/tree/missing.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"
#include "engine/tree/namesake.h"
#include "engine/tree/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool
action_needs_content(const struct action *a)
{
	return (a->kind == ACTION_NEW || a->kind == ACTION_CHANGED) &&
	    a->want->type == ENTRY_FILE && a->want->content.size > 0;
}

/* Order of candidates: by content, then as planned. */
static int
compare_content(const void *a, const void *b)
{
	const struct missing *x = a, *y = b;
	int order = memcmp(x->action->want->content.hash.b,
	    y->action->want->content.hash.b, HASH_LEN);

	if (order != 0)
		return order;
	return (x->action > y->action) - (x->action < y->action);
}

/* Small ones first, each kind as planned. */
static int
compare_order(const void *a, const void *b)
{
	const struct missing *x = a, *y = b;

	if (x->small != y->small)
		return x->small ? -1 : 1;
	return (x->action > y->action) - (x->action < y->action);
}

static void
sort(struct missing *v, size_t n, int (*compare)(const void *, const void *))
{
	if (n > 1)
		qsort(v, n, sizeof(*v), compare);
}

/* Keep, of each content that is lacked, the first. */
static int
keep_lacked(struct missing *v, size_t n, const struct missing_folder *folder,
    size_t *kept, struct err *e)
{
	const struct hash *before = NULL, *hash;
	size_t i;
	int has;

	*kept = 0;
	for (i = 0; i < n; i++) {
		hash = &v[i].action->want->content.hash;
		if (before != NULL && hash_equal(before, hash))
			continue;
		before = hash;
		has = folder->has(folder->ctx, v[i].action->want, e);
		if (has < 0)
			return has;
		assert(*kept <= i);
		if (has == 0)
			v[(*kept)++] = v[i];
	}
	return 0;
}

/* What the content may be made from: what a hint names, what lies in its place,
 * else a file that is like it. */
static const struct entry *
basis_of(const struct missing_folder *folder, const struct action *a)
{
	struct entry *best = namesake_hinted(folder->namesakes, a->want);

	if (best == NULL && a->have != NULL && a->have->type == ENTRY_FILE)
		return a->have->content.known && namesake_is_basis(a->have)
		    ? a->have
		    : NULL;
	if (best == NULL)
		best = namesake_find(folder->namesakes, a->want);
	if (best != NULL && !best->content.known && folder->fill_hash != NULL)
		folder->fill_hash(folder->ctx, best);
	return best != NULL && best->content.known ? best : NULL;
}

int
missing_find(const struct plan *p, const struct missing_folder *folder,
    struct missing **out, size_t *n, struct err *e)
{
	struct missing *v = calloc(p->n + 1, sizeof(*v));
	size_t i, candidates = 0;
	int rc;

	*out = NULL;
	if (v == NULL)
		return err_nomem(e);
	for (i = 0; i < p->n; i++)
		if (action_needs_content(&p->v[i]))
			v[candidates++].action = &p->v[i];
	sort(v, candidates, compare_content);
	if ((rc = keep_lacked(v, candidates, folder, n, e)) != 0) {
		free(v);
		return rc;
	}
	assert(*n <= candidates);
	/* Bases are looked for in the plan's order: the search has a budget. */
	sort(v, *n, compare_order);
	for (i = 0; i < *n; i++) {
		if (folder->namesakes != NULL)
			v[i].basis = basis_of(folder, v[i].action);
		v[i].small = v[i].action->want->content.size <= GROUP_FILE &&
		    (v[i].basis == NULL ||
			v[i].basis->content.size <= GROUP_BASIS);
	}
	sort(v, *n, compare_order);
	*out = v;
	return 0;
}

size_t
missing_cut(const struct missing *v, size_t n)
{
	uint64_t files = 0, bases = 0;
	size_t i;

	for (i = 0; i < n && i < GROUP_MAX && v[i].small; i++) {
		assert(v[i].action->want->content.size <= GROUP_FILE);
		files += v[i].action->want->content.size;
		bases += v[i].basis == NULL ? 0 : v[i].basis->content.size;
		if (files > GROUP_FILES || bases > GROUP_BASES)
			break;
	}
	return i < 2 ? 0 : i;
}
