/*
 * Under station_job_server.c and the doctor: what the folder itself tells of
 * an INI file that says what cannot be, and of a server.
 */
#include "cli/station_job_internal.h"

#include "cli/config/config.h"
#include "cli/station_files.h"
#include "cli/station_ini.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/path.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

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

/* What is wrong, without the file and the line. */
static const char *
fault_of(const struct err *e)
{
	const char *colon = strstr(e->msg, ": ");

	return colon == NULL ? e->msg : colon + 2;
}

static bool
is_same(const struct err *e, const void *why)
{
	const struct err *w = why;

	return e->code == w->code && strcmp(fault_of(e), fault_of(w)) == 0;
}

/* Is that wrong in what was brought, too, of which this may be merged?  There
 * more may have been wrong than was taken, or is left. */
static bool
is_wrong_in_base(const struct erpsync_folder *folder, const char *dir,
    const char *path, const struct err *why)
{
	struct station_config c;
	struct err e;
	size_t n = 0;
	void *base = erpsync_folder_ini_base(folder, path, &n);
	bool is;
	int rc;

	if (base == NULL)
		return false;
	is = station_config_has_fault(base, n, &c, is_same, why);
	while (!is &&
	    (rc = station_files_check(dir, path_base(path), &c, NULL, &e)) !=
		0) {
		is = is_same(&e, why);
		if (!station_files_drop(&c, rc))
			break;
	}
	station_config_release(&c);
	free(base);
	return is;
}

/* What is named elsewhere, and counts instead: by options, or by
 * .erpsync/station.ini. */
struct elsewhere {
	struct erpsync_security names;
	struct station_config own;
	char *key;
};

static void
elsewhere_find(
    struct elsewhere *w, const char *dir, const struct erpsync_security *given)
{
	struct erpsync_security *to = &w->names;

	memset(w, 0, sizeof(*w));
	if (given != NULL)
		*to = *given;
	if (station_ini_own(dir, &w->own, NULL) != 1) {
		memset(&w->own, 0, sizeof(w->own));
		return;
	}
	/* Of these two only counts that there is one. */
	if (to->ca == NULL)
		to->ca = w->own.ca;
	if (to->certificate == NULL)
		to->certificate = w->own.certificate;
	if (to->key == NULL && w->own.key != NULL)
		to->key = w->key = station_files_place(dir, w->own.key);
}

static void
elsewhere_release(struct elsewhere *w)
{
	station_config_release(&w->own);
	free(w->key);
}

bool
station_job_lacks_file(const char *dir, const char *name,
    const struct station_config *c, const struct erpsync_security *given,
    struct err *why)
{
	struct elsewhere w;
	int rc;

	if (c->ca == NULL && c->certificate == NULL)
		return false;
	elsewhere_find(&w, dir, given);
	rc = station_files_check(dir, name, c, &w.names, why);
	elsewhere_release(&w);
	return rc != 0 && station_job_is_brought(dir, why);
}

bool
station_job_drop_files(const char *dir, struct station_config *c,
    const struct erpsync_security *given)
{
	bool had_ca = c->ca != NULL;
	struct err e;

	while (station_job_lacks_file(dir, "", c, given, &e) &&
	    station_files_drop(c, e.code))
		;
	return had_ca && c->ca == NULL;
}

static bool
is_none(const struct err *fault, const void *ctx)
{
	(void)fault;
	(void)ctx;
	return false;
}

/* What the last release that had a smartclient.ini, at this path here, says in
 * it, as far as that can be taken. */
static bool
read_brought(const struct erpsync_folder *folder, const char *dir,
    const char *path, struct station_config *out)
{
	char name[NAME_MAX + 1];
	size_t n = 0;
	void *base;

	if (erpsync_folder_is_as_installed(folder, path)) {
		if (station_ini_load(dir, name, NULL, out, NULL) != 1)
			station_ini_salvage(dir, out);
		return true;
	}
	if ((base = erpsync_folder_ini_base(folder, path, &n)) == NULL)
		return false;
	(void)station_config_has_fault(base, n, out, is_none, NULL);
	free(base);
	return true;
}

static void
drop_system(const struct erpsync_folder *folder, struct station_config *c)
{
	int os = erpsync_folder_system(folder);

	if (os < 0 || c->system == 0 || c->system == 1 + os)
		return;
	c->system = 0;
	(void)names_add(&c->warnings,
	    "a release brought smartclient.ini with Os= of another system than "
	    "this folder's; it is ignored",
	    NULL);
}

