/* One update or dry run of a client folder, and what is said about it. */
#include "cli/station_job.h"

#include "cli/cmd.h"
#include "cli/health.h"
#include "cli/progress/progress.h"
#include "cli/report/report.h"
#include "cli/signals.h"
#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "engine/tree/manifest.h"
#include "transport/api/erpsync.h"
#include "transport/net/retry.h"
#include "transport/net/threads.h"
#include "transport/station/station.h"

#include <bsd/string.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

/* Everything that lives while the job runs. */
struct running {
	struct station_job *job;
	struct folder *folder;
	struct progress *progress;
	struct observer obs; /* tells shown */
	struct erpsync_observer shown;
	struct utsname host;
	struct station *station; /* the last one, for its report */
	struct filter exclude;
	char build[TEXT_SHORT + 1]; /* the client's, before the update; or "" */
};

/* The client's build code: as given, or of the release installed by us. */
static void
note_build(struct running *r)
{
	const struct folder_state *state = folder_state(r->folder);
	const char *build = r->job->update.build;

	if (build == NULL)
		build = state->known ? state->manifest.build : "";
	(void)strlcpy(r->build, build, sizeof(r->build));
}

static int
make_station(void *ctx, struct station **out, struct err *e)
{
	struct running *r = ctx;
	const struct station_job *job = r->job;
	struct station_options opt;
	int rc;

	memset(&opt, 0, sizeof(opt));
	opt.folder = r->folder;
	opt.clock = clock_real();
	opt.obs = &r->obs;
	opt.filter = &r->exclude;
	opt.station_id = job->update.station_id;
	opt.arch = r->host.machine;
	opt.build = r->build;
	opt.os = (enum path_os)job->update.os;
	opt.lang = (uint8_t)(job->speech.lang == LANG_PT ? 1
		: job->speech.lang == LANG_ES            ? 2
							 : 3);
	opt.dry_run = job->dry_run;
	opt.agreed = job->update.agreed;
	opt.checksum = job->update.rules.checksum;
	opt.whole_file = job->update.rules.whole_file;
	opt.remove = job->update.rules.remove;
	opt.modify_window = job->update.rules.modify_window;
	opt.force = job->update.rules.force;
	opt.max_delete = job->update.rules.max_delete;
	/* The one before belongs to a broken link: its folder is the same. */
	opt.before = r->station;
	rc = station_new(&opt, out, e);
	station_free(r->station);
	r->station = *out;
	return rc;
}

static bool
ask(void *ctx, struct station *st)
{
	struct running *r = ctx;
	const struct station_report *report = station_report(st);

	if (r->job->no)
		return false;
	progress_end_line(r->progress);
	messages_print(stderr, r->job->speech.lang, UPD010,
	    r->build[0] != '\0' ? r->build : "-", report->welcome.build);
	return messages_ask(r->job->speech.lang, K1);
}

static const char *
codec_name(enum codec codec)
{
	switch (codec) {
	case CODEC_FULL:
		return "full";
	case CODEC_RSYNC:
		return "rsync";
	case CODEC_PATCH:
		return "patch";
	}
	return "?";
}

static enum report_verdict
verdict_word(enum verdict v)
{
	switch (v) {
	case VERDICT_COMPATIBLE:
		return REPORT_COMPATIBLE;
	case VERDICT_INCOMPATIBLE:
		return REPORT_INCOMPATIBLE;
	case VERDICT_DISABLED:
	case VERDICT_BUSY: /* is an error before any report */
		return REPORT_DISABLED;
	case VERDICT_NO_PACKAGE:
		return REPORT_NO_PACKAGE;
	}
	return REPORT_DISABLED;
}

/* Sizes of the files that travelled, less what travelled as such. */
static void
count_matched(struct report *to, const struct station_report *from)
{
	uint64_t sizes = 0;
	size_t i;

	for (i = 0; i < to->n; i++)
		if (from->items[i].transfer)
			sizes += to->v[i].size;
	to->literal = from->blob_bytes;
	to->matched = sizes > to->literal ? sizes - to->literal : 0;
}

