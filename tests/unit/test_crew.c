/* Work of a crew, and without one. */
#include "engine/base/crew.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>

static size_t order[8];
static size_t done;

static int
note(void *arg, size_t i, bool here, struct err *e)
{
	cr_assert(here);
	order[done++] = i;
	return arg != NULL && i == *(size_t *)arg
	    ? err_set(e, ERP_BUSY, "piece %zu", i)
	    : 0;
}

Test(crew, without_one_all_is_done_here_in_order)
{
	struct err e;
	size_t i;

	cr_assert_eq(crew_run(NULL, note, NULL, 0, &e), 0);
	cr_assert_eq(done, 0);
	cr_assert_eq(crew_run(NULL, note, NULL, 8, &e), 0);
	for (i = 0; i < 8; i++)
		cr_assert_eq(order[i], i);
}

Test(crew, without_one_the_first_failure_ends_it)
{
	size_t bad = 3;
	struct err e;

	cr_assert_eq(crew_run(NULL, note, &bad, 8, &e), ERP_BUSY);
	cr_assert_str_eq(e.msg, "piece 3");
	cr_assert_eq(done, 4);
}

/* A crew that does only the last piece. */
static int
run_last(void *ctx, crew_fn *fn, void *arg, size_t n, struct err *e)
{
	cr_assert_eq(*(int *)ctx, 7);
	return fn(arg, n - 1, true, e);
}

Test(crew, it_is_the_crew_that_does_it)
{
	int seven = 7;
	struct crew c = {run_last, &seven};
	struct err e;

	cr_assert_eq(crew_run(&c, note, NULL, 5, &e), 0);
	cr_assert_eq(done, 1);
	cr_assert_eq(order[0], 4);
}
