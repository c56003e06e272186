#ifndef ERPSYNC_TESTS_SUPPORT_PROGRAM_H
#define ERPSYNC_TESTS_SUPPORT_PROGRAM_H

/* Something like a program and its next build: functions that call each other
 * and name data, and tables of their addresses, in a file of a known format. */

#include <stddef.h>

struct buf;

enum program_format { PROGRAM_PE, PROGRAM_ELF, PROGRAM_MACHO, PROGRAM_FORMATS };

/* Append build 0 or 1, of so many functions.  In the second one every 40th
 * function is longer, so that nearly all distances and addresses differ. */
void program_put(
    struct buf *out, enum program_format format, size_t functions, int build);

#endif
