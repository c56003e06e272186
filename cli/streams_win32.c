/*
 * Below the commands, on Windows: the standard streams carry UTF-8, and what
 * is written is what arrives.
 */
#include "cli/streams.h"

#include "engine/base/wide_win32.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

/* The C library's (msvcrt.dll): the arguments, as they are quoted. The shell's
 * library has the like, but takes longer to load than all the others. */
int __wgetmainargs(int *n, wchar_t ***arguments, wchar_t ***environment,
    int with_wildcards, int *new_mode);

/* What the console had, for the programs that come after this one. */
static UINT output_was, input_was;

void
streams_open(void)
{
	FILE *const streams[] = {stdin, stdout, stderr};
	size_t i;

	/* Of a program without a console they lead nowhere. */
	for (i = 0; i < 3; i++) {
		if (_fileno(streams[i]) < 0)
			(void)freopen("NUL", i == 0 ? "rb" : "wb", streams[i]);
		(void)_setmode(_fileno(streams[i]), _O_BINARY);
	}
	output_was = GetConsoleOutputCP();
	input_was = GetConsoleCP();
	(void)SetConsoleOutputCP(CP_UTF8);
	(void)SetConsoleCP(CP_UTF8);
}

char **
streams_arguments(int *argc, char **argv)
{
	int n = 0, i, new_mode = 0;
	wchar_t **wide = NULL, **environment = NULL;
	char **out;

	if (__wgetmainargs(&n, &wide, &environment, 0, &new_mode) != 0 ||
	    wide == NULL || (out = calloc((size_t)n + 1, sizeof(*out))) == NULL)
		return argv;
	/* They stay as long as the program. */
	for (i = 0; i < n; i++)
		if ((out[i] = wide_text(wide[i])) == NULL)
			return argv;
	*argc = n;
	return out;
}

static bool
look(FILE *out, CONSOLE_SCREEN_BUFFER_INFO *info)
{
	intptr_t handle = _get_osfhandle(_fileno(out));

	return handle != -1 &&
	    GetConsoleScreenBufferInfo((HANDLE)handle, info) != 0;
}

unsigned
streams_columns(FILE *out)
{
	CONSOLE_SCREEN_BUFFER_INFO info;

	return look(out, &info)
	    ? (unsigned)(info.srWindow.Right - info.srWindow.Left + 1)
	    : 0;
}

/* A console has to be asked for the sequences that terminals know. */
bool
streams_can_redraw(FILE *out)
{
	HANDLE console = (HANDLE)_get_osfhandle(_fileno(out));
	DWORD mode;

	return GetConsoleMode(console, &mode) != 0 &&
	    ((mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0 ||
		SetConsoleMode(
		    console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0);
}

int
streams_flush(void)
{
	int lost;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	lost = errno != 0 ? errno : EIO;
	/* A pipe that nobody reads any more. */
	if (GetLastError() == ERROR_NO_DATA ||
	    GetLastError() == ERROR_BROKEN_PIPE || lost == EINVAL)
		lost = EPIPE;
	(void)freopen("NUL", "wb", stdout);
	return lost;
}

void
streams_bound(void)
{
}

void
streams_unbound(void)
{
}

FILE *
streams_create(const char *path, int wait_ms)
{
	(void)wait_ms;
	return fopen(path, "wbe");
}

int
streams_end(int status)
{
	if (output_was != 0) {
		(void)SetConsoleOutputCP(output_was);
		(void)SetConsoleCP(input_was);
	}
	(void)fflush(stderr);
	(void)TerminateProcess(GetCurrentProcess(), (UINT)status);
	return status;
}
