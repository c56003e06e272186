#ifndef ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_MAKE_H
#define ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_MAKE_H

/*
 * The maker's side of a projection: what contents have for addresses, told by
 * the formats of programs, and which kind each region is best seen as, told by
 * trying.  A station has nothing of this.
 */

#include "engine/delta/project/project.h"

struct crew;

/* Which kind a table of the basis has, if its format tells. */
enum { PROJECT_HINTS_MAX = 8 };
struct project_hints {
	struct {
		uint32_t address, len;
		uint8_t kind;
	} v[PROJECT_HINTS_MAX];
	size_t n;
};

/* Two contents in memory, of PROJECT_LEN_MAX at most. */
struct project_pair {
	const uint8_t *basis, *target;
	size_t basis_len, target_len;
	const struct crew *crew; /* may be NULL */
	/* While covers are to be chosen anew: what is projected all the same
	 * where no cover tells, as are bytes that differ either way, since
	 * they may be covered wrongly.  NULL: the covers are the last. */
	const struct project_hints *hints;
	bool is_hasty; /* what agrees as it is is not looked at */
};

/*
 * The images of both contents and patterns that may fit, as a plan in which
 * every region is plain; false: not both are programs of one kind that is
 * known, and there is nothing to release.  plan is large.
 */
bool project_find(const struct project_pair *pair, struct project_plan *plan,
    struct project_hints *hints);

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
/* Patterns that only such a basis has, whose image is in the plan, and where
 * they are. */
void project_list_pe(const struct project_bytes *of, struct project_plan *plan,
    struct project_hints *hints);
void project_list_elf(const struct project_bytes *of, struct project_plan *plan,
    struct project_hints *hints);
void project_list_macho(const struct project_bytes *of,
    struct project_plan *plan, struct project_hints *hints);

/* Append a pattern of n roles that begins at an address, if there is room. */
void project_add_pattern(
    struct project_plan *plan, uint32_t start, const uint8_t *role, size_t n);

/* Add a hint of len bytes, if there is room. */
void project_add_hint(
    struct project_hints *hints, uint32_t address, uint32_t len, uint8_t kind);

/* Kinds of patterns that every program has. */
enum { PROJECT_LONG_KIND = PROJECT_PATTERN + 1 };

/* Add an address that words count from: its role, or PROJECT_NOTHING where
 * there is no room. */
uint8_t project_add_anchor(struct project_plan *plan, uint32_t address);

/* Append a section if it is behind the last one, in the file and in memory. */
bool project_add_section(
    struct project_image *image, const struct project_section *s);

/* The same of a segment as a program's header has it: some of its bytes and
 * room behind them, at an address that counts from 0.  The first one tells the
 * image's base; what is not in the file, or far away, is left out. */
struct project_segment {
	uint64_t at, len; /* in the file */
	uint64_t address, room;
};
void project_add_segment(struct project_image *image,
    const struct project_bytes *of, const struct project_segment *s);

#endif
