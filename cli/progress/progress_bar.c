/*
 * What a terminal gets of an update's progress: one line of text with a bar,
 * made of the state and drawn again as it changes.
 */
#include "cli/progress/progress_internal.h"

#include "cli/report/columns.h"
#include "cli/streams.h"
#include "engine/base/clock.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

enum {
	REDRAW_MS = 100, /* at most ten bars a second */
	BAR_LEAST = 10, /* cells; with less room there is no bar */
	BAR_MOST = 30,
	PATH_LEAST = 12, /* columns; with less room there is no path */
	WIDTH_DEFAULT = 80,
	WIDTH_MOST = 500,
	FIELD_MAX = 2 * FIGURES_MAX + 8,
	TEXT_MAX = 256
};

static unsigned
columns(FILE *out)
{
	unsigned told = streams_columns(out);
	const char *columns = getenv("COLUMNS");
	const char *why = NULL;
	long long v;

	if (told > 0)
		return told;
	if (columns == NULL)
		return WIDTH_DEFAULT;
	v = strtonum(columns, 1, WIDTH_MOST, &why);
	return why == NULL ? (unsigned)v : WIDTH_DEFAULT;
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

/* What stands right of the bar; one that is empty does not. */
enum field { FIELD_FILES, FIELD_BYTES, FIELD_RATE, FIELD_LEFT, FIELDS };

static void
fields_make(
    const struct progress_state *s, enum lang lang, char f[FIELDS][FIELD_MAX])
{
	char done[FIGURES_MAX], total[FIGURES_MAX], left[FIGURES_MAX];

	memset(f, 0, (size_t)FIELDS * FIELD_MAX);
	if (s->phase != PHASE_RECEIVE) {
		figures_count(done, lang, s->done);
		figures_count(total, lang, s->total);
		(void)snprintf(f[FIELD_FILES], FIELD_MAX, "%s%s%s", done,
		    s->phase == PHASE_CHECK ? "" : "/",
		    s->phase == PHASE_CHECK ? "" : total);
		return;
	}
	figures_count(done, lang, s->files);
	figures_count(total, lang, progress_state_files(s));
	(void)snprintf(f[FIELD_FILES], FIELD_MAX, "%s/%s", done, total);
	figures_bytes(done, lang, s->done);
	figures_bytes(total, lang, s->total);
	(void)snprintf(f[FIELD_BYTES], FIELD_MAX, "%s/%s", done, total);
	figures_bytes(done, lang, s->rate);
	(void)snprintf(f[FIELD_RATE], FIELD_MAX, "%s/s", done);
	progress_state_time_left(s, left);
	(void)snprintf(
	    f[FIELD_LEFT], FIELD_MAX, messages_text(lang, PRO005), left);
}

/* As many fields as there are columns for, whole ones only. */
static void
counts_text(const struct progress_state *s, enum lang lang, size_t room,
    char out[TEXT_MAX])
{
	static const enum field first_to_go[] = {
	    FIELD_RATE, FIELD_BYTES, FIELD_FILES, FIELD_LEFT};
	char f[FIELDS][FIELD_MAX];
	size_t gone, i;

	fields_make(s, lang, f);
	for (gone = 0;; gone++) {
		out[0] = '\0';
		for (i = 0; i < FIELDS; i++) {
			if (f[i][0] == '\0')
				continue;
			(void)strlcat(
			    out, out[0] == '\0' ? " " : "  ", TEXT_MAX);
			(void)strlcat(out, f[i], TEXT_MAX);
		}
		if (columns_of(out) <= room || gone == FIELDS)
			return;
		f[first_to_go[gone]][0] = '\0';
	}
}

/* Which phase, and its share, or at least that. */
static void
head_text(const struct progress_state *s, enum lang lang, size_t room,
    char out[TEXT_MAX])
{
	const char *label = label_of(s, lang);

	if (s->phase == PHASE_CHECK)
		(void)snprintf(out, TEXT_MAX, "%s", label);
	else
		(void)snprintf(
		    out, TEXT_MAX, "%s %3u%%", label, s->permille / 10);
	if (columns_of(out) > room)
		(void)snprintf(out, TEXT_MAX, "%u%%", s->permille / 10);
	if (columns_of(out) > room)
		out[0] = '\0';
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
	char head[TEXT_MAX], counts[TEXT_MAX], cells[BAR_MOST + 4] = "";
	size_t room, used, n, i;

	if (width > WIDTH_MOST)
		width = WIDTH_MOST;
	/* The last column stays free: some terminals wrap behind it. */
	room = width > 1 ? width - 1 : 1;
	head_text(s, lang, room, head);
	counts_text(s, lang, room - columns_of(head), counts);
	used = columns_of(head) + columns_of(counts);
	if (s->phase != PHASE_CHECK && used + BAR_LEAST + 3 <= room) {
		n = room - used - 3 < BAR_MOST ? room - used - 3 : BAR_MOST;
		(void)strlcpy(cells, " [", sizeof(cells));
		for (i = 0; i < n; i++)
			cells[i + 2] = i < n * s->permille / 1000 ? '#' : '-';
		cells[n + 2] = ']';
		cells[n + 3] = '\0';
	}
	(void)snprintf(out, cap, "%s%s%s", head, cells, counts);
	path_append(s->path, room - columns_of(out), out, cap);
}

static void
draw(struct progress_terminal *t, const struct progress_state *s)
{
	char line[PROGRESS_LINE_MAX];

	progress_bar(s, t->lang, t->width != 0 ? t->width : columns(t->out),
	    line, sizeof(line));
	fprintf(t->out, "\r%s\033[K", line);
	(void)fflush(t->out);
	t->drawn = true;
	t->drawn_ms = clock_ms(t->clock);
	t->stale = false;
	t->on_line = true;
}

static void
bar_show(void *ctx, const struct progress_state *s, bool begins)
{
	struct progress_terminal *t = ctx;

	(void)begins;
	if (s->phase == PHASE_DONE)
		return;
	t->stale = true;
	if (!t->drawn || clock_ms(t->clock) - t->drawn_ms >= REDRAW_MS)
		draw(t, s);
}

static void
bar_rest(void *ctx, const struct progress_state *s)
{
	struct progress_terminal *t = ctx;

	if (t->stale)
		draw(t, s);
	if (t->on_line)
		fprintf(t->out, "\n");
	(void)fflush(t->out);
	t->on_line = false;
	t->drawn = false;
}

/* Where a bar may stand. */
static void
bar_note(void *ctx, bool is_warning, const char *line)
{
	struct progress_terminal *t = ctx;

	(void)is_warning;
	if (t->on_line)
		fprintf(t->out, "\r\033[K");
	t->on_line = false;
	t->stale = t->drawn;
	fprintf(t->out, "%s\n", line);
	(void)fflush(t->out);
}

struct progress_sink
progress_bar_sink(struct progress_terminal *t)
{
	return (struct progress_sink){bar_show, bar_rest, bar_note, t};
}
