/*
 * The books of a session: which files are wanted, how far each is between
 * WANT and the last byte of its DATA, and what waits to be compiled.  Frames
 * (server_want.c, server_group.c, server_send.c) write into them, jobs are
 * made from them; nothing here sends, computes or waits.
 */
#include "engine/tree/manifest.h"
#include "transport/server/server_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int
pending_compare(struct pending *a, struct pending *b)
{
	return (a->index > b->index) - (a->index < b->index);
}

RB_GENERATE(pending_tree, pending, tree, pending_compare)

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	buf_release(&b->sums);
	free(b);
}

void
pending_remove(struct server *s, struct pending *p)
{
	if (p->state == PENDING_SUMS)
		TAILQ_REMOVE(&s->sums, p, list);
	else if (p->state == PENDING_FETCH)
		TAILQ_REMOVE(&s->fetches, p, list);
	RB_REMOVE(pending_tree, &s->pending, p);
	s->pending_n--;
	batch_free(p->group);
	free(p);
}

int
batch_queue(struct server *s, struct batch *b)
{
	TAILQ_INSERT_TAIL(&s->batches, b, list);
	s->batches_n++;
	s->sums_held += b->sums.len;
	return 0;
}

int
batch_new(size_t n, struct batch **out, struct err *e)
{
	struct batch *b = calloc(1, sizeof(*b) + n * sizeof(b->want[0]));

	*out = b;
	if (b == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	b->n = n;
	buf_init(&b->sums, SUMS_MAX);
	return 0;
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
 * file are looked at.  So once for each file. */
static int
whole_add(struct server *s, uint32_t index, struct err *e)
{
	if (s->wholes++ >= s->deltas)
		return err_set(e, ERP_PROTO,
		    "WANT of more whole files than deltas were offered");
	if (s->was_whole == NULL &&
	    (s->was_whole = calloc(
		 s->served->manifest.n, sizeof(*s->was_whole))) == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	if (s->was_whole[index])
		return err_set(
		    e, ERP_PROTO, "entry %u is wanted whole twice", index);
	s->was_whole[index] = true;
	return 0;
}

int
want_add(struct server *s, struct msg_want *want, struct err *e)
{
	const struct manifest *m = &s->served->manifest;
	struct pending *p;
	int rc;

	if (want->index >= m->n || m->v[want->index].type != ENTRY_FILE)
		return err_set(e, ERP_PROTO,
		    "WANT of entry %u, which is not a file", want->index);
	if (s->pending_n >= WINDOW)
		return err_set(
		    e, ERP_PROTO, "more than %d files wanted at once", WINDOW);
	if (want->flags & WANT_WHOLE &&
	    (rc = whole_add(s, want->index, e)) != 0)
		return rc;
	if (want->flags & WANT_HAS_BASIS &&
	    !is_useful_basis(want->basis_size, m->v[want->index].size))
		want->flags = 0;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	p->index = want->index;
	p->state = PENDING_WANTED;
	p->want = *want;
	if (RB_INSERT(pending_tree, &s->pending, p) != NULL) {
		free(p);
		return err_set(
		    e, ERP_PROTO, "entry %u is wanted twice", want->index);
	}
	s->pending_n++;
	return 0;
}

void
sums_owe(struct server *s, struct pending *p, uint64_t owed)
{
	assert(p->state == PENDING_WANTED && owed > 0);
	p->state = PENDING_SUMS;
	p->owed = owed;
	TAILQ_INSERT_TAIL(&s->sums, p, list);
}
