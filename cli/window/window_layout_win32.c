/*
 * Below window_dialog_win32.c: which controls a page has, how large they are in
 * the fonts of this screen, and where they stand.  All are the system's own,
 * so that keys and screen readers know them.
 */
#include "cli/window/window_win32_internal.h"

#include <commctrl.h>
#include <stdlib.h>
#include <string.h>

/* At 96 dots an inch. */
enum {
	MARGIN = 20,
	GAP = 8,
	BAR = 18,
	BUTTON = 27,
	BUTTON_LEAST = 84,
	FOOT = 12,
	DETAILS = 208,
	ICON_SPACE = 48
};

/* Lines of a text that is as high as it needs; and of the details where the
 * screen is low. */
enum { LINES_MOST = 8, DETAILS_LEAST = 3 };

enum place {
	AT_ICON,
	AT_TEXT, /* as many lines as it takes */
	AT_LINE, /* one */
	AT_HALF, /* the left half of a line, the other half follows */
	AT_BAR,
	AT_DETAILS, /* only when unfolded */
	AT_FOOT, /* words beside the buttons */
	AT_FOOT_LEFT, /* a button */
	AT_FOOT_RIGHT
};

struct part {
	enum window_page page;
	int id;
	const wchar_t *class;
	DWORD style;
	enum place place;
	const char *text; /* a button's key, or NULL */
};

/* A name that is longer than the line is broken where the line ends. */
#define TEXT_STYLE (SS_NOPREFIX | SS_EDITCONTROL)
#define LINE_STYLE (SS_NOPREFIX | SS_ENDELLIPSIS)
#define BUTTON_STYLE (WS_TABSTOP | BS_PUSHBUTTON)
#define DETAILS_STYLE                                                          \
	(WS_TABSTOP | WS_BORDER | WS_VSCROLL | ES_MULTILINE | ES_READONLY |    \
	    ES_AUTOVSCROLL)

/* In the order of Tab.  What stands in front of a control without words of its
 * own is what a screen reader calls it. */
static const struct part parts[] = {
    {PAGE_PROGRESS, ID_HEADLINE, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_PROGRESS, ID_FILE, L"STATIC", LINE_STYLE, AT_LINE, NULL},
    {PAGE_PROGRESS, ID_BAR, PROGRESS_CLASSW, PBS_SMOOTH, AT_BAR, NULL},
    {PAGE_PROGRESS, ID_BYTES, L"STATIC", LINE_STYLE, AT_HALF, NULL},
    {PAGE_PROGRESS, ID_LEFT, L"STATIC", LINE_STYLE | SS_RIGHT, AT_LINE, NULL},
    {PAGE_PROGRESS, ID_FILES, L"STATIC", LINE_STYLE, AT_LINE, NULL},
    {PAGE_PROGRESS, ID_FOOT, L"STATIC", TEXT_STYLE, AT_FOOT, NULL},
    {PAGE_PROGRESS, IDCANCEL, L"BUTTON", BUTTON_STYLE, AT_FOOT_RIGHT, WIN062},
    {PAGE_QUESTION, ID_ICON, L"STATIC", SS_ICON, AT_ICON, NULL},
    {PAGE_QUESTION, ID_HEADLINE, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_QUESTION, ID_WHAT, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_QUESTION, ID_ACT, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_QUESTION, IDYES, L"BUTTON", BUTTON_STYLE, AT_FOOT_RIGHT, WIN060},
    {PAGE_QUESTION, IDNO, L"BUTTON", BUTTON_STYLE, AT_FOOT_RIGHT, WIN061},
    {PAGE_FAILURE, ID_ICON, L"STATIC", SS_ICON, AT_ICON, NULL},
    {PAGE_FAILURE, ID_HEADLINE, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_FAILURE, ID_WHAT, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_FAILURE, ID_ACT, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_FAILURE, ID_START, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_FAILURE, ID_DETAILS, L"EDIT", DETAILS_STYLE, AT_DETAILS, NULL},
    {PAGE_FAILURE, ID_MORE, L"BUTTON", BUTTON_STYLE, AT_FOOT_LEFT, WIN063},
    {PAGE_FAILURE, ID_COPY, L"BUTTON", BUTTON_STYLE, AT_FOOT_LEFT, WIN064},
    {PAGE_FAILURE, IDCANCEL, L"BUTTON", BUTTON_STYLE, AT_FOOT_RIGHT, WIN065},
};

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

