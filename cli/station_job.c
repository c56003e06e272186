/*
 * One update or dry run of a client folder, by the library, and what is said
 * about it: progress, report, the reason of a failure, the exit code.
 */
#include "cli/station_job.h"

#include "cli/cmd.h"
#include "cli/fault.h"
#include "cli/health.h"
#include "cli/messages/details.h"
#include "cli/progress/progress.h"
#include "cli/report/report.h"
#include "cli/signals.h"
#include "cli/streams.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Everything that lives while the job runs. */
struct running {
	struct station_job *job;
	struct progress *progress;
	struct erpsync_folder *folder; /* NULL: it could not be opened */
	struct erpsync_report *report; /* NULL: nothing was tried */
};

enum {
	LOOK_MS = 100, /* between looks whether a folder is free */
	WAIT_UPDATE_MS = 5000, /* so long for somebody else's update */
	WAIT_SWAP_MS = 20000 /* and so long while it changes names */
};

static bool
ask(void *ctx, const char *from_build, const char *to_build)
{
	struct running *r = ctx;

	if (r->job->no)
		return false;
	progress_end_line(r->progress);
	messages_print(stderr, r->job->speech.lang, UPD010,
	    from_build[0] != '\0' ? from_build : "-", to_build);
	return messages_ask(r->job->speech.lang, K1);
}

static int
interrupted(void *ctx)
{
	(void)ctx;
	return signals_caught();
}

static const char *
known_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* refusal is where the reason of one goes. */
static struct report
report_of(const struct running *r, struct err *refusal)
{
	const struct erpsync_report *from = r->report;
	struct report to = {
	    .dry_run = r->job->dry_run,
	    .all = r->job->output.all,
	    .folder = r->job->dir,
	    .server = r->job->shown,
	    .from_build = known_or_null(from->from_build),
	    .to_build = known_or_null(from->to_build),
	    .verdict = from->verdict,
	    .v = from->changes,
	    .n = from->changes_n,
	    .sent = from->sent,
	    .received = from->received,
	    .literal = from->literal,
	    .matched = from->matched,
	    .elapsed_ms = from->elapsed_ms,
	};

	memcpy(to.release.b, from->release, sizeof(to.release.b));
	if (from->refusal.code != 0) {
		(void)fault_take(refusal, &from->refusal);
		to.refusal = refusal;
	}
	return to;
}

static bool
is_changed(const struct erpsync_report *r)
{
	size_t i;

	for (i = 0; i < r->changes_n; i++)
		if (r->changes[i].action != ERPSYNC_ACTION_SAME &&
		    r->changes[i].action != ERPSYNC_ACTION_EXTRA)
			return true;
	return false;
}

/* Why the folder is only looked at, though it was to be updated: its code, or
 * 0. */
static int
why_read_only(const struct running *r, struct err *why)
{
	struct erpsync_folder_info info = {.size = sizeof(info)};

	if (r->folder == NULL)
		return 0;
	erpsync_folder_info(r->folder, &info);
	return info.why_read_only.code == 0
	    ? 0
	    : fault_take(why, &info.why_read_only);
}

/* No update, and nothing went wrong: what it was, and what to do. */
static void
say_none(const struct station_job *job, const char *what, const char *act)
{
	enum lang lang = job->speech.lang;

	fprintf(stderr, "%s\n%s\n",
	    messages_text(lang, job->dry_run ? CLI015 : K2), what);
	messages_print(stderr, lang, CLI009, messages_text(lang, act));
}

/* Was there something to do, and may the program be started after it? */
static struct station_end
conclude(const struct station_job *job, const struct erpsync_report *r)
{
	struct station_end end = {EXIT_OK, true};
	enum lang lang = job->speech.lang;
	char text[DETAIL_MAX];

	switch (r->verdict) {
	case ERPSYNC_DISABLED:
		if (!job->speech.quiet)
			say_none(job, messages_coded(lang, UPD012), DO012);
		end.exit_code = EXIT_DISABLED;
		return end;
	case ERPSYNC_NO_PACKAGE:
		(void)snprintf(text, sizeof(text), messages_coded(lang, UPD013),
		    path_os_name((enum path_os)job->update.os));
		if (!job->speech.quiet)
			say_none(job, text, DO013);
		end.exit_code = EXIT_DISABLED;
		return end;
	case ERPSYNC_COMPATIBLE:
	case ERPSYNC_INCOMPATIBLE:
	case ERPSYNC_SERVER_BUSY: /* is an error before any report */
		break;
	}
	if (r->outcome == ERPSYNC_DECLINED) {
		say_none(job, messages_coded(lang, UPD011), DO011);
		end.exit_code = EXIT_DECLINED;
		end.may_start = false;
	} else if (r->outcome == ERPSYNC_DRY_RUN && is_changed(r)) {
		end.exit_code = EXIT_DIFFERENCES;
	}
	return end;
}

