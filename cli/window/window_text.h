#ifndef ERPSYNC_CLI_WINDOW_WINDOW_TEXT_H
#define ERPSYNC_CLI_WINDOW_WINDOW_TEXT_H

/*
 * What a window says, whichever system draws it: pure functions from the
 * state of an update, a question or a failure to texts in the person's
 * language.  Paths and messages are safe to show: no control characters.
 */

#include "cli/messages/messages.h"
#include "cli/progress/progress_state.h"
#include "cli/said.h"

#include <stdbool.h>

enum { WINDOW_TEXT_MAX = 512, WINDOW_DETAILS_MAX = 4096 };

/* An update that runs. */
struct window_text {
	char headline[WINDOW_TEXT_MAX]; /* what is being done */
	char file[WINDOW_TEXT_MAX]; /* to which file, or what happened */
	char amount[WINDOW_TEXT_MAX]; /* "3,4 MB de 55 MB - 2,1 MB/s" */
	char left[WINDOW_TEXT_MAX]; /* the time */
	char files[WINDOW_TEXT_MAX]; /* which of how many, where amount has
					bytes */
	char consequence[WINDOW_TEXT_MAX]; /* of Cancel */
	int permille; /* -1: nobody knows */
	bool may_cancel;
};

/* note is what happened since the state changed, or "". */
void window_text(const struct progress_state *s, const char *note,
    bool cancelled, enum lang lang, struct window_text *out);

/* The question before an incompatible update: headline K1 is its own. */
struct window_question {
	char headline[WINDOW_TEXT_MAX];
	char versions[WINDOW_TEXT_MAX];
	char consequence[WINDOW_TEXT_MAX];
};
void window_question(const char *from_build, const char *to_build,
    enum lang lang, struct window_question *out);

/* Where it failed, for the details. */
struct window_place {
	const char *station, *folder, *server; /* "": not known */
	const char *time; /* with its zone */
	int exit_code;
};
struct window_failure {
	char headline[WINDOW_TEXT_MAX]; /* K2 */
	char what[SAID_WHAT_MAX]; /* with its code */
	char act[WINDOW_TEXT_MAX]; /* what to do */
	char start[WINDOW_TEXT_MAX]; /* that the program starts, or "" */
	char details[WINDOW_DETAILS_MAX]; /* lines, to be copied */
};
void window_failure(const struct said *said, const struct window_place *place,
    bool starts, enum lang lang, struct window_failure *out);

/* A button's text with this sign in front of its letter; 0: without. */
void window_button(
    enum lang lang, const char *key, char sign, char *out, size_t cap);

#endif
