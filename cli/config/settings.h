#ifndef ERPSYNC_CLI_CONFIG_SETTINGS_H
#define ERPSYNC_CLI_CONFIG_SETTINGS_H

/*
 * The keys of AppServer.ini and smartclient.ini, one row each: where it
 * stands, how its value is taken and into which field, its bounds, what it is
 * when it is not there, and what it means.  Reading, complaints, warnings of
 * unknown keys and `erpsync help settings` come from this table; the man page
 * is held to it by tests/cli/man_settings.sh.
 */

#include "engine/base/ini.h"

#include <stddef.h>
#include <stdio.h>

struct err;

enum setting_file { SETTING_SERVER, SETTING_STATION, SETTING_FILES };

enum setting_id {
	/* AppServer.ini */
	SERVER_ENABLE,
	SERVER_PATH, /* the first of those of all systems */
	SERVER_PATH_LAST = SERVER_PATH + 2,
	SERVER_ACTIVE,
	SERVER_ACTIVE_PORT,
	SERVER_LISTEN,
	SERVER_PORT,
	SERVER_BUILD,
	SERVER_MIN_CLIENT_BUILD,
	SERVER_ACCEPTABLE,
	SERVER_LOWERCASE_ONLY,
	SERVER_COMPILE_AHEAD,
	SERVER_KEEP,
	SERVER_WORKERS,
	SERVER_MAX_STATIONS,
	SERVER_MAX_PER_ADDRESS,
	SERVER_BLOB_CACHE,
	SERVER_SETTLE,
	SERVER_LOG_FILE,
	SERVER_STATE,
	SERVER_EXCLUDE,
	SERVER_CERTIFICATE,
	SERVER_KEY,
	SERVER_CLIENT_CA,
	SERVER_INSECURE,
	SERVER_SEAL_KEY,
	SERVER_SANDBOX,
	SERVER_INI_POLICY,
	SERVER_INI_CONFLICT,
	SERVER_WINDOW,
	SERVER_MAX_RATE,
	/* smartclient.ini */
	STATION_LANGUAGE,
	STATION_HEALTH_CHECK,
	STATION_SERVER,
	STATION_PORT,
	STATION_OS,
	STATION_EXCLUDE,
	STATION_ID,
	STATION_BWLIMIT,
	STATION_TIMEOUT,
	STATION_CONTIMEOUT,
	STATION_RETRIES,
	STATION_HEALTH_TIMEOUT,
	STATION_BACKUP_EXCLUDE,
	STATION_WINDOW,
	STATION_SECURE,
	STATION_CA,
	STATION_PIN,
	STATION_CERTIFICATE,
	STATION_KEY,
	STATION_INSECURE,
	STATION_INI_POLICY,
	STATION_INI_CONFLICT,
	STATION_ACTIVE,
	STATION_ACTIVE_SERVER,
	STATION_ACTIVE_PORT,
	SETTINGS_N
};

/* What reading one file needs. */
struct reader {
	struct ini ini;
	const char *path; /* of the INI file */
	struct err *e;
};

struct setting {
	enum setting_file file;
	const char *section; /* NULL: the one that the key Active names */
	const char *key;
	/* Take the value of v into the field out: 0 or a code with its line.
	 * NULL: the key has rules of its own in config.c or
	 * config_station.c. */
	int (*take)(struct reader *r, const struct setting *s,
	    const struct ini_entry *v, void *out);
	size_t offset; /* of the field in its file's configuration */
	long long least, most; /* of a number, as it is written */
	const char *preset; /* taken for a missing value; NULL: zero */
	const char *help; /* one line, without bounds and preset */
};

extern const struct setting settings[SETTINGS_N];

/* The entry of a setting, or NULL without a value.  section: of a row that
 * has none, else NULL. */
const struct ini_entry *settings_get(
    const struct reader *r, enum setting_id id, const char *section);

/* Take all of one file that have no rules of their own into its configuration,
 * which is zeroed, in the order of the table. */
int settings_read(struct reader *r, enum setting_file file, const char *section,
    void *config);

/* Take one of them, if it is there: 0, or a code. */
int settings_take(struct reader *r, enum setting_id id, void *config);

/* Warn of keys in a section that are none of this file's. */
int settings_warn_unknown(
    struct reader *r, enum setting_file file, const char *section);

/* The section that a file's key Active names; NULL in *out when nothing is
 * named. */
int settings_active(struct reader *r, enum setting_id id, const char **out);

/* The value of v into *out, unless it is NULL: least..most of the row. */
int settings_number(struct reader *r, const struct setting *s,
    const struct ini_entry *v, long long *out);

/* All keys with bounds and presets. */
void settings_help(FILE *out);

#endif
