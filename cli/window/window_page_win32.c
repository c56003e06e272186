/*
 * Below window_dialog_win32.c: what the controls of a page say, from what the
 * work has left there.
 */
#include "cli/window/window_win32_internal.h"

#include <commctrl.h>
#include <stdlib.h>
#include <string.h>

enum { MARQUEE_MS = 30 };

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

void
window_page_draw(struct window *w)
{
	struct progress_state state;
	char note[WINDOW_TEXT_MAX], path[WINDOW_TEXT_MAX];
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
	if (state.phase == PHASE_NONE && t.file[0] == '\0')
		(void)strlcpy(t.file, w->server, sizeof(t.file));
	window_scale_path(w, t.file, path);
	/* A note is cut at its end. */
	(void)window_layout_text(w, ID_FILE, note[0] != '\0' ? t.file : path);
	(void)window_layout_text(w, ID_BYTES, t.amount);
	(void)window_layout_text(w, ID_LEFT, t.left);
	(void)window_layout_text(w, ID_FILES, t.files);
	moved |= window_layout_text(w, ID_FOOT, t.consequence);
	set_bar(GetDlgItem(w->hwnd, ID_BAR), t.permille);
	(void)EnableWindow(GetDlgItem(w->hwnd, IDCANCEL), t.may_cancel);
	if (moved)
		window_layout(w);
}

/* The words of a page that waits for a person, and where he is in it. */
static void
fill_question(struct window *w)
{
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
	(void)window_layout_text(w, ID_HEADLINE, w->failure.headline);
	(void)window_layout_text(w, ID_WHAT, w->failure.what);
	(void)window_layout_text(w, ID_ACT, w->failure.act);
	(void)window_layout_text(w, ID_START, w->failure.start);
	fill_details(w);
}

void
window_page_icon(struct window *w)
{
	if (w->page == PAGE_QUESTION)
		window_scale_icon(w, IDI_QUESTION);
	else if (w->page == PAGE_FAILURE)
		window_scale_icon(w, IDI_ERROR);
}

void
window_page_fill(struct window *w)
{
	switch (w->page) {
	case PAGE_NONE:
		break;
	case PAGE_PROGRESS:
		window_page_draw(w);
		break;
	case PAGE_QUESTION:
		fill_question(w);
		break;
	case PAGE_FAILURE:
		fill_failure(w);
		break;
	}
}
