/*
 * AppServer.ini and smartclient.ini: from INI entries to settings, with
 * defaults for what is not set and a message with file and line for what is
 * wrong.
 */
#include "cli/config/config.h"

#include "engine/base/err.h"
#include "engine/base/ini.h"
#include "transport/api/erpsync.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *key;
} systems[CONFIG_OS_N] = {
    [PATH_OS_WINDOWS] = {"windows", "PathWindows"},
    [PATH_OS_LINUX] = {"linux", "PathLinux"},
    [PATH_OS_MACOSX] = {"macosx", "PathMacOSX"},
};

static const char *const update_keys[] = {
    "Enable", "PathWindows", "PathLinux", "PathMacOSX", NULL};
static const char *const own_keys[] = {"Listen", "Port", "State", "Build",
    "MinClientBuild", "LowercaseOnly", "Keep", "Workers", "MaxStations",
    "MaxPerAddress", "BlobCacheMB", "LogFile", "Exclude", "Settle",
    "CompileAhead", NULL};

/* What reading one file needs. */
struct reader {
	struct ini ini;
	const char *path; /* of the INI file */
	struct err *e;
};

const char *
config_os_name(enum path_os os)
{
	return (unsigned)os < CONFIG_OS_N ? systems[os].name : NULL;
}

const char *
config_os_key(enum path_os os)
{
	return (unsigned)os < CONFIG_OS_N ? systems[os].key : NULL;
}

/* The entry if it is there with a value. */
static const struct ini_entry *
get(const struct reader *r, const char *section, const char *key)
{
	const struct ini_entry *v = ini_get(&r->ini, section, key);

	return v == NULL || *v->value == '\0' ? NULL : v;
}

static bool
is_one_of(const char *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (ini_name_equal(text, *list))
			return true;
	return false;
}

static int
read_bool(struct reader *r, const char *section, const char *key, bool *out)
{
	static const char *const yes[] = {
	    "1", "yes", "true", "on", "sim", "si", NULL};
	static const char *const no[] = {
	    "0", "no", "false", "off", "nao", "n\xc3\xa3o", NULL};
	const struct ini_entry *v = get(r, section, key);

	if (v == NULL)
		return 0;
	*out = is_one_of(v->value, yes);
	if (!*out && !is_one_of(v->value, no))
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s is neither yes nor no; write %s=1 or %s=0", key,
		    v->value, key, key);
	return 0;
}

/* A whole number from least to most into *out, which has the default. */
static int
read_number(struct reader *r, const struct ini_entry *v, long long least,
    long long most, long long *out)
{
	const char *why = NULL;
	long long n;

	if (v == NULL)
		return 0;
	n = strtonum(v->value, least, most, &why);
	if (why != NULL)
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s is not a whole number from %lld to %lld", v->key,
		    v->value, least, most);
	*out = n;
	return 0;
}

static int
read_own_int(struct reader *r, const char *key, int least, int most, int *out)
{
	long long n = *out;
	int rc = read_number(r, get(r, "ErpSync", key), least, most, &n);

	*out = (int)n;
	return rc;
}

static int
read_port(struct reader *r, const struct ini_entry *v, uint16_t *out)
{
	long long n = *out;
	int rc = read_number(r, v, 1, UINT16_MAX, &n);

	*out = (uint16_t)n;
	return rc;
}

/* A build label: short printable ASCII. */
static int
read_label(struct reader *r, const char *key, char out[CONFIG_MAX_LABEL + 1])
{
	const struct ini_entry *v = get(r, "ErpSync", key);
	const char *p;

	if (v == NULL)
		return 0;
	for (p = v->value; *p > ' ' && *p < 0x7f; p++)
		continue;
	if (*p != '\0' || p - v->value > CONFIG_MAX_LABEL)
		return ini_fail(&r->ini, r->e, v->line,
		    "%s may only have ASCII characters without blanks, up to "
		    "%d",
		    key, CONFIG_MAX_LABEL);
	(void)strlcpy(out, v->value, CONFIG_MAX_LABEL + 1);
	return 0;
}

static bool
is_windows_path(const char *path)
{
	return strchr(path, '\\') != NULL ||
	    (path[0] != '\0' && path[1] == ':');
}

/* A path of this machine; a relative one starts at the INI's folder. */
static int
take_path(struct reader *r, const char *value, char **out)
{
	const char *slash = strrchr(r->path, '/');
	int folder = slash == NULL ? 0 : (int)(slash - r->path) + 1;
	size_t size;

	if (value[0] == '/')
		folder = 0;
	size = (size_t)folder + strlen(value) + 1;
	if ((*out = malloc(size)) == NULL)
		return err_set(r->e, ERP_NOMEM, "out of memory");
	(void)snprintf(*out, size, "%.*s%s", folder, r->path, value);
	return 0;
}

static int
read_path(struct reader *r, const char *section, const char *key, char **out)
{
	const struct ini_entry *v = get(r, section, key);

	if (v == NULL)
		return 0;
	if (is_windows_path(v->value))
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.150s is a path of Windows; write the folder's path "
		    "on this server, as in /erp/bin/remote_upd",
		    key, v->value);
	return take_path(r, v->value, out);
}

