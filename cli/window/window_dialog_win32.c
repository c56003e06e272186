/*
 * The window's own thread: a dialog of the system whose pages are made by
 * window_layout_win32.c.  Ten times a second it looks at what the work has
 * left for it.
 */
#include "cli/window/window_win32_internal.h"

#include <commctrl.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHOW_AFTER_MS = 500, /* what takes less needs no window */
	SHOW_LEAST_MS = 800, /* who sees it wants to read it */
	REDRAW_MS = 100,
	TIMER = 1,
	MARQUEE_MS = 30
};

/* The classes that progress bars come from; loaded here, so that a start
 * without a window does not pay for them. */
static bool
load_controls(void)
{
	static const INITCOMMONCONTROLSEX wanted = {
	    sizeof(wanted), ICC_PROGRESS_CLASS | ICC_STANDARD_CLASSES};
	HMODULE library = LoadLibraryW(L"comctl32.dll");
	BOOL(WINAPI * init)(const INITCOMMONCONTROLSEX *);
	FARPROC call = library != NULL
	    ? GetProcAddress(library, "InitCommonControlsEx")
	    : NULL;

	memcpy(&init, &call, sizeof(call));
	return call != NULL && init(&wanted) != 0;
}

static void
show(struct window *w)
{
	if (w->shown != 0)
		return;
	w->shown = GetTickCount64();
	(void)ShowWindow(w->hwnd, SW_SHOWNORMAL);
	(void)SetForegroundWindow(w->hwnd);
}

static void
set_bar(HWND bar, int permille)
{
	LONG_PTR style = GetWindowLongPtrW(bar, GWL_STYLE);
	bool runs = (style & PBS_MARQUEE) != 0;

	if (permille < 0 && !runs) {
		(void)SetWindowLongPtrW(bar, GWL_STYLE, style | PBS_MARQUEE);
		(void)SendMessageW(bar, PBM_SETMARQUEE, TRUE, MARQUEE_MS);
	} else if (permille >= 0 && runs) {
		(void)SendMessageW(bar, PBM_SETMARQUEE, FALSE, 0);
		(void)SetWindowLongPtrW(bar, GWL_STYLE, style & ~PBS_MARQUEE);
		(void)InvalidateRect(bar, NULL, TRUE);
	}
	if (permille >= 0) {
		(void)SendMessageW(bar, PBM_SETRANGE32, 0, 1000);
		(void)SendMessageW(bar, PBM_SETPOS, (WPARAM)permille, 0);
	}
}

/* As this system writes it. */
static void
to_backslashes(char *path)
{
	for (; *path != '\0'; path++)
		if (*path == '/')
			*path = '\\';
}

static void
draw_progress(struct window *w)
{
	struct progress_state state;
	char note[WINDOW_TEXT_MAX];
	struct window_text t;
	bool cancelled, moved;

	EnterCriticalSection(&w->lock);
	state = w->state;
	cancelled = w->cancelled;
	memcpy(note, w->note, sizeof(note));
	LeaveCriticalSection(&w->lock);
	to_backslashes(state.path);
	window_text(&state, note, cancelled, w->lang, &t);
	moved = window_layout_text(w, ID_HEADLINE, t.headline);
	(void)window_layout_path(w, ID_FILE,
	    state.phase == PHASE_NONE && t.file[0] == '\0' ? w->server
							   : t.file);
	(void)window_layout_text(w, ID_BYTES, t.bytes);
	(void)window_layout_text(w, ID_LEFT, t.left);
	(void)window_layout_text(w, ID_FILES, t.files);
	moved |= window_layout_text(w, ID_FOOT, t.consequence);
	set_bar(GetDlgItem(w->hwnd, ID_BAR), t.permille);
	(void)EnableWindow(GetDlgItem(w->hwnd, IDCANCEL), t.may_cancel);
	if (moved)
		window_layout(w);
}

static void
set_icon(struct window *w, const wchar_t *name)
{
	(void)SendDlgItemMessageW(w->hwnd, ID_ICON, STM_SETICON,
	    (WPARAM)LoadImageW(NULL, name, IMAGE_ICON, 0, 0, LR_SHARED), 0);
}

/* The words of a page that waits for a person, and where he is in it. */
static void
fill_question(struct window *w)
{
	set_icon(w, IDI_QUESTION);
	(void)window_layout_text(w, ID_HEADLINE, w->question.headline);
	(void)window_layout_text(w, ID_WHAT, w->question.versions);
	(void)window_layout_text(w, ID_ACT, w->question.consequence);
}

