/*
 * The server for the library's callers: transport/host with the caller's
 * offer, log and reload.  In a process that is not the server's own, signals
 * and limits stay as they are.
 */
#include "transport/api/api_server_internal.h"

#include "engine/base/clock.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "transport/host/confine.h"
#include "transport/host/listen.h"
#include "transport/host/net_server.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

SAME(ERPSYNC_SYSTEMS, PATH_OS_N);
SAME(ERPSYNC_LOG_INFO, NET_LOG_INFO);
SAME(ERPSYNC_LOG_WARN, NET_LOG_WARN);
SAME(ERPSYNC_LOG_ERROR, NET_LOG_ERROR);

/* Bytes a second, so that a station does not count them for silence. */
enum { RATE_LEAST = 2 * 1024 };

struct erpsync_server {
	struct net_server *net;
	struct erpsync_server_options opt;
	/* What is offered, as long as net has to copy it. */
	struct api_source sources[ERPSYNC_SYSTEMS];
	size_t sources_n;
};

int
erpsync_max_rate_check(const char *rates, struct erpsync_error *error)
{
	struct rates parsed;
	struct err e;
	int rc = rates_parse(rates, &parsed, &e);
	size_t i;

	if (rc != 0)
		return api_fail(error, &e);
	for (i = 0; i < parsed.n; i++)
		if (parsed.v[i].limit.rate < RATE_LEAST)
			return 1;
	return 0;
}

static void
forget_sources(struct erpsync_server *server)
{
	while (server->sources_n > 0)
		api_source_release(&server->sources[--server->sources_n]);
}

static int
take_offer(struct erpsync_server *server, const struct erpsync_offer *from,
    struct net_config *out, struct err *e)
{
	struct api_source *src;
	size_t i;
	int rc;

	forget_sources(server);
	memset(out, 0, sizeof(*out));
	if (from->sources_n > ERPSYNC_SYSTEMS)
		return err_set(e, ERP_USAGE, "more folders than systems");
	if ((rc = api_policy(&out->policy, &from->policy, e)) != 0)
		return rc;
	out->security = (struct net_security){from->security.certificate,
	    from->security.key, from->security.client_ca,
	    from->security.insecure};
	out->no_compile_ahead = from->no_compile_ahead;
	if (from->max_rate != NULL &&
	    (rc = rates_parse(from->max_rate, &out->rates, e)) != 0)
		return rc;
	for (i = 0; i < from->sources_n; i++) {
		src = &server->sources[server->sources_n++];
		if ((rc = api_source(src, &from->sources[i], e)) != 0)
			return rc;
		out->sources[out->sources_n++] = src->source;
	}
	assert(out->sources_n == server->sources_n);
	return 0;
}

static int
reload(void *ctx, struct net_config *out, struct err *e)
{
	struct erpsync_server *server = ctx;
	struct erpsync_error why;
	struct erpsync_offer offer;
	int rc;

	memset(&offer, 0, sizeof(offer));
	memset(&why, 0, sizeof(why));
	rc = server->opt.reload(server->opt.ctx, &offer, &why);
	if (rc < 0)
		return api_take(e, &why, rc);
	return take_offer(server, &offer, out, e);
}

static void
alive(void *ctx)
{
	struct erpsync_server *server = ctx;

	server->opt.alive(server->opt.ctx);
}

static void
log_line(void *ctx, int level, const char *text)
{
	const struct erpsync_server *server = ctx;

	if (server->opt.log != NULL)
		server->opt.log(
		    server->opt.ctx, (enum erpsync_log_level)level, text);
}

