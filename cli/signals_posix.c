/*
 * Below the commands: what asks the program to stop becomes a number that
 * sessions and loops look at between two steps; and what the program changes
 * of its signals is put back for the one that takes its place.
 */
#include "cli/signals.h"

#include <assert.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { CHANGED_MAX = 4 };

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};

/* The only variables of the program, but for the once of
 * engine/delta/rsjob.c and the bound of streams_posix.c: what a signal handler
 * may write, and what was inherited for the signals that we change or let in.
 */
static volatile sig_atomic_t signal_seen;
static struct {
	int number;
	struct sigaction was;
} changed[CHANGED_MAX];
static size_t changed_n;
static sigset_t mask_was;
static bool mask_changed;

static void
signal_note(int number)
{
	signal_seen = number;
}

/* Until signals_restore. */
static void
change(int number, void (*handler)(int))
{
	struct sigaction action;

	assert(changed_n < CHANGED_MAX);
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	if (sigaction(number, &action, &changed[changed_n].was) == 0)
		changed[changed_n++].number = number;
}

bool
signals_is_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void
signals_unblock(void)
{
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		(void)sigaddset(&set, stops[i]);
	mask_changed = sigprocmask(SIG_UNBLOCK, &set, &mask_was) == 0;
}

void
signals_catch(void)
{
	struct sigaction action;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = signal_note;
	for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		if (!signals_is_ignored(stops[i]))
			(void)sigaction(stops[i], &action, NULL);
	/* Ignored, no child could be waited for. */
	if (signals_is_ignored(SIGCHLD))
		change(SIGCHLD, SIG_DFL);
}

int
signals_caught(void)
{
	return signal_seen;
}

void
signals_survive(void)
{
	change(SIGPIPE, SIG_IGN);
	change(SIGXFSZ, SIG_IGN);
}

void
signals_restore(void)
{
	struct sigaction action, now;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	for (i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		if (sigaction(stops[i], NULL, &now) == 0 &&
		    now.sa_handler == signal_note)
			(void)sigaction(stops[i], &action, NULL);
	while (changed_n > 0) {
		changed_n--;
		(void)sigaction(
		    changed[changed_n].number, &changed[changed_n].was, NULL);
	}
	if (mask_changed)
		(void)sigprocmask(SIG_SETMASK, &mask_was, NULL);
	mask_changed = false;
}
