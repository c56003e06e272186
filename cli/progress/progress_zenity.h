#ifndef ERPSYNC_CLI_PROGRESS_PROGRESS_ZENITY_H
#define ERPSYNC_CLI_PROGRESS_PROGRESS_ZENITY_H

/*
 * An update told to `zenity --progress`, or whatever reads the same lines: a
 * number is a percentage, and what stands behind '#' is shown.  A question
 * cannot be asked this way.
 */

#include "cli/messages/messages.h"

#include <stdio.h>

struct progress_result;

/* How it ended: all of it when it went well, else where it stood with what
 * the person was told. */
void progress_zenity_end(
    FILE *out, const struct progress_result *r, enum lang lang);

#endif