bool
window_layout_text(struct window *w, int id, const char *text)
{
	HWND control = GetDlgItem(w->hwnd, id);
	size_t cap = WINDOW_DETAILS_MAX;
	wchar_t *now = calloc(cap, sizeof(*now));
	wchar_t *wanted = calloc(cap, sizeof(*wanted));
	bool is_new = false;

	if (now != NULL && wanted != NULL &&
	    wide_of(text, wanted, (int)cap) >= 0) {
		(void)GetWindowTextW(control, now, (int)cap);
		is_new = wcscmp(now, wanted) != 0;
		if (is_new)
			(void)SetWindowTextW(control, wanted);
	}
	free(now);
	free(wanted);
	return is_new;
}

bool
window_layout_is_foot(int id)
{
	return id == ID_FOOT;
}

static void
make(struct window *w, const struct part *p)
{
	DWORD hidden = p->place == AT_DETAILS || p->id == ID_COPY;
	HWND control = CreateWindowExW(0, p->class, L"",
	    WS_CHILD | (hidden ? 0 : WS_VISIBLE) | p->style, 0, 0, 0, 0,
	    w->hwnd, (HMENU)(INT_PTR)p->id, GetModuleHandleW(NULL), NULL);
	char text[WINDOW_TEXT_MAX];

	if (control == NULL)
		return;
	(void)SendMessageW(
	    control, WM_SETFONT, (WPARAM)window_scale_font(w, p->id), 0);
	if (p->text == NULL)
		return;
	window_button(w->lang, p->text, '&', text, sizeof(text));
	(void)window_layout_text(w, p->id, text);
}

void
window_layout_page(struct window *w)
{
	HWND control;
	size_t i;

	for (i = 0; i < PARTS; i++)
		if ((control = GetDlgItem(w->hwnd, parts[i].id)) != NULL)
			(void)DestroyWindow(control);
	for (i = 0; i < PARTS; i++)
		if (parts[i].page == w->page)
			make(w, &parts[i]);
}

static void
put(const struct window *w, const struct part *p, const RECT *r)
{
	HWND control = GetDlgItem(w->hwnd, p->id);

	(void)SendMessageW(
	    control, WM_SETFONT, (WPARAM)window_scale_font(w, p->id), 0);
	(void)SetWindowPos(control, NULL, r->left, r->top, r->right - r->left,
	    r->bottom - r->top, SWP_NOZORDER | SWP_NOACTIVATE);
}

static int
height_of(const struct window *w, const struct part *p, int width)
{
	int height;

	switch (p->place) {
	case AT_TEXT:
		height = window_scale_text(w, p->id, width).cy;
		/* A failure's details have it whole. */
		if (height > LINES_MOST * w->scale.line)
			height = LINES_MOST * w->scale.line;
		return height;
	case AT_BAR:
		return window_scaled(w, BAR);
	case AT_DETAILS:
		return w->details ? w->scale.details : 0;
	case AT_ICON:
		return window_scaled(w, WINDOW_ICON);
	case AT_HALF:
	case AT_LINE:
	case AT_FOOT:
	case AT_FOOT_LEFT:
	case AT_FOOT_RIGHT:
		break;
	}
	return w->scale.line;
}

/* The upper part; returns where it ends. */
static int
put_pane(const struct window *w)
{
	int margin = window_scaled(w, MARGIN),
	    width = window_scaled(w, WINDOW_WIDTH);
	int left = margin, y = margin, least = 0, height;
	const struct part *p;
	RECT r;

	for (p = parts; p < parts + PARTS; p++) {
		if (p->page != w->page || p->place >= AT_FOOT)
			continue;
		height = height_of(w, p, margin + width - left);
		r = (RECT){left, y, margin + width, y + height};
		if (p->place == AT_ICON)
			r.right = left + height;
		if (p->id == ID_LEFT)
			r.left = left + width * 3 / 5;
		if (p->place == AT_HALF)
			r.right = left + width * 3 / 5;
		put(w, p, &r);
		if (p->place == AT_ICON) {
			left += window_scaled(w, ICON_SPACE);
			least = y + height;
		} else if (p->place != AT_HALF && height > 0) {
			y += height + window_scaled(w, GAP);
		}
	}
	y -= window_scaled(w, GAP);
	return (y > least ? y : least) + margin;
}

static int
button_width(const struct window *w, int id)
{
	int width = window_scale_text(w, id, 0).cx + window_scaled(w, 24);

	return width > window_scaled(w, BUTTON_LEAST)
	    ? width
	    : window_scaled(w, BUTTON_LEAST);
}

