#ifndef ERPSYNC_CLI_PROCESS_WIN32_H
#define ERPSYNC_CLI_PROCESS_WIN32_H

/* Starting programs of Windows, which get one text instead of arguments. */

#include <stdbool.h>
#include <stddef.h>

/*
 * One argument at the end of a command line, in quotes where the program
 * would else read another one; a space before it unless it is the first.
 * False when it does not fit, or is not UTF-8.
 */
bool process_append(wchar_t *line, size_t cap, const char *argument);

/* A command line of all of argv, up to its NULL.  False as above. */
bool process_line(wchar_t *line, size_t cap, char *const argv[]);

#endif
