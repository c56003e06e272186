/*
 * The window of an update where zenity draws it: its texts go down a pipe, its
 * end is an answer.  Whatever becomes of it the update goes on, and the
 * terminal has all that it had.
 */
#include "cli/window/window.h"

#include "cli/signals.h"
#include "cli/window/window_text.h"
#include "cli/window/window_zenity_internal.h"
#include "cli/window/zenity_text.h"
#include "engine/base/clock.h"

#include <bsd/string.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SHOW_AFTER_MS = 500, /* what takes less needs no window */
	SHOW_LEAST_MS = 800, /* who sees it wants to read it */
	REDRAW_MS = 100,
	LOOK_MS = 20,
	OPTION_MAX = 2 * WINDOW_TEXT_MAX,
	ARGUMENTS_MAX = 16
};

/* Arguments, all in one room. */
struct arguments {
	char *v[ARGUMENTS_MAX + 1];
	size_t n, used;
	char room[8 * OPTION_MAX];
};

struct window {
	enum lang lang;
	char server[WINDOW_TEXT_MAX];
	struct progress_state state;
	char note[WINDOW_TEXT_MAX]; /* since the state changed */
	struct zenity progress;
	uint64_t began_ms, shown_ms, drawn_ms;
	bool shown, gone; /* it was started; it has ended by itself */
	bool cancelled;
	char drawn[ZENITY_TEXT_MAX]; /* last said */
};

/* Somebody is at the other end who reads what is said. */
static bool
is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* Who starts us from a desktop has no terminal, and no program that reads for
 * him. */
static bool
has_console(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return isatty(STDERR_FILENO) != 0 || is_pipe(STDOUT_FILENO) ||
		    is_pipe(STDERR_FILENO);
	(void)close(fd);
	return true;
}

struct window *
window_new(enum window_wish wish, enum lang lang, const char *server)
{
	struct window *w;

	if (wish == WINDOW_NEVER || (wish == WINDOW_AUTO && has_console()) ||
	    !zenity_is_there() || (w = calloc(1, sizeof(*w))) == NULL)
		return NULL;
	w->lang = lang;
	w->began_ms = clock_ms(clock_real());
	(void)strlcpy(w->server, server, sizeof(w->server));
	return w;
}

/* One more argument, if there is room: option and what stands behind it. */
static void
add(struct arguments *a, const char *option, const char *text)
{
	size_t len = strlen(option) + strlen(text);

	if (a->n >= ARGUMENTS_MAX || a->used + len >= sizeof(a->room))
		return;
	a->v[a->n++] = a->room + a->used;
	(void)strlcpy(a->room + a->used, option, sizeof(a->room) - a->used);
	(void)strlcat(a->room + a->used, text, sizeof(a->room) - a->used);
	a->used += len + 1;
}

/* What each of its windows has. */
static void
begin(struct arguments *a, enum lang lang, const char *kind)
{
	memset(a, 0, sizeof(*a));
	add(a, "zenity", "");
	add(a, kind, "");
	add(a, "--title=", messages_text(lang, WIN001));
	add(a, "--width=", "480");
}

/* With a letter for it where zenity knows of any: it shows the signs of the
 * other labels as they are. */
static void
add_button(
    struct arguments *a, const char *option, enum lang lang, const char *key)
{
	bool knows = strcmp(a->v[1], "--question") == 0 ||
	    strcmp(option, "--extra-button=") == 0;
	char text[WINDOW_TEXT_MAX];

	window_button(lang, key, knows ? '_' : 0, text, sizeof(text));
	add(a, option, text);
}

static void
start(struct window *w)
{
	struct arguments a;

	begin(&a, w->lang, "--progress");
	add_button(&a, "--cancel-label=", w->lang, WIN062);
	/* No OK, which would be there for the end only. */
	add(&a, "--auto-close", "");
	w->gone = !zenity_start(&w->progress, a.v);
	w->shown = true;
	w->shown_ms = clock_ms(clock_real());
	w->drawn[0] = '\0';
}

/* The state as what it reads. */
static void
draw(struct window *w)
{
	char lines[ZENITY_TEXT_MAX];
	struct window_text t;
	size_t n;

	window_text(&w->state, w->note, w->cancelled, w->lang, &t);
	if (w->state.phase == PHASE_NONE && t.file[0] == '\0')
		(void)strlcpy(t.file, w->server, sizeof(t.file));
	n = zenity_text(&t, lines);
	if (n == 0 || strcmp(lines, w->drawn) == 0)
		return;
	zenity_say(&w->progress, lines, n);
	(void)strlcpy(w->drawn, lines, sizeof(w->drawn));
}

