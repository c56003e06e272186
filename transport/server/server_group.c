/*
 * Groups: many small files asked for at once are answered by one blob, and
 * those of them whose basis is unknown here by a request for its sums.  A
 * GROUP goes into the books as one batch; group_run answers it on a worker;
 * group_settle writes back into the books what the answer means.
 */
#include "engine/delta/short_sums.h"
#include "engine/release/lineage.h"
#include "engine/store/store.h"
#include "engine/tree/manifest.h"
#include "transport/server/server_internal.h"
#include "transport/wire/frame.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* May these files travel in one group? */
static int
check_sizes(
    const struct manifest *m, const struct msg_want *v, size_t n, struct err *e)
{
	uint64_t size, all = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		size = m->v[v[i].index].content.size;
		all += size;
		if (size == 0 || size > GROUP_FILE)
			return err_set(e, ERP_PROTO,
			    "GROUP with entry %u of %" PRIu64 " bytes",
			    v[i].index, size);
	}
	if (all > GROUP_FILES)
		return err_set(
		    e, ERP_PROTO, "GROUP with files of %" PRIu64 " bytes", all);
	return 0;
}

int
group_receive(struct server *s, const struct frame *f, struct err *e)
{
	const struct manifest *m = &s->served->manifest;
	struct msg_want *v = calloc(GROUP_MAX, sizeof(*v));
	struct batch *b = NULL;
	size_t i, n;
	int rc;

	if (v == NULL)
		return err_nomem(e);
	if ((rc = group_decode(f->payload, f->len, v, e)) < 0)
		goto out;
	n = (size_t)rc;
	for (i = 0, rc = 0; rc == 0 && i < n; i++)
		rc = books_want(&s->books, m, &v[i], e);
	if (rc != 0 || (rc = check_sizes(m, v, n, e)) != 0 ||
	    (rc = batch_new(v, n, &b, e)) != 0)
		goto out;
	/* MEMBER_ASKED, all of them. */
	if ((b->members = calloc(n, sizeof(*b->members))) == NULL) {
		rc = err_nomem(e);
		goto out;
	}
	books_queue(&s->books, b);
	b = NULL;
out:
	batch_free(b);
	free(v);
	return rc;
}

/* What an unknown basis of this size may be an edited form of. */
static bool
find_like(const struct job *job, uint32_t index, struct compile_member *m)
{
	const struct ancestor *a = job->served->ancestors;

	if (a == NULL || a[index].size != m->basis_size ||
	    !store_has_content(job->store, &a[index].hash, a[index].size))
		return false;
	m->like = a[index].hash;
	m->like_size = a[index].size;
	return true;
}

/* How a member's basis can be had. */
enum basis_state { BASIS_KNOWN, BASIS_SHORT, BASIS_UNKNOWN };

/* Find the basis of the i-th member, whose sums may be at *sums: enum
 * basis_state, or a code. */
static int
basis_find(
    struct job *job, size_t i, struct compile_member *m, const uint8_t **sums)
{
	const struct batch *b = job->compile.batch;
	const struct msg_want *want = &b->want[i];
	const struct entry *entry = &job->served->manifest.v[want->index];
	struct err why;
	int rc;

	memset(m, 0, sizeof(*m));
	m->target = entry->content.hash;
	m->target_size = entry->content.size;
	m->basis_size = want->basis_size;
	if (b->members[i] == MEMBER_SUMMED && b->has_recall)
		return BASIS_KNOWN;
	if (b->members[i] == MEMBER_SUMMED) {
		m->sums = *sums;
		*sums += short_sums_len(m->basis_size);
		(void)find_like(job, want->index, m);
		return BASIS_KNOWN;
	}
	if (m->basis_size == 0)
		return BASIS_KNOWN;
	rc = store_find_content(job->store, want->basis.b, GROUP_PREFIX,
	    m->basis_size, &m->basis, &why);
	if (rc != ERP_NOTFOUND) {
		if (rc != 0)
			job->err = why;
		return rc != 0 ? rc : BASIS_KNOWN;
	}
	/* Sums are asked once. */
	return b->sums.len == 0 && find_like(job, want->index, m)
	    ? BASIS_SHORT
	    : BASIS_UNKNOWN;
}

