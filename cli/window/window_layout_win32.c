/*
 * Below window_dialog_win32.c: which controls a page has, how large they are in
 * the fonts of this screen, and where they stand.  All are the system's own,
 * so that keys and screen readers know them.
 */
#include "cli/window/window_win32_internal.h"

#include "cli/report/columns.h"

#include <commctrl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* At 96 dots an inch. */
enum {
	WIDTH = 440,
	MARGIN = 20,
	GAP = 8,
	ICON = 32,
	BAR = 18,
	BUTTON = 27,
	BUTTON_LEAST = 84,
	FOOT = 12,
	DETAILS = 150,
	ICON_SPACE = 48
};

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

#define TEXT_STYLE (SS_NOPREFIX)
#define BUTTON_STYLE (WS_TABSTOP | BS_PUSHBUTTON)
#define DETAILS_STYLE                                                          \
	(WS_TABSTOP | WS_BORDER | WS_VSCROLL | ES_MULTILINE | ES_READONLY |    \
	    ES_AUTOVSCROLL)

/* In the order of Tab.  What stands in front of a control without words of its
 * own is what a screen reader calls it. */
static const struct part parts[] = {
    {PAGE_PROGRESS, ID_HEADLINE, L"STATIC", TEXT_STYLE, AT_TEXT, NULL},
    {PAGE_PROGRESS, ID_FILE, L"STATIC", TEXT_STYLE, AT_LINE, NULL},
    {PAGE_PROGRESS, ID_BAR, PROGRESS_CLASSW, PBS_SMOOTH, AT_BAR, NULL},
    {PAGE_PROGRESS, ID_BYTES, L"STATIC", TEXT_STYLE, AT_HALF, NULL},
    {PAGE_PROGRESS, ID_LEFT, L"STATIC", TEXT_STYLE | SS_RIGHT, AT_LINE, NULL},
    {PAGE_PROGRESS, ID_FILES, L"STATIC", TEXT_STYLE, AT_LINE, NULL},
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

static int
scaled(const struct window *w, int n)
{
	return MulDiv(n, (int)w->scale.dpi, USER_DEFAULT_SCREEN_DPI);
}

/* A call of user32 that older systems have not. */
static FARPROC
user32(const char *name)
{
	return GetProcAddress(GetModuleHandleW(L"user32.dll"), name);
}

static void
metrics(unsigned dpi, NONCLIENTMETRICSW *m)
{
	BOOL(WINAPI * for_dpi)(UINT, UINT, void *, UINT, UINT);
	FARPROC call = user32("SystemParametersInfoForDpi");

	memset(m, 0, sizeof(*m));
	m->cbSize = sizeof(*m);
	memcpy(&for_dpi, &call, sizeof(call));
	if (call == NULL ||
	    !for_dpi(SPI_GETNONCLIENTMETRICS, sizeof(*m), m, 0, dpi))
		(void)SystemParametersInfoW(
		    SPI_GETNONCLIENTMETRICS, sizeof(*m), m, 0);
}

void
window_layout_forget(struct window *w)
{
	if (w->scale.text != NULL)
		(void)DeleteObject(w->scale.text);
	if (w->scale.head != NULL)
		(void)DeleteObject(w->scale.head);
	w->scale.text = w->scale.head = NULL;
}

/* Of the screen that the window is on. */
static unsigned
window_dpi(HWND hwnd)
{
	UINT(WINAPI * of_window)(HWND);
	FARPROC call = user32("GetDpiForWindow");
	unsigned dpi = 0;
	HDC dc;

	memcpy(&of_window, &call, sizeof(call));
	if (call != NULL)
		dpi = of_window(hwnd);
	if (dpi == 0 && (dc = GetDC(hwnd)) != NULL) {
		dpi = (unsigned)GetDeviceCaps(dc, LOGPIXELSX);
		(void)ReleaseDC(hwnd, dc);
	}
	return dpi != 0 ? dpi : USER_DEFAULT_SCREEN_DPI;
}

void
window_layout_scale(struct window *w, unsigned dpi)
{
	NONCLIENTMETRICSW m;
	LOGFONTW font;

	window_layout_forget(w);
	w->scale.dpi = dpi != 0 ? dpi : window_dpi(w->hwnd);
	metrics(w->scale.dpi, &m);
	font = m.lfMessageFont;
	w->scale.text = CreateFontIndirectW(&font);
	font.lfHeight = MulDiv(font.lfHeight, 4, 3);
	w->scale.head = CreateFontIndirectW(&font);
}

static HFONT
font_of(const struct window *w, int id)
{
	return id == ID_HEADLINE ? w->scale.head : w->scale.text;
}

/* How high is a control's text in this width, and how wide when in one line
 * (width 0)? */
static SIZE
measure(const struct window *w, int id, int width)
{
	HWND control = GetDlgItem(w->hwnd, id);
	int n = GetWindowTextLengthW(control) + 1;
	wchar_t *text = calloc((size_t)n, sizeof(*text));
	RECT r = {0, 0, width, 0};
	HDC dc = GetDC(w->hwnd);
	HGDIOBJ before;
	UINT how = DT_CALCRECT | (width > 0 ? DT_WORDBREAK | DT_NOPREFIX : 0);

	if (text != NULL && dc != NULL) {
		(void)GetWindowTextW(control, text, n);
		before = SelectObject(dc, font_of(w, id));
		(void)DrawTextW(dc, text, -1, &r, how);
		(void)SelectObject(dc, before);
	}
	if (dc != NULL)
		(void)ReleaseDC(w->hwnd, dc);
	free(text);
	return (SIZE){r.right, r.bottom};
}

static int
line_height(const struct window *w)
{
	TEXTMETRICW m = {.tmHeight = 16};
	HDC dc = GetDC(w->hwnd);
	HGDIOBJ before;

	if (dc == NULL)
		return scaled(w, m.tmHeight);
	before = SelectObject(dc, w->scale.text);
	(void)GetTextMetricsW(dc, &m);
	(void)SelectObject(dc, before);
	(void)ReleaseDC(w->hwnd, dc);
	return m.tmHeight;
}

/* How wide is text in one line? */
static int
width_of(const struct window *w, const char *text)
{
	wchar_t wide[WINDOW_TEXT_MAX];
	int n = wide_of(text, wide, WINDOW_TEXT_MAX);
	SIZE size = {0, 0};
	HDC dc = GetDC(w->hwnd);
	HGDIOBJ before;

	if (dc == NULL)
		return 0;
	before = SelectObject(dc, w->scale.text);
	if (n > 0)
		(void)GetTextExtentPoint32W(dc, wide, n, &size);
	(void)SelectObject(dc, before);
	(void)ReleaseDC(w->hwnd, dc);
	return size.cx;
}

/* What a path ends with is what people know it by. */
bool
window_layout_path(struct window *w, int id, const char *path)
{
	char shown[WINDOW_TEXT_MAX + 4];
	size_t from = 0, n = columns_of(path);

	(void)strlcpy(shown, path, sizeof(shown));
	while (from + 4 < n && width_of(w, shown) > scaled(w, WIDTH)) {
		from += 4;
		(void)snprintf(
		    shown, sizeof(shown), "...%s", columns_skip(path, from));
	}
	return window_layout_text(w, id, shown);
}

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
	(void)SendMessageW(control, WM_SETFONT, (WPARAM)font_of(w, p->id), 0);
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

	(void)SendMessageW(control, WM_SETFONT, (WPARAM)font_of(w, p->id), 0);
	(void)SetWindowPos(control, NULL, r->left, r->top, r->right - r->left,
	    r->bottom - r->top, SWP_NOZORDER | SWP_NOACTIVATE);
}

