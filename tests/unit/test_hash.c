/* The content hash. */
#include "engine/base/hash.h"

#include "engine/base/err.h"
#include "tests/support/alloc_wrap.h"

#include <criterion/criterion.h>
#include <string.h>

/* What `printf TEXT | b2sum | cut -c1-64` shows. */
static const struct {
	const char *text, *hex;
} known[] = {
    {"", "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"},
    {"abc", "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"},
};

Test(hash, is_the_front_half_of_blake2b_512)
{
	char hex[HASH_HEX_LEN + 1];
	struct hash h;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		cr_assert_eq(
		    hash_bytes(known[i].text, strlen(known[i].text), &h, NULL),
		    0);
		hash_hex(&h, hex);
		cr_expect_str_eq(hex, known[i].hex);
	}
}

Test(hash, pieces_make_the_same_as_the_whole)
{
	struct hash whole, h;
	struct hasher *hasher;
	uint8_t p[1000];
	size_t step, i;

	for (i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)(i * 31);
	cr_assert_eq(hash_bytes(p, sizeof(p), &whole, NULL), 0);
	cr_assert_eq(hasher_new(&hasher, NULL), 0);
	for (step = 1; step <= sizeof(p); step += 111) {
		cr_assert_eq(hasher_reset(hasher, NULL), 0);
		for (i = 0; i < sizeof(p); i += step)
			cr_assert_eq(
			    hasher_update(hasher, p + i,
				sizeof(p) - i < step ? sizeof(p) - i : step,
				NULL),
			    0);
		cr_assert_eq(hasher_update(hasher, NULL, 0, NULL), 0);
		cr_assert_eq(hasher_final(hasher, &h, NULL), 0);
		cr_expect(hash_equal(&h, &whole), "step %zu", step);
	}
	hasher_free(hasher);
	hasher_free(NULL);
}

Test(hash, hexadecimal_goes_both_ways)
{
	char hex[HASH_HEX_LEN + 1];
	struct hash h, back;

	cr_assert_eq(hash_bytes("abc", 3, &h, NULL), 0);
	hash_hex(&h, hex);
	cr_assert(hash_parse(hex, &back));
	cr_assert(hash_equal(&h, &back));
	back.b[31] ^= 1;
	cr_assert_not(hash_equal(&h, &back));
}

Test(hash, only_64_lower_case_digits_are_parsed)
{
	char hex[HASH_HEX_LEN + 2];
	struct hash h;

	strcpy(hex, known[1].hex);
	cr_assert(hash_parse(hex, &h));
	hex[0] = 'B';
	cr_assert_not(hash_parse(hex, &h));
	hex[0] = 'g';
	cr_assert_not(hash_parse(hex, &h));
	strcpy(hex, known[1].hex);
	hex[63] = '\0';
	cr_assert_not(hash_parse(hex, &h));
	strcpy(hex + 63, "00");
	cr_assert_not(hash_parse(hex, &h));
	cr_assert_not(hash_parse("", &h));
}

Test(hash, zero_is_recognised)
{
	struct hash h;

	memset(&h, 0, sizeof(h));
	cr_assert(hash_is_zero(&h));
	h.b[17] = 1;
	cr_assert_not(hash_is_zero(&h));
}

Test(hash, without_memory_there_is_none)
{
	struct hasher *h = (struct hasher *)1;
	struct err e;
	int rc;

	alloc_arm(1, false);
	rc = hasher_new(&h, &e);
	(void)alloc_disarm();
	cr_expect_eq(rc, ERP_NOMEM);
	cr_expect_null(h);
}
