/* One line of the INI dialect: what it is, and where its parts lie. */
#include "engine/base/ini_line.h"

#include "tests/support/guarded.h"

#include <criterion/criterion.h>
#include <string.h>

static bool
is(struct ini_span s, const char *text)
{
	if (text == NULL || s.p == NULL)
		return s.p == text;
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

Test(ini_line, each_kind_and_its_parts)
{
	static const struct {
		const char *line;
		enum ini_line_kind kind;
		const char *name, *value, *rest;
	} table[] = {
	    {"", INI_BLANK, NULL, NULL, NULL},
	    {" \t \r", INI_BLANK, NULL, NULL, NULL},
	    {"; a=b", INI_COMMENT, NULL, NULL, NULL},
	    {" ;", INI_COMMENT, NULL, NULL, NULL},
	    {"\t//x", INI_COMMENT, NULL, NULL, NULL},
	    {"//", INI_COMMENT, NULL, NULL, NULL},
	    {"/", INI_STRAY, NULL, NULL, NULL},
	    {"/=1", INI_KEY, "/", "1", NULL},
	    {"[a]", INI_SECTION, "a", NULL, ""},
	    {" [ a b ] c ", INI_SECTION, "a b", NULL, "c"},
	    {"[]\r", INI_SECTION, "", NULL, ""},
	    {"[a]b]", INI_SECTION, "a", NULL, "b]"},
	    {"[a", INI_UNCLOSED, NULL, NULL, NULL},
	    {"a", INI_STRAY, NULL, NULL, NULL},
	    {"a=", INI_KEY, "a", "", NULL},
	    {"=b", INI_KEY, "", "b", NULL},
	    {" a b\t=\tc = d \r", INI_KEY, "a b", "c = d", NULL},
	    {"a=b ; c", INI_KEY, "a", "b ; c", NULL},
	    {"a=[b]", INI_KEY, "a", "[b]", NULL},
	    {"a=b\r\r", INI_KEY, "a", "b", NULL},
	    {"\ra\rb\r=\rb\rc \r \r", INI_KEY, "a\rb", "b\rc", NULL},
	};
	struct ini_line line;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ini_line_read(table[i].line, strlen(table[i].line), &line);
		cr_expect_eq(line.kind, table[i].kind, "%s", table[i].line);
		cr_expect(is(line.name, table[i].name), "%s", table[i].line);
		cr_expect(is(line.value, table[i].value), "%s", table[i].line);
		cr_expect(is(line.rest, table[i].rest), "%s", table[i].line);
	}
}

Test(ini_line, one_pair_of_quotes_does_not_count)
{
	static const char *const table[][2] = {
	    {"", ""},
	    {"a", "a"},
	    {"\"", "\""},
	    {"\"\"", ""},
	    {"\"a b\"", "a b"},
	    {"'a'", "a"},
	    {"'a\"", "'a\""},
	    {"'a", "'a"},
	    {"a'", "a'"},
	    {"\"a\"b\"", "\"a\"b\""},
	    {"'\"'", "\""},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect(is(ini_unquoted((struct ini_span){
				 table[i][0], strlen(table[i][0])}),
			      table[i][1]),
		    "%s", table[i][0]);
}

/* Nor is one looked for behind the value's end. */
Test(ini_line, half_a_pair_of_quotes_ends_with_its_value)
{
	uint8_t *end = guarded_new(1);
	struct ini_span half = {(const char *)end, 1}, got;

	*end = '"';
	got = ini_unquoted(half);
	cr_expect_eq(got.p, half.p);
	cr_expect_eq(got.len, 1);
	guarded_free(end, 1);
}

Test(ini_line, names_have_an_order_without_case)
{
	static const struct {
		const char *a, *b;
		int order;
	} table[] = {
	    {"", "", 0},
	    {"a", "A", 0},
	    {"aZ", "Az", 0},
	    {"a", "b", -1},
	    {"B", "a", 1},
	    {"a", "ab", -1},
	    {"ab", "A", 1},
	    {"[", "a", -1},
	    {"@", "`", -1},
	    {"\xc3\x87", "\xc3\xa7", -1},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(
		    ini_name_compare(
			(struct ini_span){table[i].a, strlen(table[i].a)},
			(struct ini_span){table[i].b, strlen(table[i].b)}),
		    table[i].order, "%s %s", table[i].a, table[i].b);
}
