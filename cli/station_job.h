#ifndef ERPSYNC_CLI_STATION_JOB_H
#define ERPSYNC_CLI_STATION_JOB_H

/*
 * What update, check and run have in common: options, the server's address,
 * one update (or dry run) of a client folder, and what is said about it.
 */

#include "cli/health.h"
#include "cli/messages/messages.h"
#include "cli/opt.h"
#include "engine/base/path.h"
#include "engine/tree/filter.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct station_job {
	const char *dir;
	char host[256];
	uint16_t port;
	char shown[300]; /* HOST:PORT */
	const char *build; /* NULL: that of the installed release */
	char station_id[65];
	enum path_os os;
	const char *language; /* of --lang, or NULL */
	enum lang lang;
	int format; /* enum report_format, -1: none asked for */
	bool yes, no;
	bool dry_run;
	bool itemize, stats, verbose, quiet, progress;
	bool checksum, whole_file, remove;
	uint32_t modify_window;
	uint32_t timeout_ms, connect_timeout_ms;
	uint64_t bwlimit; /* bytes a second, 0 = none */
	unsigned retries;
	struct filter exclude;
	bool force;
	bool has_max_delete;
	uint64_t max_delete;
	/* The health check: of --health-check, or of smartclient.ini. */
	char health_check[HEALTH_COMMAND_MAX]; /* "": none */
	bool health_of_ini;
	char ini_name[NAME_MAX + 1]; /* of the file in the folder */
	struct health health;
};

/* How it ended, beyond the exit code. */
struct station_end {
	int exit_code;
	bool may_start; /* the program in the folder may be started */
};

/* The options, for a command's table. */
extern const struct opt_row station_rows[];

/*
 * Parse the options (OPT_END, or OPT_STOP with o->exit_code) and find the
 * server.  With from_check, it is a dry run without being told.
 */
int station_job_parse(struct station_job *job, struct opt *o, bool from_check);
void station_job_release(struct station_job *job);

/* Do it, and say what there is to say. */
struct station_end station_job_run(struct station_job *job);

#endif
