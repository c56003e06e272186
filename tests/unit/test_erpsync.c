#include "transport/api/erpsync.h"

#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "transport/api/api_internal.h"

#include <criterion/criterion.h>
#include <string.h>

Test(erpsync, has_a_version)
{
	cr_assert_str_eq(erpsync_version(), ERPSYNC_VERSION);
}

Test(erpsync, options_are_zero_but_for_their_size)
{
	struct erpsync_update_options opt, zero;

	memset(&opt, 0xff, sizeof(opt));
	memset(&zero, 0, sizeof(zero));
	erpsync_options_init(&opt, sizeof(opt));
	cr_assert_eq(opt.size, sizeof(opt));
	opt.size = 0;
	cr_assert_eq(memcmp(&opt, &zero, sizeof(opt)), 0);
}

struct older {
	size_t size;
	int known;
};
struct newer {
	size_t size;
	int known;
	int added;
	int later;
};

Test(erpsync, options_of_an_older_caller_are_taken)
{
	struct older from = {sizeof(from), 7};
	struct newer to = {1, 2, 3, 4};
	struct err e;

	cr_assert_eq(api_options(&to, sizeof(to), &from, &e), 0);
	cr_assert_eq(to.size, sizeof(to));
	cr_assert_eq(to.known, 7);
	cr_assert_eq(to.later, 0);
	cr_assert_eq(api_options(&to, sizeof(to), NULL, &e), 0);
	cr_assert_eq(to.known, 0, "no options are the defaults");
}

Test(erpsync, options_of_a_newer_caller_are_refused)
{
	struct newer from = {sizeof(from), 7, 0, 0};
	struct older to;
	struct err e;

	cr_assert_eq(api_options(&to, sizeof(to), &from, &e), ERP_USAGE);
	from.size = 0;
	cr_assert_eq(api_options(&to, sizeof(to), &from, &e), ERP_USAGE);
}

Test(erpsync, errors_cross_in_both_directions)
{
	struct erpsync_error out;
	struct err in, back;

	(void)err_sys(&in, 2, "open", "a\nb");
	cr_assert_eq(api_fail(&out, &in), ERPSYNC_NOTFOUND);
	cr_assert_eq(out.sys, 2);
	cr_assert_str_eq(out.message, in.msg);
	cr_assert_eq(api_fail(NULL, &in), ERPSYNC_NOTFOUND);
	cr_assert_eq(api_take(&back, &out, out.code), ERP_NOTFOUND);
	cr_assert_eq(back.sys, 2);
	cr_assert_str_eq(back.msg, in.msg);
}

static void
note(void *ctx, const struct erpsync_event *ev)
{
	*(struct erpsync_event *)ctx = *ev;
}

Test(erpsync, events_cross)
{
	struct event ev = {EVENT_RECEIVE, "a/b", "why", 3, 9};
	struct erpsync_event got = {ERPSYNC_EVENT_WARN, NULL, NULL, 0, 0};
	struct erpsync_observer to = {note, &got}, nobody = {NULL, NULL};
	struct observer obs = api_observer(&to);

	observe(&obs, &ev);
	cr_assert_eq(got.kind, ERPSYNC_EVENT_RECEIVE);
	cr_assert_str_eq(got.path, "a/b");
	cr_assert_str_eq(got.text, "why");
	cr_assert_eq(got.done, 3);
	cr_assert_eq(got.total, 9);
	obs = api_observer(&nobody);
	observe(&obs, &ev);
}

Test(erpsync, patterns_are_checked)
{
	static const char *const v[] = {"*.tmp", "/log"};
	struct erpsync_error e;
	struct filter f;

	cr_assert_eq(erpsync_exclude_check("*.log", NULL), 0);
	cr_assert_eq(erpsync_exclude_check("", &e), ERPSYNC_USAGE);
	cr_expect(erpsync_ini_policy_keeps("a.ini:merge,keep", "b.ini"));
	cr_expect_not(erpsync_ini_policy_keeps("a.ini:merge,keep", "a.ini"));
	cr_expect_not(erpsync_ini_policy_keeps("mix", "a.ini"));
	cr_assert_neq(e.message[0], '\0');
	cr_assert_eq(api_filter(&f, v, 2, NULL), 0);
	cr_assert(filter_excludes(&f, "log"));
	cr_assert(!filter_excludes(&f, "a/log"));
	filter_release(&f);
}

Test(erpsync, rules_for_ini_files_are_checked)
{
	struct erpsync_error e;

	cr_assert_eq(erpsync_ini_policy_check("a.ini:merge,keep", NULL), 0);
	cr_assert_eq(erpsync_ini_policy_check("a.ini:mix", &e), ERPSYNC_USAGE);
	cr_assert_not_null(strstr(e.message, "mix is none of"));
}

Test(erpsync, station_ids)
{
	cr_assert(erpsync_station_id_is_valid("pc-1.A_b"));
	cr_assert(!erpsync_station_id_is_valid("a b"));
	cr_assert(!erpsync_station_id_is_valid(""));
}