static int
fill_report(struct running *r, struct report *to, struct err *e)
{
	const struct station_report *from = station_report(r->station);
	size_t i;
	int rc = 0;

	memset(to, 0, sizeof(*to));
	to->dry_run = r->job->dry_run;
	to->folder = r->job->dir;
	to->server = r->job->shown;
	to->from_build = r->build[0] != '\0' ? r->build : NULL;
	to->to_build =
	    from->welcome.build[0] != '\0' ? from->welcome.build : NULL;
	to->release = from->welcome.release;
	to->verdict = verdict_word(from->welcome.verdict);
	to->refusal = from->refusal.code != 0 ? &from->refusal : NULL;
	to->sent = from->sent;
	to->received = from->received;
	to->elapsed_ms = from->elapsed_ms;
	if (from->plan == NULL)
		return 0;
	if ((rc = report_take_plan(to, from->plan, e)) != 0)
		return rc;
	for (i = 0; i < to->n; i++) {
		if (!from->items[i].transfer)
			continue;
		to->v[i].codec = from->items[i].codec != 0
		    ? codec_name(from->items[i].codec)
		    : NULL;
		to->v[i].sent = from->items[i].sent;
		to->v[i].received = from->items[i].received;
	}
	count_matched(to, from);
	return 0;
}

/* Was there something to do, and may the program be started after it? */
static struct station_end
conclude(const struct station_job *job, const struct station_report *r)
{
	struct station_end end = {EXIT_OK, true};

	switch (r->welcome.verdict) {
	case VERDICT_DISABLED:
		if (!job->speech.quiet)
			messages_print(stderr, job->speech.lang, UPD012);
		end.exit_code = EXIT_DISABLED;
		return end;
	case VERDICT_NO_PACKAGE:
		if (!job->speech.quiet)
			messages_print(stderr, job->speech.lang, UPD013,
			    (enum path_os)job->update.os == PATH_OS_WINDOWS
				? "windows"
				: (enum path_os)job->update.os == PATH_OS_MACOSX
				? "macosx"
				: "linux");
		end.exit_code = EXIT_DISABLED;
		return end;
	case VERDICT_COMPATIBLE:
	case VERDICT_INCOMPATIBLE:
	case VERDICT_BUSY:
		break;
	}
	if (r->outcome == OUTCOME_DECLINED) {
		messages_print(stderr, job->speech.lang, UPD011);
		end.exit_code = EXIT_DECLINED;
		end.may_start = false;
	} else if (r->outcome == OUTCOME_DRY_RUN && r->plan != NULL &&
	    !plan_is_empty(r->plan)) {
		end.exit_code = EXIT_DIFFERENCES;
	}
	return end;
}

/* The plain words of an update without a report. */
static void
say_outcome(const struct station_job *job, const struct report *report,
    enum outcome outcome)
{
	char id[HASH_HEX_LEN + 1];

	if (job->speech.quiet || job->dry_run)
		return;
	hash_hex(&report->release, id);
	id[12] = '\0';
	if (outcome == OUTCOME_CURRENT && report->v != NULL)
		messages_print(stdout, job->speech.lang, UPD006);
	else if (outcome == OUTCOME_UPDATED)
		messages_print(stdout, job->speech.lang, UPD007,
		    report->from_build != NULL ? report->from_build : "-",
		    report->to_build != NULL ? report->to_build : id);
}

/* Everything that is said after a session that went well. */
static struct station_end
tell(struct running *r)
{
	const struct station_job *job = r->job;
	const struct station_report *from = station_report(r->station);
	struct station_end end = conclude(job, from);
	struct report report;
	struct err e;
	int rc = fill_report(r, &report, &e);

	if (rc == 0 && job->output.format >= 0 && from->plan != NULL)
		rc =
		    report_write(stdout, (enum report_format)job->output.format,
			job->speech.lang, &report, &e);
	else if (rc == 0 && from->plan != NULL)
		say_outcome(job, &report, from->outcome);
	/* These have no place for it. */
	if (rc == 0 && report.refusal != NULL &&
	    (job->output.format == REPORT_ITEMIZE ||
		job->output.format == REPORT_CSV))
		messages_failure(
		    stderr, job->speech.lang, REP065, report.refusal);
	if (rc == 0 && job->output.stats && from->plan != NULL)
		report_stats(stdout, &report);
	if (rc != 0) {
		messages_reason(stderr, job->speech.lang, &e);
		end.exit_code = exit_of_error(rc);
	}
	report_release(&report);
	return end;
}

/*
 * A server sends programs, but what a station runs by itself is for its
 * administrator to say: a HealthCheck in an INI file that came with the
 * release is none.
 */
static void
disbelieve_ini(struct running *r)
{
	const struct folder_state *state = folder_state(r->folder);
	struct station_job *job = r->job;
	size_t i;

	for (i = 0; job->health.of_ini && i < state->manifest.n; i++) {
		if (strcasecmp(
			state->manifest.v[i].path, job->health.ini_name) != 0)
			continue;
		job->health.command[0] = '\0';
		job->health.of_ini = false;
		if (!job->speech.quiet)
			messages_print(stderr, job->speech.lang, CLI014,
			    job->health.ini_name);
	}
}

