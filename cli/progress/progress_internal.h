#ifndef ERPSYNC_CLI_PROGRESS_PROGRESS_INTERNAL_H
#define ERPSYNC_CLI_PROGRESS_PROGRESS_INTERNAL_H

/* What progress.c keeps, and its two ways to draw the state. */

#include "cli/progress/progress.h"
#include "cli/progress/progress_state.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROGRESS_LINE_MAX = 1024 };

struct progress {
	struct progress_options opt;
	struct progress_state state;
	int tens; /* last ten percent told in a line, -1 = none */
	/* The bar. */
	uint64_t drawn_ms;
	bool drawn; /* a bar was drawn in this phase */
	bool stale; /* something changed since */
	bool on_line; /* the cursor stands behind a bar */
};

/* A line for what has just changed, if it is one of those that are told;
 * begins: the phase did. */
void progress_line(struct progress *p, bool begins);

/* The bar of s as one line of less than width columns, without control
 * characters. */
void progress_bar(const struct progress_state *s, enum lang lang,
    unsigned width, char *out, size_t cap);

/* Columns of the terminal behind out. */
unsigned progress_width(FILE *out);

#endif
