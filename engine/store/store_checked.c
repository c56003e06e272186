/*
 * Contents whose bytes this process has hashed: reading 100 MB once more for
 * each patch made of them costs more than the patch.
 */
#include "engine/store/store_internal.h"

#include <stdlib.h>
#include <string.h>

struct checked_content {
	RB_ENTRY(checked_content) node;
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

void
store_content_checked(struct store *s, const struct hash *h)
{
	struct checked_content *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return; /* it will be hashed again */
	c->hash = *h;
	store_lock(s);
	if (RB_INSERT(checked_tree, &s->blobs->contents, c) != NULL)
		free(c);
	store_unlock(s);
}

void
store_uncheck_contents(struct store *s)
{
	store_lock(s);
	checked_release(s->blobs);
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
