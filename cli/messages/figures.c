/*
 * Numbers on their way to people: what reports, tables, the progress and the
 * window show of them.
 */
#include "cli/messages/figures.h"

#include <bsd/string.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

void
figures_count(char out[FIGURES_MAX], enum lang lang, uint64_t n)
{
	char digits[FIGURES_MAX];
	size_t len, i, used = 0;

	(void)snprintf(digits, sizeof(digits), "%" PRIu64, n);
	len = strlen(digits);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[used++] = lang == LANG_EN ? ',' : '.';
		out[used++] = digits[i];
	}
	out[used] = '\0';
}

void
figures_bytes(char out[FIGURES_MAX], enum lang lang, uint64_t bytes)
{
	static const char *const units[] = {"KB", "MB", "GB", "TB"};
	double n = (double)bytes / 1024;
	size_t unit = 0;
	char *point;

	if (bytes < 1024) {
		(void)snprintf(out, FIGURES_MAX, "%u B", (unsigned)bytes);
		return;
	}
	for (; n >= 1000 && unit + 1 < sizeof(units) / sizeof(*units); unit++)
		n /= 1024;
	(void)snprintf(out, FIGURES_MAX,
	    unit == 0 || n >= 99.95 ? "%.0f %s" : "%.1f %s", n, units[unit]);
	/* No locale of the C library was asked for. */
	point = strchr(out, '.');
	if (point != NULL && lang != LANG_EN)
		*point = ',';
}

void
figures_span(char out[FIGURES_MAX], uint64_t seconds)
{
	uint64_t hours = seconds / 3600;
	unsigned minutes = (unsigned)(seconds / 60 % 60);
	unsigned rest = (unsigned)(seconds % 60);

	if (hours > 0)
		(void)snprintf(out, FIGURES_MAX, "%" PRIu64 ":%02u:%02u", hours,
		    minutes, rest);
	else
		(void)snprintf(out, FIGURES_MAX, "%u:%02u", minutes, rest);
}

/* Minutes that a local time is ahead of the same one in UTC, which is less
 * than two days away.  Not by strftime's %z: Windows has names there. */
static int
minutes_ahead(const struct tm *local, const struct tm *utc)
{
	int days = local->tm_yday - utc->tm_yday;

	/* Around the turn of a year. */
	if (local->tm_year != utc->tm_year)
		days = local->tm_year > utc->tm_year ? 1 : -1;
	return (days * 24 + local->tm_hour - utc->tm_hour) * 60 +
	    local->tm_min - utc->tm_min;
}

void
figures_time(char out[FIGURES_MAX], int64_t when)
{
	time_t t = (time_t)when;
	struct tm local, utc;
	int ahead;
	size_t n;

	if (localtime_r(&t, &local) == NULL || gmtime_r(&t, &utc) == NULL ||
	    (n = strftime(out, FIGURES_MAX, "%Y-%m-%d %H:%M:%S", &local)) ==
		0) {
		(void)strlcpy(out, "?", FIGURES_MAX);
		return;
	}
	ahead = minutes_ahead(&local, &utc);
	(void)snprintf(out + n, FIGURES_MAX - n, " %c%02d:%02d",
	    ahead < 0 ? '-' : '+', (ahead < 0 ? -ahead : ahead) / 60,
	    (ahead < 0 ? -ahead : ahead) % 60);
}
