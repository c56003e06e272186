/*
 * One update or dry run of a client folder, by the library: progress, the
 * question about an incompatible build, waiting for who holds the folder, the
 * reason of a failure.  What is said when it went well
 * is in station_job_outcome.c.
 */
#include "cli/station_job_internal.h"

#include "cli/cmd.h"
#include "cli/config/config.h"
#include "cli/fault.h"
#include "cli/health.h"
#include "cli/messages/figures.h"
#include "cli/moment.h"
#include "cli/progress/progress.h"
#include "cli/signals.h"
#include "cli/station_ini.h"
#include "cli/stuck.h"
#include "cli/window/window.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/base/who.h"
#include "transport/api/erpsync.h"

#include <stdio.h>
#include <string.h>

enum {
	LOOK_MS = 100, /* between looks whether a folder is free */
	WAIT_UPDATE_MS = 5000, /* so long for somebody else's update */
	WAIT_SWAP_MS = 20000, /* and so long while it changes names */
	LINE_BYTES = 1024 /* of a warning */
};

static bool
ask(void *ctx, const char *from_build, const char *to_build)
{
	struct running *r = ctx;
	int answer;

	if (r->job->no)
		return false;
	progress_end_line(r->progress);
	answer = station_job_lines_ask(r->job, from_build, to_build);
	if (answer < 0 && r->window != NULL)
		answer = station_job_ask(r, from_build, to_build);
	if (answer >= 0)
		return answer == 1;
	messages_print(stderr, r->job->speech.lang, UPD010,
	    from_build[0] != '\0' ? from_build : "-", to_build);
	return messages_ask(r->job->speech.lang, K1);
}

static int
interrupted(void *ctx)
{
	const struct running *r = ctx;

	if ((r->window != NULL && window_is_cancelled(r->window)) ||
	    progress_is_cancelled(r->progress))
		return 1;
	return signals_caught();
}

static int
health(void *ctx, const char *folder, struct erpsync_error *error)
{
	struct running *r = ctx;
	struct err e;

	progress_end_line(r->progress);
	if (health_run(&r->job->health.check, folder, &e) < 0)
		return fault_give(error, &e);
	return 0;
}

/* Whose files: what was told, else what the folder is, else this system's. */
static int
settle_system(struct running *r, struct err *e)
{
	struct station_job *job = r->job;
	int os = erpsync_folder_system(r->folder);
	const char *has, *told;

	if (!job->system.is_given) {
		job->system.os = os >= 0 ? os : (int)who_os();
		if (os == ERPSYNC_OS_SEVERAL)
			messages_warn(stderr, job->speech.lang,
			    "the folder has programs of several systems and "
			    "gets the files of this one; --os or [ErpSync] "
			    "Os= say which it is");
	}
	job->update.os = (enum erpsync_os)job->system.os;
	if (os < 0 || os == job->system.os || job->update.rules.force)
		return 0;
	has = path_os_name((enum path_os)os);
	told = path_os_name((enum path_os)job->system.os);
	(void)err_set(e, ERP_USAGE, "the folder has the files of %s", has);
	(void)snprintf(e->msg, sizeof(e->msg),
	    messages_text(job->speech.lang, CLI016), has, told, has);
	return ERP_USAGE;
}

static int
open_folder(struct running *r, struct err *e)
{
	struct station_job *job = r->job;
	struct erpsync_folder_options opt = {
	    .size = sizeof(opt),
	    .observer = progress_observer(r->progress),
	    .read_only = job->dry_run,
	    .or_read_only = job->starts,
	    .health = job->health.command[0] != '\0' ? health : NULL,
	    .health_ctx = r,
	    .backup_exclude = (const char *const *)job->backup_exclude.v,
	    .backup_exclude_n = job->backup_exclude.n,
	};
	struct erpsync_error error;

	job->health.check.command = job->health.command;
	if (erpsync_folder_open(job->dir, &opt, &r->folder, &error) != 0)
		return fault_take(e, &error);
	return 0;
}

int
station_job_recover(const struct station_job *job, struct err *e)
{
	const struct progress_options shown = {.out = stderr,
	    .clock = clock_real(),
	    .lang = lang_choose(job->speech.language, 0, lang_locale()),
	    .mode = job->speech.quiet ? PROGRESS_QUIET : PROGRESS_LINES};
	struct erpsync_folder_options opt = {.size = sizeof(opt)};
	struct erpsync_folder *folder = NULL;
	struct progress *progress;
	struct erpsync_error error;
	int rc;

	if (!station_ini_is_between(job->dir))
		return 0;
	if ((rc = progress_new(&shown, &progress, e)) != 0)
		return rc;
	opt.observer = progress_observer(progress);
	if (erpsync_folder_open(job->dir, &opt, &folder, &error) != 0)
		rc = fault_take(e, &error);
	erpsync_folder_close(folder);
	progress_free(progress);
	return rc;
}

