/*
 * Under station_job_server.c and the doctor: what the folder itself tells of
 * an INI file that says what cannot be, and of a server.
 */
#include "cli/station_job_internal.h"

#include "cli/station_ini.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"

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

bool
station_job_is_brought(const char *dir, const struct err *why)
{
	char path[FS_PATH_BYTES];
	struct erpsync_folder *folder;
	bool is;

	if ((why->code != ERP_USAGE && why->code != ERP_UNTRUSTED) ||
	    !station_ini_path(dir, path) || (folder = look_at(dir)) == NULL)
		return false;
	is = erpsync_folder_is_as_installed(folder, path);
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
