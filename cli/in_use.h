#ifndef ERPSYNC_CLI_IN_USE_H
#define ERPSYNC_CLI_IN_USE_H

/*
 * Which files that an update would replace or remove do programs use now?  It
 * is to be known, and nothing to fear: what runs goes on with what it has.
 */

#include <stddef.h>

struct erpsync_change;

/*
 * Of the n changes of folder, in path order, as far as this user may see it:
 * how many, and in out, which is cut to whole names, "lib/a.so (1234), ...":
 * path and process.
 */
size_t in_use_list(const char *folder, const struct erpsync_change *v, size_t n,
    char *out, size_t cap);

#endif
