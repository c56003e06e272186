/* The language that a client folder asks for. */
#include "cli/station_ini.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct tempdir dir;

static void
begin(void)
{
	tempdir_open(&dir);
	(void)setenv("LC_ALL", "en_US.UTF-8", 1);
}

static void
end(void)
{
	tempdir_close(&dir);
}

TestSuite(station_ini, .init = begin, .fini = end);

Test(station_ini, is_found_in_any_case)
{
	char path[600], small[10], want[300];

	cr_assert_not(station_ini_find(dir.path, path, sizeof(path)));
	tempdir_text(&dir, "other.ini", "", -1);
	cr_assert_not(station_ini_find(dir.path, path, sizeof(path)));
	tempdir_text(&dir, "SmartClient.INI", "", -1);
	cr_assert(station_ini_find(dir.path, path, sizeof(path)));
	(void)snprintf(want, sizeof(want), "%s/SmartClient.INI", dir.path);
	cr_assert_str_eq(path, want);
	cr_assert_not(station_ini_find(dir.path, small, sizeof(small)));
	cr_assert_not(station_ini_find("/nowhere/at/all", path, sizeof(path)));
}

Test(station_ini, names_the_language)
{
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_EN);
	tempdir_text(&dir, "smartclient.ini", "[config]\r\nlanguage=2\r\n", -1);
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_ES);
	cr_assert_eq(station_ini_lang(dir.path, "pt"), LANG_PT);
}

Test(station_ini, a_bad_file_names_none)
{
	tempdir_text(&dir, "smartclient.ini", "[config\nlanguage=2\n", -1);
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_EN);
}
