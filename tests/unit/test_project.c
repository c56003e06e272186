/* The map of addresses against a slow one that does what the format says, the
 * kinds of projection byte by byte, and what is said of a plan. */
#include "engine/delta/project/project.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = 4096, COVERS = 60 };

static struct err e;
static uint32_t seed;

static uint32_t
noise(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Sections with holes between them, in the file and in memory. */
static void
put_sections(struct project_image *image)
{
	uint32_t at = noise(100), address = noise(5000), i;

	image->base = noise(1 << 20) * UINT64_C(0x10000);
	image->n = 0;
	for (i = 0; i < 4; i++) {
		struct project_section s = {at, 1 + noise(900), address, 0};

		s.room = s.len + (noise(2) ? noise(300) : 0);
		image->v[image->n++] = s;
		at += s.len + (noise(2) ? noise(100) : 0);
		address += s.room + (noise(2) ? noise(5000) : 0);
	}
}

static void
put_covers(struct project_cover *v, size_t n)
{
	uint32_t at = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		at += noise(40);
		v[i] = (struct project_cover){at, noise(LEN - 200), 0};
		v[i].len = 1 + noise(noise(4) ? 30 : 150);
		at += v[i].len;
	}
	cr_assert_lt(at, 2 * LEN);
}

/* Where offset x of the basis went, by the words of the format. */
static bool
went(const struct project_plan *plan, const struct project_cover *v, size_t n,
    uint32_t x, uint32_t *to)
{
	uint32_t at, i;
	const struct project_cover *best = NULL;

	/* In front of the first covered byte: with that. */
	for (at = x; best == NULL && at < UINT32_MAX; at--)
		for (i = 0; i < n; i++)
			if (v[i].len >= plan->cover_min && at >= v[i].basis &&
			    at - v[i].basis < v[i].len &&
			    (best == NULL || v[i].len > best->len))
				best = &v[i];
	for (at = x; best == NULL && at < LEN; at++)
		for (i = 0; i < n; i++)
			if (v[i].len >= plan->cover_min && at >= v[i].basis &&
			    at - v[i].basis < v[i].len &&
			    (best == NULL || v[i].len > best->len))
				best = &v[i];
	*to = best == NULL ? x : x + best->target - best->basis;
	return true;
}

static bool
find_slowly(const struct project_plan *plan, const struct project_cover *v,
    size_t n, uint32_t address, uint32_t *to)
{
	const struct project_section *s;
	uint32_t x, over, place;
	size_t i;

	for (i = 0; i < plan->from.n; i++) {
		s = &plan->from.v[i];
		if (address < s->address || address - s->address >= s->room)
			continue;
		x = address - s->address;
		over = x < s->len ? 0 : x - (s->len - 1);
		x = s->at + (x - over);
		if (!went(plan, v, n, x, &place))
			return false;
		for (i = 0; i < plan->to.n; i++) {
			s = &plan->to.v[i];
			if (place < s->at || place - s->at >= s->len)
				continue;
			*to = s->address + (place - s->at) + over;
			return true;
		}
		return false;
	}
	return false;
}

Test(project, the_map_is_what_the_format_says)
{
	struct project_cover v[COVERS];
	struct project_plan plan;
	struct project_map *map;
	uint32_t address, to, slow, round;
	size_t n;
	bool is;

	for (round = 0; round < 60; round++) {
		seed = round;
		plan = (struct project_plan){.kind = NULL};
		put_sections(&plan.from);
		put_sections(&plan.to);
		plan.cover_min = noise(3) * 10;
		n = round % 10 == 0 ? 0 : 1 + noise(COVERS - 1);
		put_covers(v, n);
		cr_assert_eq(project_map_new(&plan, v, n, &map, &e), 0);
		for (address = 0; address < 30000; address += 1 + noise(9)) {
			is = find_slowly(&plan, v, n, address, &slow);
			cr_assert_eq(project_map_find(map, address, &to), is,
			    "round %u, %u: %d", round, address, is);
			if (is)
				cr_assert_eq(to, slow,
				    "round %u, %u: %u, not %u", round, address,
				    to, slow);
		}
		cr_expect_not(project_map_find(map, UINT32_MAX, &to));
		project_map_free(map);
	}
}

/* What of the basis's 256 bytes each row has at 64, and what it becomes: bytes
 * up to 128 stay, what is behind them is 16 further on in the target. */
