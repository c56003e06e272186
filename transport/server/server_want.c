/*
 * Wants, sums, offers and fetches: what a station asks for goes into the
 * books, which refuse what may not be asked; what waits there becomes compile
 * jobs, one at a time; and what they answer is noted and offered.
 */
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>

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
	/* What is not believed of a want is taken out of it. */
	for (i = 0, rc = 0; rc == 0 && i < n; i++)
		rc = books_want(&s->books, &s->served->manifest, &v[i], e);
	if (rc != 0 || (rc = batch_new(v, n, &b, e)) != 0)
		return rc;
	books_queue(&s->books, b);
	return 0;
}

int
sums_receive(struct server *s, const struct frame *f, struct err *e)
{
	if (f->len == 0)
		return err_set(e, ERP_PROTO, "SUMS without bytes");
	return books_take_sums(&s->books, f->payload, f->len, e);
}

int
recall_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct hash sums;
	int rc;

	if ((rc = recall_decode(f->payload, f->len, &sums, e)) != 0)
		return rc;
	return books_recall(&s->books, &sums, e);
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
	struct job *job;

	if (books_next_batch(&s->books) == NULL || s->compiling != NULL ||
	    outbox_is_high(&s->outbox))
		return 0;
	if ((job = job_new_compile(s, e)) == NULL)
		return ERP_NOMEM;
	job_submit(job);
	return 0;
}

/* The sums of these files are due from now on. */
static int
note_asked(
    struct books *b, enum sums_kind kind, const struct asked *a, struct err *e)
{
	struct sig_params params;
	struct pending *p;
	uint64_t size;
	size_t i;
	int rc;

	for (i = 0; i < a->n; i++) {
		p = books_find(b, a->v[i]);
		assert(p != NULL);
		size = p->want.basis_size;
		if (kind == SUMS_SHORT) {
			books_owe(b, p, short_sums_len(size), true);
			continue;
		}
		if ((rc = sig_params_for(size, &params, e)) != 0)
			return rc;
		books_owe(
		    b, p, sig_length(size, &params) - SIG_HEADER_LEN, false);
	}
	return 0;
}

static void
note_offers(struct server *s, const struct compile_job *c)
{
	struct pending *p;
	size_t i;

	assert(c->offers_n <= c->batch->n);
	for (i = 0; i < c->offers_n; i++) {
		p = books_find(&s->books, c->offers[i].index);
		assert(p != NULL);
		books_offer(&s->books, p, &c->offers[i]);
		/* A dry run fetches nothing but what it says so of. */
		if ((s->inbox.hello.flags & HELLO_DRY_RUN) != 0 &&
		    (p->want.flags & WANT_PREVIEW) == 0)
			books_forget(&s->books, p);
	}
}

int
compile_done(struct server *s, struct job *job, struct err *e)
{
	struct compile_job *c = &job->compile;
	int rc;

	if (job->rc != 0) {
		*e = job->err;
		return job->rc;
	}
	rc = note_asked(&s->books, SUMS_SIGNATURE, &c->signatures, e);
	/* Members' short sums are owed together. */
	if (rc == 0 && c->batch->members == NULL)
		rc = note_asked(&s->books, SUMS_SHORT, &c->shorts, e);
	if (rc != 0)
		return rc;
	note_offers(s, c);
	if (c->batch->members != NULL)
		group_settle(&s->books, c);
	if ((rc = outbox_say_ask(
		 &s->outbox, SUMS_SIGNATURE, &c->signatures, e)) != 0 ||
	    (rc = outbox_say_ask(&s->outbox, SUMS_SHORT, &c->shorts, e)) != 0)
		return rc;
	return outbox_say_offers(&s->outbox, c->offers, c->offers_n, e);
}
