#ifndef ERPSYNC_CLI_STATION_INI_H
#define ERPSYNC_CLI_STATION_INI_H

/*
 * The INI files of a client folder: which there are and what they say.  Only
 * regular files are read, no links are followed, and nothing waits.
 */

#include "cli/config/config.h"
#include "cli/messages/messages.h"
#include "engine/base/fs_file.h"

#include <limits.h>
#include <stdbool.h>

struct err;

/*
 * Read smartclient.ini of the folder dir, whatever the case of its name, or
 * where macOS has it: 1, and its name; 0 when there is none.  Of several the
 * exact name counts, else the first in order; others, unless it is NULL, gets
 * those that do not, for the caller to release in any case.  ERP_USAGE when it
 * is no regular file or says what cannot be, ERP_AUTH when root finds it in a
 * folder that others can write, and it is not that folder's owner's.  The
 * caller releases c after 1; without it only the language in it counts, as far
 * as that was read.
 */
int station_ini_load(const char *dir, char name[NAME_MAX + 1],
    struct names *others, struct station_config *c, struct err *e);

/*
 * What of the smartclient.ini that station_ini_load failed on can be taken all
 * the same (station_config_salvage).  The caller releases c in any case.
 */
void station_ini_salvage(const char *dir, struct station_config *c);

/* Has an update of dir not ended, so that its files may be those of either
 * release?  Recovery brings back which it is. */
bool station_ini_is_between(const char *dir);

/*
 * Would stations of this enum path_os take the smartclient.ini of an update
 * folder, if it has one that can be looked at, and find their server by it?
 * Else false, and why.
 */
bool station_ini_judge(const char *folder, int os, char *why, size_t cap);

/*
 * The same for .erpsync/station.ini, which this station's administrator made:
 * no release can reach it, so it may name commands.  ERP_AUTH when others can
 * write it.
 */
int station_ini_own(const char *dir, struct station_config *c, struct err *e);

/* Does that name a server? */
bool station_ini_own_names(const char *dir);

/* Where in dir the smartclient.ini that counts lies; false: there is none. */
bool station_ini_path(const char *dir, char path[FS_PATH_BYTES]);

/*
 * The server that served dir last, which the station itself remembers in
 * .erpsync/last-server.ini, for where nothing names one, where a release
 * brought a smartclient.ini that says what cannot be, or where the one that it
 * names is no server of updates; and the warning that it is used, in the last
 * case to stand behind the other's name.  False where none is remembered or it
 * is damaged, or where root finds it as above.
 */
enum station_names {
	STATION_NAMES_NONE,
	STATION_NAMES_WRONGLY,
	STATION_NAMES_OTHER
};
bool station_ini_last(const char *dir, enum station_names why,
    char host[CONFIG_MAX_HOST + 1], uint16_t *port, struct err *warning);

/* Add to out what the two name to be left out of backups; one that cannot be
 * read names nothing. */
void station_ini_backup_exclude(const char *dir, struct names *out);

/*
 * The language for commands on dir: --lang (option, or NULL), the INI file,
 * the locale, Portuguese.  An INI file that cannot be read names none.
 */
enum lang station_ini_lang(const char *dir, const char *option);

#endif
