/*
 * What is asked for: after the plan, distinct contents are wanted in fixed
 * batches.  Everything here is decided by the manifest and the offers alone,
 * never by timing, so that a dry run can say the exact bytes.
 */
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/tree/missing.h"
#include "engine/tree/namesake.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <stdlib.h>

/* Where contents and bases are looked for. */
struct searched {
	struct station *s;
	struct locals *locals;
};

/*
 * Is this content here already: received by an update that was interrupted,
 * or under another name in the folder?  1, 0 or a code.
 */
static int
is_here(void *ctx, const struct entry *want, struct err *e)
{
	const struct searched *at = ctx;
	struct station *s = at->s;
	const struct entry *local;
	int rc;

	if (s->stage != NULL &&
	    (rc = stage_has(
		 s->stage, &want->content.hash, want->content.size, e)) != 0)
		return rc;
	if (s->stage == NULL &&
	    stage_peek(
		s->opt.folder, &want->content.hash, want->content.size) == 1)
		return 1;
	if ((local = locals_find(at->locals, want)) == NULL)
		return 0;
	if (s->stage == NULL)
		return 1;
	rc = stage_copy(
	    s->stage, local->path, &want->content.hash, want->content.size, e);
	if (rc == ERP_MISMATCH || rc == ERP_NOTFOUND)
		return 0; /* changed meanwhile: let it come */
	return rc == 0 ? 1 : rc;
}

/* A file that is like a wanted one was not compared with any. */
static void
fill_hash(void *ctx, struct entry *have)
{
	const struct searched *at = ctx;

	station_hash(at->s, have);
}

/* A missing content and the place of its entry in the release. */
struct numbered {
	size_t index;
	struct missing m;
};

static int
compare_numbered(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->m.small != y->m.small)
		return x->m.small ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Small ones first, each kind in the order of the release: of the plan, too,
 * but where names are spelled otherwise. */
static int
put_in_order(
    const struct station *s, struct missing *v, size_t n, struct err *e)
{
	struct numbered *w;
	size_t i;

	if (n < 2 || s->manifest.spelling.from == NULL)
		return 0;
	if ((w = calloc(n, sizeof(*w))) == NULL)
		return err_nomem(e);
	for (i = 0; i < n; i++)
		w[i] =
		    (struct numbered){spelling_index(&s->manifest.spelling,
					  &s->manifest.want, v[i].action->want),
			v[i]};
	qsort(w, n, sizeof(*w), compare_numbered);
	for (i = 0; i < n; i++)
		v[i] = w[i].m;
	free(w);
	return 0;
}

/* The hints in the order of the release as the folder names it, in *own, which
 * the caller frees, or as they came. */
static int
order_hints(struct station *s, char *const **v, char ***own, struct err *e)
{
	const struct manifest *wanted = station_wanted(s);
	char **to;
	size_t i;

	*own = NULL;
	*v = s->manifest.hints.v;
	if (*v == NULL || s->manifest.spelling.from == NULL)
		return 0;
	if ((to = calloc(wanted->n + 1, sizeof(*to))) == NULL)
		return err_nomem(e);
	for (i = 0; i < wanted->n; i++)
		to[i] = (*v)[spelling_index(
		    &s->manifest.spelling, &s->manifest.want, &wanted->v[i])];
	*v = *own = to;
	return 0;
}

/* The contents that have to come, in v, which the caller frees. */
static int
find_missing(struct station *s, struct missing **v, size_t *n, struct err *e)
{
	struct searched at = {.s = s};
	struct namesakes namesakes = {.n = 0};
	struct missing_folder folder = {
	    .namesakes = s->opt.whole_file ? NULL : &namesakes,
	    .has = is_here,
	    .fill_hash = fill_hash,
	    .ctx = &at};
	char *const *hints, **own;
	int rc;

	if ((rc = order_hints(s, &hints, &own, e)) == 0 &&
	    (rc = namesake_init(
		 &namesakes, &s->have, station_wanted(s), hints, e)) == 0 &&
	    (rc = locals_make(s, &at.locals, e)) == 0)
		rc = missing_find(&s->plan, &folder, v, n, e);
	if (rc == 0)
		rc = put_in_order(s, *v, *n, e);
	locals_free(at.locals);
	namesake_release(&namesakes);
	free(own);
	return rc;
}

static void
tell_plan(const struct station *s)
{
	struct event ev = {
	    EVENT_PLAN, NULL, NULL, s->transfers.n, s->transfers.content_total};

	observe(s->opt.obs, &ev);
}

/* Where nothing is to be done nothing is received, and merged no more. */
static bool
needs_stage(const struct station *s)
{
	return s->opt.download_only || s->ini.n > 0 || !station_is_current(s);
}

/* Open it, unless nothing is to be changed, and look what is there. */
static int
open_stage(struct station *s, struct err *e)
{
	struct transfers *x = &s->transfers;
	int rc;

	if (!needs_stage(s))
		return 0;
	if (!s->opt.dry_run &&
	    (rc = stage_open(s->opt.folder, &s->stage, e)) != 0)
		return rc;
	x->part_len = stage_find_part(s->opt.folder, &x->part);
	return 0;
}

int
transfers_make(struct station *s, struct err *e)
{
	struct transfers *x = &s->transfers;
	struct missing *v = NULL;
	size_t i, n = 0;
	int rc;

	if ((rc = open_stage(s, e)) != 0)
		return rc;
	if ((rc = find_missing(s, &v, &n, e)) != 0 ||
	    (rc = transfers_init(s, n, e)) != 0)
		goto out;
	for (i = 0; i < n; i++)
		transfer_init(s, &x->v[i], &v[i]);
	if ((rc = groups_make(s, v, e)) == 0)
		tell_plan(s);
out:
	free(v);
	return rc;
}

/* How many transfers the batch that begins at first has. */
static size_t
batch_len(const struct station *s, size_t first)
{
	uint64_t bytes = 0;
	size_t n;

	for (n = 0; first + n < s->transfers.n && n < WANT_MAX; n++) {
		if (n > 0 && bytes >= WANT_BYTES)
			break;
		bytes += action_of(s, &s->transfers.v[first + n])
			     ->want->content.size;
	}
	return n;
}

int
wants_next(struct station *s, struct err *e)
{
	struct msg_want v[WANT_MAX];
	struct transfer *t;
	size_t i, n;
	int rc;

	if ((rc = groups_want(s, e)) != 0)
		return rc;
	if (s->transfers.groups_next < s->transfers.groups_n)
		return 0;
	while (s->transfers.todo_next < s->transfers.n) {
		n = batch_len(s, s->transfers.todo_next);
		if (s->transfers.window_n + n > WINDOW)
			return 0;
		for (i = 0; i < n; i++) {
			t = &s->transfers.v[s->transfers.todo_next + i];
			want_fill(s, t, &v[i]);
			transfer_wanted(s, t, want_len(&v[i]));
		}
		if ((rc = say_wants(s, v, n, e)) != 0)
			return rc;
		s->transfers.todo_next += n;
	}
	return 0;
}
