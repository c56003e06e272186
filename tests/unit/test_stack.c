#include "cli/stack.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

enum { SMALL = 64 * 1024, ENOUGH = 1024 * 1024 };

Test(stack, a_limit_that_is_too_small_is_raised)
{
	struct rlimit l;
	struct err e;

	cr_assert_eq(getrlimit(RLIMIT_STACK, &l), 0);
	l.rlim_cur = SMALL;
	cr_assert_eq(setrlimit(RLIMIT_STACK, &l), 0);
	cr_assert_eq(stack_settle(&e), 0, "%s", e.msg);
	cr_assert_eq(getrlimit(RLIMIT_STACK, &l), 0);
	cr_expect_eq(l.rlim_cur, ENOUGH);
	/* One that is large enough stays. */
	l.rlim_cur = 2 * ENOUGH;
	cr_assert_eq(setrlimit(RLIMIT_STACK, &l), 0);
	cr_assert_eq(stack_settle(&e), 0, "%s", e.msg);
	cr_assert_eq(getrlimit(RLIMIT_STACK, &l), 0);
	cr_expect_eq(l.rlim_cur, 2 * ENOUGH);
}

Test(stack, a_limit_that_may_not_be_raised_is_told)
{
	const struct rlimit small = {SMALL, SMALL}, enough = {SMALL, ENOUGH};
	struct err e;

	cr_assert_eq(setrlimit(RLIMIT_STACK, &small), 0);
	if (setrlimit(RLIMIT_STACK, &enough) == 0) { /* we may raise any */
		cr_assert_eq(setrlimit(RLIMIT_STACK, &small), 0);
		cr_assert_eq(stack_settle(&e), 0, "%s", e.msg);
		return;
	}
	cr_assert_eq(stack_settle(&e), ERP_NOMEM);
	cr_expect(strstr(e.msg, "ulimit -s 1024") != NULL);
}
