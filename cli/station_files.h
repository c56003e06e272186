#ifndef ERPSYNC_CLI_STATION_FILES_H
#define ERPSYNC_CLI_STATION_FILES_H

/*
 * The files that a station's INI names for its connection: CA,
 * CertificateClient and KeyClient.  A row that names one which is not there,
 * or damaged, lets no update come, and so neither the one that would mend it.
 */

#include <stdbool.h>

struct erpsync_security;
struct err;
struct names;
struct station_config;

/* Is that file of an INI beside it?  Else its path says where it is. */
bool station_files_is_beside(const char *text);

/* Where the file text of an INI of the folder dir is.  The caller frees it;
 * NULL: no memory. */
char *station_files_place(const char *dir, const char *text);

/*
 * Would the files that c, read from name in dir, names load, as the connection
 * will load them?  What but (may be NULL) names counts instead: files as the
 * engine takes them.  ERP_UNTRUSTED: CA is not there, or has nothing of use in
 * it; ERP_USAGE: CertificateClient with its key; other codes: one of them
 * cannot be looked at now.  The error has name, row and file.
 */
int station_files_check(const char *dir, const char *name,
    const struct station_config *c, const struct erpsync_security *but,
    struct err *e);

/* Does a pattern of Exclude, or one of several, leave out every file? */
bool station_files_is_all(const char *pattern);
bool station_files_has_all(const struct names *patterns);

/* The patterns for the eye, none in part: as many as fit, and how many more. */
enum { STATION_FILES_LIST = 480 }; /* what details.h translates as one */
void station_files_list(
    char out[STATION_FILES_LIST], const struct names *patterns);

/* Take the rows out of c that it gave this code for; false: there are none. */
bool station_files_drop(struct station_config *c, int code);

#endif
