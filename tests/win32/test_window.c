/*
 * The window: what its controls say, keys, and that nobody waits for it.
 * Without a display driver, as under a plain wine, there must be none.
 */
#include "cli/window/window.h"

#include "cli/window/window_text.h"
#include "cli/window/window_win32_internal.h"
#include "tests/win32/press.h"
#include "tests/win32/unit.h"

#include <commctrl.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 10 * 1000 };

/* A window, or false where the system has no place for any. */
static bool
window_begin(struct window **w)
{
	HWND probe = CreateWindowExW(0, L"STATIC", L"", WS_OVERLAPPED, 0, 0, 9,
	    9, NULL, NULL, NULL, NULL);

	*w = window_new(WINDOW_ALWAYS, LANG_EN, "erp:2345");
	EXPECT_EQ(*w != NULL, probe != NULL);
	if (probe != NULL)
		(void)DestroyWindow(probe);
	return *w != NULL;
}

/* Wait until a control says this. */
static bool
says(int id, const char *wanted)
{
	HWND window = press_await(id);
	char *text = NULL;
	unsigned ms;
	bool is = false;

	for (ms = 0; window != NULL && !is && ms < PATIENCE_MS; ms += 50) {
		free(text);
		text = press_text(window, id);
		is = strcmp(text, wanted) == 0;
		if (!is)
			Sleep(50);
	}
	if (!is)
		printf("%d says \"%s\"\n", id, text != NULL ? text : "");
	free(text);
	return is;
}

static struct progress_state
receiving(void)
{
	struct progress_state s;

	memset(&s, 0, sizeof(s));
	s.phase = PHASE_RECEIVE;
	(void)strcpy(s.path, "dlls/a & b.dll");
	s.done = 512 * 1024;
	s.total = 1024 * 1024;
	s.files = 2;
	s.files_n = 3;
	s.permille = 500;
	return s;
}

TEST(window_tells_the_progress)
{
	struct progress_state s = receiving();
	struct progress_sink sink;
	struct window *w;
	HWND window;

	if (!window_begin(&w))
		return;
	sink = window_sink(w);
	EXPECT(says(ID_HEADLINE, "Connecting to the server..."));
	EXPECT(says(ID_FILE, "erp:2345"));
	sink.show(sink.ctx, &s, true);
	EXPECT(says(ID_HEADLINE, "Downloading files..."));
	EXPECT(says(ID_FILE, "dlls\\a & b.dll"));
	EXPECT(says(ID_BYTES, "512 KB of 1.0 MB"));
	EXPECT(says(ID_FILES, "File 2 of 3"));
	EXPECT(says(IDCANCEL, "&Cancel"));
	window = press_await(ID_BAR);
	EXPECT_EQ(SendDlgItemMessageW(window, ID_BAR, PBM_GETPOS, 0, 0), 500);
	sink.note(sink.ctx, true, "Warning: odd");
	EXPECT(says(ID_FILE, "Warning: odd"));
	EXPECT(IsWindowEnabled(GetDlgItem(window, IDCANCEL)));
	s.phase = PHASE_SWAP;
	sink.show(sink.ctx, &s, true);
	EXPECT(says(
	    ID_HEADLINE, "Applying update. Do not turn off the computer."));
	EXPECT(!IsWindowEnabled(GetDlgItem(window, IDCANCEL)));
	EXPECT(press(ID_BAR, "cross"));
	Sleep(200);
	EXPECT(!window_is_cancelled(w));
	window_free(w, true);
	EXPECT(!IsWindow(window));
}

/* Its text is cut in front, so that the name stays. */
TEST(window_shows_the_end_of_a_long_path)
{
	struct progress_state s = receiving();
	struct progress_sink sink;
	struct window *w;
	char *text;
	size_t i;

	if (!window_begin(&w))
		return;
	sink = window_sink(w);
	for (i = 0; i < 200; i++)
		s.path[i] = i % 10 == 9 ? '/' : 'm';
	(void)strcpy(s.path + i, "name.dll");
	sink.show(sink.ctx, &s, true);
	EXPECT(says(ID_FILES, "File 2 of 3"));
	text = press_text(press_await(ID_FILE), ID_FILE);
	EXPECT(strncmp(text, "...", 3) == 0);
	EXPECT(strcmp(text + strlen(text) - 9, "\\name.dll") == 0);
	EXPECT(strlen(text) < 120);
	free(text);
	window_free(w, false);
}

static void
cancel_by(const char *key)
{
	struct window *w;
	unsigned ms;

	if (!window_begin(&w))
		return;
	EXPECT(!window_is_cancelled(w));
	EXPECT(press(IDCANCEL, key));
	for (ms = 0; ms < PATIENCE_MS && !window_is_cancelled(w); ms += 20)
		Sleep(20);
	EXPECT(window_is_cancelled(w));
	EXPECT(says(ID_HEADLINE, "Cancelling..."));
	EXPECT(says(ID_FOOT, "Waiting until it is safe to stop."));
	window_free(w, false);
}

