#ifndef ERPSYNC_CLI_STOP_SIGNALS_H
#define ERPSYNC_CLI_STOP_SIGNALS_H

/* The signals that ask the program to stop, as something to poll. */

#include <signal.h>

struct err;

/*
 * SIGINT, SIGTERM and SIGHUP, unless they are ignored, become readable here
 * between begin and end instead of ending the process.  Streams are opened
 * after begin: whoever sees that one is open may send a signal.
 */
struct stop_signals {
	int fd;
	sigset_t before;
};
int stop_signals_begin(struct stop_signals *s, struct err *e);
void stop_signals_end(struct stop_signals *s);

#endif
