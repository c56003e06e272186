/* Code of other processors, instruction by instruction: what is behind the
 * middle of the basis has moved on by a page and 16 bytes. */
#include "engine/delta/project/project.h"

#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"

#include <criterion/criterion.h>
#include <string.h>

enum {
	LEN = 0x8000,
	MIDDLE = LEN / 2,
	BY = 0x1010,
	ADDRESS = 0x10000,
	HERE = 0x100, /* where an instruction stands, in front of the middle */
	LAST = HERE + PROJECT_REGION - 4, /* the last one of its region */
	BEHIND = MIDDLE + HERE,
	REGIONS = LEN / PROJECT_REGION
};

static struct err e;

/* Put n bytes at an offset, project the region that has it, and read them. */
static void
project(uint8_t kind, size_t at, const uint8_t *from, uint8_t *to, size_t n)
{
	static const struct project_cover moved[] = {
	    {0, 0, MIDDLE}, {MIDDLE + BY, MIDDLE, MIDDLE}};
	static uint8_t basis[LEN], kinds[REGIONS];
	struct mem_stream mem = {basis, LEN, 0};
	struct range_source source = range_of_mem(&mem), seen;
	struct project_plan plan = {.kind = kinds, .regions = REGIONS};
	struct project_reader reader = {&plan, NULL, &source};
	struct project_map *map;

	memset(basis, 0, LEN);
	memset(kinds, PROJECT_PLAIN, REGIONS);
	memcpy(basis + at, from, n);
	kinds[at / PROJECT_REGION] = kind;
	plan.from.base = 0x400000;
	plan.to.base = 0x500000;
	plan.from.v[0] = (struct project_section){0, LEN, ADDRESS, LEN};
	plan.to.v[0] = (struct project_section){0, LEN + BY, ADDRESS, LEN + BY};
	plan.from.n = plan.to.n = 1;
	cr_assert_eq(project_map_new(&plan, moved, 2, &map, &e), 0);
	reader.map = map;
	seen = project_source(&reader);
	cr_assert_eq(seen.read_at(seen.ctx, at, to, n, &e), (int64_t)n);
	project_map_free(map);
}

/* Places that are named: address 0x14080, which becomes 0x15090, and others
 * that the comment tells. */
struct arm {
	const char *what;
	size_t at;
	uint32_t from[4], to[4];
};
static const struct arm arms[] = {
    {"bl", HERE, {0x94000fe0}, {0x940013e4}},
    {"b", HERE, {0x14000fe0}, {0x140013e4}},
    {"b.ne", HERE, {0x5401fc01}, {0x54027c81}},
    {"cbz", HERE, {0xb401fc00}, {0xb4027c80}},
    {"tbz", HERE, {0x3601fc00}, {0x36027c80}},
    {"ldr", HERE, {0x5801fc01}, {0x58027c81}},
    {"back, to 0x10080", BEHIND, {0x97ffefe0}, {0x97ffebdc}},
    {"not far", HERE, {0x94000002}, {0x94000002}},
    {"to no section", HERE, {0x94100000}, {0x94100000}},
    {"tbz that would not reach 0x17f00", HERE, {0x3603f000}, {0x3603f000}},
    {"adr", HERE, {0x1001fc02}, {0x10027c82}},
    {"adr, 2 further", HERE, {0x5001fc02}, {0x50027c82}},
    {"adrp, add", HERE, {0x90000023, 0x91020063}, {0xb0000023, 0x91024063}},
    {"adrp, ldr", HERE, {0x90000023, 0xf9404064}, {0xb0000023, 0xf9404864}},
    {"adrp, ldr of 16 bytes", HERE, {0x90000023, 0x3dc02060},
	{0xb0000023, 0x3dc02460}},
    {"adrp, add of what goes over a page's end", HERE, {0x90000023, 0x913fe063},
	{0xd0000023, 0x91002063}},
    {"adrp, another, add", HERE, {0x90000023, 0xd503201f, 0x91020063},
	{0xb0000023, 0xd503201f, 0x91024063}},
    {"adrp, two of a page", HERE, {0x90000023, 0xf9404064, 0xf9404465},
	{0xb0000023, 0xf9404864, 0xf9404c65}},
    {"adrp, another's register", HERE, {0x90000023, 0xaa0103e3, 0x91020063},
	{0xb0000023, 0xaa0103e3, 0x91020063}},
    {"adrp alone", HERE, {0x90000023}, {0xb0000023}},
    {"adrp to no section", HERE, {0x90080003, 0x91020063},
	{0x90080003, 0x91020063}},
    {"into the next region", LAST, {0x90000023, 0x91020063},
	{0xb0000023, 0x91024063}},
    {"no instruction of these", HERE, {0x8b020020}, {0x8b020020}},
    {"not in step", HERE + 2, {0x94000fe0}, {0x94000fe0}},
};

Test(project_code, arm64)
{
	const struct arm *r;
	uint8_t from[16], to[16];
	size_t i;

	for (r = arms; r < arms + sizeof(arms) / sizeof(arms[0]); r++) {
		for (i = 0; i < 4; i++)
			store_u32(from + 4 * i, r->from[i]);
		project(PROJECT_ARM64, r->at, from, to, sizeof(to));
		for (i = 0; i < 4; i++)
			store_u32(from + 4 * i, r->to[i]);
		cr_expect_arr_eq(to, from, sizeof(to), "%s", r->what);
	}
}

struct x86 {
	const char *what;
	size_t n;
	uint8_t from[12], to[12];
};
static const struct x86 x86s[] = {
    {"call", 5, {0xe8, 0x7b, 0x3f}, {0xe8, 0x8b, 0x4f}},
    {"jump", 5, {0xe9, 0x7b, 0x3f}, {0xe9, 0x8b, 0x4f}},
    {"jump if", 6, {0x0f, 0x84, 0x7a, 0x3f}, {0x0f, 0x84, 0x8a, 0x4f}},
    {"not far", 5, {0xe8, 0x10}, {0xe8, 0x10}},
    {"load", 5, {0xa1, 0x80, 0x40, 0x41}, {0xa1, 0x90, 0x50, 0x51}},
    {"push", 5, {0x68, 0x80, 0x40, 0x41}, {0x68, 0x90, 0x50, 0x51}},
    {"store one in the other", 10,
	{0xc7, 5, 0x80, 0x40, 0x41, 0, 0x84, 0x40, 0x41},
	{0xc7, 5, 0x90, 0x50, 0x51, 0, 0x94, 0x50, 0x51}},
    {"a number", 5, {0xb8, 0x80, 0x40, 0x21}, {0xb8, 0x80, 0x40, 0x21}},
    {"a call to no section", 5, {0xe8, 0, 0, 0, 1}, {0xe8, 0, 0, 0, 1}},
};

Test(project_code, x86_32)
{
	const struct x86 *r;
	uint8_t to[12];

	for (r = x86s; r < x86s + sizeof(x86s) / sizeof(x86s[0]); r++) {
		project(PROJECT_X86_32, HERE, r->from, to, r->n);
		cr_expect_arr_eq(to, r->to, r->n, "%s", r->what);
	}
}
