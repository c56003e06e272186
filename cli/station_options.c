/*
 * Between the command line and station_job.c: the options of update, check
 * and run.  What the INI files of the client folder tell where they do not is
 * found by station_job_server.c.
 */
#include "cli/station_job_internal.h"

#include "cli/cmd.h"

#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEALTH_MAX_S = 600, DAY_S = 24 * 60 * 60, RETRIES_MAX = 1000 };

static bool take_system(struct opt *o, void *out);
static bool take_limit(struct opt *o, void *out);
static bool take_command(struct opt *o, void *out);
static bool take_station_id(struct opt *o, void *out);
static bool take_pin(struct opt *o, void *out);

/* Where in a job an option goes. */
#define AT(field) .offset = offsetof(struct station_job, field)

const struct opt_row station_rows[] = {
    {'d', "dir", "DIR", "the client folder", opt_text, AT(dir)},
    {'s', "server", "HOST:PORT", "the server; else smartclient.ini tells",
	opt_text, AT(named.option)},
    {0, "os", "windows|linux|macosx",
	"whose files (default: those of the folder, else linux)", take_system,
	AT(system)},
    {0, "build", "CODE", "the client's build code", opt_text, AT(update.build)},
    {'y', "yes", NULL, "update an incompatible client without asking", opt_flag,
	AT(update.agreed)},
    {0, "no", NULL, "never update an incompatible client", opt_flag, AT(no)},
    {'n', "dry-run", NULL, "only show what would be done", opt_flag,
	AT(dry_run)},
    {'c', "checksum", NULL, "compare by content, not by size and time",
	opt_flag, AT(update.rules.checksum)},
    {'W', "whole-file", NULL, "transfer whole files, no deltas", opt_flag,
	AT(update.rules.whole_file)},
    {0, "delete", NULL,
	"delete what the release before had and this one has not", opt_flag,
	AT(update.rules.remove)},
    {0, "max-delete", "NUM",
	"refuse to delete more files (10, or a fifth of the release)",
	take_limit, AT(deletes), .most = ERPSYNC_ENTRIES_MAX},
    {0, "health-check", "COMMAND",
	"run it after an update; if it fails, go back", take_command,
	AT(health.option)},
    {0, "health-timeout", "SECONDS", "for the health check", opt_seconds,
	AT(health.check.timeout_ms), .least = 1, .most = HEALTH_MAX_S,
	.preset = "30"},
    {0, "force", NULL, "install also a release that failed the health check",
	opt_flag, AT(update.rules.force)},
    {0, "modify-window", "SECONDS", "times may differ by so much (FAT: 1)",
	opt_number, AT(update.rules.modify_window), .most = DAY_S},
    {0, "exclude", "PATTERN", "leave such files alone (repeatable)",
	opt_pattern, AT(exclude)},
    {0, "backup-exclude", "PATTERN",
	"leave such files of the user's out of backups (repeatable)",
	opt_pattern, AT(backup_exclude)},
    {0, "bwlimit", "RATE", "KiB a second, or with K, M, G", opt_rate,
	AT(update.server.bwlimit)},
    {0, "timeout", "SECONDS", "silence, or next to it, that ends a try",
	opt_seconds, AT(update.server.timeout_ms), .least = 1, .most = DAY_S,
	.preset = "60"},
    {0, "contimeout", "SECONDS", "to connect", opt_seconds,
	AT(update.server.connect_timeout_ms), .least = 1, .most = DAY_S,
	.preset = "15"},
    {0, "retries", "N", "attempts after a broken link", opt_number,
	AT(update.server.retries), .most = RETRIES_MAX, .preset = "5"},
    {0, "station-id", "NAME", "this station (default: host name)",
	take_station_id, AT(update.station_id)},
    {0, "tls", NULL, "TLS also within this machine", opt_flag, AT(trust.tls)},
    {0, "ca", "FILE", "believe servers with certificates of these (PEM)",
	opt_text, AT(update.security.ca)},
    {0, "pin", "PIN", "believe only the server with this key", take_pin,
	AT(update.security.pin)},
    {0, "accept-key", NULL, "the server has another key than before, and may",
	opt_flag, AT(update.security.accept_key)},
    {0, "certificate", "FILE", "this station's certificate (PEM)", opt_text,
	AT(update.security.certificate)},
    {0, "key", "FILE", "its key (PEM; default: in the certificate's file)",
	opt_text, AT(update.security.key)},
    {0, "insecure", NULL, "do without TLS", opt_flag, AT(trust.insecure)},
    {.name = NULL},
};

const struct opt_row station_start_rows[] = {
    {0, "start-within", "SECONDS",
	"start it after so long without progress towards an update",
	opt_seconds, AT(update.server.total_ms), .least = 1, .most = DAY_S,
	.preset = "20"},
    {0, "answer-within", "SECONDS", "for the server to greet at all",
	opt_seconds, AT(update.server.answer_ms), .least = 1, .most = DAY_S,
	.preset = "3"},
    {.name = NULL},
};

