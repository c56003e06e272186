#ifndef ERPSYNC_CLI_MESSAGES_DETAILS_H
#define ERPSYNC_CLI_MESSAGES_DETAILS_H

/*
 * The details of a failure ("/erp/a.dll: changed during the update; ...") in
 * the person's language.  The engine says them in English, with names and
 * numbers in them; here they are known again by their formats.
 */

#include "cli/messages/messages.h"

#include <stdbool.h>
#include <stddef.h>

enum { DETAIL_MAX = 1024 };

/*
 * text in the language, in out.  Of a text that nobody knows, the parts
 * between ": " that are known; names and numbers stay as they are.
 */
void details_text(enum lang lang, const char *text, char out[DETAIL_MAX]);

/*
 * Cut from text, which is in any language, what to do, if it ends with that
 * behind its last "; ", and put it as a sentence into act.  False: it has none.
 */
bool details_cut_act(char text[DETAIL_MAX], char act[DETAIL_MAX]);

#endif
