/*
 * Sets of hashes.  They grow while releases are read and are looked into
 * when that is done, so an array that is sorted late does.
 */
#include "engine/store/hash_set.h"

#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int
hash_set_add(struct hash_set *set, const struct hash *h, struct err *e)
{
	size_t cap = set->cap == 0 ? 64 : 2 * set->cap;
	struct hash *v;

	if (set->n == set->cap) {
		if ((v = reallocarray(set->v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		set->v = v;
		set->cap = cap;
	}
	assert(set->n < set->cap);
	set->v[set->n++] = *h;
	set->unsorted = true;
	return 0;
}

static int
compare_hashes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash));
}

int
hash_set_add_contents(
    struct hash_set *set, const struct manifest *m, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			rc = hash_set_add(set, &m->v[i].content.hash, e);
	return rc;
}

void
hash_set_sort(struct hash_set *set)
{
	if (set->unsorted)
		qsort(set->v, set->n, sizeof(set->v[0]), compare_hashes);
	set->unsorted = false;
}

bool
hash_set_has(struct hash_set *set, const struct hash *h)
{
	if (set->n == 0)
		return false;
	hash_set_sort(set);
	return bsearch(h, set->v, set->n, sizeof(set->v[0]), compare_hashes) !=
	    NULL;
}

void
hash_set_drop(struct hash_set *set, size_t i)
{
	assert(i < set->n);
	set->v[i] = set->v[--set->n];
	set->unsorted = true;
}

void
hash_set_release(struct hash_set *set)
{
	free(set->v);
	memset(set, 0, sizeof(*set));
}
