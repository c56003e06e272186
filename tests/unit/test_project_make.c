/* What programs have for addresses, and which kinds their regions get. */
#include "engine/delta/project/project_make.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "tests/support/program.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 1 << 22, FUNCTIONS = 500, HEAD = 1024 };

static struct buf old, new;
static struct project_plan plan;
static struct project_hints hints;
static struct err e;

static void
begin(void)
{
	buf_init(&old, LIMIT);
	buf_init(&new, LIMIT);
}

static void
end(void)
{
	buf_release(&old);
	buf_release(&new);
	project_plan_release(&plan);
}

TestSuite(project_make, .init = begin, .fini = end);

static struct project_pair
programs(enum program_format from, enum program_format to)
{
	buf_clear(&old);
	buf_clear(&new);
	program_put(&old, from, FUNCTIONS, 0);
	program_put(&new, to, FUNCTIONS, 1);
	return (struct project_pair){buf_data(&old), buf_data(&new), old.len,
	    new.len, NULL, NULL, false};
}

Test(project_make, sections_are_those_of_the_file)
{
	struct project_pair pair = programs(PROGRAM_PE, PROGRAM_PE);
	const struct project_section *v = plan.from.v;

	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(plan.from.n, 2);
	cr_assert_eq(plan.to.n, 2);
	cr_expect_eq(plan.from.base, 5 << 22);
	cr_expect_eq(plan.to.base, 6 << 22);
	cr_expect_eq(v[0].at, HEAD);
	cr_expect_eq(v[0].address, 0x1000);
	cr_expect_eq(v[1].at, HEAD + v[0].len);
	cr_expect_eq(v[1].at + v[1].len, old.len);
	cr_expect_eq(v[1].room, v[1].len + 64);
	pair = programs(PROGRAM_ELF, PROGRAM_ELF);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(plan.from.n, 3);
	cr_expect_eq(plan.from.base, 5 << 22);
	cr_expect_eq(v[0].address, 0);
	cr_expect_eq(v[1].at, HEAD);
	cr_expect_eq(v[2].room, v[2].len + 32);
	pair = programs(PROGRAM_MACHO, PROGRAM_MACHO);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(plan.from.n, 3);
	cr_expect_eq(plan.from.base, 5 << 22);
	cr_expect_eq(v[0].address, 0);
	cr_expect_eq(v[1].at, HEAD);
	cr_expect_eq(v[1].address, 0x1000);
	cr_expect_eq(v[2].room, v[2].len + 48);
}

Test(project_make, two_formats_or_none_are_no_pair)
{
	struct project_pair pair = programs(PROGRAM_PE, PROGRAM_ELF);

	cr_expect_not(project_find(&pair, &plan, &hints));
	pair = programs(PROGRAM_ELF, PROGRAM_ELF);
	pair.basis_len = 0;
	cr_expect_not(project_find(&pair, &plan, &hints));
}

/* So long that no byte of it is looked at. */
Test(project_make, what_is_too_long_is_no_pair)
{
	struct project_pair pair = programs(PROGRAM_ELF, PROGRAM_ELF);

	pair.basis_len = PROJECT_LEN_MAX + (size_t)1;
	cr_expect_not(project_find(&pair, &plan, &hints));
	pair = programs(PROGRAM_ELF, PROGRAM_ELF);
	pair.target_len = PROJECT_LEN_MAX + (size_t)1;
	cr_expect_not(project_find(&pair, &plan, &hints));
}

Test(project_make, any_program_may_have_these_words)
{
	static const struct project_pattern any[] = {{0, {PROJECT_ADDRESS}, 1},
	    {0, {PROJECT_ABSOLUTE_LONG, PROJECT_NOTHING}, 2},
	    {0, {PROJECT_SELF}, 1}};
	struct project_pair pair;
	size_t format;

	for (format = 0; format < PROGRAM_FORMATS; format++) {
		pair = programs(
		    (enum program_format)format, (enum program_format)format);
		cr_assert(project_find(&pair, &plan, &hints));
		cr_assert_geq(plan.patterns, 3);
		cr_expect_eq(
		    memcmp(plan.pattern, any, sizeof(any)), 0, "%zu", format);
	}
}

/* The table of what unwinds is in the fourth directory of a PE32+ only. */
Test(project_make, a_pe_that_unwinds_has_a_pattern_for_it)
{
	struct project_pair pair = programs(PROGRAM_PE, PROGRAM_PE);
	uint8_t *p = old.p + old.off, *optional = p + p[60] + 256 * p[61] + 24;
	const struct project_pattern *last;
	size_t before, i;

	cr_assert_eq(optional[0] + 256 * optional[1], 0x20b);
	for (i = 0; i < 8; i++)
		store_u64(optional + 112 + 8 * i, 0);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(hints.n, 0);
	before = plan.patterns;
	store_u32(optional + 112 + 3 * 8, 0x2000);
	store_u32(optional + 112 + 3 * 8 + 4, 96);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(hints.n, 1);
	cr_expect_eq(hints.v[0].address, 0x2000);
	cr_expect_eq(hints.v[0].len, 96);
	cr_expect_eq(hints.v[0].kind, PROJECT_PATTERN + before);
	cr_assert_eq(plan.patterns, before + 1);
	last = &plan.pattern[before];
	cr_expect_eq(last->start, 0x2000);
	cr_expect_eq(last->n, 3);
}

