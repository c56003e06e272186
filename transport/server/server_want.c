/* Wants, sums and offers: what a station asks for becomes compile jobs. */
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "engine/tree/manifest.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
want_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct msg_want v[WANT_MAX];
	struct batch *b;
	size_t i, n;
	int rc;

	if ((rc = wants_decode(f->payload, f->len, v, e)) < 0)
		return rc;
	n = (size_t)rc;
	if ((rc = batch_new(n, &b, e)) != 0)
		return rc;
	/* What is not believed of a want is taken out of it. */
	for (i = 0; rc == 0 && i < n; i++) {
		rc = want_add(s, &v[i], e);
		b->want[i] = v[i];
	}
	if (rc == 0)
		return batch_queue(s, b);
	batch_free(b);
	return rc;
}

/* The sums that were owed under p are complete. */
static int
sums_complete(struct server *s, struct pending *p, struct err *e)
{
	struct batch *b = p->group;
	int rc;

	if (b == NULL) {
		if ((rc = batch_new(1, &b, e)) != 0)
			return rc;
		b->want[0] = p->want;
		b->short_sums = p->short_sums;
	}
	p->group = NULL;
	buf_release(&b->sums);
	b->sums = s->sums_in;
	buf_init(&s->sums_in, SUMS_MAX);
	TAILQ_REMOVE(&s->sums, p, list);
	p->state = PENDING_WANTED;
	return batch_queue(s, b);
}

int
sums_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct pending *p = TAILQ_FIRST(&s->sums);
	struct msg_bulk m;
	int rc;

	if ((rc = bulk_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	if (p == NULL || p->index != m.index)
		return err_set(e, ERP_PROTO,
		    "SUMS of entry %u, which were not asked for now", m.index);
	if (m.len > p->owed - s->sums_in.len)
		return err_set(e, ERP_PROTO, "more SUMS than blocks");
	if ((rc = buf_append(&s->sums_in, m.p, m.len, e)) != 0)
		return rc;
	return s->sums_in.len == p->owed ? sums_complete(s, p, e) : 0;
}

/* Start the next compile job, if none runs. */
int
compile_next(struct server *s, struct err *e)
{
	struct batch *b = TAILQ_FIRST(&s->batches);
	struct job *job;

	if (b == NULL || s->compiling != NULL || s->out.len >= OUT_HIGH)
		return 0;
	if ((job = job_new(s, JOB_COMPILE, e)) == NULL)
		return ERP_NOMEM;
	job->offers = calloc(b->n, sizeof(*job->offers));
	if (job->offers == NULL) {
		job_free(job);
		return err_set(e, ERP_NOMEM, "out of memory");
	}
	TAILQ_REMOVE(&s->batches, b, list);
	s->batches_n--;
	s->sums_held -= b->sums.len;
	job->batch = b;
	job->served = live_release_ref(s->served);
	s->compiling = job;
	s->env.submit(s->env.ctx, job);
	return 0;
}

/* Remember what was offered for p, or that its sums are due. */
static int
offer_note(struct server *s, struct pending *p, const struct msg_offer *offer,
    struct err *e)
{
	uint64_t size = p->want.basis_size;
	struct sig_params params;
	int rc;

	assert(p->state == PENDING_WANTED);
	p->short_sums = offer->codec == OFFER_ASK_SHORT;
	if (p->short_sums) {
		sums_owe(s, p, short_sums_len(size));
		return 0;
	}
	if (offer->codec == OFFER_ASK_SUMS) {
		if ((rc = sig_params_for(size, &params, e)) == 0)
			sums_owe(
			    s, p, sig_length(size, &params) - SIG_HEADER_LEN);
		return rc;
	}
	p->state = PENDING_OFFERED;
	p->offer = *offer;
	s->deltas++;
	/* A dry run never fetches. */
	if (s->hello.flags & HELLO_DRY_RUN)
		pending_remove(s, p);
	return 0;
}

/* As few OFFERs as can be. */
static int
offers_send(
    struct server *s, const struct msg_offer *v, size_t n, struct err *e)
{
	size_t part;
	int rc = 0;

	for (; rc == 0 && n > 0; v += part, n -= part) {
		part = n < WANT_MAX ? n : WANT_MAX;
		rc = offers_encode(v, part, &s->out, e);
	}
	return rc;
}

int
compile_done(struct server *s, struct job *job, struct err *e)
{
	struct pending key, *p;
	size_t i;
	int rc;

	if (job->rc != 0) {
		*e = job->err;
		return job->rc;
	}
	for (i = 0; i < job->offers_n; i++) {
		/* Members' short sums are owed together, see group_settle. */
		if (job->batch->group &&
		    job->offers[i].codec == OFFER_ASK_SHORT)
			continue;
		key.index = job->offers[i].index;
		p = RB_FIND(pending_tree, &s->pending, &key);
		assert(p != NULL);
		if ((rc = offer_note(s, p, &job->offers[i], e)) != 0)
			return rc;
	}
	if (job->batch->group)
		group_settle(s, job);
	return offers_send(s, job->offers, job->offers_n, e);
}
