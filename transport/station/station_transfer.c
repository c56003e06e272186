/*
 * What travels: distinct contents are wanted in fixed batches, offers become
 * fetches.  Everything here is decided by the manifest and the offers alone,
 * never by timing, so that a dry run can say the exact bytes.
 */
#include "engine/apply/folder.h"
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "engine/tree/hashcache.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct action *
action_of(const struct station *s, const struct transfer *t)
{
	return &s->plan.v[t->action];
}

struct station_item *
item_of(const struct station *s, const struct transfer *t)
{
	return &s->items[t->action];
}

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

void
transfers_free(struct station *s)
{
	size_t i;

	for (i = 0; s->transfers != NULL && i < s->transfers_n; i++)
		buf_release(&s->transfers[i].mem);
	free(s->transfers);
	free(s->groups);
	free(s->by_index);
	namesake_release(&s->namesakes);
	stage_close(s->stage);
}

void
want_fill(const struct station *s, const struct transfer *t, struct msg_want *w)
{
	memset(w, 0, sizeof(*w));
	w->index = t->index;
	/* Only blobs of large files have parts. */
	if (s->has_part && action_of(s, t)->want->size > BLOB_IN_MEMORY) {
		w->flags = WANT_HAS_PART;
		memcpy(w->part, s->part.b, PART_PREFIX);
	}
	if (t->whole)
		return;
	w->flags |= WANT_HAS_BASIS;
	w->basis_size = t->basis->size;
	w->basis = t->basis->hash;
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

/* No honest blob is larger: a delta of literals only, that does not
 * compress. */
static uint64_t
blob_len_max(uint64_t size)
{
	return size + size / 64 + 64 * 1024;
}

/* May this be asked of t?  Each kind of sums once, the short ones first. */
static int
question_check(
    const struct transfer *t, const struct msg_offer *offer, struct err *e)
{
	if (t->whole)
		return err_set(e, ERP_PROTO,
		    "the server asks for sums where there is no basis");
	if (t->asked_sums ||
	    (t->asked_short && offer->codec == OFFER_ASK_SHORT))
		return err_set(
		    e, ERP_PROTO, "the server asks for the same sums again");
	return 0;
}

/* May this be offered for t? */
static int
offer_check(struct station *s, struct transfer *t,
    const struct msg_offer *offer, struct err *e)
{
	uint64_t size;
	int rc;

	if (offer_is_question(offer))
		return question_check(t, offer, e);
	if (t->whole && offer->codec != CODEC_FULL && t->group == NULL)
		return err_set(e, ERP_PROTO,
		    "the server offers a delta "
		    "where a whole file was wanted");
	if (t->group != NULL && offer->codec == CODEC_RSYNC)
		return err_set(
		    e, ERP_PROTO, "the server offers a delta for a group");
	if (t->group != NULL && (rc = group_offered(s, t, e)) != 0)
		return rc;
	size = t->group != NULL ? t->group->size : action_of(s, t)->want->size;
	if (offer->len > blob_len_max(size))
		return err_set(e, ERP_PROTO,
		    "the server offers %llu bytes for a file of %llu",
		    (unsigned long long)offer->len, (unsigned long long)size);
	return 0;
}

/* The server wants sums: to be sent when there is room. */
static void
question_take(
    struct station *s, struct transfer *t, const struct msg_offer *offer)
{
	item_of(s, t)->received += offer_len(offer);
	if (offer->codec == OFFER_ASK_SHORT) {
		t->asked_short = true;
		if (t->group != NULL && t->group->summed == NULL)
			t->group->summed = t;
	} else {
		t->asked_sums = true;
		t->group = NULL;
	}
	t->state = TRANSFER_SUMS;
	t->asked_by = s->offers_n;
	TAILQ_INSERT_TAIL(&s->sums, t, list);
}

/* How much of the offered blob is here since a link broke? */
static int
find_part(struct station *s, struct transfer *t, struct err *e)
{
	const struct msg_offer *offer = &t->offer;
	int rc;

	if (offer->len <= BLOB_IN_MEMORY)
		return 0;
	if (s->stage == NULL)
		t->got = stage_peek_part(s->opt.folder, &offer->blob);
	else if ((rc = stage_part_len(s->stage, &offer->blob, &t->got, e)) != 0)
		return rc;
	if (t->got <= offer->len)
		return 0;
	/* Not a part of this blob, whoever put it there. */
	t->got = 0;
	return s->stage == NULL ? 0
				: stage_part_remove(s->stage, &offer->blob, e);
}

/* Take one offer; *fetch gets what to fetch of it. */
static int
offer_take(struct station *s, const struct msg_offer *offer,
    struct msg_fetch *fetch, struct err *e)
{
	struct transfer *t =
	    offer->index < s->want->n ? s->by_index[offer->index] : NULL;
	struct station_item *item;
	int rc;

	if (t == NULL ||
	    (t->state != TRANSFER_WANTED && t->state != TRANSFER_ASKED))
		return err_set(e, ERP_PROTO,
		    "the server offers entry %u, which nobody wants",
		    offer->index);
	if ((rc = offer_check(s, t, offer, e)) != 0)
		return rc;
	item = item_of(s, t);
	if (offer_is_question(offer)) {
		question_take(s, t, offer);
		return 0;
	}
	t->offer = *offer;
	t->state = TRANSFER_FETCH;
	if ((rc = find_part(s, t, e)) != 0)
		return rc;
	s->report.blob_bytes += offer->len - t->got;
	fetch->index = t->index;
	fetch->offset = t->got;
	if (t->group != NULL) {
		group_account(s, t);
		return 1;
	}
	item->codec = (enum codec)offer->codec;
	item->blob_len = offer->len;
	item->sent += FETCH_LEN;
	item->received +=
	    offer_len(offer) + bulk_frames_len(offer->len - t->got);
	return 1;
}

void
transfer_done(struct station *s, struct transfer *t)
{
	t->state = TRANSFER_DONE;
	t->got = 0;
	s->done_n++;
	s->window_n--;
	s->content_done += action_of(s, t)->want->size;
}

/* A dry run counts what it would have fetched, and fetches nothing. */
static void
predict(struct station *s, const struct msg_fetch *v, size_t n)
{
	struct transfer *t;
	size_t i;

	s->predicted_sent += FRAME_HEADER_LEN + n * FETCH_LEN;
	for (i = 0; i < n; i++) {
		t = s->by_index[v[i].index];
		s->predicted_received +=
		    bulk_frames_len(t->offer.len - v[i].offset);
		if (t->group != NULL)
			group_done(s, t);
		else
			transfer_done(s, t);
	}
}

int
offer_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct msg_offer v[WANT_MAX];
	struct msg_fetch fetch[WANT_MAX];
	struct transfer *t;
	size_t n = 0;
	int i, rc, count = offers_decode(f->payload, f->len, v, e);

	if (count < 0)
		return count;
	memset(fetch, 0, sizeof(fetch));
	s->offers_n++;
	for (i = 0; i < count; i++) {
		if ((rc = offer_take(s, &v[i], &fetch[n], e)) < 0)
			return rc;
		n += (size_t)rc;
	}
	if (n == 0)
		return 0;
	if (s->opt.dry_run) {
		predict(s, fetch, n);
		return 0;
	}
	if ((rc = fetches_encode(fetch, n, &s->out, e)) != 0)
		return rc;
	/* A blob that was complete before the link broke. */
	for (i = 0; (size_t)i < n; i++) {
		t = s->by_index[fetch[i].index];
		if (t->got < t->offer.len)
			TAILQ_INSERT_TAIL(&s->fetches, t, list);
		else if ((rc = blob_complete(s, t, e)) != 0)
			return rc;
	}
	return 0;
}

bool
transfers_done(const struct station *s)
{
	return s->done_n == s->transfers_n;
}
