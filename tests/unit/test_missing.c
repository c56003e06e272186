/* Which contents are lacked, from what, and which go together. */
#include "engine/tree/missing.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"
#include "engine/tree/namesake.h"
#include "engine/tree/plan.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct err e;
static struct manifest want, have;
static struct plan plan;
static struct namesakes namesakes;
static struct missing *v;
static size_t n;
/* Contents that the folder has, by the first byte of their hash; how often it
 * was asked for any, and for hashes. */
static const char *present;
static unsigned asked, filled;

static void
begin(void)
{
	manifest_init(&want, PATH_OS_LINUX);
	manifest_init(&have, PATH_OS_LINUX);
	present = "";
	asked = filled = 0;
}

static void
end(void)
{
	free(v);
	v = NULL;
	plan_release(&plan);
	namesake_release(&namesakes);
	manifest_release(&want);
	manifest_release(&have);
}

TestSuite(missing, .init = begin, .fini = end);

/* A file; its content is named by a letter, ' ' is one that is not known. */
static void
add(struct manifest *m, const char *path, char content, uint64_t size)
{
	char copy[64];
	struct entry entry = {.type = ENTRY_FILE,
	    .content.size = size,
	    .mtime.s = content,
	    .content.known = content != ' '};

	(void)snprintf(copy, sizeof(copy), "%s", path);
	entry.path = copy;
	entry.content.hash.b[0] = (uint8_t)content;
	cr_assert_eq(manifest_add(m, &entry, &e), 0);
}

static int
has(void *ctx, const struct entry *entry, struct err *why)
{
	(void)ctx;
	asked++;
	if (entry->content.hash.b[0] == '!')
		return err_set(why, ERP_IO, "the disk is gone");
	return strchr(present, entry->content.hash.b[0]) != NULL;
}

static void
fill_hash(void *ctx, struct entry *entry)
{
	(void)ctx;
	filled++;
	/* One that cannot be read. */
	if (entry->content.size == 13)
		return;
	entry->content.known = true;
	entry->content.hash.b[0] = '+';
}

static int
find(bool with_bases)
{
	const struct plan_options opt = {.checksum = true};
	struct missing_folder folder = {
	    .namesakes = with_bases ? &namesakes : NULL,
	    .has = has,
	    .fill_hash = fill_hash};

	cr_assert_eq(manifest_sort(&want, &e), 0);
	cr_assert_eq(manifest_sort(&have, &e), 0);
	cr_assert_eq(plan_build(&want, &have, &opt, &plan, &e), 0);
	cr_assert_eq(namesake_init(&namesakes, &have, &want, NULL, &e), 0);
	return missing_find(&plan, &folder, &v, &n, &e);
}

static void
check_row(size_t i, const char *path, const char *basis)
{
	cr_assert_lt(i, n, "%s", path);
	cr_expect_str_eq(v[i].action->want->path, path);
	if (basis == NULL)
		cr_expect_null(v[i].basis, "%s", path);
	else
		cr_expect_str_eq(v[i].basis->path, basis);
}

Test(missing, each_content_once_in_the_order_of_the_plan)
{
	add(&want, "a", 'A', 10);
	add(&want, "b", 'B', 10);
	add(&want, "c", 'A', 10); /* as a */
	add(&want, "d", 'D', 10); /* the folder has it somewhere */
	add(&want, "e", 'E', 0); /* empty */
	add(&want, "f", 'F', 10); /* the same */
	add(&want, "g", 'G', 10);
	add(&have, "b", 'X', 20);
	add(&have, "f", 'F', 10);
	add(&have, "g", 'Y', 0);
	add(&have, "gone", 'Z', 10);
	present = "D";
	cr_assert_eq(find(true), 0);
	cr_assert_eq(n, 3);
	check_row(0, "a", NULL);
	check_row(1, "b", "b");
	check_row(2, "g", NULL); /* an empty file is no basis */
	cr_expect_eq(asked, 4);
	cr_expect_eq(filled, 0);
}

Test(missing, what_is_like_it_gets_a_hash_if_it_can)
{
	add(&want, "lib-2.so", 'A', 10);
	add(&want, "mod-2.so", 'B', 10);
	add(&want, "own", 'C', 10);
	add(&have, "lib-1.so", ' ', 12);
	add(&have, "mod-1.so", ' ', 13);
	add(&have, "own", ' ', 12);
	cr_assert_eq(find(true), 0);
	cr_assert_eq(n, 3);
	check_row(0, "lib-2.so", "lib-1.so");
	check_row(1, "mod-2.so", NULL);
	/* It changed while it was hashed: not once more. */
	check_row(2, "own", NULL);
	cr_expect_eq(filled, 2);
}

Test(missing, without_bases_everything_is_whole)
{
	add(&want, "own", 'C', 10);
	add(&have, "own", 'D', 12);
	cr_assert_eq(find(false), 0);
	cr_assert_eq(n, 1);
	check_row(0, "own", NULL);
}

Test(missing, a_failure_is_passed_on)
{
	add(&want, "a", '!', 10);
	add(&want, "b", 'B', 10);
	cr_expect_eq(find(true), ERP_IO);
	cr_expect_null(v);
	cr_expect_str_eq(e.msg, "the disk is gone");
}

Test(missing, nothing_is_lacked)
{
	cr_assert_eq(find(true), 0);
	cr_expect_eq(n, 0);
	cr_expect_eq(missing_cut(v, n), 0);
}

Test(missing, small_ones_come_first)
{
	add(&want, "a", 'A', GROUP_FILE + 1);
	add(&want, "b", 'B', GROUP_FILE);
	add(&want, "c", 'C', 1); /* of a large basis */
	add(&want, "d", 'D', 1);
	add(&have, "c", 'X', GROUP_BASIS + 1);
	add(&have, "d", 'Y', GROUP_BASIS);
	cr_assert_eq(find(true), 0);
	cr_assert_eq(n, 4);
	check_row(0, "b", NULL);
	check_row(1, "d", "d");
	check_row(2, "a", NULL);
	check_row(3, "c", "c");
	cr_expect_eq(missing_cut(v, n), 2);
	/* One alone is no group. */
	cr_expect_eq(missing_cut(v + 1, n - 1), 0);
	cr_expect_eq(missing_cut(v + 2, n - 2), 0);
}

/* So many contents of a size and their bases': how many the first group has. */
static size_t
cut(size_t count, uint64_t size, uint64_t basis_size)
{
	struct entry file = {.content.size = size},
		     basis = {.content.size = basis_size};
	struct action action = {.want = &file};
	struct missing *many = calloc(count, sizeof(*many));
	size_t i, first;

	cr_assert_not_null(many);
	for (i = 0; i < count; i++)
		many[i] = (struct missing){
		    &action, basis_size > 0 ? &basis : NULL, true};
	first = missing_cut(many, count);
	free(many);
	return first;
}

Test(missing, a_group_has_its_limits)
{
	static const struct {
		size_t count;
		uint64_t size, basis;
		size_t first;
	} rows[] = {
	    {GROUP_MAX, 1, 1, GROUP_MAX},
	    {GROUP_MAX + 1, 1, 0, GROUP_MAX},
	    {32, GROUP_FILE, 0, 32},
	    {33, GROUP_FILE, 0, 32},
	    {16, 1, GROUP_BASIS, 16},
	    {17, 1, GROUP_BASIS, 16},
	    {2, 1, 1, 2},
	    {1, 1, 1, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(cut(rows[i].count, rows[i].size, rows[i].basis),
		    rows[i].first, "row %zu", i);
}
