#ifndef ERPSYNC_TESTS_WIN32_BYNAME_H
#define ERPSYNC_TESTS_WIN32_BYNAME_H

/* Wine tells nothing of a name without opening it: here ntdll.dll seems to have
 * the call for it that Windows has. */

#include <stdbool.h>

/* From now on it has it, or not; how often it was asked since the last time. */
unsigned byname_pretend(bool on);

#endif
