/*
 * What the station has under another name: the wanted content itself, which
 * then does not travel at all, or a file that is like it, as a library whose
 * name carries its version.
 */
#include "engine/base/err.h"
#include "transport/station/station_internal.h"

#include <stdlib.h>
#include <string.h>

/* A content that lies in the folder now. */
struct local {
	struct hash hash;
	const struct entry *have;
};

struct locals {
	struct local *v; /* sorted by hash */
	size_t n;
};

static int
compare_locals(const void *a, const void *b)
{
	return memcmp(((const struct local *)a)->hash.b,
	    ((const struct local *)b)->hash.b, HASH_LEN);
}

static int
compare_sizes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The sizes of all contents that are needed, sorted. */
static int
needed_sizes(const struct station *s, uint64_t **out, size_t *n, struct err *e)
{
	uint64_t *v = calloc(s->plan.n + 1, sizeof(*v));
	size_t i;

	*out = v;
	*n = 0;
	if (v == NULL)
		return err_nomem(e);
	for (i = 0; i < s->plan.n; i++)
		if (action_needs_content(&s->plan.v[i]))
			v[(*n)++] = s->plan.v[i].want->content.size;
	if (*n > 1)
		qsort(v, *n, sizeof(*v), compare_sizes);
	return 0;
}

/*
 * The hash of what an action's file has now: known by the comparison, or
 * worth reading because a needed content has the same size.  False: unknown.
 */
static bool
local_hash(struct station *s, const struct action *a, const uint64_t *sizes,
    size_t sizes_n, struct hash *out)
{
	struct entry *own;

	if (a->have == NULL || a->have->type != ENTRY_FILE)
		return false;
	if (a->kind == ACTION_SAME && a->want->content.known) {
		*out = a->want->content.hash;
		return true;
	}
	own = manifest_find(&s->have, a->have->path);
	/* That it is not asked for would tell that it is here. */
	if (own->is_secret)
		return false;
	if (!own->content.known &&
	    bsearch(&own->content.size, sizes, sizes_n, sizeof(*sizes),
		compare_sizes) != NULL)
		station_hash(s, own);
	*out = own->content.hash;
	return own->content.known;
}

int
locals_make(struct station *s, struct locals **out, struct err *e)
{
	struct locals *l = calloc(1, sizeof(*l));
	uint64_t *sizes = NULL;
	size_t i, sizes_n = 0;
	int rc = 0;

	*out = l;
	if (l == NULL || (l->v = calloc(s->plan.n + 1, sizeof(*l->v))) == NULL)
		return err_nomem(e);
	if ((rc = needed_sizes(s, &sizes, &sizes_n, e)) == 0 && sizes_n > 0)
		for (i = 0; i < s->plan.n; i++)
			if (local_hash(s, &s->plan.v[i], sizes, sizes_n,
				&l->v[l->n].hash))
				l->v[l->n++].have = s->plan.v[i].have;
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), compare_locals);
	free(sizes);
	return rc;
}

void
locals_free(struct locals *l)
{
	if (l == NULL)
		return;
	free(l->v);
	free(l);
}

const struct entry *
locals_find(const struct locals *l, const struct entry *want)
{
	struct local key = {want->content.hash, NULL};
	const struct local *found =
	    bsearch(&key, l->v, l->n, sizeof(*l->v), compare_locals);

	return found != NULL && found->have->content.size == want->content.size
	    ? found->have
	    : NULL;
}
