#ifndef ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_H
#define ERPSYNC_ENGINE_DELTA_PROJECT_PROJECT_H

/*
 * A basis seen as if its addresses were the target's.  A program that was
 * compiled again differs mostly in them, and the covers of a patch tell where
 * each old byte went: a reference to an old place becomes one to the new one
 * (docs/patch-format.md, "Projection").  What is predicted wrong is mended by
 * the patch's differences, so nothing here has to be exact, only the same at
 * both ends.  Nothing here knows a file format; numbers come with the patch.
 *
 *   project_plan.c   what a patch says of it   project_map.c    covers -> map
 *   project_read.c   the basis, projected      the kinds: project_x86.c,
 *   project_x86_32.c, project_arm64.c, project_words.c
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct range_source;

enum {
	PROJECT_LEN_MAX = 1 << 28, /* bytes of a basis or target */
	PROJECT_SECTIONS_MAX = 64,
	PROJECT_PATTERNS_MAX = 64,
	PROJECT_WORDS_MAX = 8,
	PROJECT_ANCHORS_MAX = 64,
	PROJECT_COVERS_MAX = 1 << 20,
	PROJECT_ENTRIES_MAX = 1 << 21, /* of a map */
	PROJECT_PLAN_MAX = 4 * 1024 * 1024, /* bytes of an encoded plan */
	PROJECT_REGION = 64, /* bytes of the basis that have one kind */
	PROJECT_SPILL = 16 /* bytes that a field may end behind its region */
};

/* Bytes of a file that have addresses, and room behind them that has no bytes.
 * Addresses count from the image's base. */
struct project_section {
	uint32_t at, len;
	uint32_t address, room; /* room >= len */
};
struct project_image {
	uint64_t base; /* what absolute addresses have on top */
	struct project_section v[PROJECT_SECTIONS_MAX]; /* ascending, apart */
	size_t n;
};

/* What a word of a pattern is; PROJECT_ANCHOR + i: an offset from the i-th
 * anchor. */
enum project_role {
	PROJECT_NOTHING,
	PROJECT_ADDRESS, /* an address, 4 bytes */
	PROJECT_END, /* the address behind something */
	PROJECT_ABSOLUTE, /* base + address, 4 bytes */
	PROJECT_ABSOLUTE_LONG, /* the same, 8 bytes: two words */
	PROJECT_SELF, /* an offset from the word itself */
	PROJECT_ANCHOR = 8
};

/* Words of 4 bytes, again and again from an address on (and before it). */
struct project_pattern {
	uint32_t start;
	uint8_t role[PROJECT_WORDS_MAX];
	size_t n;
};

/* Kinds of a region: these, then the patterns in their order. */
enum project_kind {
	PROJECT_PLAIN, /* stays as it is */
	PROJECT_X86_64,
	PROJECT_X86_32,
	PROJECT_ARM64,
	PROJECT_PATTERN = 8 /* the first one */
};

/* All that both ends have to know beside the covers. */
struct project_plan {
	struct project_image from, to;
	uint32_t cover_min; /* shorter covers are not in the map */
	struct project_pattern pattern[PROJECT_PATTERNS_MAX];
	size_t patterns;
	uint32_t anchor[PROJECT_ANCHORS_MAX]; /* addresses of the basis */
	size_t anchors;
	uint8_t *kind; /* of each region; owned */
	size_t regions;
};

/* Regions of a basis. */
size_t project_regions(uint64_t basis_len);

/* Append a plan's bytes to out; and back, for contents of these lengths:
 * ERP_CORRUPT for what no maker says. */
int project_encode(
    const struct project_plan *plan, struct buf *out, struct err *e);
int project_decode(const struct buf *in, uint64_t basis_len,
    uint64_t target_len, struct project_plan *out, struct err *e);
void project_plan_release(struct project_plan *plan); /* zeroes are fine */

/* Bytes of the target that are taken from the basis, about as they are. */
struct project_cover {
	uint32_t target; /* offset in the target (or a piece of it) */
	uint32_t basis; /* offset in the basis (or a window of it) */
	uint32_t len;
};

/*
 * Which new address an old one has.  The covers, ascending in the target, are
 * at most PROJECT_COVERS_MAX and lie in the basis; they are not needed after.
 */
struct project_map;
int project_map_new(const struct project_plan *plan,
    const struct project_cover *covers, size_t n, struct project_map **map,
    struct err *e);
void project_map_free(struct project_map *map); /* NULL is fine */
/* Bytes of memory that it has. */
size_t project_map_size(const struct project_map *map);
/* False: the address is in no section. */
bool project_map_find(
    const struct project_map *map, uint32_t address, uint32_t *to);

/* The basis, projected, as a range source that several threads may read if
 * they may read the basis.  All of it outlives that. */
struct project_reader {
	const struct project_plan *plan;
	const struct project_map *map;
	const struct range_source *basis;
};
struct range_source project_source(struct project_reader *r);

#endif
