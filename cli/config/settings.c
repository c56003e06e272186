/*
 * On top of the ways to take a value, below config.c and config_station.c: the
 * table of all keys, and what is made of it as a table.
 */
#include "cli/config/settings_internal.h"

#include "cli/config/config.h"
#include "engine/base/err.h"

#include <assert.h>
#include <string.h>

/* Where in its configuration a value goes. */
#define SERVER_AT(field) .offset = offsetof(struct server_config, field)
#define STATION_AT(field) .offset = offsetof(struct station_config, field)
#define SERVER(section, key) SETTING_SERVER, section, key
#define STATION(section, key) SETTING_STATION, section, key

const struct setting settings[SETTINGS_N] = {
    [SERVER_ENABLE] = {SERVER("Update", "Enable"), take_flag, SERVER_AT(enable),
	.preset = "0", .help = "are there updates?"},
    [SERVER_PATH + PATH_OS_WINDOWS] = {SERVER("Update", "PathWindows"),
	take_path, SERVER_AT(path[PATH_OS_WINDOWS]),
	.help = "the update folder of Windows clients"},
    [SERVER_PATH + PATH_OS_LINUX] = {SERVER("Update", "PathLinux"), take_path,
	SERVER_AT(path[PATH_OS_LINUX]),
	.help = "the update folder of Linux clients"},
    [SERVER_PATH + PATH_OS_MACOSX] = {SERVER("Update", "PathMacOSX"), take_path,
	SERVER_AT(path[PATH_OS_MACOSX]),
	.help = "the update folder of macOS clients"},
    [SERVER_ACTIVE] = {SERVER("DRIVERS", "Active"), NULL,
	.help = "the section with the ERP's port"},
    [SERVER_ACTIVE_PORT] = {SERVER(NULL, "Port"), NULL, SERVER_AT(port),
	.least = 1, .most = UINT16_MAX,
	.help = "to listen at, unless [ErpSync] says it"},
    [SERVER_LISTEN] = {SERVER("ErpSync", "Listen"), NULL,
	.help = "address to listen at, with or without a port"},
    [SERVER_PORT] = {SERVER("ErpSync", "Port"), NULL, SERVER_AT(port),
	.least = 1, .most = UINT16_MAX,
	.help = "to listen at, instead of the ERP's"},
    [SERVER_BUILD] = {SERVER("ErpSync", "Build"), take_label, SERVER_AT(build),
	.help = "the build of the published files"},
    [SERVER_MIN_CLIENT_BUILD] = {SERVER("ErpSync", "MinClientBuild"),
	take_label, SERVER_AT(min_client_build),
	.help = "the oldest build that is compatible"},
    [SERVER_ACCEPTABLE] = {SERVER("ErpSync", "Acceptable"), NULL,
	.help = "other builds that are compatible"},
    [SERVER_LOWERCASE_ONLY] = {SERVER("ErpSync", "LowercaseOnly"), take_flag,
	SERVER_AT(lowercase_only), .preset = "0",
	.help = "is an upper-case name an error?"},
    [SERVER_COMPILE_AHEAD] = {SERVER("ErpSync", "CompileAhead"), take_flag,
	SERVER_AT(terms.compile_ahead), .preset = "1",
	.help = "make the smallest deltas in the background?"},
    [SERVER_KEEP] = {SERVER("ErpSync", "Keep"), take_int, SERVER_AT(keep),
	.least = 1, .most = 100, .preset = "8", .help = "releases to keep"},
    [SERVER_WORKERS] = {SERVER("ErpSync", "Workers"), take_int,
	SERVER_AT(workers), .least = 0, .most = 64, .preset = "0",
	.help = "threads; 0: two for each processor"},
    [SERVER_MAX_STATIONS] = {SERVER("ErpSync", "MaxStations"), take_int,
	SERVER_AT(max_stations), .least = 1, .most = 12000, .preset = "1000",
	.help = "stations connected at a time"},
    [SERVER_MAX_PER_ADDRESS] = {SERVER("ErpSync", "MaxPerAddress"), take_int,
	SERVER_AT(max_per_address), .least = 1, .most = 12000,
	.help = "of them from one address; 64 from other machines"},
    [SERVER_BLOB_CACHE] = {SERVER("ErpSync", "BlobCacheMB"), take_mebibytes,
	SERVER_AT(blob_cache_bytes), .least = 64, .most = 1048576,
	.preset = "2048", .help = "space for prepared differences, MiB"},
    [SERVER_SETTLE] = {SERVER("ErpSync", "Settle"), take_seconds,
	SERVER_AT(settle_ms), .least = 0, .most = 3600, .preset = "2",
	.help = "seconds that a folder must stay the same"},
    [SERVER_LOG_FILE] = {SERVER("ErpSync", "LogFile"), take_path,
	SERVER_AT(log_file), .help = "the log, instead of standard error"},
    [SERVER_STATE] = {SERVER("ErpSync", "State"), take_path, SERVER_AT(state),
	.preset = "erpsync-state", .help = "the state folder"},
    [SERVER_EXCLUDE] = {SERVER("ErpSync", "Exclude"), take_patterns,
	SERVER_AT(exclude), .help = "names not to publish"},
    [SERVER_CERTIFICATE] = {SERVER("ErpSync", "CertificateServer"), take_path,
	SERVER_AT(tls.certificate),
	.help = "the certificate for TLS, PEM; else one of its own"},
    [SERVER_KEY] = {SERVER("ErpSync", "KeyServer"), take_path,
	SERVER_AT(tls.key), .help = "its key, PEM"},
    [SERVER_CLIENT_CA] = {SERVER("ErpSync", "ClientCA"), take_path,
	SERVER_AT(tls.client_ca),
	.help = "who issues the certificates that stations need"},
    [SERVER_INSECURE] = {SERVER("ErpSync", "Insecure"), take_flag,
	SERVER_AT(tls.insecure), .preset = "0",
	.help = "serve other machines without TLS, too?"},
    [SERVER_SEAL_KEY] = {SERVER("ErpSync", "SealKey"), take_path,
	SERVER_AT(seal_key),
	.help = "public key that must have sealed each release"},
    [SERVER_SANDBOX] = {SERVER("ErpSync", "Sandbox"), take_flag,
	SERVER_AT(sandbox), .preset = "1",
	.help = "keep it from all that it has no need of?"},
    [SERVER_INI_POLICY] = {SERVER("ErpSync", "IniPolicy"), take_ini_policy,
	SERVER_AT(ini.policy),
	.help = "stations' INIs: [PATTERN:]overwrite, keep, merge"},
    [SERVER_INI_CONFLICT] = {SERVER("ErpSync", "IniConflict"),
	take_ini_conflict, SERVER_AT(ini.conflict),
	.help = "whose edit of a key wins: station or release"},
    [SERVER_WINDOW] = {SERVER("ErpSync", "Window"), NULL,
	.help = "hours in which stations may update"},
    [SERVER_MAX_RATE] = {SERVER("ErpSync", "MaxRate"), NULL,
	.help = "KiB a second that leave, or with K, M, G"},
    [STATION_LANGUAGE] = {STATION("config", "language"), NULL,
	STATION_AT(language), .least = LANGUAGE_PT, .most = LANGUAGE_EN,
	.help = "1 Portuguese, 2 Spanish, 3 English"},
    [STATION_HEALTH_CHECK] = {STATION("ErpSync", "HealthCheck"), take_text,
	STATION_AT(health_check),
	.help = "does it work? only in .erpsync/station.ini"},
    [STATION_SERVER] = {STATION("ErpSync", "Server"), NULL,
	.help = "the server, instead of the ERP's"},
    [STATION_PORT] = {STATION("ErpSync", "Port"), NULL, STATION_AT(port),
	.least = 1, .most = UINT16_MAX,
	.help = "its port, instead of the ERP's"},
    [STATION_OS] = {STATION("ErpSync", "Os"), take_os, STATION_AT(system),
	.help = "whose files: windows, linux or macosx"},
    [STATION_EXCLUDE] = {STATION("ErpSync", "Exclude"), take_patterns,
	STATION_AT(exclude), .help = "names to leave alone"},
    [STATION_ID] = {STATION("ErpSync", "StationId"), take_station_id,
	STATION_AT(station_id),
	.help = "this station, instead of its host name"},
    [STATION_BWLIMIT] = {STATION("ErpSync", "BwLimit"), take_rate,
	STATION_AT(bwlimit), .help = "KiB a second, or with K, M, G"},
    [STATION_TIMEOUT] = {STATION("ErpSync", "Timeout"), take_seconds,
	STATION_AT(timeout_ms), .least = 1, .most = 86400,
	.help = "seconds of silence that end a transfer"},
    [STATION_CONTIMEOUT] = {STATION("ErpSync", "ConTimeout"), take_seconds,
	STATION_AT(connect_timeout_ms), .least = 1, .most = 86400,
	.help = "seconds to connect"},
    [STATION_RETRIES] = {STATION("ErpSync", "Retries"), take_count,
	STATION_AT(retries), .least = 0, .most = 1000,
	.help = "attempts after a broken connection"},
    [STATION_HEALTH_TIMEOUT] = {STATION("ErpSync", "HealthTimeout"),
	take_seconds, STATION_AT(health_timeout_ms), .least = 1, .most = 600,
	.help = "seconds for the health check"},
    [STATION_BACKUP_EXCLUDE] = {STATION("ErpSync", "BackupExclude"),
	take_patterns, STATION_AT(backup_exclude),
	.help = "names of the user's to leave out of backups"},
    [STATION_WINDOW] = {STATION("ErpSync", "Window"), take_window,
	STATION_AT(window),
	.help = "show updates in a window: auto, always or never"},
    [STATION_SECURE] = {STATION("ErpSync", "SecureConnection"), take_flag,
	STATION_AT(secure), .help = "TLS also within this machine?"},
    [STATION_CA] = {STATION("ErpSync", "CA"), take_text, STATION_AT(ca),
	.help = "who issues servers' certificates: a PEM file"},
    [STATION_PIN] = {STATION("ErpSync", "Pin"), take_pin, STATION_AT(pin),
	.help = "the server's key, sha256//..."},
    [STATION_CERTIFICATE] = {STATION("ErpSync", "CertificateClient"), take_text,
	STATION_AT(certificate), .help = "this station's certificate, PEM"},
    [STATION_KEY] = {STATION("ErpSync", "KeyClient"), take_text,
	STATION_AT(key), .help = "its key, PEM"},
    [STATION_INSECURE] = {STATION("ErpSync", "Insecure"), take_flag,
	STATION_AT(insecure), .help = "do without TLS?"},
    [STATION_INI_POLICY] = {STATION("ErpSync", "IniPolicy"), take_ini_policy,
	STATION_AT(ini.policy),
	.help = "its INIs: [PATTERN:]overwrite, keep or merge"},
    [STATION_INI_CONFLICT] = {STATION("ErpSync", "IniConflict"),
	take_ini_conflict, STATION_AT(ini.conflict),
	.help = "whose edit of a key wins: station or release"},
    [STATION_ACTIVE] = {STATION("drivers", "active"), NULL,
	.help = "the section with server and port"},
    [STATION_ACTIVE_SERVER] = {STATION(NULL, "server"), NULL,
	.help = "the server's name or address"},
    [STATION_ACTIVE_PORT] = {STATION(NULL, "port"), NULL, STATION_AT(port),
	.least = 1, .most = UINT16_MAX, .help = "the server's port"},
};

