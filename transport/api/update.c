/*
 * An update or a check of a client folder for the library's callers: what it
 * is about, between the way to the server (update_reach.c) and the report of
 * how it went (update_report.c).
 */
#include "transport/api/update_internal.h"

#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/apply/system.h"
#include "engine/base/who.h"
#include "engine/tree/filter.h"
#include "transport/station/station.h"

#include <bsd/string.h>
#include <string.h>

/* The host name, cut to what a station id may be. */
static void
default_station_id(char out[ERPSYNC_LABEL_MAX + 1])
{
	char host[256], one[2] = "";
	size_t i, n = 0;

	who_host(host, sizeof(host));
	for (i = 0; host[i] != '\0' && n < ERPSYNC_LABEL_MAX; i++) {
		one[0] = host[i];
		if (erpsync_station_id_is_valid(one))
			out[n++] = host[i];
	}
	out[n] = '\0';
	if (n == 0)
		(void)strlcpy(out, "station", ERPSYNC_LABEL_MAX + 1);
}

static int
set_names(struct update *u, struct err *e)
{
	const struct folder_state *state = folder_state(u->folder->f);
	const char *build = u->opt.build, *id = u->opt.station_id;

	if (build == NULL)
		build = state->known ? state->manifest.build : "";
	if (strlcpy(u->build, build, sizeof(u->build)) >= sizeof(u->build))
		return err_set(e, ERP_USAGE, "the build code is too long");
	if (id == NULL)
		default_station_id(u->station_id);
	else if (!erpsync_station_id_is_valid(id))
		return err_set(e, ERP_USAGE, "the station id cannot be");
	else
		(void)strlcpy(u->station_id, id, sizeof(u->station_id));
	return 0;
}

/* Files of another system among its own would leave it no client at all. */
static int
check_system(const struct update *u, struct err *e)
{
	int os = system_of_folder(u->folder->f);

	if (os < 0 || os == (int)u->opt.os || u->opt.rules.force)
		return 0;
	return err_set(e, ERP_USAGE,
	    "the folder has the files of %s, not of %s",
	    path_os_name((enum path_os)os),
	    path_os_name((enum path_os)u->opt.os));
}

static int
run(struct update *u, struct err *e)
{
	const struct erpsync_rules *rules = &u->opt.rules;
	int rc;

	if (!u->dry_run && !u->look &&
	    (rc = apply_prove_earlier(u->folder->f, e)) != 0)
		return rc;
	if ((rc = set_names(u, e)) != 0 || (rc = check_system(u, e)) != 0 ||
	    (rc = api_filter(
		 &u->filter, rules->exclude, rules->exclude_n, e)) != 0)
		return rc;
	u->filter.yields = u->opt.brought.exclude_n;
	who_arch(u->arch, sizeof(u->arch));
	return u->opt.apply_only ? update_from_fetched(u, e)
				 : update_reach(u, e);
}

static int
update(struct update *u, const struct erpsync_update_options *opt,
    struct erpsync_report **report, struct erpsync_error *error)
{
	struct err e, of_report;
	int rc = api_options(&u->opt, sizeof(u->opt), opt, &e), report_rc;

	if (report != NULL)
		*report = NULL;
	if (rc == 0) {
		u->folder->obs.interrupted = update_is_interrupted;
		u->folder->obs.interrupted_ctx = u;
		rc = run(u, &e);
		u->folder->obs.interrupted = NULL;
	}
	if (report != NULL) {
		report_rc = update_report(u, report, &of_report);
		if (rc == 0 && (rc = report_rc) != 0)
			e = of_report;
	}
	station_free(u->station);
	filter_release(&u->filter);
	return rc != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_update(struct erpsync_folder *f,
    const struct erpsync_update_options *opt, struct erpsync_report **report,
    struct erpsync_error *e)
{
	struct update u = {.folder = f, .look = folder_why_look(f->f) != NULL};

	return update(&u, opt, report, e);
}

int
erpsync_check(struct erpsync_folder *f,
    const struct erpsync_update_options *opt, struct erpsync_report **report,
    struct erpsync_error *e)
{
	struct update u = {.folder = f, .dry_run = true};

	return update(&u, opt, report, e);
}
