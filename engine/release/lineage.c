/*
 * Older releases, and what the current one has of them: read from the store
 * for each release that is published, so that the background knows what
 * stations will ask for.
 */
#include "engine/release/lineage.h"

#include "engine/base/err.h"
#include "engine/release/resemble.h"
#include "engine/store/store.h"
#include "engine/tree/content_index.h"
#include "engine/tree/hints.h"
#include "engine/tree/manifest.h"
#include "engine/tree/missing.h"
#include "engine/tree/namesake.h"
#include "engine/tree/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One file of the release, as an older one has it. */
struct visit {
	const struct manifest *older;
	size_t back; /* releases between the two, counted from 1 */
	size_t index; /* of the file */
	const struct entry *was; /* or NULL */
};
/* 1 ends the visits. */
typedef int visit_fn(void *ctx, const struct visit *v, struct err *e);

/* With s: where hints come from, as stations are given them. */
static int
visit_release(struct store *s, const struct manifest *m, struct visit *v,
    visit_fn *fn, void *ctx, struct err *e)
{
	struct namesakes namesakes = {.n = 0};
	struct hints hints = {.v = NULL};
	size_t i;
	int rc = 0;

	if (s != NULL)
		rc = resemble_find(s, m, v->older, &hints, e);
	if (rc == 0)
		rc = namesake_init(&namesakes, v->older, m, hints.v, e);
	for (i = 0; rc == 0 && i < m->n; i++) {
		if (m->v[i].type != ENTRY_FILE || m->v[i].content.size == 0)
			continue;
		v->index = i;
		v->was = namesake_find(&namesakes, &m->v[i]);
		rc = fn(ctx, v, e);
	}
	namesake_release(&namesakes);
	hints_release(&hints);
	return rc;
}

/* Every kept release before the current one, the newest first. */
static int
visit_older(struct store *s, const struct manifest *m, bool hinted,
    visit_fn *fn, void *ctx, struct err *e)
{
	struct manifest older;
	struct visit v = {.older = &older};
	int rc = 0;

	for (v.back = 1; rc == 0 && v.back <= STORE_RELEASES_MAX; v.back++) {
		manifest_init(&older, m->os);
		rc = store_load_older(s, m->os, v.back, &older, e);
		if (rc == 0)
			rc =
			    visit_release(hinted ? s : NULL, m, &v, fn, ctx, e);
		else if (rc != ERP_NOTFOUND && rc != ERP_NOMEM)
			rc = 0; /* this is only of use, never needed */
		manifest_release(&older);
	}
	return rc == ERP_NOTFOUND ? 0 : rc;
}

/* The ancestors that are found so far. */
struct ancestry {
	const struct manifest *m;
	struct ancestor *v;
	size_t lacking; /* files that may have one and have none yet */
};

/* 1: there is nothing more to find.  So it is at most publications behind the
 * first older release, however many are kept. */
static int
note_ancestor(void *ctx, const struct visit *v, struct err *e)
{
	struct ancestry *all = ctx;
	struct ancestor *a = &all->v[v->index];

	(void)e;
	if (v->was == NULL || a->size > 0)
		return 0;
	a->hash = v->was->content.hash;
	a->size = v->was->content.size;
	if (namesake_is_basis(&all->m->v[v->index]))
		all->lacking--;
	return all->lacking == 0 ? 1 : 0;
}

int
lineage_ancestors(struct store *s, const struct manifest *m,
    struct ancestor **out, struct err *e)
{
	struct ancestry all = {m, calloc(m->n + 1, sizeof(*all.v)), 0};
	size_t i;
	int rc;

	*out = NULL;
	if (all.v == NULL)
		return err_nomem(e);
	for (i = 0; i < m->n; i++)
		all.lacking += namesake_is_basis(&m->v[i]);
	rc = visit_older(s, m, false, note_ancestor, &all, e);
	if (rc < 0)
		free(all.v);
	else
		*out = all.v;
	return rc < 0 ? rc : 0;
}

struct requests {
	const struct manifest *m;
	size_t back; /* the release whose contents has has */
	struct content_index has;
	struct compile_request *v;
	size_t n, room;
};

static int
add_request(
    struct requests *r, const struct compile_request *req, struct err *e)
{
	size_t room = r->room == 0 ? 64 : 2 * r->room;
	struct compile_request *v;

	if (r->n == r->room) {
		if ((v = reallocarray(r->v, room, sizeof(*v))) == NULL)
			return err_nomem(e);
		r->v = v;
		r->room = room;
	}
	r->v[r->n++] = *req;
	return 0;
}

static int
note_request(void *ctx, const struct visit *v, struct err *e)
{
	struct requests *r = ctx;
	const struct entry *want = &r->m->v[v->index];
	struct compile_request req;
	int rc;

	if (r->back != v->back) {
		r->back = v->back;
		content_index_release(&r->has);
		if ((rc = content_index_init(&r->has, v->older, e)) != 0)
			return rc;
	}
	/* It only moved, or did not change at all. */
	if (content_index_has(&r->has, &want->content.hash))
		return 0;
	memset(&req, 0, sizeof(req));
	req.one.target = want->content.hash;
	req.one.target_size = want->content.size;
	req.one.has_basis = v->was != NULL;
	if (v->was != NULL) {
		req.one.basis = v->was->content.hash;
		req.one.basis_size = v->was->content.size;
	}
	return add_request(r, &req, e);
}

static int
compare_requests(
    const struct compile_request *a, const struct compile_request *b)
{
	int order = memcmp(a->one.target.b, b->one.target.b, HASH_LEN);

	if (order == 0)
		order = (int)a->one.has_basis - (int)b->one.has_basis;
	return order != 0 ? order
			  : memcmp(a->one.basis.b, b->one.basis.b, HASH_LEN);
}

