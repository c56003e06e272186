/* Which file is like which, by names and sizes. */
#include "engine/tree/namesake.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct err e;

static void
add(struct manifest *m, const char *path, enum entry_type type, uint64_t size)
{
	char copy[64];
	struct entry entry = {.type = type, .content.size = size};

	(void)snprintf(copy, sizeof(copy), "%s", path);
	entry.path = copy;
	cr_assert_eq(manifest_add(m, &entry, &e), 0);
}

Test(namesake, rows)
{
	static const struct {
		const char *want, *found;
	} rows[] = {
	    {"app.exe", "app.exe"}, /* its namesake */
	    {"empty", NULL}, /* an empty one is no basis */
	    {"folder", NULL}, /* nor a folder */
	    {"lib/libx.so.2", "lib/libx.so.1"}, /* another version */
	    {"lib/libx-3.so", "lib/libx.so.1"},
	    {"lib/LIBX.so.2", "lib/libx.so.1"},
	    {"liby.so.9", "other/liby.so.8"}, /* another folder */
	    {"z/k2.dat", "z/k1.dat"}, /* its folder before nearer sizes */
	    {"near-3", "near-2"}, /* the nearer size, both smaller */
	    {"libw.so.1", NULL}, /* libw.so.0 has a namesake */
	    {"unheard", NULL},
	};
	struct manifest have, want;
	struct entry *entry, *found;
	struct namesakes k;
	size_t i;

	manifest_init(&have, PATH_OS_LINUX);
	manifest_init(&want, PATH_OS_LINUX);
	add(&have, "app.exe", ENTRY_FILE, 10);
	add(&have, "empty", ENTRY_FILE, 0);
	add(&have, "folder", ENTRY_DIR, 0);
	add(&have, "lib/libx.so.1", ENTRY_FILE, 1000);
	add(&have, "lib/libx.so.0", ENTRY_FILE, 5000);
	add(&have, "other/liby.so.8", ENTRY_FILE, 10);
	add(&have, "k3.dat", ENTRY_FILE, 100);
	add(&have, "z/k1.dat", ENTRY_FILE, 1);
	add(&have, "near-1", ENTRY_FILE, 900);
	add(&have, "near-2", ENTRY_FILE, 1000);
	add(&have, "libw.so.0", ENTRY_FILE, 100);
	cr_assert_eq(manifest_sort(&have, &e), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add(&want, rows[i].want, ENTRY_FILE, 1100);
	add(&want, "libw.so.0", ENTRY_FILE, 100);
	cr_assert_eq(manifest_sort(&want, &e), 0);
	cr_assert_eq(namesake_init(&k, &have, &want, NULL, &e), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		entry = manifest_find(&want, rows[i].want);
		cr_assert_not_null(entry);
		found = namesake_find(&k, entry);
		cr_expect_str_eq(found == NULL ? "" : found->path,
		    rows[i].found == NULL ? "" : rows[i].found, "%s",
		    rows[i].want);
	}
	/* Comparing has an end. */
	k.budget = 2 * k.n - 1;
	cr_expect_not_null(
	    namesake_find(&k, manifest_find(&want, "lib/libx.so.2")));
	cr_expect_null(
	    namesake_find(&k, manifest_find(&want, "lib/libx.so.2")));
	cr_expect_not_null(namesake_find(&k, manifest_find(&want, "app.exe")));
	namesake_release(&k);
	manifest_release(&have);
	manifest_release(&want);
}

/* Who knows more than names goes first, if what it names is there. */
Test(namesake, hints_go_first)
{
	char app[] = "other", lib[] = "gone", ini[] = "a.ini";
	char *hints[] = {ini, app, NULL, lib};
	static const char *const names[] = {"a", "app", "free", "lib.2"};
	static const char *const found[] = {"a", "other", NULL, "lib.1"};
	struct manifest have, want;
	struct namesakes k;
	struct entry *got;
	size_t i;

	manifest_init(&have, PATH_OS_LINUX);
	manifest_init(&want, PATH_OS_LINUX);
	add(&have, "a", ENTRY_FILE, 10);
	add(&have, "a.ini", ENTRY_FILE, 10);
	add(&have, "app", ENTRY_FILE, 10);
	add(&have, "lib.1", ENTRY_FILE, 10);
	add(&have, "other", ENTRY_FILE, 10);
	for (i = 0; i < 4; i++)
		add(&want, names[i], ENTRY_FILE, 20);
	cr_assert_eq(namesake_init(&k, &have, &want, hints, &e), 0);
	for (i = 0; i < 4; i++) {
		got = namesake_find(&k, &want.v[i]);
		cr_expect_str_eq(got == NULL ? "" : got->path,
		    found[i] == NULL ? "" : found[i], "%s", names[i]);
		got = namesake_hinted(&k, &want.v[i]);
		cr_expect((got != NULL) == (i == 1), "%s", names[i]);
	}
	namesake_release(&k);
	manifest_release(&have);
	manifest_release(&want);
}

/* What nobody else is to hear of is no basis, by whatever name it is found: a
 * basis is named to the other end. */
Test(namesake, what_is_secret_is_no_basis)
{
	char hint[] = "hinted";
	char *hints[] = {NULL, NULL, hint};
	static const char *const names[] = {"lib.so.2", "same", "zzz"};
	struct manifest have, want;
	struct namesakes k;
	size_t i, secret;

	manifest_init(&have, PATH_OS_LINUX);
	manifest_init(&want, PATH_OS_LINUX);
	add(&have, "hinted", ENTRY_FILE, 10);
	add(&have, "lib.so.1", ENTRY_FILE, 10);
	add(&have, "same", ENTRY_FILE, 10);
	for (i = 0; i < 3; i++)
		add(&want, names[i], ENTRY_FILE, 20);
	for (secret = 0; secret < 2; secret++) {
		for (i = 0; i < 3; i++)
			have.v[i].is_secret = secret;
		cr_assert_eq(namesake_init(&k, &have, &want, hints, &e), 0);
		for (i = 0; i < 3; i++)
			cr_expect((namesake_find(&k, &want.v[i]) == NULL) ==
				(secret == 1),
			    "%s", names[i]);
		namesake_release(&k);
	}
	manifest_release(&have);
	manifest_release(&want);
}

/* The nearest in length, larger or smaller, and before all its own folder. */
Test(namesake, the_nearest_is_the_best)
{
	static char here[] = "lib/a.dll", there[] = "other/a.dll";
	struct entry want = {.path = here, .content = {.size = 100}};
	struct entry smaller = {.path = here, .content = {.size = 90}};
	struct entry larger = {.path = here, .content = {.size = 110}};
	struct entry other = {.path = there, .content = {.size = 100}};

	cr_expect_eq(namesake_badness(&want, &want), 0);
	cr_expect_eq(namesake_badness(&want, &smaller), 10);
	cr_expect_eq(namesake_badness(&want, &larger), 10);
	larger.content.size = ENTRY_MAX_SIZE;
	cr_expect_lt(
	    namesake_badness(&want, &larger), namesake_badness(&want, &other));
}

/* How far apart sizes are counts in the same folder; any other is farther. */
Test(namesake, badness)
{
	static const struct {
		const char *want, *have;
		uint64_t want_size, have_size, bad;
	} rows[] = {
	    {"a", "b", 10, 10, 0},
	    {"a", "b", 10, 4, 6},
	    {"a", "b", 10, 16, 6},
	    {"x/a", "x/b", 0, ENTRY_MAX_SIZE, ENTRY_MAX_SIZE},
	    {"x/a", "y/a", 10, 4, 6 + ENTRY_MAX_SIZE},
	    {"a", "y/a", 7, 7, ENTRY_MAX_SIZE},
	};
	char want_path[8], have_path[8];
	struct entry want, have;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(
		    want_path, sizeof(want_path), "%s", rows[i].want);
		(void)snprintf(
		    have_path, sizeof(have_path), "%s", rows[i].have);
		want = (struct entry){
		    .path = want_path, .content.size = rows[i].want_size};
		have = (struct entry){
		    .path = have_path, .content.size = rows[i].have_size};
		cr_expect_eq(
		    namesake_badness(&want, &have), rows[i].bad, "row %zu", i);
	}
}
