/*
 * From the library's events to a person: what is shown, and when.  How far it
 * is says progress_state.c; progress_bar.c and progress_lines.c draw it.
 */
#include "cli/progress/progress_internal.h"

#include "cli/messages/details.h"
#include "cli/streams.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

enum { REDRAW_MS = 100 }; /* at most ten bars a second */

int
progress_new(
    const struct progress_options *opt, struct progress **out, struct err *e)
{
	struct progress *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the progress");
	p->opt = *opt;
	p->tens = -1;
	if (opt->mode == PROGRESS_AUTO)
		p->opt.mode = streams_can_redraw(opt->out) ? PROGRESS_BAR
							   : PROGRESS_LINES;
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

static void
bar_draw(struct progress *p)
{
	char line[PROGRESS_LINE_MAX];
	unsigned width = p->opt.width;

	if (width == 0)
		width = progress_width(p->opt.out);
	progress_bar(&p->state, p->opt.lang, width, line, sizeof(line));
	fprintf(p->opt.out, "\r%s\033[K", line);
	(void)fflush(p->opt.out);
	p->drawn = true;
	p->drawn_ms = clock_ms(p->opt.clock);
	p->stale = false;
	p->on_line = true;
}

void
progress_end_line(struct progress *p)
{
	if (p->opt.mode != PROGRESS_BAR || !p->drawn)
		return;
	if (p->stale)
		bar_draw(p);
	if (p->on_line)
		fprintf(p->opt.out, "\n");
	(void)fflush(p->opt.out);
	p->on_line = false;
	p->drawn = false;
}

/* Make room for a line of text where a bar may stand. */
static void
line_begin(struct progress *p)
{
	if (p->on_line)
		fprintf(p->opt.out, "\r\033[K");
	p->on_line = false;
	p->stale = p->drawn;
}

static void
show(struct progress *p, bool begins)
{
	if (p->state.phase == PHASE_DONE || p->opt.mode == PROGRESS_QUIET)
		return;
	if (p->opt.mode == PROGRESS_LINES) {
		progress_line(p, begins);
		return;
	}
	p->stale = true;
	if (!p->drawn || clock_ms(p->opt.clock) - p->drawn_ms >= REDRAW_MS)
		bar_draw(p);
}

static void
note(struct progress *p, const struct erpsync_event *ev)
{
	char path[PROGRESS_PATH_MAX] = "", text[PROGRESS_LINE_MAX] = "";
	char both[PROGRESS_PATH_MAX + PROGRESS_LINE_MAX + 2];
	char told[DETAIL_MAX];
	size_t len;

	if (p->opt.mode == PROGRESS_QUIET && ev->kind != ERPSYNC_EVENT_WARN)
		return;
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
	line_begin(p);
	details_text(p->opt.lang, both, told);
	if (ev->kind == ERPSYNC_EVENT_RETRY)
		messages_print(p->opt.out, p->opt.lang, PRO006, told);
	else if (ev->kind == ERPSYNC_EVENT_RECOVER)
		messages_print(p->opt.out, p->opt.lang, UPD027);
	else
		messages_warn(p->opt.out, p->opt.lang, both);
	(void)fflush(p->opt.out);
}

static void
on_event(void *ctx, const struct erpsync_event *ev)
{
	struct progress *p = ctx;
	bool begins = phase_of_event(ev->kind) > p->state.phase;

	/* The end of a phase is seen before the next one begins. */
	if (begins)
		progress_end_line(p);
	if (progress_state_take(&p->state, ev, clock_ms(p->opt.clock)))
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