/*
 * The members whose bases can be had, or that have none, go to v.  Of the
 * others sums are asked: for short ones a member stays, for a signature it
 * leaves.  Returns how many are in v, or a code.
 */
static int
members_find(struct job *job, struct compile_member *v, uint32_t *lead)
{
	struct compile_job *c = &job->compile;
	struct batch *b = c->batch;
	const uint8_t *sums = buf_data(&b->sums);
	size_t i, n = 0;
	int state;

	for (i = 0; i < b->n; i++) {
		if (b->members[i] == MEMBER_LEFT)
			continue;
		state = basis_find(job, i, &v[n], &sums);
		if (state < 0)
			return state;
		if (state == BASIS_UNKNOWN) {
			b->members[i] = MEMBER_LEFT;
			asked_add(&c->signatures, b->want[i].index);
		} else if (state == BASIS_SHORT) {
			b->members[i] = MEMBER_SUMMED;
			asked_add(&c->shorts, b->want[i].index);
		} else if (n++ == 0) {
			*lead = b->want[i].index;
		}
	}
	/* Nothing is made before the sums of all are there. */
	return c->shorts.n > 0 ? 0 : (int)n;
}

/* There is no answer to what was recalled: all sums are asked again. */
static void
recall_failed(struct compile_job *c)
{
	struct batch *b = c->batch;
	size_t i;

	b->has_recall = false;
	asked_clear(&c->shorts);
	for (i = 0; i < b->n; i++)
		if (b->members[i] == MEMBER_SUMMED)
			asked_add(&c->shorts, b->want[i].index);
}

int
group_run(struct job *job, job_compile_fn *compile, void *ctx)
{
	struct compile_answer answer;
	struct compile_job *c = &job->compile;
	struct compile_member *v = calloc(c->batch->n, sizeof(*v));
	struct compile_request req = {.is_group = true, .group.members = v};
	int n, before, rc = 0;
	uint32_t lead = 0;

	if (v == NULL)
		return err_nomem(&job->err);
	memset(&answer, 0, sizeof(answer));
	if (c->batch->has_recall)
		req.group.recall = &c->batch->recall;
	/* A basis that was collected or found damaged meanwhile is an unknown
	 * one; the same fault of a target is final. */
	for (before = GROUP_MAX + 1;; before = n) {
		if ((n = members_find(job, v, &lead)) <= 0 || n == before)
			break;
		req.group.n = (size_t)n;
		rc = compile(ctx, &req, &answer, &job->err);
		if (c->batch->has_recall ||
		    (rc != ERP_NOTFOUND && rc != ERP_CORRUPT))
			break;
	}
	free(v);
	if (c->batch->has_recall && n >= 0 && (n == 0 || rc != 0)) {
		recall_failed(c);
		return 0;
	}
	assert(c->offers_n == 0);
	if (n > 0 && rc == 0)
		offer_add(c, lead, &answer.blob);
	return n <= 0 ? n : rc;
}

/* The sums that all members together owe, under the first of them, who keeps
 * the group; false when none does. */
static bool
owe_together(struct books *books, struct compile_job *job)
{
	struct batch *b = job->batch;
	struct pending *first = NULL;
	uint64_t owed = 0;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->members[i] != MEMBER_SUMMED)
			continue;
		owed += short_sums_len(b->want[i].basis_size);
		if (first == NULL)
			first = books_find(books, b->want[i].index);
	}
	if (job->shorts.n == 0)
		return false;
	assert(first != NULL && owed > 0);
	books_owe_group(books, first, owed, b);
	job->batch = NULL;
	return true;
}

void
group_settle(struct books *books, struct compile_job *job)
{
	const struct batch *b = job->batch;
	struct pending *p;
	size_t i;

	if (owe_together(books, job))
		return;
	for (i = 0; i < b->n; i++) {
		if (b->members[i] == MEMBER_LEFT)
			continue;
		p = books_find(books, b->want[i].index);
		if (p != NULL && p->state == PENDING_WANTED)
			books_settle(books, p);
	}
}
