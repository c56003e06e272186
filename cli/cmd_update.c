/*
 * erpsync update, check and run: the commands of a station.  Options become a
 * job (station_job.c), and its end an exit code or another program.
 */
#include "cli/cmd.h"

#include "cli/launch.h"
#include "cli/messages/messages.h"
#include "cli/moment.h"
#include "cli/opt.h"
#include "cli/signals.h"
#include "cli/station_job.h"
#include "cli/streams.h"
#include "engine/base/err.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The group of what is shown. */
#define SHOWN                                                                  \
	{                                                                      \
		station_shown_rows, offsetof(struct station_job, output)       \
	}

static bool
take_moment(struct opt *o, void *out)
{
	struct station_moment *at = out;

	at->is_given = moment_parse(o->arg, &at->of_day);
	if (!at->is_given)
		(void)opt_usage(o, "--at: '%s' is no time like 22:30", o->arg);
	return at->is_given;
}

/* Where in a job an option goes. */
#define AT(field) .offset = offsetof(struct station_job, field)

static const struct opt_row fetch_rows[] = {
    {0, "download-only", NULL, "fetch, and leave the rest to another update",
	opt_flag, AT(update.download_only)},
    {.name = NULL},
};

static const struct opt_row update_rows[] = {
    {0, "at", "HH:MM", "wait until it is this time", take_moment, AT(at)},
    {0, "apply", NULL, "put in place what was fetched, without a server",
	opt_flag, AT(update.apply_only)},
    {.name = NULL},
};

static const struct opt_command update_command = {"update", "",
    "Make a client folder equal to the server's release.",
    {{station_rows, 0}, {fetch_rows, 0}, {update_rows, 0}, SHOWN,
	{opt_common, offsetof(struct station_job, speech)}},
    false, K2};

static const struct opt_command check_command = {"check", "[OLD NEW]",
    "Show what an update would change and its exact bytes; changes nothing.\n"
    "With two folders: what would make OLD equal to NEW, without a server.",
    {{station_rows, 0}, SHOWN,
	{opt_common, offsetof(struct station_job, speech)}},
    false, CLI015};

static const struct opt_command run_command = {"run", "-- PROGRAM [ARG]...",
    "Update the client folder, then become the program.",
    {{station_rows, 0}, {fetch_rows, 0}, SHOWN, {station_start_rows, 0},
	{opt_common, offsetof(struct station_job, speech)}},
    true, K2};

/* What was complained of, in a window, too. */
static int
refused(struct station_job *job, const struct opt *o)
{
	if (job->said.what[0] == '\0')
		job->said = o->said;
	station_job_show(job, o->exit_code);
	return o->exit_code;
}

static int
run_once(const struct opt_command *command, int argc, char **argv,
    enum station_asker asker)
{
	struct station_job job;
	struct opt o;
	int code;

	opt_begin(&o, command, argc, argv);
	if (station_job_parse(&job, &o, asker) == OPT_STOP)
		code = refused(&job, &o);
	else
		code = station_job_run(&job).exit_code;
	station_job_release(&job);
	return code;
}

int
cmd_update(int argc, char **argv)
{
	return run_once(&update_command, argc, argv, STATION_UPDATES);
}

int
cmd_check(int argc, char **argv)
{
	return run_once(&check_command, argc, argv, STATION_CHECKS);
}

/* On Windows the code is the program's, and nothing need be told. */
static int
launch_or_tell(struct station_job *job, char **argv)
{
	int code;

	memset(&job->said, 0, sizeof(job->said));
	code = launch(argv, job->speech.lang, &job->said);
	station_job_show(job, code);
	return code;
}

int
cmd_run(int argc, char **argv)
{
	struct station_job job;
	struct station_end end;
	struct opt o;
	struct err e;
	int code;

	streams_bound();
	opt_begin(&o, &run_command, argc, argv);
	if (station_job_parse(&job, &o, STATION_UPDATES) == OPT_STOP) {
		code = refused(&job, &o);
		goto out;
	}
	job.starts = true;
	end = station_job_run(&job);
	code = end.exit_code;
	if (!end.may_start)
		goto out;
	/* The program is one of the folder, and runs there. */
	if (chdir(job.dir) != 0) {
		(void)err_sys(&e, errno, "change into", job.dir);
		said_failure(&job.said, job.speech.lang, NULL, &e);
		code = failure_exit(e.code);
		station_job_show(&job, code);
		goto out;
	}
	/* It is late, but not too late. */
	if (signals_caught() != 0) {
		(void)err_set(&e, ERP_CANCELLED, "interrupted");
		messages_reason(stderr, job.speech.lang, &e);
		code = failure_exit(e.code);
		goto out;
	}
	code = launch_or_tell(&job, argv + o.first);
out:
	streams_unbound();
	station_job_release(&job);
	return code;
}
