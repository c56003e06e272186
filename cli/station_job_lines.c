/*
 * What of an update is told to the program that started us, with
 * --progress=json or zenity: its begin, the question, its end.  The rest goes
 * through the progress.
 */
#include "cli/station_job_internal.h"

#include "cli/cmd.h"
#include "cli/progress/progress.h"
#include "cli/progress/progress_json.h"
#include "cli/progress/progress_zenity.h"
#include "engine/base/hash.h"

#include <string.h>

void
station_job_lines_begin(struct station_job *job)
{
	const struct progress_start start = {
	    job->command, job->dir, job->shown[0] != '\0' ? job->shown : NULL};

	if (job->output.progress == PROGRESS_JSON && !job->output.begun)
		progress_json_start(stdout, &start);
	job->output.begun = true;
}

int
station_job_lines_ask(
    const struct station_job *job, const char *from_build, const char *to_build)
{
	if (job->output.progress != PROGRESS_JSON)
		return -1;
	return progress_json_ask(
		   stdout, stdin, job->speech.lang, from_build, to_build)
	    ? 1
	    : 0;
}

static enum progress_outcome
outcome_of(const struct erpsync_report *r, int exit_code)
{
	if (exit_code == EXIT_DECLINED)
		return PROGRESS_DECLINED;
	if (exit_code == EXIT_DISABLED)
		return PROGRESS_DISABLED;
	if (exit_code == EXIT_INTERRUPTED)
		return PROGRESS_INTERRUPTED;
	if (r == NULL)
		return PROGRESS_FAILED;
	switch (r->outcome) {
	case ERPSYNC_CURRENT:
	case ERPSYNC_NONE_DOWNLOADED:
		return PROGRESS_CURRENT;
	case ERPSYNC_UPDATED:
		return PROGRESS_UPDATED;
	case ERPSYNC_DRY_RUN:
		return exit_code == EXIT_DIFFERENCES ? PROGRESS_DIFFERENCES
						     : PROGRESS_CURRENT;
	case ERPSYNC_OUTDATED:
	case ERPSYNC_DOWNLOADED:
		return PROGRESS_OUTDATED;
	case ERPSYNC_DECLINED:
	case ERPSYNC_FAILED:
		break;
	}
	return PROGRESS_FAILED;
}

static void
take_report(struct progress_result *to, const struct erpsync_report *from,
    char release[HASH_HEX_LEN + 1])
{
	struct hash hash;
	size_t i;

	memcpy(hash.b, from->release, sizeof(hash.b));
	if (!hash_is_zero(&hash))
		hash_hex(&hash, release);
	to->release = release;
	to->from_build = from->from_build;
	to->to_build = from->to_build;
	to->sent = from->sent;
	to->received = from->received;
	to->elapsed_ms = from->elapsed_ms;
	if (from->refusal.code != 0)
		to->refusal = from->refusal.message;
	for (i = 0; i < from->changes_n; i++)
		to->changes += from->changes[i].action != ERPSYNC_ACTION_SAME &&
		    from->changes[i].action != ERPSYNC_ACTION_EXTRA;
}

void
station_job_lines_end(struct station_job *job, const struct erpsync_report *r,
    const struct station_end *end)
{
	char release[HASH_HEX_LEN + 1] = "";
	struct progress_result result = {
	    .outcome = outcome_of(r, end->exit_code),
	    .exit_code = end->exit_code,
	    .may_start = end->may_start,
	    .said = &job->said,
	};

	if (!station_job_has_lines(job))
		return;
	station_job_lines_begin(job);
	if (r != NULL)
		take_report(&result, r, release);
	if (job->output.progress == PROGRESS_JSON)
		progress_json_result(stdout, &result);
	else
		progress_zenity_end(stdout, &result, job->speech.lang);
}
