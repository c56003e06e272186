#ifndef ERPSYNC_ENGINE_DELTA_PATCH_PATCH_PROJECTION_H
#define ERPSYNC_ENGINE_DELTA_PATCH_PATCH_PROJECTION_H

/* What stands in front of the spans of a projected patch: its covers and what
 * it says of addresses. */

#include "engine/delta/patch/patch_internal.h"

struct patch_projection {
	struct patch_covers covers; /* of the whole target; owned */
	struct project_plan plan;
	struct project_map *map;
	struct project_reader reader;
	struct range_source basis; /* that it reads */
};

struct patch_lens {
	uint64_t basis, target;
};

/* Plan and covers out of the lanes of what stands in front of the spans; *p is
 * all zero before, and is released in any case. */
int patch_projection_read(struct patch_lanes *lanes, uint64_t plan_len,
    const struct patch_lens *lens, struct patch_projection *p, struct err *e);
/* Then the map, best when the lanes are gone: both are large. */
int patch_projection_map(struct patch_projection *p, struct err *e);
void patch_projection_release(struct patch_projection *p);

#endif
