/*
 * Running the health check on Windows: by cmd.exe, in a job that ends all it
 * started.
 */
#include "cli/health.h"

#include "cli/signals.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/wide_win32.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 20, LINE_UNITS = HEALTH_COMMAND_MAX + WIDE_PATH + 64 };

/* A check that runs. */
struct running {
	HANDLE job;
	PROCESS_INFORMATION made;
};

/* Whoever ends the job ends all processes in it. */
static HANDLE
make_job(void)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
	HANDLE job = CreateJobObjectW(NULL, NULL);

	memset(&limits, 0, sizeof(limits));
	limits.BasicLimitInformation.LimitFlags =
	    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	if (job != NULL)
		(void)SetInformationJobObject(job,
		    JobObjectExtendedLimitInformation, &limits, sizeof(limits));
	return job;
}

/* It reads nothing, and says all to standard error. */
static bool
begin(struct running *r, wchar_t *line, const wchar_t *folder)
{
	SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
	STARTUPINFOW how = {.cb = sizeof(how)};
	BOOL ok;

	how.dwFlags = STARTF_USESTDHANDLES;
	how.hStdInput = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ,
	    &inherited, OPEN_EXISTING, 0, NULL);
	how.hStdOutput = how.hStdError = GetStdHandle(STD_ERROR_HANDLE);
	/* It waits until it is in the job. */
	ok = CreateProcessW(NULL, line, NULL, NULL, TRUE,
	    CREATE_SUSPENDED | CREATE_NO_WINDOW, NULL, folder, &how, &r->made);
	(void)CloseHandle(how.hStdInput);
	if (!ok)
		return false;
	(void)AssignProcessToJobObject(r->job, r->made.hProcess);
	(void)ResumeThread(r->made.hThread);
	return true;
}

/* cmd.exe works in no folder of a share: it makes itself a drive of it. */
static const wchar_t *
place(wchar_t line[LINE_UNITS], wchar_t *folder)
{
	wchar_t *p;

	for (p = folder; *p != L'\0'; p++)
		if (*p == L'/')
			*p = L'\\';
	p = wide_plain(folder);
	if (wcsncmp(p, L"\\\\", 2) != 0)
		return p;
	(void)wcscat(line, L"pushd \"");
	(void)wcscat(line, p);
	(void)wcscat(line, L"\" && ");
	return NULL;
}

static int
start(const struct health *h, const char *folder, struct running *r,
    struct err *e)
{
	wchar_t line[LINE_UNITS] = L"cmd.exe /d /s /c \"";
	wchar_t command[HEALTH_COMMAND_MAX], wide[WIDE_PATH];
	const wchar_t *where;

	memset(r, 0, sizeof(*r));
	if (strlen(h->command) >= HEALTH_COMMAND_MAX ||
	    wide_of(h->command, command, HEALTH_COMMAND_MAX) < 0)
		return err_set(e, ERP_USAGE, "the health check is too long");
	if (wide_of(folder, wide, WIDE_PATH) < 0)
		return err_sys(e, EINVAL, "start", h->command);
	where = place(line, wide);
	(void)wcscat(line, command);
	(void)wcscat(line, L"\"");
	if ((r->job = make_job()) == NULL || !begin(r, line, where))
		return err_sys(
		    e, wide_errno(GetLastError()), "start", h->command);
	return 0;
}

/* Has it ended, and well?  1: it still runs. */
static int
look(const struct running *r, const struct health *h, struct err *e)
{
	DWORD code = 1;

	if (WaitForSingleObject(r->made.hProcess, LOOK_MS) == WAIT_TIMEOUT)
		return 1;
	if (!GetExitCodeProcess(r->made.hProcess, &code))
		return err_sys(
		    e, wide_errno(GetLastError()), "wait for", h->command);
	if (code == 0)
		return 0;
	return err_set(e, ERP_HEALTH,
	    "the health check ended with exit code %d", (int)code);
}

int
health_run(const struct health *h, const char *folder, struct err *e)
{
	const struct clock *c = clock_real();
	struct running r;
	int rc = start(h, folder, &r, e);
	uint64_t until = clock_ms(c) + h->timeout_ms;

	if (rc == 0)
		while ((rc = look(&r, h, e)) == 1) {
			if (signals_caught() != 0) {
				rc = err_set(e, ERP_CANCELLED, "interrupted");
				break;
			}
			if (clock_ms(c) >= until) {
				rc = err_set(e, ERP_HEALTH,
				    "the health check did not end within %u s",
				    (unsigned)(h->timeout_ms / 1000));
				break;
			}
		}
	if (r.made.hProcess != NULL) {
		(void)CloseHandle(r.made.hThread);
		(void)CloseHandle(r.made.hProcess);
	}
	if (r.job != NULL)
		(void)CloseHandle(r.job);
	return rc;
}
