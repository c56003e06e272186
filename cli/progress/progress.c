/*
 * From the library's events to people: each event goes into the state, and the
 * state to every way there is to show it.  How far it is says
 * progress_state.c; a terminal's ways are progress_bar.c and
 * progress_lines.c, a window is another of them.
 */
#include "cli/progress/progress_internal.h"

#include "cli/messages/details.h"
#include "cli/streams.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <stdlib.h>
#include <string.h>

enum { SINKS_MAX = 2 };

struct progress {
	struct progress_terminal terminal;
	struct progress_state state;
	struct progress_sink sinks[SINKS_MAX];
	size_t sinks_n;
};

static struct progress_sink
terminal_sink(struct progress_terminal *t, enum progress_mode mode)
{
	if (mode == PROGRESS_AUTO)
		mode =
		    streams_can_redraw(t->out) ? PROGRESS_BAR : PROGRESS_LINES;
	switch (mode) {
	case PROGRESS_BAR:
		return progress_bar_sink(t);
	case PROGRESS_LINES:
		return progress_lines_sink(t);
	case PROGRESS_JSON:
		return progress_json_sink(t);
	case PROGRESS_ZENITY:
		return progress_zenity_sink(t);
	case PROGRESS_AUTO: /* is one of the others by now */
	case PROGRESS_QUIET:
		break;
	}
	return progress_quiet_sink(t);
}

int
progress_new(
    const struct progress_options *opt, struct progress **out, struct err *e)
{
	struct progress *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the progress");
	p->terminal.out = opt->out;
	p->terminal.clock = opt->clock;
	p->terminal.folder = opt->folder;
	p->terminal.lang = opt->lang;
	p->terminal.width = opt->width;
	p->terminal.tens = -1;
	p->sinks[p->sinks_n++] = terminal_sink(&p->terminal, opt->mode);
	if (opt->window != NULL)
		p->sinks[p->sinks_n++] = *opt->window;
	*out = p;
	return 0;
}

void
progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	progress_end_line(p);
	free(p);
}

void
progress_end_line(struct progress *p)
{
	size_t i;

	for (i = 0; i < p->sinks_n; i++)
		if (p->sinks[i].rest != NULL)
			p->sinks[i].rest(p->sinks[i].ctx, &p->state);
}

bool
progress_is_cancelled(const struct progress *p)
{
	return p != NULL && p->terminal.is_gone;
}

static void
show(struct progress *p, bool begins)
{
	size_t i;

	for (i = 0; i < p->sinks_n; i++)
		if (p->sinks[i].show != NULL)
			p->sinks[i].show(p->sinks[i].ctx, &p->state, begins);
}

/* What happened in one line, in the person's language. */
static void
note_text(enum lang lang, const struct erpsync_event *ev, char *out, size_t cap)
{
	char path[PROGRESS_PATH_MAX] = "", text[PROGRESS_LINE_MAX] = "";
	char both[PROGRESS_PATH_MAX + PROGRESS_LINE_MAX + 2];
	char told[DETAIL_MAX];
	size_t len;

	if (ev->path != NULL)
		text_escape(path, sizeof(path), ev->path);
	if (ev->text != NULL)
		text_escape_rest(text, sizeof(text), ev->text);
	/* A text of an error has its path already. */
	len = strlen(path);
	if (strncmp(text, path, len) == 0 && text[len] == ':')
		path[0] = '\0';
	(void)snprintf(both, sizeof(both), "%s%s%s", path,
	    path[0] != '\0' && text[0] != '\0' ? ": " : "", text);
	details_text(lang, both, told);
	if (ev->kind == ERPSYNC_EVENT_RETRY)
		(void)snprintf(out, cap, messages_text(lang, PRO006), told);
	else if (ev->kind == ERPSYNC_EVENT_RECOVER)
		(void)snprintf(out, cap, "%s", messages_text(lang, UPD027));
	else
		(void)snprintf(out, cap, messages_text(lang, CLI010), told);
}

static void
note(struct progress *p, const struct erpsync_event *ev)
{
	char line[2 * PROGRESS_LINE_MAX];
	size_t i;

	note_text(p->terminal.lang, ev, line, sizeof(line));
	for (i = 0; i < p->sinks_n; i++)
		p->sinks[i].note(
		    p->sinks[i].ctx, ev->kind == ERPSYNC_EVENT_WARN, line);
}

static void
on_event(void *ctx, const struct erpsync_event *ev)
{
	struct progress *p = ctx;
	bool begins = phase_of_event(ev->kind) > p->state.phase;

	/* The end of a phase is seen before the next one begins. */
	if (begins)
		progress_end_line(p);
	if (progress_state_take(&p->state, ev, clock_ms(p->terminal.clock)))
		show(p, begins);
	else if (ev->kind == ERPSYNC_EVENT_RECOVER ||
	    ev->kind == ERPSYNC_EVENT_RETRY || ev->kind == ERPSYNC_EVENT_WARN)
		note(p, ev);
}

struct erpsync_observer
progress_observer(struct progress *p)
{
	return (struct erpsync_observer){on_event, p};
}