const struct ini_entry *
settings_get(const struct reader *r, enum setting_id id, const char *section)
{
	const struct setting *s = &settings[id];
	const struct ini_entry *v;

	assert((s->section == NULL) != (section == NULL));
	v = ini_get(&r->ini, section != NULL ? section : s->section, s->key);
	return v == NULL || *v->value == '\0' ? NULL : v;
}

/* Is it a row of this section of this file? */
static bool
is_in(const struct setting *s, enum setting_file file, const char *section)
{
	return s->file == file && s->section != NULL &&
	    strcmp(s->section, section) == 0;
}

int
settings_read(
    struct reader *r, enum setting_file file, const char *section, void *config)
{
	const struct setting *s;
	const struct ini_entry *v;
	struct ini_entry missing = {.section = section};
	int i, rc = 0;

	for (i = 0; rc == 0 && i < SETTINGS_N; i++) {
		s = &settings[i];
		if (!is_in(s, file, section) || s->take == NULL)
			continue;
		missing.key = s->key;
		missing.value = s->preset;
		v = settings_get(r, (enum setting_id)i, NULL);
		if (v == NULL && s->preset != NULL)
			v = &missing;
		if (v != NULL)
			rc = s->take(
			    r, s, v, (unsigned char *)config + s->offset);
		assert(v != &missing || rc == 0 || rc == ERP_NOMEM);
	}
	return rc;
}

