/*
 * Below the command self-test: a second process of Windows that runs while
 * something is tried, joined to this one by two pipes.
 */
#include "cli/companion.h"

#include "cli/process_win32.h"
#include "engine/base/err.h"
#include "engine/base/wide_win32.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_UNITS = 3 * WIDE_PATH };

struct companion {
	HANDLE process, in, out; /* of the pipes: our ends */
};

int
companion_self(char out[COMPANION_PATH_MAX], struct err *e)
{
	static const char self[] = "erpsync.exe";
	wchar_t wide[WIDE_PATH];
	DWORD n = GetModuleFileNameW(NULL, wide, WIDE_PATH);
	char *text = n == 0 || n >= WIDE_PATH ? NULL : wide_text(wide), *p;

	if (text == NULL)
		return err_sys(e, ENAMETOOLONG, "look at", self);
	for (p = text; *p != '\0'; p++)
		if (*p == '\\')
			*p = '/';
	n = (DWORD)strlcpy(out, text, COMPANION_PATH_MAX);
	free(text);
	return n < COMPANION_PATH_MAX
	    ? 0
	    : err_sys(e, ENAMETOOLONG, "look at", self);
}

/* One end is ours, the other one is inherited. */
static bool
make_pipe(HANDLE *ours, HANDLE *theirs, bool we_write)
{
	SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
	HANDLE r, w;

	if (!CreatePipe(&r, &w, &inherited, 0))
		return false;
	*ours = we_write ? w : r;
	*theirs = we_write ? r : w;
	return SetHandleInformation(*ours, HANDLE_FLAG_INHERIT, 0) != 0;
}

static void
close_pipe(HANDLE ours, HANDLE theirs)
{
	(void)CloseHandle(ours);
	(void)CloseHandle(theirs);
}

static DWORD
run(struct companion *c, wchar_t *line)
{
	STARTUPINFOW how = {.cb = sizeof(how), .dwFlags = STARTF_USESTDHANDLES};
	PROCESS_INFORMATION made;
	DWORD error = 0;

	if (!make_pipe(&c->in, &how.hStdInput, true))
		return GetLastError();
	if (!make_pipe(&c->out, &how.hStdOutput, false)) {
		error = GetLastError();
		close_pipe(c->in, how.hStdInput);
		return error;
	}
	how.hStdError = GetStdHandle(STD_ERROR_HANDLE);
	if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_NO_WINDOW,
		NULL, NULL, &how, &made))
		error = GetLastError();
	(void)CloseHandle(how.hStdInput);
	(void)CloseHandle(how.hStdOutput);
	if (error != 0) {
		close_pipe(c->in, c->out);
		return error;
	}
	(void)CloseHandle(made.hThread);
	c->process = made.hProcess;
	return 0;
}

int
companion_start(char *const argv[], struct companion **out, struct err *e)
{
	wchar_t *line = malloc(LINE_UNITS * sizeof(*line));
	struct companion *c = malloc(sizeof(*c));
	DWORD error = ERROR_OUTOFMEMORY, n;
	char ready;

	if (line != NULL && c != NULL)
		error = process_line(line, LINE_UNITS, argv)
		    ? run(c, line)
		    : ERROR_FILENAME_EXCED_RANGE;
	free(line);
	if (error != 0) {
		free(c);
		return err_sys_as(
		    e, ERP_IO, wide_errno(error), "start", argv[0]);
	}
	if (ReadFile(c->out, &ready, 1, &n, NULL) && n == 1) {
		*out = c;
		return 0;
	}
	companion_end(c);
	return err_sys_as(e, ERP_IO, EPIPE, "start", argv[0]);
}

void
companion_end(struct companion *c)
{
	(void)CloseHandle(c->in);
	(void)WaitForSingleObject(c->process, INFINITE);
	(void)CloseHandle(c->process);
	(void)CloseHandle(c->out);
	free(c);
}

void
companion_wait(void)
{
	char byte = '.';
	DWORD n;

	if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), &byte, 1, &n, NULL))
		return;
	while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &n, NULL) &&
	    n > 0)
		continue;
}

int
companion_hold(const char *path, struct err *e)
{
	wchar_t wide[WIDE_PATH];

	if (wide_full(path, wide) == 0 &&
	    CreateFileW(wide, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) !=
		INVALID_HANDLE_VALUE)
		return 0;
	return err_sys_as(e, ERP_IO, wide_errno(GetLastError()), "open", path);
}
