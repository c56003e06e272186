/* The options of update, check and run, and where their server is. */
#include "cli/station_job.h"

#include "cli/cmd.h"
#include "cli/config/config.h"
#include "cli/report/report.h"
#include "cli/station_ini.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/manifest.h"
#include "transport/wire/msg.h"

#include <bsd/string.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	ID_OS = OPT_OWN,
	ID_BUILD,
	ID_NO,
	ID_STATS,
	ID_FORMAT,
	ID_BWLIMIT,
	ID_PROGRESS,
	ID_DELETE,
	ID_MODIFY_WINDOW,
	ID_TIMEOUT,
	ID_CONTIMEOUT,
	ID_RETRIES,
	ID_EXCLUDE,
	ID_STATION,
	ID_FORCE,
	ID_MAX_DELETE,
	ID_HEALTH,
	ID_HEALTH_TIMEOUT
};

enum { HEALTH_S = 30, HEALTH_MAX_S = 600 };
enum { TIMEOUT_S = 60, CONTIMEOUT_S = 15, RETRIES = 5, DAY_S = 24 * 60 * 60 };

const struct opt_row station_rows[] = {
    {'d', "dir", "DIR", "the client folder"},
    {'s', "server", "HOST:PORT", "the server; else smartclient.ini tells"},
    {ID_OS, "os", "windows|linux|macosx", "whose files (default linux)"},
    {ID_BUILD, "build", "CODE", "the client's build code"},
    {'y', "yes", NULL, "update an incompatible client without asking"},
    {ID_NO, "no", NULL, "never update an incompatible client"},
    {'n', "dry-run", NULL, "only show what would be done"},
    {'i', "itemize-changes", NULL, "a line for each change, as rsync's"},
    {ID_STATS, "stats", NULL, "figures at the end, as rsync's"},
    {ID_FORMAT, "format", "text|itemize|json|csv|html", "report's form"},
    {'c', "checksum", NULL, "compare by content, not by size and time"},
    {'W', "whole-file", NULL, "transfer whole files, no deltas"},
    {ID_DELETE, "delete", NULL,
	"delete what the release before had and this one has not"},
    {ID_MAX_DELETE, "max-delete", "NUM",
	"refuse to delete more files (10, or a fifth of the release)"},
    {ID_HEALTH, "health-check", "COMMAND",
	"run it after an update; if it fails, go back"},
    {ID_HEALTH_TIMEOUT, "health-timeout", "SECONDS",
	"for the health check (30)"},
    {ID_FORCE, "force", NULL,
	"install also a release that failed the health check"},
    {ID_MODIFY_WINDOW, "modify-window", "SECONDS",
	"times may differ by so much (FAT: 1)"},
    {ID_EXCLUDE, "exclude", "PATTERN", "leave such files alone (repeatable)"},
    {ID_BWLIMIT, "bwlimit", "RATE", "KiB a second, or with K, M, G"},
    {ID_TIMEOUT, "timeout", "SECONDS", "silence that ends a transfer (180)"},
    {ID_CONTIMEOUT, "contimeout", "SECONDS", "to connect (15)"},
    {ID_RETRIES, "retries", "N", "attempts after a broken link (5)"},
    {ID_STATION, "station-id", "NAME", "this station (default: host name)"},
    {ID_PROGRESS, "progress", NULL, "show progress of a dry run, too"},
    {0, NULL, NULL, NULL},
};

static const char *const os_names[] = {"windows", "linux", "macosx", NULL};

/* A rate without a letter is in KiB, as rsync's. */
static bool
take_rate(struct opt *o, uint64_t *out)
{
	size_t len = strlen(o->arg);

	if (!opt_size(o, out))
		return false;
	if (len > 0 && o->arg[len - 1] >= '0' && o->arg[len - 1] <= '9')
		*out *= 1024;
	return true;
}

static bool
take_seconds(struct opt *o, uint32_t *ms)
{
	int64_t s;

	if (!opt_number(o, 1, DAY_S, &s))
		return false;
	*ms = (uint32_t)s * 1000;
	return true;
}

