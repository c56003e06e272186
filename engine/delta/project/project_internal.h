#ifndef ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_INTERNAL_H
#define ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_INTERNAL_H

/* What the kinds of projection see of a region, and what they do with it. */

#include "engine/delta/project/project.h"

#include <string.h>

/*
 * A region within bytes of the basis, from <= .. < to, and some bytes behind
 * it that fields may end in, up to end.  Fields are read from old and written
 * to new at the same offset.
 */
struct project_piece {
	const struct project_plan *plan;
	const struct project_map *map;
	const uint8_t *old;
	uint8_t *new;
	size_t from, to, end;
	uint32_t address; /* of old[from] */
};

/* Bytes of the basis from offset at on, and where they are projected to, which
 * has them as they are before. */
struct project_window {
	const uint8_t *old;
	uint8_t *new;
	uint64_t at;
	size_t n;
};

/* Project the region at offset i of the window as one of this kind. */
void project_region(const struct project_reader *r,
    const struct project_window *w, size_t i, uint8_t kind);

void project_x86_64(const struct project_piece *p);
void project_x86_32(const struct project_piece *p);
void project_arm64(const struct project_piece *p);
void project_words(
    const struct project_piece *p, const struct project_pattern *pattern);

static inline uint32_t
project_load(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* The address of the byte at offset i of the piece. */
static inline uint32_t
project_address(const struct project_piece *p, size_t i)
{
	return p->address + (uint32_t)(i - p->from);
}

/*
 * Where an offset of `far` from the old address `near` leads, counted from
 * what near became; false if one of them is in no section.
 */
static inline bool
project_offset(
    const struct project_map *map, uint32_t near, uint32_t far, uint32_t *to)
{
	uint32_t new_near, new_far;

	if (!project_map_find(map, near + far, &new_far) ||
	    !project_map_find(map, near, &new_near))
		return false;
	*to = new_far - new_near;
	return true;
}

#endif
