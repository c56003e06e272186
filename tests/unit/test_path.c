/* Path rules: what is refused, and the legitimate neighbour of each. */
#include "engine/base/err.h"
#include "engine/base/path.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which systems accept a name. */
enum { NONE = 0, ALL = 7, NOT_WINDOWS = 6 };

struct row {
	const char *path;
	unsigned systems;
};

static void
expect_rows(const struct row *row, size_t n)
{
	struct err e;
	unsigned os;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		for (os = PATH_OS_WINDOWS; os <= PATH_OS_MACOSX; os++) {
			rc = path_check(row[i].path, strlen(row[i].path),
			    (enum path_os)os, &e);
			cr_expect_eq(rc,
			    row[i].systems & 1u << os ? 0 : ERP_USAGE,
			    "\"%s\" for system %u: %d", row[i].path, os, rc);
			cr_expect(rc == 0 || e.msg[0] != '\0');
		}
}

#define EXPECT(rows) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]))

Test(path, shape)
{
	static const struct row rows[] = {
	    {"a", ALL},
	    {"a/b/c.txt", ALL},
	    {"with blank/and-dash_.x", ALL},
	    {".hidden", ALL},
	    {"..a", ALL},
	    {"a..b", ALL},
	    {"...a", ALL},
	    {"~1", ALL},
	    {"", NONE},
	    {"/", NONE},
	    {"/a", NONE},
	    {"a/", NONE},
	    {"a//b", NONE},
	    {".", NONE},
	    {"..", NONE},
	    {"./a", NONE},
	    {"../a", NONE},
	    {"a/./b", NONE},
	    {"a/../b", NONE},
	    {"a/..", NONE},
	    {"...", NOT_WINDOWS},
	};

	EXPECT(rows);
}

Test(path, characters)
{
	static const struct row rows[] = {
	    {"a'b", ALL},
	    {"a;b,c=d+e@f#g$h%i&j(k)l[m]n{o}p!q^r`s", ALL},
	    {"N\u00e3o.txt", ALL},
	    {"\u65e5\u672c/\U0001f600", ALL},
	    {"a\\b", NONE},
	    {"c:a", NONE},
	    {"a:stream", NONE},
	    {"a*", NONE},
	    {"a?", NONE},
	    {"a\"", NONE},
	    {"a<", NONE},
	    {"a>", NONE},
	    {"a|b", NONE},
	    {"a\nb", NONE},
	    {"\x01", NONE},
	    {"a\x1f", NONE},
	    {"a\x7f", NONE},
	    {"a\xc2\x80", NONE},
	    {"a\xc2\x9f", NONE},
	    {"a\xc2\xa0z", ALL},
	    {"a\xff", NONE},
	    {"a\xc0\xaf..", NONE},
	    {"\xe0\x80\xaf", NONE},
	    {"\xed\xa0\x80", NONE},
	};

	EXPECT(rows);
	cr_assert_eq(path_check("a\0b", 3, PATH_OS_LINUX, NULL), ERP_USAGE);
}

Test(path, only_normal_form_c)
{
	static const struct row rows[] = {
	    {"\u00e9", ALL}, {"e\u0301", NONE}, /* decomposed */
	    {"o\u0302\u0301", NONE}, {"\u1ed1", ALL},
	    {"x\u0301", ALL}, /* nothing composed exists */
	    {"\u212b", NONE}, /* the Angstrom sign is an A with ring */
	    {"\uac00", ALL}, {"\u1100\u1161", NONE}, /* Hangul in parts */
	    {"\u0301", ALL},
	    {"a\u0323\u0307", NONE}, /* marks that compose in part */
	};

	EXPECT(rows);
}

