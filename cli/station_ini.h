#ifndef ERPSYNC_CLI_STATION_INI_H
#define ERPSYNC_CLI_STATION_INI_H

/* A client folder's own smartclient.ini: where it is, which language. */

#include "cli/messages/messages.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The path of smartclient.ini in the folder dir, whatever the case of its
 * name; false when there is none, or none that fits into out.
 */
bool station_ini_find(const char *dir, char *out, size_t cap);

/*
 * The language for commands on dir: --lang (option, or NULL), the INI file,
 * the locale, Portuguese.  An INI file that cannot be read names none.
 */
enum lang station_ini_lang(const char *dir, const char *option);

#endif
