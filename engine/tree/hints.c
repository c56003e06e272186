/*
 * Hints: kept by path, since the order of an older release may be another by
 * the time they are used; encoded by index, since most are one further than
 * the one before.
 */
#include "engine/tree/hints.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int
hints_init(struct hints *h, size_t n, struct err *e)
{
	h->n = n;
	h->v = calloc(n + 1, sizeof(*h->v));
	return h->v == NULL ? err_nomem(e) : 0;
}

void
hints_release(struct hints *h)
{
	size_t i;

	for (i = 0; h->v != NULL && i < h->n; i++)
		free(h->v[i]);
	free(h->v);
	*h = (struct hints){.v = NULL};
}

int
hints_set(struct hints *h, size_t i, const char *path, struct err *e)
{
	assert(h->v != NULL && i < h->n && h->v[i] == NULL);
	h->v[i] = strdup(path);
	return h->v[i] == NULL ? err_nomem(e) : 0;
}

/* How far to the next one, forward or back, as a number: 0, -1, 1, -2, ... */
static uint64_t
fold_step(int64_t step)
{
	return step < 0 ? 2 * (uint64_t)(-(step + 1)) + 1 : 2 * (uint64_t)step;
}

static int64_t
unfold_step(uint64_t v)
{
	return v & 1 ? -(int64_t)(v / 2) - 1 : (int64_t)(v / 2);
}

int
hints_encode(const struct hints *h, const struct manifest *older,
    struct buf *out, struct err *e)
{
	const struct entry *from;
	int64_t at, next = 0;
	size_t i, last = 0;
	int rc = 0;

	for (i = 0; h->v != NULL && rc == 0 && i < h->n; i++) {
		if (h->v[i] == NULL)
			continue;
		from = manifest_find(older, h->v[i]);
		assert(from != NULL && from->type == ENTRY_FILE);
		at = from - older->v;
		if ((rc = put_varint(out, i - last, e)) == 0)
			rc = put_varint(out, fold_step(at - next), e);
		last = i + 1;
		next = at + 1;
	}
	return rc;
}

int
hints_decode(struct hints *h, const struct manifest *release,
    const struct manifest *older, const struct buf *in, struct err *e)
{
	struct cursor c;
	uint64_t gap, step;
	int64_t at, next = 0;
	size_t i = 0;
	int rc = hints_init(h, release->n, e);

	cursor_init(&c, in->p == NULL ? NULL : buf_data(in), in->len);
	while (rc == 0 && c.len > 0) {
		gap = cursor_varint(&c);
		step = cursor_varint(&c);
		if (c.bad || gap >= release->n - i || step > UINT32_MAX)
			goto wrong;
		i += gap;
		at = next + unfold_step(step);
		if (at < 0 || at >= (int64_t)older->n ||
		    release->v[i].type != ENTRY_FILE ||
		    older->v[at].type != ENTRY_FILE)
			goto wrong;
		rc = hints_set(h, i, older->v[at].path, e);
		i++;
		next = at + 1;
	}
	if (rc != 0)
		hints_release(h);
	return rc;
wrong:
	hints_release(h);
	return err_set(e, ERP_PROTO, "hints do not fit the two releases");
}