/* Before there are threads. */
static int
confine(struct erpsync_server *server, struct store *store, struct err *e)
{
	const struct erpsync_server_options *opt = &server->opt;
	int folders[2] = {store_dir(store), -1}, rc;
	size_t n = 1;

	if (!opt->owns_process || !opt->confine)
		return 0;
	if (opt->confined_to != NULL) {
		folders[n] = fs_open_root(fs_real(), opt->confined_to);
		if (folders[n] < 0)
			return err_sys(
			    e, -folders[n], "open folder", opt->confined_to);
		n++;
	}
	rc = confine_folders(folders, n, e);
	fs_close_quietly(fs_real(), &folders[1]);
	if (rc == 0)
		log_line(server, NET_LOG_INFO,
		    "this kernel has no Landlock: where the server may write "
		    "is not confined");
	return rc < 0 ? rc : 0;
}

/* When all names are looked up. */
static int
confine_more(struct erpsync_server *server, struct err *e)
{
	int rc;

	if (!server->opt.owns_process || !server->opt.confine)
		return 0;
	if ((rc = confine_calls(e)) == 0)
		log_line(server, NET_LOG_INFO,
		    "this kernel has no seccomp: what the server may call is "
		    "not confined");
	return rc < 0 ? rc : 0;
}

static int
open_server(struct erpsync_server *server, struct store *store, struct err *e)
{
	const struct erpsync_server_options *from = &server->opt;
	struct server_options opt = {
	    .address = from->address,
	    .port = from->port,
	    .max_stations = from->max_stations,
	    .max_per_address = from->max_per_address,
	    .workers = from->workers,
	    .settle_ms = from->settle_ms,
	    .drain_ms = from->drain_ms,
	    .guest = !from->owns_process,
	    .store = store,
	    .clock = clock_real(),
	    .reload = from->reload != NULL ? reload : NULL,
	    .alive = from->alive != NULL ? alive : NULL,
	    .ctx = server,
	    .log = {log_line, server},
	};
	int rc = take_offer(server, &from->offer, &opt.config, e);

	if (rc == 0 && (rc = confine(server, store, e)) == 0)
		rc = net_server_new(&opt, &server->net, e);
	return rc != 0 ? rc : confine_more(server, e);
}

int
erpsync_server_open(struct erpsync_store *store,
    const struct erpsync_server_options *opt, struct erpsync_server **out,
    struct erpsync_error *error)
{
	struct erpsync_server *server = calloc(1, sizeof(*server));
	struct err e;
	int rc;

	*out = NULL;
	if (server == NULL)
		rc = err_nomem(&e);
	else if ((rc = api_options(
		      &server->opt, sizeof(server->opt), opt, &e)) == 0)
		rc = open_server(server, store->s, &e);
	if (rc == 0) {
		*out = server;
		return 0;
	}
	erpsync_server_close(server);
	return api_fail(error, &e);
}

uint16_t
erpsync_server_port(const struct erpsync_server *server)
{
	return net_server_port(server->net);
}

/* Run without SIGPIPE, which is this thread's when a station is gone. */
static int
run_as_guest(struct net_server *net, struct err *e)
{
	const struct timespec now = {0, 0};
	sigset_t pipe, before;
	int rc;

	(void)sigemptyset(&pipe);
	(void)sigaddset(&pipe, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe, &before);
	rc = net_server_run(net, e);
	if (!sigismember(&before, SIGPIPE))
		while (sigtimedwait(&pipe, NULL, &now) > 0)
			;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int
erpsync_serve(struct erpsync_server *server, struct erpsync_error *error)
{
	struct err e;
	int rc = server->opt.owns_process ? net_server_run(server->net, &e)
					  : run_as_guest(server->net, &e);

	return rc != 0 ? api_fail(error, &e) : 0;
}

void
erpsync_server_stop(struct erpsync_server *server)
{
	net_server_stop(server->net);
}

void
erpsync_server_close(struct erpsync_server *server)
{
	if (server == NULL)
		return;
	net_server_free(server->net);
	forget_sources(server);
	free(server);
}

int
erpsync_listen_check(
    const char *address, uint16_t port, struct erpsync_error *error)
{
	struct err e;

	return listener_check(address, port, &e) != 0 ? api_fail(error, &e) : 0;
}