static int
update(struct running *r, struct err *e)
{
	struct station_job *job = r->job;
	uint8_t looked[ERPSYNC_HASH_LEN];
	const struct station_session session = {
	    r->job, r->folder, r->progress, &r->report};
	struct erpsync_update_options opt;
	int rc = settle_system(r, e);

	if (rc != 0)
		return rc;
	opt = job->update;
	opt.lang = (uint8_t)(job->speech.lang == LANG_PT ? 1
		: job->speech.lang == LANG_ES            ? 2
							 : 3);
	opt.ask = ask;
	opt.interrupted = interrupted;
	opt.ctx = r;
	if (job->kept.vague) {
		if ((rc = station_job_spare(r, &opt, looked, e)) != 0)
			return rc;
		opt.release = looked;
	}
	/* What is only shown can be shown by day. */
	opt.download_only |= job->dry_run;
	return station_job_session(&session, &opt, e);
}

/* A report of it for who asked for a file, where an earlier one would pass for
 * that of this update; standard output stays as it is. */
static void
report_failed(
    struct running *r, const struct err *failed, const struct advice *told)
{
	struct erpsync_report none = {.changes_n = 0}, *known = r->report;
	struct err e;

	if (r->job->output.report == NULL)
		return;
	if (known == NULL)
		r->report = &none;
	if (station_job_report(r, failed, told, &e) != 0)
		messages_warn(stderr, r->job->speech.lang, e.msg);
	r->report = known;
}

/* Everything that is said after a failure. */
static struct station_end
fail(struct running *r, const struct err *e)
{
	static const struct advice by_hand = {UPD040, DO040},
				   fetch = {UPD035, DO019};
	struct station_end end = {failure_exit(e->code), true};
	const char *first = r->job->dry_run ? CLI015 : K2;
	bool stuck = stuck_is(r->folder, e->code);
	enum lang lang = r->job->speech.lang;
	const struct advice *told = NULL;

	if (stuck)
		told = &by_hand;
	else if (r->folder != NULL && r->job->update.apply_only &&
	    e->code == ERP_NOTFOUND)
		told = &fetch;
	if (told != NULL)
		said_advice(&r->job->said, lang, first, *told, e->msg);
	else
		said_failure(&r->job->said, lang, first, e);
	report_failed(r, e, told);
	if (stuck) {
		end.exit_code = EXIT_RECOVERY;
		end.may_start = false;
		return end;
	}
	/* Not what does not fit the server, unless this station has refused
	 * what does, and not against the person. */
	if (e->code == ERP_CANCELLED || r->folder == NULL ||
	    (e->code != ERP_HEALTH && r->report != NULL &&
		r->report->verdict == ERPSYNC_INCOMPATIBLE))
		end.may_start = false;
	return end;
}

static int
open_and_update(struct running *r, struct err *e)
{
	int rc = open_folder(r, e);

	return rc != 0 ? rc : update(r, e);
}

/* Is there something to do, and somebody else at it?  What was refused here is
 * not what he does. */
static bool
is_awaited(const struct running *r)
{
	struct err why;

	return r->report != NULL && r->report->outcome == ERPSYNC_OUTDATED &&
	    r->report->refusal.code != ERPSYNC_HEALTH &&
	    station_job_why_look(r, &why) == ERP_HELD;
}

/*
 * Before a program is started: whoever holds the folder gets some time, so
 * that the program is of the new release, and names that are being changed
 * get more.
 */
static int
open_and_update_patiently(struct running *r, struct err *e)
{
	const struct clock *c = clock_real();
	uint64_t began = clock_ms(c), waited;
	int rc = open_and_update(r, e);
	struct err why;

	while (r->folder == NULL ? rc == ERP_HELD || rc == ERP_UNFINISHED
				 : rc == 0 && is_awaited(r)) {
		if (interrupted(r))
			return err_set(e, ERP_CANCELLED, "stopped on request");
		waited = clock_ms(c) - began;
		if (waited >=
		    (r->folder == NULL ? WAIT_SWAP_MS : WAIT_UPDATE_MS))
			break;
		erpsync_folder_close(r->folder);
		r->folder = NULL;
		clock_sleep_ms(NULL, LOOK_MS);
		rc = open_folder(r, e);
		if (rc != 0 ||
		    (r->report != NULL && station_job_why_look(r, &why)))
			continue;
		erpsync_report_free(r->report);
		r->report = NULL;
		rc = update(r, e);
	}
	return rc;
}

