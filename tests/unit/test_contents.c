/* What changes inside of files: INI files by key, texts by line, and what
 * cannot be told. */
#include "cli/report/contents.h"

#include "cli/messages/messages.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"
#include "transport/api/erpsync.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tempdir old, new;
static struct contents *contents;
static struct err e;

static void
begin(void)
{
	tempdir_open(&old);
	tempdir_open(&new);
}

static void
end(void)
{
	contents_free(contents);
	tempdir_close(&old);
	tempdir_close(&new);
}

TestSuite(contents, .init = begin, .fini = end);

static struct erpsync_change
change(const char *path, enum erpsync_kind kind)
{
	return (struct erpsync_change){.path = path,
	    .action = ERPSYNC_ACTION_CHANGED,
	    .type = ERPSYNC_FILE,
	    .kind = kind,
	    .size = 1,
	    .old_size = 1};
}

static void
compare(const struct erpsync_change *v, size_t n, bool diff)
{
	const struct contents_options opt = {old.path, new.path, diff};

	contents_free(contents);
	cr_assert_eq(contents_make(v, n, &opt, &contents, &e), 0, "%s", e.msg);
}

/* All lines of change i, "[section] key: old -> new" or as they are. */
static const char *
lines(size_t i)
{
	static char text[4096];
	struct contents_line line;
	size_t k;

	text[0] = '\0';
	for (k = 0; contents_line(contents, i, k, &line); k++) {
		char *at = text + strlen(text);

		if (line.section == NULL)
			(void)sprintf(at, "%s\n", line.text);
		else
			(void)sprintf(at, "[%s] %s: %s -> %s\n", line.section,
			    line.text,
			    line.old_value == NULL ? "(none)" : line.old_value,
			    line.new_value == NULL ? "(none)" : line.new_value);
	}
	return text;
}

static void
put(const char *path, const char *was, const char *is)
{
	tempdir_text(&old, path, was, -1);
	tempdir_text(&new, path, is, -1);
}

static const struct erpsync_conflict *
conflict(size_t k)
{
	struct contents_line line;

	cr_assert(contents_line(contents, 0, k, &line));
	return line.conflict;
}

static const char *
release_value(size_t k)
{
	struct contents_line line;

	cr_assert(contents_line(contents, 0, k, &line));
	return line.release_value;
}

Test(contents, conflicts_are_told_also_where_nothing_changes)
{
	static const struct erpsync_conflict both[] = {
	    {"A", "Mine", false, "2"}, {"a", "theirs", true, "2"},
	    {"a", "gone", false, NULL}, {"b", "x", false, "3"},
	    {"", "a", false, NULL}, {"a", "pwd", false, "2"}};
	struct erpsync_change v[] = {change("a.ini", ERPSYNC_KIND_INI)};
	const struct contents_options here = {NULL, new.path, false};

	v[0].conflicts = both;
	v[0].conflicts_n = 6;
	put("a.ini", "a=1\n[a]\npwd=1\nmine=1\ntheirs=1\nx=1\n",
	    "a=1\n[a]\npwd=1\nmine=1\ntheirs=2\nx=2\n");
	compare(v, 1, false);
	cr_expect_str_eq(lines(0),
	    "[a] theirs: 1 -> 2\n"
	    "[a] x: 1 -> 2\n"
	    "[A] Mine: 1 -> 1\n"
	    "[a] gone: (none) -> (none)\n"
	    "[b] x: (none) -> (none)\n"
	    "[a] pwd: *** -> ***\n");
	cr_expect_eq(conflict(0), &both[1]);
	cr_expect_null(conflict(1));
	cr_expect_eq(conflict(2), &both[0]);
	cr_expect_eq(conflict(3), &both[2]);
	/* What the release has. */
	cr_expect_str_eq(release_value(0), "2");
	cr_expect_null(release_value(1));
	cr_expect_str_eq(release_value(2), "2");
	cr_expect_null(release_value(3));
	cr_expect_str_eq(release_value(5), "***");
	/* One that is left is the same before and after, and there once. */
	v[0].action = ERPSYNC_ACTION_EXTRA;
	v[0].conflicts_n = 1;
	contents_free(contents);
	cr_assert_eq(contents_make(v, 1, &here, &contents, &e), 0);
	cr_expect_str_eq(lines(0), "[A] Mine: 1 -> 1\n");
	compare(v, 1, false);
	cr_expect_str_eq(lines(0), "[A] Mine: 1 -> 1\n");
	v[0].conflicts_n = 0;
	compare(v, 1, false);
	cr_expect_str_eq(lines(0), "");
	cr_expect_null(contents_why(contents, 0));
}

Test(contents, ini_files_are_told_by_key)
{
	const struct erpsync_change v[] = {change("a.ini", ERPSYNC_KIND_INI)};

	put("a.ini", "[a]\nkept=1\nwas=2\n[B]\nx=caf\xe9\nPassWord=old\n",
	    "; a comment\r\n[A]\r\nKEPT=1\r\n[b]\r\nx=tea\r\npassword=new\r\n"
	    "[c]\r\nempty=\r\n");
	compare(v, 1, false);
	cr_expect_str_eq(lines(0),
	    "[b] x: caf\xc3\xa9 -> tea\n"
	    "[b] password: *** -> ***\n"
	    "[c] empty: (none) -> \n"
	    "[a] was: 2 -> (none)\n");
	cr_expect_null(contents_why(contents, 0));
}