/* What is said where the folder was only looked at, and what it means. */
static void
conclude_look(const struct running *r, struct station_end *end)
{
	enum lang lang = r->job->speech.lang;
	char detail[DETAIL_MAX];
	struct err why;
	int code = why_read_only(r, &why);
	bool outdated = r->report->outcome == ERPSYNC_OUTDATED;

	if (code == 0)
		return;
	details_text(lang, why.msg, detail);
	if (outdated && r->report->verdict == ERPSYNC_INCOMPATIBLE &&
	    r->report->from_build[0] != '\0') {
		messages_failure(stderr, lang, K2, &why);
		end->exit_code = exit_of_error(code);
		end->may_start = false;
	} else if (code != ERP_HELD && !r->job->speech.quiet) {
		messages_print(stderr, lang, CLI030, detail);
	} else if (outdated && !r->job->speech.quiet) {
		messages_print(stderr, lang, CLI031, detail);
	}
}

/* The plain words of an update without a report. */
static void
say_outcome(const struct station_job *job, const struct report *report,
    enum erpsync_outcome outcome)
{
	char id[HASH_HEX_LEN + 1];

	if (job->speech.quiet || job->dry_run)
		return;
	hash_hex(&report->release, id);
	id[12] = '\0';
	if (outcome == ERPSYNC_CURRENT)
		messages_print(stdout, job->speech.lang, UPD006);
	else if (outcome == ERPSYNC_UPDATED)
		messages_print(stdout, job->speech.lang, UPD007,
		    report->from_build != NULL ? report->from_build : "-",
		    report->to_build != NULL ? report->to_build : id);
}

/* What was to be said did not arrive.  An update is what it is; a check that
 * nobody can read has failed. */
static void
tell_lost(
    const struct station_job *job, const struct err *e, struct station_end *end)
{
	if (job->dry_run) {
		messages_reason(stderr, job->speech.lang, e);
		end->exit_code = exit_of_error(e->code);
	} else {
		messages_warn(stderr, job->speech.lang, e->msg);
	}
}

/* Forms that a program reads have no room for more than themselves. */
static FILE *
stats_stream(const struct station_job *job)
{
	return job->output.format == REPORT_JSON ||
		job->output.format == REPORT_CSV ||
		job->output.format == REPORT_HTML
	    ? stderr
	    : stdout;
}

