#ifndef ERPSYNC_CLI_PROGRESS_PROGRESS_INTERNAL_H
#define ERPSYNC_CLI_PROGRESS_PROGRESS_INTERNAL_H

/* What progress.c keeps and progress_bar.c draws. */

#include "cli/progress/progress.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROGRESS_PATH_MAX = 256, PROGRESS_LINE_MAX = 1024 };

enum phase {
	PHASE_NONE,
	PHASE_CHECK,
	PHASE_RECEIVE,
	PHASE_BACKUP,
	PHASE_SWAP,
	PHASE_DONE
};

struct progress {
	struct progress_options opt;
	enum phase phase;
	char path[PROGRESS_PATH_MAX]; /* escaped */
	uint64_t files; /* received so far, with the one being received */
	uint64_t files_n; /* expected, 0 = not known */
	uint64_t bytes_n; /* expected, 0 = not known */
	uint64_t done; /* of the phase: entries, bytes or files */
	uint64_t total;
	unsigned permille; /* of the phase; never falls */
	int tens; /* last ten percent told in a line, -1 = none */
	/* The rate, smoothed over samples. */
	uint64_t sample_ms;
	uint64_t sample_done;
	uint64_t rate; /* bytes a second, 0 = not known yet */
	/* The bar. */
	uint64_t drawn_ms;
	bool drawn; /* a bar was drawn in this phase */
	bool stale; /* something changed since */
	bool on_line; /* the cursor stands behind a bar */
};

/* The bar of p as one line of less than width columns, without control
 * characters. */
void progress_bar(
    const struct progress *p, unsigned width, char *out, size_t cap);

/* "1:07", "2:00:00", or "--:--" when nobody knows. */
void progress_time_left(const struct progress *p, char *out, size_t cap);

/* Columns of the terminal behind out. */
unsigned progress_width(FILE *out);

/* Can out show a bar? */
bool progress_can_bar(FILE *out);

#endif