/* Lines end as this system has it. */
static void
fill_details(struct window *w)
{
	const char *from = w->failure.details;
	char *room = malloc(2 * WINDOW_DETAILS_MAX), *to = room;

	if (room == NULL)
		return;
	for (; *from != '\0'; from++) {
		if (*from == '\n')
			*to++ = '\r';
		*to++ = *from;
	}
	*to = '\0';
	(void)window_layout_text(w, ID_DETAILS, room);
	free(room);
}

static void
fill_failure(struct window *w)
{
	set_icon(w, IDI_ERROR);
	(void)window_layout_text(w, ID_HEADLINE, w->failure.headline);
	(void)window_layout_text(w, ID_WHAT, w->failure.what);
	(void)window_layout_text(w, ID_ACT, w->failure.act);
	(void)window_layout_text(w, ID_START, w->failure.start);
	fill_details(w);
}

static void
turn_to(struct window *w, enum window_page page)
{
	int button = page == PAGE_QUESTION ? IDYES : IDCANCEL;

	if (page == w->page)
		return;
	w->page = page;
	w->details = false;
	window_layout_page(w);
	if (page == PAGE_QUESTION)
		fill_question(w);
	else if (page == PAGE_FAILURE)
		fill_failure(w);
	else
		draw_progress(w);
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

static void
tick(struct window *w)
{
	ULONGLONG now = GetTickCount64();

	if (w->page != PAGE_PROGRESS)
		return;
	draw_progress(w);
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
	draw_progress(w);
}

static void
unfold(struct window *w)
{
	w->details = !w->details;
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

/* The session ends: names that are changing places are waited for, all else
 * gives up. */
static INT_PTR
end_session(struct window *w)
{
	bool swaps;

	EnterCriticalSection(&w->lock);
	swaps = w->state.phase == PHASE_SWAP;
	LeaveCriticalSection(&w->lock);
	if (w->page == PAGE_PROGRESS && !swaps)
		cancel(w);
	(void)SetWindowLongPtrW(w->hwnd, DWLP_MSGRESULT, !swaps);
	return TRUE;
}

static void
begin(struct window *w, HWND hwnd)
{
	HINSTANCE here = GetModuleHandleW(NULL);
	LPARAM icon = (LPARAM)LoadImageW(
	    here, MAKEINTRESOURCEW(1), IMAGE_ICON, 0, 0, LR_DEFAULTSIZE);
	wchar_t title[WINDOW_TEXT_MAX];

	w->hwnd = hwnd;
	w->began = GetTickCount64();
	(void)SetWindowLongPtrW(hwnd, DWLP_USER, (LONG_PTR)w);
	if (wide_of(messages_text(w->lang, WIN001), title, WINDOW_TEXT_MAX) >=
	    0)
		(void)SetWindowTextW(hwnd, title);
	(void)SendMessageW(hwnd, WM_SETICON, ICON_BIG, icon);
	(void)SendMessageW(hwnd, WM_SETICON, ICON_SMALL, icon);
	window_layout_scale(w, 0);
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
	case WM_CTLCOLORSTATIC:
		return color((HDC)a, (HWND)b);
	case WM_CTLCOLORBTN:
		return (INT_PTR)GetSysColorBrush(COLOR_BTNFACE);
	case WM_ERASEBKGND:
		erase(w, (HDC)a);
		(void)SetWindowLongPtrW(w->hwnd, DWLP_MSGRESULT, TRUE);
		return TRUE;
	case WM_DPICHANGED:
		window_layout_scale(w, HIWORD(a));
		window_layout(w);
		return TRUE;
	case WM_QUERYENDSESSION:
		return end_session(w);
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

	if (load_controls())
		(void)CreateDialogIndirectParamW(GetModuleHandleW(NULL),
		    &empty.dialog, NULL, procedure, (LPARAM)w);
	(void)SetEvent(w->ready);
	if (w->hwnd == NULL)
		return 0;
	while (GetMessageW(&m, NULL, 0, 0) > 0)
		if (!IsDialogMessageW(w->hwnd, &m)) {
			(void)TranslateMessage(&m);
			(void)DispatchMessageW(&m);
		}
	window_layout_forget(w);
	return 0;
}
