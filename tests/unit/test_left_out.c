/* Names that a server leaves out: what they may be, and what they keep. */
#include "engine/tree/left_out.h"

#include "engine/base/err.h"
#include "tests/support/starve.h"

#include <criterion/criterion.h>
#include <string.h>

static struct err e;

Test(left_out, a_pattern_is_a_name_that_stays_inside)
{
	static const struct {
		const char *pattern;
		bool legal;
	} rows[] = {
	    {"a", true},
	    {"*.log", true},
	    {"/debug/*", true},
	    {"debug/", true},
	    {"[[:alpha:]\\[]", true},
	    {"instruções", true},
	    {"..a/b..", true},
	    {"...", true},
	    {"", false},
	    {"/", false},
	    {"//\\", false},
	    {"..", false},
	    {"../a", false},
	    {"a/..", false},
	    {"a/../b", false},
	    {"a\\..\\b", false},
	    {"a\n", false},
	    {"a\x80", false},
	    {"a\xc2\x9f", false},
	};
	char most[LEFT_OUT_BYTES + 2];
	struct left_out l = {.folds = false};
	size_t i, n = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(left_out_is_legal(rows[i].pattern), rows[i].legal,
		    "%s", rows[i].pattern);
		cr_expect_eq(left_out_add(&l, rows[i].pattern, &e),
		    rows[i].legal ? 0 : ERP_PROTO, "%s", rows[i].pattern);
		n += rows[i].legal;
	}
	cr_expect_eq(l.exact.n, n);
	cr_expect_eq(l.folded.n, n);
	cr_expect_not_null(strstr(e.msg, "is no pattern of names"));
	memset(most, 'a', sizeof(most));
	most[LEFT_OUT_BYTES] = '\0';
	cr_expect(left_out_is_legal(most));
	most[LEFT_OUT_BYTES] = 'a';
	most[LEFT_OUT_BYTES + 1] = '\0';
	cr_expect_not(left_out_is_legal(most));
	left_out_release(&l);
	cr_expect_eq(l.exact.n + l.folded.n, 0);
}

Test(left_out, what_stays)
{
	static const struct {
		const char *path;
		bool exact, folds;
	} rows[] = {
	    {"a.log", true, true},
	    {"d/e/a.log", true, true},
	    {"a.LOG", false, true},
	    {"AÇÃO", false, true},
	    {"ação", true, true},
	    {"debug/x", true, true},
	    {"Debug/X/y", false, true},
	    {"x/debug/x", false, false},
	    {"lib", true, true},
	    {"lib/core.so", true, true},
	    {"LIB/core.so", false, true},
	    {"libs/core.so", false, false},
	    {"Upper9", true, true},
	    {"upper9", false, true},
	    {"a.txt", false, false},
	    {"smartclient.ini", true, true},
	    {"bin/SmartClient.INI", true, true},
	    {"smartclient.ini/x", false, false},
	};
	struct left_out l = {.folds = false};
	size_t i;

	cr_assert_eq(left_out_add(&l, "*.log", &e), 0);
	cr_assert_eq(left_out_add(&l, "/debug/*", &e), 0);
	cr_assert_eq(left_out_add(&l, "ação", &e), 0);
	cr_assert_eq(left_out_add(&l, "lib/", &e), 0);
	cr_assert_eq(left_out_add(&l, "Upper[[:digit:]]", &e), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		l.folds = false;
		cr_expect_eq(left_out_has(&l, rows[i].path), rows[i].exact,
		    "%s", rows[i].path);
		l.folds = true;
		cr_expect_eq(left_out_has(&l, rows[i].path), rows[i].folds,
		    "%s", rows[i].path);
	}
	left_out_release(&l);
	cr_expect(left_out_has(&l, "smartclient.ini"));
	cr_expect_not(left_out_has(&l, "a.log"));
	cr_expect(left_out_has(NULL, "smartclient.ini"));
	cr_expect_not(left_out_has(NULL, "a.log"));
}

/* Of invisible characters nothing is left when it is folded: no name. */
Test(left_out, what_folds_to_nothing_names_nothing)
{
	static const char soft[] = "\xcd\x8f"; /* U+034F */
	struct left_out l = {.folds = true};

	cr_assert_eq(left_out_add(&l, soft, &e), 0);
	cr_expect_eq(l.folded.n, 0);
	cr_expect(left_out_has(&l, soft));
	cr_expect_not(left_out_has(&l, "a"));
	left_out_release(&l);
}

static int
takes(void *arg, struct err *why)
{
	struct left_out l = {.folds = true};
	int rc;

	(void)arg;
	if ((rc = left_out_add(&l, "*.Log", why)) == 0 &&
	    (rc = left_out_add(&l, "debug/*", why)) == 0 &&
	    (l.exact.n != 2 || l.folded.n != 2))
		rc = STARVE_WRONG;
	left_out_release(&l);
	return rc;
}

/* Without memory to compare, a file stays. */
static int
keeps(void *arg, struct err *why)
{
	(void)why;
	return left_out_has(arg, "A.LOG") ? 0 : STARVE_WRONG;
}

Test(left_out, without_memory_nothing_goes, .timeout = 60)
{
	struct left_out l = {.folds = true};

	STARVE(takes, NULL);
	cr_assert_eq(left_out_add(&l, "a.log", &e), 0);
	STARVE(keeps, &l);
	left_out_release(&l);
}
