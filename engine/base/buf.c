/*
 * A growable byte queue with a limit.  Under everything that puts bytes
 * together: frames, manifests, records, streams of a patch.
 */
#include "engine/base/buf.h"

#include "engine/base/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 256 };

void
buf_init(struct buf *b, size_t limit)
{
	memset(b, 0, sizeof(*b));
	b->limit = limit;
}

void
buf_release(struct buf *b)
{
	free(b->p);
	buf_init(b, b->limit);
}

void
buf_wipe(struct buf *b)
{
	volatile uint8_t *p = b->p;
	size_t i;

	for (i = 0; i < b->cap; i++)
		p[i] = 0;
	buf_release(b);
}

bool
buf_equal(const struct buf *a, const struct buf *b)
{
	/* One that is empty may have no memory. */
	return a->len == b->len &&
	    (a->len == 0 || memcmp(buf_data(a), buf_data(b), a->len) == 0);
}

int
buf_reserve(struct buf *b, size_t n, uint8_t **out, struct err *e)
{
	size_t cap, room = b->cap - b->off - b->len;
	uint8_t *p;

	assert(b->off + b->len <= b->cap);
	if (n > b->limit || b->len > b->limit - n)
		return err_set(e, ERP_NOMEM,
		    "buffer limit of %zu bytes reached", b->limit);
	/* Move the valid bytes to the front when that makes the room. */
	if (b->off > 0 && n > room) {
		memmove(b->p, b->p + b->off, b->len);
		room += b->off;
		b->off = 0;
	}
	if (n > room || b->p == NULL) {
		cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
		cap = cap > b->limit / 2 ? b->limit : 2 * cap;
		if (cap < b->len + n || cap == 0)
			cap = b->len + n > 0 ? b->len + n : 1;
		p = realloc(b->p, cap);
		if (p == NULL)
			return err_nomem(e);
		b->p = p;
		b->cap = cap;
	}
	assert(b->cap - b->off - b->len >= n);
	*out = b->p + b->off + b->len;
	return 0;
}

void
buf_commit(struct buf *b, size_t n)
{
	assert(b->off + b->len + n <= b->cap);
	b->len += n;
}

int
buf_append(struct buf *b, const void *p, size_t n, struct err *e)
{
	uint8_t *to;
	int rc;

	if (n == 0)
		return 0;
	if ((rc = buf_reserve(b, n, &to, e)) != 0)
		return rc;
	memcpy(to, p, n);
	buf_commit(b, n);
	return 0;
}

void
buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->len);
	b->off += n;
	b->len -= n;
	if (b->len == 0)
		b->off = 0;
}

void
buf_clear(struct buf *b)
{
	b->off = 0;
	b->len = 0;
}

void
buf_trim(struct buf *b)
{
	uint8_t *p;

	if (b->len == 0) {
		buf_release(b);
		return;
	}
	if (b->off > 0)
		memmove(b->p, b->p + b->off, b->len);
	b->off = 0;
	/* Without it all is as it was. */
	if ((p = realloc(b->p, b->len)) == NULL)
		return;
	b->p = p;
	b->cap = b->len;
}
