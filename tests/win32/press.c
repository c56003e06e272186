/*
 * The person in front of a window: waits until it has a control, then presses
 * a key there.  For the unit tests, and as a program for the end-to-end ones.
 */
#include "tests/win32/press.h"

#include "engine/base/wide_win32.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOOK_MS = 20, PATIENCE_MS = 30 * 1000 };

/* The window of an update is the one dialog with one of our titles. */
static HWND
find(void)
{
	static const wchar_t *const titles[] = {L"Smart Client update",
	    L"Atualiza\u00e7\u00e3o do Smart Client",
	    L"Actualizaci\u00f3n de Smart Client"};
	HWND found = NULL;
	size_t i;

	for (i = 0; i < 3 && found == NULL; i++)
		found = FindWindowW(NULL, titles[i]);
	return found;
}

HWND
press_await(int id)
{
	HWND window;
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS; ms += LOOK_MS) {
		window = find();
		if (window != NULL && IsWindowVisible(GetDlgItem(window, id)))
			return window;
		Sleep(LOOK_MS);
	}
	return NULL;
}

bool
press(int id, const char *key)
{
	HWND window = press_await(id), control;

	if (window == NULL)
		return false;
	control = GetDlgItem(window, id);
	if (strcmp(key, "esc") == 0)
		return PostMessageW(control, WM_KEYDOWN, VK_ESCAPE, 1) != 0;
	if (strcmp(key, "enter") == 0)
		return PostMessageW(control, WM_KEYDOWN, VK_RETURN, 1) != 0;
	if (strcmp(key, "tab") == 0)
		return PostMessageW(control, WM_KEYDOWN, VK_TAB, 1) != 0;
	if (strcmp(key, "cross") == 0)
		return PostMessageW(window, WM_SYSCOMMAND, SC_CLOSE, 0) != 0;
	/* A letter with Alt. */
	return PostMessageW(control, WM_SYSCHAR, (WPARAM)key[0], 1 << 29) != 0;
}

char *
press_text(HWND window, int id)
{
	wchar_t text[4096] = L"";

	(void)GetDlgItemTextW(window, id, text, 4096);
	return wide_text(text);
}

/* Print what it says, once it says anything. */
static bool
read_text(int id)
{
	HWND window;
	char *text;
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS; ms += LOOK_MS) {
		if ((window = press_await(id)) == NULL)
			return false;
		text = press_text(window, id);
		if (text[0] != '\0') {
			printf("%s\n", text);
			free(text);
			return true;
		}
		free(text);
		Sleep(LOOK_MS);
	}
	return false;
}

int
press_main(int argc, char **argv)
{
	bool ok = true;
	int i;

	(void)puts("looks");
	(void)fflush(stdout);
	for (i = 0; ok && i + 1 < argc; i += 2) {
		ok = strcmp(argv[i + 1], "text") == 0
		    ? read_text(atoi(argv[i]))
		    : press(atoi(argv[i]), argv[i + 1]);
		if (!ok)
			printf("no %s at control %s\n", argv[i + 1], argv[i]);
	}
	return ok ? 0 : 1;
}
