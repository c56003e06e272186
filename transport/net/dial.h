#ifndef ERPSYNC_TRANSPORT_NET_DIAL_H
#define ERPSYNC_TRANSPORT_NET_DIAL_H

/* Connecting to a server by name or address. */

#include <stddef.h>
#include <stdint.h>

struct channel;
struct clock;
struct err;
struct sock_address;
struct sock_addresses;

struct dial_options {
	const char *host;
	uint16_t port;
	uint32_t timeout_ms; /* for the look-up and all addresses together */
	const struct clock *clock;
	int (*interrupted)(void *ctx); /* not 0: give up; or NULL */
	void *ctx;
};

/*
 * Try all addresses of the host, the next one a quarter of a second after the
 * one before, the first that answers is it.  Then 0 and a channel to it, or
 * ERP_UNREACHABLE no such host, or what the last address said (err.sys);
 * ERP_UNANSWERED nobody answered; ERP_CANCELLED.
 */
int dial(const struct dial_options *opt, struct channel *out, struct err *e);

/*
 * The first most addresses of the list, which is not empty, in the order in
 * which they are tried: the resolver's, but the families take turns, since a
 * machine may have no way for one of them at all.  How many.
 */
size_t dial_order(const struct sock_addresses *list,
    const struct sock_address *out[], size_t most);

#endif
