#ifndef ERPSYNC_CLI_WINDOW_WINDOW_H
#define ERPSYNC_CLI_WINDOW_WINDOW_H

/*
 * The window of an update: its progress with Cancel, the question before an
 * incompatible update, and a failure with what to do.  It is one more sink of
 * the progress beside the terminal, and never keeps an update waiting: on
 * Windows it has a thread of its own, elsewhere it is another program
 * (zenity), whose death changes nothing.
 *
 * It appears when the work takes a moment longer than one would notice.
 */

#include "cli/messages/messages.h"
#include "cli/progress/progress.h"

#include <stdbool.h>

struct window;
struct window_failure;
struct window_question;

/* In the order of --window and of Window=. */
enum window_wish {
	WINDOW_AUTO, /* when there is no console, no pipe, and a screen */
	WINDOW_ALWAYS, /* when there is a screen */
	WINDOW_NEVER
};

/*
 * Is a window wanted and, as far as can be seen, possible?  NULL if not: the
 * terminal has it all.  server is shown until the first file is.
 */
struct window *window_new(
    enum window_wish wish, enum lang lang, const char *server);

/* Close it; one that is just there, or says that all went well, stays for a
 * moment.  NULL is none. */
void window_free(struct window *w, bool is_done);

struct progress_sink window_sink(struct window *w);

/* Did the person cancel?  Called often, it keeps the window alive too. */
bool window_is_cancelled(struct window *w);

/* Ask and wait: 1 for yes, 0 for no, -1 when nobody could be asked. */
int window_ask(struct window *w, const struct window_question *q);

/* Show it and wait until it is read, or for at_most_ms (0: as long as it
 * takes), unless the details are being looked at. */
void window_fail(
    struct window *w, const struct window_failure *f, unsigned at_most_ms);

#endif
