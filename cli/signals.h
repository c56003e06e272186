#ifndef ERPSYNC_CLI_SIGNALS_H
#define ERPSYNC_CLI_SIGNALS_H

/*
 * The signals that ask the program to stop, and those that it does not want
 * to die of.  Remembering one, and how they were inherited, is the only state
 * of the process that is ours.
 */

#include <stdbool.h>

/*
 * From here on SIGINT, SIGTERM and SIGHUP come in, also where whoever started
 * us had blocked them: that is an accident of its threads more often than a
 * wish, which would be said by ignoring them.
 */
void signals_unblock(void);

/*
 * From here on SIGINT, SIGTERM and SIGHUP are remembered instead of ending
 * the process; system calls return with EINTR.  Those that whoever started us
 * had ignored (nohup, a shell's background) stay ignored.  An ignored SIGCHLD
 * is as by default, so that children can be waited for.
 */
void signals_catch(void);

bool signals_is_ignored(int number);

/* The last such signal, or 0. */
int signals_caught(void);

/* From here on the process does not die of what it writes: to a pipe that
 * nobody reads any more, to a file that may grow no more (ulimit -f). */
void signals_survive(void);

/* All signals as whoever started us handed them on, for a program that takes
 * our place. */
void signals_restore(void);

#endif
