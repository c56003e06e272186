/*
 * Under station_options.c: what the INI files of the client folder tell where
 * the command line does not: the server, the language, the health check.
 */
#include "cli/station_job_internal.h"

#include "cli/cmd.h"
#include "cli/config/config.h"
#include "cli/station_files.h"
#include "cli/station_ini.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"

#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text of an INI, which is a file of dir unless that is NULL, to *kept, and
 * where the engine looks. */
static void
keep_text(const char *dir, const char *text, char **kept, const char **out)
{
	if (text == NULL)
		return;
	free(*kept);
	*out = *kept =
	    dir != NULL ? station_files_place(dir, text) : strdup(text);
}

/* How it says that the server is to be known. */
static void
take_trust(struct station_job *job, const struct station_config *c)
{
	struct erpsync_security *to = &job->update.security;
	struct station_trust *kept = &job->trust;

	if (c->secure || c->insecure)
		to->wish = c->secure ? ERPSYNC_TLS : ERPSYNC_PLAIN;
	keep_text(job->dir, c->ca, &kept->ca, &to->ca);
	if (c->pin != NULL)
		job->update.brought.pin = c->doubt.brought.pin;
	keep_text(NULL, c->pin, &kept->pin, &to->pin);
	keep_text(
	    job->dir, c->certificate, &kept->certificate, &to->certificate);
	keep_text(job->dir, c->key, &kept->key, &to->key);
}

/* What an INI says where the command line does not. */
static void
take_config(struct station_job *job, const struct station_config *c)
{
	struct erpsync_connection *to = &job->update.server;
	size_t i;

	if (c->system != 0)
		job->system = (struct station_system){c->system - 1, true};
	if (c->timeout_ms != 0)
		to->timeout_ms = c->timeout_ms;
	if (c->connect_timeout_ms != 0)
		to->connect_timeout_ms = c->connect_timeout_ms;
	if (c->bwlimit != 0)
		to->bwlimit = c->bwlimit;
	if (c->station_id[0] != '\0') {
		(void)strlcpy(
		    job->station_id, c->station_id, sizeof(job->station_id));
		job->update.station_id = job->station_id;
	}
	take_trust(job, c);
	if (c->ini.policy != NULL)
		job->update.brought.ini_policy = c->doubt.brought.ini_policy;
	keep_text(NULL, c->ini.policy, &job->kept.ini_policy,
	    &job->update.ini.policy);
	if (c->ini.conflict != 0)
		job->update.ini.conflict =
		    (enum erpsync_ini_conflict)c->ini.conflict;
	if (c->window != 0)
		job->output.window = c->window - 1;
	if (c->retries != 0)
		to->retries = (unsigned)c->retries - 1;
	if (c->health_timeout_ms != 0)
		job->health.check.timeout_ms = c->health_timeout_ms;
	/* A smartclient.ini is the first that is taken. */
	job->update.brought.exclude_n += c->doubt.brought.exclude_n;
	for (i = 0; i < c->exclude.n; i++)
		(void)names_add(&job->exclude, c->exclude.v[i], NULL);
	for (i = 0; i < c->backup_exclude.n; i++)
		(void)names_add(
		    &job->backup_exclude, c->backup_exclude.v[i], NULL);
}

static void
tell(const struct station_job *job, const struct err *e)
{
	if (!job->look.is_told)
		messages_warn(stderr, job->speech.lang, e->msg);
}

static void
tell_warnings(const struct station_job *job, const struct station_config *c)
{
	size_t i;

	for (i = 0; i < c->warnings.n && !job->look.is_told; i++)
		messages_warn(stderr, job->speech.lang, c->warnings.v[i]);
}

/* Its own server, if it says one; or another port of the other file's. */
static void
take_server(struct station_job *job, const struct station_config *c)
{
	if (job->named.option != NULL)
		return;
	if (c->server[0] != '\0')
		(void)strlcpy(job->host, c->server, sizeof(job->host));
	if (c->port != 0)
		job->update.server.port = c->port;
}

static int
refuse(struct station_job *job, struct opt *o, const struct err *e)
{
	if (job->look.is_told)
		job->look.refusal = *e;
	else
		said_failure(&job->said, job->speech.lang,
		    job->dry_run ? CLI015 : K2, e);
	o->exit_code = failure_exit(e->code);
	return OPT_STOP;
}

