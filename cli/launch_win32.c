/*
 * The last step of `run` on Windows: no program can take the place of another
 * there, so it is started, waited for, and its exit code handed on.
 */
#include "cli/launch.h"

#include "cli/process_win32.h"
#include "cli/signals.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "engine/base/wide_win32.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE_UNITS = 32767 /* no system takes more */ };

/* What is run by the shell would take arguments apart once more. */
static bool
is_script(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
	    (strcasecmp(dot, ".bat") == 0 || strcasecmp(dot, ".cmd") == 0);
}

static int
refuse(struct said *said, enum lang lang, const char *program, DWORD error)
{
	char detail[LAUNCH_DETAIL_MAX];
	struct advice advice = {NULL, NULL};
	struct err e;

	text_escape(detail, sizeof(detail), program);
	if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
		advice = (struct advice){RUN101, DO101};
	else if (error == ERROR_EXE_MACHINE_TYPE_MISMATCH)
		advice = (struct advice){RUN104, DO104};
	else if (error == ERROR_BAD_EXE_FORMAT)
		advice = (struct advice){RUN106, DO106};
	if (advice.what != NULL) {
		said_advice(said, lang, NULL, advice, detail);
		return EXIT_FILE_IO;
	}
	(void)err_sys(&e, wide_errno(error), "start", program);
	said_failure(said, lang, NULL, &e);
	return failure_exit(e.code);
}

int
launch(char **argv, enum lang lang, struct said *said)
{
	wchar_t *line = malloc(LINE_UNITS * sizeof(*line));
	STARTUPINFOW how = {.cb = sizeof(how)};
	PROCESS_INFORMATION made;
	DWORD code = EXIT_FILE_IO, error = 0;
	char *p;

	for (p = argv[0]; *p != '\0'; p++)
		if (*p == '/')
			*p = '\\';
	if (line == NULL)
		error = ERROR_OUTOFMEMORY;
	else if (is_script(argv[0]))
		error = ERROR_BAD_EXE_FORMAT;
	else if (!process_line(line, LINE_UNITS, argv))
		error = ERROR_FILENAME_EXCED_RANGE;
	else if (!CreateProcessW(
		     NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &how, &made))
		error = GetLastError();
	free(line);
	if (error != 0)
		return refuse(said, lang, argv[0], error);
	(void)CloseHandle(made.hThread);
	(void)WaitForSingleObject(made.hProcess, INFINITE);
	(void)GetExitCodeProcess(made.hProcess, &code);
	(void)CloseHandle(made.hProcess);
	return (int)code;
}
