/*
 * The report of an update, of a dry run or of two folders: what is known, and
 * the streams and the file that it goes to.  Below station_job_outcome.c; the
 * forms are in cli/report.
 */
#include "cli/station_job_internal.h"

#include "cli/fault.h"
#include "cli/in_use.h"
#include "cli/report/contents.h"
#include "cli/report/report.h"
#include "cli/station_ini.h"
#include "cli/streams.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/path_file.h"
#include "engine/base/who.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

int
station_job_folders(struct station_job *job, struct opt *o)
{
	if (!opt_operands(o, 2, 2))
		return OPT_STOP;
	if (job->dir != NULL || job->named.option != NULL) {
		(void)opt_usage(
		    o, "two folders are compared without --dir and --server");
		return OPT_STOP;
	}
	job->dir = o->argv[o->first];
	job->other = o->argv[o->first + 1];
	job->update.rules.exclude = (const char *const *)job->exclude.v;
	job->update.rules.exclude_n = job->exclude.n;
	job->speech.lang = station_ini_lang(job->dir, job->speech.language);
	return station_job_shown_settle(job, o);
}

/* A report with what it points to. */
struct told {
	struct report report;
	struct err refusal;
	struct contents *contents;
	char station[256];
	char in_use[1024];
	char before[4096]; /* where the old contents are, or "" */
};

static const char *
known_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
take_facts(struct told *t, const struct running *r)
{
	const char *id = r->job->update.station_id;
	struct report_facts *to = &t->report.facts;

	if (id != NULL)
		(void)strlcpy(t->station, id, sizeof(t->station));
	else
		who_host(t->station, sizeof(t->station));
	to->station = known_or_null(t->station);
	to->date = clock_s(clock_real());
	if (r->report->opens_in_s > 0)
		to->opens = to->date + r->report->opens_in_s;
	to->rate = r->job->output.rate;
	to->outlook = r->report->outlook;
	to->seal = r->report->seal;
	if (r->job->dry_run && r->job->other == NULL &&
	    in_use_list(r->job->dir, t->report.v, t->report.n, t->in_use,
		sizeof(t->in_use)) > 0)
		to->in_use = t->in_use;
}

/* What comes from the library as it is. */
static void
take_report(struct report *to, const struct erpsync_report *from)
{
	to->from_build = known_or_null(from->from_build);
	to->to_build = known_or_null(from->to_build);
	to->verdict = from->verdict;
	to->v = from->changes;
	to->n = from->changes_n;
	to->sent = from->sent;
	to->received = from->received;
	to->literal = from->literal;
	to->matched = from->matched;
	to->elapsed_ms = from->elapsed_ms;
	memcpy(to->release.b, from->release, sizeof(to->release.b));
}

/* Where the old files are, and the new ones, as far as they are here: of a
 * check the old ones, of an update both, if it made a backup. */
static struct contents_options
contents_where(struct told *t, const struct running *r)
{
	const struct station_job *job = r->job;
	struct contents_options where = {.diff = job->output.diff};

	if (job->other != NULL || job->dry_run) {
		where.old_folder = job->dir;
		where.new_folder = job->other;
	} else if (r->report->outcome == ERPSYNC_UPDATED ||
	    r->report->outcome == ERPSYNC_CURRENT) {
		where.new_folder = job->dir;
		if (r->report->outlook.backup > 0 &&
		    snprintf(t->before, sizeof(t->before), "%s/bkp_remote.%03d",
			job->dir,
			r->report->outlook.backup) < (int)sizeof(t->before))
			where.old_folder = t->before;
	}
	return where;
}

static int
tell_all(
    struct told *t, struct running *r, const struct err *failed, struct err *e)
{
	const struct station_job *job = r->job;
	struct contents_options where;

	memset(t, 0, sizeof(*t));
	t->report.dry_run = job->dry_run;
	t->report.all = job->output.all;
	t->report.folder = job->dir;
	t->report.other = job->other;
	t->report.server = known_or_null(job->shown);
	take_report(&t->report, r->report);
	take_facts(t, r);
	t->report.failed = failed != NULL;
	if (failed != NULL) {
		t->report.refusal = failed;
	} else if (r->report->refusal.code != 0) {
		(void)fault_take(&t->refusal, &r->report->refusal);
		t->report.refusal = &t->refusal;
	}
	where = contents_where(t, r);
	t->report.contents = NULL;
	if (contents_make(t->report.v, t->report.n, &where, &t->contents, e) !=
	    0)
		return e->code;
	t->report.contents = t->contents;
	return 0;
}

