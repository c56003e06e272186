/*
 * The window of an update on Windows, as whoever works sees it: what there is
 * to show is left where the window's thread finds it, and only a question
 * waits.
 */
#include "cli/window/window_win32_internal.h"

#include "cli/signals.h"

#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 100, END_MS = 5000, STARTED_MS = 10 * 1000 };

/* One that is ours alone was made for us: nobody looks at it, unless a program
 * reads at the other end of a pipe. */
static bool
has_console(void)
{
	DWORD list[2];

	return GetConsoleProcessList(list, 2) > 1 ||
	    GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)) == FILE_TYPE_PIPE ||
	    GetFileType(GetStdHandle(STD_ERROR_HANDLE)) == FILE_TYPE_PIPE;
}

/* Is anybody there to see it?  Services have no screen. */
static bool
has_screen(void)
{
	USEROBJECTFLAGS flags;
	DWORD n;

	return GetUserObjectInformationW(GetProcessWindowStation(), UOI_FLAGS,
		   &flags, sizeof(flags), &n) != 0 &&
	    (flags.dwFlags & WSF_VISIBLE) != 0;
}

/* What led to the console that goes now leads nowhere. */
static void
leave_console(void)
{
	FILE *const streams[] = {stdin, stdout, stderr};
	DWORD mode;
	size_t i;

	for (i = 0; i < 3; i++) {
		(void)fflush(streams[i]);
		if (GetConsoleMode(
			(HANDLE)_get_osfhandle(_fileno(streams[i])), &mode))
			(void)freopen("NUL", i == 0 ? "rb" : "wb", streams[i]);
	}
	(void)FreeConsole();
}

static void
forget(struct window *w)
{
	if (w->thread != NULL)
		(void)CloseHandle(w->thread);
	if (w->ready != NULL)
		(void)CloseHandle(w->ready);
	if (w->answered != NULL)
		(void)CloseHandle(w->answered);
	DeleteCriticalSection(&w->lock);
	free(w);
}

struct window *
window_new(enum window_wish wish, enum lang lang, const char *server)
{
	struct window *w;

	if (wish == WINDOW_NEVER || (wish == WINDOW_AUTO && has_console()) ||
	    !has_screen() || (w = calloc(1, sizeof(*w))) == NULL)
		return NULL;
	w->lang = lang;
	(void)strlcpy(w->server, server, sizeof(w->server));
	w->wanted = PAGE_PROGRESS;
	InitializeCriticalSection(&w->lock);
	w->ready = CreateEventW(NULL, FALSE, FALSE, NULL);
	w->answered = CreateEventW(NULL, FALSE, FALSE, NULL);
	if (w->ready != NULL && w->answered != NULL)
		w->thread = CreateThread(NULL, 0, window_dialog, w, 0, NULL);
	if (w->thread == NULL) {
		forget(w);
		return NULL;
	}
	(void)WaitForSingleObject(w->ready, INFINITE);
	if (w->hwnd == NULL) {
		(void)WaitForSingleObject(w->thread, STARTED_MS);
		forget(w);
		return NULL;
	}
	if (!has_console())
		leave_console();
	return w;
}

static void
sink_show(void *ctx, const struct progress_state *s, bool begins)
{
	struct window *w = ctx;

	(void)begins;
	EnterCriticalSection(&w->lock);
	w->state = *s;
	w->note[0] = '\0';
	LeaveCriticalSection(&w->lock);
}

static void
sink_note(void *ctx, bool is_warning, const char *line)
{
	struct window *w = ctx;

	(void)is_warning;
	EnterCriticalSection(&w->lock);
	(void)strlcpy(w->note, line, sizeof(w->note));
	LeaveCriticalSection(&w->lock);
}

struct progress_sink
window_sink(struct window *w)
{
	return (struct progress_sink){sink_show, NULL, sink_note, w};
}

bool
window_is_cancelled(struct window *w)
{
	bool is;

	EnterCriticalSection(&w->lock);
	is = w->cancelled;
	LeaveCriticalSection(&w->lock);
	return is;
}

/* Has so long been waited for nothing?  Who reads the details is there. */
static bool
is_over(struct window *w, ULONGLONG until)
{
	bool reads;

	EnterCriticalSection(&w->lock);
	reads = w->details;
	LeaveCriticalSection(&w->lock);
	return !reads && GetTickCount64() >= until;
}

/* Turn to a page that waits for a person, and wait: true when he answered,
 * false at a signal, after so long (0: never), or when it has gone. */
static bool
turn(struct window *w, enum window_page page, unsigned at_most_ms)
{
	HANDLE ends[] = {w->answered, w->thread};
	ULONGLONG until = GetTickCount64() + at_most_ms;
	DWORD got;

	EnterCriticalSection(&w->lock);
	w->wanted = page;
	w->answer = -1;
	LeaveCriticalSection(&w->lock);
	(void)ResetEvent(w->answered);
	if (!PostMessageW(w->hwnd, WM_WINDOW_TURN, 0, 0))
		return false;
	do {
		got = WaitForMultipleObjects(2, ends, FALSE, LOOK_MS);
		if (signals_caught() != 0 ||
		    (at_most_ms != 0 && is_over(w, until)))
			break;
	} while (got == WAIT_TIMEOUT);
	EnterCriticalSection(&w->lock);
	w->wanted = PAGE_PROGRESS;
	LeaveCriticalSection(&w->lock);
	(void)PostMessageW(w->hwnd, WM_WINDOW_TURN, 0, 0);
	return got == WAIT_OBJECT_0;
}

int
window_ask(struct window *w, const struct window_question *q)
{
	int answer;

	w->question = *q;
	if (!turn(w, PAGE_QUESTION, 0))
		return signals_caught() != 0 ? 0 : -1;
	EnterCriticalSection(&w->lock);
	answer = w->answer;
	LeaveCriticalSection(&w->lock);
	return answer;
}

void
window_fail(
    struct window *w, const struct window_failure *f, unsigned at_most_ms)
{
	w->failure = *f;
	(void)turn(w, PAGE_FAILURE, at_most_ms);
}

void
window_free(struct window *w, bool is_done)
{
	if (w == NULL)
		return;
	EnterCriticalSection(&w->lock);
	if (is_done)
		w->state.phase = PHASE_DONE;
	LeaveCriticalSection(&w->lock);
	(void)PostMessageW(w->hwnd, WM_WINDOW_END, 0, 0);
	/* A window that hangs keeps nobody; what it holds goes with us. */
	if (WaitForSingleObject(w->thread, END_MS) == WAIT_OBJECT_0)
		forget(w);
}