/* Whatever is due now. */
static void
tick(struct window *w)
{
	uint64_t now = clock_ms(clock_real());

	if (w->gone)
		return;
	if (!w->shown) {
		if (now - w->began_ms < SHOW_AFTER_MS)
			return;
		start(w);
	} else if (now - w->drawn_ms < REDRAW_MS) {
		return;
	}
	w->drawn_ms = now;
	switch (zenity_look(&w->progress)) {
	case ZENITY_RUNS:
		draw(w);
		return;
	case ZENITY_REFUSED:
		w->cancelled = true;
		break;
	case ZENITY_AGREED:
	case ZENITY_MORE:
	case ZENITY_DIED:
		break;
	}
	w->gone = true;
}

static void
sink_show(void *ctx, const struct progress_state *s, bool begins)
{
	struct window *w = ctx;

	(void)begins;
	w->state = *s;
	w->note[0] = '\0';
	tick(w);
}

static void
sink_note(void *ctx, bool is_warning, const char *line)
{
	struct window *w = ctx;

	(void)is_warning;
	(void)strlcpy(w->note, line, sizeof(w->note));
	tick(w);
}

struct progress_sink
window_sink(struct window *w)
{
	return (struct progress_sink){sink_show, NULL, sink_note, w};
}

bool
window_is_cancelled(struct window *w)
{
	tick(w);
	return w->cancelled;
}

/* Take the progress away; it comes again if it is still needed. */
static void
hide(struct window *w)
{
	zenity_stop(&w->progress);
	w->shown = false;
}

/* Wait for a dialog's end, or for a signal to us, or so long (0: for ever). */
static enum zenity_end
await(struct zenity *z, unsigned at_most_ms)
{
	uint64_t until = clock_ms(clock_real()) + at_most_ms;
	enum zenity_end end;

	while ((end = zenity_look(z)) == ZENITY_RUNS) {
		if (signals_caught() != 0 ||
		    (at_most_ms != 0 && clock_ms(clock_real()) >= until)) {
			zenity_stop(z);
			return ZENITY_DIED;
		}
		clock_sleep_ms(NULL, LOOK_MS);
	}
	return end;
}

int
window_ask(struct window *w, const struct window_question *q)
{
	char text[2 * OPTION_MAX];
	struct arguments a;
	struct zenity z;

	hide(w);
	(void)snprintf(text, sizeof(text), "%s\n\n%s\n\n%s", q->headline,
	    q->versions, q->consequence);
	begin(&a, w->lang, "--question");
	add(&a, "--no-markup", "");
	add_button(&a, "--ok-label=", w->lang, WIN060);
	add_button(&a, "--cancel-label=", w->lang, WIN061);
	add(&a, "--text=", text);
	if (!zenity_start(&z, a.v))
		return -1;
	switch (await(&z, 0)) {
	case ZENITY_AGREED:
		return 1;
	case ZENITY_REFUSED:
		return 0;
	case ZENITY_RUNS:
	case ZENITY_MORE:
	case ZENITY_DIED:
		break;
	}
	/* Who stops us has not been asked twice. */
	return signals_caught() != 0 ? 0 : -1;
}

/* The lines that can be copied. */
static void
show_details(const struct window *w, const struct window_failure *f)
{
	struct arguments a;
	struct zenity z;

	begin(&a, w->lang, "--text-info");
	add(&a, "--height=", "320");
	add_button(&a, "--ok-label=", w->lang, WIN065);
	if (!zenity_start(&z, a.v))
		return;
	zenity_say(&z, f->details, strlen(f->details));
	zenity_end_input(&z);
	(void)await(&z, 0);
}

void
window_fail(
    struct window *w, const struct window_failure *f, unsigned at_most_ms)
{
	char text[4 * OPTION_MAX];
	struct arguments a;
	struct zenity z;

	hide(w);
	(void)snprintf(text, sizeof(text), "%s\n\n%s\n\n%s%s%s", f->headline,
	    f->what, f->act, f->start[0] != '\0' ? "\n\n" : "", f->start);
	begin(&a, w->lang, "--error");
	add(&a, "--no-markup", "");
	add_button(&a, "--ok-label=", w->lang, WIN065);
	add_button(&a, "--extra-button=", w->lang, WIN063);
	add(&a, "--text=", text);
	if (zenity_start(&z, a.v) && await(&z, at_most_ms) == ZENITY_MORE)
		show_details(w, f);
}

void
window_free(struct window *w, bool is_done)
{
	uint64_t until;

	if (w == NULL)
		return;
	if (is_done)
		w->state.phase = PHASE_DONE;
	until = w->shown_ms + SHOW_LEAST_MS;
	while (w->shown && !w->gone && clock_ms(clock_real()) < until &&
	    signals_caught() == 0) {
		tick(w);
		clock_sleep_ms(NULL, LOOK_MS);
	}
	zenity_stop(&w->progress);
	free(w);
}
