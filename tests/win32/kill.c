/*
 * Linked into erpsync.exe it makes erpsync-killed.exe, which ends without a
 * word in front of its change number KILL_AT of the disk, as a power button
 * would end it but for the disk's own memory.  With KILL_BY=close the console
 * is closed there, with KILL_BY=parent who started it ends, and all in his job
 * with him (unit.exe --job).  With KILL_COUNT it writes into that file how many
 * changes there were.
 *
 * Calls into other libraries go through names and pointers that are ours here.
 */
#include "cli/signals.h"

#include <windows.h>

#include <winternl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENDED = 99 };

static long changes;

/* At the end of the program. */
static void
tell(void)
{
	const wchar_t *path = _wgetenv(L"KILL_COUNT");
	FILE *out = path != NULL ? _wfopen(path, L"wb") : NULL;

	if (out == NULL)
		return;
	fprintf(out, "%ld\n", changes);
	(void)fclose(out);
}

typedef void any_fn(void);

static any_fn *
real(const wchar_t *library, const char *name)
{
	return (any_fn *)GetProcAddress(GetModuleHandleW(library), name);
}

/* As Windows does it: a thread of its own in the program, which goes on until
 * it has seen it. */
static void
close_console(void)
{
	(void)CreateThread(NULL, 0,
	    (LPTHREAD_START_ROUTINE)real(L"kernelbase", "CtrlRoutine"),
	    (void *)CTRL_CLOSE_EVENT, 0, NULL);
	while (signals_caught() == 0)
		Sleep(1);
}

/* His job is closed when he has gone, and nobody lets us go on. */
static void
end_parent(void)
{
	PROCESS_BASIC_INFORMATION i;
	HANDLE parent = NULL;

	if (NT_SUCCESS(NtQueryInformationProcess(GetCurrentProcess(),
		ProcessBasicInformation, &i, sizeof(i), NULL)))
		parent = OpenProcess(PROCESS_TERMINATE, FALSE,
		    (DWORD)i.InheritedFromUniqueProcessId);
	(void)TerminateProcess(parent, ENDED);
	Sleep(INFINITE);
}

static void
end(void)
{
	const char *by = getenv("KILL_BY");

	if (by != NULL && strcmp(by, "close") == 0)
		close_console();
	else if (by != NULL && strcmp(by, "parent") == 0)
		end_parent();
	else
		(void)TerminateProcess(GetCurrentProcess(), ENDED);
}

static void
change(void)
{
	static long at = -1;

	if (at < 0)
		at = getenv("KILL_AT") == NULL ? 0 : atol(getenv("KILL_AT"));
	if (++changes == at)
		end();
}

typedef BOOL WINAPI terminate_fn(HANDLE, UINT);

/* The program's own end is by this call, too. */
static BOOL WINAPI
terminate(HANDLE h, UINT code)
{
	if (h == GetCurrentProcess() && code != ENDED)
		tell();
	return ((terminate_fn *)real(L"kernel32", "TerminateProcess"))(h, code);
}

terminate_fn *__imp_TerminateProcess = terminate;

typedef NTSTATUS NTAPI set_fn(
    HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS);

NTSTATUS NTAPI
NtSetInformationFile(
    HANDLE h, PIO_STATUS_BLOCK io, PVOID p, ULONG n, FILE_INFORMATION_CLASS c)
{
	change();
	return ((set_fn *)real(L"ntdll", "NtSetInformationFile"))(
	    h, io, p, n, c);
}

typedef NTSTATUS NTAPI create_fn(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES,
    PIO_STATUS_BLOCK, PLARGE_INTEGER, ULONG, ULONG, ULONG, ULONG, PVOID, ULONG);

NTSTATUS NTAPI
NtCreateFile(PHANDLE h, ACCESS_MASK access, POBJECT_ATTRIBUTES what,
    PIO_STATUS_BLOCK io, PLARGE_INTEGER size, ULONG attributes, ULONG share,
    ULONG how, ULONG options, PVOID ea, ULONG ea_len)
{
	if (how != FILE_OPEN)
		change();
	return ((create_fn *)real(L"ntdll", "NtCreateFile"))(h, access, what,
	    io, size, attributes, share, how, options, ea, ea_len);
}

typedef BOOL WINAPI write_fn(HANDLE, LPCVOID, DWORD, LPDWORD, LPOVERLAPPED);

static BOOL WINAPI
write_file(HANDLE h, LPCVOID p, DWORD n, LPDWORD done, LPOVERLAPPED at)
{
	/* Only files are written at a place. */
	if (at != NULL)
		change();
	return ((write_fn *)real(L"kernel32", "WriteFile"))(h, p, n, done, at);
}

write_fn *__imp_WriteFile = write_file;

typedef NTSTATUS NTAPI flush_fn(HANDLE, PIO_STATUS_BLOCK);

NTSTATUS NTAPI NtFlushBuffersFile(HANDLE, PIO_STATUS_BLOCK);

NTSTATUS NTAPI
NtFlushBuffersFile(HANDLE h, PIO_STATUS_BLOCK io)
{
	change();
	return ((flush_fn *)real(L"ntdll", "NtFlushBuffersFile"))(h, io);
}
