/*
 * What is asked for: after the plan, distinct contents are wanted in fixed
 * batches.  Everything here is decided by the manifest and the offers alone,
 * never by timing, so that a dry run can say the exact bytes.
 */
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/tree/hashcache.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <stdlib.h>
#include <string.h>

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
	    (rc = stage_has(s->stage, &want->hash, want->size, e)) != 0)
		return rc;
	if (s->stage == NULL &&
	    stage_peek(s->opt.folder, &want->hash, want->size) == 1)
		return 1;
	if ((local = locals_find(at->locals, want)) == NULL)
		return 0;
	if (s->stage == NULL)
		return 1;
	rc = stage_copy(s->stage, local->path, &want->hash, want->size, e);
	if (rc == ERP_MISMATCH || rc == ERP_NOTFOUND)
		return 0; /* changed meanwhile: let it come */
	return rc == 0 ? 1 : rc;
}

/* A file that is like a wanted one was not compared with any. */
static void
fill_hash(void *ctx, struct entry *have)
{
	const struct searched *at = ctx;
	struct station *s = at->s;

	(void)hashcache_fill(
	    s->cache, folder_dir(s->opt.folder), have, s->opt.obs, NULL);
}

static int
find_lacks(struct station *s, struct missing **v, struct err *e)
{
	struct searched at = {.s = s};
	struct missing_folder folder = {
	    .namesakes = s->opt.whole_file ? NULL : &s->namesakes,
	    .has = is_here,
	    .fill_hash = fill_hash,
	    .ctx = &at};
	int rc;

	if ((rc = namesake_init(&s->namesakes, &s->have, s->want, e)) == 0 &&
	    (rc = locals_make(s, &at.locals, e)) == 0)
		rc = missing_find(&s->plan, &folder, v, &s->transfers_n, e);
	locals_free(at.locals);
	return rc;
}

static void
tell_plan(const struct station *s)
{
	struct event ev = {
	    EVENT_PLAN, NULL, NULL, s->transfers_n, s->content_total};

	observe(s->opt.obs, &ev);
}

static void
transfer_init(struct station *s, struct transfer *t, const struct missing *want)
{
	const struct action *a = want->action;

	t->action = (size_t)(a - s->plan.v);
	t->index = (uint32_t)(a->want - s->want->v);
	t->basis = want->basis;
	t->whole = t->basis == NULL;
	buf_init(&t->mem, BLOB_IN_MEMORY);
	s->by_index[t->index] = t;
	s->items[t->action].transfer = true;
	s->content_total += a->want->size;
}

int
transfers_make(struct station *s, struct err *e)
{
	struct missing *v = NULL;
	size_t i;
	int rc;

	TAILQ_INIT(&s->sums);
	TAILQ_INIT(&s->fetches);
	if (!s->opt.dry_run &&
	    (rc = stage_open(s->opt.folder, &s->stage, e)) != 0)
		return rc;
	s->has_part = stage_find_part(s->opt.folder, &s->part);
	if ((rc = find_lacks(s, &v, e)) != 0)
		return rc;
	s->transfers = calloc(s->transfers_n + 1, sizeof(*s->transfers));
	s->by_index = calloc(s->want->n + 1, sizeof(struct transfer *));
	if (s->transfers == NULL || s->by_index == NULL) {
		rc = err_set(e, ERP_NOMEM, "out of memory");
	} else {
		for (i = 0; i < s->transfers_n; i++)
			transfer_init(s, &s->transfers[i], &v[i]);
		rc = groups_make(s, v, e);
	}
	free(v);
	if (rc == 0)
		tell_plan(s);
	return rc;
}

/* How many transfers the batch that begins at first has. */
static size_t
batch_len(const struct station *s, size_t first)
{
	uint64_t bytes = 0;
	size_t n;

	for (n = 0; first + n < s->transfers_n && n < WANT_MAX; n++) {
		if (n > 0 && bytes >= WANT_BYTES)
			break;
		bytes += action_of(s, &s->transfers[first + n])->want->size;
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
	if (s->groups_next < s->groups_n)
		return 0;
	while (s->todo_next < s->transfers_n) {
		n = batch_len(s, s->todo_next);
		if (s->window_n + n > WINDOW)
			return 0;
		for (i = 0; i < n; i++) {
			t = &s->transfers[s->todo_next + i];
			want_fill(s, t, &v[i]);
			t->state = TRANSFER_WANTED;
			item_of(s, t)->sent += want_len(&v[i]);
		}
		if ((rc = wants_encode(v, n, &s->out, e)) != 0)
			return rc;
		s->todo_next += n;
		s->window_n += n;
	}
	return 0;
}
