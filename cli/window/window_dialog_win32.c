/*
 * The window's own thread: a dialog of the system whose controls are made by
 * window_layout_win32.c and filled by window_page_win32.c.  Ten times a second
 * it looks at what the work has left for it.
 */
#include "cli/window/window_win32_internal.h"

#include <commctrl.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHOW_AFTER_MS = 500, /* what takes less needs no window */
	SHOW_LEAST_MS = 800, /* who sees it wants to read it */
	REDRAW_MS = 100,
	LAST_WORDS_MS = 4000, /* a session that ends waits for five seconds */
	TIMER = 1
};

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

/* The classes that progress bars come from; loaded here, so that a start
 * without a window does not pay for them. */
static bool
load_controls(void)
{
	static const INITCOMMONCONTROLSEX wanted = {
	    sizeof(wanted), ICC_PROGRESS_CLASS};
	HMODULE library =
	    LoadLibraryExW(L"comctl32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	BOOL(WINAPI * init)(const INITCOMMONCONTROLSEX *);
	FARPROC call = library != NULL
	    ? GetProcAddress(library, "InitCommonControlsEx")
	    : NULL;

	memcpy(&init, &call, sizeof(call));
	return call != NULL && init(&wanted) != 0;
}

/* In front of the others where that is allowed, else its button flashes. */
static void
show(struct window *w)
{
	if (w->shown == 0) {
		w->shown = GetTickCount64();
		(void)ShowWindow(w->hwnd, SW_SHOWNORMAL);
	} else if (IsIconic(w->hwnd)) {
		(void)ShowWindow(w->hwnd, SW_RESTORE);
	}
	(void)SetForegroundWindow(w->hwnd);
}

/* Until it is wanted again. */
static void
hide(struct window *w)
{
	w->shown = 0;
	w->began = GetTickCount64();
	(void)ShowWindow(w->hwnd, SW_HIDE);
}

static void
set_details(struct window *w, bool unfolded)
{
	EnterCriticalSection(&w->lock);
	w->details = unfolded;
	LeaveCriticalSection(&w->lock);
}

static void
turn_to(struct window *w, enum window_page page)
{
	int button = page == PAGE_QUESTION ? IDYES : IDCANCEL;

	if (page == w->page)
		return;
	/* A failure is the last thing there is to show. */
	if (w->page == PAGE_FAILURE)
		hide(w);
	w->page = page;
	set_details(w, false);
	window_layout_page(w);
	window_page_icon(w);
	window_page_fill(w);
	window_layout(w);
	(void)SendMessageW(w->hwnd, DM_SETDEFID, (WPARAM)button, 0);
	(void)SendMessageW(
	    w->hwnd, WM_NEXTDLGCTL, (WPARAM)GetDlgItem(w->hwnd, button), TRUE);
	if (page != PAGE_PROGRESS)
		show(w);
}

static enum window_page
wanted(struct window *w)
{
	enum window_page page;

	EnterCriticalSection(&w->lock);
	page = w->wanted;
	LeaveCriticalSection(&w->lock);
	return page;
}

/* The work sees that somebody looks, and is it still there? */
static bool
beat(struct window *w)
{
	bool left;

	EnterCriticalSection(&w->lock);
	w->beats++;
	left = w->is_left;
	LeaveCriticalSection(&w->lock);
	return !left;
}

static void
tick(struct window *w)
{
	ULONGLONG now = GetTickCount64();

	if (!beat(w))
		w->ends = true;
	if (w->page != PAGE_PROGRESS)
		return;
	window_page_draw(w);
	if (w->ends) {
		if (w->shown == 0 || now - w->shown >= SHOW_LEAST_MS)
			(void)DestroyWindow(w->hwnd);
	} else if (w->shown == 0 && now - w->began >= SHOW_AFTER_MS) {
		show(w);
	}
}

static void
answer(struct window *w, int yes)
{
	if (!yes)
		hide(w);
	EnterCriticalSection(&w->lock);
	w->answer = yes;
	LeaveCriticalSection(&w->lock);
	(void)SetEvent(w->answered);
}

static void
cancel(struct window *w)
{
	EnterCriticalSection(&w->lock);
	w->cancelled = true;
	LeaveCriticalSection(&w->lock);
	window_page_draw(w);
}

static void
unfold(struct window *w)
{
	set_details(w, !w->details);
	(void)ShowWindow(
	    GetDlgItem(w->hwnd, ID_DETAILS), w->details ? SW_SHOW : SW_HIDE);
	(void)ShowWindow(
	    GetDlgItem(w->hwnd, ID_COPY), w->details ? SW_SHOW : SW_HIDE);
	window_layout(w);
}

static void
copy(struct window *w)
{
	HWND edit = GetDlgItem(w->hwnd, ID_DETAILS);

	(void)SendMessageW(edit, EM_SETSEL, 0, -1);
	(void)SendMessageW(edit, WM_COPY, 0, 0);
}

static void
command(struct window *w, int id)
{
	switch (id) {
	case ID_MORE:
		unfold(w);
		break;
	case ID_COPY:
		copy(w);
		break;
	case IDYES:
	case IDNO:
		answer(w, id == IDYES);
		break;
	case IDCANCEL:
		/* Esc and the window's cross are the same. */
		if (w->page != PAGE_PROGRESS)
			answer(w, 0);
		else if (IsWindowEnabled(GetDlgItem(w->hwnd, IDCANCEL)))
			cancel(w);
		break;
	default:
		break;
	}
}

/* Words on the upper part, which is as a sheet of paper, or on the lower. */
static INT_PTR
color(HDC dc, HWND control)
{
	int face = window_layout_is_foot(GetDlgCtrlID(control)) ? COLOR_BTNFACE
								: COLOR_WINDOW;

	(void)SetBkColor(dc, GetSysColor(face));
	(void)SetTextColor(dc,
	    GetSysColor(
		face == COLOR_WINDOW ? COLOR_WINDOWTEXT : COLOR_BTNTEXT));
	return (INT_PTR)GetSysColorBrush(face);
}

static void
erase(const struct window *w, HDC dc)
{
	RECT all, r;

	(void)GetClientRect(w->hwnd, &all);
	r = all;
	r.bottom = w->scale.pane;
	(void)FillRect(dc, &r, GetSysColorBrush(COLOR_WINDOW));
	r = (RECT){0, w->scale.pane, all.right, all.bottom};
	(void)FillRect(dc, &r, GetSysColorBrush(COLOR_BTNFACE));
	r.bottom = r.top + 1;
	(void)FillRect(dc, &r, GetSysColorBrush(COLOR_3DLIGHT));
}

/* May the session end?  Names that are changing places are waited for, unless
 * a person wants it all the same. */
static INT_PTR
may_end(struct window *w)
{
	wchar_t why[WINDOW_TEXT_MAX];
	bool swaps;

	EnterCriticalSection(&w->lock);
	swaps = w->state.phase == PHASE_SWAP;
	LeaveCriticalSection(&w->lock);
	if (swaps &&
	    wide_of(messages_text(w->lang, UPD004), why, WINDOW_TEXT_MAX) >= 0)
		(void)ShutdownBlockReasonCreate(w->hwnd, why);
	(void)SetWindowLongPtrW(w->hwnd, DWLP_MSGRESULT, !swaps);
	return TRUE;
}

static void
deliver(const struct window *w, MSG *m)
{
	if (IsDialogMessageW(w->hwnd, m))
		return;
	(void)TranslateMessage(m);
	(void)DispatchMessageW(m);
}

/* The session ends: give up, and wait as long as the system lets us for the
 * work to be left tidy. */
static void
end_session(struct window *w)
{
	ULONGLONG until = GetTickCount64() + LAST_WORDS_MS;
	MSG m;

	if (w->page == PAGE_PROGRESS)
		cancel(w);
	else
		answer(w, 0);
	while (!w->ends && GetTickCount64() < until) {
		(void)MsgWaitForMultipleObjects(
		    0, NULL, FALSE, REDRAW_MS, QS_ALLINPUT);
		while (!w->ends && PeekMessageW(&m, NULL, 0, 0, PM_REMOVE))
			deliver(w, &m);
	}
}

/* Other dots an inch, or other fonts; at is where the window is to be on a
 * screen that it was moved to, or NULL. */
static void
scale(struct window *w, unsigned dpi, const RECT *at)
{
	window_scale_set(w, dpi);
	window_page_icon(w);
	if (at != NULL)
		(void)SetWindowPos(w->hwnd, NULL, at->left, at->top, 0, 0,
		    SWP_NOSIZE | SWP_NOZORDER | SWP_NOACTIVATE);
	window_layout(w);
}

/* Of our resources, in the size that the system has for this place. */
static void
set_program_icon(HWND hwnd, WPARAM which, int metric)
{
	int size = GetSystemMetrics(metric);

	(void)SendMessageW(hwnd, WM_SETICON, which,
	    (LPARAM)LoadImageW(GetModuleHandleW(NULL), MAKEINTRESOURCEW(1),
		IMAGE_ICON, size, size, LR_SHARED));
}

static void
begin(struct window *w, HWND hwnd)
{
	wchar_t title[WINDOW_TEXT_MAX];

	w->hwnd = hwnd;
	(void)SetWindowLongPtrW(hwnd, DWLP_USER, (LONG_PTR)w);
	if (wide_of(messages_text(w->lang, WIN001), title, WINDOW_TEXT_MAX) >=
	    0)
		(void)SetWindowTextW(hwnd, title);
	set_program_icon(hwnd, ICON_BIG, SM_CXICON);
	set_program_icon(hwnd, ICON_SMALL, SM_CXSMICON);
	window_scale_set(w, 0);
	turn_to(w, PAGE_PROGRESS);
	(void)SetTimer(hwnd, TIMER, REDRAW_MS, NULL);
}

static INT_PTR
handle(struct window *w, UINT message, WPARAM a, LPARAM b)
{
	switch (message) {
	case WM_TIMER:
		tick(w);
		return TRUE;
	case WM_COMMAND:
		command(w, LOWORD(a));
		return TRUE;
	case WM_WINDOW_TURN:
		turn_to(w, wanted(w));
		return TRUE;
	case WM_WINDOW_END:
		w->ends = true;
		turn_to(w, PAGE_PROGRESS);
		tick(w);
		return TRUE;
	case WM_SIZE:
		if (a == SIZE_RESTORED && w->page != PAGE_NONE)
			window_layout(w);
		return TRUE;
	case WM_CTLCOLORSTATIC:
		return color((HDC)a, (HWND)b);
	case WM_CTLCOLORBTN:
		return (INT_PTR)GetSysColorBrush(COLOR_BTNFACE);
	case WM_ERASEBKGND:
		erase(w, (HDC)a);
		(void)SetWindowLongPtrW(w->hwnd, DWLP_MSGRESULT, TRUE);
		return TRUE;
	case WM_DPICHANGED:
		scale(w, HIWORD(a), (const RECT *)b);
		return TRUE;
	case WM_SETTINGCHANGE:
		scale(w, w->scale.dpi, NULL);
		return TRUE;
	case WM_SYSCOLORCHANGE:
		(void)SendDlgItemMessageW(w->hwnd, ID_BAR, message, a, b);
		(void)InvalidateRect(w->hwnd, NULL, TRUE);
		return TRUE;
	case WM_QUERYENDSESSION:
		return may_end(w);
	case WM_ENDSESSION:
		if (a)
			end_session(w);
		return TRUE;
	case WM_DESTROY:
		PostQuitMessage(0);
		return TRUE;
	default:
		return FALSE;
	}
}

static INT_PTR CALLBACK
procedure(HWND hwnd, UINT message, WPARAM a, LPARAM b)
{
	struct window *w;

	if (message == WM_INITDIALOG) {
		begin((struct window *)b, hwnd);
		return FALSE; /* who works keeps the keyboard */
	}
	w = (struct window *)GetWindowLongPtrW(hwnd, DWLP_USER);
	return w != NULL ? handle(w, message, a, b) : FALSE;
}

DWORD WINAPI
window_dialog(void *window)
{
	static const struct {
		DLGTEMPLATE dialog;
		WORD menu, class, title, pad;
	} empty = {.dialog = {.style = WS_POPUP | WS_CAPTION | WS_SYSMENU |
			   WS_MINIMIZEBOX | WS_CLIPCHILDREN,
		       .dwExtendedStyle = WS_EX_APPWINDOW}};
	struct window *w = window;
	MSG m;

	/* The system's first window is made now, which may wait for other
	 * programs, and not while a library is loaded: until that ends no
	 * thread of the work could begin. */
	if (has_screen() && GetDesktopWindow() != NULL && load_controls())
		(void)CreateDialogIndirectParamW(GetModuleHandleW(NULL),
		    &empty.dialog, NULL, procedure, (LPARAM)w);
	EnterCriticalSection(&w->lock);
	w->is_made = true;
	LeaveCriticalSection(&w->lock);
	(void)SetEvent(w->made);
	if (w->hwnd == NULL)
		return 0;
	while (GetMessageW(&m, NULL, 0, 0) > 0)
		deliver(w, &m);
	window_scale_forget(w);
	return 0;
}
