/*
 * Stands between the file system and NT when it asks what a file is: see
 * reparse.h.
 */
#include "tests/win32/reparse.h"

#include "engine/base/fs_win32_internal.h"

#include <string.h>

static uint64_t pretended_id;
static uint32_t pretended_tag;

void
reparse_pretend(uint64_t id, uint32_t tag)
{
	pretended_id = id;
	pretended_tag = tag;
}

typedef NTSTATUS NTAPI query_fn(
    HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS);

static NTSTATUS
ask(HANDLE h, void *p, ULONG n, enum nt_class class)
{
	FARPROC found = GetProcAddress(
	    GetModuleHandleW(L"ntdll"), "NtQueryInformationFile");
	IO_STATUS_BLOCK io;
	query_fn *real;

	memcpy(&real, &found, sizeof(real));
	return real(h, &io, p, n, (FILE_INFORMATION_CLASS) class);
}

NTSTATUS NTAPI
NtQueryInformationFile(
    HANDLE h, PIO_STATUS_BLOCK io, PVOID p, ULONG n, FILE_INFORMATION_CLASS c)
{
	FILE_INTERNAL_INFORMATION id;
	FILE_ATTRIBUTE_TAG_INFO *tag = p;
	FILE_BASIC_INFO *basic = p;
	int class = (int)c;
	NTSTATUS s = ask(h, p, n, (enum nt_class) class);

	memset(io, 0, sizeof(*io));
	if (pretended_id == 0 ||
	    !NT_SUCCESS(ask(h, &id, sizeof(id), NT_INTERNAL)) ||
	    (uint64_t)id.IndexNumber.QuadPart != pretended_id)
		return s;
	if (class == NT_BASIC)
		basic->FileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
	if (class != NT_TAG)
		return s;
	tag->FileAttributes = FILE_ATTRIBUTE_REPARSE_POINT;
	tag->ReparseTag = pretended_tag;
	return STATUS_SUCCESS;
}
