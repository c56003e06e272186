/*
 * What NT tells of a name without opening it, from Windows 10 1703 on.  A
 * folder's listing would tell most of it of many at once, but NTFS notes there
 * what a file is when it is closed, under the name that it was opened by: old
 * of what is being written or has other names, and of what was open when the
 * power went.  Below fs_win32_name.c.
 */
#include "engine/base/fs_win32_internal.h"

#include <assert.h>
#include <string.h>

#ifndef OBJ_DONT_REPARSE
#define OBJ_DONT_REPARSE 0x1000
#endif

typedef NTSTATUS NTAPI by_name_fn(const OBJECT_ATTRIBUTES *, PIO_STATUS_BLOCK,
    PVOID, ULONG, FILE_INFORMATION_CLASS);

NTSTATUS
nt_by_name(int dir, const struct nt_name *name, struct nt_stat *out)
{
	FARPROC found = GetProcAddress(
	    GetModuleHandleW(L"ntdll.dll"), "NtQueryInformationByName");
	UNICODE_STRING u = name->u;
	OBJECT_ATTRIBUTES what;
	IO_STATUS_BLOCK io;
	by_name_fn *ask;
	NTSTATUS s;

	assert(wcschr(name->w, L'\\') == NULL);
	if (found == NULL)
		return STATUS_NOT_IMPLEMENTED;
	memcpy(&ask, &found, sizeof(ask));
	InitializeObjectAttributes(&what, &u,
	    OBJ_CASE_INSENSITIVE | OBJ_DONT_REPARSE, nt_handle(dir), NULL);
	s = ask(&what, &io, out, sizeof(*out), (FILE_INFORMATION_CLASS)NT_STAT);
	return NT_SUCCESS(s) &&
		(out->attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0
	    ? STATUS_NOT_SUPPORTED
	    : s;
}
