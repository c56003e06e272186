/* Files are found by what is in them where their names say nothing. */
#include "engine/release/resemble.h"

#include "engine/base/err.h"
#include "engine/tree/hints.h"
#include "engine/tree/manifest.h"
#include "tests/support/release.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEN = 20000 };

static struct release_fixture f;
static struct manifest older, newer;
static struct hints h;
static struct err e;

static void
begin(void)
{
	release_begin(&f);
	manifest_init(&older, PATH_OS_LINUX);
	manifest_init(&newer, PATH_OS_LINUX);
}

static void
end(void)
{
	hints_release(&h);
	manifest_release(&older);
	manifest_release(&newer);
	release_end(&f);
}

TestSuite(resemble, .init = begin, .fini = end);

/* Content by number, with a short edit in its middle, or none. */
static void
file(struct manifest *m, const char *path, unsigned content, char edit)
{
	uint8_t bytes[LEN];

	fill_noise(bytes, LEN, content);
	if (edit != 0)
		memset(bytes + LEN / 2, edit, 20);
	release_file(&f, m, path, bytes, LEN);
}

static void
find(void)
{
	cr_assert_eq(manifest_sort(&older, &e), 0);
	cr_assert_eq(manifest_sort(&newer, &e), 0);
	cr_assert_eq(
	    resemble_find(f.store, &newer, &older, &h, &e), 0, "%s", e.msg);
}

/* What was said of a file, or "". */
static const char *
hint(const char *path)
{
	const struct entry *entry = manifest_find(&newer, path);

	cr_assert_not_null(entry);
	if (h.v == NULL || h.v[entry - newer.v] == NULL)
		return "";
	return h.v[entry - newer.v];
}

Test(resemble, finds_what_was_renamed_and_edited)
{
	file(&older, "assets/index-Bq3d.js", 1, 0);
	file(&older, "assets/table-9fX2.js", 2, 0);
	file(&older, "other.js", 3, 0);
	file(&newer, "assets/a-0001.js", 2, 'x');
	file(&newer, "assets/b-0002.js", 1, 'x');
	file(&newer, "moved/new", 3, 'x');
	file(&newer, "nothing-like-it", 4, 0);
	find();
	cr_expect_str_eq(hint("assets/a-0001.js"), "assets/table-9fX2.js");
	cr_expect_str_eq(hint("assets/b-0002.js"), "assets/index-Bq3d.js");
	cr_expect_str_eq(hint("moved/new"), "other.js");
	cr_expect_str_eq(hint("nothing-like-it"), "");
}

Test(resemble, says_nothing_where_names_will_do)
{
	file(&older, "app", 1, 0);
	file(&older, "lib.so.1", 2, 0);
	file(&older, "same", 3, 0);
	file(&newer, "app", 1, 'x');
	file(&newer, "lib.so.2", 2, 'x');
	file(&newer, "same", 3, 0);
	file(&newer, "copy", 3, 0);
	find();
	cr_expect_null(h.v, "nothing is to be said at all");
}

/* Numbered parts of a bundle, each one further. */
Test(resemble, sees_small_contents_that_changed_places)
{
	file(&older, "1.js", 1, 0);
	file(&older, "2.js", 2, 0);
	file(&older, "3.js", 3, 0);
	file(&newer, "1.js", 9, 0);
	file(&newer, "2.js", 1, 'x');
	file(&newer, "3.js", 2, 'x');
	find();
	cr_expect_str_eq(hint("1.js"), "");
	cr_expect_str_eq(hint("2.js"), "1.js");
	cr_expect_str_eq(hint("3.js"), "2.js");
}

Test(resemble, takes_what_stays_for_what_is_new)
{
	file(&older, "stays", 1, 0);
	file(&newer, "stays", 1, 0);
	file(&newer, "edited-copy", 1, 'x');
	find();
	cr_expect_str_eq(hint("edited-copy"), "stays");
}

/* Of two that are as much like it: the one in its folder. */
Test(resemble, prefers_what_is_near)
{
	file(&older, "a/x", 1, 0);
	file(&older, "b/x", 1, 0);
	file(&newer, "a/new", 1, 'x');
	file(&newer, "b/new", 1, 'x');
	find();
	cr_expect_str_eq(hint("a/new"), "a/x");
	cr_expect_str_eq(hint("b/new"), "b/x");
}

/* Nobody takes an INI as a basis. */
Test(resemble, leaves_settings_alone)
{
	file(&older, "smartclient.ini", 1, 0);
	file(&newer, "new", 1, 'x');
	find();
	cr_expect_str_eq(hint("new"), "");
}

/* A licence in front of all of them makes no two alike. */
Test(resemble, what_all_have_says_nothing)
{
	uint8_t bytes[4000];
	char name[32];
	unsigned i;

	for (i = 0; i < 70; i++) {
		fill_noise(bytes, 3000, 1000);
		fill_noise(bytes + 3000, 1000, i);
		(void)snprintf(name, sizeof(name), "old%u", i);
		release_file(&f, &older, name, bytes, sizeof(bytes));
	}
	fill_noise(bytes + 3000, 1000, 999);
	release_file(&f, &newer, "new", bytes, sizeof(bytes));
	find();
	cr_expect_str_eq(hint("new"), "");
}

Test(resemble, a_content_that_is_gone_is_like_nothing)
{
	char *path, full[1200];

	file(&older, "was", 1, 0);
	file(&older, "too", 2, 0);
	file(&newer, "is", 1, 'x');
	file(&newer, "two", 2, 'x');
	cr_assert_eq(manifest_sort(&older, &e), 0);
	path = release_path(
	    "content", &manifest_find(&older, "was")->content.hash);
	(void)snprintf(full, sizeof(full), "%s/%s", f.dir.path, path);
	cr_assert_eq(unlink(full), 0);
	free(path);
	find();
	cr_expect_str_eq(hint("is"), "");
	cr_expect_str_eq(hint("two"), "too");
}

/* Who cannot be looked at behind its name is believed by it. */
Test(resemble, a_name_that_nobody_looked_behind_is_believed)
{
	uint8_t bytes[LEN];
	char *path, full[1200];

	file(&older, "report", 1, 0);
	fill_noise(bytes, LEN, 5);
	fill_noise(bytes, LEN / 4, 1);
	release_file(&f, &older, "other", bytes, LEN);
	file(&newer, "report", 1, 'x');
	cr_assert_eq(manifest_sort(&older, &e), 0);
	path = release_path(
	    "content", &manifest_find(&older, "report")->content.hash);
	(void)snprintf(full, sizeof(full), "%s/%s", f.dir.path, path);
	cr_assert_eq(unlink(full), 0);
	free(path);
	find();
	cr_expect_str_eq(hint("report"), "");
}