/* What is wrong in smartclient.ini; code 0: nothing. */
struct broken {
	struct err e;
	bool is_brought; /* a release brought it, and another may mend it */
	bool is_unproven; /* whom it trusts is not known */
};

/* It is passed over: but not that files are kept, nor who is trusted. */
static void
take_salvage(struct station_job *job, struct broken *broken)
{
	struct station_config c;
	bool insecure; /* is never salvaged */

	station_ini_salvage(job->dir, &c);
	(void)station_job_drop_brought(job->dir, &c, &insecure);
	tell_warnings(job, &c);
	broken->is_unproven = c.doubt.unproven;
	if (broken->is_brought &&
	    station_job_drop_files(job->dir, &c, &job->update.security))
		broken->is_unproven = true;
	take_config(job, &c);
	job->kept.vague = c.doubt.vague;
	station_config_release(&c);
}

/* It names a file that is of no use: all else of it counts, and above all a CA
 * beside a certificate that is not there, but not what would loosen anything.
 */
static void
take_without_files(
    struct station_job *job, struct station_config *c, struct broken *broken)
{
	broken->is_brought = true;
	broken->is_unproven =
	    station_job_drop_files(job->dir, c, &job->update.security);
	c->insecure = false;
	take_config(job, c);
}

/* smartclient.ini, as station_ini_load; those that are not read are told. */
static int
load_ini(struct station_job *job, char name[NAME_MAX + 1],
    struct station_config *c, struct err *e)
{
	struct names others = {NULL, 0, 0};
	int rc = station_ini_load(job->dir, name, &others, c, e);
	size_t i;

	job->speech.lang =
	    lang_choose(job->speech.language, (int)c->language, lang_locale());
	for (i = 0; rc == 1 && i < others.n; i++)
		messages_print(
		    stderr, job->speech.lang, CLI017, others.v[i], name);
	names_release(&others);
	return rc;
}

/* The language, the server and the rest out of smartclient.ini. */
static int
ask_ini(struct station_job *job, struct opt *o, struct broken *broken)
{
	struct station_config c;
	char name[NAME_MAX + 1];
	struct err e;
	int rc = load_ini(job, name, &c, &e);
	bool is_brought;

	if (rc == 0)
		return OPT_END;
	broken->is_brought = rc < 0 && station_job_is_brought(job->dir, &e);
	if (!broken->is_brought &&
	    (rc == ERP_UNTRUSTED ||
		(rc < 0 && job->named.option == NULL &&
		    !station_ini_own_names(job->dir))))
		return refuse(job, o, &e);
	if (rc < 0) {
		if (!broken->is_brought)
			tell(job, &e);
		broken->e = e;
		take_salvage(job, broken);
		return OPT_END;
	}
	is_brought =
	    station_job_drop_brought(job->dir, &c, &job->named.brings_insecure);
	tell_warnings(job, &c);
	if (station_job_lacks_file(
		job->dir, name, &c, &job->update.security, &broken->e)) {
		take_without_files(job, &c, broken);
	} else {
		take_server(job, &c);
		job->named.is_doubtful =
		    job->named.option == NULL && (is_brought || c.is_erp);
		take_config(job, &c);
	}
	/* Any release can have brought it: it must not run commands here. */
	if (c.health_check != NULL && !job->look.is_told)
		messages_print(stderr, job->speech.lang, CLI014, name);
	station_config_release(&c);
	return OPT_END;
}

/* The same, and the health check, out of the file that no release can
 * write: what it says wrongly is not passed over, nor that it is void. */