static bool
take_system(struct opt *o, void *out)
{
	struct station_system *system = out;

	system->is_given = opt_choice(o, &system->os);
	return system->is_given;
}

static bool
take_limit(struct opt *o, void *out)
{
	struct station_limit *limit = out;
	uint32_t n;

	if (!opt_number(o, &n))
		return false;
	limit->n = n;
	limit->is_given = true;
	return true;
}

static bool
take_command(struct opt *o, void *out)
{
	if (strlen(o->arg) < HEALTH_COMMAND_MAX)
		return opt_text(o, out);
	(void)opt_usage(o, "--health-check: the command is too long");
	return false;
}

static bool
take_station_id(struct opt *o, void *out)
{
	if (erpsync_station_id_is_valid(o->arg))
		return opt_text(o, out);
	(void)opt_usage(o, "--station-id: use 1 to 64 of A-Z a-z 0-9 . _ -");
	return false;
}

static bool
take_pin(struct opt *o, void *out)
{
	if (erpsync_pin_is_valid(o->arg))
		return opt_text(o, out);
	(void)opt_usage(o, "--%s: %s", o->row->name,
	    "a pin is sha256// and 44 characters, as the server's log and "
	    "erpsync keygen tell it");
	return false;
}

/* As the server's INI may have it. */
static bool
is_label(const char *text)
{
	const char *p;

	for (p = text; *p > ' ' && *p < 0x7f; p++)
		continue;
	return *p == '\0' && p - text <= ERPSYNC_LABEL_MAX;
}

/* Options that do not go together, or are none. */
static int
check_options(const struct station_job *job, struct opt *o)
{
	const char *build = job->update.build;

	if (job->dir == NULL || job->dir[0] == '\0')
		(void)opt_usage(o, "--dir is missing: which client folder?");
	else if (job->update.agreed && job->no)
		(void)opt_usage(o, "--yes and --no contradict each other");
	else if (job->update.download_only + job->update.apply_only +
		job->dry_run >
	    1)
		(void)opt_usage(o, "--download-only, --apply or a dry run?");
	else if (job->trust.tls && job->trust.insecure)
		(void)opt_usage(
		    o, "--tls and --insecure contradict each other");
	else if (build != NULL && !is_label(build))
		(void)opt_usage(
		    o, "--build: use up to 64 ASCII characters without blanks");
	else
		return OPT_END;
	return OPT_STOP;
}

/* The parts of the job that the engine is told of by pointers. */
static void
point(struct station_job *job)
{
	struct erpsync_rules *rules = &job->update.rules;

	if (job->trust.tls || job->trust.insecure)
		job->update.security.wish =
		    job->trust.tls ? ERPSYNC_TLS : ERPSYNC_PLAIN;
	if (job->deletes.is_given)
		rules->max_delete = &job->deletes.n;
	/* One of --pin is a person's. */
	job->update.brought.pin &= job->update.security.pin == job->trust.pin;
	rules->exclude = (const char *const *)job->exclude.v;
	rules->exclude_n = job->exclude.n;
}

int
station_job_parse(
    struct station_job *job, struct opt *o, enum station_asker asker)
{
	memset(job, 0, sizeof(*job));
	erpsync_options_init(&job->update, sizeof(job->update));
	station_job_shown_init(&job->output);
	job->command = o->cmd->name;
	job->dry_run = asker != STATION_UPDATES;
	job->look.is_told = asker == STATION_LOOKS;
	/* Behind the options of `run` stands its program. */
	if (opt_parse(o, job) == OPT_STOP)
		return OPT_STOP;
	if (asker == STATION_CHECKS && o->first < o->argc)
		return station_job_folders(job, o);
	if (check_options(job, o) == OPT_STOP ||
	    !opt_operands(o, o->cmd->operands_end ? 1 : 0,
		o->cmd->operands_end ? o->argc : 0))
		return OPT_STOP;
	if (job->health.option != NULL)
		(void)strlcpy(job->health.command, job->health.option,
		    sizeof(job->health.command));
	if (station_job_shown_settle(job, o) == OPT_STOP ||
	    station_job_find_server(job, o) == OPT_STOP ||
	    opt_parse_again(o, job) == OPT_STOP)
		return OPT_STOP;
	point(job);
	return OPT_END;
}

void
station_job_release(struct station_job *job)
{
	names_release(&job->exclude);
	names_release(&job->backup_exclude);
	free(job->trust.ca);
	free(job->trust.pin);
	free(job->trust.certificate);
	free(job->trust.key);
	free(job->kept.ini_policy);
}