TEST(window_cancels_by_key)
{
	cancel_by("esc");
	cancel_by("c");
	/* Alt-F4 is the same. */
	cancel_by("cross");
}

/* The session may end but while names change; then it is given up. */
TEST(window_gives_up_when_the_session_ends)
{
	struct progress_state s = receiving();
	struct progress_sink sink;
	struct window *w;
	unsigned ms;

	if (!window_begin(&w))
		return;
	sink = window_sink(w);
	sink.show(sink.ctx, &s, true);
	EXPECT_EQ(SendMessageW(w->hwnd, WM_QUERYENDSESSION, 0, 0), TRUE);
	EXPECT(!window_is_cancelled(w));
	s.phase = PHASE_SWAP;
	sink.show(sink.ctx, &s, true);
	EXPECT_EQ(SendMessageW(w->hwnd, WM_QUERYENDSESSION, 0, 0), FALSE);
	(void)SendMessageW(w->hwnd, WM_ENDSESSION, FALSE, 0);
	EXPECT(!window_is_cancelled(w));
	(void)PostMessageW(w->hwnd, WM_ENDSESSION, TRUE, 0);
	for (ms = 0; ms < PATIENCE_MS && !window_is_cancelled(w); ms += 20)
		Sleep(20);
	EXPECT(window_is_cancelled(w));
	window_free(w, false);
}

/* A short piece of work flashes nothing. */
TEST(window_is_not_shown_at_once)
{
	ULONGLONG began = GetTickCount64();
	struct window *w;
	bool visible;

	if (!window_begin(&w))
		return;
	visible = IsWindowVisible(w->hwnd) != 0;
	/* Unless this machine took its time. */
	EXPECT(!visible || GetTickCount64() - began >= 500);
	window_free(w, true);
	EXPECT(GetTickCount64() - began < PATIENCE_MS);
}

/* Keys of one person, pressed while another thread asks. */
struct keys {
	int id;
	const char *key;
};

static DWORD WINAPI
press_all(void *arg)
{
	const struct keys *k = arg;
	bool ok = true;

	for (; k->key != NULL; k++)
		ok = ok && press(k->id, k->key);
	return ok;
}

static int
ask_with(const char *key, int id)
{
	static const struct window_question q = {
	    "Update?", "Station: 1. Server: 2.", "Yes: it is.\nNo: not."};
	struct keys keys[] = {{id, key}, {0, NULL}};
	HANDLE person;
	struct window *w;
	int answer;

	if (!window_begin(&w))
		return -2;
	person = CreateThread(NULL, 0, press_all, keys, 0, NULL);
	answer = window_ask(w, &q);
	(void)WaitForSingleObject(person, INFINITE);
	(void)CloseHandle(person);
	window_free(w, true);
	return answer;
}

TEST(window_question_by_keys)
{
	int answer = ask_with("y", IDYES);

	if (answer == -2)
		return;
	EXPECT_EQ(answer, 1);
	EXPECT_EQ(ask_with("n", IDNO), 0);
	EXPECT_EQ(ask_with("enter", IDYES), 1);
	EXPECT_EQ(ask_with("esc", IDYES), 0);
	EXPECT_EQ(ask_with("cross", IDYES), 0);
}

/* The window as a person finds it who has put it aside, and agrees. */
static DWORD WINAPI
find_and_agree(void *client)
{
	HWND window = press_await(IDYES);
	unsigned ms;

	/* What it measures is told a moment after it is back. */
	for (ms = 0; ms < PATIENCE_MS &&
	     (IsIconic(window) || !GetClientRect(window, client) ||
		 ((RECT *)client)->right == 0);
	     ms += 20)
		Sleep(20);
	EXPECT(!IsIconic(window));
	EXPECT(press(IDYES, "y"));
	return 0;
}

TEST(window_comes_back_with_a_question)
{
	static const struct window_question q = {"Update?", "1", "2"};
	RECT whole, found = {0, 0, 0, 0};
	HANDLE person;
	struct window *w;

	if (!window_begin(&w))
		return;
	(void)press_await(ID_BAR);
	(void)GetClientRect(w->hwnd, &whole);
	(void)SendMessageW(w->hwnd, WM_SYSCOMMAND, SC_MINIMIZE, 0);
	EXPECT(IsIconic(w->hwnd));
	person = CreateThread(NULL, 0, find_and_agree, &found, 0, NULL);
	EXPECT_EQ(window_ask(w, &q), 1);
	(void)WaitForSingleObject(person, INFINITE);
	(void)CloseHandle(person);
	EXPECT_EQ(found.right, whole.right);
	EXPECT(found.bottom > 100);
	window_free(w, true);
}

