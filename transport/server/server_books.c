/*
 * The books of a session.  Frames (server_want.c, server_group.c) write into
 * them, jobs are made from them, server_send.c sends what they say is to be
 * fetched; nothing here sends, computes or waits.
 */
#include "transport/server/server_books.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int
pending_compare(struct pending *a, struct pending *b)
{
	return (a->index > b->index) - (a->index < b->index);
}

RB_PROTOTYPE(pending_tree, pending, tree, pending_compare)
RB_GENERATE(pending_tree, pending, tree, pending_compare)

void
books_init(struct books *b)
{
	RB_INIT(&b->pending);
	TAILQ_INIT(&b->owing);
	TAILQ_INIT(&b->fetches);
	TAILQ_INIT(&b->batches);
	buf_init(&b->sums, SUMS_MAX);
}

void
books_release(struct books *b)
{
	struct pending *p;

	while ((p = RB_MIN(pending_tree, &b->pending)) != NULL)
		books_forget(b, p);
	while (books_next_batch(b) != NULL)
		batch_free(books_take_batch(b));
	assert(b->pending_n == 0 && b->batches_n == 0 && b->batches_sums == 0);
	assert(TAILQ_EMPTY(&b->owing) && TAILQ_EMPTY(&b->fetches));
	buf_release(&b->sums);
	free(b->was_whole);
}

size_t
batch_held(const struct batch *b)
{
	return sizeof(*b) + b->sums.cap +
	    b->n * (sizeof(b->want[0]) + (b->members != NULL));
}

size_t
books_held(const struct books *b)
{
	size_t held = b->sums.cap + b->pending_n * sizeof(struct pending);
	const struct batch *batch;

	TAILQ_FOREACH(batch, &b->batches, list)
	held += batch_held(batch);
	return held;
}

bool
books_are_full(const struct books *b)
{
	return b->batches_n >= BATCHES_MAX || b->batches_sums >= SUMS_HELD_MAX;
}

int
batch_new(const struct msg_want *v, size_t n, struct batch **out, struct err *e)
{
	struct batch *b = calloc(1, sizeof(*b) + n * sizeof(b->want[0]));

	*out = b;
	if (b == NULL)
		return err_nomem(e);
	memcpy(b->want, v, n * sizeof(b->want[0]));
	b->n = n;
	buf_init(&b->sums, SUMS_MAX);
	return 0;
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	buf_release(&b->sums);
	free(b->members);
	free(b);
}

void
books_queue(struct books *b, struct batch *batch)
{
	assert(batch->n > 0);
	TAILQ_INSERT_TAIL(&b->batches, batch, list);
	b->batches_n++;
	b->batches_sums += batch->sums.len;
}

const struct batch *
books_next_batch(const struct books *b)
{
	return TAILQ_FIRST(&b->batches);
}

struct batch *
books_take_batch(struct books *b)
{
	struct batch *batch = TAILQ_FIRST(&b->batches);

	assert(batch != NULL && b->batches_n > 0);
	assert(b->batches_sums >= batch->sums.len);
	TAILQ_REMOVE(&b->batches, batch, list);
	b->batches_n--;
	b->batches_sums -= batch->sums.len;
	return batch;
}

struct pending *
books_find(struct books *b, uint32_t index)
{
	struct pending key;

	key.index = index;
	return RB_FIND(pending_tree, &b->pending, &key);
}

void
books_forget(struct books *b, struct pending *p)
{
	assert(b->pending_n > 0);
	assert(p->group == NULL || p->state == PENDING_SUMS);
	if (p->state == PENDING_SUMS)
		TAILQ_REMOVE(&b->owing, p, list);
	else if (p->state == PENDING_FETCH)
		TAILQ_REMOVE(&b->fetches, p, list);
	RB_REMOVE(pending_tree, &b->pending, p);
	b->pending_n--;
	batch_free(p->group);
	free(p);
}

/*
 * An empty basis is none, and one far larger than the target is not believed:
 * its size is a bare claim, and large blocks make false matches expensive.
 */
static bool
is_useful_basis(uint64_t basis, uint64_t target)
{
	return basis > 0 && basis / 8 <= target + 128 * 1024;
}

/* It is for what came out wrong, and costs more than others: all bytes of the
 * file are looked at.  So once for each of the n files. */
static int
whole_add(struct books *b, uint32_t index, size_t n, struct err *e)
{
	if (b->wholes++ >= b->deltas)
		return err_set(e, ERP_PROTO,
		    "WANT of more whole files than deltas were offered");
	if (b->was_whole == NULL &&
	    (b->was_whole = calloc(n, sizeof(*b->was_whole))) == NULL)
		return err_nomem(e);
	if (b->was_whole[index])
		return err_set(
		    e, ERP_PROTO, "entry %u is wanted whole twice", index);
	b->was_whole[index] = true;
	return 0;
}

int
books_want(struct books *b, const struct manifest *m, struct msg_want *want,
    struct err *e)
{
	struct pending *p;
	int rc;

