#ifndef ERPSYNC_CLI_WINDOW_WINDOW_WIN32_INTERNAL_H
#define ERPSYNC_CLI_WINDOW_WINDOW_WIN32_INTERNAL_H

/*
 * Windows' own window: window_win32.c is the side of whoever works, on his
 * thread, window_dialog_win32.c that of the person, on the window's, and
 * window_layout_win32.c puts the controls where they belong.
 */

#include "cli/window/window.h"
#include "cli/window/window_text.h"
#include "engine/base/wide_win32.h"

enum window_page { PAGE_NONE, PAGE_PROGRESS, PAGE_QUESTION, PAGE_FAILURE };

/* The controls, besides IDCANCEL, IDYES and IDNO. */
enum {
	ID_ICON = 100,
	ID_HEADLINE,
	ID_FILE,
	ID_BAR,
	ID_BYTES,
	ID_LEFT,
	ID_FILES,
	ID_FOOT,
	ID_WHAT,
	ID_ACT,
	ID_START,
	ID_DETAILS,
	ID_MORE,
	ID_COPY
};

/* From the work to the window. */
enum { WM_WINDOW_TURN = WM_APP + 1, WM_WINDOW_END };

/* How large things are on the screen where the window is. */
struct window_scale {
	unsigned dpi;
	HFONT text, head;
	int line; /* height of one */
	int pane; /* where the upper part ends */
};

struct window {
	enum lang lang;
	char server[WINDOW_TEXT_MAX];
	HANDLE thread;
	HANDLE ready; /* the window was made, or could not be */
	HANDLE answered; /* a question was, or a failure was read */
	HWND hwnd; /* NULL: it could not be made */

	CRITICAL_SECTION lock; /* of what both threads see: */
	struct progress_state state;
	char note[WINDOW_TEXT_MAX]; /* since the state changed */
	bool cancelled;
	int answer;
	enum window_page wanted;
	struct window_question question;
	struct window_failure failure;

	/* The window's thread alone: */
	enum window_page page;
	struct window_scale scale;
	ULONGLONG began, shown; /* ticks; 0: it is not shown */
	bool ends; /* as soon as it was seen long enough */
	bool details; /* they are unfolded */
};

/* The window's thread: makes it, says so, and returns when it has gone. */
DWORD WINAPI window_dialog(void *window);

/* Make the controls of the page that w has, and say how they sound. */
void window_layout_page(struct window *w);

/* Put them where they belong, and give the window its size. */
void window_layout(struct window *w);

/* The dots of its screen, and fonts for them. */
void window_layout_scale(struct window *w, unsigned dpi);
void window_layout_forget(struct window *w);

/* A control's text, if it is another one. */
bool window_layout_text(struct window *w, int id, const char *text);
/* The same for what must fit into one line: its beginning goes. */
bool window_layout_path(struct window *w, int id, const char *path);

/* How many of its controls are below the pane's end? */
bool window_layout_is_foot(int id);

#endif
