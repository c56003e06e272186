/* From the engine's events to what is shown, and when. */
#include "cli/progress/progress_internal.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

enum {
	REDRAW_MS = 100, /* at most ten a second */
	SAMPLE_MS = 500, /* shorter ones make the rate jump */
	SMOOTH = 4 /* weight of the past against one sample */
};

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
		p->opt.mode =
		    progress_can_bar(opt->out) ? PROGRESS_BAR : PROGRESS_LINES;
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

static uint64_t
now_ms(const struct progress *p)
{
	return p->opt.clock->monotonic_ms(p->opt.clock->ctx);
}

static void
bar_draw(struct progress *p)
{
	char line[PROGRESS_LINE_MAX];
	unsigned width = p->opt.width;

	if (width == 0)
		width = progress_width(p->opt.out);
	progress_bar(p, width, line, sizeof(line));
	fprintf(p->opt.out, "\r%s\033[K", line);
	(void)fflush(p->opt.out);
	p->drawn = true;
	p->drawn_ms = now_ms(p);
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
receive_line(struct progress *p)
{
	char left[32];

	progress_time_left(p, left, sizeof(left));
	messages_print(p->opt.out, p->opt.lang, UPD002, p->path, p->files,
	    p->files_n > p->files ? p->files_n : p->files, p->permille / 10,
	    left);
}

static void
show_line(struct progress *p, bool begins)
{
	FILE *out = p->opt.out;
	enum lang lang = p->opt.lang;

	switch (p->phase) {
	case PHASE_CHECK:
		if (begins)
			messages_print(out, lang, UPD001);
		break;
	case PHASE_RECEIVE:
		if ((int)p->permille / 100 <= p->tens)
			return;
		p->tens = (int)p->permille / 100;
		receive_line(p);
		break;
	case PHASE_BACKUP:
		if (begins)
			messages_print(out, lang, UPD003,
			    p->opt.folder != NULL ? p->opt.folder : ".");
		break;
	case PHASE_SWAP:
		if (begins)
			messages_print(out, lang, UPD004);
		break;
	case PHASE_NONE:
	case PHASE_DONE:
		break;
	}
	(void)fflush(out);
}

static void
show(struct progress *p, bool begins)
{
	if (p->phase == PHASE_DONE || p->opt.mode == PROGRESS_QUIET)
		return;
	if (p->opt.mode == PROGRESS_LINES) {
		show_line(p, begins);
		return;
	}
	p->stale = true;
	if (!p->drawn || now_ms(p) - p->drawn_ms >= REDRAW_MS)
		bar_draw(p);
}

static void
sample_rate(struct progress *p)
{
	uint64_t now = now_ms(p), ms = now - p->sample_ms, rate;

	if (ms < SAMPLE_MS)
		return;
	rate = (p->done - p->sample_done) * 1000 / ms;
	p->rate =
	    p->rate == 0 ? rate : (p->rate * (SMOOTH - 1) + rate) / SMOOTH;
	p->sample_ms = now;
	p->sample_done = p->done;
}

static void
set_path(struct progress *p, const char *path)
{
	char shown[PROGRESS_PATH_MAX];

	if (path == NULL)
		return;
	text_escape(shown, sizeof(shown), path);
	if (strcmp(shown, p->path) == 0)
		return;
	(void)strlcpy(p->path, shown, sizeof(p->path));
	if (p->phase == PHASE_RECEIVE)
		p->files++;
}

/* Take what an event of p's phase says; nothing ever falls. */
static void
advance(struct progress *p, const struct erpsync_event *ev)
{
	unsigned permille;

	if (ev->done > p->done)
		p->done = ev->done;
	if (ev->total > p->total)
		p->total = ev->total;
	if (p->done > p->total)
		p->total = p->done;
	/* A total that is not known yet must not look like the end. */
	permille = p->total == 0
	    ? 0
	    : (unsigned)((double)p->done / (double)p->total * 1000);
	if (permille > p->permille)
		p->permille = permille;
	set_path(p, ev->path);
	if (p->phase == PHASE_RECEIVE)
		sample_rate(p);
}

static void
enter(struct progress *p, enum phase phase, const struct erpsync_event *ev)
{
	progress_end_line(p);
	p->phase = phase;
	p->done = 0;
	p->permille = 0;
	p->total = phase == PHASE_RECEIVE ? p->bytes_n : 0;
	p->path[0] = '\0';
	p->sample_ms = now_ms(p);
	/* Bytes that were there already say nothing about the rate. */
	p->sample_done = ev->done;
}

static void
phase_event(
    struct progress *p, enum phase phase, const struct erpsync_event *ev)
{
	bool begins = phase > p->phase;
	struct erpsync_event what = *ev;

	if (phase < p->phase)
		return;
	if (begins)
		enter(p, phase, ev);
	if (phase == PHASE_CHECK && ev->kind == ERPSYNC_EVENT_HASH) {
		/* Bytes of one file, while this phase counts entries. */
		what.done = 0;
		what.total = 0;
	}
	advance(p, &what);
	show(p, begins);
}

static void
note(struct progress *p, const struct erpsync_event *ev)
{
	char path[PROGRESS_PATH_MAX] = "", text[PROGRESS_LINE_MAX] = "";
	char both[PROGRESS_PATH_MAX + PROGRESS_LINE_MAX + 2];

	if (p->opt.mode == PROGRESS_QUIET && ev->kind != ERPSYNC_EVENT_WARN)
		return;
	if (ev->path != NULL)
		text_escape(path, sizeof(path), ev->path);
	if (ev->text != NULL)
		text_escape(text, sizeof(text), ev->text);
	(void)snprintf(both, sizeof(both), "%s%s%s", path,
	    path[0] != '\0' && text[0] != '\0' ? ": " : "", text);
	line_begin(p);
	if (ev->kind == ERPSYNC_EVENT_RETRY)
		messages_print(p->opt.out, p->opt.lang, PRO006, both);
	else if (ev->kind == ERPSYNC_EVENT_RECOVER)
		messages_print(p->opt.out, p->opt.lang, UPD027);
	else
		messages_print(p->opt.out, p->opt.lang, CLI010, both);
	(void)fflush(p->opt.out);
}

static void
on_event(void *ctx, const struct erpsync_event *ev)
{
	struct progress *p = ctx;

	switch (ev->kind) {
	case ERPSYNC_EVENT_SCAN:
	case ERPSYNC_EVENT_HASH:
		phase_event(p, PHASE_CHECK, ev);
		break;
	case ERPSYNC_EVENT_PLAN:
		progress_expect(p, ev->done, ev->total);
		break;
	case ERPSYNC_EVENT_RECEIVE:
		phase_event(p, PHASE_RECEIVE, ev);
		break;
	case ERPSYNC_EVENT_BACKUP:
		phase_event(p, PHASE_BACKUP, ev);
		break;
	case ERPSYNC_EVENT_SWAP:
		phase_event(p, PHASE_SWAP, ev);
		break;
	case ERPSYNC_EVENT_COMMIT:
		progress_end_line(p);
		p->phase = PHASE_DONE;
		break;
	case ERPSYNC_EVENT_RECOVER:
	case ERPSYNC_EVENT_RETRY:
	case ERPSYNC_EVENT_WARN:
		note(p, ev);
		break;
	}
}

struct erpsync_observer
progress_observer(struct progress *p)
{
	return (struct erpsync_observer){on_event, p};
}

void
progress_expect(struct progress *p, uint64_t files, uint64_t bytes)
{
	p->files_n = files;
	p->bytes_n = bytes;
}