/* Options with a value that can be wrong. */
static bool
take_value(struct station_job *job, struct opt *o, int id)
{
	int64_t n = 0;
	int choice = 0;
	struct err e;

	switch (id) {
	case ID_OS:
		if (!opt_choice(o, os_names, &choice))
			return false;
		job->os = (enum path_os)choice;
		return true;
	case ID_FORMAT:
		return opt_choice(o, report_formats, &job->format);
	case ID_MODIFY_WINDOW:
		if (!opt_number(o, 0, DAY_S, &n))
			return false;
		job->modify_window = (uint32_t)n;
		return true;
	case ID_RETRIES:
		if (!opt_number(o, 0, 1000, &n))
			return false;
		job->retries = (unsigned)n;
		return true;
	case ID_TIMEOUT:
		return take_seconds(o, &job->timeout_ms);
	case ID_CONTIMEOUT:
		return take_seconds(o, &job->connect_timeout_ms);
	case ID_BWLIMIT:
		return take_rate(o, &job->bwlimit);
	case ID_MAX_DELETE:
		if (!opt_number(o, 0, MANIFEST_MAX_ENTRIES, &n))
			return false;
		job->max_delete = (uint64_t)n;
		job->has_max_delete = true;
		return true;
	case ID_HEALTH:
		if (strlcpy(job->health_check, o->arg,
			sizeof(job->health_check)) < sizeof(job->health_check))
			return true;
		(void)opt_usage(o, "--health-check: the command is too long");
		return false;
	case ID_HEALTH_TIMEOUT:
		if (!opt_number(o, 1, HEALTH_MAX_S, &n))
			return false;
		job->health.timeout_ms = (uint32_t)n * 1000;
		return true;
	case ID_EXCLUDE:
		if (filter_add(&job->exclude, o->arg, &e) == 0)
			return true;
		(void)opt_usage(o, "--exclude: %s", e.msg);
		return false;
	case ID_STATION:
		if (station_id_is_valid(o->arg)) {
			(void)strlcpy(
			    job->station_id, o->arg, sizeof(job->station_id));
			return true;
		}
		(void)opt_usage(
		    o, "--station-id: use 1 to 64 of A-Z a-z 0-9 . _ -");
		return false;
	default:
		return true;
	}
}

static void
take_flag(struct station_job *job, int id)
{
	switch (id) {
	case 'y':
		job->yes = true;
		break;
	case ID_NO:
		job->no = true;
		break;
	case 'n':
		job->dry_run = true;
		break;
	case 'i':
		job->itemize = true;
		break;
	case ID_STATS:
		job->stats = true;
		break;
	case 'c':
		job->checksum = true;
		break;
	case 'W':
		job->whole_file = true;
		break;
	case ID_DELETE:
		job->remove = true;
		break;
	case ID_FORCE:
		job->force = true;
		break;
	case ID_PROGRESS:
		job->progress = true;
		break;
	case 'v':
		job->verbose = true;
		break;
	case 'q':
		job->quiet = true;
		break;
	default:
		break;
	}
}

static int
parse_rows(struct station_job *job, struct opt *o, const char **server)
{
	int id;

	while ((id = opt_next(o)) > 0)
		switch (id) {
		case 'd':
			job->dir = o->arg;
			break;
		case 's':
			*server = o->arg;
			break;
		case ID_BUILD:
			job->build = o->arg;
			break;
		case OPT_LANG:
			if (!lang_of_name(o->arg, &job->lang)) {
				(void)opt_usage(o,
				    "--lang: '%s' is none of pt, es, en",
				    o->arg);
				return OPT_STOP;
			}
			job->language = o->arg;
			break;
		default:
			if (!take_value(job, o, id))
				return OPT_STOP;
			take_flag(job, id);
			break;
		}
	return id;
}