static int
warn_unknown(struct reader *r, const char *section, const char *const *known)
{
	const struct ini_entry *v = r->ini.v;
	size_t i;

	for (i = 0; i < r->ini.n; i++, v++)
		if (ini_name_equal(v->section, section) &&
		    !is_one_of(v->key, known) &&
		    ini_warn(&r->ini, r->e, v->line,
			"%.100s is no key of [%s]; it is ignored, check its "
			"spelling",
			v->key, section) != 0)
			return ERP_NOMEM;
	return 0;
}

static int
read_update(struct reader *r, struct server_config *c)
{
	const struct ini_entry *enable = ini_get(&r->ini, "Update", "Enable");
	int rc = read_bool(r, "Update", "Enable", &c->enable);
	bool any = false;
	int os;

	for (os = 0; rc == 0 && os < CONFIG_OS_N; os++) {
		rc = read_path(r, "Update", systems[os].key, &c->path[os]);
		any = any || c->path[os] != NULL;
	}
	if (rc != 0)
		return rc;
	if (!ini_has_section(&r->ini, "Update"))
		return ini_warn(&r->ini, r->e, 1,
		    "there is no [Update] section; stations will be told that "
		    "automatic update is disabled");
	if (enable == NULL || *enable->value == '\0')
		return ini_warn(&r->ini, r->e,
		    enable == NULL ? 1 : enable->line,
		    "Enable of [Update] has no value: automatic update is "
		    "disabled; write Enable=1 to switch it on");
	if (c->enable && !any)
		return ini_warn(&r->ini, r->e, enable->line,
		    "Enable=%.20s, but none of PathWindows, PathLinux and "
		    "PathMacOSX is set",
		    enable->value);
	return 0;
}