struct row {
	const char *what;
	size_t n;
	uint8_t from[16], to[16];
	uint8_t kind;
};
#define X86 PROJECT_X86_64
#define WORDS(i) (PROJECT_PATTERN + (i))
static const struct row rows[] = {
    {"call", 5, {0xe8, 0x80, 0, 0, 0}, {0xe8, 0x90, 0, 0, 0}, X86},
    {"jump", 5, {0xe9, 0x80, 0, 0, 0}, {0xe9, 0x90, 0, 0, 0}, X86},
    {"jump if", 6, {0x0f, 0x84, 0x80, 0}, {0x0f, 0x84, 0x90, 0}, X86},
    {"near", 5, {0xe8, 8, 0, 0, 0}, {0xe8, 8, 0, 0, 0}, X86},
    {"nowhere", 5, {0xe8, 0, 0, 0, 1}, {0xe8, 0, 0, 0, 1}, X86},
    {"load", 7, {0x48, 0x8b, 5, 0x80}, {0x48, 0x8b, 5, 0x90}, X86},
    {"vector", 7, {0x0f, 0x10, 0xd, 0x80}, {0x0f, 0x10, 0xd, 0x90}, X86},
    {"three", 8, {0x0f, 0x38, 0, 5, 0x80}, {0x0f, 0x38, 0, 5, 0x90}, X86},
    {"vex", 8, {0xc5, 0xf8, 0x10, 5, 0x80}, {0xc5, 0xf8, 0x10, 5, 0x90}, X86},
    {"vex 3", 9, {0xc4, 1, 2, 3, 0x35, 0x80}, {0xc4, 1, 2, 3, 0x35, 0x90}, X86},
    {"evex", 10, {0x62, 1, 2, 3, 4, 5, 0x80}, {0x62, 1, 2, 3, 4, 5, 0x90}, X86},
    {"no opcode", 6, {0x90, 5, 0x80, 0}, {0x90, 5, 0x80, 0}, X86},
    {"plain", 5, {0xe8, 0x80, 0}, {0xe8, 0x80, 0}, PROJECT_PLAIN},
    {"address", 8, {0xd0, 0x10, 0, 0, 0x40, 0x10},
	{0xe0, 0x10, 0, 0, 0x40, 0x10}, WORDS(0)},
    {"absolute", 8, {0xd0, 0x10, 0x40, 1}, {0xe0, 0x10, 0x80, 2}, WORDS(1)},
    {"self", 4, {0x80, 0, 0, 0}, {0x90, 0, 0, 0}, WORDS(2)},
    {"anchor", 4, {0xc0, 0, 0, 0}, {0xd0, 0, 0, 0}, WORDS(3)},
    {"end", 12, {0x40, 0x10, 0, 0, 0x80, 0x10, 0, 0, 0xa0, 0x10},
	{0x40, 0x10, 0, 0, 0x80, 0x10, 0, 0, 0xb0, 0x10}, WORDS(4)},
    {"absolute 4", 4, {0xd0, 0x10, 0x40, 1}, {0xe0, 0x10, 0x80, 2}, WORDS(5)},
};

static void
put_plan(struct project_plan *plan, uint8_t *kinds)
{
	static const struct project_pattern patterns[] = {
	    {0, {PROJECT_ADDRESS}, 1},
	    {0, {PROJECT_ABSOLUTE_LONG, PROJECT_NOTHING}, 2},
	    {0, {PROJECT_SELF}, 1}, {0, {PROJECT_ANCHOR}, 1},
	    {0x1040 - 12, {PROJECT_ADDRESS, PROJECT_END, PROJECT_ADDRESS}, 3},
	    {0, {PROJECT_ABSOLUTE}, 1}};

	*plan = (struct project_plan){.kind = kinds, .regions = 4};
	plan->from.base = 0x1400000;
	plan->to.base = 0x2800000;
	plan->from.v[0] = (struct project_section){0, 256, 0x1000, 256};
	plan->to.v[0] = (struct project_section){0, 272, 0x1000, 272};
	plan->from.n = plan->to.n = 1;
	plan->anchor[0] = 0x1010;
	plan->anchors = 1;
	memcpy(plan->pattern, patterns, sizeof(patterns));
	plan->patterns = sizeof(patterns) / sizeof(patterns[0]);
}

static const struct project_cover moved[] = {{0, 0, 128}, {144, 128, 128}};

Test(project, each_kind_moves_what_it_names)
{
	uint8_t basis[256] = {0}, seen[256], kinds[4];
	struct mem_stream mem = {basis, sizeof(basis), 0};
	struct range_source from = range_of_mem(&mem), to;
	struct project_reader reader = {NULL, NULL, &from};
	struct project_plan plan;
	struct project_map *map;
	const struct row *r;

	put_plan(&plan, kinds);
	cr_assert_eq(project_map_new(&plan, moved, 2, &map, &e), 0);
	reader.plan = &plan;
	reader.map = map;
	for (r = rows; r < rows + sizeof(rows) / sizeof(rows[0]); r++) {
		memset(basis, 0x90, sizeof(basis));
		memset(basis + 64, 0, 16);
		memcpy(basis + 64, r->from, r->n);
		memset(kinds, r->kind, sizeof(kinds));
		to = project_source(&reader);
		cr_assert_eq(
		    to.read_at(to.ctx, 0, seen, sizeof(seen), &e), 256);
		cr_expect_arr_eq(seen + 64, r->to, r->n, "%s", r->what);
		cr_expect_arr_eq(seen, basis, 64, "%s", r->what);
	}
	project_map_free(map);
}

