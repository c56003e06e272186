/* erpsync serve: the server, configured by AppServer.ini. */
#include "cli/cmd.h"

#include "cli/config/config.h"
#include "cli/log.h"
#include "cli/opt.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "transport/host/net_server.h"

#include <bsd/string.h>
#include <stdio.h>
#include <string.h>

/* Quiet before publishing with Settle=0: several changes in one go. */
enum { DEBOUNCE_MS = 200 };

/* What lives while the server runs. */
struct serving {
	const char *config_path;
	const char *state;
	const char *listen;
	struct server_config config;
	struct log *log;
	struct store *store;
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
    "Serve the update folders of AppServer.ini to stations.", {{serve_rows, 0}},
    false};

static int
parse_options(struct serving *s, struct opt *o)
{
	if (opt_parse(o, s) == OPT_STOP || !opt_operands(o, 0, 0))
		return OPT_STOP;
	if (s->config_path == NULL) {
		(void)opt_usage(o, "--config is missing");
		return OPT_STOP;
	}
	return OPT_END;
}

static void
net_line(void *ctx, int level, const char *text)
{
	struct serving *s = ctx;

	log_write(s->log, (enum log_level)level, "ERPSYNC", "%s", text);
}

static void
log_warnings(struct serving *s)
{
	size_t i;

	for (i = 0; i < s->config.warnings.n; i++)
		log_write(s->log, LOG_LEVEL_WARN, "ERPSYNC", "%s",
		    s->config.warnings.v[i]);
}

/* What the network layer needs of a configuration; strings are borrowed. */
static void
to_net(const struct server_config *c, struct net_config *out)
{
	struct publish_source *src;
	int os;

	memset(out, 0, sizeof(*out));
	out->policy.enabled = c->enable;
	out->no_compile_ahead = !c->compile_ahead;
	(void)strlcpy(out->policy.build, c->build, sizeof(out->policy.build));
	(void)strlcpy(out->policy.min_client_build, c->min_client_build,
	    sizeof(out->policy.min_client_build));
	for (os = 0; os < CONFIG_OS_N; os++) {
		if (c->path[os] == NULL || !c->enable)
			continue;
		src = &out->sources[out->sources_n++];
		src->os = (enum path_os)os;
		src->key = config_os_key((enum path_os)os);
		src->path = c->path[os];
		src->build = c->build;
		src->lowercase_only = c->lowercase_only;
		src->keep = c->keep;
		src->settle_ms = c->settle_ms;
		src->sleep_ms = clock_sleep_ms;
		src->filter = &c->exclude;
	}
}

/* SIGHUP: a bad file leaves everything as it is. */
static int
reload(void *ctx, struct net_config *out, struct err *e)
{
	struct serving *s = ctx;
	struct server_config fresh;
	struct err log_error;
	int rc;

	if (log_reopen(s->log, &log_error) != 0)
		log_write(
		    s->log, LOG_LEVEL_ERROR, "ERPSYNC", "%s", log_error.msg);
	if ((rc = server_config_load(s->config_path, &fresh, e)) != 0)
		return rc;
	server_config_release(&s->config);
	s->config = fresh;
	log_warnings(s);
	to_net(&s->config, out);
	return 0;
}

static int
open_all(struct serving *s, struct err *e)
{
	const struct server_config *c = &s->config;
	const char *state = s->state != NULL ? s->state : c->state;
	int rc;

	rc = c->log_file != NULL ? log_open(c->log_file, &s->log, e)
				 : log_open_stream(stderr, &s->log, e);
	if (rc != 0)
		return rc;
	log_warnings(s);
	if ((rc = server_config_check_state(c, state, e)) != 0 ||
	    (rc = store_open(fs_real(), state, &s->store, e)) != 0)
		return rc;
	store_set_blob_budget(s->store, c->blob_cache_bytes);
	return 0;
}

static int
serve(struct serving *s, const char *address, uint16_t port, struct err *e)
{
	struct server_options opt;
	struct net_server *server;
	int rc;

	memset(&opt, 0, sizeof(opt));
	opt.address = address;
	opt.port = port;
	opt.max_stations = (unsigned)s->config.max_stations;
	opt.max_per_address = (unsigned)s->config.max_per_address;
	opt.workers = (unsigned)s->config.workers;
	/* Settle is the quiet that an administrator asks for. */
	opt.debounce_ms =
	    s->config.settle_ms > 0 ? s->config.settle_ms : DEBOUNCE_MS;
	opt.store = s->store;
	opt.clock = clock_real();
	to_net(&s->config, &opt.config);
	opt.reload = reload;
	opt.reload_ctx = s;
	opt.log.line = net_line;
	opt.log.ctx = s;
	if ((rc = net_server_new(&opt, &server, e)) != 0)
		return rc;
	rc = net_server_run(server, e);
	net_server_free(server);
	return rc;
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
	if ((rc = config_parse_address(s->listen, host, port, e)) != 0)
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
	opt_begin(&o, &serve_command, argc, argv);
	if (parse_options(&s, &o) == OPT_STOP)
		return o.exit_code;
	if ((rc = server_config_load(s.config_path, &s.config, &e)) != 0) {
		fprintf(stderr, "erpsync: %s\n", e.msg);
		return exit_of_error(rc);
	}
	if ((rc = find_address(&s, host, &port, &e)) != 0 ||
	    (rc = open_all(&s, &e)) != 0 ||
	    (rc = serve(&s, host, port, &e)) != 0) {
		if (s.log != NULL)
			log_write(
			    s.log, LOG_LEVEL_ERROR, "ERPSYNC", "%s", e.msg);
		/* Who starts it by hand does not look into a log file. */
		if (s.log == NULL || s.config.log_file != NULL)
			fprintf(stderr, "erpsync: %s\n", e.msg);
		code = rc == ERP_CANCELLED ? EXIT_INTERRUPTED
		    : rc == ERP_BUSY       ? EXIT_BUSY
		    : rc == ERP_USAGE      ? EXIT_USAGE
					   : EXIT_START;
	}
	if (s.store != NULL)
		store_close(s.store);
	if (s.log != NULL)
		log_close(s.log);
	server_config_release(&s.config);
	return code;
}
