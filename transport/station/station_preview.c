/*
 * What a dry run looks into: INI files that would change are fetched after
 * all, so that people are told which keys change, and to what.  An update does
 * not come here, so what this moves is in no report.  After everything else is
 * foretold, below station.c.
 */
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "engine/tree/kind.h"
#include "engine/tree/plan.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <stdlib.h>

/* Of one dry run, in one WANT. */
enum {
	PREVIEW_FILES = 64,
	PREVIEW_BYTES = 4 * 1024 * 1024,
	BLOB_SPARE = 64 * 1024 /* above what is in it */
};

enum preview_state { PREVIEW_WANTED, PREVIEW_FETCH, PREVIEW_DONE };

struct preview {
	size_t action; /* of the plan */
	uint32_t index; /* in the manifest */
	enum preview_state state;
	struct msg_offer offer;
	struct buf blob; /* as far as it came */
	bool known;
	struct buf content; /* that the file is to have */
};

/* Can it be told what changes in this file? */
static bool
is_looked_into(const struct action *a)
{
	return a->kind == ACTION_CHANGED && a->want->type == ENTRY_FILE &&
	    a->have->type == ENTRY_FILE && kind_is_ini(a->want->path) &&
	    a->want->content.size > 0 &&
	    a->want->content.size <= BLOB_IN_MEMORY;
}

/* The actions to be looked into, as previews. */
static void
find(struct station *s)
{
	struct previews *x = &s->previews;
	const struct action *a;
	uint64_t bytes = 0;
	struct preview *p;
	size_t i;

	for (i = 0; i < s->plan.n && x->n < PREVIEW_FILES; i++) {
		a = &s->plan.v[i];
		if (!is_looked_into(a) ||
		    bytes + a->want->content.size > PREVIEW_BYTES)
			continue;
		bytes += a->want->content.size;
		p = &x->v[x->n++];
		p->action = i;
		p->index = (uint32_t)spelling_index(
		    &s->manifest.spelling, &s->manifest.want, a->want);
		buf_init(&p->blob, a->want->content.size + BLOB_SPARE);
		buf_init(&p->content, 2 * BLOB_IN_MEMORY);
	}
}

int
previews_ask(struct station *s, struct err *e)
{
	struct previews *x = &s->previews;
	struct msg_want want[PREVIEW_FILES];
	size_t i, before = s->out.len;
	int rc;

	assert(x->v == NULL);
	if (!x->offered)
		return 0;
	if ((x->v = calloc(PREVIEW_FILES, sizeof(*x->v))) == NULL)
		return err_nomem(e);
	find(s);
	if (x->n == 0)
		return 0;
	for (i = 0; i < x->n; i++)
		want[i] = (struct msg_want){
		    .index = x->v[i].index, .flags = WANT_PREVIEW};
	if ((rc = say_wants(s, want, x->n, e)) != 0)
		return rc;
	x->sent += s->out.len - before;
	return (int)x->n;
}

void
previews_release(struct station *s)
{
	size_t i;

	for (i = 0; i < s->previews.n; i++) {
		buf_release(&s->previews.v[i].blob);
		buf_release(&s->previews.v[i].content);
	}
	free(s->previews.v);
}

bool
previews_done(const struct station *s)
{
	return s->previews.done_n == s->previews.n;
}

static struct preview *
preview_find(struct station *s, uint32_t index, enum preview_state state)
{
	size_t i;

	for (i = 0; i < s->previews.n; i++)
		if (s->previews.v[i].index == index &&
		    s->previews.v[i].state == state)
			return &s->previews.v[i];
	return NULL;
}

/* One offer is to be fetched, from its beginning. */
static int
take_offer(struct station *s, const struct msg_offer *offer,
    struct msg_fetch *fetch, struct err *e)
{
	struct preview *p = preview_find(s, offer->index, PREVIEW_WANTED);

	if (p == NULL || offer->codec != CODEC_FULL ||
	    offer->len > p->blob.limit)
		return err_set(e, ERP_PROTO,
		    "the server offers entry %u otherwise than it was wanted",
		    offer->index);
	p->offer = *offer;
	p->state = PREVIEW_FETCH;
	*fetch = (struct msg_fetch){.index = offer->index};
	return 0;
}

int
preview_offer_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct msg_fetch fetch[WANT_MAX];
	struct msg_offer v[WANT_MAX];
	int i, rc, n = offers_decode(f->payload, f->len, v, e);
	size_t before = s->out.len;

	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		if ((rc = take_offer(s, &v[i], &fetch[i], e)) != 0)
			return rc;
	if ((rc = say_fetches(s, fetch, (size_t)n, e)) != 0)
		return rc;
	s->previews.sent += s->out.len - before;
	s->previews.received += FRAME_HEADER_LEN + f->len;
	return 0;
}

/* The file of the release, from its blob. */
static int
decode(const struct preview *p, const struct entry *want, struct buf *out,
    struct err *e)
{
	const struct unpack_task task = {.codec = CODEC_FULL,
	    .size = want->content.size,
	    .want = &want->content.hash};
	struct mem_stream m = {buf_data(&p->blob), p->blob.len, 0};
	const struct source blob = source_of_mem(&m);
	const struct sink to = sink_of_buf(out);

	return unpack(&task, &blob, &to, e);
}

/* What was damaged is not told: an update would ask for it again. */
static int
complete(struct station *s, struct preview *p, struct err *e)
{
	const struct action *a = &s->plan.v[p->action];
	struct buf release;
	int rc;

	p->state = PREVIEW_DONE;
	s->previews.done_n++;
	buf_init(&release, BLOB_IN_MEMORY);
	rc = decode(p, a->want, &release, e);
	if (rc == 0 && (a->reasons & REASON_MERGE) != 0)
		rc = station_foretell_merge(
		    s, p->action, &release, &p->content, e);
	else if (rc == 0)
		rc =
		    buf_append(&p->content, buf_data(&release), release.len, e);
	p->known = rc == 0;
	buf_release(&release);
	buf_release(&p->blob);
	return rc == ERP_CORRUPT || rc == ERP_MISMATCH ? 0 : rc;
}

int
preview_data_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct preview *p;
	struct msg_data m;
	int rc;

	if ((rc = data_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	p = preview_find(s, m.index, PREVIEW_FETCH);
	if (p == NULL || m.len > p->offer.len - p->blob.len)
		return err_set(
		    e, ERP_PROTO, "the server sends data nobody asked for");
	s->previews.received += FRAME_HEADER_LEN + f->len;
	if ((rc = buf_append(&p->blob, m.p, m.len, e)) != 0)
		return rc;
	return p->blob.len < p->offer.len ? 0 : complete(s, p, e);
}

const struct buf *
station_preview(const struct station *s, size_t action)
{
	size_t i;

	for (i = 0; i < s->previews.n; i++)
		if (s->previews.v[i].action == action)
			return s->previews.v[i].known
			    ? &s->previews.v[i].content
			    : NULL;
	return NULL;
}
