/*
 * Sets of hashes.  Releases that are kept have most contents in common, so each
 * is held once, however many releases name it: an array, and slots that tell
 * where in it a hash is.
 */
#include "engine/store/hash_set.h"

#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/sort.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What is added while nothing is there. */
enum { FIRST_CAP = 64 };

/* Twice as many slots as there may be hashes; both are powers of two. */
static size_t
slots_n(const struct hash_set *set)
{
	return 2 * set->cap;
}

/* Where h is, or would be, counted from 1; a free slot has 0.  Hashes are
 * spread by themselves. */
static uint32_t *
slot_of(const struct hash_set *set, const struct hash *h)
{
	size_t at;

	assert(set->slots != NULL && set->n <= set->cap);
	memcpy(&at, h->b, sizeof(at));
	for (at &= slots_n(set) - 1; set->slots[at] != 0;
	     at = (at + 1) & (slots_n(set) - 1))
		if (hash_equal(&set->v[set->slots[at] - 1], h))
			break;
	return &set->slots[at];
}

static void
forget_slots(struct hash_set *set)
{
	free(set->slots);
	set->slots = NULL;
}

/* False without memory. */
static bool
find_slots(struct hash_set *set)
{
	size_t i;

	if (set->slots != NULL)
		return true;
	set->slots = calloc(slots_n(set), sizeof(*set->slots));
	for (i = 0; set->slots != NULL && i < set->n; i++)
		*slot_of(set, &set->v[i]) = (uint32_t)(i + 1);
	return set->slots != NULL;
}

/* Room for one more, and its slot. */
static bool
grow(struct hash_set *set)
{
	size_t cap = set->cap == 0 ? FIRST_CAP : 2 * set->cap;
	struct hash *v;

	if (set->n == set->cap) {
		if ((v = reallocarray(set->v, cap, sizeof(*v))) == NULL)
			return false;
		set->v = v;
		set->cap = cap;
		forget_slots(set);
	}
	return find_slots(set);
}

int
hash_set_add(struct hash_set *set, const struct hash *h, struct err *e)
{
	uint32_t *slot;

	if (!grow(set))
		return err_nomem(e);
	slot = slot_of(set, h);
	if (*slot != 0)
		return 0;
	assert(set->n < set->cap);
	set->v[set->n++] = *h;
	*slot = (uint32_t)set->n;
	set->unsorted = true;
	return 0;
}

static int
compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash));
}

void
hash_set_sort(struct hash_set *set)
{
	if (!set->unsorted)
		return;
	sort_array(set->v, set->n, sizeof(set->v[0]), compare_hashes);
	set->unsorted = false;
	forget_slots(set);
}

bool
hash_set_has(struct hash_set *set, const struct hash *h)
{
	size_t i;

	if (set->n == 0)
		return false;
	if (find_slots(set))
		return *slot_of(set, h) != 0;
	for (i = 0; i < set->n && !hash_equal(&set->v[i], h); i++)
		;
	return i < set->n;
}

void
hash_set_drop(struct hash_set *set, size_t i)
{
	assert(i < set->n);
	set->v[i] = set->v[--set->n];
	set->unsorted = true;
	forget_slots(set);
}

void
hash_set_release(struct hash_set *set)
{
	free(set->v);
	free(set->slots);
	memset(set, 0, sizeof(*set));
}
