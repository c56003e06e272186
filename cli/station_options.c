/*
 * Between the command line and station_job.c: the options of update, check
 * and run, and what the INI files of the client folder tell where they do not:
 * the server, the language, the health check.
 */
#include "cli/station_job_internal.h"

#include "cli/cmd.h"
#include "cli/config/config.h"
#include "cli/station_ini.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"

#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEALTH_MAX_S = 600, DAY_S = 24 * 60 * 60, RETRIES_MAX = 1000 };

static bool take_system(struct opt *o, void *out);
static bool take_limit(struct opt *o, void *out);
static bool take_command(struct opt *o, void *out);
static bool take_station_id(struct opt *o, void *out);

/* Where in a job an option goes. */
#define AT(field) .offset = offsetof(struct station_job, field)

const struct opt_row station_rows[] = {
    {'d', "dir", "DIR", "the client folder", opt_text, AT(dir)},
    {'s', "server", "HOST:PORT", "the server; else smartclient.ini tells",
	opt_text, AT(server)},
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
    {0, "pin", "PIN", "believe only the server with this key", opt_text,
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

/* The text of an INI, which is a file beside it unless its path says where, to
 * *kept, and where the engine looks. */
static void
keep_text(const char *dir, const char *text, char **kept, const char **out)
{
	bool beside = dir != NULL && text != NULL && text[0] != '/' &&
	    text[0] != '\\' && text[0] != '\0' && text[1] != ':';
	size_t n = text == NULL ? 0 : strlen(text) + 1;

	if (text == NULL)
		return;
	if (beside)
		n += strlen(dir) + 1;
	free(*kept);
	if ((*out = *kept = malloc(n)) != NULL)
		(void)snprintf(*kept, n, "%s%s%s", beside ? dir : "",
		    beside ? "/" : "", text);
}

/* How it says that the server is to be known. */
static void
take_trust(struct station_job *job, const struct station_config *c)
{
	struct erpsync_security *to = &job->update.security;
	struct station_trust *kept = &job->trust;

	if (c->secure || c->insecure)
		to->wish = c->secure ? ERPSYNC_TLS : ERPSYNC_PLAIN;
	keep_text(job->dir, c->ca, &kept->ca, &to->ca);
	keep_text(NULL, c->pin, &kept->pin, &to->pin);
	keep_text(
	    job->dir, c->certificate, &kept->certificate, &to->certificate);
	keep_text(job->dir, c->key, &kept->key, &to->key);
}

/* What an INI says where the command line does not. */
static void
take_config(struct station_job *job, const struct station_config *c)
{
	struct erpsync_connection *to = &job->update.server;
	size_t i;

	if (c->system != 0)
		job->system = (struct station_system){c->system - 1, true};
	if (c->timeout_ms != 0)
		to->timeout_ms = c->timeout_ms;
	if (c->connect_timeout_ms != 0)
		to->connect_timeout_ms = c->connect_timeout_ms;
	if (c->bwlimit != 0)
		to->bwlimit = c->bwlimit;
	if (c->station_id[0] != '\0') {
		(void)strlcpy(
		    job->station_id, c->station_id, sizeof(job->station_id));
		job->update.station_id = job->station_id;
	}
	take_trust(job, c);
	keep_text(
	    NULL, c->ini.policy, &job->ini_policy, &job->update.ini.policy);
	if (c->ini.conflict != 0)
		job->update.ini.conflict =
		    (enum erpsync_ini_conflict)c->ini.conflict;
	if (c->window != 0)
		job->output.window = c->window - 1;
	if (c->retries != 0)
		to->retries = (unsigned)c->retries - 1;
	if (c->health_timeout_ms != 0)
		job->health.check.timeout_ms = c->health_timeout_ms;
	for (i = 0; i < c->exclude.n; i++)
		(void)names_add(&job->exclude, c->exclude.v[i], NULL);
	for (i = 0; i < c->backup_exclude.n; i++)
		(void)names_add(
		    &job->backup_exclude, c->backup_exclude.v[i], NULL);
}

static void
tell_warnings(const struct station_job *job, const struct station_config *c)
{
	size_t i;

	for (i = 0; i < c->warnings.n && !job->is_told; i++)
		messages_warn(stderr, job->speech.lang, c->warnings.v[i]);
}

/* Its own server, if it says one; or another port of the other file's. */
static void
take_server(struct station_job *job, const struct station_config *c)
{
	if (job->server != NULL)
		return;
	if (c->server[0] != '\0')
		(void)strlcpy(job->host, c->server, sizeof(job->host));
	if (c->port != 0)
		job->update.server.port = c->port;
}

static int
refuse(struct station_job *job, struct opt *o, const struct err *e)
{
	said_failure(
	    &job->said, job->speech.lang, job->dry_run ? CLI015 : K2, e);
	o->exit_code = failure_exit(e->code);
	return OPT_STOP;
}

/* The language, the server and the rest out of smartclient.ini. */
static int
ask_ini(struct station_job *job, struct opt *o, bool without_server)
{
	struct station_config c;
	char name[NAME_MAX + 1], other[NAME_MAX + 1];
	struct err e;
	int rc = station_ini_load(job->dir, name, other, &c, &e);

	job->speech.lang =
	    lang_choose(job->speech.language, (int)c.language, lang_locale());
	if (rc == 0)
		return OPT_END;
	/* A release may have brought it, and another may mend it. */
	if (rc == ERP_UNTRUSTED || (rc < 0 && without_server))
		return refuse(job, o, &e);
	if (rc < 0) {
		if (!job->is_told)
			messages_warn(stderr, job->speech.lang, e.msg);
		return OPT_END;
	}
	if (other[0] != '\0')
		messages_print(stderr, job->speech.lang, CLI017, other, name);
	tell_warnings(job, &c);
	take_server(job, &c);
	take_config(job, &c);
	/* Any release can have brought it: it must not run commands here. */
	if (c.health_check != NULL && !job->is_told)
		messages_print(stderr, job->speech.lang, CLI014, name);
	station_config_release(&c);
	return OPT_END;
}

/* The same, and the health check, out of the file that no release can
 * write: what it says wrongly is not passed over, nor that it is void. */
static int
ask_own_ini(struct station_job *job, struct opt *o)
{
	struct station_config c;
	struct err e;
	int rc = station_ini_own(job->dir, &c, &e);

	if (rc == ERP_USAGE || rc == ERP_UNTRUSTED)
		return refuse(job, o, &e);
	if (rc < 0)
		messages_warn(stderr, job->speech.lang, e.msg);
	if (rc != 1)
		return OPT_END;
	tell_warnings(job, &c);
	take_server(job, &c);
	take_config(job, &c);
	if (c.health_check != NULL && job->health.option == NULL &&
	    !job->dry_run &&
	    strlcpy(job->health.command, c.health_check,
		sizeof(job->health.command)) >= sizeof(job->health.command)) {
		job->health.command[0] = '\0';
		messages_warn(stderr, job->speech.lang,
		    "HealthCheck is too long; it is ignored");
	}
	station_config_release(&c);
	return OPT_END;
}

/* Is a server named where no release can write? */
static bool
has_server(const struct station_job *job)
{
	struct station_config c;
	bool has = job->server != NULL;

	if (!has && station_ini_own(job->dir, &c, NULL) == 1) {
		has = c.server[0] != '\0';
		station_config_release(&c);
	}
	return has;
}

/* A program that is there can be started whatever its INI files say. */
static int
start_at_least(struct station_job *job, const struct opt *o)
{
	job->unasked = o->cmd->operands_end;
	return job->unasked ? OPT_END : OPT_STOP;
}

/* No server is told where it is looked for: in a folder, if that is one. */
static int
no_server(struct station_job *job, struct opt *o)
{
	int rc = fs_open_root(fs_real(), job->dir);
	struct err e;

	if (rc >= 0) {
		fs_close_quietly(fs_real(), &rc);
		(void)opt_usage(o,
		    "no server: give --server HOST:PORT, or a "
		    "smartclient.ini with [ErpSync] Server= and Port=, or "
		    "[drivers] active=X and [X] server= and port=, in the "
		    "folder");
		return start_at_least(job, o);
	}
	(void)err_sys(&e, -rc, "open folder", job->dir);
	return refuse(job, o, &e);
}

static int
find_server(struct station_job *job, struct opt *o)
{
	struct erpsync_connection *to = &job->update.server;
	struct err e, why;
	int left = job->dry_run ? 0 : station_job_recover(job, &why);

	if (job->server != NULL &&
	    config_parse_address(job->server, job->host, &to->port, &e) != 0) {
		(void)opt_usage(o, "--server: %s", e.msg);
		return OPT_STOP;
	}
	/* Their patterns first, then once more those of the options. */
	names_release(&job->exclude);
	names_release(&job->backup_exclude);
	if (ask_ini(job, o, !has_server(job)) == OPT_STOP ||
	    ask_own_ini(job, o) == OPT_STOP)
		return start_at_least(job, o);
	if (job->update.apply_only)
		return OPT_END;
	if (job->server == NULL && job->host[0] == '\0' &&
	    station_ini_last(job->dir, job->host, &to->port, &e) &&
	    !job->is_told)
		messages_warn(stderr, job->speech.lang, e.msg);
	if (job->host[0] == '\0' || to->port == 0) {
		/* The start tells why nothing can be. */
		if (job->server == NULL && left != 0)
			return o->cmd->operands_end ? start_at_least(job, o)
						    : refuse(job, o, &why);
		if (job->server == NULL)
			return no_server(job, o);
		(void)config_lacks_port(job->host, &e);
		(void)opt_usage(o, "--server: %s", e.msg);
		return OPT_STOP;
	}
	to->host = job->host;
	(void)snprintf(job->shown, sizeof(job->shown),
	    strchr(job->host, ':') != NULL ? "[%s]:%u" : "%s:%u", job->host,
	    to->port);
	return OPT_END;
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
	job->is_told = asker == STATION_LOOKS;
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
	    find_server(job, o) == OPT_STOP ||
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
	free(job->ini_policy);
}