/* The server and the health check out of smartclient.ini. */
static int
ask_ini(struct station_job *job, struct opt *o, bool without_server)
{
	struct station_config c;
	char path[1100];
	struct err e;

	if (!station_ini_find(job->dir, path, sizeof(path)))
		return OPT_END;
	if (station_config_load(path, &c, &e) != 0) {
		if (!without_server) {
			/* Only its HealthCheck was wanted. */
			if (!job->quiet)
				messages_print(
				    stderr, job->lang, CLI010, e.msg);
			return OPT_END;
		}
		messages_failure(
		    stderr, job->lang, job->dry_run ? CLI015 : K2, &e);
		o->exit_code = exit_of_error(e.code);
		return OPT_STOP;
	}
	if (without_server) {
		(void)strlcpy(job->host, c.server, sizeof(job->host));
		job->port = c.port;
	}
	if (job->health_check[0] == '\0' && c.health_check != NULL) {
		(void)strlcpy(job->health_check, c.health_check,
		    sizeof(job->health_check));
		job->health_of_ini = true;
		(void)strlcpy(
		    job->ini_name, path_base(path), sizeof(job->ini_name));
	}
	station_config_release(&c);
	return OPT_END;
}

/* No server is told where it is looked for: in a folder, if that is one. */
static int
no_server(const struct station_job *job, struct opt *o)
{
	int rc = fs_open_root(fs_real(), job->dir);
	struct err e;

	if (rc >= 0) {
		fs_close_quietly(fs_real(), &rc);
		(void)opt_usage(o,
		    "no server: give --server HOST:PORT, or a "
		    "smartclient.ini with [drivers] active=X and [X] "
		    "server= and port= in the folder");
		return OPT_STOP;
	}
	(void)err_sys(&e, -rc, "open folder", job->dir);
	messages_failure(stderr, job->lang, job->dry_run ? CLI015 : K2, &e);
	o->exit_code = exit_of_error(e.code);
	return OPT_STOP;
}

static int
find_server(struct station_job *job, struct opt *o, const char *server)
{
	struct err e;

	if (server != NULL &&
	    config_parse_address(server, job->host, &job->port, &e) != 0) {
		(void)opt_usage(o, "--server: %s", e.msg);
		return OPT_STOP;
	}
	job->lang = station_ini_lang(job->dir, job->language);
	if (ask_ini(job, o, server == NULL) == OPT_STOP)
		return OPT_STOP;
	if (job->host[0] == '\0' || job->port == 0) {
		if (server == NULL)
			return no_server(job, o);
		(void)opt_usage(
		    o, "--server: give both host and port, as HOST:PORT");
		return OPT_STOP;
	}
	(void)snprintf(job->shown, sizeof(job->shown),
	    strchr(job->host, ':') != NULL ? "[%s]:%u" : "%s:%u", job->host,
	    job->port);
	return OPT_END;
}

/* The host name, cut to what a station id may be. */
static void
default_station_id(char *out, size_t cap)
{
	char host[256] = "";
	size_t i, n = 0;
	char one[2] = "";

	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	for (i = 0; host[i] != '\0' && n + 1 < cap; i++) {
		one[0] = host[i];
		if (station_id_is_valid(one))
			out[n++] = host[i];
	}
	out[n] = '\0';
	if (n == 0)
		(void)strlcpy(out, "station", cap);
}

int
station_job_parse(struct station_job *job, struct opt *o, bool from_check)
{
	const char *server = NULL;

	memset(job, 0, sizeof(*job));
	filter_init(&job->exclude);
	job->os = PATH_OS_LINUX;
	job->format = -1;
	job->dry_run = from_check;
	job->timeout_ms = TIMEOUT_S * 1000;
	job->connect_timeout_ms = CONTIMEOUT_S * 1000;
	job->retries = RETRIES;
	job->health.timeout_ms = HEALTH_S * 1000;
	default_station_id(job->station_id, sizeof(job->station_id));
	if (parse_rows(job, o, &server) < 0)
		return OPT_STOP;
	if (job->dir == NULL) {
		(void)opt_usage(o, "--dir is missing: which client folder?");
		return OPT_STOP;
	}
	if (job->yes && job->no) {
		(void)opt_usage(o, "--yes and --no contradict each other");
		return OPT_STOP;
	}
	if (job->build != NULL && strlen(job->build) > TEXT_SHORT) {
		(void)opt_usage(o, "--build: at most 64 characters");
		return OPT_STOP;
	}
	if (job->itemize && job->format < 0)
		job->format = REPORT_ITEMIZE;
	if (job->dry_run && job->format < 0)
		job->format = REPORT_TEXT;
	return find_server(job, o, server);
}

void
station_job_release(struct station_job *job)
{
	filter_release(&job->exclude);
}