static int
height_of(const struct window *w, const struct part *p, int width)
{
	switch (p->place) {
	case AT_TEXT:
		return measure(w, p->id, width).cy;
	case AT_BAR:
		return scaled(w, BAR);
	case AT_DETAILS:
		return w->details ? scaled(w, DETAILS) : 0;
	case AT_ICON:
		return scaled(w, ICON);
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
	int margin = scaled(w, MARGIN), width = scaled(w, WIDTH);
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
			left += scaled(w, ICON_SPACE);
			least = y + height;
		} else if (p->place != AT_HALF && height > 0) {
			y += height + scaled(w, GAP);
		}
	}
	y -= scaled(w, GAP);
	return (y > least ? y : least) + margin;
}

static int
button_width(const struct window *w, int id)
{
	int width = measure(w, id, 0).cx + scaled(w, 24);

	return width > scaled(w, BUTTON_LEAST) ? width
					       : scaled(w, BUTTON_LEAST);
}

/* The part with the buttons, below top; returns where it ends. */
static int
put_foot(const struct window *w, int top)
{
	int right = scaled(w, MARGIN + WIDTH), left = scaled(w, MARGIN);
	int height = scaled(w, BUTTON), y = top + scaled(w, FOOT), width;
	const struct part *p;
	RECT r;

	/* The last one stands at the edge. */
	for (p = parts + PARTS; p-- > parts;) {
		if (p->page != w->page || p->place != AT_FOOT_RIGHT)
			continue;
		width = button_width(w, p->id);
		r = (RECT){right - width, y, right, y + height};
		put(w, p, &r);
		right -= width + scaled(w, GAP);
	}
	for (p = parts; p < parts + PARTS; p++) {
		if (p->page != w->page)
			continue;
		if (p->place == AT_FOOT_LEFT) {
			width = button_width(w, p->id);
			r = (RECT){left, y, left + width, y + height};
			put(w, p, &r);
			left += width + scaled(w, GAP);
		} else if (p->place == AT_FOOT) {
			/* Two lines of words, beside one of buttons. */
			width = right - left - scaled(w, GAP);
			height = measure(w, p->id, width).cy;
			if (height < 2 * w->scale.line)
				height = 2 * w->scale.line;
			r = (RECT){left, y, left + width, y + height};
			put(w, p, &r);
		}
	}
	if (height < scaled(w, BUTTON))
		height = scaled(w, BUTTON);
	return y + height + scaled(w, FOOT);
}

