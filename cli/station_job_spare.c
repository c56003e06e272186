/*
 * Under station_job.c: an update while the smartclient.ini that may say which
 * files this station keeps for itself cannot be read.
 */
#include "cli/station_job_internal.h"

#include "cli/fault.h"
#include "cli/station_ini.h"
#include "engine/base/err.h"

#include <string.h>

static int
find_edited(const struct erpsync_report *report, const char *ini, struct err *e)
{
	const struct erpsync_change *c = report->changes;
	size_t i;

	for (i = 0; i < report->changes_n; i++, c++)
		if (c->edited && strcmp(c->path, ini) != 0)
			return err_path(e, ERP_USAGE, c->path,
			    "was changed here, and smartclient.ini, which may "
			    "say to leave it alone, cannot be read; correct "
			    "smartclient.ini on this station");
	return 0;
}

int
station_job_spare(const struct running *r,
    const struct erpsync_update_options *update,
    uint8_t looked[ERPSYNC_HASH_LEN], struct err *e)
{
	struct erpsync_update_options opt = *update;
	char ini[FS_PATH_BYTES] = "";
	struct erpsync_report *report;
	struct erpsync_error error;
	int rc = 0;

	(void)station_ini_path(r->job->dir, ini);
	/* All that it could come to, whatever is answered and at any hour. */
	opt.agreed = true;
	opt.download_only = !opt.apply_only;
	if (erpsync_check(r->folder, &opt, &report, &error) != 0)
		rc = fault_take(e, &error);
	else if ((rc = find_edited(report, ini, e)) == 0)
		memcpy(looked, report->release, ERPSYNC_HASH_LEN);
	erpsync_report_free(report);
	return rc;
}
