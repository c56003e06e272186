/* Fields of RFC 4180. */
#include "cli/report/csv.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(csv, quotes_only_what_needs_them)
{
	static const struct {
		const char *text, *field;
	} cases[] = {{"", ""}, {"plain text", "plain text"}, {"a;b", "a;b"},
	    {"a,b", "\"a,b\""}, {"\"", "\"\"\"\""}, {"a\nb", "\"a\nb\""},
	    {"\r", "\"'\r\""}, {"=1+1", "\"'=1+1\""},
	    {"@SUM(A1)", "\"'@SUM(A1)\""}, {"+1", "\"'+1\""}, {"-a", "\"'-a\""},
	    {"\t=1", "\"'\t=1\""}, {"=\"", "\"'=\"\"\""}, {"a=1", "a=1"},
	    {"7-1", "7-1"}, {"7,\"0\"", "\"7,\"\"0\"\"\""}};
	char *text;
	size_t i, len;
	FILE *out;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		out = open_memstream(&text, &len);
		cr_assert_not_null(out);
		csv_field(out, cases[i].text);
		(void)fclose(out);
		cr_expect_str_eq(text, cases[i].field);
		free(text);
	}
}