/* The last look before the start: names that are being changed now. */
static void
await_whole(struct running *r, struct station_end *end)
{
	const struct clock *c = clock_real();
	uint64_t began = clock_ms(c);
	struct erpsync_error error;
	struct err e;
	int rc;

	while ((rc = erpsync_folder_check_whole(r->folder, &error)) ==
		ERPSYNC_UNFINISHED &&
	    !interrupted(r) && clock_ms(c) - began < WAIT_SWAP_MS)
		clock_sleep_ms(NULL, LOOK_MS);
	if (rc == 0)
		return;
	(void)fault_take(&e, &error);
	said_failure(&r->job->said, r->job->speech.lang, K2, &e);
	end->exit_code = failure_exit(e.code);
	end->may_start = false;
}

/* Only the start of what is there, once it is whole. */
static struct station_end
start_unasked(struct running *r)
{
	const struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .read_only = true};
	struct station_end end = {EXIT_USAGE, true};
	struct erpsync_error error;
	struct err e;

	if (erpsync_folder_open(r->job->dir, &opt, &r->folder, &error) == 0) {
		await_whole(r, &end);
	} else {
		(void)fault_take(&e, &error);
		end = fail(r, &e);
	}
	return end;
}

/* Its key is in the file of its certificate, unless it says another. */
static void
warn_of_key(const struct station_job *job)
{
	const struct erpsync_security *s = &job->update.security;
	char line[LINE_BYTES];

	if (config_warn_key(
		s->key != NULL ? s->key : s->certificate, line, sizeof(line)))
		messages_warn(stderr, job->speech.lang, line);
}

static struct station_end
update_and_tell(struct running *r)
{
	struct station_job *job = r->job;
	struct progress_sink window;
	struct progress_options opt = {
	    .out = station_job_has_lines(job) ? stdout : stderr,
	    .clock = clock_real(),
	    .folder = job->dir,
	    .lang = job->speech.lang,
	    .mode = station_job_progress(job),
	};
	struct station_end end;
	struct err e;
	int rc;

	warn_of_key(job);
	if ((r->window = station_job_window(job)) != NULL) {
		window = window_sink(r->window);
		opt.window = &window;
	}
	if ((rc = progress_new(&opt, &r->progress, &e)) == 0)
		rc = job->starts ? open_and_update_patiently(r, &e)
				 : open_and_update(r, &e);
	if (r->progress != NULL)
		progress_end_line(r->progress);
	end = rc == 0 ? station_job_outcome(r) : fail(r, &e);
	if (job->starts && end.may_start && r->folder != NULL)
		await_whole(r, &end);
	progress_free(r->progress);
	return end;
}

/* Two folders, of which neither is held nor changed. */
static struct station_end
compare_and_tell(struct running *r)
{
	struct station_end end = {EXIT_OK, false};
	struct station_job *job = r->job;
	struct erpsync_error error;
	struct err e;

	if (erpsync_compare(job->dir, job->other, &job->update.rules,
		&r->report, &error) == 0)
		return station_job_outcome(r);
	(void)fault_take(&e, &error);
	said_failure(&job->said, job->speech.lang, CLI015, &e);
	report_failed(r, &e, NULL);
	end.exit_code = failure_exit(e.code);
	return end;
}

/* Wait for the time to begin; by the clock on the wall, which a machine that
 * slept has right. */
static int
await_moment(struct running *r, struct err *e)
{
	const struct clock *c = clock_real();
	struct station_job *job = r->job;
	int64_t until = moment_next(job->at.of_day, clock_s(c));
	char date[FIGURES_MAX];

	figures_time(date, until);
	if (!job->speech.quiet)
		messages_print(stderr, job->speech.lang, UPD018, date);
	while (clock_s(c) < until) {
		if (interrupted(r))
			return err_set(e, ERP_CANCELLED, "stopped on request");
		clock_sleep_ms(NULL, LOOK_MS);
	}
	return 0;
}

struct station_end
station_job_run(struct station_job *job)
{
	struct running r = {.job = job};
	struct station_end end;
	struct err e;

	/* A comparison may end at any time. */
	if (job->other == NULL)
		signals_catch();
	station_job_lines_begin(job);
	if (job->other != NULL)
		end = compare_and_tell(&r);
	else if (job->at.is_given && await_moment(&r, &e) != 0)
		end = fail(&r, &e);
	else
		end = job->unasked ? start_unasked(&r) : update_and_tell(&r);
	station_job_lines_end(job, r.report, &end);
	/* Nobody waits for a person who reads. */
	erpsync_report_free(r.report);
	erpsync_folder_close(r.folder);
	station_job_close(&r, &end);
	return end;
}
