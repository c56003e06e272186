#ifndef ERPSYNC_TRANSPORT_NET_DIAL_H
#define ERPSYNC_TRANSPORT_NET_DIAL_H

/* Connecting to a server by name or address. */

#include <stdint.h>

struct channel;
struct clock;
struct err;

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

#endif