static int
ask_own_ini(struct station_job *job, struct opt *o)
{
	struct station_config c;
	struct err e;
	int rc = station_ini_own(job->dir, &c, &e);

	if (rc == ERP_USAGE || rc == ERP_UNTRUSTED)
		return refuse(job, o, &e);
	if (rc < 0)
		messages_warn(stderr, job->speech.lang, e.msg);
	if (rc != 1)
		return OPT_END;
	tell_warnings(job, &c);
	take_server(job, &c);
	if (c.server[0] != '\0')
		job->named.is_doubtful = false;
	if (c.secure || c.insecure)
		job->named.brings_insecure = false;
	take_config(job, &c);
	if (c.health_check != NULL && job->health.option == NULL &&
	    !job->dry_run &&
	    strlcpy(job->health.command, c.health_check,
		sizeof(job->health.command)) >= sizeof(job->health.command)) {
		job->health.command[0] = '\0';
		messages_warn(stderr, job->speech.lang,
		    "HealthCheck is too long; it is ignored");
	}
	station_config_release(&c);
	return OPT_END;
}

/* A program that is there can be started whatever its INI files say. */
static int
start_at_least(struct station_job *job, const struct opt *o)
{
	job->unasked = o->cmd->operands_end;
	return job->unasked ? OPT_END : OPT_STOP;
}

/* No server is told where it is looked for: in a folder, if that is one. */
static int
no_server(struct station_job *job, struct opt *o)
{
	int rc = fs_open_root(fs_real(), job->dir);
	struct err e;

	if (rc >= 0) {
		fs_close_quietly(fs_real(), &rc);
		(void)opt_usage(o,
		    "no server: give --server HOST:PORT, or a "
		    "smartclient.ini with [ErpSync] Server= and Port=, or "
		    "[drivers] active=X and [X] server= and port=, in the "
		    "folder");
		return start_at_least(job, o);
	}
	(void)err_sys(&e, -rc, "open folder", job->dir);
	return refuse(job, o, &e);
}

/* Whose key a release meant is not known: it has to be one that is. */
static bool
is_provable(const struct station_job *job, const struct broken *broken)
{
	const struct erpsync_security *by = &job->update.security;

	return !broken->is_unproven || by->pin != NULL || by->ca != NULL ||
	    station_job_knows(job->dir, job->host, job->update.server.port);
}

/* Who served last, where nothing names a server: nothing that can be read. */
static int
ask_last(struct station_job *job, struct opt *o, const struct broken *broken)
{
	struct err e, why = broken->e;
	bool last = job->named.option == NULL && job->host[0] == '\0' &&
	    station_ini_last(job->dir,
		broken->is_brought ? STATION_NAMES_WRONGLY : STATION_NAMES_NONE,
		job->host, &job->update.server.port, &e);

	if (broken->is_brought && job->host[0] == '\0') {
		station_job_way_out(&why, false);
		return refuse(job, o, &why);
	}
	if (!is_provable(job, broken)) {
		if (broken->is_brought)
			station_job_way_out(&why, true);
		why.code = ERP_UNTRUSTED;
		return refuse(job, o, &why);
	}
	if (broken->is_brought)
		tell(job, &broken->e);
	if (last)
		tell(job, &e);
	return OPT_END;
}

int
station_job_find_server(struct station_job *job, struct opt *o)
{
	struct erpsync_connection *to = &job->update.server;
	struct broken broken = {.e = {.code = 0}};
	struct err e, why;
	int left = job->dry_run ? 0 : station_job_recover(job, &why);

	if (job->named.option != NULL &&
	    config_parse_address(
		job->named.option, 1, job->host, &to->port, &e) != 0) {
		(void)opt_usage(o, "--server: %s", e.msg);
		return OPT_STOP;
	}
	/* Their patterns first, then once more those of the options. */
	names_release(&job->exclude);
	names_release(&job->backup_exclude);
	if (ask_ini(job, o, &broken) == OPT_STOP ||
	    ask_own_ini(job, o) == OPT_STOP)
		return start_at_least(job, o);
	if (job->update.apply_only)
		return OPT_END;
	if (ask_last(job, o, &broken) == OPT_STOP)
		return start_at_least(job, o);
	if (job->host[0] == '\0' || to->port == 0) {
		/* The start tells why nothing can be. */
		if (job->named.option == NULL && left != 0)
			return o->cmd->operands_end ? start_at_least(job, o)
						    : refuse(job, o, &why);
		if (job->named.option == NULL)
			return no_server(job, o);
		(void)config_lacks_port(job->host, &e);
		(void)opt_usage(o, "--server: %s", e.msg);
		return OPT_STOP;
	}
	station_job_settle_server(job);
	return OPT_END;
}
