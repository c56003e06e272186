#include "engine/seal/base64.h"

#include <criterion/criterion.h>
#include <string.h>

/* RFC 4648, section 10. */
static const struct {
	const char *bytes, *text;
} rows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

Test(base64, is_the_rfcs)
{
	char text[16], bytes[16];
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i].bytes);
		base64_encode(rows[i].bytes, n, text);
		cr_expect_str_eq(text, rows[i].text);
		cr_assert(base64_decode(text, strlen(text), bytes, n));
		cr_expect_eq(memcmp(bytes, rows[i].bytes, n), 0);
	}
}

Test(base64, has_one_form)
{
	static const char *const bad[] = {"Zg=", "Zg", "Zh==", "Zg=a",
	    "Z===", "Zg==\n", "Zg==Zg==", " g==", "Z-==", "Zm8="};
	uint8_t out;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(base64_decode(bad[i], strlen(bad[i]), &out, 1),
		    "%s", bad[i]);
	cr_expect_not(base64_decode("Z\0==", 4, &out, 1));
}
