/*
 * Namesakes, and names that differ by a version: two manifests in, for each
 * wanted file the one that it is most like out.  Asked by both ends.
 */
#include "engine/tree/namesake.h"

#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/tree/kind.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* More pairs of names are not compared: a basis is only a saving. */
enum { PAIRS_MAX = 4 * 1000 * 1000 };

bool
namesake_is_basis(const struct entry *entry)
{
	return entry->type == ENTRY_FILE && entry->content.size > 0 &&
	    !entry->is_secret && !kind_is_ini(entry->path);
}

int
namesake_init(struct namesakes *k, const struct manifest *other,
    const struct manifest *wanted, char *const *hints, struct err *e)
{
	size_t i;

	memset(k, 0, sizeof(*k));
	k->other = other;
	k->wanted = wanted;
	k->hints = hints;
	k->budget = PAIRS_MAX;
	k->stranger = calloc(other->n + 1, sizeof(struct entry *));
	if (k->stranger == NULL)
		return err_nomem(e);
	for (i = 0; i < other->n; i++)
		if (namesake_is_basis(&other->v[i]) &&
		    manifest_find(wanted, other->v[i].path) == NULL)
			k->stranger[k->n++] = &other->v[i];
	return 0;
}

void
namesake_release(struct namesakes *k)
{
	free(k->stranger);
	memset(k, 0, sizeof(*k));
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

uint64_t
namesake_badness(const struct entry *want, const struct entry *have)
{
	uint64_t apart = want->content.size > have->content.size
	    ? want->content.size - have->content.size
	    : have->content.size - want->content.size;

	return apart +
	    (path_same_folder(want->path, have->path) ? 0 : ENTRY_MAX_SIZE);
}

struct entry *
namesake_hinted(const struct namesakes *k, const struct entry *want)
{
	size_t i = (size_t)(want - k->wanted->v);
	struct entry *found;

	assert(want >= k->wanted->v && i < k->wanted->n);
	if (k->hints == NULL || k->hints[i] == NULL)
		return NULL;
	found = manifest_find(k->other, k->hints[i]);
	return found != NULL && namesake_is_basis(found) ? found : NULL;
}

struct entry *
namesake_find(struct namesakes *k, const struct entry *want)
{
	struct entry *best = namesake_hinted(k, want);
	uint64_t least = UINT64_MAX, bad;
	size_t i;

	if (best != NULL)
		return best;
	if ((best = manifest_find(k->other, want->path)) != NULL)
		return namesake_is_basis(best) ? best : NULL;
	if (k->n > k->budget)
		return NULL;
	assert(k->n <= k->other->n);
	k->budget -= k->n;
	for (i = 0; i < k->n; i++) {
		if (!is_same_stem(want->path, k->stranger[i]->path))
			continue;
		bad = namesake_badness(want, k->stranger[i]);
		if (bad >= least)
			continue;
		least = bad;
		best = k->stranger[i];
	}
	return best;
}
