#ifndef ERPSYNC_CLI_WINDOW_WINDOW_WIN32_INTERNAL_H
#define ERPSYNC_CLI_WINDOW_WINDOW_WIN32_INTERNAL_H

/*
 * Windows' own window: window_win32.c is the side of whoever works, on his
 * thread, window_dialog_win32.c that of the person, on the window's.  Of its
 * controls window_page_win32.c says what they say, window_layout_win32.c where
 * they stand, and window_scale_win32.c how large they are.
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

/* Of texts and of the icon beside them, at 96 dots an inch. */
enum { WINDOW_WIDTH = 440, WINDOW_ICON = 32 };

/* How large things are on the screen where the window is. */
struct window_scale {
	unsigned dpi;
	int unit; /* what 96 is there in sizes */
	HFONT text, head;
	HICON icon; /* of the page, or NULL */
	int line; /* height of one */
	int details; /* their height */
	int pane; /* where the upper part ends */
};

/* What who works knows of the window's thread. */
struct window_watch {
	bool may_begin; /* it was not tried yet */
	bool stands; /* its window was seen to be there */
	ULONGLONG until; /* a tick: so long that is waited for */
	unsigned beats; /* that were seen */
	unsigned missed; /* looks that saw none */
};

struct window {
	enum lang lang;
	char server[WINDOW_TEXT_MAX];
	HANDLE thread; /* NULL: it has not begun, or cannot */
	HANDLE made; /* the window was, or could not be */
	HANDLE answered; /* a question was, or a failure was read */
	HWND hwnd; /* NULL: it could not be made */

	struct window_watch watch; /* whoever works alone */
	CRITICAL_SECTION lock; /* of what both threads see: */
	bool is_made; /* or it could not be; hwnd stays as it is */
	bool is_left; /* nobody has anything to show any more */
	unsigned beats; /* of the window's thread */
	struct progress_state state;
	char note[WINDOW_TEXT_MAX]; /* since the state changed */
	bool cancelled;
	int answer;
	enum window_page wanted;
	struct window_question question;
	struct window_failure failure;
	bool details; /* they are unfolded */

	/* The window's thread alone: */
	enum window_page page;
	struct window_scale scale;
	ULONGLONG began, shown; /* ticks; 0: it is not shown */
	bool ends; /* as soon as it was seen long enough */
};

/* The window's thread: makes it, says so, and returns when it has gone. */
DWORD WINAPI window_dialog(void *window);

/* Make the controls of the page that w has, and say how they sound. */
void window_layout_page(struct window *w);

/* Put them where they belong, and give the window its size. */
void window_layout(struct window *w);

/* A control's text, if it is another one. */
bool window_layout_text(struct window *w, int id, const char *text);

/* Is this one of its controls below the pane's end? */
bool window_layout_is_foot(int id);

/* What the page's controls say, and its icon; of the progress as it is now,
 * again and again. */
void window_page_fill(struct window *w);
void window_page_icon(struct window *w);
void window_page_draw(struct window *w);

/* The dots of its screen (0: look), and fonts for them. */
void window_scale_set(struct window *w, unsigned dpi);
void window_scale_forget(struct window *w);
HFONT window_scale_font(const struct window *w, int id);

/* So many dots for those of a screen with 96 an inch. */
int window_scaled(const struct window *w, int n);

/* One of the system's icons (IDI_) for the page. */
void window_scale_icon(struct window *w, const wchar_t *name);

/* How high is a control's text in this width, and how wide when in one line
 * (width 0)? */
SIZE window_scale_text(const struct window *w, int id, int width);

/* path, or as much of its end as there is room for in a line. */
void window_scale_path(
    const struct window *w, const char *path, char out[WINDOW_TEXT_MAX]);

/* A call of user32 that older systems have not, or NULL. */
FARPROC window_user32(const char *name);

#endif
