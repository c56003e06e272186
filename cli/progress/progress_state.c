/*
 * Between the library's events and what shows them: how far an update is.
 * Pure: events and times in, numbers out.
 */
#include "cli/progress/progress_state.h"

#include "engine/base/text.h"

#include <assert.h>
#include <bsd/string.h>
#include <string.h>

enum {
	SAMPLE_MS = 500, /* shorter ones make the rate jump */
	SAMPLES_LEAST = 2, /* before a time is told */
	SMOOTH = 4 /* weight of the past against one sample */
};

enum phase
phase_of_event(enum erpsync_event_kind kind)
{
	switch (kind) {
	case ERPSYNC_EVENT_SCAN:
	case ERPSYNC_EVENT_HASH:
		return PHASE_CHECK;
	case ERPSYNC_EVENT_RECEIVE:
		return PHASE_RECEIVE;
	case ERPSYNC_EVENT_BACKUP:
		return PHASE_BACKUP;
	case ERPSYNC_EVENT_SWAP:
		return PHASE_SWAP;
	case ERPSYNC_EVENT_COMMIT:
		return PHASE_DONE;
	case ERPSYNC_EVENT_PLAN:
	case ERPSYNC_EVENT_RECOVER:
	case ERPSYNC_EVENT_RETRY:
	case ERPSYNC_EVENT_WARN:
		break;
	}
	return PHASE_NONE;
}

static void
sample_rate(struct progress_state *s, uint64_t now_ms)
{
	uint64_t ms = now_ms - s->sample_ms, rate, left;

	assert(s->done >= s->sample_done);
	if (ms < SAMPLE_MS)
		return;
	rate = (s->done - s->sample_done) * 1000 / ms;
	s->rate =
	    s->rate == 0 ? rate : (s->rate * (SMOOTH - 1) + rate) / SMOOTH;
	s->sample_ms = now_ms;
	s->sample_done = s->done;
	if (s->samples < SAMPLES_LEAST && ++s->samples < SAMPLES_LEAST)
		return;
	/* A moment's slowness does not put off the end again. */
	if (s->rate > 0) {
		left = (s->total - s->done + s->rate - 1) / s->rate;
		if (!s->has_left || left < s->left_s)
			s->left_s = left;
		s->has_left = true;
	}
}

/* What a path ends with is what people know it by: of a long one the front is
 * left out. */
static void
escape_end(char shown[PROGRESS_PATH_MAX], const char *path)
{
	static const char dots[] = "...";
	size_t n = strlen(path), room = PROGRESS_PATH_MAX - sizeof(dots);

	if (n < PROGRESS_PATH_MAX) {
		text_escape(shown, PROGRESS_PATH_MAX, path);
		return;
	}
	path += n - room;
	/* No piece of a character of UTF-8. */
	while (((unsigned char)*path & 0xc0) == 0x80)
		path++;
	(void)strlcpy(shown, dots, PROGRESS_PATH_MAX);
	text_escape(shown + sizeof(dots) - 1,
	    PROGRESS_PATH_MAX - sizeof(dots) + 1, path);
}

static void
set_path(struct progress_state *s, const char *path)
{
	char shown[PROGRESS_PATH_MAX];

	if (path == NULL)
		return;
	escape_end(shown, path);
	if (strcmp(shown, s->path) == 0)
		return;
	(void)strlcpy(s->path, shown, sizeof(s->path));
	if (s->phase == PHASE_RECEIVE)
		s->files++;
}

/* Take what an event of the phase says; nothing ever falls. */
static void
advance(struct progress_state *s, uint64_t done, uint64_t total)
{
	unsigned permille;

	if (done > s->done)
		s->done = done;
	/* What is still to come over the wire is estimated at first. */
	if (total > s->total || (s->phase == PHASE_RECEIVE && total > 0))
		s->total = total;
	if (s->done > s->total)
		s->total = s->done;
	/* A total that is not known yet must not look like the end. */
	permille = s->total == 0
	    ? 0
	    : (unsigned)((double)s->done / (double)s->total * 1000);
	assert(permille <= 1000);
	if (permille > s->permille)
		s->permille = permille;
}

static void
enter(struct progress_state *s, enum phase phase,
    const struct erpsync_event *ev, uint64_t now_ms)
{
	assert(phase > s->phase);
	s->phase = phase;
	s->done = 0;
	s->permille = 0;
	s->total = 0;
	s->path[0] = '\0';
	s->sample_ms = now_ms;
	/* Bytes that were there already say nothing about the rate. */
	s->sample_done = ev->done;
}

/* How many files will come; after a broken link, with those that came before
 * it and but for the one that was on its way. */
static void
plan(struct progress_state *s, const struct erpsync_event *ev)
{
	if (s->files > 0)
		s->files--;
	s->path[0] = '\0';
	s->files_n = s->files + ev->done;
}

bool
progress_state_take(
    struct progress_state *s, const struct erpsync_event *ev, uint64_t now_ms)
{
	enum phase phase = phase_of_event(ev->kind);

	if (ev->kind == ERPSYNC_EVENT_PLAN)
		plan(s, ev);
	if (phase == PHASE_NONE || phase < s->phase)
		return false;
	if (phase > s->phase)
		enter(s, phase, ev, now_ms);
	/* A hash tells bytes of one file, while its phase counts entries. */
	if (ev->kind == ERPSYNC_EVENT_HASH)
		advance(s, 0, 0);
	else
		advance(s, ev->done, ev->total);
	set_path(s, ev->path);
	if (phase == PHASE_RECEIVE)
		sample_rate(s, now_ms);
	return true;
}

uint64_t
progress_state_files(const struct progress_state *s)
{
	return s->files_n > s->files ? s->files_n : s->files;
}

void
progress_state_time_left(const struct progress_state *s, char out[FIGURES_MAX])
{
	if (!s->has_left || s->left_s >= (uint64_t)100 * 3600)
		(void)strlcpy(out, "--:--", FIGURES_MAX);
	else
		figures_span(out, s->left_s);
}
