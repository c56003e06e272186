/*
 * Sorting of what is in order and of what is not.
 */
#include "engine/base/sort.h"

#include <criterion/criterion.h>
#include <string.h>

static unsigned compared;

static int
compare(const void *a, const void *b)
{
	const int *x = a, *y = b;

	compared++;
	return *x < *y ? -1 : *x > *y;
}

Test(sort, what_is_in_order_is_looked_at_once)
{
	int v[] = {1, 2, 2, 3, 5, 8};

	compared = 0;
	sort_array(v, 6, sizeof(v[0]), compare);
	cr_assert_eq(compared, 5);
	cr_assert_eq(v[0], 1);
	cr_assert_eq(v[5], 8);
}

Test(sort, one_that_is_out_of_order_finds_its_place_wherever_it_is)
{
	static const int want[] = {1, 2, 3, 4};
	int first[] = {4, 1, 2, 3}, middle[] = {1, 3, 2, 4},
	    last[] = {2, 3, 4, 1};

	sort_array(first, 4, sizeof(first[0]), compare);
	sort_array(middle, 4, sizeof(middle[0]), compare);
	sort_array(last, 4, sizeof(last[0]), compare);
	cr_assert_arr_eq(first, want, sizeof(want));
	cr_assert_arr_eq(middle, want, sizeof(want));
	cr_assert_arr_eq(last, want, sizeof(want));
}

Test(sort, nothing_and_one_are_in_order)
{
	int one = 7;

	compared = 0;
	sort_array(NULL, 0, sizeof(int), compare);
	sort_array(&one, 1, sizeof(one), compare);
	cr_assert_eq(compared, 0);
}
