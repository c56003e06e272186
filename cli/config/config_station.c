/*
 * smartclient.ini, on top of the table of settings: what its keys mean
 * together.
 */
#include "cli/config/config.h"

#include "cli/config/settings.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"

#include <bsd/stdlib.h>
#include <stdlib.h>
#include <string.h>

/* The host of an entry; its port goes into a key of its own. */
static int
read_host(struct reader *r, const struct ini_entry *v, struct station_config *c)
{
	const char *its_port = v->key[0] == 'S' ? "Port" : "port";
	uint16_t port = 0;

	if (config_parse_address(v->value, 1, c->server, &port, NULL) != 0)
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s is no name or address of a host; write that "
		    "alone, without http:// or a comment behind it, and the "
		    "port into %s=",
		    v->key, v->value, its_port);
	if (port != 0)
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s has a port; the port goes into %s=", v->key,
		    v->value, its_port);
	return 0;
}

static int
read_port(struct reader *r, enum setting_id id, const char *section,
    struct station_config *c)
{
	long long n = 0;
	int rc =
	    settings_number(r, &settings[id], settings_get(r, id, section), &n);

	c->port = (uint16_t)n;
	return rc;
}

/* What the ERP itself connects to, where [ErpSync] does not say it. */
static int
read_active(struct reader *r, bool host, bool port, struct station_config *c)
{
	const struct ini_entry *server;
	const char *active;
	unsigned line;
	int rc;

	if ((rc = settings_active(r, STATION_ACTIVE, &active)) != 0 ||
	    active == NULL)
		return rc;
	c->is_erp = true;
	line = settings_get(r, STATION_ACTIVE, NULL)->line;
	server = settings_get(r, STATION_ACTIVE_SERVER, active);
	if (host && server == NULL)
		return ini_fail(&r->ini, r->e, line,
		    "section [%.100s] has no server=; add it or use --server "
		    "HOST:PORT",
		    active);
	if (host && (rc = read_host(r, server, c)) != 0)
		return rc;
	if (!port)
		return 0;
	if ((rc = read_port(r, STATION_ACTIVE_PORT, active, c)) != 0)
		return rc;
	if (c->port == 0)
		return ini_fail(&r->ini, r->e,
		    server != NULL ? server->line : line,
		    "section [%.100s] has no port=; add it or use --server "
		    "HOST:PORT",
		    active);
	return 0;
}

static int
read_connection(struct reader *r, struct station_config *c)
{
	const struct ini_entry *server = settings_get(r, STATION_SERVER, NULL);
	const struct ini_entry *port = settings_get(r, STATION_PORT, NULL);
	int rc = 0;

	if (server != NULL)
		rc = read_host(r, server, c);
	if (rc == 0 && (server == NULL || port == NULL))
		rc = read_active(r, server == NULL, port == NULL, c);
	if (rc == 0 && port != NULL)
		rc = read_port(r, STATION_PORT, NULL, c);
	if (rc == 0 && server != NULL && c->port == 0 &&
	    strchr(c->server, ':') != NULL)
		return ini_fail(&r->ini, r->e, server->line,
		    "Server=%.100s is an IPv6 address without a port; write it "
		    "in brackets, as [::1], and add Port= to [ErpSync]",
		    server->value);
	if (rc == 0 && server != NULL && c->port == 0)
		return ini_fail(&r->ini, r->e, server->line,
		    "Server=%.100s has no port; add Port= to [ErpSync]",
		    server->value);
	return rc;
}

static int
read_language(struct reader *r, struct station_config *c)
{
	const struct ini_entry *v = settings_get(r, STATION_LANGUAGE, NULL);
	const struct setting *s = &settings[STATION_LANGUAGE];
	const char *why;
	long long n;

	if (v == NULL)
		return 0;
	n = strtonum(v->value, s->least, s->most, &why);
	if (why != NULL)
		return ini_warn(&r->ini, r->e, v->line,
		    "language=%.20s is not 1 (pt), 2 (es) or 3 (en); ignored",
		    v->value);
	c->language = (enum config_language)n;
	return 0;
}

/* All of the INI, which is released. */
static int
read_all(struct reader *r, struct station_config *c)
{
	enum config_language language;
	int rc;

	if ((rc = read_language(r, c)) == 0 &&
	    (rc = settings_read(r, SETTING_STATION, "ErpSync", c)) == 0 &&
	    (rc = settings_warn_unknown(r, SETTING_STATION, "ErpSync")) == 0 &&
	    (rc = read_connection(r, c)) == 0) {
		c->warnings = r->ini.warnings;
		memset(&r->ini.warnings, 0, sizeof(r->ini.warnings));
	}
	ini_release(&r->ini);
	if (rc != 0) {
		language = c->language;
		station_config_release(c);
		c->language = language;
	}
	return rc;
}

int
station_config_load(
    int fd, const char *name, struct station_config *c, struct err *e)
{
	struct reader r = {.path = name, .e = e};
	int rc;

	memset(c, 0, sizeof(*c));
	rc = ini_read(fs_real(), fd, name, &r.ini, e);
	return rc != 0 ? rc : read_all(&r, c);
}

int
station_config_read(const void *p, size_t n, const char *name,
    struct station_config *c, struct err *e)
{
	struct reader r = {.path = name, .e = e};
	int rc;

	memset(c, 0, sizeof(*c));
	rc = ini_parse(name, p, n, &r.ini, e);
	return rc != 0 ? rc : read_all(&r, c);
}

bool
station_config_has_fault(const void *p, size_t n, struct station_config *c,
    bool (*is_it)(const struct err *fault, const void *ctx), const void *ctx)
{
	struct err e;
	struct reader r = {.path = "", .e = &e};
	bool has;
	int id;

	memset(c, 0, sizeof(*c));
	if (ini_parse("", p, n, &r.ini, &e) != 0)
		return is_it(&e, ctx);
	has = read_connection(&r, c) != 0 && is_it(&e, ctx);
	for (id = STATION_LANGUAGE; id < SETTINGS_N; id++)
		if (settings_take(&r, (enum setting_id)id, c) != 0)
			has = is_it(&e, ctx) || has;
	ini_release(&r.ini);
	return has;
}

void
station_config_release(struct station_config *c)
{
	free(c->health_check);
	free(c->ca);
	free(c->pin);
	free(c->certificate);
	free(c->key);
	free(c->ini.policy);
	names_release(&c->exclude);
	names_release(&c->backup_exclude);
	names_release(&c->warnings);
	memset(c, 0, sizeof(*c));
}
