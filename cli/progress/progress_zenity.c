/*
 * Beside progress_json.c: the state as lines of zenity(1), with the words of
 * the window.
 */
#include "cli/progress/progress_zenity.h"

#include "cli/progress/progress_internal.h"
#include "cli/progress/progress_json.h"
#include "cli/said.h"
#include "cli/window/zenity_text.h"
#include "engine/base/clock.h"

enum { LINE_MS = 100 };

/* Who reads them has gone: his Cancel was pressed. */
static void
write_lines(struct progress_terminal *t, const char *lines)
{
	if (fputs(lines, t->out) < 0 || fflush(t->out) != 0)
		t->is_gone = true;
}

static void
zenity_show(void *ctx, const struct progress_state *s, bool begins)
{
	struct progress_terminal *t = ctx;
	char lines[ZENITY_TEXT_MAX];
	uint64_t now = clock_ms(t->clock);
	struct window_text text;

	if (!begins && now - t->drawn_ms < LINE_MS)
		return;
	t->drawn_ms = now;
	window_text(s, "", t->is_gone, t->lang, &text);
	if (zenity_text(&text, lines) > 0)
		write_lines(t, lines);
}

static void
zenity_note(void *ctx, bool is_warning, const char *line)
{
	struct progress_terminal *t = ctx;
	char lines[ZENITY_TEXT_MAX];

	(void)is_warning;
	if (zenity_line(line, lines) > 0)
		write_lines(t, lines);
}

struct progress_sink
progress_zenity_sink(struct progress_terminal *t)
{
	return (struct progress_sink){zenity_show, NULL, zenity_note, t};
}

/* What is said where nothing else was. */
static const char *const keys[] = {
    [PROGRESS_FAILED] = K2,
    [PROGRESS_UPDATED] = WIN005,
    [PROGRESS_CURRENT] = UPD006,
    [PROGRESS_DIFFERENCES] = PRO007,
    [PROGRESS_OUTDATED] = WIN040,
    [PROGRESS_DECLINED] = UPD011,
    [PROGRESS_DISABLED] = UPD012,
    [PROGRESS_INTERRUPTED] = UPD037,
};

void
progress_zenity_end(FILE *out, const struct progress_result *r, enum lang lang)
{
	char text[SAID_WHAT_MAX + 2 * SAID_LINE_MAX + 2], act[SAID_LINE_MAX];
	const struct said *said = r->said;
	char lines[ZENITY_TEXT_MAX];
	bool is_told = said->what[0] != '\0';

	(void)snprintf(
	    act, sizeof(act), messages_text(lang, CLI009), said->act);
	if (is_told)
		(void)snprintf(text, sizeof(text), "%s%s%s\n%s", said->first,
		    said->first[0] != '\0' ? "\n" : "", said->what, act);
	else
		(void)snprintf(text, sizeof(text), "%s",
		    messages_text(lang, keys[r->outcome]));
	if (zenity_line(text, lines) > 0)
		(void)fputs(lines, out);
	if (!is_told)
		(void)fputs("100\n", out);
	(void)fflush(out);
}
