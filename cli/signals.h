#ifndef ERPSYNC_CLI_SIGNALS_H
#define ERPSYNC_CLI_SIGNALS_H

/*
 * The signals that ask the program to stop.  Remembering one is the only
 * state of the process that is ours.
 */

/*
 * From here on SIGINT, SIGTERM and SIGHUP are remembered instead of ending
 * the process; system calls return with EINTR.
 */
void signals_catch(void);

/* The last such signal, or 0. */
int signals_caught(void);

#endif
