/*
 * The way of an update to its server: a station (transport/station) for each
 * try (transport/net), over a connection that is as safe as it has to be, or
 * over the caller's stream.  Below update.c.
 */
#include "transport/api/update_internal.h"

#include "engine/apply/folder.h"
#include "engine/apply/servers.h"
#include "engine/apply/ticket.h"
#include "engine/apply/trust.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "transport/net/channel.h"
#include "transport/net/channel_tls.h"
#include "transport/net/link.h"
#include "transport/net/patience.h"
#include "transport/net/retry.h"
#include "transport/net/secure.h"
#include "transport/station/station.h"

#include <assert.h>
#include <stdio.h>

SAME(ERPSYNC_STREAM_END, CHANNEL_END);
SAME(ERPSYNC_AUTO, SECURE_AUTO);
SAME(ERPSYNC_TLS, SECURE_TLS);
SAME(ERPSYNC_PLAIN, SECURE_PLAIN);
SAME(ERPSYNC_PIN_MAX + 1, TLS_PIN_BYTES);

static int
make_station(void *ctx, struct station **out, struct err *e)
{
	struct update *u = ctx;
	const struct erpsync_rules *rules = &u->opt.rules;
	const struct station_options opt = {
	    .folder = u->folder->f,
	    .clock = clock_real(),
	    .obs = &u->folder->obs,
	    .filter = &u->filter,
	    .station_id = u->station_id,
	    .arch = u->arch,
	    .build = u->build,
	    .os = (enum path_os)u->opt.os,
	    .lang = u->opt.lang,
	    .dry_run = u->dry_run || u->look,
	    .look = u->look,
	    .download_only = u->opt.download_only,
	    .agreed = u->opt.agreed,
	    .checksum = rules->checksum,
	    .whole_file = rules->whole_file,
	    .remove = rules->remove,
	    .modify_window = rules->modify_window,
	    .force = rules->force,
	    .max_delete = rules->max_delete,
	    .ini_rules = u->opt.ini.policy,
	    .ini_yields = u->opt.brought.ini_policy,
	    .ini_conflict = (uint8_t)u->opt.ini.conflict,
	    .only = (const struct hash *)(const void *)u->opt.release,
	    /* Of a broken link: its folder is the same. */
	    .before = u->station,
	};
	int rc = station_new(&opt, out, e);

	assert(rc != 0 || *out != u->station);
	station_free(u->station);
	u->station = rc == 0 ? *out : NULL;
	return rc;
}

static bool
ask(void *ctx, struct station *s)
{
	struct update *u = ctx;

	return u->opt.ask != NULL &&
	    u->opt.ask(u->opt.ctx, u->build, station_report(s)->welcome.build);
}

int
update_is_interrupted(void *ctx)
{
	struct update *u = ctx;

	return u->opt.interrupted != NULL ? u->opt.interrupted(u->opt.ctx) : 0;
}

/* One conversation over a stream. */
int
update_converse(struct update *u, const struct channel_stream *stream,
    const char *shown, struct err *e)
{
	const struct erpsync_connection *server = &u->opt.server;
	const struct patience_options limits = {
	    .clock = clock_real(),
	    .timeout_ms = server->timeout_ms,
	    .answer_ms = server->answer_ms,
	    .total_ms = server->total_ms,
	    .bwlimit = server->bwlimit,
	};
	struct patience patience;
	struct channel channel;
	const struct link_options opt = {
	    .channel = &channel,
	    .shown = shown,
	    .clock = clock_real(),
	    .patience = &patience,
	    .bwlimit = server->bwlimit,
	    .interrupted = update_is_interrupted,
	    .ask = ask,
	    .ctx = u,
	};
	struct link_result result;
	struct station *s;
	int rc = make_station(u, &s, e);

	if (rc != 0)
		return rc;
	channel_of_stream(&channel, stream);
	patience_init(&patience, &limits);
	return link_run(&opt, s, &result, e);
}

static int
use_stream(struct update *u, struct err *e)
{
	const struct erpsync_connection *server = &u->opt.server;
	const struct channel_stream stream = {
	    server->stream->read, server->stream->write, server->stream->ctx};

	return update_converse(
	    u, &stream, server->host != NULL ? server->host : "the stream", e);
}

/* A server as its key is remembered by. */
struct server_name {
	char text[300];
};

static struct server_name
server_name(const struct erpsync_connection *server)
{
	struct server_name name;

	(void)snprintf(name.text, sizeof(name.text), "%.255s:%u", server->host,
	    (unsigned)server->port);
	return name;
}

bool
erpsync_folder_knows(
    const struct erpsync_folder *f, const char *host, uint16_t port)
{
	const struct erpsync_connection server = {.host = host, .port = port};
	struct server_name name = server_name(&server);
	char pin[SERVERS_PIN_MAX + 1];

	return servers_find(f->f, name.text, pin, NULL) > 0;
}

