/* Figures as people read them: every sign of their language, every border
 * between two units, and times that say whose they are. */
#include "cli/messages/figures.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

Test(figures, counts_have_a_sign_for_thousands)
{
	static const struct {
		uint64_t n;
		const char *pt, *en;
	} cases[] = {
	    {0, "0", "0"},
	    {9, "9", "9"},
	    {99, "99", "99"},
	    {999, "999", "999"},
	    {1000, "1.000", "1,000"},
	    {12345, "12.345", "12,345"},
	    {123456, "123.456", "123,456"},
	    {1234567, "1.234.567", "1,234,567"},
	    {UINT64_MAX, "18.446.744.073.709.551.615",
		"18,446,744,073,709,551,615"},
	};
	char text[FIGURES_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		figures_count(text, LANG_PT, cases[i].n);
		cr_expect_str_eq(text, cases[i].pt);
		figures_count(text, LANG_ES, cases[i].n);
		cr_expect_str_eq(text, cases[i].pt);
		figures_count(text, LANG_EN, cases[i].n);
		cr_expect_str_eq(text, cases[i].en);
	}
}

Test(figures, sizes_have_the_unit_that_people_say)
{
	static const struct {
		uint64_t bytes;
		const char *pt, *en;
	} cases[] = {
	    {0, "0 B", "0 B"},
	    {1023, "1023 B", "1023 B"},
	    {1024, "1 KB", "1 KB"},
	    {1536, "2 KB", "2 KB"},
	    {999 * 1024 + 1023, "1000 KB", "1000 KB"},
	    {1000 * 1024, "1,0 MB", "1.0 MB"},
	    {(uint64_t)34 << 20, "34,0 MB", "34.0 MB"},
	    {104804000, "99,9 MB", "99.9 MB"},
	    {104805200, "100 MB", "100 MB"},
	    {(uint64_t)1000 << 20, "1,0 GB", "1.0 GB"},
	    {(uint64_t)3 << 40, "3,0 TB", "3.0 TB"},
	    {UINT64_MAX, "16777216 TB", "16777216 TB"},
	};
	char text[FIGURES_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		figures_bytes(text, LANG_PT, cases[i].bytes);
		cr_expect_str_eq(text, cases[i].pt);
		figures_bytes(text, LANG_ES, cases[i].bytes);
		cr_expect_str_eq(text, cases[i].pt);
		figures_bytes(text, LANG_EN, cases[i].bytes);
		cr_expect_str_eq(text, cases[i].en);
	}
}

Test(figures, spans_have_hours_when_there_are_any)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
	    {0, "0:00"},
	    {59, "0:59"},
	    {60, "1:00"},
	    {67, "1:07"},
	    {3599, "59:59"},
	    {3600, "1:00:00"},
	    {7325, "2:02:05"},
	    {UINT64_MAX, "5124095576030431:00:15"},
	};
	char text[FIGURES_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		figures_span(text, cases[i].seconds);
		cr_expect_str_eq(text, cases[i].text);
	}
}

/* Zones of both signs, with half hours, and on both sides of a new year; the
 * signs of POSIX are the other way round. */
Test(figures, times_have_their_zone)
{
	static const struct {
		const char *zone;
		int64_t when;
		const char *text;
	} cases[] = {
	    {"UTC0", 0, "1970-01-01 00:00:00 +00:00"},
	    {"<-03>3", 1795936398, "2026-11-29 04:13:18 -03:00"},
	    {"<-03>3", 1798770000, "2026-12-31 23:20:00 -03:00"},
	    {"<+0530>-5:30", 1798750000, "2027-01-01 02:16:40 +05:30"},
	    {"<-0930>9:30", 1798770000, "2026-12-31 16:50:00 -09:30"},
	    {"<-03>3", INT64_MAX, "?"},
	};
	char text[FIGURES_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)setenv("TZ", cases[i].zone, 1);
		tzset();
		figures_time(text, cases[i].when);
		cr_expect_str_eq(
		    text, cases[i].text, "%s: %s", cases[i].zone, text);
	}
}
