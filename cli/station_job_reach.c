/*
 * Under station_job.c and the doctor: the session with the server.  Where a
 * release may have brought who that is, the one that served last is asked
 * after it, so that no release takes away the way to the next one.
 */
#include "cli/station_job_internal.h"

#include "cli/fault.h"
#include "cli/progress/progress.h"
#include "cli/station_ini.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/api/erpsync_report.h"

#include <bsd/string.h>
#include <string.h>
#include <strings.h>

static int
ask(const struct station_session *s, const struct erpsync_update_options *opt,
    struct err *e)
{
	struct erpsync_error error;
	int rc = s->job->dry_run
	    ? erpsync_check(s->folder, opt, s->report, &error)
	    : erpsync_update(s->folder, opt, s->report, &error);

	return rc != 0 ? fault_take(e, &error) : 0;
}

/* Is that no server of updates? */
static bool
is_none(const struct station_session *s, int code)
{
	if (*s->report != NULL && (*s->report)->verdict != 0)
		return false;
	switch (code) {
	case ERP_PROTO:
	case ERP_LOST:
	case ERP_TIMEOUT:
	case ERP_UNREACHABLE:
	case ERP_UNANSWERED:
	case ERP_UNTRUSTED:
		return true;
	default:
		return false;
	}
}

static uint32_t
left_of(uint32_t ms, uint64_t spent)
{
	if (ms == 0)
		return 0; /* no limit */
	return spent < ms / 2 ? ms - (uint32_t)spent : ms - ms / 2;
}

/* Who served last, if that is another one. */
struct last {
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port;
	struct err warning;
};

/* One whose key is known was one of updates: that it does not answer, or with
 * another key, is for a person to see, and so is whose key is to be accepted.
 */
static bool
find_last(const struct station_job *job, struct last *last)
{
	return job->named.is_doubtful && !job->update.security.accept_key &&
	    !station_job_knows(job->dir, job->host, job->update.server.port) &&
	    station_ini_last(job->dir, STATION_NAMES_OTHER, last->host,
		&last->port, &last->warning) &&
	    (last->port != job->update.server.port ||
		strcasecmp(last->host, job->host) != 0);
}

/* From here on it is that one. */
static void
turn_to(const struct station_session *s, const struct last *last)
{
	struct station_job *job = s->job;

	job->look.doubt = last->warning;
	(void)err_context(&job->look.doubt, "%s", job->shown);
	if (!job->look.is_told) {
		if (s->progress != NULL)
			progress_end_line(s->progress);
		messages_warn(stderr, job->speech.lang, job->look.doubt.msg);
	}
	(void)strlcpy(job->host, last->host, sizeof(job->host));
	job->update.server.port = last->port;
	station_job_settle_server(job);
	job->named.is_doubtful = false;
}

int
station_job_session(const struct station_session *s,
    const struct erpsync_update_options *update, struct err *e)
{
	struct erpsync_update_options opt = *update;
	struct erpsync_connection *to = &opt.server;
	const struct clock *c = clock_real();
	uint64_t began = clock_ms(c);
	struct last last;
	int rc;

	if (!find_last(s->job, &last))
		return ask(s, &opt, e);
	/* Both together have the time of one. */
	to->answer_ms /= 2;
	to->total_ms /= 2;
	rc = ask(s, &opt, e);
	if (rc == 0 || !is_none(s, rc))
		return rc;
	erpsync_report_free(*s->report);
	turn_to(s, &last);
	opt.security.wish = s->job->update.security.wish;
	to->host = s->job->host;
	to->port = last.port;
	to->answer_ms = left_of(update->server.answer_ms, clock_ms(c) - began);
	to->total_ms = left_of(update->server.total_ms, clock_ms(c) - began);
	return ask(s, &opt, e);
}
