/* Memory in huge pages: it is there, aligned or not, and zero where asked. */
#include "engine/base/large.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool
is_zero(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

Test(large, every_byte_can_be_used_and_is_zero_where_asked)
{
	static const size_t sizes[] = {
	    1, 4096, (8 << 20) - 1, 8 << 20, (8 << 20) + 1, (11 << 20) + 4097};
	uint8_t *p;
	size_t i;
	int round;

	/* The second time memory that was used before is handed out. */
	for (round = 0; round < 2; round++)
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			p = large_alloc(sizes[i]);
			cr_assert_not_null(p);
			memset(p, 0xa5, sizes[i]);
			free(p);
			p = large_zeroed(sizes[i]);
			cr_assert_not_null(p);
			cr_expect(is_zero(p, sizes[i]), "%zu bytes", sizes[i]);
			cr_expect_eq(p[sizes[i] - 1], 0);
			free(p);
		}
}
