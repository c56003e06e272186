/* Values as programs read them, and a lack of memory. */
#include "cli/report/json_put.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(json_put, values_are_what_programs_can_read)
{
	json_t *o = json_object(), *list = json_array();
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	cr_assert(json_put(o, "known", json_put_text("a\"b")));
	cr_assert(json_put(o, "unknown", json_put_text(NULL)));
	cr_assert(json_put(o, "accents", json_put_text("a\xc3\xa7")));
	cr_assert(json_put(o, "odd", json_put_text("a\xff")));
	cr_assert(json_put(o, "large", json_put_number(UINT64_MAX)));
	cr_assert(json_put_last(list, json_put_number(7)));
	cr_assert(json_put(o, "list", list));
	cr_assert_eq(json_put_out(out, o, NULL), 0);
	(void)fclose(out);
	cr_expect_str_eq(text,
	    "{\n  \"known\": \"a\\\"b\",\n  \"unknown\": null,\n"
	    "  \"accents\": \"a\xc3\xa7\",\n"
	    "  \"odd\": \"a\\\\377\",\n  \"large\": 9223372036854775807,\n"
	    "  \"list\": [\n    7\n  ]\n}\n");
	free(text);
}

Test(json_put, what_could_not_be_made_is_noticed)
{
	json_t *o = json_object(), *list = json_array();

	cr_expect_not(json_put(o, "key", NULL));
	cr_expect_not(json_put_last(list, NULL));
	cr_expect_not(json_put(NULL, "key", json_null()));
	json_decref(o);
	json_decref(list);
}
