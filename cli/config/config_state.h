#ifndef ERPSYNC_CLI_CONFIG_CONFIG_STATE_H
#define ERPSYNC_CLI_CONFIG_CONFIG_STATE_H

/*
 * What AppServer.ini names on the disk, beside what the server publishes:
 * looked at before any of it is opened.
 */

#include <stdbool.h>

struct err;
struct names;
struct server_config;

/*
 * Are state, log and key apart from every update folder, and the log from what
 * the server reads, and from its files in the state folder?  Else the server
 * would publish its own files, or write over them: ERP_USAGE naming both.  An
 * AppServer.ini that is published, an update folder that is published with
 * another or is the same, a state folder that everybody can write, and a key
 * that others may read, add to c's warnings.
 */
int server_config_check_folders(
    struct server_config *c, const char *state, struct err *e);

/* Is the file at path, NULL or one that may not be there yet, part of what is
 * published of folder without what these patterns leave out? */
bool config_is_published(
    const char *path, const char *folder, const struct names *exclude);

/* As root in the state folder of another user: ERP_AUTH.  What root makes there
 * is closed to whom it belongs. */
int server_config_check_owner(const char *state, struct err *e);

#endif
