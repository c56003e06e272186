#ifndef ERPSYNC_CLI_NOTIFY_H
#define ERPSYNC_CLI_NOTIFY_H

/*
 * What the system's service manager is told of a server that it started, by
 * the protocol of sd_notify(3): one datagram to the socket that the environment
 * names.  Where none did, nothing is told to nobody.  Nothing here fails or
 * waits: a manager that does not listen is no reason to serve less.
 */

#include <stdint.h>

struct clock;

enum { NOTIFY_PATH_MAX = 108 }; /* of a socket, with its NUL */

struct notify {
	char path[NOTIFY_PATH_MAX]; /* as the environment has it; "": nobody */
	/* A server that is silent for twice as long is started again; 0: it
	 * may be silent. */
	uint64_t every_ms;
	uint64_t told_ms; /* when it was heard last; monotonic */
	const struct clock *clock; /* outlives it */
};

/* Who is to be told, by NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. */
void notify_open(struct notify *n, const struct clock *clock);

/* It serves; it ends. */
void notify_ready(const struct notify *n);
void notify_stopping(const struct notify *n);

/* It lives: to be called often, told as often as is asked for. */
void notify_alive(struct notify *n);

#endif