int
settings_take(struct reader *r, enum setting_id id, void *config)
{
	const struct setting *s = &settings[id];
	const struct ini_entry *v =
	    s->take == NULL ? NULL : settings_get(r, id, NULL);

	return v == NULL
	    ? 0
	    : s->take(r, s, v, (unsigned char *)config + s->offset);
}

static bool
is_known(const char *key, enum setting_file file, const char *section)
{
	const struct setting *s;

	for (s = settings; s != settings + SETTINGS_N; s++)
		if (is_in(s, file, section) && ini_name_equal(key, s->key))
			return true;
	return false;
}

int
settings_warn_unknown(
    struct reader *r, enum setting_file file, const char *section)
{
	const struct ini_entry *v;

	for (v = r->ini.v; v != r->ini.v + r->ini.n; v++)
		if (ini_name_equal(v->section, section) &&
		    !is_known(v->key, file, section) &&
		    ini_warn(&r->ini, r->e, v->line,
			"%.100s is no key of [%s]; it is ignored, check its "
			"spelling",
			v->key, section) != 0)
			return ERP_NOMEM;
	return 0;
}

int
settings_active(struct reader *r, enum setting_id id, const char **out)
{
	const struct ini_entry *v = settings_get(r, id, NULL);

	*out = NULL;
	if (v == NULL)
		return 0;
	if (!ini_has_section(&r->ini, v->value))
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s, but there is no section [%.100s]; add it or "
		    "name one that is there",
		    v->key, v->value, v->value);
	*out = v->value;
	return 0;
}
