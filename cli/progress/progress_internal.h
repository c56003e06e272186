#ifndef ERPSYNC_CLI_PROGRESS_PROGRESS_INTERNAL_H
#define ERPSYNC_CLI_PROGRESS_PROGRESS_INTERNAL_H

/* The ways of a terminal to show the state, and what they keep. */

#include "cli/progress/progress.h"
#include "cli/progress/progress_state.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROGRESS_LINE_MAX = 1024 };

struct progress_terminal {
	FILE *out;
	const struct clock *clock;
	const char *folder; /* or NULL */
	enum lang lang;
	unsigned width; /* columns of the bar, 0 = those of the terminal */
	int tens; /* last ten percent told in a line, -1 = none */
	uint64_t drawn_ms;
	/* The bar. */
	bool drawn; /* a bar was drawn in this phase */
	bool stale; /* something changed since */
	bool on_line; /* the cursor stands behind a bar */
	bool is_gone; /* who reads out, as far as that ends anything */
};

/* Each with t as its ctx. */
struct progress_sink progress_bar_sink(struct progress_terminal *t);
struct progress_sink progress_lines_sink(struct progress_terminal *t);
struct progress_sink progress_json_sink(struct progress_terminal *t);
struct progress_sink progress_zenity_sink(struct progress_terminal *t);
struct progress_sink progress_quiet_sink(struct progress_terminal *t);

/* The bar of s as one line of less than width columns, without control
 * characters. */
void progress_bar(const struct progress_state *s, enum lang lang,
    unsigned width, char *out, size_t cap);

#endif
