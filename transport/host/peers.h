#ifndef ERPSYNC_TRANSPORT_HOST_PEERS_H
#define ERPSYNC_TRANSPORT_HOST_PEERS_H

/*
 * What the server remembers of each address that calls it: how many
 * connections it has, how many calls of it came to nothing and how many log
 * lines it caused lately.  An address is an IPv4 address or the /64 network of
 * an IPv6 address, as one host has a whole /64 to call from.
 */

#include "transport/host/desk.h"
#include "transport/host/share.h"

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

enum {
	PEER_KEY = 16,
	PEER_LINES = 20, /* log lines a second in the long run */
	PEER_LINES_AT_ONCE =
	    200, /* a whole branch office calls from one address */
	/* Calls without a greeting, likewise. */
	PEER_VAIN = 4,
	PEER_VAIN_AT_ONCE = 256,
	PEER_DOUBT_MS = 30 * 1000 /* so long the last of them is remembered */
};

/* What is owed; time pays it off. */
struct peer_debt {
	uint64_t owed_ms;
	uint64_t since; /* monotonic milliseconds: when it was that much */
};

struct peer {
	RB_ENTRY(peer) tree;
	uint8_t key[PEER_KEY];
	bool is_local; /* this machine itself */
	unsigned conns; /* open connections; the caller counts */
	/* Of them: let in; net_places.c counts. */
	unsigned stations;
	struct share held; /* memory of its sessions */
	struct turn_lane lanes[DESK_KINDS]; /* its work */
	unsigned dropped; /* log lines left out and not yet told */
	struct peer_debt lines; /* each costs 1000 / PEER_LINES */
	struct peer_debt vain; /* each call, 1000 / PEER_VAIN */
	uint64_t doubted_until; /* monotonic milliseconds */
};

RB_HEAD(peer_tree, peer);
RB_PROTOTYPE(peer_tree, peer, tree, peer_compare)

struct peers {
	struct peer_tree tree;
};

void peers_init(struct peers *list);
void peers_release(struct peers *list);

/* The entry of this address, made if need be; NULL without memory. */
struct peer *peers_get(struct peers *list, const struct sockaddr *addr);

/* May a line about it be logged now?  Counts it, or counts it as dropped. */
bool peer_may_log(struct peer *p, uint64_t now);

/* A call of its came to nothing: nobody greeted. */
void peer_called_in_vain(struct peer *p, uint64_t now);
/* Somebody did. */
void peer_greeted(struct peer *p);
/* Was the last call in vain, lately? */
bool peer_is_doubted(const struct peer *p, uint64_t now);
/* May it call, or were there too many in vain? */
bool peer_may_call(struct peer *p, uint64_t now);

/* Forget who has neither connections nor work nor a debt, and is not doubted;
 * about once a second. */
void peers_sweep(struct peers *list, uint64_t now);

/* The text of an address with its port, for the log. */
void peer_text(const struct sockaddr *addr, char *out, unsigned cap);

#endif