static int
try_server(struct update *u, struct secure *secure, struct err *e)
{
	const struct erpsync_connection *server = &u->opt.server;
	const struct retry_options opt = {
	    .host = server->host,
	    .port = server->port,
	    .connect_timeout_ms = server->connect_timeout_ms,
	    .timeout_ms = server->timeout_ms,
	    .answer_ms = server->answer_ms,
	    .total_ms = server->total_ms,
	    .bwlimit = server->bwlimit,
	    .retries = server->retries,
	    .clock = clock_real(),
	    .secure = secure,
	    .obs = &u->folder->obs,
	    .make_station = make_station,
	    .ask = ask,
	    .interrupted = update_is_interrupted,
	    .ctx = u,
	};
	struct retry_result result;

	return retry_run(&opt, &result, e);
}

static void
tell_warning(struct update *u, const char *text)
{
	struct event ev = {.kind = EVENT_WARN, .text = text};

	observe(&u->folder->obs, &ev);
}

/* Next time the server has to have this key; not where nothing of the folder
 * may change, and a failure is no reason against what was done. */
static void
remember(struct update *u, const char *pin)
{
	struct server_name name = server_name(&u->opt.server);
	struct err e;

	if (pin[0] != '\0' && !u->dry_run && !u->look &&
	    servers_keep(u->folder->f, name.text, pin, &e) != 0)
		tell_warning(u, e.msg);
}

/* Next time a round trip less, if all is as it is now; likewise, but that it
 * cannot be kept is not worth a word. */
static void
remember_ticket(struct update *u, const struct secure *secure)
{
	struct server_name name = server_name(&u->opt.server);
	struct buf ticket;

	if (u->dry_run || u->look)
		return;
	buf_init(&ticket, TICKET_MAX);
	if (secure_ticket(secure, &ticket, NULL) == 0 && ticket.len > 0)
		(void)ticket_keep(u->folder->f, name.text, &ticket, NULL);
	buf_wipe(&ticket);
}

/* Is it an erpsync server?  Whatever ends a handshake of TLS may be something
 * else, whose key would keep the server out that is there next. */
static bool
has_answered(const struct update *u)
{
	return u->station != NULL && station_report(u->station)->is_answered;
}

/* Has it served the folder?  Not by saying that there is nothing, nor by what
 * a person did not want. */
static bool
has_served(const struct update *u)
{
	const struct station_report *r;

	assert(u->station != NULL);
	r = station_report(u->station);
	return r->want != NULL && r->outcome != OUTCOME_DECLINED;
}

/* Next time it is the server where nothing names one; as above. */
static void
remember_last(struct update *u)
{
	const struct erpsync_connection *server = &u->opt.server;
	struct err e;

	if (!u->dry_run && !u->look && has_served(u) &&
	    servers_keep_last(u->folder->f, server->host, server->port, &e) !=
		0)
		tell_warning(u, e.msg);
}

/* As servers_find.  A key that is to be replaced need not be one. */
static int
find_key(struct update *u, const char *server, char pin[SERVERS_PIN_MAX + 1],
    struct err *e)
{
	int rc = servers_find(u->folder->f, server, pin, e);

	return rc > 0 && !u->opt.security.accept_key && !tls_pin_is_valid(pin)
	    ? servers_blame(rc, e)
	    : rc;
}

static int
reach_server(struct update *u, struct err *e)
{
	const struct erpsync_security *from = &u->opt.security;
	struct server_name name = server_name(&u->opt.server);
	char before[SERVERS_PIN_MAX + 1];
	struct buf ticket;
	const struct secure_options opt = {
	    .ticket = &ticket,
	    .wish = (enum secure_wish)from->wish,
	    .accept = from->accept_key,
	    .obs = &u->folder->obs,
	    .tls = {.host = u->opt.server.host,
		.ca = from->ca,
		.pin = from->pin,
		/* With seals it is the sealer's word, who is not whoever
		 * has the server's key. */
		.pin_yields =
		    u->opt.brought.pin && trust_is_on(u->folder->f, NULL) == 0,
		.before = before,
		.certificate = from->certificate,
		.key = from->key},
	};
	struct secure secure;
	int rc = find_key(u, name.text, before, e);

	if (rc < 0)
		return rc;
	buf_init(&ticket, TICKET_MAX);
	/* One whose key is not known gave none. */
	if (rc > 0)
		ticket_find(u->folder->f, name.text, &ticket);
	secure_init(&secure, &opt);
	rc = try_server(u, &secure, e);
	if (secure.believed && has_answered(u)) {
		remember(u, secure_pin(&secure));
		remember_ticket(u, &secure);
	}
	if (rc == 0)
		remember_last(u);
	secure_release(&secure);
	buf_wipe(&ticket);
	return rc;
}

int
update_reach(struct update *u, struct err *e)
{
	return u->opt.server.stream != NULL ? use_stream(u, e)
					    : reach_server(u, e);
}
