/*
 * The window's thread, as whoever works sees it: it is made when there is
 * something to wait for, and is never waited for without end.
 */
#include "cli/window/window.h"

#include "cli/window/window_win32_internal.h"
#include "tests/win32/unit.h"

enum { PATIENCE_MS = 10 * 1000 };

/* Where it is not asked for it is made when there is something to wait for,
 * and nobody waits for that. */
TEST(window_is_made_late)
{
	struct window *w = window_new(WINDOW_AUTO, LANG_EN, "erp:2345"), *probe;
	ULONGLONG began = GetTickCount64();
	bool is_possible;
	unsigned ms;

	EXPECT(w != NULL);
	if (w == NULL)
		return;
	(void)window_is_cancelled(w);
	/* Unless this machine took its time. */
	EXPECT(w->thread == NULL || GetTickCount64() - began >= 100);
	Sleep(300);
	(void)window_is_cancelled(w);
	EXPECT(w->thread != NULL);
	is_possible =
	    (probe = window_new(WINDOW_ALWAYS, LANG_EN, "erp:2345")) != NULL;
	for (ms = 0; is_possible && !w->watch.stands && ms < PATIENCE_MS;
	     ms += 20) {
		Sleep(20);
		(void)window_is_cancelled(w);
	}
	EXPECT_EQ(w->watch.stands, is_possible);
	window_free(probe, false);
	window_free(w, false);
}

static HANDLE goes_on;

static INT_PTR CALLBACK
hang(HWND hwnd, UINT message, WPARAM a, LPARAM b)
{
	(void)hwnd;
	(void)message;
	(void)a;
	(void)b;
	(void)WaitForSingleObject(goes_on, INFINITE);
	return FALSE;
}

TEST(window_that_hangs_keeps_nobody)
{
	static const struct window_question q = {"Update?", "1", "2"};
	static const struct window_failure failure = {"Failed", "", "", "", ""};
	ULONGLONG began = GetTickCount64();
	struct progress_state s = {.phase = PHASE_RECEIVE};
	struct progress_sink sink;
	struct window *w;
	LONG_PTR was;
	HANDLE thread;
	HWND hwnd;

	if ((w = window_new(WINDOW_ALWAYS, LANG_EN, "erp:2345")) == NULL)
		return;
	goes_on = CreateEventW(NULL, TRUE, FALSE, NULL);
	thread = w->thread;
	hwnd = w->hwnd;
	was = SetWindowLongPtrW(hwnd, DWLP_DLGPROC, (LONG_PTR)hang);
	sink = window_sink(w);
	sink.show(sink.ctx, &s, true);
	EXPECT_EQ(window_ask(w, &q), -1);
	window_fail(w, &failure, 0);
	EXPECT(!window_is_cancelled(w));
	window_free(w, true);
	EXPECT(GetTickCount64() - began < 5 * PATIENCE_MS);
	/* It goes when it looks again. */
	(void)SetWindowLongPtrW(hwnd, DWLP_DLGPROC, was);
	(void)SetEvent(goes_on);
	EXPECT_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
}
