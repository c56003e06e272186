/*
 * Hours of the week: read from a setting, asked by whoever lets stations in.
 * Pure, but for the time zone of the process.
 */
#include "transport/server/timetable.h"

#include "engine/base/err.h"
#include "transport/wire/limits.h"

#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	DAYS = 7,
	DAY = 24 * 60, /* minutes */
	WEEK = DAYS * DAY,
	SHIFT = 3 * 60, /* no clock change is longer */
	PART_MAX = 64
};

/* One part of the text, as far as it is read. */
struct part {
	int first, last; /* days from Monday on */
	int begin, end; /* minutes of a day */
};

/* The day whose name text begins with, three letters; -1: none. */
static int
day_of(const char *text)
{
	static const char *const names[3] = {"mon tue wed thu fri sat sun",
	    "seg ter qua qui sex sab dom", "lun mar mie jue vie sab dom"};
	int i, day;

	for (i = 0; i < 3; i++)
		for (day = 0; day < DAYS; day++)
			if (strncasecmp(text, names[i] + 4 * day, 3) == 0)
				return day;
	return -1;
}

/* Days at *at, which moves behind them; false: there are none. */
static bool
take_days(const char **at, struct part *out)
{
	const char *p = *at;

	if ((out->first = out->last = day_of(p)) < 0)
		return false;
	p += 3;
	if (*p == '-') {
		if ((out->last = day_of(p + 1)) < 0)
			return false;
		p += 4;
	}
	*at = p;
	return *p == '\0' || *p == ' ';
}

static bool
take_digits(const char **at, int most, int *out)
{
	const char *p = *at;
	int n;

	if (p[0] < '0' || p[0] > '9')
		return false;
	n = *p++ - '0';
	if (*p >= '0' && *p <= '9')
		n = n * 10 + (*p++ - '0');
	*at = p;
	*out = n;
	return n <= most;
}

/* HH:MM or HH. */
static bool
take_minute(const char **at, int *out)
{
	int hours, minutes = 0;

	if (!take_digits(at, 24, &hours))
		return false;
	if (**at == ':') {
		++*at;
		if (!take_digits(at, 59, &minutes))
			return false;
	}
	*out = hours * 60 + minutes;
	return *out <= DAY;
}

static bool
take_hours(const char **at, struct part *out)
{
	if (!take_minute(at, &out->begin) || **at != '-')
		return false;
	++*at;
	return take_minute(at, &out->end) && out->begin < DAY &&
	    out->begin != out->end && **at == '\0';
}

static bool
part_read(const char *text, struct part *out)
{
	bool days;

	out->first = 0;
	out->last = DAYS - 1;
	out->begin = 0;
	out->end = DAY;
	if ((days = day_of(text) >= 0) && !take_days(&text, out))
		return false;
	text += strspn(text, " ");
	if (*text == '\0')
		return days;
	return take_hours(&text, out);
}

static bool
part_add(struct timetable *t, const struct part *part)
{
	int days = (part->last - part->first + DAYS) % DAYS, i;
	int length = part->end - part->begin;

	if (length < 0)
		length += DAY;
	for (i = 0; i <= days; i++) {
		struct timetable_span *s = &t->v[t->n];
		int begin = (part->first + i) % DAYS * DAY + part->begin;

		if (t->n == TIMETABLE_SPANS)
			return false;
		s->begin = (uint16_t)begin;
		s->end = (uint16_t)(begin + length);
		t->n++;
	}
	return true;
}

/* A part without the blanks around it; false: it is too long. */
static bool
part_copy(char out[PART_MAX], const char *text, size_t n)
{
	size_t before = 0;

	while (before < n && (text[before] == ' ' || text[before] == '\t'))
		before++;
	while (n > before && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	if (n - before >= PART_MAX)
		return false;
	memcpy(out, text + before, n - before);
	out[n - before] = '\0';
	return true;
}

int
timetable_parse(const char *text, struct timetable *out, struct err *e)
{
	const char *all = text;
	char one[PART_MAX];
	struct part part;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (text[strspn(text, " \t")] == '\0')
		return 0;
	for (;; text += n + 1) {
		n = strcspn(text, ",;");
		if (!part_copy(one, text, n) || !part_read(one, &part)) {
			/* Of nothing, as between two commas, is nothing to see.
			 */
			if (strspn(text, " \t") >= n) {
				text = all;
				n = strlen(all);
			}
			return err_set(e, ERP_USAGE,
			    "'%.*s' are no hours like 22:00-06:00 or mon-fri "
			    "20:00-24:00",
			    (int)(n < PART_MAX ? n : PART_MAX), text);
		}
		if (!part_add(out, &part))
			return err_set(e, ERP_USAGE,
			    "these are more hours than a week needs");
		if (text[n] == '\0')
			return 0;
	}
}

/* Minutes from Monday 0:00 on, here. */
static int
minute_of_week(int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	return (tm.tm_wday + DAYS - 1) % DAYS * DAY + tm.tm_hour * 60 +
	    tm.tm_min;
}

/* Minutes from this one of the week until one of the spans, if no clock is
 * changed meanwhile; 0: in one. */
static int
minutes_left(const struct timetable *t, int minute)
{
	int left = WEEK, one;
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct timetable_span *s = &t->v[i];

		if ((minute >= s->begin && minute < s->end) ||
		    minute + WEEK < s->end)
			return 0;
		one = (s->begin - minute + WEEK) % WEEK;
		if (one < left)
			left = one;
	}
	return left;
}

uint32_t
timetable_opens_in(const struct timetable *t, int64_t now)
{
	int64_t at = now, most = now + NOT_NOW_MAX;
	int left;

	if (t->n == 0)
		return 0;
	/* To the next minute, and on in steps that no change of the clock can
	 * make too long; what has just closed may come once more. */
	while ((left = minutes_left(t, minute_of_week(at))) > 0 && at < most)
		at +=
		    (left > SHIFT && at - now > SHIFT * 60 ? left - SHIFT : 1) *
			60 -
		    at % 60;
	return (uint32_t)((at < most ? at : most) - now);
}
