#ifndef ERPSYNC_CLI_MOMENT_H
#define ERPSYNC_CLI_MOMENT_H

/* Times at which there are updates, in this machine's local time. */

#include "cli/messages/details.h"

#include <stdbool.h>
#include <stdint.h>

/* A time of the day, as --at has it: HH:MM or HH:MM:SS into seconds of the day;
 * false: it is neither. */
bool moment_parse(const char *text, int32_t *out);

/* When it is next, seconds since 1970: after now, or now.  A time that a clock
 * change leaves out comes as much later. */
int64_t moment_next(int32_t of_day, int64_t now);

/* What a server says that gives no update now, with its code: 0, a release is
 * held; else it begins to in so many seconds. */
void moment_opening(
    char out[DETAIL_MAX], enum lang lang, uint32_t opens_in_s, int64_t now);

#endif
