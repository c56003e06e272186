#ifndef ERPSYNC_TRANSPORT_HOST_NET_SERVER_H
#define ERPSYNC_TRANSPORT_HOST_NET_SERVER_H

/*
 * The server: listens, serves stations, keeps the releases published.  One
 * thread runs the loop and owns everything; workers compute and read, one
 * more thread publishes.
 *
 * Unless it is a guest, SIGTERM and SIGINT end it: no new connections,
 * running sessions may finish for drain_ms; the second signal ends it at
 * once.  SIGHUP reloads the configuration and publishes again.
 */

#include "transport/host/net_log.h"
#include "transport/host/publisher.h"
#include "transport/host/rates.h"
#include "transport/server/verdict.h"

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct err;
struct net_server;
struct store;

/* What it shows of itself in TLS, and who need not use that. */
struct net_security {
	/* PEM files; NULL: of a key of its own, which it makes once and keeps
	 * in the state folder. */
	const char *certificate, *key;
	const char *client_ca; /* PEM; stations have to show certificates */
	bool insecure; /* other machines, too, may come without TLS */
};

/* What can change while the server runs. */
struct net_config {
	struct server_policy policy;
	struct rates rates; /* of what leaves */
	struct net_security security;
	struct publish_source sources[PATH_OS_N]; /* each system once */
	size_t sources_n;
	bool no_compile_ahead; /* answers stay what the first station got */
};

/* Where there is a default, 0 means it. */
struct server_options {
	const char *address; /* name or number; "" or NULL: all */
	uint16_t port; /* 0: any free one, see net_server_port */
	unsigned max_stations; /* served at once; default 1000 */
	/* Stations served at once, above which they hear when to come again;
	 * default 64, and then no limit for this machine itself, where a broker
	 * may run. */
	unsigned max_per_address;
	bool loopback_counts; /* it is an address like others */
	unsigned workers; /* default two for each processor */
	uint32_t settle_ms; /* quiet before publishing; default 2000 */
	uint32_t drain_ms; /* default 30,000 */
	/* In a process that is not the server's: signals and limits stay as
	 * they are; whoever runs it keeps SIGPIPE away. */
	bool guest;
	struct store *store;
	const struct clock *clock;
	struct net_config config; /* strings are copied */
	/* Read the configuration again; its strings are copied before the
	 * next call.  NULL: SIGHUP only publishes again. */
	int (*reload)(void *ctx, struct net_config *out, struct err *e);
	void (*alive)(void *ctx); /* told at each tick of the loop; or NULL */
	void *ctx; /* of both */
	struct net_log log; /* lines come from the thread of the loop */
};

/* What a server counts: since it was made, where it does not say now. */
struct net_server_stats {
	unsigned connections; /* now */
	unsigned strangers; /* of them, without HELLO so far */
	unsigned stations; /* of them, let in: see max_stations */
	uint64_t accepted; /* connections */
	uint64_t turned_away; /* before that, since there were too many */
	uint64_t served; /* stations that a release was offered to */
	uint64_t refused; /* that heard another verdict */
	uint64_t ended; /* sessions, whoever it was, and */
	uint64_t failed; /* those of them with an error */
	uint64_t sent, received; /* bytes of ended sessions */
	unsigned compiling; /* blobs that workers make for stations now */
	uint64_t compiled; /* asked for, made or found */
};

/*
 * Listen, and offer what the store has.  Publishing begins too, but a folder
 * that cannot be published is no failure: the log says why.
 */
int net_server_new(
    const struct server_options *opt, struct net_server **out, struct err *e);

/* The port it listens on. */
uint16_t net_server_port(const struct net_server *s);

/*
 * Serve until a signal or net_server_stop.  0 when all sessions ended by
 * themselves, ERP_CANCELLED when some were cut off.  Then net_server_free
 * waits for work that is under way.
 */
int net_server_run(struct net_server *s, struct err *e);

/* On the thread of the loop, or while it does not run. */
void net_server_stats(const struct net_server *s, struct net_server_stats *out);

/* As one SIGTERM; from any thread. */
void net_server_stop(struct net_server *s);

/* NULL is fine.  The store is free to be closed afterwards. */
void net_server_free(struct net_server *s);

#endif
