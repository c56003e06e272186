/*
 * What of an update is shown in a window: whether there is one, its question,
 * and a failure.  The rest goes through the progress.
 */
#include "cli/station_job_internal.h"

#include "cli/failure.h"
#include "cli/messages/figures.h"
#include "cli/window/window.h"
#include "cli/window/window_text.h"
#include "engine/base/who.h"

#include <bsd/string.h>
#include <string.h>
#include <time.h>

enum { START_WAIT_MS = 15 * 1000 };

struct window *
station_job_window(const struct station_job *job)
{
	enum window_wish wish = (enum window_wish)job->output.window;
	struct window *w;

	/* What these have to say is for a file, or for nobody. */
	if ((wish == WINDOW_AUTO && (job->dry_run || job->speech.quiet)) ||
	    station_job_has_lines(job))
		return NULL;
	w = window_new(wish, job->speech.lang, job->shown);
	if (w == NULL && wish == WINDOW_ALWAYS)
		messages_print(stderr, job->speech.lang, WIN047);
	return w;
}

int
station_job_ask(struct running *r, const char *from_build, const char *to_build)
{
	struct window_question q;

	window_question(from_build, to_build, r->job->speech.lang, &q);
	return window_ask(r->window, &q);
}

/* Who cancelled, declined, or starts a program whose server has no updates
 * knows it, or need not. */
static bool
is_shown(const struct station_job *job, int exit_code)
{
	return job->said.what[0] != '\0' && exit_code != EXIT_OK &&
	    exit_code != EXIT_INTERRUPTED && exit_code != EXIT_DECLINED &&
	    !(exit_code == EXIT_DISABLED && job->starts);
}

static void
show(struct window *w, const struct station_job *job,
    const struct station_end *end)
{
	bool starts = job->starts && end->may_start;
	char station[ERPSYNC_LABEL_MAX + 1], now[FIGURES_MAX];
	struct window_place place = {.station = station,
	    .folder = job->dir != NULL ? job->dir : "",
	    .server = job->shown,
	    .time = now,
	    .exit_code = end->exit_code};
	struct window_failure f;

	who_host(station, sizeof(station));
	if (job->update.station_id != NULL)
		(void)strlcpy(station, job->update.station_id, sizeof(station));
	figures_time(now, time(NULL));
	window_failure(&job->said, &place, starts, job->speech.lang, &f);
	/* Nobody may be there who could close it. */
	window_fail(w, &f, starts ? START_WAIT_MS : 0);
}

void
station_job_close(struct running *r, const struct station_end *end)
{
	bool shown = is_shown(r->job, end->exit_code);

	if (shown && r->window == NULL)
		r->window = station_job_window(r->job);
	if (shown && r->window != NULL)
		show(r->window, r->job, end);
	window_free(r->window, end->exit_code == EXIT_OK);
}

void
station_job_show(struct station_job *job, int exit_code)
{
	const struct station_end end = {exit_code, false};
	struct window *w;

	if (job->said.what[0] != '\0')
		station_job_lines_end(job, NULL, &end);
	if (!is_shown(job, exit_code) || (w = station_job_window(job)) == NULL)
		return;
	show(w, job, &end);
	window_free(w, false);
}
