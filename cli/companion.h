#ifndef ERPSYNC_CLI_COMPANION_H
#define ERPSYNC_CLI_COMPANION_H

/*
 * Another program beside this one, for tests that take two: it says something
 * when it is ready, and ends when its standard input does.
 */

#include <stddef.h>

struct companion;
struct err;

enum { COMPANION_PATH_MAX = 4096 };

/* Where this program lies. */
int companion_self(char out[COMPANION_PATH_MAX], struct err *e);

/* Start argv[0], a path; returns when it is ready.  ERP_IO when it ends
 * without that. */
int companion_start(char *const argv[], struct companion **out, struct err *e);

/* End it, and wait until it has. */
void companion_end(struct companion *c);

/* What such a program does: say that it is ready, and wait for the end. */
void companion_wait(void);

/* Open a file so that no other program may, where there is such a thing; it
 * stays open.  ERP_IO. */
int companion_hold(const char *path, struct err *e);

#endif
