/*
 * Code of x86 processors of 32 bits: calls and jumps that say how far away they
 * go, and whole addresses wherever they stand.
 */
#include "engine/base/codec.h"
#include "engine/delta/project/project_internal.h"

#include <assert.h>

/* Bytes from p on to the field of a call or jump, 0: it is none. */
static size_t
jump_at(const uint8_t *p)
{
	if (p[0] == 0xe8 || p[0] == 0xe9)
		return 1;
	return p[0] == 0x0f && (p[1] & 0xf0) == 0x80 ? 2 : 0;
}

/* Bytes that what begins at i and was projected has, or 0. */
static size_t
project_at(const struct project_piece *p, size_t i)
{
	size_t field = jump_at(p->old + i);
	uint32_t at, to;

	if (field > 0) {
		at = project_address(p, i + field) + 4;
		if (project_offset(
			p->map, at, project_load(p->old + i + field), &to)) {
			store_u32(p->new + i + field, to);
			return field + 4;
		}
	}
	at = project_load(p->old + i) - (uint32_t)p->plan->from.base;
	if (!project_map_find(p->map, at, &to))
		return 0;
	store_u32(p->new + i, to + (uint32_t)p->plan->to.base);
	return 4;
}

void
project_x86_32(const struct project_piece *p)
{
	size_t i = p->from, n;

	assert(p->to <= p->end);
	while (i < p->to && p->end - i >= 6) {
		n = project_at(p, i);
		i += n > 0 ? n : 1;
	}
}
