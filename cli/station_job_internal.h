#ifndef ERPSYNC_CLI_STATION_JOB_INTERNAL_H
#define ERPSYNC_CLI_STATION_JOB_INTERNAL_H

/* Shared by the files station_job*.c. */

#include "cli/progress/progress.h"
#include "cli/station_job.h"

struct advice;
struct err;
struct opt;
struct progress;
struct window;

/* Everything that lives while the job runs. */
struct running {
	struct station_job *job;
	struct progress *progress;
	struct window *window; /* or NULL */
	struct erpsync_folder *folder; /* NULL: it could not be opened */
	struct erpsync_report *report; /* NULL: nothing was tried */
};

/* Why the folder is only looked at, though it was to be updated: its code, or
 * 0. */
int station_job_why_look(const struct running *r, struct err *why);

/* End an update of the folder that was interrupted, before its INI files are
 * read: they may be those of the release that has to go. */
int station_job_recover(const struct station_job *job, struct err *e);

/*
 * Would an update do away with what somebody changed here, but for
 * smartclient.ini itself?  Then that is refused, with its path: what is to be
 * kept cannot be read.  looked is the release that was looked at.
 */
int station_job_spare(const struct running *r,
    const struct erpsync_update_options *update,
    uint8_t looked[ERPSYNC_HASH_LEN], struct err *e);

/* The question of an incompatible update in the window: 1 for yes, 0 for no,
 * -1 when the terminal has to ask. */
int station_job_ask(
    struct running *r, const char *from_build, const char *to_build);

/* What is shown, before the options are parsed and after: OPT_END, or OPT_STOP
 * with a complaint. */
void station_job_shown_init(struct station_output *output);
int station_job_shown_settle(struct station_job *job, struct opt *o);

/* How the progress is shown; and is standard output for a program that reads
 * it? */
enum progress_mode station_job_progress(const struct station_job *job);
bool station_job_has_lines(const struct station_job *job);

/* To that program: the begin, once; the question as station_job_ask has it;
 * the end, with what is known of it (r may be NULL). */
void station_job_lines_begin(struct station_job *job);
int station_job_lines_ask(const struct station_job *job, const char *from_build,
    const char *to_build);
void station_job_lines_end(struct station_job *job,
    const struct erpsync_report *r, const struct station_end *end);

/* A window for the job, if one is wanted and can be. */
struct window *station_job_window(const struct station_job *job);

/* The window's end: a failure is shown in it. */
void station_job_close(struct running *r, const struct station_end *end);

/* Does dir remember the key of this server? */
bool station_job_knows(const char *dir, const char *host, uint16_t port);

/* The server is the one of host and port: as people read it, and with TLS where
 * only a release says to do without and it is known by that. */
void station_job_settle_server(struct station_job *job);

/* The server, and what else INI files say: OPT_END, or OPT_STOP. */
int station_job_find_server(struct station_job *job, struct opt *o);

/* Two folders that are to be compared: OPT_END, or OPT_STOP. */
int station_job_folders(struct station_job *job, struct opt *o);

/* The report, where it was asked for: to standard output, and to a file.
 * failed: why an update came to nothing, or NULL; told: what people were told
 * of that instead of the catalogue's line, or NULL. */
int station_job_report(struct running *r, const struct err *failed,
    const struct advice *told, struct err *e);

/* Everything that is said after a session that went well. */
struct station_end station_job_outcome(struct running *r);

#endif
