#ifndef ERPSYNC_TESTS_WIN32_PRESS_H
#define ERPSYNC_TESTS_WIN32_PRESS_H

/* The person in front of an update's window. */

#include "engine/base/wide_win32.h"

#include <stdbool.h>

/* Wait until the window has this control and shows it; NULL: it never did. */
HWND press_await(int id);

/* The same, then press "esc", "enter", "tab", the window's "cross", or a
 * letter with Alt. */
bool press(int id, const char *key);

/* What a control says, in UTF-8, malloc'd. */
char *press_text(HWND window, int id);

/* Pairs of a control's number and a key, or "text" to print what it says
 * once it says anything. */
int press_main(int argc, char **argv);

#endif