Test(contents, no_value_of_a_password_is_told)
{
	static const char *const keys[] = {
	    "Password", "DBPWD", "Senha", "client_secret", "AuthToken"};
	const struct erpsync_change v[] = {change("a.ini", ERPSYNC_KIND_INI)};
	char was[64], is[64];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		(void)snprintf(was, sizeof(was), "[a]\n%s=1\n", keys[i]);
		(void)snprintf(is, sizeof(is), "[a]\n%s=2\n", keys[i]);
		put("a.ini", was, is);
		compare(v, 1, true);
		cr_expect_null(strstr(lines(0), "1"), "%s", lines(0));
		cr_expect_not_null(strstr(lines(0), "*** -> ***"));
	}
}

Test(contents, texts_are_told_by_line_where_that_is_asked_for)
{
	const struct erpsync_change v[] = {change("a.txt", ERPSYNC_KIND_OTHER),
	    change("p.sh", ERPSYNC_KIND_PROGRAM),
	    change("b.bin", ERPSYNC_KIND_OTHER)};

	put("a.txt", "a\xe9\n", "b\n");
	put("p.sh", "a\n", "b\n");
	tempdir_write(&old, "b.bin", "a\0b", 3, -1);
	tempdir_write(&new, "b.bin", "a", 1, -1);
	compare(v, 3, false);
	cr_expect_str_eq(lines(0), "");
	cr_expect_null(contents_why(contents, 0));
	compare(v, 3, true);
	cr_expect_str_eq(lines(0), "@@ -1,1 +1,1 @@\n-a\xc3\xa9\n+b\n");
	cr_expect_str_eq(lines(1), "", "a program");
	cr_expect_str_eq(lines(2), "", "no text");
	cr_expect_null(contents_why(contents, 2));
	cr_expect_str_eq(lines(3), "");
	cr_expect_null(contents_why(contents, 3));
}

Test(contents, what_is_not_told_has_its_reason)
{
	struct erpsync_change v[] = {change("a.ini", ERPSYNC_KIND_INI),
	    change("gone.ini", ERPSYNC_KIND_INI),
	    change("bad.ini", ERPSYNC_KIND_INI),
	    change("long.txt", ERPSYNC_KIND_OTHER),
	    change("large.ini", ERPSYNC_KIND_INI),
	    change("new.ini", ERPSYNC_KIND_INI)};
	char many[8 * 500] = "";
	int i;

	for (i = 0; i < 500; i++)
		(void)sprintf(many + strlen(many), "%d\n", i);
	put("a.ini", "[a]\nb=1\n", "; other words\n[a]\nb=1\n");
	tempdir_text(&old, "gone.ini", "[a]\n", -1);
	put("bad.ini", "[a]\n", "[a\n");
	put("long.txt", "", many);
	put("large.ini", "[a]\nb=1\n", "[a]\nb=2\n");
	put("new.ini", "[a]\nb=1\n", "[a]\nb=2\n");
	v[4].old_size = 1024 * 1024 + 1;
	v[5].action = ERPSYNC_ACTION_NEW;
	compare(v, 6, true);
	cr_expect_str_eq(contents_why(contents, 0), REP123);
	cr_expect_str_eq(contents_why(contents, 1), REP121);
	cr_expect_str_eq(contents_why(contents, 2), REP124);
	cr_expect_str_eq(contents_why(contents, 3), REP122);
	cr_expect_str_eq(contents_why(contents, 4), REP122);
	cr_expect_str_eq(lines(4), "");
	cr_expect_null(contents_why(contents, 5));
	cr_expect_str_eq(lines(5), "");
}

/* A check has only the old ones, an update without a backup only the new. */
Test(contents, both_folders_have_to_be_here)
{
	const struct erpsync_change v[] = {change("a.ini", ERPSYNC_KIND_INI),
	    change("b.txt", ERPSYNC_KIND_OTHER)};
	struct contents_options opt = {.old_folder = old.path};

	put("a.ini", "[a]\nb=1\n", "[a]\nb=2\n");
	cr_assert_eq(contents_make(v, 2, &opt, &contents, &e), 0);
	cr_expect_str_eq(contents_why(contents, 0), REP120);
	cr_expect_null(contents_why(contents, 1));
	contents_free(contents);
	opt = (struct contents_options){.new_folder = new.path};
	cr_assert_eq(contents_make(v, 2, &opt, &contents, &e), 0);
	cr_expect_str_eq(contents_why(contents, 0), REP121);
	contents_free(contents);
	opt.old_folder = "/nowhere/at/all";
	cr_assert_eq(contents_make(v, 2, &opt, &contents, &e), 0);
	cr_expect_str_eq(contents_why(contents, 0), REP121);
	cr_expect_null(contents_why(NULL, 0));
}
