#ifndef ERPSYNC_CLI_STATION_JOB_H
#define ERPSYNC_CLI_STATION_JOB_H

/*
 * What update, check and run have in common: options, the server's address,
 * one update (or dry run) of a client folder, and what is said about it.
 */

#include "cli/health.h"
#include "cli/opt.h"
#include "cli/said.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "transport/api/erpsync.h"

#include <stdbool.h>
#include <stdint.h>

struct progress;
struct station_config;

/* How many files an update may delete. */
struct station_limit {
	bool is_given;
	uint64_t n;
};

/* Who names the server. */
struct station_named {
	const char *option; /* --server, or NULL */
	/* A smartclient.ini that no person may have meant so: the ERP's own
	 * connection in it, or what a release brought. */
	bool is_doubtful;
	bool brings_insecure, ignores_insecure; /* Insecure=1 of a release */
};

/* What is shown of it. */
struct station_output {
	int format; /* enum report_format, -1: none asked for */
	int progress; /* enum progress_mode, likewise */
	int window; /* enum window_wish */
	bool itemize, brief; /* two of the forms, by their own options */
	bool stats, all, diff, verbose;
	bool begun; /* the begin was told to a program */
	const char *report; /* of --report, or NULL */
	uint64_t rate; /* of --rate; 0: not told */
};

/* The health check: of --health-check, or of .erpsync/station.ini. */
struct station_health {
	struct health check;
	const char *option; /* of --health-check, or NULL */
	char command[HEALTH_COMMAND_MAX]; /* "": none */
};

/* Whose files; else the folder tells. */
struct station_system {
	int os; /* enum erpsync_os */
	bool is_given;
};

/* How the server is to be known: of options, and what INIs say. */
struct station_trust {
	bool tls, insecure; /* --tls, --insecure */
	char *ca, *pin, *certificate, *key; /* of an INI, or NULL */
};

/* When to begin; else now. */
struct station_moment {
	int32_t of_day; /* seconds */
	bool is_given;
};

/* What INIs say of files that the station keeps, beside its patterns. */
struct station_kept {
	char *ini_policy; /* or NULL */
	bool vague; /* one that was wrong may say more */
};

/* For who only looks, and tells it in words of his own. */
struct station_look {
	bool is_told; /* what is odd about the INI files was told before */
	struct err refusal; /* then: why nobody is asked; or code 0 */
	struct err doubt; /* likewise: that another one was asked */
};

struct station_job {
	const char *command; /* its name */
	const char *dir;
	const char *other; /* no update: what dir is compared with, or NULL */
	struct station_system system;
	char station_id[ERPSYNC_LABEL_MAX + 1]; /* of an INI */
	/* What the engine is asked for; it points into this struct and to the
	 * arguments of the program. */
	struct erpsync_update_options update;
	struct station_named named;
	char host[256]; /* of the server */
	char shown[300]; /* HOST:PORT */
	bool no; /* instead of update.agreed: never */
	bool dry_run;
	struct station_look look;
	struct station_moment at;
	bool starts; /* a program will be started, if it is whole */
	bool unasked; /* no server can be asked, which was told: only that */
	struct station_limit deletes;
	struct names exclude, backup_exclude;
	struct opt_speech speech; /* lang: the one that was found */
	struct station_output output;
	struct station_health health;
	struct station_trust trust;
	struct station_kept kept;
	struct said said; /* the failure that was told last */
};

/* How it ended, beyond the exit code. */
struct station_end {
	int exit_code;
	bool may_start; /* the program in the folder may be started */
};

/* The options, for a command's table; those of what is shown fill output. */
extern const struct opt_row station_rows[];
extern const struct opt_row station_shown_rows[];
/* For a command that starts a program whatever the server does. */
extern const struct opt_row station_start_rows[];

/*
 * Parse the command line (OPT_END, or OPT_STOP with o->exit_code) and find the
 * server; where a program is to be started, none is no reason to stop.  Who
 * checks has a dry run without saying so, or, with two folders, their
 * comparison; who looks has told what is odd about the INI files.
 */
enum station_asker { STATION_UPDATES, STATION_CHECKS, STATION_LOOKS };
int station_job_parse(
    struct station_job *job, struct opt *o, enum station_asker asker);
void station_job_release(struct station_job *job);

/*
 * Did the installed release bring the smartclient.ini of dir as it lies there,
 * of which station_ini_load said why, or what is wrong in it, where it is
 * merged?  Then no person wrote that, and only the next release mends it. False
 * where that is no fault of what is in the file.
 */
bool station_job_is_brought(const char *dir, const struct err *why);

/*
 * The same of c, which was loaded from name there: does it name a file for the
 * connection that is of no use (station_files_check, whose words go to why)?
 * Not where .erpsync/station.ini or given (may be NULL) names another.
 */
bool station_job_lacks_file(const char *dir, const char *name,
    const struct station_config *c, const struct erpsync_security *given,
    struct err *why);

/*
 * Take out of c, which was loaded there, what a release brought and would keep
 * this station from the next one: another system than the folder's, and to
 * leave every file alone; and mark in c->doubt what yields to the next one. Its
 * warnings tell it.  *insecure: it brought Insecure=1, which does not count
 * where the server is known by TLS.  True: it brought c's server, too.
 */
bool station_job_drop_brought(
    const char *dir, struct station_config *c, bool *insecure);
#define STATION_IGNORES_INSECURE                                               \
	"a release brought smartclient.ini with Insecure=1, but this "         \
	"server has been asked by TLS; it is ignored"

/* Add to why the person's way out of that, where the folder remembers no key of
 * the server, or no server either. */
void station_job_way_out(struct err *why, bool has_server);

/* Take all rows like that out of c; true: the CA was one. */
bool station_job_drop_files(const char *dir, struct station_config *c,
    const struct erpsync_security *given);

/* One conversation about the folder. */
struct station_session {
	struct station_job *job;
	struct erpsync_folder *folder;
	struct progress *progress; /* or NULL */
	struct erpsync_report **report;
};

/*
 * Update or check with the server; where who that is is doubtful and it is no
 * server of updates, with the one that served last, which is warned of once:
 * to standard error, or job->look.doubt for who told what is odd.  *report is
 * given after a failure, too.
 */
int station_job_session(const struct station_session *s,
    const struct erpsync_update_options *update, struct err *e);

/* Do it, and say what there is to say. */
struct station_end station_job_run(struct station_job *job);

/* A failure that was told, but not by station_job_run, in a window where one
 * is wanted, and to the program that reads lines. */
void station_job_show(struct station_job *job, int exit_code);

#endif
