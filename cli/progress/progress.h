#ifndef ERPSYNC_CLI_PROGRESS_PROGRESS_H
#define ERPSYNC_CLI_PROGRESS_PROGRESS_H

/*
 * Shows the engine's events to a person: one bar per phase on a terminal,
 * redrawn at most ten times a second and never going backwards; plain lines
 * elsewhere (one per phase, one per ten percent of the download); only
 * warnings when quiet.  And beside it in a window, if there is one.
 *
 * ERPSYNC_EVENT_RECEIVE's done and total are taken for the bytes of the whole
 * update, its path for the file that they belong to at the moment; the other
 * events are as in erpsync.h.  Phases follow each other in the order check,
 * receive, backup, swap: a late event of an earlier phase is not shown.
 */

#include "cli/messages/messages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct clock;
struct err;
struct erpsync_observer;
struct progress;
struct progress_state;

/* One way to show an update; the first two may be NULL. */
struct progress_sink {
	/* Something of the state changed; begins: its phase did. */
	void (*show)(void *ctx, const struct progress_state *s, bool begins);
	/* The phase has ended, or something else is said now. */
	void (*rest)(void *ctx, const struct progress_state *s);
	/* A line about what happened, in the person's language. */
	void (*note)(void *ctx, bool is_warning, const char *line);
	void *ctx;
};

enum progress_mode {
	PROGRESS_AUTO, /* bar if out is a terminal that can show it */
	PROGRESS_BAR, /* from here on in the order of --progress */
	PROGRESS_LINES,
	PROGRESS_JSON, /* progress_json.h */
	PROGRESS_ZENITY, /* progress_zenity.h */
	PROGRESS_QUIET
};

struct progress_options {
	FILE *out;
	const struct clock *clock;
	const char *folder; /* client folder, named when backing up */
	enum progress_mode mode;
	enum lang lang;
	unsigned width; /* columns of the bar, 0 = those of the terminal */
	const struct progress_sink *window; /* beside out, or NULL */
};

/* opt is copied, what it points to is borrowed.  ERP_NOMEM. */
int progress_new(
    const struct progress_options *opt, struct progress **out, struct err *e);

/* Ends the line of a bar first, so that what follows starts a new one. */
void progress_free(struct progress *p);

/* An observer with p as its ctx. */
struct erpsync_observer progress_observer(struct progress *p);

/* Has who reads the lines of PROGRESS_ZENITY gone?  zenity is closed by its
 * Cancel; another program that goes away changes nothing.  p may be NULL. */
bool progress_is_cancelled(const struct progress *p);

/* Show the last state and end the line; more events may follow. */
void progress_end_line(struct progress *p);

#endif
