/*
 * Below the commands: what asks the program to stop becomes a number that
 * sessions and loops look at between two steps.
 */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

/* The only variable of the program: what a signal handler may write. */
static volatile sig_atomic_t signal_seen;

static void
signal_note(int number)
{
	signal_seen = number;
}

void
signals_catch(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = signal_note;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaction(numbers[i], &action, NULL);
}

int
signals_caught(void)
{
	return signal_seen;
}
