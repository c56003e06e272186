/*
 * erpsync serve: the library's server, configured by AppServer.ini, with a
 * log in the ERP's form.
 */
#include "cli/cmd.h"

#include "cli/config/config.h"
#include "cli/config/config_state.h"
#include "cli/fault.h"
#include "cli/log.h"
#include "cli/messages/messages.h"
#include "cli/notify.h"
#include "cli/opt.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Quiet before publishing with Settle=0: several changes in one go. */
enum { SETTLE_MS = 200 };

/* What lives while the server runs. */
struct serving {
	const char *config_path;
	const char *state;
	const char *listen;
	struct opt_speech speech;
	struct server_config config;
	/* The one it was started with, of which much counts until its end;
	 * as long as none was loaded after it, it is config. */
	struct server_config started;
	bool reloaded;
	struct log *log;
	struct notify notify;
	struct erpsync_store *store;
	struct erpsync_source sources[ERPSYNC_SYSTEMS];
};

static const struct opt_row serve_rows[] = {
    {0, "config", "FILE", "the server's AppServer.ini", opt_text,
	.offset = offsetof(struct serving, config_path)},
    {0, "state", "DIR", "the state folder, instead of [ErpSync] State",
	opt_text, .offset = offsetof(struct serving, state)},
    {0, "listen", "ADDR:PORT", "instead of the configured port", opt_text,
	.offset = offsetof(struct serving, listen)},
    {.name = NULL},
};

static const struct opt_command serve_command = {"serve", "",
    "Serve the update folders of AppServer.ini to stations.",
    {{serve_rows, 0}, {opt_common, offsetof(struct serving, speech)}}, false,
    ""};

static int
parse_options(struct serving *s, struct opt *o)
{
	s->speech.lang = o->lang;
	if (opt_parse(o, s) == OPT_STOP || !opt_operands(o, 0, 0))
		return OPT_STOP;
	if (s->config_path == NULL) {
		(void)opt_usage(o, "--config is missing");
		return OPT_STOP;
	}
	return OPT_END;
}

static void
log_line(void *ctx, enum erpsync_log_level level, const char *text)
{
	struct serving *s = ctx;

	if (s->speech.quiet && level == ERPSYNC_LOG_INFO)
		return;
	log_write(s->log, (enum log_level)level, "ERPSYNC", "%s", text);
}

static void
alive(void *ctx)
{
	struct serving *s = ctx;

	notify_alive(&s->notify);
}

static void
log_warnings(struct serving *s)
{
	size_t i;

	for (i = 0; i < s->config.warnings.n; i++)
		log_write(s->log, LOG_LEVEL_WARN, "ERPSYNC", "%s",
		    s->config.warnings.v[i]);
}

/* What a configuration offers; strings are borrowed from it. */
static void
make_offer(struct serving *s, struct erpsync_offer *out)
{
	const struct server_config *c = &s->config;
	int os;

	memset(out, 0, sizeof(*out));
	out->policy.enabled = c->enable;
	out->policy.build = c->build;
	out->policy.min_client_build = c->min_client_build;
	out->policy.acceptable = c->terms.acceptable;
	out->policy.window = c->terms.window;
	out->policy.ini.policy = c->ini.policy;
	out->policy.ini.conflict = (enum erpsync_ini_conflict)c->ini.conflict;
	out->security.certificate = c->tls.certificate;
	out->security.key = c->tls.key;
	out->security.client_ca = c->tls.client_ca;
	out->security.insecure = c->tls.insecure;
	out->no_compile_ahead = !c->terms.compile_ahead;
	out->max_rate = c->terms.max_rate;
	out->sources = s->sources;
	for (os = 0; os < PATH_OS_N; os++)
		if (c->path[os] != NULL && c->enable)
			s->sources[out->sources_n++] =
			    config_source(c, (enum path_os)os);
}

static int
check_folders(const struct serving *s, struct server_config *c, struct err *e)
{
	const char *state = s->state != NULL ? s->state : c->state;
	int rc = server_config_check_owner(state, e);

	return rc != 0 ? rc : server_config_check_folders(c, state, e);
}

/* SIGHUP: a bad file leaves everything as it is. */
static int
reload(void *ctx, struct erpsync_offer *out, struct erpsync_error *error)
{
	struct serving *s = ctx;
	struct server_config fresh;
	struct err e;

	/* The log that is still open may be one that nobody reads any more. */
	if (log_reopen(s->log, &e) != 0) {
		log_write(s->log, LOG_LEVEL_ERROR, "ERPSYNC", "%s", e.msg);
		messages_plain(stderr, s->speech.lang, &e);
	}
	if (server_config_load(s->config_path, &fresh, &e) != 0)
		return fault_give(error, &e);
	if (check_folders(s, &fresh, &e) != 0 ||
	    server_config_compare(
		s->reloaded ? &s->started : &s->config, &fresh, &e) != 0) {
		server_config_release(&fresh);
		return fault_give(error, &e);
	}
	if (s->reloaded)
		server_config_release(&s->config);
	else
		s->started = s->config;
	s->reloaded = true;
	s->config = fresh;
	log_warnings(s);
	make_offer(s, out);
	return 0;
}

