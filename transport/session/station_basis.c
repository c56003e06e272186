/*
 * What the station has under another name: the wanted content itself, which
 * then does not travel at all, or a file that is like it, as a library whose
 * name carries its version.
 */
#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/tree/hashcache.h"
#include "transport/session/station_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* More pairs of names are not compared: a basis is only a saving. */
enum { PAIRS_MAX = 4 * 1000 * 1000 };

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
		return err_set(e, ERP_NOMEM, "out of memory");
	for (i = 0; i < s->plan.n; i++)
		if (action_needs_content(&s->plan.v[i]))
			v[(*n)++] = s->plan.v[i].want->size;
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

	if (a->have == NULL || a->have->type != ENTRY_FILE ||
	    a->have->size == 0)
		return false;
	if (a->kind == ACTION_SAME && a->want->has_hash) {
		*out = a->want->hash;
		return true;
	}
	own = manifest_find(&s->have, a->have->path);
	if (!own->has_hash &&
	    bsearch(&own->size, sizes, sizes_n, sizeof(*sizes),
		compare_sizes) != NULL)
		(void)hashcache_fill(
		    s->cache, folder_dir(s->opt.folder), own, s->opt.obs, NULL);
	*out = own->hash;
	return own->has_hash;
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
		return err_set(e, ERP_NOMEM, "out of memory");
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
	struct local key = {want->hash, NULL};
	const struct local *found =
	    bsearch(&key, l->v, l->n, sizeof(*l->v), compare_locals);

	return found != NULL && found->have->size == want->size ? found->have
								: NULL;
}

/* The next letter of a name that is no digit and no mark between versions. */
static int
next_letter(const char **p)
{
	while (**p != '\0' && strchr("0123456789.-_", **p) != NULL)
		(*p)++;
	return **p == '\0' ? 0 : tolower((unsigned char)*(*p)++);
}

/* Are the two names the same but for versions?  "lib.so.1.2", "lib-2.so". */
static bool
is_same_stem(const char *a, const char *b)
{
	int x, y;

	a = path_base(a);
	b = path_base(b);
	do {
		x = next_letter(&a);
		y = next_letter(&b);
	} while (x == y && x != 0);
	return x == y;
}

/* How good a basis is have for want: less is better, 0 is none. */
static uint64_t
badness(const struct entry *want, const struct entry *have)
{
	uint64_t apart = want->size > have->size ? want->size - have->size
						 : have->size - want->size;

	if (have->type != ENTRY_FILE || have->size == 0 ||
	    !is_same_stem(want->path, have->path))
		return 0;
	return 1 + apart +
	    (path_same_folder(want->path, have->path) ? 0 : ENTRY_MAX_SIZE);
}

const struct entry *
basis_find(struct station *s, const struct action *a)
{
	struct entry *best = NULL;
	uint64_t least = UINT64_MAX, bad;
	size_t i;

	if (a->have != NULL && a->have->type == ENTRY_FILE)
		return a->have->has_hash && a->have->size > 0 ? a->have : NULL;
	if (s->plan.new_n > 0 &&
	    s->plan.extra_n + s->plan.delete_n > PAIRS_MAX / s->plan.new_n)
		return NULL;
	for (i = 0; i < s->plan.n; i++) {
		if (s->plan.v[i].kind != ACTION_EXTRA &&
		    s->plan.v[i].kind != ACTION_DELETE)
			continue;
		bad = badness(a->want, s->plan.v[i].have);
		if (bad == 0 || bad >= least)
			continue;
		least = bad;
		best = manifest_find(&s->have, s->plan.v[i].have->path);
	}
	if (best != NULL && !best->has_hash)
		(void)hashcache_fill(s->cache, folder_dir(s->opt.folder), best,
		    s->opt.obs, NULL);
	return best != NULL && best->has_hash ? best : NULL;
}
