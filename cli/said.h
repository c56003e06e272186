#ifndef ERPSYNC_CLI_SAID_H
#define ERPSYNC_CLI_SAID_H

/*
 * A failure as it was told on standard error, kept for who shows it once more:
 * a window.
 */

#include "cli/failure.h"
#include "cli/messages/messages.h"

enum { SAID_LINE_MAX = 512, SAID_WHAT_MAX = 1536 };

/* Zeroed, nothing was told; a later failure takes the place of one before. */
struct said {
	char first[SAID_LINE_MAX]; /* as K2, or "" */
	char what[SAID_WHAT_MAX]; /* with its code and a detail; "": none */
	char act[SAID_LINE_MAX]; /* what to do, without CLI009 */
};

/* Tell and keep: first, K2 or CLI015, or NULL; what, a text with its code;
 * and the text of what to do. */
void said_text(struct said *s, enum lang lang, const char *first,
    const char *what, const char *act);

/* The same with a detail, which is in English, behind a failure's text. */
void said_advice(struct said *s, enum lang lang, const char *first,
    struct advice advice, const char *detail);

/* The same by the catalogue's line for e. */
void said_failure(
    struct said *s, enum lang lang, const char *first, const struct err *e);

#endif