/* Whatever is asked for, in whatever pieces, is the same. */
Test(project, pieces_are_parts_of_the_whole)
{
	enum { MANY = 40000 };
	static uint8_t basis[MANY], whole[MANY], part[MANY];
	static uint8_t kinds[MANY / PROJECT_REGION + 1];
	struct mem_stream mem = {basis, MANY, 0};
	struct range_source from = range_of_mem(&mem), to;
	struct project_cover v[COVERS];
	struct project_reader reader = {NULL, NULL, &from};
	struct project_plan plan;
	struct project_map *map;
	int64_t got;
	size_t i, n;

	put_plan(&plan, kinds);
	plan.regions = project_regions(MANY);
	plan.from.v[0].len = plan.from.v[0].room = MANY - 30;
	plan.to.v[0].len = plan.to.v[0].room = MANY;
	put_covers(v, COVERS);
	for (i = 0; i < MANY; i++)
		basis[i] = noise(3) ? 0xe8 : (uint8_t)noise(3);
	for (i = 0; i < plan.regions; i++)
		kinds[i] = noise(8) ? X86 : (uint8_t)WORDS(noise(6));
	memset(kinds + 200, 0, 200);
	cr_assert_eq(project_map_new(&plan, v, COVERS, &map, &e), 0);
	reader.plan = &plan;
	reader.map = map;
	to = project_source(&reader);
	cr_assert_eq(to.size, MANY);
	for (i = 0; i < MANY; i += (size_t)got) {
		got = to.read_at(to.ctx, i, whole + i, MANY - i, &e);
		cr_assert_gt(got, 0);
	}
	cr_expect_neq(memcmp(whole, basis, MANY), 0);
	for (i = 0; i < MANY; i += 1 + noise(50)) {
		n = 1 + noise(noise(4) ? 100 : 20000);
		got = to.read_at(to.ctx, i, part, n, &e);
		cr_assert(
		    got > 0 && (size_t)got <= n && i + (size_t)got <= MANY);
		cr_assert_eq(memcmp(part, whole + i, (size_t)got), 0,
		    "%zu bytes at %zu", n, i);
	}
	cr_expect_eq(to.read_at(to.ctx, MANY, part, 1, &e), 0);
	/* What has become longer ends where it did. */
	from.size = MANY - 100;
	cr_expect_eq(to.read_at(to.ctx, MANY - 50, part, 1, &e), 0);
	project_map_free(map);
}

Test(project, plans_come_back_and_bad_ones_do_not)
{
	uint8_t kinds[] = {X86, X86, PROJECT_PLAIN, WORDS(5)}, *p;
	struct project_plan plan, back;
	struct buf bytes, cut;
	size_t i, refused = 0;
	int way, rc;

	put_plan(&plan, kinds);
	plan.cover_min = 24;
	buf_init(&bytes, 4096);
	cr_assert_eq(project_encode(&plan, &bytes, &e), 0);
	cr_assert_eq(project_decode(&bytes, 256, 272, &back, &e), 0);
	cr_expect_eq(back.from.base, plan.from.base);
	cr_expect_eq(memcmp(back.to.v, plan.to.v, sizeof(plan.to.v)), 0);
	cr_expect_eq(back.cover_min, 24);
	cr_expect_eq(back.anchor[0], 0x1010);
	cr_expect_eq(
	    memcmp(back.pattern, plan.pattern, sizeof(plan.pattern)), 0);
	cr_expect_arr_eq(back.kind, kinds, 4);
	project_plan_release(&back);
	/* Contents of other lengths have other sections and regions. */
	cr_expect_eq(project_decode(&bytes, 255, 272, &back, &e), ERP_CORRUPT);
	cr_expect_eq(project_decode(&bytes, 256, 271, &back, &e), ERP_CORRUPT);
	cr_expect_eq(project_decode(&bytes, 257, 272, &back, &e), ERP_CORRUPT);
	for (i = 0; i < bytes.len; i++) {
		buf_init(&cut, 4096);
		cr_assert_eq(buf_append(&cut, buf_data(&bytes), i, &e), 0);
		cr_expect_eq(
		    project_decode(&cut, 256, 272, &back, &e), ERP_CORRUPT);
		buf_release(&cut);
	}
	p = bytes.p + bytes.off;
	for (i = 0; i < bytes.len; i++)
		for (way = 0; way < 2; way++) {
			p[i] ^= way ? 0x81 : 0xff;
			rc = project_decode(&bytes, 256, 272, &back, &e);
			p[i] ^= way ? 0x81 : 0xff;
			cr_assert(rc == 0 || rc == ERP_CORRUPT);
			refused += rc != 0;
			project_plan_release(&back);
		}
	cr_expect_gt(refused, bytes.len);
	buf_release(&bytes);
}
