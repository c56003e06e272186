/* Hours of the week. */
#include "transport/server/timetable.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* 2023-11-13, a Monday, 0:00 UTC. */
#define MONDAY ((int64_t)1699833600)
enum { HOUR = 3600, DAY = 24 * HOUR };

static void
zone(const char *name)
{
	(void)setenv("TZ", name, 1);
	tzset();
}

static struct timetable
table(const char *text)
{
	struct timetable t;
	struct err e;
	int rc = timetable_parse(text, &t, &e);

	cr_assert_eq(rc, 0, "%s: %s", text, e.msg);
	return t;
}

Test(timetable, hours_open_and_close)
{
	static const struct {
		const char *text;
		int64_t at; /* seconds from Monday on */
		uint32_t want;
	} rows[] = {
	    {"", 0, 0},
	    {"  ", 12 * HOUR, 0},
	    {"8:00-18:00", 8 * HOUR - 1, 1},
	    {"8:00-18:00", 8 * HOUR, 0},
	    {"8-18", 18 * HOUR - 1, 0},
	    {"8-18", 18 * HOUR, 14 * HOUR},
	    {"08:30-09:05", 9 * HOUR + 299, 0},
	    {"08:30-09:05", 9 * HOUR + 300, 23 * HOUR + 1500},
	    /* Over midnight, also of the week. */
	    {"22:00-06:00", 0, 0},
	    {"22:00-06:00", 6 * HOUR - 1, 0},
	    {"22:00-06:00", 6 * HOUR, 16 * HOUR},
	    {"22:00-06:00", 22 * HOUR, 0},
	    {"sun 22:00-06:00", 5 * HOUR, 0},
	    {"sun 22:00-06:00", 6 * HOUR, 6 * DAY + 16 * HOUR},
	    {"mon 22:00-06:00", 5 * HOUR, 17 * HOUR},
	    {"mon 22:00-06:00", DAY + 5 * HOUR, 0},
	    {"mon 22:00-06:00", DAY + 6 * HOUR, 6 * DAY + 16 * HOUR},
	    /* Days. */
	    {"tue", 0, DAY},
	    {"tue", DAY, 0},
	    {"tue", 2 * DAY - 1, 0},
	    {"tue", 2 * DAY, 6 * DAY},
	    {"sat-mon", 0, 0},
	    {"sat-mon", DAY, 4 * DAY},
	    {"SEG-sex 20:00-24:00", 4 * DAY + 24 * HOUR - 1, 0},
	    {"SEG-sex 20:00-24:00", 5 * DAY, 2 * DAY + 20 * HOUR},
	    {"mie", 2 * DAY, 0},
	    {"qua", 2 * DAY, 0},
	    /* Several. */
	    {" 1-2 ,\t3-4; sat", HOUR, 0},
	    {" 1-2 ,\t3-4; sat", 2 * HOUR, HOUR},
	    {" 1-2 ,\t3-4; sat", 3 * HOUR, 0},
	    {"sat, wed", 0, 2 * DAY},
	    {"0-24", 5, 0},
	};
	struct timetable t;
	size_t i;

	zone("UTC0");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = table(rows[i].text);
		cr_expect_eq(timetable_opens_in(&t, MONDAY + rows[i].at),
		    rows[i].want, "row %zu: %u", i,
		    timetable_opens_in(&t, MONDAY + rows[i].at));
	}
}

Test(timetable, local_time_decides)
{
	struct timetable t = table("8-18");

	zone("XXX3"); /* three hours behind UTC */
	cr_expect_eq(timetable_opens_in(&t, MONDAY + 11 * HOUR), 0);
	cr_expect_eq(timetable_opens_in(&t, MONDAY + 21 * HOUR), 14 * HOUR);
}

/* Clocks go on at 2:00 of Sunday 26 March 2023, and back at 3:00 (2:00 as it is
 * then) of Sunday 29 October. */
Test(timetable, a_clock_change_leaves_out_or_repeats_an_hour)
{
	const int64_t spring = 1679788800; /* that Sunday, 0:00 UTC */
	const int64_t autumn = 1698537600;
	struct timetable t = table("sun 2:15-2:45"), night = table("3-4");

	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	/* 1:59 here is followed by 3:00: the next time is in a week, which has
	 * an hour less. */
	cr_expect_eq(timetable_opens_in(&t, spring), 7 * DAY + 900);
	cr_expect_eq(timetable_opens_in(&night, spring), HOUR);
	/* A day before it is not known to be an hour nearer. */
	cr_expect_eq(
	    timetable_opens_in(&night, spring - DAY + 3 * HOUR), 22 * HOUR);
	/* 2:15 comes twice. */
	cr_expect_eq(timetable_opens_in(&t, autumn), 900);
	cr_expect_eq(timetable_opens_in(&t, autumn + 900), 0);
	cr_expect_eq(timetable_opens_in(&t, autumn + 2700), 1800);
	cr_expect_eq(timetable_opens_in(&t, autumn + HOUR + 900), 0);
	cr_expect_eq(
	    timetable_opens_in(&t, autumn + HOUR + 2700), 7 * DAY - 1800);
}

Test(timetable, what_is_none_is_told)
{
	static const char *const rows[] = {"8", "8-", "-8", "8-8", "24-8",
	    "8-25", "8:60-9", "8-9x", "x", "mon-", "mon-xyz", "mond", "mon 8",
	    "8-9,", ",", "8-24:01", "8 -9", "mon8-9", "mon-tue-wed", "123-4",
	    "8:5:1-9",
	    "a part that no timetable has room for mon to sun at 8:00-9:00"};
	char many[1000] = "";
	struct timetable t;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(
		    timetable_parse(rows[i], &t, &e), ERP_USAGE, "%s", rows[i]);
	cr_expect_not_null(strstr(e.msg, "are no hours like 22:00-06:00"));
	cr_expect_eq(timetable_parse("22:00-06:00; ", &t, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "'22:00-06:00; ' are"), "%s", e.msg);
	for (i = 0; i < 9; i++)
		(void)strcat(many, i > 0 ? ",1-2" : "1-2");
	cr_expect_eq(timetable_parse(many, &t, &e), 0);
	cr_expect_eq(t.n, 63);
	(void)strcat(many, ",mon");
	cr_expect_eq(timetable_parse(many, &t, &e), 0);
	cr_expect_eq(t.n, TIMETABLE_SPANS);
	(void)strcat(many, ",mon");
	cr_expect_eq(timetable_parse(many, &t, &e), ERP_USAGE);
}