/* The section that key Active names; NULL in *out when nothing is named. */
static int
find_active(struct reader *r, const char **out)
{
	const struct ini_entry *v = get(r, "drivers", "active");

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

static int
read_listen(struct reader *r, struct server_config *c)
{
	const struct ini_entry *listen = get(r, "ErpSync", "Listen");
	const struct ini_entry *port = get(r, "ErpSync", "Port");
	const char *active;
	struct err why;
	int rc;

	if (listen != NULL &&
	    config_parse_address(listen->value, c->listen, &c->port, &why) != 0)
		return ini_fail(
		    &r->ini, r->e, listen->line, "Listen: %s", why.msg);
	if (listen != NULL && c->port != 0 && port != NULL)
		return ini_fail(&r->ini, r->e, port->line,
		    "Listen at line %u already has a port; remove one",
		    listen->line);
	if (port != NULL)
		return read_port(r, port, &c->port);
	if (c->port != 0)
		return 0;
	if ((rc = find_active(r, &active)) != 0 || active == NULL)
		return rc;
	return read_port(r, get(r, active, "Port"), &c->port);
}

static int
read_exclude(struct reader *r, struct names *out)
{
	const struct ini_entry *v = get(r, "ErpSync", "Exclude");
	char *list, *next, *pattern;
	struct erpsync_error why;
	int rc = 0;

	if (v == NULL)
		return 0;
	if ((list = next = strdup(v->value)) == NULL)
		return err_set(r->e, ERP_NOMEM, "out of memory");
	while (rc == 0 && (pattern = strsep(&next, ",;")) != NULL) {
		pattern = ini_trim(pattern);
		if (*pattern == '\0')
			continue;
		if (erpsync_exclude_check(pattern, &why) != 0)
			rc = ini_fail(
			    &r->ini, r->e, v->line, "Exclude: %s", why.message);
		else
			rc = names_add(out, pattern, r->e);
	}
	free(list);
	return rc;
}

static int
read_own(struct reader *r, struct server_config *c)
{
	int cache_mb = 2048, settle = 2, rc;

	if ((rc = read_label(r, "Build", c->build)) != 0 ||
	    (rc = read_label(r, "MinClientBuild", c->min_client_build)) != 0 ||
	    (rc = read_bool(
		 r, "ErpSync", "LowercaseOnly", &c->lowercase_only)) != 0 ||
	    (rc = read_bool(r, "ErpSync", "CompileAhead", &c->compile_ahead)) !=
		0 ||
	    (rc = read_own_int(r, "Keep", 1, 100, &c->keep)) != 0 ||
	    (rc = read_own_int(r, "Workers", 0, 64, &c->workers)) != 0 ||
	    (rc = read_own_int(r, "MaxStations", 1, 12000, &c->max_stations)) !=
		0 ||
	    (rc = read_own_int(
		 r, "MaxPerAddress", 1, 12000, &c->max_per_address)) != 0 ||
	    (rc = read_own_int(r, "BlobCacheMB", 64, 1048576, &cache_mb)) !=
		0 ||
	    (rc = read_own_int(r, "Settle", 0, 3600, &settle)) != 0 ||
	    (rc = read_path(r, "ErpSync", "LogFile", &c->log_file)) != 0 ||
	    (rc = read_path(r, "ErpSync", "State", &c->state)) != 0 ||
	    (rc = read_exclude(r, &c->exclude)) != 0)
		return rc;
	c->blob_cache_bytes = (uint64_t)cache_mb << 20;
	c->settle_ms = (uint32_t)settle * 1000;
	if (c->state == NULL)
		return take_path(r, "erpsync-state", &c->state);
	return 0;
}

int
server_config_load(const char *path, struct server_config *c, struct err *e)
{
	struct reader r = {.path = path, .e = e};
	int rc;

	memset(c, 0, sizeof(*c));
	c->keep = 8;
	c->compile_ahead = true;
	c->max_stations = 1000;
	if ((rc = ini_load(path, &r.ini, e)) != 0)
		return rc;
	if ((rc = read_update(&r, c)) == 0 && (rc = read_listen(&r, c)) == 0 &&
	    (rc = read_own(&r, c)) == 0 &&
	    (rc = warn_unknown(&r, "Update", update_keys)) == 0 &&
	    (rc = warn_unknown(&r, "ErpSync", own_keys)) == 0) {
		/* The list moves to the caller. */
		c->warnings = r.ini.warnings;
		memset(&r.ini.warnings, 0, sizeof(r.ini.warnings));
	}
	ini_release(&r.ini);
	if (rc != 0)
		server_config_release(c);
	return rc;
}

void
server_config_release(struct server_config *c)
{
	int os;

	for (os = 0; os < CONFIG_OS_N; os++)
		free(c->path[os]);
	free(c->state);
	free(c->log_file);
	names_release(&c->exclude);
	names_release(&c->warnings);
	memset(c, 0, sizeof(*c));
}

int
server_config_need_port(const struct server_config *c, struct err *e)
{
	if (c->port != 0)
		return 0;
	return err_set(e, ERP_USAGE,
	    "no port to listen on: write Port= into the section that [DRIVERS] "
	    "Active= names, or Port= into [ErpSync], or use --listen");
}

static int
read_connection(struct reader *r, struct station_config *c)
{
	const struct ini_entry *server;
	const char *active;
	struct err why;
	uint16_t port = 0;
	int rc;

	if ((rc = find_active(r, &active)) != 0 || active == NULL)
		return rc;
	server = get(r, active, "server");
	if (server == NULL)
		return ini_fail(&r->ini, r->e,
		    ini_get(&r->ini, "drivers", "active")->line,
		    "section [%.100s] has no server=; add it or use --server "
		    "HOST:PORT",
		    active);
	if (config_parse_address(server->value, c->server, &port, &why) != 0)
		return ini_fail(
		    &r->ini, r->e, server->line, "server: %s", why.msg);
	if (port != 0)
		return ini_fail(&r->ini, r->e, server->line,
		    "server=%.100s has a port; the port goes into port=",
		    server->value);
	if ((rc = read_port(r, get(r, active, "port"), &c->port)) != 0)
		return rc;
	if (c->port == 0)
		return ini_fail(&r->ini, r->e, server->line,
		    "section [%.100s] has no port=; add it or use --server "
		    "HOST:PORT",
		    active);
	return 0;
}

static int
read_language(struct reader *r, struct station_config *c)
{
	const struct ini_entry *v = get(r, "config", "language");
	const char *why;
	long long n;

	if (v == NULL)
		return 0;
	n = strtonum(v->value, LANGUAGE_PT, LANGUAGE_EN, &why);
	if (why != NULL)
		return ini_warn(&r->ini, r->e, v->line,
		    "language=%.20s is not 1 (pt), 2 (es) or 3 (en); ignored",
		    v->value);
	c->language = (enum config_language)n;
	return 0;
}

static int
read_health(struct reader *r, struct station_config *c)
{
	const struct ini_entry *v = get(r, "ErpSync", "HealthCheck");

	if (v == NULL)
		return 0;
	if ((c->health_check = strdup(v->value)) == NULL)
		return err_set(r->e, ERP_NOMEM, "out of memory");
	return 0;
}

int
station_config_load(const char *path, struct station_config *c, struct err *e)
{
	struct reader r = {.path = path, .e = e};
	int rc;

	memset(c, 0, sizeof(*c));
	if ((rc = ini_load(path, &r.ini, e)) != 0)
		return rc;
	if ((rc = read_language(&r, c)) == 0 &&
	    (rc = read_health(&r, c)) == 0 &&
	    (rc = read_connection(&r, c)) == 0) {
		c->warnings = r.ini.warnings;
		memset(&r.ini.warnings, 0, sizeof(r.ini.warnings));
	}
	ini_release(&r.ini);
	if (rc != 0)
		station_config_release(c);
	return rc;
}

void
station_config_release(struct station_config *c)
{
	free(c->health_check);
	names_release(&c->warnings);
	memset(c, 0, sizeof(*c));
}