	if (want->index >= m->n || m->v[want->index].type != ENTRY_FILE)
		return err_set(e, ERP_PROTO,
		    "WANT of entry %u, which is not a file", want->index);
	if (b->pending_n >= WINDOW)
		return err_set(
		    e, ERP_PROTO, "more than %d files wanted at once", WINDOW);
	if (want->flags & WANT_WHOLE &&
	    (rc = whole_add(b, want->index, m->n, e)) != 0)
		return rc;
	if (want->flags & WANT_HAS_BASIS &&
	    !is_useful_basis(want->basis_size, m->v[want->index].content.size))
		want->flags = 0;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return err_nomem(e);
	p->index = want->index;
	p->state = PENDING_WANTED;
	p->want = *want;
	if (RB_INSERT(pending_tree, &b->pending, p) != NULL) {
		free(p);
		return err_set(
		    e, ERP_PROTO, "entry %u is wanted twice", want->index);
	}
	b->pending_n++;
	return 0;
}

void
books_owe(struct books *b, struct pending *p, uint64_t owed, bool short_sums)
{
	assert(p->state == PENDING_WANTED && owed > 0);
	p->state = PENDING_SUMS;
	p->owed = owed;
	p->short_sums = short_sums;
	TAILQ_INSERT_TAIL(&b->owing, p, list);
}

void
books_owe_group(
    struct books *b, struct pending *p, uint64_t owed, struct batch *group)
{
	assert(p->group == NULL && group->members != NULL);
	books_owe(b, p, owed, true);
	p->group = group;
}

/* What waited for the sums that were owed under p: they are owed no more. */
static int
owed_batch(
    struct books *b, struct pending *p, struct batch **out, struct err *e)
{
	struct batch *batch = p->group;
	int rc;

	assert(p->state == PENDING_SUMS);
	if (batch == NULL) {
		if ((rc = batch_new(&p->want, 1, &batch, e)) != 0)
			return rc;
		batch->short_sums = p->short_sums;
	}
	p->group = NULL;
	TAILQ_REMOVE(&b->owing, p, list);
	p->state = PENDING_WANTED;
	*out = batch;
	return 0;
}

static int
sums_complete(struct books *b, struct pending *p, struct err *e)
{
	struct batch *batch;
	int rc;

	assert(b->sums.len == p->owed);
	if ((rc = owed_batch(b, p, &batch, e)) != 0)
		return rc;
	buf_release(&batch->sums);
	batch->sums = b->sums;
	buf_init(&b->sums, SUMS_MAX);
	books_queue(b, batch);
	return 0;
}

int
books_recall(struct books *b, const struct hash *sums, struct err *e)
{
	struct pending *p = TAILQ_FIRST(&b->owing);
	struct batch *batch;
	int rc;

	if (p == NULL || b->sums.len > 0 || p->recalled[p->short_sums])
		return err_set(e, ERP_PROTO, "RECALL of sums that are not due");
	p->recalled[p->short_sums] = true;
	if ((rc = owed_batch(b, p, &batch, e)) != 0)
		return rc;
	batch->has_recall = true;
	batch->recall = *sums;
	books_queue(b, batch);
	return 0;
}

int
books_take_sums(struct books *b, const uint8_t *p, size_t n, struct err *e)
{
	struct pending *first;
	size_t part;
	int rc;

	for (; n > 0; p += part, n -= part) {
		if ((first = TAILQ_FIRST(&b->owing)) == NULL)
			return err_set(e, ERP_PROTO,
			    "%zu bytes of SUMS that were not asked for", n);
		assert(b->sums.len < first->owed);
		part = first->owed - b->sums.len < n
		    ? (size_t)(first->owed - b->sums.len)
		    : n;
		if ((rc = buf_append(&b->sums, p, part, e)) != 0)
			return rc;
		if (b->sums.len == first->owed &&
		    (rc = sums_complete(b, first, e)) != 0)
			return rc;
	}
	return 0;
}

void
books_offer(struct books *b, struct pending *p, const struct msg_offer *offer)
{
	assert(p->state == PENDING_WANTED && p->index == offer->index);
	p->state = PENDING_OFFERED;
	p->offer = *offer;
	b->deltas++;
}

void
books_settle(struct books *b, struct pending *p)
{
	assert(p->state == PENDING_WANTED);
	b->deltas++;
	books_forget(b, p);
}

int
books_fetch(struct books *b, const struct msg_fetch *fetch, struct err *e)
{
	struct pending *p = books_find(b, fetch->index);

	if (p == NULL || p->state != PENDING_OFFERED)
		return err_set(e, ERP_PROTO,
		    "FETCH of entry %u, for which nothing is offered",
		    fetch->index);
	/* An offset at the end: the station has the blob already. */
	if (fetch->offset > p->offer.len)
		return err_set(e, ERP_PROTO, "FETCH beyond the end of a blob");
	if (fetch->offset == p->offer.len) {
		books_forget(b, p);
		return 0;
	}
	p->offset = fetch->offset;
	p->state = PENDING_FETCH;
	TAILQ_INSERT_TAIL(&b->fetches, p, list);
	return 0;
}

const struct pending *
books_next_fetch(const struct books *b)
{
	return TAILQ_FIRST(&b->fetches);
}

void
books_sent(struct books *b, size_t n)
{
	struct pending *p = TAILQ_FIRST(&b->fetches);

	assert(p != NULL && p->state == PENDING_FETCH);
	assert(n > 0 && n <= p->offer.len - p->offset);
	p->offset += n;
}

void
books_end_fetch(struct books *b)
{
	struct pending *p = TAILQ_FIRST(&b->fetches);

	assert(p != NULL && p->offset == p->offer.len);
	books_forget(b, p);
}
