#ifndef ERPSYNC_CLI_STREAMS_H
#define ERPSYNC_CLI_STREAMS_H

/*
 * The three standard streams: that they are there, and whether what was said
 * reached anybody.
 */

/*
 * Those that are closed become /dev/null, so that no file of ours gets their
 * number and with it what is meant for them.  Before anything is opened.
 */
void streams_open(void);

/*
 * Has all of standard output arrived?  0, EPIPE when its reader is gone,
 * which is his affair, or another errno.  After a failure it is /dev/null, so
 * that each loss is told once.
 */
int streams_flush(void);

#endif
