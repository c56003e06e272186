/* Cells of lists. */
#include "cli/report/cells.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(cells, columns_are_as_wide_as_they_have_to_be)
{
	static const char *const v[] = {
	    "name", "n", "what", "é", "12345", "", "longer", "7", "x"};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	cells_print(out, v, 3, &(struct cells_form){3, 1U << 1, 0, 2});
	cells_print(out, v, 1, &(struct cells_form){.columns = 1});
	cells_print(out, v, 3, &(struct cells_form){3, 1U << 1, 20, 2});
	cells_print(out, v, 2, &(struct cells_form){3, 1U << 1, 17, 2});
	(void)fclose(out);
	cr_expect_str_eq(text,
	    "name        n  what\n"
	    "é       12345  \n"
	    "longer      7  x\n"
	    "name\n"
	    "name        n  what\n"
	    "é       12345  \n"
	    "longer      7  x\n"
	    "name      n\n    what\n"
	    "é     12345\n    \n");
	free(text);
}

Test(cells, dates_and_ids_are_told)
{
	static const uint8_t id[HASH_LEN] = {0xab, 0x01, [31] = 0x9f};
	char date[CELLS_DATE_MAX], hex[HASH_HEX_LEN + 1];

	cells_date(date, 1700000000);
	cr_expect_str_eq(date, "2023-11-14T22:13:20Z");
	cells_date(date, INT64_MAX);
	cr_expect_str_eq(date, "?");
	cells_id(hex, id);
	cr_expect_eq(strlen(hex), HASH_HEX_LEN);
	cr_expect_eq(strncmp(hex, "ab010000", 8), 0);
	cr_expect_str_eq(hex + 62, "9f");
}
