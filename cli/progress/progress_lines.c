/*
 * What a file or a plain terminal gets of an update's progress: a line for
 * each phase and for each tenth of the download.  Or nothing but warnings.
 */
#include "cli/progress/progress_internal.h"

static void
receive_line(struct progress_terminal *t, const struct progress_state *s)
{
	char left[FIGURES_MAX], n[FIGURES_MAX], of[FIGURES_MAX];

	figures_count(n, t->lang, s->files);
	figures_count(of, t->lang, progress_state_files(s));
	progress_state_time_left(s, left);
	messages_print(
	    t->out, t->lang, UPD002, s->path, n, of, s->permille / 10, left);
}

static void
lines_show(void *ctx, const struct progress_state *s, bool begins)
{
	struct progress_terminal *t = ctx;
	int tens = (int)s->permille / 100;

	switch (s->phase) {
	case PHASE_CHECK:
		if (begins)
			messages_print(t->out, t->lang, UPD001);
		break;
	case PHASE_RECEIVE:
		if (tens <= t->tens)
			return;
		t->tens = tens;
		receive_line(t, s);
		break;
	case PHASE_BACKUP:
		if (begins)
			messages_print(t->out, t->lang, UPD003,
			    t->folder != NULL ? t->folder : ".");
		break;
	case PHASE_SWAP:
		if (begins)
			messages_print(t->out, t->lang, UPD004);
		break;
	case PHASE_NONE:
	case PHASE_DONE:
		break;
	}
	(void)fflush(t->out);
}

static void
lines_note(void *ctx, bool is_warning, const char *line)
{
	const struct progress_terminal *t = ctx;

	(void)is_warning;
	fprintf(t->out, "%s\n", line);
	(void)fflush(t->out);
}

static void
quiet_note(void *ctx, bool is_warning, const char *line)
{
	if (is_warning)
		lines_note(ctx, is_warning, line);
}

struct progress_sink
progress_lines_sink(struct progress_terminal *t)
{
	return (struct progress_sink){lines_show, NULL, lines_note, t};
}

struct progress_sink
progress_quiet_sink(struct progress_terminal *t)
{
	return (struct progress_sink){NULL, NULL, quiet_note, t};
}
