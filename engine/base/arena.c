/*
 * Blocks, each larger than the one before it up to a limit.  Under whatever
 * keeps an entry for each file.
 */
#include "engine/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Of the largest block a server's malloc keeps nothing when it is freed. */
enum { FIRST_BYTES = 256, MOST_BYTES = 512 * 1024 };

struct arena_block {
	struct arena_block *before;
	size_t n, cap;
	alignas(max_align_t) char bytes[];
};

/* Another block with room for n bytes at least. */
static struct arena_block *
grow(struct arena *a, size_t n)
{
	const struct arena_block *last = a->last;
	size_t cap = last == NULL ? FIRST_BYTES : 2 * last->cap;
	struct arena_block *b;

	cap = cap < MOST_BYTES ? cap : MOST_BYTES;
	cap = cap < n ? n : cap;
	if (cap > SIZE_MAX / 4 || (b = malloc(sizeof(*b) + cap)) == NULL)
		return NULL;
	b->before = a->last;
	b->n = 0;
	b->cap = cap;
	a->last = b;
	return b;
}

static char *
take(struct arena *a, size_t n, size_t align)
{
	struct arena_block *b = a->last;
	size_t at = b == NULL ? 0 : (b->n + align - 1) / align * align;

	if (b == NULL || at > b->cap || n > b->cap - at) {
		if ((b = grow(a, n)) == NULL)
			return NULL;
		at = 0;
	}
	b->n = at + n;
	assert(b->n <= b->cap);
	return b->bytes + at;
}

void *
arena_take(struct arena *a, size_t n)
{
	return take(a, n, alignof(max_align_t));
}

char *
arena_text(struct arena *a, const char *text, size_t n)
{
	char *to = take(a, n + 1, 1);

	if (to == NULL)
		return NULL;
	memcpy(to, text, n);
	to[n] = '\0';
	return to;
}

void
arena_release(struct arena *a)
{
	struct arena_block *b, *before;

	for (b = a->last; b != NULL; b = before) {
		before = b->before;
		free(b);
	}
	a->last = NULL;
}
