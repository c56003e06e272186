/* Times of the day. */
#include "cli/moment.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

Test(moment, is_read_or_refused)
{
	static const struct {
		const char *text;
		int32_t want; /* -1: none */
	} rows[] = {
	    {"00:00", 0},
	    {"22:30", 81000},
	    {"23:59:59", 86399},
	    {"07:05:09", 25509},
	    {"24:00", -1},
	    {"23:60", -1},
	    {"23:59:60", -1},
	    {"7:05", -1},
	    {"0705", -1},
	    {"07:5", -1},
	    {"07:05:", -1},
	    {"07:05:1", -1},
	    {"07:05x", -1},
	    {"-7:05", -1},
	    {"/7:05", -1},
	    {"::00", -1},
	    {":7:05", -1},
	    {"0/:05", -1},
	    {"0::05", -1},
	    {"09:09:09", 32949},
	    {"19:59", 71940},
	    {"", -1},
	};
	int32_t got;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = -1;
		cr_expect_eq(moment_parse(rows[i].text, &got),
		    rows[i].want >= 0, "%s", rows[i].text);
		if (rows[i].want >= 0)
			cr_expect_eq(got, rows[i].want, "%s", rows[i].text);
	}
}

Test(moment, is_today_or_tomorrow)
{
	const int64_t midnight = 1699833600;

	(void)setenv("TZ", "UTC0", 1);
	tzset();
	cr_expect_eq(moment_next(3600, midnight), midnight + 3600);
	cr_expect_eq(moment_next(3600, midnight + 3600), midnight + 3600);
	cr_expect_eq(
	    moment_next(3600, midnight + 3601), midnight + 86400 + 3600);
	cr_expect_eq(moment_next(3725, midnight), midnight + 3725);
	(void)setenv("TZ", "XXX3", 1);
	tzset();
	cr_expect_eq(moment_next(3600, midnight), midnight + 4 * 3600);
}

/* Clocks go on at 2:00 of Sunday 26 March 2023, and back at 3:00 of Sunday 29
 * October. */
Test(moment, a_clock_change_moves_it)
{
	const int64_t spring = 1679788800, autumn = 1698537600;

	(void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	cr_expect_eq(moment_next(4 * 3600, spring), spring + 2 * 3600);
	cr_expect_eq(moment_next(4 * 3600, spring - 3600), spring + 2 * 3600);
	/* There is no 2:30: it is 3:30 or 1:30, and then comes once. */
	cr_expect_eq(moment_next(9000, spring), spring + 5400);
	cr_expect_eq(moment_next(5 * 3600, autumn), autumn + 4 * 3600);
}

Test(moment, of_an_opening_is_said)
{
	static const struct {
		enum lang lang;
		uint32_t in_s;
		const char *said;
	} rows[] = {
	    {LANG_EN, 0,
		"UPD015: The server gives no update now; the version that is "
		"there stays"},
	    {LANG_PT, 0,
		"UPD015: O servidor não dá atualização agora; a versão que "
		"está no lugar fica"},
	    {LANG_EN, 1,
		"UPD016: The server gives updates at certain hours only; they "
		"begin at 2023-11-13 00:00:01 +00:00 (in 0 h 01 min)"},
	    {LANG_EN, 60 * 59,
		"UPD016: The server gives updates at certain hours only; they "
		"begin at 2023-11-13 00:59:00 +00:00 (in 0 h 59 min)"},
	    {LANG_EN, 60 * 125 + 1,
		"UPD016: The server gives updates at certain hours only; they "
		"begin at 2023-11-13 02:05:01 +00:00 (in 2 h 06 min)"},
	};
	char text[DETAIL_MAX];
	size_t i;

	(void)setenv("TZ", "UTC0", 1);
	tzset();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		moment_opening(text, rows[i].lang, rows[i].in_s, 1699833600);
		cr_expect_str_eq(text, rows[i].said);
	}
}
