#ifndef ERPSYNC_CLI_MOMENT_H
#define ERPSYNC_CLI_MOMENT_H

/* A time of the day, as --at has it, in this machine's local time. */

#include <stdbool.h>
#include <stdint.h>

/* HH:MM or HH:MM:SS into seconds of the day; false: it is neither. */
bool moment_parse(const char *text, int32_t *out);

/* When it is next, seconds since 1970: after now, or now.  A time that a clock
 * change leaves out comes as much later. */
int64_t moment_next(int32_t of_day, int64_t now);

#endif