/* The whole window for its client area. */
static void
frame(const struct window *w, RECT *r)
{
	DWORD style = (DWORD)GetWindowLongPtrW(w->hwnd, GWL_STYLE);
	DWORD ex = (DWORD)GetWindowLongPtrW(w->hwnd, GWL_EXSTYLE);
	BOOL(WINAPI * for_dpi)(RECT *, DWORD, BOOL, DWORD, UINT);
	FARPROC call = user32("AdjustWindowRectExForDpi");

	memcpy(&for_dpi, &call, sizeof(call));
	if (call == NULL || !for_dpi(r, style, FALSE, ex, w->scale.dpi))
		(void)AdjustWindowRectEx(r, style, FALSE, ex);
}

/* In the middle of the screen before it is shown, then where it is, as long as
 * all of it can be seen. */
static void
place(const struct window *w, int width, int height)
{
	MONITORINFO screen = {.cbSize = sizeof(screen)};
	const RECT *all = &screen.rcWork;
	RECT now;
	int x, y;

	(void)GetWindowRect(w->hwnd, &now);
	if (now.right - now.left == width && now.bottom - now.top == height)
		return;
	x = now.left;
	y = now.top;
	if (GetMonitorInfoW(
		MonitorFromWindow(w->hwnd, MONITOR_DEFAULTTOPRIMARY),
		&screen)) {
		if (w->shown == 0) {
			x = (all->left + all->right - width) / 2;
			y = (all->top + all->bottom - height) / 2;
		}
		if (y + height > all->bottom)
			y = all->bottom - height;
		if (y < all->top)
			y = all->top;
	}
	(void)SetWindowPos(
	    w->hwnd, NULL, x, y, width, height, SWP_NOZORDER | SWP_NOACTIVATE);
}

void
window_layout(struct window *w)
{
	RECT r = {0, 0, scaled(w, WIDTH + 2 * MARGIN), 0};

	w->scale.line = line_height(w);
	w->scale.pane = put_pane(w);
	r.bottom = put_foot(w, w->scale.pane);
	frame(w, &r);
	place(w, r.right - r.left, r.bottom - r.top);
	(void)InvalidateRect(w->hwnd, NULL, TRUE);
}
