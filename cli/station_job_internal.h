#ifndef ERPSYNC_CLI_STATION_JOB_INTERNAL_H
#define ERPSYNC_CLI_STATION_JOB_INTERNAL_H

/* Shared by the files station_job*.c. */

#include "cli/station_job.h"

struct err;
struct progress;

/* Everything that lives while the job runs. */
struct running {
	struct station_job *job;
	struct progress *progress;
	struct erpsync_folder *folder; /* NULL: it could not be opened */
	struct erpsync_report *report; /* NULL: nothing was tried */
};

/* Why the folder is only looked at, though it was to be updated: its code, or
 * 0. */
int station_job_why_look(const struct running *r, struct err *why);

/* Everything that is said after a session that went well. */
struct station_end station_job_outcome(struct running *r);

#endif
