/*
 * Tables of addresses: words of 4 bytes, each with a role that a pattern gives
 * it.
 */
#include "engine/base/codec.h"
#include "engine/delta/project/project_internal.h"

#include <assert.h>

static void
project_long(const struct project_piece *p, size_t i)
{
	uint64_t v;
	uint32_t to;

	if (p->end - i < 8)
		return;
	v = project_load(p->old + i) |
	    (uint64_t)project_load(p->old + i + 4) << 32;
	v -= p->plan->from.base;
	if (v > UINT32_MAX || !project_map_find(p->map, (uint32_t)v, &to))
		return;
	store_u64(p->new + i, to + p->plan->to.base);
}

/* What the word v at offset i becomes; false: nothing. */
static bool
project_word(const struct project_piece *p, size_t i, uint8_t role, uint32_t *v)
{
	uint32_t base = (uint32_t)p->plan->from.base, anchor;

	switch (role) {
	case PROJECT_NOTHING:
		return false;
	case PROJECT_ADDRESS:
		return project_map_find(p->map, *v, v);
	case PROJECT_END:
		if (!project_map_find(p->map, *v - 1, v))
			return false;
		++*v;
		return true;
	case PROJECT_ABSOLUTE:
		if (!project_map_find(p->map, *v - base, v))
			return false;
		*v += (uint32_t)p->plan->to.base;
		return true;
	case PROJECT_SELF:
		return project_offset(p->map, project_address(p, i), *v, v);
	default:
		assert(role >= PROJECT_ANCHOR &&
		    (size_t)role - PROJECT_ANCHOR < p->plan->anchors);
		anchor = p->plan->anchor[role - PROJECT_ANCHOR];
		return project_offset(p->map, anchor, *v, v);
	}
}

void
project_words(
    const struct project_piece *p, const struct project_pattern *pattern)
{
	uint32_t from_start = p->address - pattern->start;
	size_t i = p->from, k;
	uint32_t v;

	/* The first word that begins in the region. */
	k = (from_start / 4 + (from_start % 4 != 0)) % pattern->n;
	i += (4 - from_start % 4) % 4;
	for (; i < p->to && p->end - i >= 4; i += 4) {
		if (pattern->role[k] == PROJECT_ABSOLUTE_LONG) {
			project_long(p, i);
		} else {
			v = project_load(p->old + i);
			if (project_word(p, i, pattern->role[k], &v))
				store_u32(p->new + i, v);
		}
		k = (k + 1) % pattern->n;
	}
}
