/* The report on a terminal: as in a file where it fits, else each path in a
 * line of its own. */
#include "cli/report/report.h"

#include "engine/base/err.h"
#include "tests/support/terminal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_CAP = 4096 };

static const struct erpsync_change items[] = {
    {.path = "new.txt",
	.action = ERPSYNC_ACTION_NEW,
	.type = ERPSYNC_FILE,
	.size = 1234567},
    {.path = "plugins/platforms/libqt5core.txt",
	.action = ERPSYNC_ACTION_CHANGED,
	.reasons = ERPSYNC_REASON_SIZE | ERPSYNC_REASON_CONTENT,
	.type = ERPSYNC_FILE,
	.size = 10},
};

/* Of the items, on a terminal of so many columns. */
static const char *
on_terminal(unsigned short columns, char text[TEXT_CAP])
{
	const struct report r = {
	    .dry_run = true, .folder = "a", .other = "b", .v = items, .n = 2};
	struct report_sink sink = {NULL, REPORT_TEXT, LANG_EN};
	struct terminal t;
	struct err e;

	terminal_open(&t, columns);
	sink.out = t.out;
	cr_assert_eq(report_write(&r, &sink, 1, &e), 0);
	terminal_close(&t, text, TEXT_CAP);
	return text;
}

static const char wide[] =
    "action   why                 size  sent  received  as  file\n"
    "Other files (1)\n"
    "changed  size, content         10     0         0  -   "
    "plugins/platforms/libqt5core.txt\n"
    "New (1)\n"
    "new      -              1,234,567     0         0  -   new.txt\n";

static const char narrow[] =
    "action   why                 size  sent  received  as\n"
    "    file\n"
    "Other files (1)\n"
    "changed  size, content         10     0         0  - \n"
    "    plugins/platforms/libqt5core.txt\n"
    "New (1)\n"
    "new      -              1,234,567     0         0  - \n"
    "    new.txt\n";

Test(report_text, paths_have_lines_of_their_own_where_they_do_not_fit)
{
	/* Of the longest line. */
	enum { LONGEST = 55 + 32 };
	char text[TEXT_CAP];

	cr_expect_not_null(strstr(on_terminal(120, text), wide), "%s", text);
	/* The last column stays free: some terminals wrap behind it. */
	cr_expect_not_null(
	    strstr(on_terminal(LONGEST + 1, text), wide), "%s", text);
	cr_expect_not_null(
	    strstr(on_terminal(LONGEST, text), narrow), "%s", text);
	cr_expect_not_null(strstr(on_terminal(80, text), narrow), "%s", text);
}
