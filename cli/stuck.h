#ifndef ERPSYNC_CLI_STUCK_H
#define ERPSYNC_CLI_STUCK_H

/*
 * The one ending that needs a person: what lies in a client folder of ours
 * cannot be explained, or the outcome of an update there is not known.
 */

#include "cli/messages/messages.h"

#include <stdbool.h>

struct err;
struct erpsync_folder;

/* Did code end it so?  f: the folder, NULL when it could not be opened. */
bool stuck_is(const struct erpsync_folder *f, int code);

/* Say so on standard error, with e's reason; returns the exit code. */
int stuck_say(enum lang lang, const struct err *e);

#endif
