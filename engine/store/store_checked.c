/*
 * Contents whose bytes this process has hashed: reading 100 MB once more for
 * each patch made of them costs more than the patch.
 */
#include "engine/base/clock.h"
#include "engine/store/store_internal.h"

#include <stdlib.h>
#include <string.h>

struct checked_content {
	RB_ENTRY(checked_content) node;
	uint64_t hashed; /* monotonic ms, or 0: only as it was written */
	struct hash hash;
};

static int
compare_checked(struct checked_content *a, struct checked_content *b)
{
	return memcmp(a->hash.b, b->hash.b, HASH_LEN);
}

RB_GENERATE_INTERNAL(checked_tree, checked_content, node, compare_checked,
    __attribute__((unused)) static)

/* The contents hashed are guarded by blobs.mutex. */
static struct checked_content *
find(struct blobs *b, const struct hash *h)
{
	struct checked_content like;

	like.hash = *h;
	return RB_FIND(checked_tree, &b->contents, &like);
}

bool
store_content_is_checked(const struct store *s, const struct hash *h)
{
	bool found;

	store_lock(s);
	found = find(s->blobs, h) != NULL;
	store_unlock(s);
	return found;
}

bool
store_is_fresh(const struct store *s, uint64_t hashed)
{
	return hashed != 0 && clock_ms(s->clock) - hashed < STORE_DOUBT_MS;
}

static void
add(struct store *s, const struct hash *h, uint64_t hashed)
{
	struct checked_content *c = calloc(1, sizeof(*c)), *known;

	if (c == NULL)
		return; /* it will be hashed again */
	c->hash = *h;
	c->hashed = hashed;
	store_lock(s);
	known = RB_INSERT(checked_tree, &s->blobs->contents, c);
	if (known != NULL && hashed != 0)
		known->hashed = hashed;
	store_unlock(s);
	if (known != NULL)
		free(c);
}

void
store_content_added(struct store *s, const struct hash *h)
{
	add(s, h, 0);
}

void
store_content_checked(struct store *s, const struct hash *h)
{
	add(s, h, clock_ms(s->clock));
}

void
store_uncheck_contents(struct store *s)
{
	struct checked_content *c, *next;
	struct blobs *b = s->blobs;

	store_lock(s);
	RB_FOREACH_SAFE(c, checked_tree, &b->contents, next)
	{
		if (store_is_fresh(s, c->hashed))
			continue;
		(void)RB_REMOVE(checked_tree, &b->contents, c);
		free(c);
	}
	store_unlock(s);
}

void
checked_forget(struct blobs *b, const struct hash *h)
{
	struct checked_content *c = find(b, h);

	if (c == NULL)
		return;
	(void)RB_REMOVE(checked_tree, &b->contents, c);
	free(c);
}

void
checked_release(struct blobs *b)
{
	struct checked_content *c, *next;

	RB_FOREACH_SAFE(c, checked_tree, &b->contents, next)
	{
		(void)RB_REMOVE(checked_tree, &b->contents, c);
		free(c);
	}
}
