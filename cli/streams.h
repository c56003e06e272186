#ifndef ERPSYNC_CLI_STREAMS_H
#define ERPSYNC_CLI_STREAMS_H

/*
 * The three standard streams: that they are there, what they lead to, and
 * whether what was said reached anybody.
 */

#include <stdbool.h>
#include <stdio.h>

/*
 * Those that are closed become /dev/null, so that no file of ours gets their
 * number and with it what is meant for them; those that somebody made
 * non-blocking are waited for.  Before anything is opened.
 */
void streams_open(void);

/* The arguments of main as UTF-8: its own, where they are that. */
char **streams_arguments(int *argc, char **argv);

/* The columns of a terminal, or 0; and can a line on it be written again? */
unsigned streams_columns(FILE *out);
bool streams_can_redraw(FILE *out);

/*
 * Has all of standard output arrived?  0, EPIPE when its reader is gone,
 * which is his affair, or another errno.  After a failure it is /dev/null, so
 * that each loss is told once.
 */
int streams_flush(void);

/*
 * From here on nobody who does not read keeps us: what took nothing for
 * STREAMS_FULL_S in all leads to /dev/null until streams_unbound, which gives
 * it back to the program that takes our place.
 */
enum { STREAMS_FULL_S = 20 };
void streams_bound(void);
void streams_unbound(void);

/*
 * A file to write, or what has its name already: who reads a FIFO is waited
 * for wait_ms in all, until he opens it and while he takes nothing.
 * NULL with an errno, ENXIO for one that nobody opened; a write that was waited
 * for in vain is EPIPE.  The caller closes it.
 */
FILE *streams_create(const char *path, int wait_ms);
#define STREAMS_UNREAD                                                         \
	"is a FIFO or a socket, and nobody reads it; start who reads it first"

/* After the last word: the exit code, for main to return.  On Windows the
 * process ends here, and no library is asked to say goodbye: one that a window
 * hangs in would be waited for without end. */
int streams_end(int status);

#endif