static int
health(void *ctx, const struct folder *f, struct err *e)
{
	struct running *r = ctx;

	if (r->job->health.command[0] == '\0')
		return 0;
	progress_end_line(r->progress);
	return health_run(&r->job->health.check, f, e);
}

static void
show(void *ctx, const struct event *ev)
{
	const struct erpsync_observer *to = ctx;
	const struct erpsync_event told = {(enum erpsync_event_kind)ev->kind,
	    ev->path, ev->text, ev->done, ev->total};

	to->event(to->ctx, &told);
}

static int
open_all(struct running *r, struct err *e)
{
	struct station_job *job = r->job;
	struct folder_options fopt;
	struct progress_options popt;
	size_t i;
	int rc;

	memset(&popt, 0, sizeof(popt));
	popt.out = stderr;
	popt.clock = clock_real();
	popt.folder = job->dir;
	popt.lang = job->speech.lang;
	popt.mode = job->speech.quiet || (job->dry_run && !job->output.progress)
	    ? PROGRESS_QUIET
	    : PROGRESS_AUTO;
	if ((rc = progress_new(&popt, &r->progress, e)) != 0)
		return rc;
	r->shown = progress_observer(r->progress);
	r->obs = (struct observer){show, &r->shown};
	(void)uname(&r->host);
	for (i = 0; i < job->exclude.n; i++)
		if ((rc = filter_add(&r->exclude, job->exclude.v[i], e)) != 0)
			return rc;
	memset(&fopt, 0, sizeof(fopt));
	fopt.fs = fs_real();
	fopt.clock = clock_real();
	fopt.obs = &r->obs;
	fopt.crew = threads_real();
	fopt.read_only = job->dry_run;
	fopt.sleep_ms = clock_sleep_ms;
	job->health.check.command = job->health.command;
	fopt.health = job->health.command[0] != '\0' ? health : NULL;
	fopt.health_ctx = r;
	if ((rc = folder_open(job->dir, &fopt, &r->folder, e)) == 0) {
		note_build(r);
		disbelieve_ini(r);
	}
	return rc;
}

static int
run_client(struct running *r, struct err *e)
{
	const struct station_job *job = r->job;
	struct retry_options opt;
	struct retry_result result;

	memset(&opt, 0, sizeof(opt));
	opt.host = job->update.server.host;
	opt.port = job->update.server.port;
	opt.connect_timeout_ms = job->update.server.connect_timeout_ms;
	opt.timeout_ms = job->update.server.timeout_ms;
	opt.bwlimit = job->update.server.bwlimit;
	opt.retries = job->update.server.retries;
	opt.clock = clock_real();
	opt.obs = &r->obs;
	opt.make_station = make_station;
	opt.ask = ask;
	opt.interrupted = signals_caught;
	opt.ctx = r;
	return retry_run(&opt, &result, e);
}

/* Everything that is said after a failure. */
static struct station_end
fail(struct running *r, const struct err *e)
{
	struct station_end end = {exit_of_error(e->code), true};
	const char *first = r->job->dry_run ? CLI015 : K2;
	enum lang lang = r->job->speech.lang;

	/* A folder that cannot be opened because of what it holds of ours
	 * needs a person; everything else left the old version whole. */
	if (r->folder == NULL ? e->code == ERP_CORRUPT
			      : folder_is_stuck(r->folder)) {
		fprintf(stderr, "%s\n", messages_text(lang, first));
		messages_stuck(stderr, lang, e);
		end.exit_code = EXIT_RECOVERY;
		end.may_start = false;
		return end;
	}
	messages_failure(stderr, lang, first, e);
	/* Not what does not fit the server, and not against the person. */
	if (e->code == ERP_CANCELLED || r->folder == NULL ||
	    (r->station != NULL &&
		station_report(r->station)->welcome.verdict ==
		    VERDICT_INCOMPATIBLE))
		end.may_start = false;
	return end;
}

struct station_end
station_job_run(struct station_job *job)
{
	struct station_end end = {EXIT_OK, false};
	struct running r;
	struct err e;
	int rc;

	memset(&r, 0, sizeof(r));
	filter_init(&r.exclude);
	r.job = job;
	signals_catch();
	if ((rc = open_all(&r, &e)) == 0)
		rc = run_client(&r, &e);
	if (r.progress != NULL)
		progress_end_line(r.progress);
	if (rc == 0)
		end = tell(&r);
	else
		end = fail(&r, &e);
	progress_free(r.progress);
	station_free(r.station);
	folder_close(r.folder);
	filter_release(&r.exclude);
	return end;
}