static int
open_all(struct serving *s, struct err *e)
{
	struct server_config *c = &s->config;
	const char *state = s->state != NULL ? s->state : c->state;
	struct erpsync_error error;
	int rc;

	/* Before a line is written into what may be no log. */
	if ((rc = check_folders(s, c, e)) != 0)
		return rc;
	rc = c->log_file != NULL ? log_open(c->log_file, &s->log, e)
				 : log_open_stream(stderr, &s->log, e);
	if (rc != 0)
		return rc;
	log_warnings(s);
	rc = erpsync_store_open(state, c->blob_cache_bytes, &s->store, &error);
	return rc != 0 ? fault_take(e, &error) : 0;
}

/* The folder that the log is in, which is open, or NULL. */
static const char *
log_folder(const struct serving *s, char out[PATH_MAX])
{
	char *slash;

	if (s->config.log_file == NULL)
		return NULL;
	/* What is no file, such as a pipe, has no other path. */
	if (realpath(s->config.log_file, out) == NULL)
		(void)strlcpy(out, s->config.log_file, PATH_MAX);
	if ((slash = strrchr(out, '/')) == NULL)
		return ".";
	slash[slash == out] = '\0';
	return out;
}

static int
serve(struct serving *s, const char *address, uint16_t port, struct err *e)
{
	char folder[PATH_MAX];
	struct erpsync_server_options opt = {
	    .size = sizeof(opt),
	    .address = address,
	    .port = port,
	    .max_stations = (unsigned)s->config.max_stations,
	    .max_per_address = (unsigned)s->config.max_per_address,
	    .workers = (unsigned)s->config.workers,
	    /* Settle is the quiet that an administrator asks for. */
	    .settle_ms =
		s->config.settle_ms > 0 ? s->config.settle_ms : SETTLE_MS,
	    .owns_process = true,
	    .reload = reload,
	    .log = log_line,
	    .ctx = s,
	    .confine = s->config.sandbox,
	    .confined_to = log_folder(s, folder),
	    .alive = alive,
	};
	struct erpsync_server *server;
	struct erpsync_error error;
	int rc;

	make_offer(s, &opt.offer);
	rc = erpsync_server_open(s->store, &opt, &server, &error);
	if (rc == 0) {
		notify_ready(&s->notify);
		rc = erpsync_serve(server, &error);
		notify_stopping(&s->notify);
	}
	erpsync_server_close(server);
	return rc != 0 ? fault_take(e, &error) : 0;
}

/* Where to listen: --listen, else the configuration. */
static int
find_address(struct serving *s, char host[CONFIG_MAX_HOST + 1], uint16_t *port,
    struct err *e)
{
	int rc;

	if (s->listen == NULL) {
		(void)strlcpy(host, s->config.listen, CONFIG_MAX_HOST + 1);
		*port = s->config.port;
		return server_config_need_port(&s->config, e);
	}
	*port = s->config.port;
	host[0] = '\0';
	rc = s->listen[0] == '\0'
	    ? err_set(e, ERP_USAGE,
		  "the address is empty; write ADDR:PORT, or PORT alone for "
		  "all addresses")
	    : config_parse_address(s->listen, 0, host, port, e);
	if (rc != 0)
		return err_context(e, "--listen");
	/* Without brackets; 0 is any port, where it is given. */
	if (*port == 0 && strchr(host, ':') != NULL && s->listen[0] != '[' &&
	    (rc = config_lacks_port(host, e)) != 0)
		return err_context(e, "--listen");
	return rc;
}

int
cmd_serve(int argc, char **argv)
{
	char host[CONFIG_MAX_HOST + 1];
	struct serving s;
	uint16_t port;
	struct opt o;
	struct err e;
	int rc, code = EXIT_OK;

	memset(&s, 0, sizeof(s));
	notify_open(&s.notify, clock_real());
	opt_begin(&o, &serve_command, argc, argv);
	if (parse_options(&s, &o) == OPT_STOP)
		return o.exit_code;
	if ((rc = server_config_load(s.config_path, &s.config, &e)) != 0) {
		messages_plain(stderr, s.speech.lang, &e);
		return failure_exit(rc);
	}
	if ((rc = find_address(&s, host, &port, &e)) != 0 ||
	    (rc = open_all(&s, &e)) != 0 ||
	    (rc = serve(&s, host, port, &e)) != 0) {
		/* For whoever reads the log, and for whoever started it. */
		if (s.log != NULL)
			log_write(
			    s.log, LOG_LEVEL_ERROR, "ERPSYNC", "%s", e.msg);
		messages_plain(stderr, s.speech.lang, &e);
		code = rc == ERP_CANCELLED ? EXIT_INTERRUPTED
		    : rc == ERP_HELD       ? EXIT_BUSY
		    : rc == ERP_USAGE      ? EXIT_USAGE
					   : EXIT_START;
	}
	erpsync_store_close(s.store);
	if (s.log != NULL)
		log_close(s.log);
	if (s.reloaded)
		server_config_release(&s.started);
	server_config_release(&s.config);
	return code;
}