/* Everything that is said after a session that went well. */
static struct station_end
tell(struct running *r)
{
	const struct station_job *job = r->job;
	struct station_end end = conclude(job, r->report);
	bool compared = r->report->compared;
	struct err e, refusal;
	struct report report = report_of(r, &refusal);
	const struct report_sink sink = {
	    stdout, (enum report_format)job->output.format, job->speech.lang};
	int rc = 0, lost;

	conclude_look(r, &end);
	if (job->output.format >= 0 && compared)
		rc = report_write(&report, &sink, 1, &e);
	else if (compared)
		say_outcome(job, &report, r->report->outcome);
	/* These have no place for it. */
	if (rc == 0 && report.refusal != NULL &&
	    (job->output.format == REPORT_ITEMIZE ||
		job->output.format == REPORT_CSV))
		messages_failure(
		    stderr, job->speech.lang, REP065, report.refusal);
	if (rc == 0 && job->output.stats && compared)
		report_stats(stats_stream(job), &report);
	lost = streams_flush();
	if (rc == 0 && lost != 0)
		rc = err_sys(&e, lost, "write", "standard output");
	/* Who closed his end wanted no more of it. */
	if (rc != 0 && lost != EPIPE)
		tell_lost(job, &e, &end);
	return end;
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

/* Whose files: what was told, else what the folder is, else those of Linux. */
static int
settle_system(struct running *r, struct err *e)
{
	struct station_job *job = r->job;
	int os = erpsync_folder_system(r->folder);
	const char *has, *told;
	FILE *text;

	if (!job->system.is_given)
		job->system.os = os >= 0 ? os : ERPSYNC_LINUX;
	job->update.os = (enum erpsync_os)job->system.os;
	if (os < 0 || os == job->system.os || job->update.rules.force)
		return 0;
	has = path_os_name((enum path_os)os);
	told = path_os_name((enum path_os)job->system.os);
	(void)err_set(e, ERP_USAGE, "the folder has the files of %s", has);
	if ((text = fmemopen(e->msg, sizeof(e->msg), "w")) != NULL) {
		messages_print(text, job->speech.lang, CLI016, has, told, has);
		(void)fclose(text);
		e->msg[strcspn(e->msg, "\n")] = '\0';
	}
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

static int
update(struct running *r, struct err *e)
{
	const struct station_job *job = r->job;
	struct erpsync_update_options opt;
	struct erpsync_error error;
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
	rc = job->dry_run ? erpsync_check(r->folder, &opt, &r->report, &error)
			  : erpsync_update(r->folder, &opt, &r->report, &error);

	return rc != 0 ? fault_take(e, &error) : 0;
}

static bool
is_stuck(const struct running *r, const struct err *e)
{
	struct erpsync_folder_info info = {.size = sizeof(info)};

	/* A folder that cannot be opened because of what it holds of ours
	 * needs a person; everything else left the old version whole. */
	if (r->folder == NULL)
		return e->code == ERP_CORRUPT;
	erpsync_folder_info(r->folder, &info);
	return info.stuck;
}

/* Everything that is said after a failure. */
static struct station_end
fail(struct running *r, const struct err *e)
{
	struct station_end end = {exit_of_error(e->code), true};
	const char *first = r->job->dry_run ? CLI015 : K2;
	enum lang lang = r->job->speech.lang;

	if (is_stuck(r, e)) {
		fprintf(stderr, "%s\n", messages_text(lang, first));
		messages_stuck(stderr, lang, e);
		end.exit_code = EXIT_RECOVERY;
		end.may_start = false;
		return end;
	}
	messages_failure(stderr, lang, first, e);
	/* Not what does not fit the server, and not against the person. */
	if (e->code == ERP_CANCELLED || r->folder == NULL ||
	    (r->report != NULL && r->report->verdict == ERPSYNC_INCOMPATIBLE))
		end.may_start = false;
	return end;
}

static int
open_and_update(struct running *r, struct err *e)
{
	int rc = open_folder(r, e);

	return rc != 0 ? rc : update(r, e);
}

/* Is there something to do, and somebody else at it? */
static bool
is_awaited(const struct running *r)
{
	struct err why;

	return r->report != NULL && r->report->outcome == ERPSYNC_OUTDATED &&
	    why_read_only(r, &why) == ERP_HELD;
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

	while (r->folder == NULL ? rc == ERP_HELD : rc == 0 && is_awaited(r)) {
		if (interrupted(NULL))
			return err_set(e, ERP_CANCELLED, "stopped on request");
		waited = clock_ms(c) - began;
		if (waited >=
		    (r->folder == NULL ? WAIT_SWAP_MS : WAIT_UPDATE_MS))
			break;
		erpsync_folder_close(r->folder);
		r->folder = NULL;
		clock_sleep_ms(NULL, LOOK_MS);
		rc = open_folder(r, e);
		if (rc != 0 || (r->report != NULL && why_read_only(r, &why)))
			continue;
		erpsync_report_free(r->report);
		r->report = NULL;
		rc = update(r, e);
	}
	return rc;
}

/* The last look before the start: names that are being changed now. */
static void
await_whole(const struct running *r, struct station_end *end)
{
	const struct clock *c = clock_real();
	uint64_t began = clock_ms(c);
	struct erpsync_error error;
	struct err e;
	int rc;

	while ((rc = erpsync_folder_is_whole(r->folder, &error)) == 0 &&
	    !interrupted(NULL) && clock_ms(c) - began < WAIT_SWAP_MS)
		clock_sleep_ms(NULL, LOOK_MS);
	if (rc == 1)
		return;
	if (rc == 0)
		(void)err_path(&e, ERP_HELD, r->job->dir,
		    "an update is running or was interrupted; run erpsync "
		    "recover");
	else
		(void)fault_take(&e, &error);
	messages_failure(stderr, r->job->speech.lang, K2, &e);
	end->exit_code = exit_of_error(e.code);
	end->may_start = false;
}

struct station_end
station_job_run(struct station_job *job)
{
	struct progress_options opt = {
	    .out = stderr,
	    .clock = clock_real(),
	    .folder = job->dir,
	    .lang = job->speech.lang,
	    .mode = job->speech.quiet || (job->dry_run && !job->output.progress)
		? PROGRESS_QUIET
		: PROGRESS_AUTO,
	};
	struct running r = {.job = job};
	struct station_end end;
	struct err e;
	int rc;

	signals_catch();
	if ((rc = progress_new(&opt, &r.progress, &e)) == 0)
		rc = job->starts ? open_and_update_patiently(&r, &e)
				 : open_and_update(&r, &e);
	if (r.progress != NULL)
		progress_end_line(r.progress);
	end = rc == 0 ? tell(&r) : fail(&r, &e);
	if (job->starts && end.may_start && r.folder != NULL)
		await_whole(&r, &end);
	progress_free(r.progress);
	erpsync_report_free(r.report);
	erpsync_folder_close(r.folder);
	return end;
}