Test(path, names_that_windows_cannot_have)
{
	static const struct row rows[] = {
	    {"a.", NOT_WINDOWS},
	    {"a ", NOT_WINDOWS},
	    {"a./b", NOT_WINDOWS},
	    {" a", ALL},
	    {"CON", NOT_WINDOWS},
	    {"con.txt", NOT_WINDOWS},
	    {"dir/Nul", NOT_WINDOWS},
	    {"aux/x", NOT_WINDOWS},
	    {"prn.tar.gz", NOT_WINDOWS},
	    {"nul .txt", NOT_WINDOWS},
	    {"CONIN$", NOT_WINDOWS},
	    {"conout$.x", NOT_WINDOWS},
	    {"COM1", NOT_WINDOWS},
	    {"lpt9.dat", NOT_WINDOWS},
	    {"com\u00b2", NOT_WINDOWS},
	    {"LPT\u00b3.x", NOT_WINDOWS},
	    {"com", ALL},
	    {"com10", ALL},
	    {"comx", ALL},
	    {"console", ALL},
	    {"auxiliary", ALL},
	    {"null", ALL},
	    {"x.con", ALL},
	    {"lpt", ALL},
	};

	EXPECT(rows);
}

Test(path, lengths)
{
	char p[PATH_MAX_BYTES + 2];
	size_t i;

	memset(p, 'x', sizeof(p));
	cr_expect_eq(path_check(p, 200, PATH_OS_LINUX, NULL), 0);
	cr_expect_eq(path_check(p, 201, PATH_OS_LINUX, NULL), ERP_USAGE);
	for (i = 100; i < sizeof(p); i += 101)
		p[i] = '/';
	cr_expect_eq(path_check(p, 1024, PATH_OS_LINUX, NULL), 0);
	cr_expect_eq(path_check(p, 1025, PATH_OS_LINUX, NULL), ERP_USAGE);
	for (i = 0; i < sizeof(p); i++)
		p[i] = i % 2 ? '/' : 'x';
	cr_expect_eq(path_check(p, 63, PATH_OS_LINUX, NULL), 0);
	cr_expect_eq(path_check(p, 65, PATH_OS_LINUX, NULL), ERP_USAGE);
}

Test(path, the_message_shows_the_path_safely)
{
	struct err e;

	cr_assert_eq(path_check("a\033b", 3, PATH_OS_LINUX, &e), ERP_USAGE);
	cr_assert_str_eq(e.msg,
	    "a\\033b: forbidden character: a control or one of \\ : * ? \" < > "
	    "|");
}

Test(path, folding_finds_equal_names)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} table[] = {
	    {"A.dll", "a.DLL", true},
	    {"N\u00c3O", "n\u00e3o", true},
	    {"\u0391\u03a3", "\u03b1\u03c2", true}, /* final sigma */
	    {"\u0416", "\u0436", true},
	    {"\u0152", "\u0153", true},
	    {"a\u200cb", "ab", true},
	    {"\u023a", "\u2c65", true}, /* grows in UTF-8 */
	    {"a", "b", false},
	    {"a", "\u00e1", false},
	    {"\u00df", "ss", false}, /* simple, not full folding */
	    {"i", "\u0131", false},
	    {"\xff", "\xfe", false},
	    {"\xff", "\xff", true},
	};
	char *a, *b;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		a = path_fold(table[i].a);
		b = path_fold(table[i].b);
		cr_assert(a != NULL && b != NULL);
		cr_expect_eq(strcmp(a, b) == 0, table[i].equal, "%s %s",
		    table[i].a, table[i].b);
		cr_expect_eq(path_fold_compare(table[i].a, table[i].b) == 0,
		    table[i].equal, "%s %s", table[i].a, table[i].b);
		free(a);
		free(b);
	}
}

Test(path, names_have_the_order_of_their_keys)
{
	static const char *const v[] = {"", "a", "B", "ab", "a\u200cB", "aB/c",
	    "A.b", "\u00c9", "\u00e9a", "\u00c8", "\u023ax", "\u2c65", "\u2c64",
	    "a\u0416", "a\u0436b", "a\U00010400", "a\U00010428", "\u200d",
	    "a\u00ad", "n\u00c3o", "n\u00e3", "N\u00e3O"};
	char *a, *b;
	size_t i, k, n = sizeof(v) / sizeof(v[0]);
	int want, got;

	for (i = 0; i < n * n; i++) {
		k = i % n;
		a = path_fold(v[i / n]);
		b = path_fold(v[k]);
		cr_assert(a != NULL && b != NULL);
		want = strcmp(a, b);
		got = path_fold_compare(v[i / n], v[k]);
		cr_expect_eq((got > 0) - (got < 0), (want > 0) - (want < 0),
		    "%s %s", v[i / n], v[k]);
		free(a);
		free(b);
	}
}