/* The whole path of a file that may not be there yet; false: it has no
 * folder. */
static bool
whole_path(const char *path, char out[PATH_BYTES])
{
	char *whole = realpath(path, NULL);
	bool is_known;
	struct at at = {-1, ""};

	if (whole == NULL &&
	    path_file_open_folder(fs_real(), path, &at, NULL) == 0) {
		fs_close_quietly(fs_real(), &at.dir);
		(void)snprintf(
		    out, PATH_BYTES, "%.*s.", (int)(at.path - path), path);
		whole = realpath(out, NULL);
	}
	is_known = whole != NULL;
	if (is_known)
		(void)snprintf(out, PATH_BYTES, "%s%s%s", whole,
		    at.path[0] != '\0' ? "/" : "", at.path);
	free(whole);
	return is_known;
}

/* Has the release that is installed here this file, as far as can be seen? */
static bool
has(const struct running *r, const char *path)
{
	const struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .read_only = true};
	struct erpsync_folder *look;
	bool found;

	if (r->folder != NULL)
		return erpsync_folder_has(r->folder, path);
	/* Somebody else may hold it. */
	if (erpsync_folder_open(r->job->dir, &opt, &look, NULL) != 0)
		return true;
	found = erpsync_folder_has(look, path);
	erpsync_folder_close(look);
	return found;
}

/* Is it, or could it be, one of the files of this folder? */
static bool
is_clients(const struct running *r, const char *folder, const char *path)
{
	char *root = realpath(folder, NULL), file[PATH_BYTES];
	size_t n = root != NULL ? strlen(root) : 0;
	bool lies_there = n > 0 && whole_path(path, file) &&
	    strncmp(file, root, n) == 0 && file[n] == '/';

	free(root);
	return lies_there &&
	    (r->job->other != NULL || report_format_of(file) < 0 ||
		has(r, file + n + 1));
}

/* The file that was asked for; whatever became of it is in e. */
static int
write_file(const struct running *r, const struct report *report, struct err *e)
{
	const struct station_job *job = r->job;
	const char *path = job->output.report;
	int format = report_format_of(path), rc;
	struct report_sink sink = {NULL, REPORT_TEXT, job->speech.lang};

	if (is_clients(r, job->dir, path) ||
	    (job->other != NULL && is_clients(r, job->other, path)))
		return err_path(e, ERP_USAGE, path,
		    "lies in a client folder and could be one of its files: "
		    "give another folder, or a name that no release has and "
		    "that ends with .html, .json, .csv or .txt");
	if (format < 0)
		format = job->output.format;
	if (format >= 0)
		sink.format = (enum report_format)format;
	if ((sink.out = streams_create(path, STREAMS_FULL_S * 1000)) == NULL)
		return errno == ENXIO
		    ? err_path(e, ERP_IO, path, STREAMS_UNREAD)
		    : err_sys(e, errno, "open", path);
	rc = report_write(report, &sink, 1, e);
	if (fclose(sink.out) != 0 && rc == 0)
		rc = err_sys(e, errno, "write", path);
	return rc;
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

static int
write_output(
    const struct station_job *job, const struct report *report, struct err *e)
{
	const struct report_sink sink = {
	    stdout, (enum report_format)job->output.format, job->speech.lang};
	int rc = job->output.format < 0 ? 0 : report_write(report, &sink, 1, e);

	/* These have no place for it. */
	if (rc == 0 && report->refusal != NULL &&
	    (job->output.format < 0 || job->output.format == REPORT_ITEMIZE ||
		job->output.format == REPORT_CSV))
		messages_failure(
		    stderr, job->speech.lang, REP065, report->refusal);
	if (rc == 0 && job->output.stats)
		report_stats(stats_stream(job), report);
	return rc;
}

int
station_job_report(struct running *r, const struct err *failed,
    const struct advice *told, struct err *e)
{
	struct err of_file;
	struct told t;
	int rc = tell_all(&t, r, failed, e), file_rc = 0;

	t.report.advice = told;
	if (rc == 0 && r->job->output.report != NULL)
		file_rc = write_file(r, &t.report, &of_file);
	/* That there is nothing, people have been told. */
	if (rc == 0 && failed == NULL &&
	    !(r->job->output.format <= REPORT_TEXT &&
		report_is_turned_away(&t.report)))
		rc = write_output(r->job, &t.report, e);
	if (rc == 0 && file_rc != 0) {
		*e = of_file;
		rc = file_rc;
	}
	contents_free(t.contents);
	return rc;
}