/* The type, the place, and how long it is, of a segment of an ELF program. */
static void
set_segment(uint8_t *header, uint32_t type, uint64_t address, uint64_t len)
{
	store_u32(header, type);
	store_u64(header + 8, HEAD);
	store_u64(header + 16, address);
	store_u64(header + 32, len);
}

/* Relocations, as the dynamic segment has them. */
Test(project_make, relocations_of_an_elf_are_hinted)
{
	struct project_pair pair = programs(PROGRAM_ELF, PROGRAM_ELF);
	const uint64_t base = UINT64_C(5) << 22;
	uint8_t *p = old.p + old.off, *third = p + 64 + 2 * 56;
	size_t i;

	cr_assert(project_find(&pair, &plan, &hints));
	cr_expect_eq(hints.n, 0);
	set_segment(third, 2, base, 48);
	for (i = 0; i < 6; i++)
		store_u64(p + HEAD + 8 * i, 0);
	store_u64(p + HEAD, 7);
	store_u64(p + HEAD + 8, base + 0x2000);
	store_u64(p + HEAD + 16, 8);
	store_u64(p + HEAD + 24, 240);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(hints.n, 1);
	cr_expect_eq(hints.v[0].address, 0x2000);
	cr_expect_eq(hints.v[0].len, 240);
	cr_expect_eq(hints.v[0].kind, PROJECT_LONG_KIND);
}

/* The table of what unwinds, as far as 32 bits reach. */
Test(project_make, an_elf_that_unwinds_has_a_pattern_for_it)
{
	static const struct {
		int64_t start;
		uint64_t len;
		bool fits;
	} rows[] = {{0x3000, 96, true}, {0, 96, true}, {-1, 96, false},
	    {UINT32_MAX, 96, true}, {UINT32_MAX + INT64_C(1), 96, false},
	    {0x3000, UINT32_MAX, true},
	    {0x3000, UINT32_MAX + UINT64_C(1), false}};
	struct project_pair pair = programs(PROGRAM_ELF, PROGRAM_ELF);
	uint8_t *third = old.p + old.off + 64 + 2 * 56;
	size_t i, before;

	/* Behind the last one, where no segment is. */
	set_segment(third + 56, 0x6474e550, UINT64_C(5) << 22, 96);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_expect_eq(hints.n, 0);
	before = plan.patterns;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set_segment(third, 0x6474e550,
		    (UINT64_C(5) << 22) + (uint64_t)rows[i].start, rows[i].len);
		cr_assert(project_find(&pair, &plan, &hints));
		cr_expect_eq(plan.patterns, before + rows[i].fits, "%zu", i);
		cr_assert_eq(hints.n, rows[i].fits, "%zu", i);
		if (!rows[i].fits)
			continue;
		cr_expect_eq(hints.v[0].address, rows[i].start, "%zu", i);
		cr_expect_eq(hints.v[0].len, rows[i].len, "%zu", i);
		cr_expect_eq(hints.v[0].kind, PROJECT_PATTERN + before);
	}
}

/* Headers of any bytes and any length: looked at, and no more. */
Test(project_make, bad_headers_do_no_harm)
{
	struct project_pair pair;
	uint8_t *p;
	size_t format, i, way;

	for (format = 0; format < PROGRAM_FORMATS; format++) {
		pair = programs(
		    (enum program_format)format, (enum program_format)format);
		cr_assert(project_find(&pair, &plan, &hints));
		p = malloc(HEAD);
		cr_assert_not_null(p);
		for (i = 0; i < HEAD; i++)
			for (way = 0; way < 2; way++) {
				memcpy(p, buf_data(&old), HEAD);
				p[i] ^= way ? 0xff : 0x80;
				pair.basis = p;
				pair.basis_len = HEAD;
				(void)project_find(&pair, &plan, &hints);
				cr_assert_leq(
				    plan.from.n, PROJECT_SECTIONS_MAX);
			}
		free(p);
		for (i = 0; i < 400; i++) {
			p = malloc(i + 1);
			cr_assert_not_null(p);
			memcpy(p, buf_data(&old), i);
			pair.basis = p;
			pair.basis_len = i;
			(void)project_find(&pair, &plan, &hints);
			free(p);
		}
	}
}

/* Whatever it says, its bytes end where the file does, and its numbers where
 * the header is cut. */
