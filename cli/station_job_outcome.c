/*
 * What is said of an update or dry run that went well, or that was not to be:
 * the plain words and the exit code, around the report (station_job_report.c).
 * station_job.c is before it.
 */
#include "cli/station_job_internal.h"

#include "cli/cmd.h"
#include "cli/fault.h"
#include "cli/messages/details.h"
#include "cli/moment.h"
#include "cli/streams.h"
#include "cli/stuck.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

int
station_job_why_look(const struct running *r, struct err *why)
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
say_none(struct station_job *job, const char *what, const char *act)
{
	enum lang lang = job->speech.lang;

	said_text(&job->said, lang, job->dry_run ? CLI015 : K2, what,
	    messages_text(lang, act));
}

/* Was there something to do, and may the program be started after it? */
static struct station_end
conclude(struct station_job *job, const struct erpsync_report *r)
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
	case ERPSYNC_NOT_NOW:
		moment_opening(
		    text, lang, r->opens_in_s, clock_s(clock_real()));
		if (!job->speech.quiet)
			say_none(job, text, r->opens_in_s > 0 ? DO016 : DO015);
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
	} else if (r->outcome == ERPSYNC_NONE_DOWNLOADED) {
		if (!job->speech.quiet && !station_job_has_lines(job))
			messages_print(stdout, lang, UPD019);
	} else if (r->outcome == ERPSYNC_DRY_RUN && is_changed(r)) {
		end.exit_code = EXIT_DIFFERENCES;
	}
	return end;
}

/* Another's folder, a full disk, or an update that runs: so it may stay.  All
 * else keeps the folder from ever being updated again. */
static bool
is_expected(const struct running *r, int code)
{
	struct erpsync_folder_info info = {.size = sizeof(info)};

	erpsync_folder_info(r->folder, &info);
	return !info.needs_person &&
	    (code == ERP_AUTH || code == ERP_NOSPACE || code == ERP_HELD);
}

/* Why the folder stays outdated, under K2, or will, without; damage of what is
 * ours as ever. */
static void
say_kept(const struct running *r, const char *first, const struct err *why)
{
	enum lang lang = r->job->speech.lang;

	if (stuck_is(NULL, why->code))
		said_advice(&r->job->said, lang, first,
		    (struct advice){UPD040, DO040}, why->msg);
	else
		said_failure(&r->job->said, lang, first, why);
}

/* What is said where the folder was only looked at, and what it means. */
static void
conclude_look(const struct running *r, struct station_end *end)
{
	enum lang lang = r->job->speech.lang;
	char detail[DETAIL_MAX];
	struct err why;
	int code = station_job_why_look(r, &why);
	bool outdated = r->report->outcome == ERPSYNC_OUTDATED;

	if (code == 0)
		return;
	details_text(lang, why.msg, detail);
	if (outdated && r->report->verdict == ERPSYNC_INCOMPATIBLE &&
	    r->report->refusal.code != ERPSYNC_HEALTH &&
	    r->report->from_build[0] != '\0') {
		say_kept(r, K2, &why);
		end->exit_code = failure_exit(code);
		end->may_start = false;
	} else if (!is_expected(r, code)) {
		if (outdated || !r->job->speech.quiet)
			say_kept(r, outdated ? K2 : NULL, &why);
	} else if (code != ERP_HELD && !r->job->speech.quiet) {
		messages_print(stderr, lang,
		    code == ERP_NOSPACE ? CLI032 : CLI030, detail);
	} else if (outdated && !r->job->speech.quiet) {
		messages_print(stderr, lang, CLI031, detail);
	}
}

/* The plain words of an update without a report. */
static void
say_outcome(const struct station_job *job, const struct erpsync_report *report)
{
	char hex[HASH_HEX_LEN + 1];
	struct hash id;

	if (job->speech.quiet || job->dry_run || station_job_has_lines(job))
		return;
	memcpy(id.b, report->release, sizeof(id.b));
	hash_hex(&id, hex);
	hex[12] = '\0';
	if (report->outcome == ERPSYNC_DOWNLOADED)
		messages_print(stdout, job->speech.lang, UPD017);
	else if (report->outcome == ERPSYNC_CURRENT)
		messages_print(stdout, job->speech.lang, UPD006);
	else if (report->outcome == ERPSYNC_UPDATED)
		messages_print(stdout, job->speech.lang, UPD007,
		    report->from_build[0] != '\0' ? report->from_build : "-",
		    report->to_build[0] != '\0' ? report->to_build : hex);
}

/* What was to be said did not arrive.  An update is what it is; a check that
 * nobody can read has failed. */
static void
tell_lost(
    const struct station_job *job, const struct err *e, struct station_end *end)
{
	if (job->dry_run) {
		messages_plain(stderr, job->speech.lang, e);
		end->exit_code = failure_exit(e->code);
	} else {
		messages_warn(stderr, job->speech.lang, e->msg);
	}
}

struct station_end
station_job_outcome(struct running *r)
{
	struct station_job *job = r->job;
	struct station_end end = conclude(job, r->report);
	struct err e;
	int rc = 0, lost;

	conclude_look(r, &end);
	if (r->report->compared || r->report->verdict > ERPSYNC_INCOMPATIBLE)
		rc = station_job_report(r, NULL, NULL, &e);
	if (r->report->compared && job->output.format < 0)
		say_outcome(job, r->report);
	lost = streams_flush();
	if (rc == 0 && lost != 0)
		rc = err_sys(&e, lost, "write", "standard output");
	/* Who closed his end wanted no more of it. */
	if (rc != 0 && lost != EPIPE)
		tell_lost(job, &e, &end);
	return end;
}
