#ifndef ERPSYNC_TRANSPORT_HOST_LISTEN_H
#define ERPSYNC_TRANSPORT_HOST_LISTEN_H

/*
 * The listening sockets of the server, IPv4 and IPv6.  When descriptors run
 * out, callers are turned away instead of being left to wait.
 */

#include <stdbool.h>
#include <stdint.h>

struct err;
struct event_base;
struct listener;
struct sockaddr;

struct listen_options {
	struct event_base *base;
	const char *address; /* name or number; "" or NULL: all */
	uint16_t port; /* 0: any free one */
	/* A connection: fd is the callee's. */
	void (*accepted)(void *ctx, int fd, const struct sockaddr *addr);
	/* Accepting failed, with this errno. */
	void (*failed)(void *ctx, int sys);
	void *ctx;
};

/* Is the address one of this machine's?  0, ERP_NOTFOUND for a name that nobody
 * knows, or a code with the errno. */
int listener_check(const char *address, uint16_t port, struct err *e);

int listener_new(
    const struct listen_options *opt, struct listener **out, struct err *e);

uint16_t listener_port(const struct listener *l);

/* Leave callers where the kernel has them, or (not on) take them again. */
void listener_hold(struct listener *l, bool on);

/* Accept no more.  NULL is fine. */
void listener_free(struct listener *l);

#endif
