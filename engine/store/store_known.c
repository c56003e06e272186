/*
 * The contents of all kept releases by the first bytes of their hash: what a
 * station can be known to have.  Read from the releases at the first question
 * after each publishing.
 */
#include "engine/store/store_internal.h"

#include "engine/base/err.h"

#include <assert.h>
#include <string.h>

void
known_outdate(struct store *s)
{
	store_lock(s);
	s->blobs->saves++;
	store_unlock(s);
}

/* Bring blobs.known up to date with the releases, if it is not. */
static int
refresh(struct store *s, struct err *e)
{
	struct hash_set set = {.v = NULL}, old = {.v = NULL};
	struct blobs *b = s->blobs;
	uint64_t saves;
	bool fresh;
	int rc;

	store_lock(s);
	saves = b->saves;
	fresh = b->known_saves == saves + 1;
	store_unlock(s);
	if (fresh)
		return 0;
	rc = releases_contents(s, &set, e);
	/* What cannot be read is only not known. */
	if (rc != ERP_NOMEM) {
		rc = 0;
		hash_set_sort(&set); /* later it is read under a lock */
		store_lock(s);
		old = b->known;
		b->known = set;
		b->known_saves = saves + 1;
		store_unlock(s);
		set = old;
	}
	hash_set_release(&set);
	return rc;
}

/* The first of the sorted hashes that does not lie before the prefix. */
static size_t
lower_bound(const struct hash_set *set, const uint8_t *prefix, size_t n)
{
	size_t low = 0, high = set->n, middle;

	assert(!set->unsorted && n <= HASH_LEN);
	while (low < high) {
		middle = low + (high - low) / 2;
		if (memcmp(set->v[middle].b, prefix, n) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int
store_find_content(struct store *s, const uint8_t *prefix, size_t n,
    uint64_t size, struct hash *out, struct err *e)
{
	const struct hash_set *known = &s->blobs->known;
	bool found = false;
	size_t i;
	int rc;

	if ((rc = refresh(s, e)) != 0)
		return rc;
	store_lock(s);
	for (i = lower_bound(known, prefix, n);
	     !found && i < known->n && memcmp(known->v[i].b, prefix, n) == 0;
	     i++) {
		*out = known->v[i];
		found = store_has_content(s, out, size);
	}
	store_unlock(s);
	return found ? 0 : err_set(e, ERP_NOTFOUND, "no such content");
}
