#ifndef ERPSYNC_CLI_WINDOW_WINDOW_ZENITY_INTERNAL_H
#define ERPSYNC_CLI_WINDOW_WINDOW_ZENITY_INTERNAL_H

/* zenity(1) as a child: nothing here waits, and it may die at any time. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* How it ended. */
enum zenity_end {
	ZENITY_RUNS,
	ZENITY_AGREED, /* OK, or a text that was read */
	ZENITY_REFUSED, /* Cancel, Esc, or its window was closed */
	ZENITY_MORE, /* the extra button */
	ZENITY_DIED /* no screen, no such option, a signal */
};

/* Zeroed, there is none. */
struct zenity {
	pid_t pid; /* 0: it does not run */
	int in; /* what it reads, when pid is not 0 */
};

/* Can it be started at all: is there a screen, and the program? */
bool zenity_is_there(void);

/* Start it; argv[0] is its name.  False when it does not. */
bool zenity_start(struct zenity *z, char *const argv[]);

/* Let it read text, all of it or, where it does not keep up, nothing. */
void zenity_say(const struct zenity *z, const char *text, size_t len);
/* Let it see the end of that. */
void zenity_end_input(struct zenity *z);

/* Does it still run?  Once it does not, z is as zeroed. */
enum zenity_end zenity_look(struct zenity *z);

/* End it, if it runs. */
void zenity_stop(struct zenity *z);

#endif
