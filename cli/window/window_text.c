/*
 * Between the progress and the windows of the systems: what they say.  Pure,
 * so that what people read is tested where there is no screen.
 */
#include "cli/window/window_text.h"

#include "cli/messages/figures.h"
#include "engine/base/text.h"

#include <bsd/string.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *
headline_of(enum phase phase, bool cancelled)
{
	if (cancelled && phase != PHASE_SWAP && phase != PHASE_DONE)
		return WIN006;
	switch (phase) {
	case PHASE_NONE:
		break;
	case PHASE_CHECK:
		return UPD001;
	case PHASE_RECEIVE:
		return WIN003;
	case PHASE_BACKUP:
		return WIN004;
	case PHASE_SWAP:
		return UPD004;
	case PHASE_DONE:
		return WIN005;
	}
	return WIN002;
}

static const char *
consequence_of(enum phase phase, bool cancelled)
{
	if (phase == PHASE_SWAP)
		return WIN021;
	return cancelled ? WIN022 : WIN020;
}

/* "File 12 of 40". */
static void
files_text(uint64_t n, uint64_t of, enum lang lang, char out[WINDOW_TEXT_MAX])
{
	char first[FIGURES_MAX], last[FIGURES_MAX];

	figures_count(first, lang, n);
	figures_count(last, lang, of);
	(void)snprintf(
	    out, WINDOW_TEXT_MAX, messages_text(lang, WIN009), first, last);
}

static void
receive_text(
    const struct progress_state *s, enum lang lang, struct window_text *out)
{
	char done[FIGURES_MAX], total[FIGURES_MAX], left[FIGURES_MAX];
	size_t n;

	figures_bytes(done, lang, s->done);
	figures_bytes(total, lang, s->total);
	(void)snprintf(out->amount, sizeof(out->amount),
	    messages_text(lang, WIN007), done, total);
	if (s->rate > 0) {
		n = strlen(out->amount);
		figures_bytes(done, lang, s->rate);
		(void)snprintf(out->amount + n, sizeof(out->amount) - n,
		    " \342\200\223 %s/s", done);
	}
	if (s->has_left) {
		progress_state_time_left(s, left);
		(void)snprintf(out->left, sizeof(out->left),
		    messages_text(lang, WIN008), left);
	}
	if (progress_state_files(s) > 0)
		files_text(s->files, progress_state_files(s), lang, out->files);
}

void
window_text(const struct progress_state *s, const char *note, bool cancelled,
    enum lang lang, struct window_text *out)
{
	char looked_at[FIGURES_MAX];

	memset(out, 0, sizeof(*out));
	figures_count(looked_at, lang, s->done);
	(void)strlcpy(out->headline,
	    messages_text(lang, headline_of(s->phase, cancelled)),
	    sizeof(out->headline));
	(void)strlcpy(
	    out->file, note[0] != '\0' ? note : s->path, sizeof(out->file));
	if (s->phase == PHASE_RECEIVE)
		receive_text(s, lang, out);
	else if (s->phase == PHASE_CHECK && s->done > 0)
		(void)snprintf(out->amount, sizeof(out->amount),
		    messages_text(lang, WIN010), looked_at);
	else if (s->total > 0 &&
	    (s->phase == PHASE_BACKUP || s->phase == PHASE_SWAP))
		files_text(s->done, s->total, lang, out->amount);
	if (s->phase != PHASE_DONE)
		(void)strlcpy(out->consequence,
		    messages_text(lang, consequence_of(s->phase, cancelled)),
		    sizeof(out->consequence));
	out->may_cancel =
	    !cancelled && s->phase != PHASE_SWAP && s->phase != PHASE_DONE;
	out->permille = s->phase == PHASE_NONE || s->phase == PHASE_CHECK
	    ? -1
	    : (int)s->permille;
	if (s->phase == PHASE_DONE)
		out->permille = 1000;
}

void
window_question(const char *from_build, const char *to_build, enum lang lang,
    struct window_question *out)
{
	char from[WINDOW_TEXT_MAX / 4], to[WINDOW_TEXT_MAX / 4];

	/* What a server says is not believed to be fit to show. */
	text_escape(from, sizeof(from), from_build[0] ? from_build : "-");
	text_escape(to, sizeof(to), to_build[0] ? to_build : "-");
	(void)strlcpy(
	    out->headline, messages_text(lang, K1), sizeof(out->headline));
	(void)snprintf(out->versions, sizeof(out->versions),
	    messages_text(lang, UPD010), from, to);
	(void)strlcpy(out->consequence, messages_text(lang, WIN030),
	    sizeof(out->consequence));
}

/* One more line of the details. */
static void __attribute__((format(printf, 2, 3)))
line(struct window_failure *f, const char *format, ...)
{
	size_t n = strlen(f->details);
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(f->details + n, sizeof(f->details) - n, format, ap);
	va_end(ap);
	(void)strlcat(f->details, "\n", sizeof(f->details));
}

static void
details_make(
    struct window_failure *f, const struct window_place *at, enum lang lang)
{
	line(f, "%s", f->headline);
	line(f, "%s", f->what);
	line(f, "%s", f->act);
	line(f, messages_text(lang, WIN046), at->time);
	if (at->station[0] != '\0')
		line(f, messages_text(lang, WIN042), at->station);
	if (at->folder[0] != '\0')
		line(f, messages_text(lang, WIN043), at->folder);
	if (at->server[0] != '\0')
		line(f, messages_text(lang, WIN044), at->server);
	line(f, messages_text(lang, WIN045), at->exit_code);
	line(f, messages_text(lang, WIN041), ERPSYNC_VERSION);
}

void
window_failure(const struct said *said, const struct window_place *place,
    bool starts, enum lang lang, struct window_failure *out)
{
	memset(out, 0, sizeof(*out));
	(void)strlcpy(out->headline,
	    said->first[0] != '\0' ? said->first : messages_text(lang, K2),
	    sizeof(out->headline));
	(void)strlcpy(out->what, said->what, sizeof(out->what));
	(void)snprintf(
	    out->act, sizeof(out->act), messages_text(lang, CLI009), said->act);
	if (starts)
		(void)strlcpy(out->start, messages_text(lang, WIN040),
		    sizeof(out->start));
	details_make(out, place, lang);
}

void
window_button(enum lang lang, const char *key, char sign, char *out, size_t cap)
{
	const char *text = messages_text(lang, key);
	size_t n = 0;

	for (; *text != '\0' && n + 1 < cap; text++) {
		if (*text != '&')
			out[n++] = *text;
		else if (sign != 0)
			out[n++] = sign;
	}
	out[n] = '\0';
}
