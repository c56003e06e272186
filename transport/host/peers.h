#ifndef ERPSYNC_TRANSPORT_HOST_PEERS_H
#define ERPSYNC_TRANSPORT_HOST_PEERS_H

/*
 * What the server remembers of each address that calls it: how many
 * connections it has, and how many log lines it caused lately.  An address is
 * an IPv4 address or the /64 network of an IPv6 address, as one host has a
 * whole /64 to call from.
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
	    200 /* a whole branch office calls from one address */
};

struct peer {
	RB_ENTRY(peer) tree;
	uint8_t key[PEER_KEY];
	bool is_local; /* this machine itself */
	unsigned conns; /* open connections; the caller counts */
	/* Of them: no HELLO so far; let in; net_places.c counts. */
	unsigned strangers, stations;
	struct share held; /* memory of its sessions */
	struct turn_lane lanes[DESK_KINDS]; /* its work */
	unsigned dropped; /* log lines left out and not yet told */
	uint64_t debt_ms; /* what its lines cost: each 1000 / PEER_LINES */
	uint64_t since; /* monotonic milliseconds: when the debt was right */
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

/* Forget who has neither connections nor work nor a debt; about once a
 * second. */
void peers_sweep(struct peers *list, uint64_t now);

/* The text of an address with its port, for the log. */
void peer_text(const struct sockaddr *addr, char *out, unsigned cap);

#endif
