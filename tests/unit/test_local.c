/* What the commands on a client folder find out about it before they begin. */
#include "cli/local.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>

Test(local, the_folder_tells_the_language_unless_the_person_does)
{
	struct opt o = {.exit_code = 0};
	struct local c = {.dir = NULL};
	struct tempdir t;

	tempdir_open(&t);
	tempdir_text(&t, "smartclient.ini", "[config]\nlanguage=2\n", 1000);
	c.dir = t.path;
	cr_assert_eq(local_settle(&c, &o), OPT_END);
	cr_expect_eq(c.speech.lang, LANG_ES);
	c.speech.language = "en";
	cr_assert_eq(local_settle(&c, &o), OPT_END);
	cr_expect_eq(c.speech.lang, LANG_EN);
	tempdir_close(&t);
}
