#include "cli/report/report_releases.h"

#include "engine/base/err.h"
#include "transport/api/erpsync_server.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct erpsync_kept kept[3];
static const struct releases_item items[] = {
    {"windows", &kept[0]}, {"linux", &kept[1]}, {"linux", &kept[2]}};

static char *
written(enum releases_format format, enum lang lang)
{
	const struct releases_form form = {format, lang, 0};
	char *text = NULL;
	struct err e;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	memset(kept, 0, sizeof(kept));
	kept[0].number = 7;
	kept[0].damaged = true;
	kept[0].published = 1700000000;
	memset(kept[0].release.id, 0xab, ERPSYNC_HASH_LEN);
	kept[1] = kept[0];
	kept[1].number = 12;
	kept[1].damaged = false;
	kept[1].held = true;
	kept[1].release.files = 3;
	kept[1].release.bytes = 1536;
	(void)strlcpy(kept[1].build, "7,0", sizeof(kept[1].build));
	kept[2] = kept[1];
	kept[2].number = 13;
	kept[2].current = kept[2].sealed = true;
	kept[2].stations = 1234;
	(void)setenv("TZ", "UTC0", 1);
	cr_assert_not_null(out);
	cr_assert_eq(releases_write(out, &form, items, 3, &e), 0);
	(void)fclose(out);
	return text;
}

Test(report_releases, text_is_a_table)
{
	char *text = written(RELEASES_TEXT, LANG_EN);

	cr_expect_str_eq(text,
	    "number  system   build  release       files  size  "
	    "published                   stations  state\n"
	    "     7  windows  -      abababababab               "
	    "2023-11-14 22:13:20 +00:00         0  damaged\n"
	    "    12  linux    7,0    abababababab      3  2 KB  "
	    "2023-11-14 22:13:20 +00:00         0  held\n"
	    "    13  linux    7,0    abababababab      3  2 KB  "
	    "2023-11-14 22:13:20 +00:00     1,234  current, held, sealed\n");
	free(text);
	text = written(RELEASES_TEXT, LANG_PT);
	cr_expect_not_null(strstr(text, " estações  estado\n"));
	cr_expect_not_null(strstr(text, "1.234  atual, retida, selada\n"));
	free(text);
}

Test(report_releases, csv_has_words_that_never_change)
{
	char *text = written(RELEASES_CSV, LANG_PT), id[65];

	memset(id, 0, sizeof(id));
	while (strlen(id) < 64)
		(void)strlcat(id, "ab", sizeof(id));
	cr_expect_eq(strncmp(text,
			 "number,system,build,release,files,bytes,published,"
			 "current,held,sealed,damaged,stations\r\n"
			 "7,windows,,abab",
			 strlen("number,system,build,release,files,bytes,"
				"published,current,held,sealed,damaged,"
				"stations\r\n"
				"7,windows,,abab")),
	    0, "%s", text);
	cr_expect_not_null(strstr(text, id));
	cr_expect_not_null(
	    strstr(text, ",0,0,2023-11-14T22:13:20Z,no,no,no,yes,0\r\n"));
	cr_expect_not_null(strstr(text, "12,linux,\"7,0\",ab"));
	cr_expect_not_null(strstr(
	    text, ",3,1536,2023-11-14T22:13:20Z,yes,yes,yes,no,1234\r\n"));
	free(text);
}

Test(report_releases, json_is_an_object_of_one_list)
{
	char *text = written(RELEASES_JSON, LANG_PT);
	json_t *o = json_loads(text, 0, NULL), *list, *last;

	cr_assert_not_null(o, "%s", text);
	cr_expect_eq(json_integer_value(json_object_get(o, "format")), 1);
	list = json_object_get(o, "releases");
	cr_assert_eq(json_array_size(list), 3);
	cr_expect(
	    json_is_null(json_object_get(json_array_get(list, 0), "build")));
	cr_expect(
	    json_is_true(json_object_get(json_array_get(list, 0), "damaged")));
	last = json_array_get(list, 2);
	cr_expect_eq(json_integer_value(json_object_get(last, "number")), 13);
	cr_expect_str_eq(
	    json_string_value(json_object_get(last, "system")), "linux");
	cr_expect_str_eq(
	    json_string_value(json_object_get(last, "build")), "7,0");
	cr_expect_eq(
	    strlen(json_string_value(json_object_get(last, "release"))), 64);
	cr_expect_eq(json_integer_value(json_object_get(last, "files")), 3);
	cr_expect_eq(json_integer_value(json_object_get(last, "bytes")), 1536);
	cr_expect_str_eq(json_string_value(json_object_get(last, "published")),
	    "2023-11-14T22:13:20Z");
	cr_expect(json_is_true(json_object_get(last, "current")));
	cr_expect(json_is_true(json_object_get(last, "held")));
	cr_expect(json_is_true(json_object_get(last, "sealed")));
	cr_expect(json_is_false(json_object_get(last, "damaged")));
	cr_expect_eq(
	    json_integer_value(json_object_get(last, "stations")), 1234);
	cr_expect_eq(json_integer_value(
			 json_object_get(json_array_get(list, 0), "stations")),
	    0);
	json_decref(o);
	free(text);
}
