/* Text in columns: characters count, not bytes. */
#include "cli/report/columns.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(columns, counts_characters)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *after_two;
	} cases[] = {
	    {"", 0, ""},
	    {"a", 1, ""},
	    {"abc", 3, "c"},
	    {"ação", 4, "ão"},
	    {"\xc3\xa7\xe2\x82\xac.", 3, "."},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(columns_of(cases[i].text), cases[i].columns);
		cr_expect_str_eq(
		    columns_skip(cases[i].text, 2), cases[i].after_two);
		cr_expect_str_eq(columns_skip(cases[i].text, 0), cases[i].text);
	}
}

Test(columns, fills_cells)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	columns_left(out, "é", 3);
	columns_right(out, "12", 4);
	columns_left(out, "too long", 3);
	(void)fclose(out);
	cr_assert_str_eq(text, "é    12too long");
	free(text);
}
