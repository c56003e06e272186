/* UTF-8 and safe display. */
#include "engine/base/text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(text, characters_are_decoded)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint32_t cp;
	} table[] = {
	    {"A", 1, 'A'},
	    {"\x7f", 1, 0x7f},
	    {"\xc2\x80", 2, 0x80},
	    {"\xc3\xa3", 2, 0xe3},
	    {"\xdf\xbf", 2, 0x7ff},
	    {"\xe0\xa0\x80", 3, 0x800},
	    {"\xed\x9f\xbf", 3, 0xd7ff},
	    {"\xee\x80\x80", 3, 0xe000},
	    {"\xef\xbf\xbf", 3, 0xffff},
	    {"\xf0\x90\x80\x80", 4, 0x10000},
	    {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
	};
	uint32_t cp;
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cp = 0;
		n = utf8_next(table[i].bytes, strlen(table[i].bytes), &cp);
		cr_expect_eq(n, table[i].len, "row %zu", i);
		cr_expect_eq(cp, table[i].cp, "row %zu", i);
		cr_expect(utf8_is_valid(table[i].bytes, n));
	}
}

Test(text, everything_else_is_not_utf8)
{
	static const char *const table[] = {
	    "\x80", /* continuation without a lead */
	    "\xbf",
	    "\xc0\x80", /* overlong */
	    "\xc1\xbf",
	    "\xe0\x80\x80",
	    "\xe0\x9f\xbf",
	    "\xf0\x80\x80\x80",
	    "\xf0\x8f\xbf\xbf",
	    "\xed\xa0\x80", /* surrogates */
	    "\xed\xbf\xbf",
	    "\xf4\x90\x80\x80", /* beyond Unicode */
	    "\xf5\x80\x80\x80",
	    "\xff",
	    "\xc3", /* cut short */
	    "\xe2\x82",
	    "\xf0\x9f\x98",
	    "\xc3(",
	    "\xe2(\xa1",
	};
	uint32_t cp;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_expect_eq(utf8_next(table[i], strlen(table[i]), &cp), 0,
		    "row %zu", i);
		cr_expect_not(utf8_is_valid(table[i], strlen(table[i])));
	}
	cr_assert(utf8_is_valid("", 0));
	cr_assert(utf8_is_valid("N\xc3\xa3o \xe2\x82\xac", 8));
	cr_assert_not(utf8_is_valid("ok\xff", 3));
}

Test(text, controls_are_not_printable)
{
	static const struct {
		const char *text;
		size_t len;
		bool is;
	} rows[] = {
	    {"", 0, true},
	    {" ~", 2, true},
	    {"\xc2\xa0", 2, true},
	    {"N\xc3\xa3o", 4, true},
	    {"\xe2\x80\x8b", 3, true}, /* U+200B is none */
	    {"\x1f", 1, false},
	    {"a\0b", 3, false},
	    {"\x7f", 1, false},
	    {"\xc2\x80", 2, false},
	    {"a\xc2\x9f", 3, false},
	    {"ok\xff", 3, false},
	    {"\xc3", 1, false},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(utf8_is_printable(rows[i].text, rows[i].len),
		    rows[i].is, "row %zu", i);
}

Test(text, display_is_safe)
{
	static const struct {
		const char *in, *out;
	} table[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"N\xc3\xa3o", "N\xc3\xa3o"},
	    {"a\nb\tc\r", "a\\nb\\tc\\r"},
	    {"\a\b\v\f", "\\a\\b\\v\\f"},
	    {"\033[1m", "\\033[1m"},
	    {"\x7f", "\\177"},
	    {"back\\slash", "back\\\\slash"},
	    {"\xc2\x85", "\\302\\205"}, /* NEL, a C1 control */
	    {"\xff\xfe", "\\377\\376"},
	    {"\xc3", "\\303"},
	};
	char out[64];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		text_escape(out, sizeof(out), table[i].in);
		cr_expect_str_eq(out, table[i].out, "row %zu", i);
	}
}

Test(text, display_is_cut_at_a_whole_character)
{
	char out[6];

	text_escape(out, sizeof(out), "abcde");
	cr_assert_str_eq(out, "abcde");
	text_escape(out, sizeof(out), "abcdef");
	cr_assert_str_eq(out, "abcde");
	text_escape(out, sizeof(out), "abcd\xc3\xa3");
	cr_assert_str_eq(out, "abcd");
	text_escape(out, sizeof(out), "abcd\n");
	cr_assert_str_eq(out, "abcd");
	text_escape(out, 1, "a");
	cr_assert_str_eq(out, "");
}