/* Patterns that leave nothing for any release to bring. */
static void
drop_all(struct station_config *c, const struct names *brought)
{
	size_t i, n = 0, had = c->exclude.n;

	for (i = 0; i < had; i++)
		if (station_files_is_all(c->exclude.v[i]) &&
		    station_files_has_all(brought))
			free(c->exclude.v[i]);
		else
			c->exclude.v[n++] = c->exclude.v[i];
	c->exclude.n = n;
	if (n < had)
		(void)names_add(&c->warnings,
		    "a release brought smartclient.ini with an Exclude= that "
		    "leaves out every file; it is ignored",
		    NULL);
}

static bool
has_name(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (strcmp(names->v[i], name) == 0)
			return true;
	return false;
}

/* Those that were brought are the first, and leave out no INI at path. */
static void
yield_exclude(
    struct station_config *c, const struct names *brought, const char *path)
{
	size_t i, n = 0;
	char *one;

	for (i = 0; i < c->exclude.n; i++) {
		one = c->exclude.v[i];
		if (!has_name(brought, one))
			continue;
		c->exclude.v[i] = c->exclude.v[n];
		c->exclude.v[n++] = one;
	}
	c->doubt.brought.exclude_n = n;
	if (erpsync_is_excluded((const char *const *)c->exclude.v, n, path))
		(void)names_add(&c->warnings,
		    "a release brought smartclient.ini with an Exclude= that "
		    "leaves out this file itself; it comes all the same",
		    NULL);
}

static void
yield_policy(struct station_config *c, const char *brought, const char *path)
{
	c->doubt.brought.ini_policy = brought != NULL &&
	    c->ini.policy != NULL && strcmp(brought, c->ini.policy) == 0;
	if (c->doubt.brought.ini_policy &&
	    erpsync_ini_policy_keeps(brought, path))
		(void)names_add(&c->warnings,
		    "a release brought smartclient.ini with an IniPolicy= that "
		    "keeps this file itself; it is merged instead",
		    NULL);
}

bool
station_job_drop_brought(
    const char *dir, struct station_config *c, bool *insecure)
{
	struct erpsync_folder *folder = look_at(dir);
	char path[FS_PATH_BYTES];
	struct station_config b;
	bool is_same = false;

	*insecure = false;
	if (folder == NULL)
		return false;
	if (station_ini_path(dir, path) &&
	    read_brought(folder, dir, path, &b)) {
		if (b.system == c->system)
			drop_system(folder, c);
		*insecure = b.insecure && c->insecure;
		drop_all(c, &b.exclude);
		yield_exclude(c, &b.exclude, path);
		yield_policy(c, b.ini.policy, path);
		c->doubt.brought.pin = c->pin != NULL && b.pin != NULL &&
		    strcmp(c->pin, b.pin) == 0;
		is_same = b.server[0] != '\0' && b.port == c->port &&
		    strcmp(b.server, c->server) == 0;
		station_config_release(&b);
	}
	erpsync_folder_close(folder);
	return is_same;
}

void
station_job_way_out(struct err *why, bool has_server)
{
	(void)strlcat(why->msg,
	    has_server ? "; no key of the server is remembered: give it with "
			 "--pin, and publish a smartclient.ini that is right"
		       : "; no server is remembered: give it with --server, "
			 "and publish a smartclient.ini that is right",
	    sizeof(why->msg));
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
	is = erpsync_folder_is_as_installed(folder, path) ||
	    is_wrong_in_base(folder, dir, path, why);
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

/* Without TLS nobody would be asked where there was TLS before. */
static void
drop_insecure(struct station_job *job)
{
	struct erpsync_security *to = &job->update.security;

	if (!job->named.brings_insecure || job->trust.insecure ||
	    to->wish != ERPSYNC_PLAIN ||
	    !station_job_knows(job->dir, job->host, job->update.server.port))
		return;
	to->wish = ERPSYNC_AUTO;
	job->named.ignores_insecure = true;
	if (!job->look.is_told)
		messages_warn(
		    stderr, job->speech.lang, STATION_IGNORES_INSECURE);
}

void
station_job_settle_server(struct station_job *job)
{
	struct erpsync_connection *to = &job->update.server;

	to->host = job->host;
	(void)snprintf(job->shown, sizeof(job->shown),
	    strchr(job->host, ':') != NULL ? "[%s]:%u" : "%s:%u", job->host,
	    to->port);
	drop_insecure(job);
}
