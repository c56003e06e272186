/* CRC-32: the known value, in pieces and joined. */
#include "engine/base/crc.h"

#include <criterion/criterion.h>
#include <string.h>

Test(crc, parts_give_the_crc_of_the_whole)
{
	static const uint8_t text[] = "123456789";
	const size_t n = sizeof(text) - 1;
	uint32_t a, b;
	size_t i;

	/* The check value of this CRC. */
	cr_assert_eq(crc_add(0, text, n), 0xcbf43926);
	for (i = 0; i <= n; i++) {
		a = crc_add(0, text, i);
		b = crc_add(0, text + i, n - i);
		cr_expect_eq(crc_add(a, text + i, n - i), 0xcbf43926);
		cr_expect_eq(crc_join(a, b, n - i), 0xcbf43926);
	}
}

Test(crc, long_parts_join)
{
	static uint8_t zeroes[1 << 17];
	uint32_t half = crc_add(0, zeroes, sizeof(zeroes) / 2);

	cr_expect_eq(crc_join(half, half, sizeof(zeroes) / 2),
	    crc_add(0, zeroes, sizeof(zeroes)));
}
