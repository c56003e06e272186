/*
 * Times of the day: pure, but for the time zone of the process.  For
 * station_options.c, which reads them, station_job.c, which waits, and all that
 * tell of a server's hours.
 */
#include "cli/moment.h"

#include "cli/messages/figures.h"
#include "cli/messages/messages_catalogue.h"

#include <bsd/string.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE };

/* Two digits at *at, which moves behind them; -1: they are none below most. */
static int
take_two(const char **at, int most)
{
	const char *p = *at;
	int n;

	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	n = (p[0] - '0') * 10 + (p[1] - '0');
	*at = p + 2;
	return n < most ? n : -1;
}

bool
moment_parse(const char *text, int32_t *out)
{
	int hours = take_two(&text, 24), minutes = -1, seconds = 0;

	if (hours >= 0 && *text++ == ':')
		minutes = take_two(&text, 60);
	if (minutes >= 0 && *text == ':') {
		text++;
		seconds = take_two(&text, 60);
	}
	if (minutes < 0 || seconds < 0 || *text != '\0')
		return false;
	*out = hours * HOUR + minutes * MINUTE + seconds;
	return true;
}

int64_t
moment_next(int32_t of_day, int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm, day;
	int i;

	if (localtime_r(&t, &day) == NULL)
		return now;
	for (i = 0; i < 2; i++) {
		tm = day;
		tm.tm_mday += i;
		tm.tm_hour = of_day / HOUR;
		tm.tm_min = of_day % HOUR / MINUTE;
		tm.tm_sec = of_day % MINUTE;
		tm.tm_isdst = -1;
		if ((t = mktime(&tm)) >= (time_t)now)
			return (int64_t)t;
	}
	return now;
}

void
moment_opening(
    char out[DETAIL_MAX], enum lang lang, uint32_t opens_in_s, int64_t now)
{
	unsigned minutes = opens_in_s / 60 + (opens_in_s % 60 > 0);
	char date[FIGURES_MAX];

	if (opens_in_s == 0) {
		(void)strlcpy(out, messages_coded(lang, UPD015), DETAIL_MAX);
		return;
	}
	figures_time(date, now + opens_in_s);
	(void)snprintf(out, DETAIL_MAX, messages_coded(lang, UPD016), date,
	    minutes / 60, minutes % 60);
}
