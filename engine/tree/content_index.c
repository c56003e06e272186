/*
 * Slots that tell where in a manifest a hash is.  Beside manifest.c; for who
 * asks of two releases which contents they share.
 */
#include "engine/tree/content_index.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where h is, or would be.  Hashes are spread by themselves, and half of the
 * slots at least are free. */
static uint32_t *
slot_of(const struct content_index *index, const struct hash *h)
{
	size_t at, last = index->slots_n - 1;

	assert(index->slots_n > index->m->n);
	memcpy(&at, h->b, sizeof(at));
	for (at &= last; index->slots[at] != 0; at = (at + 1) & last)
		if (hash_equal(
			&index->m->v[index->slots[at] - 1].content.hash, h))
			break;
	return &index->slots[at];
}

int
content_index_init(
    struct content_index *index, const struct manifest *m, struct err *e)
{
	uint32_t *slot;
	size_t i;

	index->m = m;
	for (index->slots_n = 2; index->slots_n < 2 * m->n;)
		index->slots_n *= 2;
	index->slots = calloc(index->slots_n, sizeof(*index->slots));
	if (index->slots == NULL)
		return err_nomem(e);
	for (i = 0; i < m->n; i++) {
		if (m->v[i].type != ENTRY_FILE)
			continue;
		slot = slot_of(index, &m->v[i].content.hash);
		if (*slot == 0)
			*slot = (uint32_t)(i + 1);
	}
	return 0;
}

bool
content_index_has(const struct content_index *index, const struct hash *h)
{
	return index->slots != NULL && *slot_of(index, h) != 0;
}

void
content_index_release(struct content_index *index)
{
	free(index->slots);
	memset(index, 0, sizeof(*index));
}
