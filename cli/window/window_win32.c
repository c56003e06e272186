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

enum {
	LOOK_MS = 100,
	END_MS = 5000,
	HELD_LOOKS = 10 * 1000 / LOOK_MS, /* without a beat: it hangs */
	MADE_AFTER_MS = 200, /* most updates, with nothing to do, take less */
	MADE_WITHIN_MS = 10 * 1000
};

/* How many programs are at our console; 0: we have none. */
static DWORD
at_console(void)
{
	DWORD list[2];

	return GetConsoleProcessList(list, 2);
}

/* One that is ours alone was made for us: nobody looks at it, unless a program
 * reads at the other end of a pipe. */
static bool
has_console(void)
{
	return at_console() > 1 ||
	    GetFileType(GetStdHandle(STD_OUTPUT_HANDLE)) == FILE_TYPE_PIPE ||
	    GetFileType(GetStdHandle(STD_ERROR_HANDLE)) == FILE_TYPE_PIPE;
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
	if (w->made != NULL)
		(void)CloseHandle(w->made);
	if (w->answered != NULL)
		(void)CloseHandle(w->answered);
	DeleteCriticalSection(&w->lock);
	free(w);
}

/*
 * Is it there?  Its thread begins with the first who asks, and has so long to
 * make it: who waits does so up to then.  What the thread asks the system for
 * may be answered by other programs, which may hang.
 */
static bool
is_there(struct window *w, bool waits)
{
	ULONGLONG now;
	bool made;

	if (w->watch.stands)
		return true;
	now = GetTickCount64();
	if (w->watch.may_begin) {
		w->watch.may_begin = false;
		w->watch.until = now + MADE_WITHIN_MS;
		w->thread = CreateThread(NULL, 0, window_dialog, w, 0, NULL);
	}
	if (w->thread == NULL)
		return false;
	if (waits && now < w->watch.until)
		(void)WaitForSingleObject(
		    w->made, (DWORD)(w->watch.until - now));
	EnterCriticalSection(&w->lock);
	made = w->is_made && w->hwnd != NULL;
	LeaveCriticalSection(&w->lock);
	if (!made)
		return false;
	/* Up to here it has shown what there was to show. */
	if (!has_console())
		leave_console();
	w->watch.stands = true;
	return true;
}

/* It goes by itself, also one that is made only now. */
static void
leave(struct window *w, bool is_done)
{
	bool stands = w->thread != NULL && is_there(w, false);

	EnterCriticalSection(&w->lock);
	w->is_left = true;
	if (is_done)
		w->state.phase = PHASE_DONE;
	LeaveCriticalSection(&w->lock);
	if (stands)
		(void)PostMessageW(w->hwnd, WM_WINDOW_END, 0, 0);
	/* A window that hangs keeps nobody; what it holds goes with us. */
	if (w->thread == NULL ||
	    WaitForSingleObject(w->thread, stands ? END_MS : 0) ==
		WAIT_OBJECT_0)
		forget(w);
}

struct window *
window_new(enum window_wish wish, enum lang lang, const char *server)
{
	struct window *w;

	if (wish == WINDOW_NEVER || (wish == WINDOW_AUTO && has_console()) ||
	    (w = calloc(1, sizeof(*w))) == NULL)
		return NULL;
	w->lang = lang;
	(void)strlcpy(w->server, server, sizeof(w->server));
	w->wanted = PAGE_PROGRESS;
	w->began = GetTickCount64();
	InitializeCriticalSection(&w->lock);
	w->made = CreateEventW(NULL, TRUE, FALSE, NULL);
	w->answered = CreateEventW(NULL, FALSE, FALSE, NULL);
	w->watch.may_begin = w->made != NULL && w->answered != NULL;
	/* Who wants one in any case is told when there is none. */
	if (w->watch.may_begin && (wish == WINDOW_AUTO || is_there(w, true)))
		return w;
	leave(w, false);
	return NULL;
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

	/* Where nothing is to be done the window, which takes more than all
	 * the rest, is spared. */
	if (w->thread != NULL ||
	    (w->watch.may_begin &&
		GetTickCount64() - w->began >= MADE_AFTER_MS))
		(void)is_there(w, false);
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

/* Has its thread not looked for so many of our looks?  No clock tells: this
 * machine may have slept. */
static bool
is_held(struct window *w)
{
	EnterCriticalSection(&w->lock);
	w->watch.missed = w->beats == w->watch.beats ? w->watch.missed + 1 : 0;
	w->watch.beats = w->beats;
	LeaveCriticalSection(&w->lock);
	return w->watch.missed >= HELD_LOOKS;
}

/* Turn to a page that waits for a person, and wait: true when he answered,
 * false at a signal, after so long (0: never), or when it has gone or hangs. */
static bool
turn(struct window *w, enum window_page page, unsigned at_most_ms)
{
	HANDLE ends[2];
	ULONGLONG until;
	DWORD got;

	if (!is_there(w, true))
		return false;
	ends[0] = w->answered;
	ends[1] = w->thread;
	until = GetTickCount64() + at_most_ms;
	w->watch.missed = 0;
	EnterCriticalSection(&w->lock);
	w->wanted = page;
	w->answer = -1;
	LeaveCriticalSection(&w->lock);
	(void)ResetEvent(w->answered);
	if (!PostMessageW(w->hwnd, WM_WINDOW_TURN, 0, 0))
		return false;
	do {
		got = WaitForMultipleObjects(2, ends, FALSE, LOOK_MS);
		if (signals_caught() != 0 || is_held(w) ||
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

/* May it come yet, as far as is known? */
static bool
may_come(struct window *w)
{
	bool made;

	EnterCriticalSection(&w->lock);
	made = w->is_made;
	LeaveCriticalSection(&w->lock);
	return w->watch.may_begin || (w->thread != NULL && !made);
}

void
window_free(struct window *w, bool is_done)
{
	if (w == NULL)
		return;
	/* No empty console stays beside a program that is started. */
	if (may_come(w) && at_console() == 1)
		leave_console();
	leave(w, is_done);
}
