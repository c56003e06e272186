#ifndef ERPSYNC_TRANSPORT_SERVER_TIMETABLE_H
#define ERPSYNC_TRANSPORT_SERVER_TIMETABLE_H

/*
 * Hours of the week, in this machine's local time: "22:00-06:00, sat-sun".  A
 * span over midnight is of the day on which it begins.  Local time decides, so
 * that an hour that a clock change leaves out never comes, and one that it
 * repeats comes twice.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { TIMETABLE_SPANS = 64 };

struct timetable {
	struct timetable_span {
		uint16_t begin, end; /* minutes from Monday 0:00 on; the end may
					be in the next week */
	} v[TIMETABLE_SPANS];
	size_t n; /* 0: there are no hours, it is open */
};

/*
 * Parts with commas between; each has days (mon to sun, also in Portuguese and
 * Spanish, one or FIRST-LAST), or hours (HH:MM-HH:MM, up to 24:00), or both.
 * ERP_USAGE.  An empty text is no hours.
 */
int timetable_parse(const char *text, struct timetable *out, struct err *e);

/* Seconds from now (since 1970) until it is open; 0: it is.  At most eight
 * days, whatever the table says. */
uint32_t timetable_opens_in(const struct timetable *t, int64_t now);

#endif
