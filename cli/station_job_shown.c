/*
 * Beside station_options.c: the options of what update, check and run show,
 * and which of them go together.
 */
#include "cli/station_job_internal.h"

#include "cli/progress/progress.h"
#include "cli/report/report.h"

#include <stddef.h>
#include <string.h>

static bool take_report(struct opt *o, void *out);

/* Where in what is shown an option goes. */
#define AT(field) .offset = offsetof(struct station_output, field)

const struct opt_row station_shown_rows[] = {
    {'i', "itemize-changes", NULL, "a line for each change, as rsync's",
	opt_flag, AT(itemize)},
    {0, "stats", NULL, "figures at the end, as rsync's", opt_flag, AT(stats)},
    {0, "format", "text|itemize|json|csv|html|brief", "report's form",
	opt_choice, AT(format)},
    {0, "brief", NULL, "one line that tells all, for scripts and mails",
	opt_flag, AT(brief)},
    {0, "report", "FILE",
	"write a report, of an update too (.html, .json, .csv, .txt)",
	take_report, AT(report)},
    {0, "diff", NULL, "in it, the lines of text files that change", opt_flag,
	AT(diff)},
    {0, "rate", "RATE", "what the link moves, to tell the time: as --bwlimit",
	opt_rate, AT(rate)},
    {0, "all", NULL, "list also what differs in time only", opt_flag, AT(all)},
    {0, "progress", "bar|plain|json|zenity",
	"show progress of a dry run, too, and in which form", opt_progress,
	AT(progress), .may_lack = true},
    {0, "window", "auto|always|never",
	"show all in a window; auto: without a console", opt_choice,
	AT(window)},
    {'v', "verbose", NULL, "report an update, too, and in it all files",
	opt_flag, AT(verbose)},
    {.name = NULL},
};

/* One is written; the other would be missed. */
static bool
take_report(struct opt *o, void *out)
{
	const char **file = out;

	if (*file == NULL || *file == o->arg)
		return opt_text(o, out);
	(void)opt_usage(o,
	    "--report is there twice, and one report is written; give it once");
	return false;
}

void
station_job_shown_init(struct station_output *output)
{
	output->format = -1;
	output->progress = -1;
}

int
station_job_shown_settle(struct station_job *job, struct opt *o)
{
	struct station_output *output = &job->output;

	if (output->report != NULL &&
	    (output->report[0] == '\0' || strcmp(output->report, "-") == 0)) {
		(void)opt_usage(o,
		    "--report takes the name of a file; on standard output "
		    "--format shows the same");
		return OPT_STOP;
	}
	if (output->itemize && output->format < 0)
		output->format = REPORT_ITEMIZE;
	if (output->brief)
		output->format = REPORT_BRIEF;
	if (station_job_has_lines(job) &&
	    (output->format >= 0 || output->stats)) {
		(void)opt_usage(o,
		    "--progress=json and zenity have standard output for "
		    "themselves: do without --format, -i and --stats");
		return OPT_STOP;
	}
	output->all |= output->verbose;
	if ((job->dry_run || output->verbose) && output->format < 0 &&
	    !job->speech.quiet && !station_job_has_lines(job))
		output->format = REPORT_TEXT;
	return OPT_END;
}

enum progress_mode
station_job_progress(const struct station_job *job)
{
	bool asked = job->output.progress >= 0;

	if (station_job_has_lines(job))
		return (enum progress_mode)job->output.progress;
	if (job->speech.quiet || (job->dry_run && !asked))
		return PROGRESS_QUIET;
	return asked ? (enum progress_mode)job->output.progress : PROGRESS_AUTO;
}

bool
station_job_has_lines(const struct station_job *job)
{
	return job->output.progress == PROGRESS_JSON ||
	    job->output.progress == PROGRESS_ZENITY;
}
