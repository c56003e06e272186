/* Rules for INI files: what a list may be, and which rule counts. */
#include "engine/tree/ini_policy.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <string.h>

static struct ini_policies p;
static struct err e;

/* The rules as they are written, until the next call. */
static const char *
text_of(void)
{
	static char text[2 * INI_POLICY_MAX + 1];
	struct buf b;

	buf_init(&b, sizeof(text));
	cr_assert_eq(ini_policies_text(&p, &b, &e), 0);
	if (b.len > 0)
		memcpy(text, buf_data(&b), b.len);
	text[b.len] = '\0';
	buf_release(&b);
	return text;
}

Test(ini_policy, a_list_is_read_and_written)
{
	static const char *const table[][2] = {
	    {"", ""},
	    {" , ,", ""},
	    {"merge", "*:merge"},
	    {" MERGE ", "*:merge"},
	    {"SmartClient.INI:Keep", "smartclient.ini:keep"},
	    {" a.ini : merge ,  b/*.ini:keep,overwrite",
		"a.ini:merge,b/*.ini:keep,*:overwrite"},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_assert_eq(ini_policies_add(&p, table[i][0], &e), 0, "%s",
		    table[i][0]);
		cr_expect_str_eq(text_of(), table[i][1], "%s", table[i][0]);
		ini_policies_release(&p);
	}
}

Test(ini_policy, a_bad_list_is_refused)
{
	static const struct {
		const char *list, *why;
	} table[] = {
	    {"mix", "mix is none of overwrite, keep and merge"},
	    {"*.ini", "*.ini is none of"},
	    {"a.ini:", "'a.ini' has no policy behind its colon"},
	    {"zzz:::", "'zzz::' has no policy behind its colon"},
	    {":keep", "the pattern is empty"},
	    {"keep:a.ini", "a.ini is none of"},
	    {"a\tb.ini:keep", "no text of at most 255 bytes"},
	    {"\xff:keep", "no text of at most 255 bytes"},
	};
	char big[INI_POLICY_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_expect_eq(ini_policies_add(&p, table[i].list, &e), ERP_USAGE,
		    "%s", table[i].list);
		cr_expect_not_null(strstr(e.msg, table[i].why), "%s: %s",
		    table[i].list, e.msg);
		ini_policies_release(&p);
	}
	memset(big, 'x', sizeof(big));
	big[INI_POLICY_MAX + 1] = '\0';
	cr_expect_eq(ini_policies_add(&p, big, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "at most 255"));
	memcpy(big + INI_POLICY_MAX - 5, ":keep", 6);
	cr_expect_eq(ini_policies_add(&p, big, &e), 0, "%s", e.msg);
	ini_policies_release(&p);
}

Test(ini_policy, the_first_rule_that_fits_counts)
{
	static const struct {
		const char *path;
		enum ini_policy policy;
	} table[] = {
	    {"smartclient.ini", INI_MERGE},
	    {"SmartClient.INI", INI_MERGE},
	    {"tools/smartclient.ini", INI_MERGE},
	    {"tools/x.ini", INI_KEEP},
	    {"tools/deep/x.ini", INI_KEEP},
	    {"x.ini", INI_OVERWRITE},
	    {"sub/y.ini", INI_KEEP},
	    {"y.ini", INI_OVERWRITE},
	    {"smartclient.exe", INI_OVERWRITE},
	    {"tools/x.dll", INI_OVERWRITE},
	    {".ini", INI_OVERWRITE},
	};
	size_t i;

	cr_expect_eq(ini_policy_of(NULL, "smartclient.ini"), INI_OVERWRITE);
	cr_expect_eq(ini_policy_of(&p, "smartclient.ini"), INI_OVERWRITE);
	cr_assert_eq(
	    ini_policies_add(&p, "smartclient.*:merge,Tools:keep", &e), 0);
	/* Behind those that are there. */
	cr_assert_eq(
	    ini_policies_add(&p, "smartclient.ini:keep,sub/*.ini:keep", &e), 0);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(ini_policy_of(&p, table[i].path), table[i].policy,
		    "%s", table[i].path);
	cr_assert_eq(ini_policies_add(&p, "merge", &e), 0);
	cr_expect_eq(ini_policy_of(&p, "x.ini"), INI_MERGE);
	cr_expect_eq(ini_policy_of(&p, "x.exe"), INI_OVERWRITE);
	ini_policies_release(&p);
	cr_expect_eq(p.n, 0);
}

/* What a release says keeps no file that names the station's server. */
Test(ini_policy, some_merge_a_station_s_ini)
{
	static const char ini[] = "smartclient.ini";

	cr_assert_eq(ini_policies_add(&p, "x.ini:overwrite,keep", &e), 0);
	cr_expect_eq(ini_policy_of(&p, ini), INI_KEEP);
	p.yields = 1;
	cr_expect_eq(ini_policy_of(&p, ini), INI_KEEP);
	p.yields = 2;
	cr_expect_eq(ini_policy_of(&p, ini), INI_MERGE);
	cr_expect_eq(ini_policy_of(&p, "SmartClient.Ini"), INI_MERGE);
	cr_expect_eq(ini_policy_of(&p, "sub/smartclient.ini"), INI_KEEP);
	cr_expect_eq(ini_policy_of(&p, "x.ini"), INI_OVERWRITE);
	ini_policies_release(&p);
	cr_assert_eq(ini_policies_add(&p, "overwrite", &e), 0);
	p.yields = 1;
	cr_expect_eq(ini_policy_of(&p, ini), INI_OVERWRITE);
	ini_policies_release(&p);
}

Test(ini_policy, a_path_that_is_too_long_has_none)
{
	char path[1100];

	cr_assert_eq(ini_policies_add(&p, "keep", &e), 0);
	memset(path, 'a', sizeof(path));
	memcpy(path + 1020, ".ini", 5);
	cr_expect_eq(ini_policy_of(&p, path), INI_KEEP);
	memset(path, 'a', sizeof(path));
	memcpy(path + 1021, ".ini", 5);
	cr_expect_eq(ini_policy_of(&p, path), INI_OVERWRITE);
	ini_policies_release(&p);
}