/* The part with the buttons, below top; returns where it ends. */
static int
put_foot(const struct window *w, int top)
{
	int right = window_scaled(w, MARGIN + WINDOW_WIDTH),
	    left = window_scaled(w, MARGIN);
	int height = window_scaled(w, BUTTON), y = top + window_scaled(w, FOOT),
	    width;
	const struct part *p;
	RECT r;

	/* The last one stands at the edge. */
	for (p = parts + PARTS; p-- > parts;) {
		if (p->page != w->page || p->place != AT_FOOT_RIGHT)
			continue;
		width = button_width(w, p->id);
		r = (RECT){right - width, y, right, y + height};
		put(w, p, &r);
		right -= width + window_scaled(w, GAP);
	}
	for (p = parts; p < parts + PARTS; p++) {
		if (p->page != w->page)
			continue;
		if (p->place == AT_FOOT_LEFT) {
			width = button_width(w, p->id);
			r = (RECT){left, y, left + width, y + height};
			put(w, p, &r);
			left += width + window_scaled(w, GAP);
		} else if (p->place == AT_FOOT) {
			/* Two lines of words, beside one of buttons. */
			width = right - left - window_scaled(w, GAP);
			height = window_scale_text(w, p->id, width).cy;
			if (height < 2 * w->scale.line)
				height = 2 * w->scale.line;
			r = (RECT){left, y, left + width, y + height};
			put(w, p, &r);
		}
	}
	if (height < window_scaled(w, BUTTON))
		height = window_scaled(w, BUTTON);
	return y + height + window_scaled(w, FOOT);
}

/* The whole window for its client area. */
static void
frame(const struct window *w, RECT *r)
{
	DWORD style = (DWORD)GetWindowLongPtrW(w->hwnd, GWL_STYLE);
	DWORD ex = (DWORD)GetWindowLongPtrW(w->hwnd, GWL_EXSTYLE);
	BOOL(WINAPI * for_dpi)(RECT *, DWORD, BOOL, DWORD, UINT);
	FARPROC call = window_user32("AdjustWindowRectExForDpi");

	memcpy(&for_dpi, &call, sizeof(call));
	if (call == NULL || !for_dpi(r, style, FALSE, ex, w->scale.dpi))
		(void)AdjustWindowRectEx(r, style, FALSE, ex);
}

/* Where on the screen a window may be that is on it. */
static RECT
work_area(const struct window *w)
{
	MONITORINFO screen = {.cbSize = sizeof(screen)};

	if (!GetMonitorInfoW(
		MonitorFromWindow(w->hwnd, MONITOR_DEFAULTTOPRIMARY), &screen))
		return (RECT){0, 0, 0, 0};
	return screen.rcWork;
}

/* In the middle of the screen before it is shown, then where it is, as long as
 * all of it can be seen. */
static void
place(const struct window *w, int width, int height, const RECT *all)
{
	RECT now;
	int x, y;

	(void)GetWindowRect(w->hwnd, &now);
	if (now.right - now.left == width && now.bottom - now.top == height)
		return;
	x = now.left;
	y = now.top;
	if (all->right > all->left) {
		if (w->shown == 0) {
			x = (all->left + all->right - width) / 2;
			y = (all->top + all->bottom - height) / 2;
		}
		if (x + width > all->right)
			x = all->right - width;
		if (x < all->left)
			x = all->left;
		if (y + height > all->bottom)
			y = all->bottom - height;
		if (y < all->top)
			y = all->top;
	}
	(void)SetWindowPos(
	    w->hwnd, NULL, x, y, width, height, SWP_NOZORDER | SWP_NOACTIVATE);
}

/* All controls where they belong; the window that they need. */
static RECT
put_all(struct window *w)
{
	RECT r = {0, 0, window_scaled(w, WINDOW_WIDTH + 2 * MARGIN), 0};

	w->scale.pane = put_pane(w);
	r.bottom = put_foot(w, w->scale.pane);
	frame(w, &r);
	return r;
}

void
window_layout(struct window *w)
{
	RECT all, r;
	int over;

	/* It has no size of its own until it is opened again. */
	if (IsIconic(w->hwnd))
		return;
	all = work_area(w);
	w->scale.details = window_scaled(w, DETAILS);
	r = put_all(w);
	over = (r.bottom - r.top) - (all.bottom - all.top);
	if (over > 0 && w->details && all.bottom > all.top) {
		w->scale.details -= over;
		if (w->scale.details < DETAILS_LEAST * w->scale.line)
			w->scale.details = DETAILS_LEAST * w->scale.line;
		r = put_all(w);
	}
	place(w, r.right - r.left, r.bottom - r.top, &all);
	(void)InvalidateRect(w->hwnd, NULL, TRUE);
}
