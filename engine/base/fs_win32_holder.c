/*
 * Which program has a file open, as the Restart Manager of Windows tells it.
 * Its library is loaded when it is asked, since not every system has it.
 * Part of fs_win32.c.
 */
#include "engine/base/fs_win32_internal.h"

#include <restartmanager.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDERS_MAX = 8 };

struct manager {
	HMODULE library;
	DWORD(WINAPI *start)(DWORD *session, DWORD flags, WCHAR *key);
	DWORD(WINAPI *add)
	(DWORD session, UINT files, LPCWSTR *paths, UINT, RM_UNIQUE_PROCESS *,
	    UINT, LPCWSTR *);
	DWORD(WINAPI *list)
	(DWORD session, UINT *needed, UINT *n, RM_PROCESS_INFO *info,
	    DWORD *reasons);
	DWORD(WINAPI *end)(DWORD session);
};

/* A function of the library; memcpy since C has no other way from an object's
 * pointer. */
static bool
find(HMODULE library, const char *name, void *out)
{
	FARPROC p = GetProcAddress(library, name);

	memcpy(out, &p, sizeof(p));
	return p != NULL;
}

static bool
load(struct manager *m)
{
	m->library =
	    LoadLibraryExW(L"rstrtmgr.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	if (m->library == NULL)
		return false;
	if (find(m->library, "RmStartSession", &m->start) &&
	    find(m->library, "RmRegisterResources", &m->add) &&
	    find(m->library, "RmGetList", &m->list) &&
	    find(m->library, "RmEndSession", &m->end))
		return true;
	(void)FreeLibrary(m->library);
	return false;
}

/* The first of those who have it. */
static bool
ask(const struct manager *m, const wchar_t *path, RM_PROCESS_INFO *first)
{
	WCHAR key[CCH_RM_SESSION_KEY + 1] = L"";
	RM_PROCESS_INFO info[HOLDERS_MAX];
	UINT needed = 0, n = HOLDERS_MAX;
	DWORD session, reasons = RmRebootReasonNone;
	bool told;

	if (m->start(&session, 0, key) != ERROR_SUCCESS)
		return false;
	told = m->add(session, 1, &path, 0, NULL, 0, NULL) == ERROR_SUCCESS &&
	    m->list(session, &needed, &n, info, &reasons) == ERROR_SUCCESS &&
	    n > 0;
	if (told)
		*first = info[0];
	(void)m->end(session);
	return told;
}

/* The whole path. */
static bool
whole_path(int dir, const char *path, wchar_t out[WIDE_PATH])
{
	struct nt_name name;
	DWORD n = GetFinalPathNameByHandleW(nt_handle(dir), out, WIDE_PATH, 0);

	if (n == 0 || nt_name(path, &name) != 0 ||
	    n + name.u.Length / sizeof(wchar_t) + 2 > WIDE_PATH)
		return false;
	(void)wcscat(out, L"\\");
	(void)wcscat(out, name.w);
	return true;
}

size_t
fs_win32_holder(void *ctx, int dir, const char *path, char *out, size_t cap)
{
	wchar_t whole[WIDE_PATH];
	RM_PROCESS_INFO info;
	struct manager m;
	char *name = NULL;
	bool told;
	int n = 0;

	(void)ctx;
	if (!whole_path(dir, path, whole) || !load(&m))
		return 0;
	told = ask(&m, wide_plain(whole), &info);
	(void)FreeLibrary(m.library);
	if (told && (name = wide_text(info.strAppName)) != NULL &&
	    name[0] != '\0')
		n = snprintf(
		    out, cap, "%s (%lu)", name, info.Process.dwProcessId);
	free(name);
	return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}
