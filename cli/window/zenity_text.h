#ifndef ERPSYNC_CLI_WINDOW_ZENITY_TEXT_H
#define ERPSYNC_CLI_WINDOW_ZENITY_TEXT_H

/*
 * What zenity(1) reads on standard input for its progress: pure texts, for a
 * zenity of our own and for one that another program has started.
 */

#include "cli/window/window_text.h"

#include <stddef.h>

/* No more than a pipe takes whole. */
enum { ZENITY_TEXT_MAX = 4 * WINDOW_TEXT_MAX };

/* The state: whether anybody knows how far it is, the share, and the text.  The
 * length, or 0 when it is too long. */
size_t zenity_text(const struct window_text *t, char out[ZENITY_TEXT_MAX]);

/* A text alone, likewise. */
size_t zenity_line(const char *text, char out[ZENITY_TEXT_MAX]);

#endif
