/*
 * Which contents of the stage this process has hashed already, so that none is
 * hashed twice: the book of stage.c, which asks before it hashes.
 */
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"

#include <assert.h>
#include <stdlib.h>

static size_t
bucket_of(const struct hash *hash)
{
	return (size_t)(hash->b[0] | hash->b[1] << 8) % STAGE_BUCKETS;
}

struct staged *
staged_find(const struct stage *s, const struct hash *hash)
{
	struct staged *n = s->verified[bucket_of(hash)];

	while (n != NULL && !hash_equal(&n->hash, hash))
		n = n->next;
	return n;
}

int
staged_remember(struct stage *s, const struct hash *hash, struct err *e)
{
	struct staged **head = &s->verified[bucket_of(hash)];
	struct staged *n = staged_find(s, hash);

	if (n != NULL) {
		free(n->moved);
		n->moved = NULL;
		return 0;
	}
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return err_nomem(e);
	n->hash = *hash;
	n->next = *head;
	*head = n;
	return 0;
}

void
staged_forget(struct stage *s, struct staged *gone)
{
	struct staged **at = &s->verified[bucket_of(&gone->hash)];

	assert(staged_find(s, &gone->hash) == gone);
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	free(gone->moved);
	free(gone);
}