Test(text, what_is_not_seen_is_shown)
{
	static const char *const unseen[] = {"a\u2028b", "a\u2029b", "a\u202eb",
	    "a\u202ab", "a\u2066b", "a\u2069b", "a\u200eb", "a\u200bb",
	    "a\u00adb", "a\ufeffb", "a\u061cb", "a\u2060b", "a\U000e0041b"};
	char out[40];
	size_t i;

	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		text_escape(out, sizeof(out), unseen[i]);
		cr_expect_eq(strncmp(out, "a\\", 2), 0, "%zu: %s", i, out);
		cr_expect(text_is_plain(out));
		cr_expect_not(text_is_plain(unseen[i]));
	}
	text_escape(out, sizeof(out), "a\u202eb");
	cr_expect_str_eq(out, "a\\342\\200\\256b");
	text_escape(out, sizeof(out), "ação\u2014\u20ac");
	cr_expect_str_eq(out, "ação\u2014\u20ac");
}

Test(text, a_word_stays_one_word)
{
	static const struct {
		const char *text, *word;
	} cases[] = {{"x86_64", "x86_64"}, {"", ""}, {"a b", "\"a b\""},
	    {"a=b", "\"a=b\""}, {"\"", "\"\\\"\""}, {"\\", "\"\\\\\""},
	    {"é", "\"é\""}, {"a\nb", "\"a\\nb\""}};
	char out[32];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_word(out, sizeof(out), cases[i].text);
		cr_expect_str_eq(out, cases[i].word);
	}
	text_word(out, 8, "a b c d e f");
	cr_expect_str_eq(out, "\"a b c\"");
}

Test(text, what_was_escaped_is_not_escaped_again)
{
	char once[40], twice[40];

	text_escape(once, sizeof(once), "a\\b\033");
	cr_assert_str_eq(once, "a\\\\b\\033");
	text_escape_rest(twice, sizeof(twice), once);
	cr_expect_str_eq(twice, once);
	text_escape_rest(twice, sizeof(twice), "a\\b\033");
	cr_expect_str_eq(twice, once);
	text_escape_rest(twice, 5, once);
	cr_expect_lt(strlen(twice), 5);
}

Test(text, sizes_are_read)
{
	static const struct {
		const char *text;
		bool is_size, is_rate;
		uint64_t size, rate;
	} cases[] = {
	    {"0", true, true, 0, 0},
	    {"7", true, true, 7, 7 << 10},
	    {"010", true, true, 10, 10 << 10},
	    {"64k", true, true, 64 << 10, 64 << 10},
	    {"64KB", true, true, 64 << 10, 64 << 10},
	    {"3MiB", true, true, 3 << 20, 3 << 20},
	    {"1g", true, true, 1 << 30, 1 << 30},
	    {"2T", true, true, UINT64_C(2) << 40, UINT64_C(2) << 40},
	    {"5p", true, true, UINT64_C(5) << 50, UINT64_C(5) << 50},
	    {"15E", true, true, UINT64_C(15) << 60, UINT64_C(15) << 60},
	    {"16E", false, false, 0, 0},
	    {"18014398509481983", true, true, UINT64_C(18014398509481983),
		UINT64_C(18014398509481983) << 10},
	    {"18014398509481984", true, false, UINT64_C(18014398509481984), 0},
	    {"18446744073709551615", true, false, UINT64_MAX, 0},
	    {"18446744073709551616", false, false, 0, 0},
	    {"", false, false, 0, 0},
	    {"k", false, false, 0, 0},
	    {" 1", false, false, 0, 0},
	    {"-1", false, false, 0, 0},
	    {"+1", false, false, 0, 0},
	    {"0x10", false, false, 0, 0},
	    {"1e9", false, false, 0, 0},
	    {"1.5m", false, false, 0, 0},
	    {"9z", false, false, 0, 0},
	    {"1b", false, false, 0, 0},
	    {"1kk", false, false, 0, 0},
	    {"1k s", false, false, 0, 0},
	};
	uint64_t size, rate;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size = rate = 0;
		errno = EIO; /* whatever failed before */
		cr_expect_eq(text_size(cases[i].text, &size), cases[i].is_size,
		    "%s", cases[i].text);
		cr_expect_eq(text_rate(cases[i].text, &rate), cases[i].is_rate,
		    "%s", cases[i].text);
		cr_expect_eq(size, cases[i].size, "%s", cases[i].text);
		cr_expect_eq(rate, cases[i].rate, "%s", cases[i].text);
	}
}
