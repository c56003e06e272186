/*
 * AppServer.ini, on top of the table of settings and below the commands of a
 * server: what its keys mean together.
 */
#include "cli/config/config.h"

#include "cli/config/settings.h"
#include "engine/base/err.h"
#include "transport/api/erpsync_server.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 100 }; /* of a warning */

const char *
config_os_key(enum path_os os)
{
	static_assert(SERVER_PATH_LAST - SERVER_PATH + 1 == PATH_OS_N,
	    "a folder for each system");
	return (unsigned)os < PATH_OS_N ? settings[SERVER_PATH + os].key : NULL;
}

static int
read_port(
    struct reader *r, enum setting_id id, const char *section, uint16_t *out)
{
	long long n = *out;
	int rc =
	    settings_number(r, &settings[id], settings_get(r, id, section), &n);

	*out = (uint16_t)n;
	return rc;
}

static int
read_update(struct reader *r, struct server_config *c)
{
	const struct setting *key = &settings[SERVER_ENABLE];
	const struct ini_entry *enable =
	    ini_get(&r->ini, key->section, key->key);
	int rc = settings_read(r, SETTING_SERVER, "Update", c), os;
	bool any = false;

	if (rc != 0)
		return rc;
	for (os = 0; os < PATH_OS_N; os++)
		any = any || c->path[os] != NULL;
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

static int
read_listen(struct reader *r, struct server_config *c)
{
	const struct ini_entry *listen = settings_get(r, SERVER_LISTEN, NULL);
	const struct ini_entry *port = settings_get(r, SERVER_PORT, NULL);
	const char *active;
	struct err why;
	int rc;

	if (listen != NULL &&
	    config_parse_address(listen->value, 1, c->listen, &c->port, &why) !=
		0)
		return ini_fail(
		    &r->ini, r->e, listen->line, "Listen: %s", why.msg);
	if (listen != NULL && c->port != 0 && port != NULL)
		return ini_fail(&r->ini, r->e, port->line,
		    "Listen at line %u already has a port; remove one",
		    listen->line);
	if (port != NULL)
		return read_port(r, SERVER_PORT, NULL, &c->port);
	if (c->port != 0)
		return 0;
	if ((rc = settings_active(r, SERVER_ACTIVE, &active)) != 0 ||
	    active == NULL)
		return rc;
	return read_port(r, SERVER_ACTIVE_PORT, active, &c->port);
}

/* A text that the library knows, or says why not; 1 if it thinks it odd. */
static int
read_term(struct reader *r, enum setting_id id,
    int (*check)(const char *text, struct erpsync_error *e), char **out)
{
	const struct ini_entry *v = settings_get(r, id, NULL);
	struct erpsync_error why;
	int rc;

	if (v == NULL)
		return 0;
	if ((rc = check(v->value, &why)) < 0)
		return ini_fail(&r->ini, r->e, v->line, "%s: %s",
		    settings[id].key, why.message);
	*out = strdup(v->value);
	return *out == NULL ? err_nomem(r->e) : rc;
}

static int
read_terms(struct reader *r, struct server_terms *t)
{
	int rc = read_term(r, SERVER_WINDOW, erpsync_window_check, &t->window);

	if (rc == 0)
		rc = read_term(
		    r, SERVER_MAX_RATE, erpsync_max_rate_check, &t->max_rate);
	if (rc == 1)
		rc = ini_warn(&r->ini, r->e,
		    settings_get(r, SERVER_MAX_RATE, NULL)->line,
		    "MaxRate has a rate below 2K, with which a station gives "
		    "up; a number without a letter is in K");
	if (rc == 0)
		rc = read_term(r, SERVER_ACCEPTABLE, erpsync_acceptable_check,
		    &t->acceptable);
	return rc;
}

/* A limit above the build itself lets nobody in whom it is there for. */
static int
warn_builds(struct reader *r, const struct server_config *c)
{
	const struct ini_entry *least =
	    settings_get(r, SERVER_MIN_CLIENT_BUILD, NULL);

	if (least == NULL || c->build[0] == '\0' ||
	    erpsync_build_compare(c->min_client_build, c->build) <= 0)
		return 0;
	return ini_warn(&r->ini, r->e, least->line,
	    "MinClientBuild=%s is above Build=%s, so no older client counts "
	    "as compatible; write the oldest build that does",
	    c->min_client_build, c->build);
}

int
server_config_load(const char *path, struct server_config *c, struct err *e)
{
	struct reader r = {.path = path, .e = e};
	int rc;

	memset(c, 0, sizeof(*c));
	if ((rc = ini_load(path, &r.ini, e)) != 0)
		return rc;
	if ((c->file = strdup(path)) == NULL)
		rc = err_nomem(e);
	if (rc == 0 && (rc = read_update(&r, c)) == 0 &&
	    (rc = read_listen(&r, c)) == 0 &&
	    (rc = settings_read(&r, SETTING_SERVER, "ErpSync", c)) == 0 &&
	    (rc = read_terms(&r, &c->terms)) == 0 &&
	    (rc = warn_builds(&r, c)) == 0 &&
	    (rc = settings_warn_unknown(&r, SETTING_SERVER, "Update")) == 0 &&
	    (rc = settings_warn_unknown(&r, SETTING_SERVER, "ErpSync")) == 0) {
		/* The list moves to the caller. */
		c->warnings = r.ini.warnings;
		memset(&r.ini.warnings, 0, sizeof(r.ini.warnings));
	}
	ini_release(&r.ini);
	if (rc != 0)
		server_config_release(c);
	return rc;
}

static bool
text_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

int
server_config_compare(
    const struct server_config *now, struct server_config *fresh, struct err *e)
{
	const struct {
		const char *key;
		bool same;
	} rows[] = {
	    {"Listen", strcmp(now->listen, fresh->listen) == 0},
	    {"Port", now->port == fresh->port},
	    {"State", text_equal(now->state, fresh->state)},
	    {"LogFile", text_equal(now->log_file, fresh->log_file)},
	    {"Workers", now->workers == fresh->workers},
	    {"MaxStations", now->max_stations == fresh->max_stations},
	    {"MaxPerAddress", now->max_per_address == fresh->max_per_address},
	    {"Sandbox", now->sandbox == fresh->sandbox},
	    {"BlobCacheMB", now->blob_cache_bytes == fresh->blob_cache_bytes},
	};
	char line[LINE_BYTES];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].same)
			continue;
		(void)snprintf(line, sizeof(line),
		    "%s was changed; that counts when the server is started "
		    "again",
		    rows[i].key);
		rc = names_add(&fresh->warnings, line, e);
	}
	return rc;
}

void
server_config_release(struct server_config *c)
{
	int os;

	for (os = 0; os < PATH_OS_N; os++)
		free(c->path[os]);
	free(c->file);
	free(c->state);
	free(c->log_file);
	free(c->tls.certificate);
	free(c->tls.key);
	free(c->tls.client_ca);
	free(c->seal_key);
	free(c->ini.policy);
	free(c->terms.acceptable);
	free(c->terms.max_rate);
	free(c->terms.window);
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