struct numbered {
	struct compile_request req;
	size_t number;
};

static int
compare_numbered(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;
	int order = compare_requests(&x->req, &y->req);

	return order != 0 ? order
			  : (x->number > y->number) - (x->number < y->number);
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Keep the first of equal requests, in the order they came. */
static int
drop_equal(struct requests *r, struct err *e)
{
	struct numbered *v = calloc(r->n + 1, sizeof(*v));
	size_t i, n = 0;

	if (v == NULL)
		return err_nomem(e);
	for (i = 0; i < r->n; i++)
		v[i] = (struct numbered){r->v[i], i};
	qsort(v, r->n, sizeof(*v), compare_numbered);
	for (i = 0; i < r->n; i++)
		if (i == 0 || compare_requests(&v[i].req, &v[n - 1].req) != 0)
			v[n++] = v[i];
	qsort(v, n, sizeof(*v), compare_numbers);
	for (i = 0; i < n; i++)
		r->v[i] = v[i].req;
	assert(n <= r->n);
	r->n = n;
	free(v);
	return 0;
}

int
lineage_requests(struct store *s, const struct manifest *m,
    struct compile_request **out, size_t *n, struct err *e)
{
	struct requests r = {.m = m, .has = {.m = NULL}};
	int rc = visit_older(s, m, true, note_request, &r, e);

	*out = NULL;
	*n = 0;
	content_index_release(&r.has);
	if (rc == 0 && r.n > 1)
		rc = drop_equal(&r, e);
	if (rc != 0) {
		free(r.v);
		return rc;
	}
	*out = r.v;
	*n = r.n;
	return 0;
}

static int
has_content(void *ctx, const struct entry *want, struct err *e)
{
	(void)e;
	return content_index_has(ctx, &want->content.hash);
}

/* What a station lacks, by groups: neither the older release nor the plan is
 * needed any more. */
struct groups {
	struct compile_member *members;
	size_t *ends; /* of each group, in members */
	size_t n;
};

static void
groups_release(struct groups *g)
{
	free(g->members);
	free(g->ends);
	memset(g, 0, sizeof(*g));
}

static void
fill_member(struct compile_member *to, const struct missing *from)
{
	to->target = from->action->want->content.hash;
	to->target_size = from->action->want->content.size;
	if (from->basis == NULL)
		return;
	to->basis = from->basis->content.hash;
	to->basis_size = from->basis->content.size;
}

static int
groups_make(
    const struct missing *v, size_t n, struct groups *out, struct err *e)
{
	size_t len, end = 0;

	out->members = calloc(n + 1, sizeof(*out->members));
	out->ends = calloc(n + 1, sizeof(*out->ends));
	if (out->members == NULL || out->ends == NULL)
		return err_nomem(e);
	while ((len = missing_cut(v + end, n - end)) > 0) {
		assert(len <= n - end && len <= GROUP_MAX);
		for (; len > 0; len--, end++)
			fill_member(&out->members[end], &v[end]);
		out->ends[out->n++] = end;
	}
	return 0;
}

static int
visit_groups(const struct groups *g, const struct lineage_visitor *visitor,
    struct err *e)
{
	struct compile_request req;
	size_t i, begin = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < g->n; i++) {
		memset(&req, 0, sizeof(req));
		req.is_group = true;
		req.group.members = g->members + begin;
		req.group.n = g->ends[i] - begin;
		begin = g->ends[i];
		rc = visitor->fn(visitor->ctx, &req, e);
	}
	return rc;
}

struct missing_list {
	struct missing *v;
	size_t n;
};

/* What a station lacks whose folder is exactly this release. */
static int
lacks_of(struct store *s, const struct manifest *m,
    const struct manifest *older, struct plan *plan, struct missing_list *out,
    struct err *e)
{
	const struct plan_options opt = {
	    .ignore_exec = m->os == PATH_OS_WINDOWS, .previous = older};
	struct content_index has = {.m = NULL};
	struct missing_folder folder = {.has = has_content, .ctx = &has};
	struct namesakes namesakes = {.n = 0};
	struct hints hints = {.v = NULL};
	int rc;

	folder.namesakes = &namesakes;
	if ((rc = plan_build(m, older, &opt, plan, e)) == 0 &&
	    (rc = content_index_init(&has, older, e)) == 0 &&
	    (rc = resemble_find(s, m, older, &hints, e)) == 0 &&
	    (rc = namesake_init(&namesakes, older, m, hints.v, e)) == 0)
		rc = missing_find(plan, &folder, &out->v, &out->n, e);
	namesake_release(&namesakes);
	hints_release(&hints);
	content_index_release(&has);
	return rc;
}

int
lineage_groups(struct store *s, const struct manifest *m, size_t back,
    const struct lineage_visitor *visitor, struct err *e)
{
	struct manifest older;
	struct plan plan = {.n = 0};
	struct missing_list lacks = {.v = NULL};
	struct groups groups = {.n = 0};
	int rc;

	manifest_init(&older, m->os);
	if ((rc = store_load_older(s, m->os, back, &older, e)) == 0 &&
	    (rc = lacks_of(s, m, &older, &plan, &lacks, e)) == 0)
		rc = groups_make(lacks.v, lacks.n, &groups, e);
	/* To make a blob takes long, and memory of its own. */
	free(lacks.v);
	plan_release(&plan);
	manifest_release(&older);
	if (rc == 0)
		rc = visit_groups(&groups, visitor, e);
	groups_release(&groups);
	return rc;
}
