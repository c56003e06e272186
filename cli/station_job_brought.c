/*
 * Under station_job_server.c and the doctor: what the folder itself tells of
 * an INI file that says what cannot be, and of a server.
 */
#include "cli/station_job_internal.h"

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
is_wrong_in_base(const struct erpsync_folder *folder, const char *path,
    const struct err *why)
{
	struct err e;
	size_t n = 0;
	void *base = erpsync_folder_ini_base(folder, path, &n);
	bool is = base != NULL &&
	    station_config_check(base, n, path_base(path), &e) == why->code &&
	    strcmp(fault_of(&e), fault_of(why)) == 0;

	free(base);
	return is;
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
	    is_wrong_in_base(folder, path, why);
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
