#ifndef ERPSYNC_CLI_LAUNCH_H
#define ERPSYNC_CLI_LAUNCH_H

/*
 * Becoming another program, and saying in plain words why that did not work.
 * Never through a shell: what the kernel does not take for a program is none.
 */

#include "cli/failure.h"
#include "cli/messages/messages.h"
#include "cli/said.h"

enum { LAUNCH_DETAIL_MAX = 1024 };

/*
 * Take the place of this process; a name without a folder is looked for in
 * PATH.  Returns only when that failed: the exit code, after it was said.
 */
int launch(char **argv, enum lang lang, struct said *said);

/*
 * Why the kernel refused path with this errno, as far as the file tells: what
 * and a remedy, with the names that belong to it in detail.  Without a what,
 * the errno has to say it.
 */
struct advice launch_why(
    const char *path, int sys, char detail[LAUNCH_DETAIL_MAX]);

#endif
