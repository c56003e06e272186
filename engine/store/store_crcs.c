/*
 * CRCs of a blob's pieces, computed as its bytes are written or checked, so
 * that a blob can go from its file to a socket.  Below the blobs; the frames'
 * CRCs are put together from these.
 */
#include "engine/store/store_internal.h"

#include "engine/base/crc.h"
#include "engine/base/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int
begin_piece(struct crc_sink *c, struct err *e)
{
	size_t cap = c->cap == 0 ? 16 : 2 * c->cap;
	uint32_t *v;

	if (c->n == c->cap) {
		if ((v = reallocarray(c->v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = 0;
	c->room = STORE_PIECE;
	return 0;
}

static int
crc_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct crc_sink *c = ctx;
	const uint8_t *at = p;
	size_t left, part;
	int rc;

	for (left = n; left > 0; left -= part, at += part) {
		if (c->room == 0 && (rc = begin_piece(c, e)) != 0)
			return rc;
		part = left < c->room ? left : c->room;
		c->v[c->n - 1] = crc_add(c->v[c->n - 1], at, part);
		c->room -= part;
	}
	return c->next == NULL ? 0 : c->next->write(c->next->ctx, p, n, e);
}

struct sink
sink_of_crc(struct crc_sink *c)
{
	struct sink s = {crc_write, c};

	return s;
}

void
entry_take_crcs(struct blob_entry *entry, struct crc_sink *c)
{
	assert(c->n == (entry->len + STORE_PIECE - 1) / STORE_PIECE);
	free(entry->crcs);
	entry->crcs = c->v;
	entry->crcs_n = c->n;
	c->v = NULL;
}

bool
store_blob_crcs(const struct store *s, const struct hash *id, size_t first,
    size_t n, uint32_t *out)
{
	const struct blob_entry *entry;
	bool known;

	store_lock(s);
	entry = entry_find(s->blobs, id);
	known = entry != NULL && first <= entry->crcs_n &&
	    n <= entry->crcs_n - first;
	if (known)
		memcpy(out, entry->crcs + first, n * sizeof(*out));
	store_unlock(s);
	return known;
}
