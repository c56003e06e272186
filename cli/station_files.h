#ifndef ERPSYNC_CLI_STATION_FILES_H
#define ERPSYNC_CLI_STATION_FILES_H

/*
 * The files that a station's INI names for its connection: CA,
 * CertificateClient and KeyClient.  A row that names one which is not there
 * lets no update come, and so neither the one that would mend it.
 */

#include <stdbool.h>

struct err;
struct station_config;

/* Is that file of an INI beside it?  Else its path says where it is. */
bool station_files_is_beside(const char *text);

/* Where the file text of an INI of the folder dir is.  The caller frees it;
 * NULL: no memory. */
char *station_files_place(const char *dir, const char *text);

/*
 * Can the files that c, read from name in dir, names be read, and is in each
 * what it is for?  Rows that but (may be NULL) has too do not count.
 * ERP_UNTRUSTED: not what would prove the server; ERP_USAGE: not what would
 * prove the station.  The error has name, row and file.
 */
int station_files_check(const char *dir, const char *name,
    const struct station_config *c, const struct station_config *but,
    struct err *e);

#endif
