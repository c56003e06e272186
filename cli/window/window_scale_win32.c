/*
 * Below window_layout_win32.c: the screen that a window is on, with its dots,
 * fonts and icon, and how large texts are there.
 */
#include "cli/window/window_win32_internal.h"

#include "cli/report/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The height of a line at 96 dots an inch, with room for other fonts. */
enum { LINE = 18 };

int
window_scaled(const struct window *w, int n)
{
	return MulDiv(n, w->scale.unit, USER_DEFAULT_SCREEN_DPI);
}

FARPROC
window_user32(const char *name)
{
	return GetProcAddress(GetModuleHandleW(L"user32.dll"), name);
}

static void
metrics(unsigned dpi, NONCLIENTMETRICSW *m)
{
	BOOL(WINAPI * for_dpi)(UINT, UINT, void *, UINT, UINT);
	FARPROC call = window_user32("SystemParametersInfoForDpi");

	memset(m, 0, sizeof(*m));
	m->cbSize = sizeof(*m);
	memcpy(&for_dpi, &call, sizeof(call));
	if (call == NULL ||
	    !for_dpi(SPI_GETNONCLIENTMETRICS, sizeof(*m), m, 0, dpi))
		(void)SystemParametersInfoW(
		    SPI_GETNONCLIENTMETRICS, sizeof(*m), m, 0);
}

/* Of the screen that the window is on. */
static unsigned
window_dpi(HWND hwnd)
{
	UINT(WINAPI * of_window)(HWND);
	FARPROC call = window_user32("GetDpiForWindow");
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

static int
line_height(const struct window *w)
{
	TEXTMETRICW m = {.tmHeight = 16};
	HDC dc = GetDC(w->hwnd);
	HGDIOBJ before;

	if (dc == NULL)
		return m.tmHeight;
	before = SelectObject(dc, w->scale.text);
	(void)GetTextMetricsW(dc, &m);
	(void)SelectObject(dc, before);
	(void)ReleaseDC(w->hwnd, dc);
	return m.tmHeight;
}

void
window_scale_set(struct window *w, unsigned dpi)
{
	NONCLIENTMETRICSW m;
	LOGFONTW font;

	window_scale_forget(w);
	w->scale.dpi = dpi != 0 ? dpi : window_dpi(w->hwnd);
	metrics(w->scale.dpi, &m);
	font = m.lfMessageFont;
	w->scale.text = CreateFontIndirectW(&font);
	font.lfHeight = MulDiv(font.lfHeight, 4, 3);
	w->scale.head = CreateFontIndirectW(&font);
	w->scale.line = line_height(w);
	/* Who has texts larger than the screen's dots tell has all larger. */
	w->scale.unit = MulDiv(w->scale.line, USER_DEFAULT_SCREEN_DPI, LINE);
	if (w->scale.unit < (int)w->scale.dpi)
		w->scale.unit = (int)w->scale.dpi;
}

void
window_scale_forget(struct window *w)
{
	if (w->scale.text != NULL)
		(void)DeleteObject(w->scale.text);
	if (w->scale.head != NULL)
		(void)DeleteObject(w->scale.head);
	if (w->scale.icon != NULL)
		(void)DestroyIcon(w->scale.icon);
	w->scale.text = w->scale.head = NULL;
	w->scale.icon = NULL;
}

HFONT
window_scale_font(const struct window *w, int id)
{
	return id == ID_HEADLINE ? w->scale.head : w->scale.text;
}

/* As large as the screen wants it, where the system can. */
void
window_scale_icon(struct window *w, const wchar_t *name)
{
	HRESULT(WINAPI * load)(HINSTANCE, PCWSTR, int, int, HICON *);
	FARPROC call = GetProcAddress(
	    GetModuleHandleW(L"comctl32.dll"), "LoadIconWithScaleDown");
	int size = window_scaled(w, WINDOW_ICON);
	HICON icon = NULL, before = w->scale.icon;

	memcpy(&load, &call, sizeof(call));
	if (call == NULL || load(NULL, name, size, size, &icon) != S_OK)
		icon = CopyIcon(
		    LoadImageW(NULL, name, IMAGE_ICON, 0, 0, LR_SHARED));
	(void)SendDlgItemMessageW(
	    w->hwnd, ID_ICON, STM_SETICON, (WPARAM)icon, 0);
	w->scale.icon = icon;
	if (before != NULL)
		(void)DestroyIcon(before);
}

SIZE
window_scale_text(const struct window *w, int id, int width)
{
	HWND control = GetDlgItem(w->hwnd, id);
	int n = GetWindowTextLengthW(control) + 1;
	wchar_t *text = calloc((size_t)n, sizeof(*text));
	RECT r = {0, 0, width, 0};
	HDC dc = GetDC(w->hwnd);
	HGDIOBJ before;
	UINT how = DT_CALCRECT |
	    (width > 0 ? DT_WORDBREAK | DT_EDITCONTROL | DT_NOPREFIX : 0);

	if (text != NULL && dc != NULL) {
		(void)GetWindowTextW(control, text, n);
		before = SelectObject(dc, window_scale_font(w, id));
		(void)DrawTextW(dc, text, -1, &r, how);
		(void)SelectObject(dc, before);
	}
	if (dc != NULL)
		(void)ReleaseDC(w->hwnd, dc);
	free(text);
	return (SIZE){r.right, r.bottom};
}

/* Is there room for it in one line? */
static bool
fits(HDC dc, const char *text, int width)
{
	wchar_t wide[WINDOW_TEXT_MAX + 4];
	int n = wide_of(text, wide, WINDOW_TEXT_MAX + 4);
	SIZE size = {0, 0};

	return n <= 0 || !GetTextExtentPoint32W(dc, wide, n, &size) ||
	    size.cx <= width;
}

/* All but its first n columns. */
static void
cut(const char *path, size_t n, char out[WINDOW_TEXT_MAX])
{
	(void)snprintf(out, WINDOW_TEXT_MAX, "...%s", columns_skip(path, n));
}

/* What a path ends with is what people know it by. */
void
window_scale_path(
    const struct window *w, const char *path, char out[WINDOW_TEXT_MAX])
{
	size_t least = 0, most = columns_of(path), n;
	int width = window_scaled(w, WINDOW_WIDTH);
	HDC dc = GetDC(w->hwnd);
	HGDIOBJ before;

	(void)strlcpy(out, path, WINDOW_TEXT_MAX);
	if (dc == NULL)
		return;
	before = SelectObject(dc, w->scale.text);
	if (!fits(dc, out, width)) {
		while (least < most) {
			n = (least + most) / 2;
			cut(path, n, out);
			if (fits(dc, out, width))
				most = n;
			else
				least = n + 1;
		}
		cut(path, most, out);
	}
	(void)SelectObject(dc, before);
	(void)ReleaseDC(w->hwnd, dc);
}
