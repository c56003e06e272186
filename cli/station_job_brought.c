/*
 * Under station_job_server.c and the doctor: what the folder itself tells of
 * an INI file that says what cannot be, and of a server.
 */
#include "cli/station_job_internal.h"

#include "cli/config/config.h"
#include "cli/station_files.h"
#include "cli/station_ini.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/path.h"

#include <stdlib.h>
#include <string.h>

/* The folder to look at, or NULL. */
static struct erpsync_folder *
look_at(const char *dir)
{
	const struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .read_only = true};
	struct erpsync_folder *folder;

	return erpsync_folder_open(dir, &opt, &folder, NULL) == 0 ? folder
								  : NULL;
}

/* What is wrong, without the file and the line. */
static const char *
fault_of(const struct err *e)
{
	const char *colon = strstr(e->msg, ": ");

	return colon == NULL ? e->msg : colon + 2;
}

/* Is that wrong in what was brought, too, of which this may be merged? */
static bool
is_wrong_in_base(const struct erpsync_folder *folder, const char *dir,
    const char *path, const struct err *why)
{
	struct station_config c;
	struct err e;
	size_t n = 0;
	void *base = erpsync_folder_ini_base(folder, path, &n);
	int rc = base == NULL
	    ? 0
	    : station_config_read(base, n, path_base(path), &c, &e);

	if (base != NULL && rc == 0) {
		rc = station_files_check(dir, path_base(path), &c, NULL, &e);
		station_config_release(&c);
	}
	free(base);
	return rc == why->code && strcmp(fault_of(&e), fault_of(why)) == 0;
}

bool
station_job_lacks_file(const char *dir, const char *name,
    const struct station_config *c, const struct erpsync_security *given,
    struct err *why)
{
	struct station_config own, but;
	int rc, has_own = station_ini_own(dir, &own, NULL);

	memset(&but, 0, sizeof(but));
	if (has_own == 1)
		but = own;
	/* Only whether there is one counts. */
	if (given != NULL && given->ca != NULL)
		but.ca = c->ca;
	if (given != NULL && given->certificate != NULL)
		but.certificate = c->certificate;
	if (given != NULL && given->key != NULL)
		but.key = c->key;
	rc = station_files_check(dir, name, c, &but, why);
	if (has_own == 1)
		station_config_release(&own);
	return rc != 0 && station_job_is_brought(dir, why);
}

bool
station_job_is_brought(const char *dir, const struct err *why)
{
	char path[FS_PATH_BYTES];
	struct erpsync_folder *folder;
	bool is;

	if ((why->code != ERP_USAGE && why->code != ERP_UNTRUSTED) ||
	    !station_ini_path(dir, path) || (folder = look_at(dir)) == NULL)
		return false;
	is = erpsync_folder_is_as_installed(folder, path) ||
	    is_wrong_in_base(folder, dir, path, why);
	erpsync_folder_close(folder);
	return is;
}

bool
station_job_knows(const char *dir, const char *host, uint16_t port)
{
	struct erpsync_folder *folder = look_at(dir);
	bool knows = folder != NULL && erpsync_folder_knows(folder, host, port);

	erpsync_folder_close(folder);
	return knows;
}
