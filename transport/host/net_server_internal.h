#ifndef ERPSYNC_TRANSPORT_HOST_NET_SERVER_INTERNAL_H
#define ERPSYNC_TRANSPORT_HOST_NET_SERVER_INTERNAL_H

/*
 * The inside of the server, shared by net_server.c (parts, signals, end) and
 * net_host.c (connections).
 */

#include "transport/host/conn.h"
#include "transport/host/net_server.h"
#include "transport/host/peers.h"

#include <stdatomic.h>

struct precompile;
struct event;
struct listener;

TAILQ_HEAD(conn_list, conn);

struct net_server {
	struct server_options opt;
	struct server_policy policy;
	struct event_base *base;
	struct event *tick, *term, *interrupt, *hangup, *stop;
	int stop_fd; /* eventfd behind net_server_stop */
	struct listener *listener; /* NULL while draining */
	uint16_t port;
	struct pool *compilers, *readers;
	struct single_flight *flight;
	atomic_uint compiling; /* workers that make blobs now */
	struct precompile *precompile;
	struct publisher *publisher;
	struct releases releases; /* its, to sessions */
	struct conn_host host;
	struct conn_list conns;
	struct peers peers;
	unsigned conns_n, conns_max, strangers, serving;
	bool draining;
	bool cut; /* sessions were cut off */
	uint64_t drain_until;
};

/* net_host.c */
void host_fill(struct net_server *s);
void host_accepted(void *ctx, int fd, const struct sockaddr *addr);
void host_accept_failed(void *ctx, int sys);

#endif
