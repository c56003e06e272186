#ifndef ERPSYNC_CLI_STATION_JOB_INTERNAL_H
#define ERPSYNC_CLI_STATION_JOB_INTERNAL_H

/* Shared by the files station_job*.c. */

#include "cli/station_job.h"

struct err;
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

/* The question of an incompatible update in the window: 1 for yes, 0 for no,
 * -1 when the terminal has to ask. */
int station_job_ask(
    struct running *r, const char *from_build, const char *to_build);

/* A window for the job, if one is wanted and can be. */
struct window *station_job_window(const struct station_job *job);

/* The window's end: a failure is shown in it. */
void station_job_close(struct running *r, const struct station_end *end);

/* Everything that is said after a session that went well. */
struct station_end station_job_outcome(struct running *r);

#endif
