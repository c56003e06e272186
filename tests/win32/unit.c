/*
 * The program of tests: runs those whose names begin with its argument, each
 * in a folder of its own below the current one.
 */
#include "tests/win32/unit.h"

#include "cli/process_win32.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "tests/win32/picture.h"
#include "tests/win32/press.h"

#include "engine/base/wide_win32.h"

#include <fcntl.h>
#include <io.h>
#include <shellapi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct test *tests;
static unsigned faults;
static char folder[64];

void
test_add(struct test *t)
{
	t->next = tests;
	tests = t;
}

bool
expect_at(long long got, long long wanted, const char *file, int line,
    const char *what)
{
	if (got == wanted)
		return true;
	printf("%s:%d: %s is %lld, not %lld\n", file, line, what, got, wanted);
	faults++;
	return false;
}

const char *
test_folder_path(void)
{
	return folder;
}

int
test_folder(void)
{
	static unsigned number;
	int here = fs_open_root(fs_real(), "."), dir;

	(void)snprintf(folder, sizeof(folder), "unit.%lu.%u",
	    GetCurrentProcessId(), number++);
	EXPECT_EQ(fs_mkdir(fs_real(), here, folder, 0755), 0);
	dir = fs_open_root(fs_real(), folder);
	EXPECT(dir > 0);
	(void)fs_close(fs_real(), here);
	return dir;
}

static void
forget_folder(void)
{
	int here = fs_open_root(fs_real(), ".");
	struct err e;

	if (folder[0] != '\0' && tree_remove(fs_real(), here, folder, &e) != 0)
		printf("%s stays: %s\n", folder, e.msg);
	folder[0] = '\0';
	(void)fs_close(fs_real(), here);
}

/* Each in a line, in UTF-8; 9, to be known again. */
static int
tell_arguments(void)
{
	int n = 0, i;
	LPWSTR *wide = CommandLineToArgvW(GetCommandLineW(), &n);
	char *text;

	(void)_setmode(_fileno(stdout), _O_BINARY);
	for (i = 2; i < n; i++) {
		text = wide_text(wide[i]);
		printf("<%s>\n", text);
		free(text);
	}
	return 9;
}

/* What others may do with a file that is held. */
static const struct {
	const char *how;
	DWORD share;
} holds[] = {
    {"--hold", 0},
    {"--hold-reading", FILE_SHARE_READ},
    {"--hold-writing", FILE_SHARE_READ | FILE_SHARE_WRITE},
    {"--hold-sharing", FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE},
};

/* Have a file open, a library loaded ("--load") or the desktop ("--desktop"),
 * for so long. */
static int
hold(const char *how, const char *path, const char *ms)
{
	bool held = false;
	size_t i;

	for (i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
		if (strcmp(how, holds[i].how) == 0)
			held = CreateFileA(path, GENERIC_READ, holds[i].share,
				   NULL, OPEN_EXISTING, 0,
				   NULL) != INVALID_HANDLE_VALUE;
	if (strcmp(how, "--load") == 0)
		held = LoadLibraryA(path) != NULL;
	if (strcmp(how, "--desktop") == 0)
		held = GetDesktopWindow() != NULL;
	puts(held ? "held" : "not held");
	(void)fflush(stdout);
	Sleep((DWORD)atoi(ms));
	return !held;
}

static bool
start(char *const argv[], DWORD flags, PROCESS_INFORMATION *made)
{
	STARTUPINFOW how = {.cb = sizeof(how)};
	wchar_t line[4 * WIDE_PATH];

	return process_line(line, 4 * WIDE_PATH, argv) &&
	    CreateProcessW(
		NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &how, made);
}

static int
wait_for(const PROCESS_INFORMATION *made)
{
	DWORD code = 1;

	(void)WaitForSingleObject(made->hProcess, INFINITE);
	(void)GetExitCodeProcess(made->hProcess, &code);
	return (int)code;
}

/* Start a program, and wait for it: whoever ends this one ends it as well. */
static int
run_in_job(char *const argv[])
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
	HANDLE job = CreateJobObjectW(NULL, NULL);
	PROCESS_INFORMATION made;

	memset(&limits, 0, sizeof(limits));
	limits.BasicLimitInformation.LimitFlags =
	    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	if (!SetInformationJobObject(job, JobObjectExtendedLimitInformation,
		&limits, sizeof(limits)) ||
	    !start(argv, CREATE_SUSPENDED, &made) ||
	    !AssignProcessToJobObject(job, made.hProcess))
		return 1;
	(void)ResumeThread(made.hThread);
	return wait_for(&made);
}

/* The same in a console of its own, as by a double click. */
static int
run_in_console(char *const argv[])
{
	PROCESS_INFORMATION made;

	return start(argv, CREATE_NEW_CONSOLE, &made) ? wait_for(&made) : 1;
}

/* How many programs are at its console, and 40. */
static int
tell_console(void)
{
	DWORD list[8];

	return 40 + (int)GetConsoleProcessList(list, 8);
}

int
main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	unsigned passed = 0, failed = 0, before;
	struct test *t;

	/* And the person in front of a window. */
	if (strcmp(only, "--press") == 0)
		return press_main(argc - 2, argv + 2);
	if (strcmp(only, "--picture") == 0)
		return picture_main(argc - 2, argv + 2);
	/* What a test starts to have a program that runs. */
	if (strcmp(only, "--sleep") == 0) {
		(void)puts("runs");
		(void)fflush(stdout);
		Sleep(10 * 60 * 1000);
		return 0;
	}
	if (strcmp(only, "--job") == 0)
		return run_in_job(argv + 2);
	if (strcmp(only, "--console") == 0)
		return run_in_console(argv + 2);
	if (strcmp(only, "--at-console") == 0)
		return tell_console();
	/* One that holds a file for so many milliseconds. */
	if (argc == 4)
		return hold(argv[1], argv[2], argv[3]);
	/* And one that tells how it was called. */
	if (strcmp(only, "--arguments") == 0)
		return tell_arguments();
	for (t = tests; t != NULL; t = t->next) {
		if (strncmp(t->name, only, strlen(only)) != 0)
			continue;
		before = faults;
		t->run();
		forget_folder();
		failed += faults > before;
		passed += faults == before;
		printf("%s %s\n", t->name, faults == before ? "ok" : "FAILED");
		(void)fflush(stdout);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
