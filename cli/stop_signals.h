#ifndef ERPSYNC_CLI_STOP_SIGNALS_H
#define ERPSYNC_CLI_STOP_SIGNALS_H

/* What asks the program to stop, for who waits for streams meanwhile. */

struct err;

/*
 * Between begin and end SIGINT, SIGTERM and SIGHUP, unless they are ignored,
 * do not end the process.  On POSIX they become readable in fd; on Windows,
 * where they are keys and closed windows, they end what this thread reads or
 * writes, and signals_caught() tells them.  Streams are opened after begin:
 * whoever sees that one is open may send a signal.
 */
struct stop_signals {
	int fd; /* -1: not begun */
	void *before; /* what end puts back */
};
int stop_signals_begin(struct stop_signals *s, struct err *e);
void stop_signals_end(struct stop_signals *s);

#endif
