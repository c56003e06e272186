#include "cli/report/report_history.h"

#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct erpsync_history
sample(void)
{
	struct erpsync_history h;

	memset(&h, 0, sizeof(h));
	h.n = 3;
	h.v[0].number = 1;
	h.v[0].state = ERPSYNC_BACKUP_FOREIGN;
	h.v[1].number = 2;
	h.v[1].state = ERPSYNC_BACKUP_BAD;
	h.v[1].date = 1700000000;
	h.v[1].has_to = true;
	memset(h.v[1].to, 0xab, ERPSYNC_HASH_LEN);
	h.v[1].files = 7;
	h.v[1].bytes = 1536;
	h.v[2] = h.v[1];
	h.v[2].number = 3;
	h.v[2].state = ERPSYNC_BACKUP_GOOD;
	h.v[2].has_from = true;
	(void)strlcpy(
	    h.v[2].from_build, "7,\"0\"\x1b", sizeof(h.v[2].from_build));
	(void)strlcpy(h.v[2].to_build, "7.00.2", sizeof(h.v[2].to_build));
	return h;
}

static char *
written(enum history_format format, enum lang lang, unsigned width)
{
	struct erpsync_history h = sample();
	char *text = NULL;
	struct err e;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	cr_assert_eq(history_write(out, format, lang, width, &h, &e), 0);
	(void)fclose(out);
	return text;
}

Test(report_history, text_is_a_table)
{
	char *text, *wide;

	(void)setenv("TZ", "UTC0", 1);
	text = written(HISTORY_TEXT, LANG_EN, 0);
	cr_assert_str_eq(text,
	    "backup          made                        files  size  fro"
	    "m                to               verifies\n"
	    "bkp_remote.001  -                               -     -  -  "
	    "                 -                made by another program, "
	    "contents not recorded\n"
	    "bkp_remote.002  2023-11-14 22:13:20 +00:00      7  2 KB  -  "
	    "                 abababab         no\n"
	    "bkp_remote.003  2023-11-14 22:13:20 +00:00      7  2 KB  7,\""
	    "0\"\\033 00000000  7.00.2 abababab  yes\n",
	    "%s", text);
	free(text);
	/* As wide as this it still is one. */
	wide = written(HISTORY_TEXT, LANG_EN, 0);
	text = written(HISTORY_TEXT, LANG_EN, 141);
	cr_expect_str_eq(text, wide);
	free(text);
	free(wide);
}

/* A terminal has lines that fit it. */
Test(report_history, a_narrow_terminal_gets_lines_that_fit)
{
	char *text;

	(void)setenv("TZ", "UTC0", 1);
	text = written(HISTORY_TEXT, LANG_EN, 140);
	cr_assert_str_eq(text,
	    "backup          made                        files  size\n"
	    "bkp_remote.001  -                               -     -\n"
	    "    - -> -\n"
	    "    verifies: made by another program, contents not recorded\n"
	    "bkp_remote.002  2023-11-14 22:13:20 +00:00      7  2 KB\n"
	    "    - -> abababab\n"
	    "    verifies: no\n"
	    "bkp_remote.003  2023-11-14 22:13:20 +00:00      7  2 KB\n"
	    "    7,\"0\"\\033 00000000 -> 7.00.2 abababab\n"
	    "    verifies: yes\n",
	    "%s", text);
	free(text);
}

Test(report_history, csv_quotes)
{
	char *text = written(HISTORY_CSV, LANG_PT, 0), *line;

	cr_assert_not_null(line = strstr(text, "\r\n"));
	cr_assert_eq(strncmp(line + 2, "001,,,,,,0,0,\r\n", 15), 0, "%s", line);
	cr_assert_not_null(strstr(text, "002,2023-11-14T22:13:20Z,,,,abab"));
	cr_assert_not_null(strstr(text, ",7,1536,no\r\n"));
	cr_assert_not_null(strstr(text, ",\"7,\"\"0\"\"\\033\",7.00.2,"));
	free(text);
}

Test(report_history, json_can_be_read)
{
	char *text = written(HISTORY_JSON, LANG_PT, 0);
	json_t *o = json_loads(text, 0, NULL), *list, *x;

	cr_assert_not_null(o);
	list = json_object_get(o, "backups");
	cr_assert_eq(json_array_size(list), 3);
	x = json_array_get(list, 0);
	cr_assert_str_eq(
	    json_string_value(json_object_get(x, "number")), "001");
	cr_assert(json_is_null(json_object_get(x, "verifies")));
	cr_assert(json_is_null(json_object_get(x, "date")));
	x = json_array_get(list, 1);
	cr_assert(json_is_false(json_object_get(x, "verifies")));
	cr_assert(json_is_null(json_object_get(x, "from_release")));
	cr_assert_eq(json_integer_value(json_object_get(x, "bytes")), 1536);
	x = json_array_get(list, 2);
	cr_assert(json_is_true(json_object_get(x, "verifies")));
	cr_assert_str_eq(
	    json_string_value(json_object_get(x, "to_build")), "7.00.2");
	json_decref(o);
	free(text);
}

Test(report_history, a_list_that_cannot_be_written_is_an_error)
{
	struct erpsync_history h = sample();
	FILE *full = fopen("/dev/full", "w");
	struct err e;

	cr_assert_not_null(full);
	cr_assert_lt(history_write(full, HISTORY_CSV, LANG_EN, 0, &h, &e), 0);
	(void)fclose(full);
}
