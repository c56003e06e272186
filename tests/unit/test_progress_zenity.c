/* An update as `zenity --progress` reads it: from the state, each end, and a
 * reader that goes away. */
#include "cli/progress/progress_zenity.h"

#include "cli/progress/progress.h"
#include "cli/progress/progress_json.h"
#include "cli/said.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t now;

static uint64_t
tell_now(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock by_hand = {.monotonic_ms = tell_now};

static struct progress *
progress_on(FILE *out)
{
	struct progress_options opt = {.out = out,
	    .clock = &by_hand,
	    .mode = PROGRESS_ZENITY,
	    .lang = LANG_EN};
	struct progress *p;
	struct err e;

	now = 1000;
	cr_assert_eq(progress_new(&opt, &p, &e), 0);
	return p;
}

static void
tell(struct progress *p, enum erpsync_event_kind kind, uint64_t done)
{
	struct erpsync_event ev = {kind, "a.dll", "odd", done, 1000};
	struct erpsync_observer obs = progress_observer(p);

	obs.event(obs.ctx, &ev);
}

Test(progress_zenity, tells_the_state_and_notes)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct progress *p = progress_on(out);

	tell(p, ERPSYNC_EVENT_RECEIVE, 500);
	(void)fflush(out);
	cr_expect_eq(
	    strncmp(
		text, "pulsate:false\n50\n#Downloading files...\\na.dll", 44),
	    0, "%s", text);
	/* Not so soon again; then with what came meanwhile. */
	now += 99;
	tell(p, ERPSYNC_EVENT_RECEIVE, 600);
	(void)fflush(out);
	cr_expect_null(strstr(text, "\n60\n"));
	now += 1;
	tell(p, ERPSYNC_EVENT_RECEIVE, 700);
	(void)fflush(out);
	cr_expect_not_null(strstr(text, "\n70\n#"));
	tell(p, ERPSYNC_EVENT_WARN, 0);
	(void)fflush(out);
	cr_expect_not_null(strstr(text, "\n#Warning: a.dll: odd\n"));
	/* A phase begins at once. */
	tell(p, ERPSYNC_EVENT_SWAP, 10);
	(void)fflush(out);
	cr_expect_not_null(strstr(text, "#Applying update."));
	cr_expect_not(progress_is_cancelled(p));
	progress_free(p);
	(void)fclose(out);
	free(text);
}

Test(progress_zenity, who_goes_away_has_cancelled)
{
	struct progress *p;
	int ends[2];
	FILE *out;

	(void)signal(SIGPIPE, SIG_IGN);
	cr_expect_not(progress_is_cancelled(NULL));
	cr_assert_eq(pipe(ends), 0);
	out = fdopen(ends[1], "w");
	cr_assert_not_null(out);
	p = progress_on(out);
	tell(p, ERPSYNC_EVENT_RECEIVE, 500);
	cr_expect_not(progress_is_cancelled(p));
	(void)close(ends[0]);
	now += 1000;
	tell(p, ERPSYNC_EVENT_RECEIVE, 600);
	cr_expect(progress_is_cancelled(p));
	progress_free(p);
	(void)fclose(out);
}

/* How it ended: 100 when it went well, and in any case words. */
Test(progress_zenity, each_end)
{
	static const struct said none = {.what = ""};
	static const struct said failed = {"first", "UPD028: what", "do"};
	static const struct said bare = {"", "UPD038: what", "do"};
	static const struct {
		enum progress_outcome outcome;
		const struct said *said;
		const char *lines;
	} cases[] = {
	    {PROGRESS_UPDATED, &none, "#Update finished.\n100\n"},
	    {PROGRESS_CURRENT, &none, "#No update needed.\n100\n"},
	    {PROGRESS_DIFFERENCES, &none, "#There is an update.\n100\n"},
	    {PROGRESS_OUTDATED, &none,
		"#The program starts in the version that is there.\n100\n"},
	    {PROGRESS_FAILED, &failed,
		"#first\\nUPD028: what\\nWhat to do: do\n"},
	    {PROGRESS_FAILED, &bare, "#UPD038: what\\nWhat to do: do\n"},
	};
	struct progress_result r = {.exit_code = 0};
	char *text;
	size_t len, i;
	FILE *out;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		out = open_memstream(&text, &len);
		r.outcome = cases[i].outcome;
		r.said = cases[i].said;
		progress_zenity_end(out, &r, LANG_EN);
		(void)fclose(out);
		cr_expect_str_eq(text, cases[i].lines, "%s", text);
		free(text);
	}
}
