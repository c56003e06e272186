/*
 * Groups: small files are asked for many at once and come in one blob.
 * Which go together is told by engine/tree/missing.h.
 */
#include "engine/apply/stage.h"
#include "engine/base/err.h"
#include "engine/tree/missing.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
groups_make(struct station *s, const struct missing *v, struct err *e)
{
	struct transfer_group *g;
	size_t i, n;

	s->transfers.groups =
	    calloc(s->transfers.n / 2 + 1, sizeof(*s->transfers.groups));
	if (s->transfers.groups == NULL)
		return err_nomem(e);
	while ((n = missing_cut(v + s->transfers.todo_next,
		    s->transfers.n - s->transfers.todo_next)) > 0) {
		g = &s->transfers.groups[s->transfers.groups_n++];
		g->first = s->transfers.todo_next;
		g->n = n;
		for (i = 0; i < n; i++)
			s->transfers.v[g->first + i].group = g;
		s->transfers.todo_next += n;
	}
	return 0;
}

static int
group_want(struct station *s, const struct transfer_group *g, struct err *e)
{
	struct msg_want *v = calloc(g->n, sizeof(*v));
	struct transfer *t;
	size_t i;
	int rc;

	if (v == NULL)
		return err_nomem(e);
	for (i = 0; i < g->n; i++) {
		t = &s->transfers.v[g->first + i];
		want_fill(s, t, &v[i]);
		transfer_wanted(s, t, group_member_len(v, i));
	}
	rc = say_group(s, v, g->n, e);
	free(v);
	return rc;
}

int
groups_want(struct station *s, struct err *e)
{
	const struct transfer_group *g;
	int rc;

	for (; s->transfers.groups_next < s->transfers.groups_n;
	     s->transfers.groups_next++) {
		g = &s->transfers.groups[s->transfers.groups_next];
		if (s->transfers.window_n + g->n > WINDOW)
			return 0;
		if ((rc = group_want(s, g, e)) != 0)
			return rc;
	}
	return 0;
}

/* The next member of t's group from *i on that comes in its blob, or NULL. */
static struct transfer *
next_member(const struct station *s, const struct transfer_group *g, size_t *i)
{
	struct transfer *m;

	while (*i < g->n) {
		m = &s->transfers.v[g->first + (*i)++];
		if (m->group == g)
			return m;
	}
	return NULL;
}

int
group_offered(struct station *s, struct transfer *t, struct err *e)
{
	struct transfer_group *g = t->group;
	struct transfer *m;
	size_t i = 0;

	/* Whoever is asked for sums has left by now. */
	if (next_member(s, g, &i) != t)
		return err_set(e, ERP_PROTO,
		    "the server offers a group under entry %u, "
		    "which is not its first",
		    t->index);
	g->size = 0;
	for (i = 0; (m = next_member(s, g, &i)) != NULL;) {
		if (m->state != TRANSFER_WANTED && m->state != TRANSFER_ASKED)
			return err_set(e, ERP_PROTO,
			    "the server offers a group before it has all sums");
		transfer_grouped(m);
		g->size += action_of(s, m)->want->content.size;
	}
	return 0;
}

/*
 * Each file has the part of the blob and its messages that it has of the
 * contents; rounded so that the parts of all are exactly the whole.
 */
void
group_account(struct station *s, const struct transfer *t)
{
	const struct transfer_group *g = t->group;
	uint64_t received = OFFER_LEN + data_frames_len(t->offer.len - t->got);
	uint64_t before, upto = 0;
	struct transfer *m;
	size_t i = 0;

	assert(g->size > 0);
	while ((m = next_member(s, g, &i)) != NULL) {
		before = upto;
		upto += action_of(s, m)->want->content.size;
		item_blob(s, m, t->offer.codec,
		    t->offer.len * upto / g->size -
			t->offer.len * before / g->size);
		item_sent(s, m,
		    FETCH_LEN * upto / g->size - FETCH_LEN * before / g->size);
		item_received(s, m,
		    received * upto / g->size - received * before / g->size);
	}
	assert(upto == g->size);
}

void
group_done(struct station *s, struct transfer *t)
{
	const struct transfer_group *g = t->group;
	struct transfer *m;
	size_t i = 0;

	while ((m = next_member(s, g, &i)) != NULL)
		transfer_done(s, m);
}

static int
decode(struct station *s, struct transfer *t, struct stage_member *v,
    struct err *e)
{
	struct blob_bytes b;
	struct transfer *m;
	size_t i = 0, n = 0;
	int rc;

	while ((m = next_member(s, t->group, &i)) != NULL) {
		v[n].basis_path = m->whole ? NULL : m->basis->path;
		v[n].basis_size = m->whole ? 0 : m->basis->content.size;
		v[n].want = &action_of(s, m)->want->content.hash;
		v[n++].size = action_of(s, m)->want->content.size;
	}
	if ((rc = blob_open(s, t, &b, e)) == 0)
		rc = stage_put_group(
		    s->stage, (enum codec)t->offer.codec, &b.src, v, n, e);
	return blob_close(s, t, &b, rc, e);
}

int
group_complete(struct station *s, struct transfer *t, struct err *e)
{
	const struct transfer_group *g = t->group;
	struct stage_member *v = calloc(g->n, sizeof(*v));
	struct transfer *m, **bad = calloc(g->n, sizeof(struct transfer *));
	size_t i = 0, n = 0, bad_n = 0;
	int rc = ERP_NOMEM;

	if (v == NULL || bad == NULL)
		(void)err_nomem(e);
	else if ((rc = decode(s, t, v, e)) == 0)
		(void)err_set(e, ERP_MISMATCH, "content has another hash");
	if (rc != 0 && rc != ERP_MISMATCH && rc != ERP_CORRUPT)
		goto out;
	while ((m = next_member(s, g, &i)) != NULL) {
		m->group = NULL;
		if (!v[n++].done) {
			bad[bad_n++] = m;
			continue;
		}
		transfer_done(s, m);
		show_progress(s, m);
	}
	rc = want_whole(s, bad, bad_n, e->msg, e);
out:
	free(v);
	free(bad);
	return rc;
}
