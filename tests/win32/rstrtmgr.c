/*
 * A Restart Manager for wine, whose own tells nothing: who has a file that is
 * called held.dll is always the same.  Tests put it in the place of wine's.
 */
#include <windows.h>

#include <restartmanager.h>
#include <string.h>

static WCHAR asked[1024];

DWORD WINAPI
RmStartSession(DWORD *session, DWORD flags, WCHAR *key)
{
	(void)flags;
	*session = 7;
	key[0] = L'\0';
	return ERROR_SUCCESS;
}

DWORD WINAPI
RmRegisterResources(DWORD session, UINT n, LPCWSTR *paths, UINT programs_n,
    RM_UNIQUE_PROCESS *programs, UINT services_n, LPCWSTR *services)
{
	(void)programs_n;
	(void)programs;
	(void)services_n;
	(void)services;
	if (session != 7 || n != 1 || wcslen(paths[0]) >= 1024)
		return ERROR_INVALID_PARAMETER;
	(void)wcscpy(asked, paths[0]);
	return ERROR_SUCCESS;
}

DWORD WINAPI
RmGetList(
    DWORD session, UINT *needed, UINT *n, RM_PROCESS_INFO *info, DWORD *reasons)
{
	const WCHAR *name = wcsrchr(asked, L'\\');

	(void)session;
	*reasons = RmRebootReasonNone;
	*needed = 1;
	if (*n < 1)
		return ERROR_MORE_DATA;
	*n = 0;
	/* Nobody has what is not asked for as people write it. */
	if (asked[1] != L':' || name == NULL || _wcsicmp(name, L"\\held.dll"))
		return ERROR_SUCCESS;
	memset(info, 0, sizeof(*info));
	info->Process.dwProcessId = 42;
	(void)wcscpy(info->strAppName, L"Planilha \x00e7");
	*n = 1;
	return ERROR_SUCCESS;
}

DWORD WINAPI
RmEndSession(DWORD session)
{
	return session == 7 ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
}
