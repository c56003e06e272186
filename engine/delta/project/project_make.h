#ifndef ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_MAKE_H
#define ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_MAKE_H

/*
 * The maker's side of a projection: what contents have for addresses, told by
 * the formats of programs, and which kind each region is best seen as, told by
 * trying.  A station has nothing of this.
 */

#include "engine/delta/project/project.h"

struct crew;

/* Two contents in memory, of PROJECT_LEN_MAX at most. */
struct project_pair {
	const uint8_t *basis, *target;
	size_t basis_len, target_len;
	const struct crew *crew; /* may be NULL */
};

/*
 * The images of both contents and patterns that may fit, as a plan in which
 * every region is plain; false: not both are programs of one kind that is
 * known, and there is nothing to release.  plan is large.
 */
bool project_find(const struct project_pair *pair, struct project_plan *plan);

/*
 * Choose the kind of each region, by what agrees with the target where covers
 * are.  The bytes that differ without it go to *gain, and those that agree by
 * it.  ERP_NOMEM.
 */
struct project_gain {
	uint64_t differ, gain;
};
int project_choose(const struct project_pair *pair,
    const struct project_cover *covers, size_t n, struct project_plan *plan,
    struct project_gain *gain, struct err *e);

/* One for each format, in its file; false: it is not of this format. */
struct project_bytes {
	const uint8_t *p;
	size_t n;
};
bool project_find_pe(
    const struct project_bytes *of, struct project_image *image);
bool project_find_macho(
    const struct project_bytes *of, struct project_image *image);
bool project_find_elf(
    const struct project_bytes *of, struct project_image *image);
/* Patterns that only such a basis has, whose image is in the plan. */
void project_list_pe(const struct project_bytes *of, struct project_plan *plan);
void project_list_elf(
    const struct project_bytes *of, struct project_plan *plan);
void project_list_macho(
    const struct project_bytes *of, struct project_plan *plan);

/* Append a pattern of n roles that begins at an address, if there is room. */
void project_add_pattern(
    struct project_plan *plan, uint32_t start, const uint8_t *role, size_t n);

/* Add an address that words count from: its role, or PROJECT_NOTHING where
 * there is no room. */
uint8_t project_add_anchor(struct project_plan *plan, uint32_t address);

/* Append a section if it is behind the last one, in the file and in memory. */
bool project_add_section(
    struct project_image *image, const struct project_section *s);

#endif
