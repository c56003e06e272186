/*
 * What a terminal gets of an update's progress: from its state to one line of
 * text with a bar.
 */
#include "cli/progress/progress_internal.h"

#include "cli/report/columns.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	BAR_LEAST = 10, /* cells; with less room there is no bar */
	BAR_MOST = 30,
	PATH_LEAST = 12, /* columns; with less room there is no path */
	WIDTH_DEFAULT = 80,
	WIDTH_MOST = 500,
	LEFT_MAX = 32,
	TEXT_MAX = 256
};

unsigned
progress_width(FILE *out)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	const char *why = NULL;
	long long v;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns == NULL)
		return WIDTH_DEFAULT;
	v = strtonum(columns, 1, WIDTH_MOST, &why);
	return why == NULL ? (unsigned)v : WIDTH_DEFAULT;
}

bool
progress_can_bar(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && term != NULL && strcmp(term, "dumb") != 0;
}

static const char *
label_of(const struct progress_state *s, enum lang lang)
{
	switch (s->phase) {
	case PHASE_CHECK:
		return messages_text(lang, PRO001);
	case PHASE_RECEIVE:
		return messages_text(lang, PRO002);
	case PHASE_BACKUP:
		return messages_text(lang, PRO003);
	case PHASE_SWAP:
		return messages_text(lang, PRO004);
	case PHASE_NONE:
	case PHASE_DONE:
		break;
	}
	return "";
}

/* What stands right of the bar. */
static void
counts_text(
    const struct progress_state *s, enum lang lang, char *out, size_t cap)
{
	char done[COLUMNS_BYTES_MAX], total[COLUMNS_BYTES_MAX];
	char rate[COLUMNS_BYTES_MAX], left[LEFT_MAX], eta[2 * LEFT_MAX];

	if (s->phase == PHASE_CHECK) {
		(void)snprintf(out, cap, " %" PRIu64, s->done);
		return;
	}
	if (s->phase != PHASE_RECEIVE) {
		(void)snprintf(
		    out, cap, " %" PRIu64 "/%" PRIu64, s->done, s->total);
		return;
	}
	columns_bytes(done, s->done);
	columns_bytes(total, s->total);
	columns_bytes(rate, s->rate);
	progress_state_time_left(s, left, sizeof(left));
	(void)snprintf(eta, sizeof(eta), messages_text(lang, PRO005), left);
	(void)snprintf(out, cap, " %" PRIu64 "/%" PRIu64 "  %s/%s  %s/s  %s",
	    s->files, progress_state_files(s), done, total, rate, eta);
}

/* Append "  path", shortened in front, if there is room columns for it. */
static void
path_append(const char *path, size_t room, char *out, size_t cap)
{
	size_t n = columns_of(path);

	if (path[0] == '\0' || room < PATH_LEAST + 2)
		return;
	room -= 2;
	(void)strlcat(out, "  ", cap);
	if (n > room) {
		(void)strlcat(out, "...", cap);
		path = columns_skip(path, n - room + 3);
	}
	(void)strlcat(out, path, cap);
}

void
progress_bar(const struct progress_state *s, enum lang lang, unsigned width,
    char *out, size_t cap)
{
	char counts[TEXT_MAX], cells[BAR_MOST + 4] = "";
	size_t room, used, n, i;

	if (width > WIDTH_MOST)
		width = WIDTH_MOST;
	/* The last column stays free: some terminals wrap behind it. */
	room = width > 1 ? width - 1 : 1;
	counts_text(s, lang, counts, sizeof(counts));
	if (s->phase == PHASE_CHECK)
		(void)snprintf(out, cap, "%s", label_of(s, lang));
	else
		(void)snprintf(
		    out, cap, "%s %3u%%", label_of(s, lang), s->permille / 10);
	used = columns_of(out) + columns_of(counts);
	if (s->phase != PHASE_CHECK && used + BAR_LEAST + 3 <= room) {
		n = room - used - 3 < BAR_MOST ? room - used - 3 : BAR_MOST;
		(void)strlcpy(cells, " [", sizeof(cells));
		for (i = 0; i < n; i++)
			cells[i + 2] = i < n * s->permille / 1000 ? '#' : '-';
		cells[n + 2] = ']';
		cells[n + 3] = '\0';
		(void)strlcat(out, cells, cap);
	}
	(void)strlcat(out, counts, cap);
	used = columns_of(out);
	if (used > room)
		out[columns_skip(out, room) - out] = '\0';
	else
		path_append(s->path, room - used, out, cap);
}
