#include "transport/server/verdict.h"

#include "engine/base/err.h"
#include "transport/server/live_release.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(verdict, follows_the_documented_rule)
{
	static const struct {
		bool enabled, release;
		const char *server, *least, *client;
		enum verdict want;
	} rows[] = {
	    {false, true, "", "", "", VERDICT_DISABLED},
	    {true, false, "", "", "", VERDICT_NO_PACKAGE},
	    {true, true, "", "", "", VERDICT_COMPATIBLE},
	    {true, true, "", "", "7.00.170117A", VERDICT_COMPATIBLE},
	    {true, true, "7.00.191205P", "", "7.00.191205P",
		VERDICT_COMPATIBLE},
	    {true, true, "7", "", "7", VERDICT_COMPATIBLE},
	    {true, true, "8", "7", "7", VERDICT_COMPATIBLE},
	    {true, true, "7.00.191205P", "", "7.00.170117A",
		VERDICT_INCOMPATIBLE},
	    {true, true, "7.00.191205P", "", "", VERDICT_INCOMPATIBLE},
	    {true, true, "7.00.191205P", "7.00.170117A", "7.00.170117A",
		VERDICT_COMPATIBLE},
	    {true, true, "7.00.191205P", "7.00.170117A", "7.00.131227A",
		VERDICT_INCOMPATIBLE},
	    {true, true, "7.00.191205P", "7.00.170117A", "7.00.210324P",
		VERDICT_COMPATIBLE},
	    {true, true, "7.00.191205P", "7.00.170117A", "",
		VERDICT_INCOMPATIBLE},
	};
	struct server_policy policy;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&policy, 0, sizeof(policy));
		policy.enabled = rows[i].enabled;
		(void)strlcpy(
		    policy.build, rows[i].server, sizeof(policy.build));
		(void)strlcpy(policy.min_client_build, rows[i].least,
		    sizeof(policy.min_client_build));
		cr_expect_eq(
		    verdict_of(&policy, rows[i].release, rows[i].client),
		    rows[i].want, "row %zu", i);
	}
}

Test(verdict, one_answer_says_who_may_come_in)
{
	static struct live_release release;
	static const struct {
		bool enabled, release;
		uint32_t away;
		const char *client;
		enum verdict want;
		const char *build; /* that is told */
		bool served, held;
	} rows[] = {
	    {true, true, 0, "2.0", VERDICT_NOT_NOW, "2.0", false, true},
	    {true, true, 0, "1.0", VERDICT_NOT_NOW, "2.0", false, true},
	    {true, true, 9, "1.0", VERDICT_BUSY, "2.0", false, true},
	    {true, false, 0, "1.0", VERDICT_NO_PACKAGE, "1.0", false, true},
	    {false, true, 0, "1.0", VERDICT_DISABLED, "2.0", false, true},
	    {true, true, 0, "2.0", VERDICT_COMPATIBLE, "2.0", true, false},
	    {true, true, 0, "1.0", VERDICT_INCOMPATIBLE, "2.0", true, false},
	    {true, true, 9, "2.0", VERDICT_BUSY, "2.0", false, false},
	    {true, false, 0, "1.0", VERDICT_NO_PACKAGE, "1.0", false, false},
	    {true, false, 9, "1.0", VERDICT_BUSY, "1.0", false, false},
	    {false, true, 0, "2.0", VERDICT_DISABLED, "2.0", false, false},
	    {false, true, 9, "2.0", VERDICT_BUSY, "2.0", false, false},
	};
	struct server_policy policy;
	struct admission a;
	size_t i;

	/* Build= of the configuration; the release is a newer one. */
	memset(&policy, 0, sizeof(policy));
	(void)strlcpy(policy.build, "1.0", sizeof(policy.build));
	(void)strlcpy(policy.ini.rules, "merge", sizeof(policy.ini.rules));
	policy.ini.conflict = CONFLICT_RELEASE;
	(void)strlcpy(
	    release.manifest.build, "2.0", sizeof(release.manifest.build));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		policy.enabled = rows[i].enabled;
		admission_decide(&policy,
		    &(struct arrival){.client = rows[i].client,
			.served = rows[i].release ? &release : NULL,
			.retry_after = rows[i].away,
			.held = rows[i].held},
		    &a);
		cr_expect_eq(a.verdict, rows[i].want, "row %zu", i);
		cr_expect_str_eq(a.build, rows[i].build, "row %zu", i);
		cr_expect_eq(a.retry_after, rows[i].away, "row %zu", i);
		cr_expect_eq(
		    a.served, rows[i].served ? &release : NULL, "row %zu", i);
		cr_expect_str_eq(
		    a.ini.rules, rows[i].served ? "merge" : "", "row %zu", i);
		cr_expect_eq(a.ini.conflict,
		    rows[i].served ? CONFLICT_RELEASE : 0, "row %zu", i);
	}
}

Test(verdict, outside_the_window_it_is_told_when_it_opens)
{
	static struct live_release release;
	struct arrival arrival = {.client = "1", .served = &release};
	struct server_policy policy;
	struct admission a;
	struct err e;

	(void)setenv("TZ", "UTC0", 1);
	memset(&policy, 0, sizeof(policy));
	policy.enabled = true;
	cr_assert_eq(timetable_parse("8-18", &policy.window, &e), 0);
	/* A Monday. */
	arrival.now = 1699833600 + 7 * 3600;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_NOT_NOW);
	cr_expect_eq(a.retry_after, 3600);
	cr_expect_null(a.served);
	arrival.is_current = true;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_COMPATIBLE, "nothing is to be done");
	cr_expect_eq(a.retry_after, 0);
	arrival.held = true;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_NOT_NOW);
	arrival.held = false;
	arrival.is_current = false;
	arrival.downloads = true;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_COMPATIBLE);
	arrival.held = true;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_NOT_NOW);
	cr_expect_eq(a.retry_after, 0, "nobody knows");
	arrival.downloads = false;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_NOT_NOW);
	cr_expect_eq(a.retry_after, 0, "nor whatever the hour is");
	cr_expect_null(a.served);
	arrival.downloads = false;
	arrival.held = false;
	arrival.now += 3600;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_COMPATIBLE);
	cr_expect_eq(a.retry_after, 0);
	cr_expect_eq(a.served, &release);
	arrival.now -= 3600;
	arrival.retry_after = 9;
	admission_decide(&policy, &arrival, &a);
	cr_expect_eq(a.verdict, VERDICT_BUSY);
	cr_expect_eq(a.retry_after, 9);
}

Test(verdict, builds_may_be_named_that_are_compatible)
{
	static const struct {
		const char *list, *client;
		bool want;
	} rows[] = {
	    {"", "1", false},
	    {"1", "1", true},
	    {"1", "2", false},
	    {"7.00.131227A, 7.00.15*", "7.00.131227a", true},
	    {"7.00.131227A, 7.00.15*", "7.00.151001A", true},
	    {"7.00.131227A, 7.00.15*", "7.00.161001A", false},
	    {"7.00.131227A, 7.00.15*", "7.00.1", false},
	    {"*", "", false},
	    {",,*", "x", true},
	};
	struct server_policy policy;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&policy, 0, sizeof(policy));
		policy.enabled = true;
		(void)strlcpy(policy.build, "9", sizeof(policy.build));
		(void)strlcpy(
		    policy.acceptable, rows[i].list, sizeof(policy.acceptable));
		cr_expect_eq(verdict_of(&policy, true, rows[i].client),
		    rows[i].want ? VERDICT_COMPATIBLE : VERDICT_INCOMPATIBLE,
		    "row %zu", i);
	}
}