static const struct window_failure failure = {"The Remote could not be "
					      "updated automatically",
    "UPD028: No connection", "What to do: Check it.", "", "line 1\nline 2\n"};

/* What lies in the clipboard, in UTF-8, once anything does; malloc'd. */
static char *
copied(void)
{
	char *text = NULL;
	unsigned ms;
	HANDLE h;

	for (ms = 0; text == NULL && ms < PATIENCE_MS; ms += 50) {
		if (OpenClipboard(NULL)) {
			h = GetClipboardData(CF_UNICODETEXT);
			if (h != NULL)
				text = wide_text(GlobalLock(h));
			(void)CloseClipboard();
		}
		if (text == NULL)
			Sleep(50);
	}
	return text;
}

static DWORD WINAPI
read_failure(void *arg)
{
	HWND window = press_await(ID_WHAT);
	char *text;

	(void)arg;
	EXPECT(says(ID_HEADLINE, failure.headline));
	EXPECT(says(ID_WHAT, failure.what));
	EXPECT(says(ID_ACT, failure.act));
	EXPECT(!IsWindowVisible(GetDlgItem(window, ID_DETAILS)));
	EXPECT(press(ID_MORE, "d"));
	EXPECT(says(ID_DETAILS, "line 1\r\nline 2\r\n"));
	EXPECT(press(ID_COPY, "o"));
	text = copied();
	EXPECT(text != NULL && strcmp(text, "line 1\r\nline 2\r\n") == 0);
	free(text);
	EXPECT(press(IDCANCEL, "c"));
	return 0;
}

TEST(window_failure_with_details_to_copy)
{
	HANDLE person;
	struct window *w;

	if (!window_begin(&w))
		return;
	person = CreateThread(NULL, 0, read_failure, NULL, 0, NULL);
	window_fail(w, &failure, 0);
	(void)WaitForSingleObject(person, INFINITE);
	(void)CloseHandle(person);
	window_free(w, false);
}

/* Whoever unfolds the details is not hurried. */
static DWORD WINAPI
read_slowly(void *arg)
{
	(void)arg;
	EXPECT(press(ID_MORE, "d"));
	Sleep(4500);
	EXPECT(press(IDCANCEL, "cross"));
	return 0;
}

TEST(window_failure_that_is_read_slowly)
{
	ULONGLONG began = GetTickCount64();
	HANDLE person;
	struct window *w;

	if (!window_begin(&w))
		return;
	person = CreateThread(NULL, 0, read_slowly, NULL, 0, NULL);
	window_fail(w, &failure, 4000);
	EXPECT(GetTickCount64() - began >= 4500);
	(void)WaitForSingleObject(person, INFINITE);
	(void)CloseHandle(person);
	window_free(w, false);
}

/* A name that no line has room for is broken, and nothing is cut off. */
static DWORD WINAPI
measure_failure(void *arg)
{
	HWND window = press_await(ID_WHAT), what = GetDlgItem(window, ID_WHAT);
	HWND act = GetDlgItem(window, ID_ACT);
	RECT r, one = {0, 0, 0, 0}, client;
	unsigned ms;

	(void)arg;
	/* They are made first, and put in their places together. */
	for (ms = 0; one.bottom == 0 && ms < PATIENCE_MS; ms += 20) {
		Sleep(20);
		(void)GetClientRect(act, &one);
	}
	(void)GetClientRect(what, &r);
	(void)GetClientRect(window, &client);
	EXPECT(r.right < client.right);
	EXPECT(r.bottom >= 3 * one.bottom);
	EXPECT(press(IDCANCEL, "c"));
	return 0;
}

TEST(window_failure_of_a_long_name)
{
	struct window_failure long_one = failure;
	HANDLE person;
	struct window *w;

	memset(long_one.what, 'm', 200);
	if (!window_begin(&w))
		return;
	person = CreateThread(NULL, 0, measure_failure, NULL, 0, NULL);
	window_fail(w, &long_one, 0);
	(void)WaitForSingleObject(person, INFINITE);
	(void)CloseHandle(person);
	window_free(w, false);
}

TEST(window_failure_that_nobody_reads)
{
	ULONGLONG began = GetTickCount64();
	struct window *w;

	if (!window_begin(&w))
		return;
	window_fail(w, &failure, 500);
	window_free(w, false);
	EXPECT(GetTickCount64() - began < PATIENCE_MS);
}

/* All sizes follow the screen. */
TEST(window_is_as_fine_as_its_screen)
{
	struct window *w;
	RECT before, after;
	HWND window;

	if (!window_begin(&w))
		return;
	window = press_await(ID_BAR);
	(void)GetClientRect(window, &before);
	(void)SendMessageW(window, WM_DPICHANGED, MAKELONG(192, 192), 0);
	(void)GetClientRect(window, &after);
	EXPECT_EQ(after.right, 2 * before.right);
	EXPECT(after.bottom > before.bottom * 3 / 2);
	window_free(w, true);
}
