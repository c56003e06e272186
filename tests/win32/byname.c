/*
 * Stands between the file system and the loader when it asks for the call: see
 * byname.h.
 */
#include "tests/win32/byname.h"

#include "engine/base/fs_win32_internal.h"
#include "tests/win32/unit.h"

#include <string.h>

typedef FARPROC WINAPI get_fn(HMODULE, LPCSTR);

NTSTATUS NTAPI LdrGetProcedureAddress(
    HMODULE, const ANSI_STRING *, ULONG, void **);
extern get_fn *__imp_GetProcAddress;

static bool is_there;
static unsigned asked;

/* As NTFS does it: no reparse point is looked through, nor is it told of who
 * wants none on the way. */
static NTSTATUS NTAPI
by_name(const OBJECT_ATTRIBUTES *what, PIO_STATUS_BLOCK io, PVOID p, ULONG n,
    FILE_INFORMATION_CLASS class)
{
	OBJECT_ATTRIBUTES as = *what;
	struct nt_stat *out = p;
	struct nt_facts i;
	NTSTATUS s;
	HANDLE h;

	asked++;
	EXPECT_EQ(n, 72);
	EXPECT_EQ(class, 68);
	EXPECT_EQ(what->Attributes, OBJ_CASE_INSENSITIVE | 0x1000);
	as.Attributes = OBJ_CASE_INSENSITIVE;
	s = NtOpenFile(&h, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &as, io,
	    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	    FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_REPARSE_POINT);
	if (!NT_SUCCESS(s))
		return s;
	s = nt_facts(h, &i);
	(void)CloseHandle(h);
	memset(out, 0, sizeof(*out));
	out->id = i.id;
	out->written = i.basic.LastWriteTime;
	out->end = i.standard.EndOfFile;
	out->attributes = i.basic.FileAttributes;
	out->links = i.standard.NumberOfLinks;
	return (out->attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0
	    ? (NTSTATUS)0xC000050B
	    : s;
}

static FARPROC WINAPI
get(HMODULE module, LPCSTR name)
{
	NTSTATUS(NTAPI * ours)
	(const OBJECT_ATTRIBUTES *, PIO_STATUS_BLOCK, PVOID, ULONG,
	    FILE_INFORMATION_CLASS) = by_name;
	bool is_number = (uintptr_t)name <= 0xffff;
	ANSI_STRING text = {0, 0, NULL};
	FARPROC found = NULL;
	void *real = NULL;

	if (!is_number && is_there &&
	    strcmp(name, "NtQueryInformationByName") == 0) {
		memcpy(&found, &ours, sizeof(found));
		return found;
	}
	if (!is_number) {
		text.Buffer = (char *)(uintptr_t)name;
		text.Length = text.MaximumLength = (USHORT)strlen(name);
	}
	if (NT_SUCCESS(LdrGetProcedureAddress(module, is_number ? NULL : &text,
		is_number ? (ULONG)(uintptr_t)name : 0, &real)))
		memcpy(&found, &real, sizeof(found));
	return found;
}

get_fn *__imp_GetProcAddress = get;

unsigned
byname_pretend(bool on)
{
	unsigned n = asked;

	is_there = on;
	asked = 0;
	return n;
}