Test(path, links_stay_inside)
{
	static const struct {
		const char *path, *target;
		bool good;
	} table[] = {
	    {"a", "b", true},
	    {"a", "./b", true},
	    {"a", "b/", true},
	    {"App.app/Contents/Frameworks/Q.framework/Q", "Versions/Current/Q",
		true},
	    {"d/a", "../b", true},
	    {"d/e/a", "../../b/c", true},
	    {"d/a", "..", true},
	    {"d/a", ".//../x", true},
	    {"a", "..b", true},
	    {"a", "", false},
	    {"a", "/b", false},
	    {"a", "..", false},
	    {"a", "../b", false},
	    {"d/a", "../../b", false},
	    {"a", "b/../../c", false},
	    {"d/a", "b/..", false}, /* b may be a link itself */
	    {"a", "b/./../c", false},
	    {"a", "c:\\x", false},
	    {"a", "b\nc", false},
	    {"a", "b\xff", false},
	    {"a", ".erpsync/state", false},
	    {"d/a", "../bkp_remote.003/x", false},
	    {"d/a", ".././.ErpSync", false},
	    {"d/a", ".erpsync", true},
	    {"d/a", "../ERPSYN~1/state", false},
	    {"a", "bkp_re~2.003", false},
	    {"a", "ER3A9C~1", false},
	    {"d/a", "ERPSYN~1", true},
	    {"a", "erp~x", true},
	};
	char target[PATH_MAX_BYTES + 2];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(
		    path_check_link(table[i].path, table[i].target, NULL),
		    table[i].good ? 0 : ERP_USAGE, "%s -> %s", table[i].path,
		    table[i].target);
	memset(target, 'x', sizeof(target));
	target[PATH_MAX_BYTES + 1] = '\0';
	for (i = 100; i < PATH_MAX_BYTES; i += 101)
		target[i] = '/';
	cr_expect_eq(path_check_link("a", target, NULL), ERP_USAGE);
	target[PATH_MAX_BYTES] = '\0';
	cr_expect_eq(path_check_link("a", target, NULL), 0);
}

Test(path, base_is_the_last_component)
{
	cr_assert_str_eq(path_base("a"), "a");
	cr_assert_str_eq(path_base("a/b.c"), "b.c");
}

Test(path, two_are_in_the_same_folder_or_not)
{
	cr_assert(path_same_folder("a", "b"));
	cr_assert(path_same_folder("a/b", "a/long"));
	cr_assert(path_same_folder("a/b/c", "a/b/c"));
	cr_assert_not(path_same_folder("a", "a/b"));
	cr_assert_not(path_same_folder("a/b", "b/b"));
	cr_assert_not(path_same_folder("a/b", "a/b/c"));
	cr_assert_not(path_same_folder("", "a/b"));
}

Test(path, each_system_has_a_name)
{
	unsigned os;

	cr_assert_str_eq(path_os_name(PATH_OS_WINDOWS), "windows");
	cr_assert_str_eq(path_os_name(PATH_OS_LINUX), "linux");
	cr_assert_str_eq(path_os_name(PATH_OS_MACOSX), "macosx");
	for (os = 0; os < PATH_OS_N; os++)
		cr_assert_not_null(path_os_name((enum path_os)os));
	cr_assert_null(path_os_name((enum path_os)PATH_OS_N));
}

Test(path, links_to_the_folder_itself_are_known)
{
	cr_expect(path_link_is_root("a", "."));
	cr_expect(path_link_is_root("a", "././"));
	cr_expect(path_link_is_root("d/a", ".."));
	cr_expect(path_link_is_root("d/e/a", "../../."));
	cr_expect_not(path_link_is_root("d/a", "."));
	cr_expect_not(path_link_is_root("d/e/a", ".."));
	cr_expect_not(path_link_is_root("d/a", "../b"));
	cr_expect_not(path_link_is_root("a", "b"));
}
