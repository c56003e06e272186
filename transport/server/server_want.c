/*
 * Wants, sums, offers and fetches: what a station asks for goes into the
 * books; what waits there becomes compile jobs, one at a time; and what they
 * answer is noted and offered.
 */
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <stdlib.h>

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
	for (i = 0, rc = 0; rc == 0 && i < n; i++) {
		rc = books_want(&s->books, &s->served->manifest, &v[i], e);
		b->want[i] = v[i];
	}
	if (rc == 0)
		books_queue(&s->books, b);
	else
		batch_free(b);
	return rc;
}

int
sums_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct msg_bulk m;
	int rc;

	if ((rc = bulk_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	return books_take_sums(&s->books, &m, e);
}

int
fetch_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct msg_fetch v[WANT_MAX];
	int i, n, rc = 0;

	if ((n = fetches_decode(f->payload, f->len, v, e)) < 0)
		return n;
	for (i = 0; rc == 0 && i < n; i++)
		rc = books_fetch(&s->books, &v[i], e);
	return rc;
}

/* Start the next compile job, if none runs. */
int
compile_next(struct server *s, struct err *e)
{
	const struct batch *b = books_next_batch(&s->books);
	struct job *job;

	if (b == NULL || s->compiling != NULL || outbox_is_high(&s->outbox))
		return 0;
	if ((job = job_new(s, JOB_COMPILE, e)) == NULL)
		return ERP_NOMEM;
	job->compile.offers = calloc(b->n, sizeof(*job->compile.offers));
	if (job->compile.offers == NULL) {
		job_free(job);
		return err_nomem(e);
	}
	job->compile.batch = books_take_batch(&s->books);
	assert(job->compile.batch == b);
	job->served = live_release_ref(s->served);
	job_submit(job);
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

	if (offer->codec == OFFER_ASK_SHORT) {
		books_owe(&s->books, p, short_sums_len(size), true);
		return 0;
	}
	if (offer->codec == OFFER_ASK_SUMS) {
		if ((rc = sig_params_for(size, &params, e)) == 0)
			books_owe(&s->books, p,
			    sig_length(size, &params) - SIG_HEADER_LEN, false);
		return rc;
	}
	books_offer(&s->books, p, offer);
	/* A dry run never fetches. */
	if (s->inbox.hello.flags & HELLO_DRY_RUN)
		books_forget(&s->books, p);
	return 0;
}

int
compile_done(struct server *s, struct job *job, struct err *e)
{
	struct compile_job *c = &job->compile;
	struct pending *p;
	size_t i;
	int rc;

	if (job->rc != 0) {
		*e = job->err;
		return job->rc;
	}
	assert(c->offers_n <= c->batch->n);
	for (i = 0; i < c->offers_n; i++) {
		/* Members' short sums are owed together, see group_settle. */
		if (c->batch->members != NULL &&
		    c->offers[i].codec == OFFER_ASK_SHORT)
			continue;
		p = books_find(&s->books, c->offers[i].index);
		assert(p != NULL);
		if ((rc = offer_note(s, p, &c->offers[i], e)) != 0)
			return rc;
	}
	if (c->batch->members != NULL)
		group_settle(&s->books, c);
	return outbox_say_offers(&s->outbox, c->offers, c->offers_n, e);
}
