/* Patterns for names to leave out. */
#include "engine/base/err.h"
#include "engine/tree/filter.h"

#include <criterion/criterion.h>
#include <string.h>

Test(filter, patterns_match_names_or_paths)
{
	static const struct {
		const char *pattern, *path;
		bool excluded;
	} table[] = {
	    {"*.log", "a.log", true},
	    {"*.log", "d/e/a.log", true},
	    {"*.log", "a.log.txt", false},
	    {"*.log", "a.LOG", false},
	    {"?.ini", "a.ini", true},
	    {"[ab].ini", "c.ini", false},
	    {"logs", "logs", true},
	    {"logs", "logs/a/b", true},
	    {"logs", "d/logs/a", true},
	    {"logs", "mylogs/a", false},
	    {"logs/", "logs/a", true},
	    {"/logs", "logs/a", true},
	    {"/logs", "d/logs", false},
	    {"d/*.ini", "d/a.ini", true},
	    {"d/*.ini", "a.ini", false},
	    {"d/*.ini", "x/d/a.ini", false},
	    {"d/*", "d/e/f", true}, /* d/e is left out */
	    {"d/*/f", "d/e/f", true},
	    {"d/*/f", "d/f", false},
	    {"*", "anything/at/all", true},
	    {".*", ".hidden", true},
	    {"./logs", "logs/a", true},
	    {"././logs/*.txt", "logs/a.txt", true},
	    {"d\\e", "d/e/f", true},
	    {"d\\1.ini", "d/1.ini", true},
	    {"b\\[1\\]", "b[1]", true},
	    {"a\\*", "a*", true},
	    {"a\\*", "ab", false},
	    {"**/s.ini", "s.ini", true}, /* any folder, or none */
	    {"**/s.ini", "d/e/s.ini", true},
	    {"**/s.ini", "d/xs.ini", false},
	    {"/**/s.ini", "s.ini", true},
	    {"**/d/*.ini", "d/s.ini", true},
	    {"**/d/*.ini", "a/b/d/s.ini", true},
	    {"**/d/*.ini", "d/e/s.ini", false},
	    {"**/**/s.ini", "s.ini", true},
	};
	struct filter f;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		filter_init(&f);
		cr_assert_eq(filter_add(&f, table[i].pattern, NULL), 0);
		cr_expect_eq(filter_excludes(&f, table[i].path),
		    table[i].excluded, "%s on %s", table[i].pattern,
		    table[i].path);
		filter_release(&f);
	}
}

Test(filter, any_of_many_patterns_is_enough)
{
	struct filter f;
	char pattern[2] = "a";

	filter_init(&f);
	cr_assert_not(filter_excludes(&f, "a"));
	cr_assert_not(filter_excludes(NULL, "a"));
	for (; pattern[0] <= 'z'; pattern[0]++)
		cr_assert_eq(filter_add(&f, pattern, NULL), 0);
	cr_assert(filter_excludes(&f, "a"));
	cr_assert(filter_excludes(&f, "z"));
	cr_assert(filter_excludes(&f, "m/1"));
	cr_assert_not(filter_excludes(&f, "1"));
	filter_release(&f);
	cr_assert_not(filter_excludes(&f, "a"));
	filter_release(&f);
}

/* What a release says never leaves out what names the station's server. */
Test(filter, some_yield_to_a_station_s_ini)
{
	static const struct {
		const char *path;
		bool yields;
	} table[] = {
	    {"smartclient.ini", true},
	    {"SmartClient.INI", true},
	    {"smartclient.app", true},
	    {"smartclient.app/Contents/MacOS", true},
	    {"smartclient.app/Contents/MacOS/smartclient.ini", true},
	    {"smartclient.app/Contents/MacOS/smartclient", false},
	    {"smartclient.ap", false},
	    {"smartclient.ini/x", false},
	    {"sub/smartclient.ini", false},
	    {"smartclient", false},
	};
	struct filter f;
	size_t i;

	filter_init(&f);
	cr_assert_eq(filter_add(&f, "*", NULL), 0);
	cr_assert_eq(filter_add(&f, "x", NULL), 0);
	f.yields = 1;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(filter_excludes(&f, table[i].path),
		    !table[i].yields, "%s", table[i].path);
	/* A person's word counts as it stands. */
	cr_assert_eq(filter_add(&f, "smartclient.i*", NULL), 0);
	cr_expect(filter_excludes(&f, "smartclient.ini"));
	cr_expect_not(filter_excludes(&f, "smartclient.app"));
	filter_release(&f);
}

Test(filter, useless_patterns_are_refused)
{
	char longest[1026];
	struct filter f;
	struct err e;

	filter_init(&f);
	memset(longest, 'x', sizeof(longest));
	longest[1025] = '\0';
	cr_assert_eq(filter_add(&f, "", &e), ERP_USAGE);
	cr_assert_eq(filter_add(&f, "/", &e), ERP_USAGE);
	cr_assert_eq(filter_add(&f, longest, &e), ERP_USAGE);
	longest[1024] = '\0';
	cr_assert_eq(filter_add(&f, longest, &e), 0);
	cr_assert_eq(f.n, 1);
	filter_release(&f);
}

Test(filter, tells_which_patterns_leave_out_nothing)
{
	static const struct {
		const char *pattern;
		bool idle;
	} table[] = {
	    {"a.txt", false},
	    {"a.*", false}, /* the first one matched, and this one too */
	    {"A.TXT", true},
	    {"*.LOG", true},
	    {"*.log", false}, /* there is just none today */
	    {"nothing", true},
	    {"debug\\*", true},
	    {"**/nothing", true}, /* no wildcard but for the folder */
	    {"/**/nothing", true},
	    {"**/*.log", false},
	    {"*.log *.tmp", true}, /* without the comma */
	    {"/srv/erp/*.log", true}, /* as if from the root */
	    {"b[1].txt", true}, /* perhaps a name */
	    {"[", true},
	};
	struct filter f;
	size_t i, n = sizeof(table) / sizeof(table[0]);

	filter_init(&f);
	for (i = 0; i < n; i++)
		cr_assert_eq(filter_add(&f, table[i].pattern, NULL), 0);
	cr_assert(filter_excludes(&f, "a.txt"));
	cr_assert_not(filter_excludes(&f, "debug/x"));
	for (i = 0; i < n; i++)
		cr_expect_eq(filter_is_idle(&f, i), table[i].idle, "%s",
		    table[i].pattern);
	filter_release(&f);
}
