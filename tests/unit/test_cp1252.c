/* Windows-1252 and UTF-8: both ways, all bytes. */
#include "engine/base/cp1252.h"

#include "engine/base/text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(cp1252, each_byte_comes_back)
{
	uint8_t all[256], back[3 * sizeof(all)];
	size_t i, len = 0, n = 0;
	char *text;

	for (i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	text = cp1252_to_utf8(all, sizeof(all), &len);
	cr_assert_not_null(text);
	cr_expect(utf8_is_valid(text, len));
	cr_expect_eq(text[len], '\0');
	cr_assert(cp1252_from_utf8(text, len, back, &n));
	cr_expect_eq(n, sizeof(all));
	cr_expect_arr_eq(back, all, sizeof(all));
	free(text);
}

Test(cp1252, characters_are_those_of_windows)
{
	static const struct {
		const char *bytes, *text;
	} table[] = {
	    {"", ""},
	    {"a\x7f", "a\x7f"},
	    {"\x80", "\xe2\x82\xac"},
	    {"\x81\x8d\x8f\x90\x9d",
		"\xc2\x81\xc2\x8d\xc2\x8f\xc2\x90\xc2\x9d"},
	    {"\x83", "\xc6\x92"},
	    {"\x9f", "\xc5\xb8"},
	    {"\xa0", "\xc2\xa0"},
	    {"atualiza\xe7\xe3o\xff", "atualiza\xc3\xa7\xc3\xa3o\xc3\xbf"},
	};
	size_t i, len;
	char *text;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		text = cp1252_to_utf8(
		    table[i].bytes, strlen(table[i].bytes), &len);
		cr_assert_not_null(text);
		cr_expect_str_eq(text, table[i].text);
		cr_expect_eq(len, strlen(table[i].text));
		free(text);
	}
}

Test(cp1252, what_it_lacks_is_told)
{
	static const char *const lacking[] = {"\xc4\x80", "\xc2\x80",
	    "\xe2\x82\xad", "ab\xe4\xb8\xad", "\xf0\x9f\x98\x80"};
	uint8_t out[16];
	size_t i, len;

	for (i = 0; i < sizeof(lacking) / sizeof(lacking[0]); i++) {
		cr_expect_not(
		    cp1252_from_utf8(lacking[i], strlen(lacking[i]), out, &len),
		    "%zu", i);
		cr_expect_not(
		    cp1252_has(lacking[i], strlen(lacking[i])), "%zu", i);
	}
	cr_expect(cp1252_has(NULL, 0));
	cr_expect(cp1252_has("a\x7f\xc3\xa7\xe2\x82\xac\xc2\x81", 9));
}
