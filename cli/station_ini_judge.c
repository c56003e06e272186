/*
 * Beside station_ini.c: the smartclient.ini of an update folder, as stations
 * will take it.  For who publishes.
 */
#include "cli/station_ini.h"

#include "cli/config/config.h"
#include "cli/station_files.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/path.h"
#include "engine/base/path_file.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Is the file in the folder, so that stations will have it from there? */
static bool
is_published(const char *folder, const char *text)
{
	char *place = station_files_is_beside(text)
	    ? station_files_place(folder, text)
	    : NULL;
	struct err e;
	bool is = place != NULL && path_file_exists(fs_real(), place, &e) == 1;

	free(place);
	return is;
}

/* Certificates and keys of theirs need not be part of a release; what is part
 * of it has to be right. */
static int
judge_files(const char *folder, const char *name,
    const struct station_config *c, struct err *e)
{
	bool has_own = c->certificate != NULL &&
	    is_published(folder, c->certificate) &&
	    (c->key == NULL || is_published(folder, c->key));
	bool has_ca = c->ca != NULL && station_files_is_beside(c->ca);
	const struct erpsync_security theirs = {.ca = has_ca ? NULL : c->ca,
	    .certificate = has_own ? NULL : c->certificate};
	int rc = station_files_check(folder, name, c, &theirs, e);

	if (rc == ERP_UNTRUSTED && !is_published(folder, c->ca))
		(void)strlcat(
		    e->msg, ", unless stations have it", sizeof(e->msg));
	return rc;
}

/* What else is wrong of one that why was said of: its files, which count all
 * the same. */
static void
judge_rest(const char *folder, struct err *why)
{
	char path[FS_PATH_BYTES];
	struct station_config c;
	struct err e;

	if (!station_ini_path(folder, path))
		return;
	station_ini_salvage(folder, &c);
	if (judge_files(folder, path_base(path), &c, &e) != 0) {
		(void)strlcat(why->msg, "; also: ", sizeof(why->msg));
		(void)strlcat(why->msg, e.msg, sizeof(why->msg));
	}
	station_config_release(&c);
}

/* What can be, but leads stations away. */
static bool
judge_way(const char *folder, const char *name, const struct station_config *c,
    struct err *e)
{
	char path[FS_PATH_BYTES];
	const char *what = NULL;

	if (!station_ini_path(folder, path))
		(void)strlcpy(path, name, sizeof(path));
	if (station_files_has_all(&c->exclude))
		what = "has an Exclude= that leaves out every file, which "
		       "stations ignore; remove it";
	else if (erpsync_is_excluded(
		     (const char *const *)c->exclude.v, c->exclude.n, path))
		what = "has an Exclude= that leaves out this file itself, "
		       "which stations take all the same; remove it";
	else if (c->ini.policy != NULL &&
	    erpsync_ini_policy_keeps(c->ini.policy, path))
		what = "has an IniPolicy= that keeps this file itself, which "
		       "stations merge instead; write merge for it";
	else if (c->insecure)
		what = "has Insecure=1, which stations ignore that know the "
		       "server by TLS; remove it";
	else if (c->is_erp)
		what = "names the server of updates only as the ERP's own, by "
		       "[drivers]; if that is another one, write Server= and "
		       "Port= into [ErpSync]";
	if (what != NULL)
		(void)err_path(e, ERP_USAGE, name, what);
	return what == NULL;
}

bool
station_ini_judge(const char *folder, int os, char *why, size_t cap)
{
	char name[NAME_MAX + 1];
	struct station_config c;
	bool leads = true;
	struct err e;
	int rc = station_ini_load(folder, name, NULL, &c, &e);

	if (rc == 1) {
		if (c.system != 0 && c.system != 1 + os)
			rc = err_path(&e, ERP_USAGE, name,
			    "says Os= of another system than the folder's");
		else
			rc = judge_files(folder, name, &c, &e);
		if (rc == 0)
			leads = judge_way(folder, name, &c, &e);
		station_config_release(&c);
	} else if (rc == ERP_USAGE || rc == ERP_UNTRUSTED) {
		judge_rest(folder, &e);
	}
	if (rc != ERP_USAGE && rc != ERP_UNTRUSTED && leads)
		return true;
	(void)strlcpy(why, e.msg, cap);
	if (leads)
		(void)strlcat(why,
		    "; a station that has it like that, also merged into its "
		    "own, can then be updated only by the server that served "
		    "it last, and not if that may cost files that it keeps",
		    cap);
	return false;
}
