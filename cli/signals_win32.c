/*
 * Below the commands, on Windows: a key, a closed window or the end of the
 * session becomes the number that sessions and loops look at.
 */
#include "cli/signals.h"

#include "engine/base/wide_win32.h"

#include <signal.h>

enum { LAST_WORDS_MS = 30 * 1000 };

static volatile sig_atomic_t signal_seen;

/* On a thread of its own. */
static BOOL WINAPI
note(DWORD what)
{
	signal_seen =
	    what == CTRL_C_EVENT || what == CTRL_BREAK_EVENT ? SIGINT : SIGTERM;
	/* Who closes the window or logs off ends the process with this
	 * function: the main thread ends it before, when it is done. */
	if (what != CTRL_C_EVENT && what != CTRL_BREAK_EVENT)
		Sleep(LAST_WORDS_MS);
	return TRUE;
}

/* Nobody can have blocked any. */
void
signals_unblock(void)
{
}

void
signals_catch(void)
{
	(void)SetConsoleCtrlHandler(note, TRUE);
}

int
signals_caught(void)
{
	return signal_seen;
}

/* A write that fails is only that. */
void
signals_survive(void)
{
}

void
signals_restore(void)
{
	(void)SetConsoleCtrlHandler(note, FALSE);
}
