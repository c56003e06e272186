#ifndef ERPSYNC_CLI_SIGNALS_H
#define ERPSYNC_CLI_SIGNALS_H

/*
 * The signals that ask the program to stop, and those that it does not want
 * to die of.  Remembering one, and how they were inherited, is the only state
 * of the process that is ours.
 */

#include <signal.h>

struct err;

/*
 * From here on SIGINT, SIGTERM and SIGHUP are remembered instead of ending
 * the process; system calls return with EINTR.  Those that whoever started us
 * had ignored (nohup, a shell's background) stay ignored.  An ignored SIGCHLD
 * is as by default, so that children can be waited for.
 */
void signals_catch(void);

/* The last such signal, or 0. */
int signals_caught(void);

/* From here on the process does not die of this signal: SIGPIPE and the like,
 * four at most. */
void signals_ignore(int number);

/* All signals as whoever started us handed them on, for a program that takes
 * our place. */
void signals_restore(void);

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
