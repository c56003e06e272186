#ifndef ERPSYNC_CLI_PAINT_H
#define ERPSYNC_CLI_PAINT_H

/*
 * Colour for a word that should not be overlooked: on terminals only, never
 * where NO_COLOR is set (no-color.org), and never for anything that is not
 * also said.
 */

#include <stdio.h>

enum paint {
	PAINT_BAD, /* red */
	PAINT_WARNING /* yellow */
};

/* Print text, and nothing behind it. */
void paint_print(FILE *out, enum paint how, const char *text);

#endif
