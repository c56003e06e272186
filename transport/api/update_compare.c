/*
 * Two local folders compared as an update would: for whoever wants to see what
 * a release changes before there is a server.  Stands on update_report.c.
 */
#include "transport/api/update_internal.h"

#include "engine/base/fs.h"
#include "engine/base/who.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"
#include "engine/tree/scan.h"

#include <stdlib.h>

/* All of the folder, with the hash of each file.  What cannot be managed a
 * station leaves alone, and a server refuses. */
static int
read_folder(const char *path, bool is_release, const struct filter *filter,
    struct manifest *m, struct err *e)
{
	const struct scan_options opt = {
	    .filter = filter, .skip_unmanageable = !is_release};
	const struct fs *fs = fs_real();
	int rc, dir = fs_open_root(fs, path);

	if (dir < 0)
		return err_sys(e, -dir, "open folder", path);
	if ((rc = scan_folder(fs, dir, &opt, m, e)) == 0)
		rc = scan_hash(fs, dir, m, e);
	fs_close_quietly(fs, &dir);
	return rc;
}

/* The plan from one to the other, as changes of the report. */
static int
compare(const struct manifest *from, const struct manifest *to,
    uint32_t modify_window, struct kept_report *out, struct err *e)
{
	const struct plan_options opt = {.modify_window = modify_window,
	    .ignore_exec = who_os() == PATH_OS_WINDOWS,
	    .remove = true,
	    .previous = from};
	struct plan plan;
	int rc = plan_build(to, from, &opt, &plan, e);

	if (rc != 0)
		return rc;
	rc = report_keep_changes(out, &plan, e);
	plan_release(&plan);
	out->report.outcome = ERPSYNC_DRY_RUN;
	return rc;
}

static int
compare_folders(const char *const paths[2], const struct erpsync_rules *rules,
    struct kept_report *out, struct err *e)
{
	struct manifest m[2];
	struct filter filter;
	int i, rc;

	for (i = 0; i < 2; i++)
		manifest_init(&m[i], who_os());
	rc = api_filter(&filter, rules->exclude, rules->exclude_n, e);
	for (i = 0; rc == 0 && i < 2; i++)
		rc = read_folder(paths[i], i == 1, &filter, &m[i], e);
	if (rc == 0)
		rc = compare(&m[0], &m[1], rules->modify_window, out, e);
	for (i = 0; i < 2; i++)
		manifest_release(&m[i]);
	filter_release(&filter);
	return rc;
}

int
erpsync_compare(const char *from, const char *to,
    const struct erpsync_rules *rules, struct erpsync_report **report,
    struct erpsync_error *error)
{
	const struct erpsync_rules none = {.exclude_n = 0};
	const char *const paths[] = {from, to};
	struct kept_report *kept = calloc(1, sizeof(*kept));
	struct err e;
	int rc;

	*report = NULL;
	if (kept == NULL)
		rc = err_set(&e, ERP_NOMEM, "no memory for the report");
	else
		rc = compare_folders(
		    paths, rules != NULL ? rules : &none, kept, &e);
	if (rc != 0) {
		erpsync_report_free(kept != NULL ? &kept->report : NULL);
		return api_fail(error, &e);
	}
	*report = &kept->report;
	return 0;
}
