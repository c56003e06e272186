#ifndef ERPSYNC_TRANSPORT_HOST_STRANGERS_H
#define ERPSYNC_TRANSPORT_HOST_STRANGERS_H

/*
 * Callers who have not greeted so far: which of them gives way to others when
 * places are short.  Each has a while in which nobody takes its place, so that
 * a round trip of a thin line, or a packet that was lost, costs nobody an
 * update; after that it is judged by how long it took for what it said.  Pure
 * books; net_places.c asks, and ends who is chosen.
 */

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	STRANGER_MS = 1500, /* the while */
	/* The same where the last call from its address came to nothing. */
	STRANGER_DOUBTED_MS = 300,
	/* Bytes that count as said: a greeting and its handshake have less. */
	STRANGER_WORDS = 1024
};

/* Inside of whatever calls. */
struct stranger {
	TAILQ_ENTRY(stranger) list;
	const void *from; /* its address: whose it is, for comparison */
	uint64_t came; /* monotonic milliseconds */
	uint64_t said; /* bytes, those of TLS included */
	bool doubted; /* see above */
};

TAILQ_HEAD(strangers, stranger);

/* Of those whose while is over and who came from there (NULL: anywhere): who
 * has been slowest with its words; NULL: there is none. */
struct stranger *strangers_slowest(
    const struct strangers *all, uint64_t now, const void *from);

#endif
