/* Times of files: equal only to the nanosecond. */
#include "engine/base/stamp.h"

#include <criterion/criterion.h>

Test(stamp, both_parts_count)
{
	const struct stamp t = {1500000000, 7};

	cr_assert(stamp_equal(t, (struct stamp){1500000000, 7}));
	cr_assert_not(stamp_equal(t, (struct stamp){1500000001, 7}));
	cr_assert_not(stamp_equal(t, (struct stamp){1500000000, 8}));
	cr_assert_not(stamp_equal(t, (struct stamp){-1500000000, 7}));
}