Test(project_make, a_section_ends_with_its_file)
{
	struct project_pair pair = programs(PROGRAM_PE, PROGRAM_PE);
	struct project_section last;
	uint8_t *p = old.p + old.off, *coff;

	cr_assert(project_find(&pair, &plan, &hints));
	last = plan.from.v[1];
	cr_assert_eq(last.at + last.len, old.len);
	coff = p + p[60] + 256 * p[61];
	p = coff + 24 + coff[20] + 256 * coff[21] + 40;
	store_u32(p + 8, 0x1000000);
	store_u32(p + 16, 0x800000);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(plan.from.n, 2);
	cr_expect_eq(plan.from.v[1].at, last.at);
	cr_expect_eq(plan.from.v[1].len, last.len);
	cr_expect_eq(plan.from.v[1].room, 0x1000000);
	/* One byte less than there is stays so. */
	store_u32(p + 16, last.len - 1);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_expect_eq(plan.from.v[1].len, last.len - 1);
	/* It has no byte in the file, or begins behind its end. */
	store_u32(p + 20, (uint32_t)old.len);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_expect_eq(plan.from.n, 1);
	store_u32(p + 20, (uint32_t)old.len + 1);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_expect_eq(plan.from.n, 1);
}

/* A section without bytes that lies within the one in front of it, as packers
 * make them, takes no room from that. */
Test(project_make, a_section_within_another_takes_none_of_its_room)
{
	struct project_pair pair = programs(PROGRAM_PE, PROGRAM_PE);
	struct project_section last;
	uint8_t *p = old.p + old.off, *coff;

	cr_assert(project_find(&pair, &plan, &hints));
	last = plan.from.v[1];
	coff = p + p[60] + 256 * p[61];
	coff[6] = 3;
	p = coff + 24 + coff[20] + 256 * coff[21] + 2 * 40;
	memset(p, 0, 40);
	store_u32(p + 8, last.len / 2);
	store_u32(p + 12, last.address);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_assert_eq(plan.from.n, 2);
	cr_expect_eq(plan.from.v[1].room, last.room);
	store_u32(p + 8, 0x1000);
	store_u32(p + 12, last.address + last.room);
	cr_assert(project_find(&pair, &plan, &hints));
	cr_expect_eq(plan.from.v[1].room, last.room + 0x1000);
}

Test(project_make, regions_get_the_kind_that_fits)
{
	struct project_pair pair = programs(PROGRAM_PE, PROGRAM_PE);
	struct project_cover all = {0, 0, 1};
	uint8_t *target;
	struct project_gain gain;
	size_t i, code = 0, tables = 0, n;

	cr_assert(project_find(&pair, &plan, &hints));
	/* Nothing was moved: nothing is to gain. */
	pair.target = pair.basis;
	pair.target_len = pair.basis_len;
	plan.to = plan.from;
	cr_assert_eq(project_choose(&pair, &all, 1, &plan, &gain, &e), 0);
	cr_expect_eq(gain.differ, 0);
	cr_expect_eq(gain.gain, 0);
	n = plan.regions;
	cr_assert_eq(n, project_regions(old.len));
	for (i = 0; i < n; i++)
		code += plan.kind[i] != PROJECT_PLAIN;
	cr_expect_eq(code, 0);
	/* Only the base is another: absolute addresses differ. */
	target = malloc(old.len);
	cr_assert_not_null(target);
	memcpy(target, buf_data(&old), old.len);
	for (i = 0; i < FUNCTIONS; i++)
		target[plan.from.v[1].at + i * 8 + 3]++;
	pair.target = target;
	plan.to.base = plan.from.base + (1 << 24);
	all.len = (uint32_t)old.len;
	cr_assert_eq(project_choose(&pair, &all, 1, &plan, &gain, &e), 0);
	cr_expect_eq(gain.differ, FUNCTIONS);
	cr_expect_eq(gain.gain, FUNCTIONS);
	for (i = 0; i < n; i++)
		tables += plan.kind[i] == PROJECT_PATTERN + 1;
	cr_expect_geq(tables, FUNCTIONS * 8 / PROJECT_REGION);
	free(target);
}

/* Tables that no cover has yet are projected where their format tells. */
Test(project_make, hinted_tables_need_no_covers)
{
	struct project_pair pair = programs(PROGRAM_PE, PROGRAM_PE);
	struct project_cover code;
	struct project_gain gain;
	size_t i, from, to;

	cr_assert(project_find(&pair, &plan, &hints));
	cr_expect_eq(hints.n, 0);
	code = (struct project_cover){0, 0, HEAD + plan.from.v[0].len / 2};
	project_add_hint(
	    &hints, plan.from.v[1].address, FUNCTIONS * 8, PROJECT_LONG_KIND);
	pair.hints = &hints;
	cr_assert_eq(project_choose(&pair, &code, 1, &plan, &gain, &e), 0);
	from = plan.from.v[1].at / PROJECT_REGION;
	to = from + FUNCTIONS * 8 / PROJECT_REGION;
	for (i = from; i < to; i++)
		cr_expect_eq(plan.kind[i], PROJECT_LONG_KIND, "%zu", i);
	/* The last look believes covers only. */
	pair.hints = NULL;
	cr_assert_eq(project_choose(&pair, &code, 1, &plan, &gain, &e), 0);
	for (i = from; i < to; i++)
		cr_expect_neq(plan.kind[i], PROJECT_LONG_KIND, "%zu", i);
}
