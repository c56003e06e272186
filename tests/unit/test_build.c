#include "engine/tree/build.h"

#include <criterion/criterion.h>
#include <stddef.h>

static int
sign(int v)
{
	return (v > 0) - (v < 0);
}

Test(build, codes_are_ordered)
{
	static const struct {
		const char *a, *b;
		int order;
	} rows[] = {
	    {"7.00.191205P", "7.00.191205P", 0},
	    {"7.00.191205p", "7.00.191205P", 0},
	    {"7.00.170117A", "7.00.191205P", -1},
	    {"7.00.191205A", "7.00.191205P", -1},
	    {"7.00.210324P", "7.00.191205P", 1},
	    {"7.0.191205P", "7.00.191205P", 0},
	    {"19.3.0.4", "19.3.0.10", -1},
	    {"19.3.0.1", "19.3.0.1_RC13", -1},
	    {"19.3.0.1_RC2", "19.3.0.1_RC13", -1},
	    {"", "7.00.191205P", -1},
	    {"100000000000000000000001", "100000000000000000000002", -1},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(sign(build_compare(rows[i].a, rows[i].b)),
		    rows[i].order, "%s against %s", rows[i].a, rows[i].b);
		cr_expect_eq(sign(build_compare(rows[i].b, rows[i].a)),
		    -rows[i].order, "%s against %s", rows[i].b, rows[i].a);
	}
}
