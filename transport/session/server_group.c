/*
 * Groups: many small files asked for at once are answered by one blob, and
 * those of them whose basis is unknown here by a request for its sums.
 */
#include "engine/release/store.h"
#include "engine/tree/manifest.h"
#include "transport/session/server_internal.h"
#include "transport/wire/frame.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* May these files travel in one group? */
static int
check_sizes(const struct server *s, const struct batch *b, struct err *e)
{
	const struct entry *entries = s->served->manifest.v;
	uint64_t size, all = 0;
	size_t i;

	for (i = 0; i < b->n; i++) {
		size = entries[b->want[i].index].size;
		all += size;
		if (size == 0 || size > GROUP_FILE)
			return err_set(e, ERP_PROTO,
			    "GROUP with entry %u of %" PRIu64 " bytes",
			    b->want[i].index, size);
	}
	if (all > GROUP_FILES)
		return err_set(
		    e, ERP_PROTO, "GROUP with files of %" PRIu64 " bytes", all);
	return 0;
}

int
group_receive(struct server *s, const struct frame *f, struct err *e)
{
	struct batch *b, *smaller;
	size_t i;
	int rc;

	if ((rc = batch_new(GROUP_MAX, &b, e)) != 0)
		return rc;
	if ((rc = group_decode(f->payload, f->len, b->want, e)) < 0)
		goto out;
	b->group = true;
	b->n = (size_t)rc;
	/* A station may let many groups wait. */
	smaller = realloc(b, sizeof(*b) + b->n * sizeof(b->want[0]));
	if (smaller != NULL)
		b = smaller;
	for (i = 0, rc = 0; rc == 0 && i < b->n; i++)
		rc = want_add(s, &b->want[i], e);
	if (rc == 0 && (rc = check_sizes(s, b, e)) == 0)
		return batch_queue(s, b);
out:
	batch_free(b);
	return rc;
}

/*
 * The members whose bases the store has, or that have none, go to v; for the
 * others their sums are asked.  Returns how many are in v, or a code.
 */
static int
members_find(struct job *job, struct compile_member *v, uint32_t *lead)
{
	const struct msg_want *want = job->batch->want;
	const struct entry *entry;
	struct err why;
	size_t i, n = 0;
	int rc;

	job->offers_n = 0;
	for (i = 0; i < job->batch->n; i++, want++) {
		entry = &job->served->manifest.v[want->index];
		v[n].target = entry->hash;
		v[n].target_size = entry->size;
		v[n].basis_size = want->basis_size;
		rc = 0;
		if (want->basis_size > 0)
			rc = store_find_content(job->store, want->basis.b,
			    GROUP_PREFIX, want->basis_size, &v[n].basis, &why);
		if (rc == ERP_NOTFOUND) {
			memset(&job->offers[job->offers_n], 0,
			    sizeof(*job->offers));
			job->offers[job->offers_n++].index = want->index;
			continue;
		}
		if (rc != 0) {
			job->err = why;
			return rc;
		}
		if (n++ == 0)
			*lead = want->index;
	}
	return (int)n;
}

int
group_run(struct job *job, job_compile_fn *compile, void *ctx)
{
	struct compile_request req;
	struct compile_answer answer;
	struct msg_offer *offer;
	struct compile_member *v = calloc(job->batch->n, sizeof(*v));
	int n, before, rc = 0;
	uint32_t lead = 0;

	if (v == NULL)
		return err_set(&job->err, ERP_NOMEM, "out of memory");
	memset(&req, 0, sizeof(req));
	memset(&answer, 0, sizeof(answer));
	req.members = v;
	/* A basis that was collected or found damaged meanwhile is an unknown
	 * one; the same fault of a target is final. */
	for (before = GROUP_MAX + 1;; before = n) {
		if ((n = members_find(job, v, &lead)) <= 0 || n == before)
			break;
		req.members_n = (size_t)n;
		rc = compile(ctx, &req, &answer, &job->err);
		if (rc != ERP_NOTFOUND && rc != ERP_CORRUPT)
			break;
	}
	free(v);
	if (n <= 0)
		return n;
	if (rc != 0)
		return rc;
	offer = &job->offers[job->offers_n++];
	offer->index = lead;
	offer->codec = (uint8_t)answer.blob.codec;
	offer->blob = answer.blob.id;
	offer->len = answer.blob.len;
	return 0;
}

void
group_settle(struct server *s, const struct batch *b)
{
	struct pending key, *p;
	size_t i;

	for (i = 0; i < b->n; i++) {
		key.index = b->want[i].index;
		p = RB_FIND(pending_tree, &s->pending, &key);
		if (p != NULL && p->state == PENDING_WANTED)
			pending_remove(s, p);
	}
}
