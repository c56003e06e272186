#ifndef ERPSYNC_TRANSPORT_HOST_NET_SERVER_INTERNAL_H
#define ERPSYNC_TRANSPORT_HOST_NET_SERVER_INTERNAL_H

/*
 * The inside of the server, shared by net_server.c (parts, signals, end),
 * net_admission.c (connections) and net_places.c (who of them has a place).
 */

#include "transport/host/conn.h"
#include "transport/host/net_server.h"
#include "transport/host/peers.h"
#include "transport/host/rates.h"
#include "transport/host/tally.h"

#include <stdatomic.h>

struct event;
struct listener;

TAILQ_HEAD(conn_list, conn);

/* What wakes the loop beside connections. */
struct net_events {
	struct event *tick, *term, *interrupt, *hangup, *stop;
	int stop_fd; /* eventfd behind net_server_stop */
};

/* Who computes and reads. */
struct net_workers {
	struct desk desk;
	struct single_flight *flight;
	struct precompile *precompile;
	struct tally *tally; /* one more, who keeps who has which release */
	atomic_uint compiling; /* workers that make blobs now */
	atomic_ullong compiled; /* blobs that they were asked for */
};

/* The end: no new connections, running sessions may finish. */
struct net_drain {
	bool begun;
	uint64_t until;
	bool cut; /* sessions were cut off */
};

struct net_server {
	struct server_options opt;
	struct server_policy policy;
	struct rates rates;
	bool insecure; /* see struct net_security */
	bool asks_who; /* stations have to show certificates */
	bool shows_own; /* the key in the state folder */
	struct event_base *base;
	struct net_events events;
	struct listener *listener; /* NULL while draining */
	uint16_t port;
	struct net_workers workers;
	struct publisher *publisher;
	struct releases releases; /* its, to sessions */
	struct conn_host host;
	struct strangers strangers; /* connections, in the order of arrival */
	struct conn_list conns; /* the others */
	struct peers peers;
	struct peer anybody; /* all addresses, for the lines of strangers */
	unsigned conns_max;
	bool full; /* the listener is held */
	struct share held; /* memory of all sessions */
	struct blob_files blobs;
	/* net_admission.c's, strangers and stations net_places.c's; what is
	 * compiled is not counted here. */
	struct net_server_stats stats;
	struct net_drain drain;
};

/* net_places.c: end a connection without HELLO that took its time, or one that
 * is silent, of this address or (NULL) any; false: there is none. */
bool places_take_stranger(struct net_server *s, const struct peer *of);
bool places_take_idle(struct net_server *s, const struct peer *of);
/* Is there a place for one more, or may somebody have to give his; and: there
 * is, and somebody has given it if need be. */
bool places_have_room(const struct net_server *s);
bool places_make_room(struct net_server *s);
/* Nobody waits for who connected and has not said a word: the server ends. */
void places_end_strangers(struct net_server *s);
struct conn *places_conn(struct stranger *one);
/* c, which is new, is a stranger; it has said HELLO, and is served or only
 * told why not; it is gone, whatever it was. */
void places_enter(struct net_server *s, struct conn *c);
void places_greet(struct net_server *s, struct conn *c, bool serving);
void places_leave(struct net_server *s, struct conn *c);

/* net_admission.c */
void host_fill(struct net_server *s);
/* Accept, or wait: there may be room, or none any more. */
void host_look(struct net_server *s);
/* What was done to the state folder beside us: at each tick. */
void host_notice(struct net_server *s);
void host_accepted(void *ctx, int fd, const struct sockaddr *addr);
/* What of the configuration counts at once. */
void host_obey(struct net_server *s, const struct net_config *config);
void host_tell_window(const struct net_server *s); /* to the log */
void host_tell_dates(const struct net_server *s); /* of what is shown in TLS */
void host_accept_failed(void *ctx, int sys);

#endif
