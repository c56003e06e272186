/*
 * NT's way of opening a name, and its errors.  Below fs_win32.c and
 * fs_win32_name.c.
 */
#include "engine/base/fs_win32_internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#ifndef OBJ_DONT_REPARSE
#define OBJ_DONT_REPARSE 0x1000
#endif

/* About a second in all. */
enum { FIRST_WAIT_MS = 10, LONGEST_WAIT_MS = 640 };

int
nt_fault(NTSTATUS status)
{
	static const struct {
		ULONG status;
		int sys;
	} table[] = {
	    {0xC0000034, ENOENT}, /* OBJECT_NAME_NOT_FOUND */
	    {0xC000003A, ENOENT}, /* OBJECT_PATH_NOT_FOUND */
	    {0xC000000F, ENOENT}, /* NO_SUCH_FILE */
	    {0xC0000033, EINVAL}, /* OBJECT_NAME_INVALID */
	    {0xC000003B, EINVAL}, /* OBJECT_PATH_SYNTAX_BAD */
	    {0xC000000D, EINVAL}, /* INVALID_PARAMETER */
	    {0xC0000035, EEXIST}, /* OBJECT_NAME_COLLISION */
	    {0xC0000103, ENOTDIR}, /* NOT_A_DIRECTORY */
	    {0xC00000BA, EISDIR}, /* FILE_IS_A_DIRECTORY */
	    {0xC0000101, ENOTEMPTY}, /* DIRECTORY_NOT_EMPTY */
	    {0xC0000022, EACCES}, /* ACCESS_DENIED */
	    {0xC0000121, EACCES}, /* CANNOT_DELETE */
	    {0xC0000061, EPERM}, /* PRIVILEGE_NOT_HELD */
	    {0xC0000043, EBUSY}, /* SHARING_VIOLATION */
	    {0xC0000056, EBUSY}, /* DELETE_PENDING */
	    {0xC0000054, EAGAIN}, /* FILE_LOCK_CONFLICT */
	    {0xC0000055, EAGAIN}, /* LOCK_NOT_GRANTED */
	    {0xC000007F, ENOSPC}, /* DISK_FULL */
	    {0xC0000044, EDQUOT}, /* QUOTA_EXCEEDED */
	    {0xC00000A2, EROFS}, /* MEDIA_WRITE_PROTECTED */
	    {0xC0000106, ENAMETOOLONG}, /* NAME_TOO_LONG */
	    {0xC000050B, ELOOP}, /* REPARSE_POINT_ENCOUNTERED */
	    {0xC00000D4, EXDEV}, /* NOT_SAME_DEVICE */
	    {0xC0000265, EMLINK}, /* TOO_MANY_LINKS */
	    {0xC0000017, ENOMEM}, /* NO_MEMORY */
	    {0xC000009A, ENOMEM}, /* INSUFFICIENT_RESOURCES */
	    {0xC000011F, EMFILE}, /* TOO_MANY_OPENED_FILES */
	    {0xC0000008, EBADF}, /* INVALID_HANDLE */
	    {0xC0000002, EOPNOTSUPP}, /* NOT_IMPLEMENTED */
	    {0xC0000003, EOPNOTSUPP}, /* INVALID_INFO_CLASS */
	    {0xC0000010, EOPNOTSUPP}, /* INVALID_DEVICE_REQUEST */
	    {0xC00000BB, EOPNOTSUPP}, /* NOT_SUPPORTED */
	};
	size_t i;

	assert(!NT_SUCCESS(status));
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == (ULONG)status)
			return -table[i].sys;
	return -EIO;
}

bool
nt_is_unknown(NTSTATUS status)
{
	int rc = NT_SUCCESS(status) ? 0 : nt_fault(status);

	return rc == -EOPNOTSUPP || rc == -EINVAL;
}

/* NT has no folder ".": leave such components out of n units.  How many are
 * left; slashes are the system's. */
static int
drop_dots(wchar_t *w, int n)
{
	int from, to = 0, len;

	for (from = 0; from < n; from += len + 1) {
		for (len = 0; from + len < n && w[from + len] != L'/';)
			len++;
		if (len == 0 || (len == 1 && w[from] == L'.'))
			continue;
		if (to > 0)
			w[to++] = L'\\';
		memmove(w + to, w + from, (size_t)len * sizeof(*w));
		to += len;
	}
	return to;
}

int
nt_name(const char *path, struct nt_name *out)
{
	int n;

	/* A colon would name a stream of a file, a backslash a folder. */
	if (strpbrk(path, ":\\") != NULL)
		return -EINVAL;
	if (path[0] == '/')
		return -EXDEV;
	if (strlen(path) >= FS_PATH_BYTES)
		return -ENAMETOOLONG;
	if ((n = wide_of(path, out->w, FS_PATH_BYTES)) < 0)
		return -EILSEQ;
	n = drop_dots(out->w, n);
	out->w[n] = L'\0';
	out->u.Buffer = out->w;
	out->u.Length = (USHORT)((size_t)n * sizeof(wchar_t));
	out->u.MaximumLength = out->u.Length;
	return 0;
}

/* How a name is opened, as NtCreateFile has it; attributes are those beside
 * what is always so. */
struct opening {
	ACCESS_MASK access;
	ULONG how, options, attributes;
};

static NTSTATUS
create_once(
    int dir, const UNICODE_STRING *name, const struct opening *o, HANDLE *out)
{
	ULONG as_such =
	    (o->options & NT_THROUGH) != 0 ? 0 : FILE_OPEN_REPARSE_POINT;
	UNICODE_STRING u = *name;
	PSECURITY_DESCRIPTOR sd = NULL;
	OBJECT_ATTRIBUTES what;
	struct sid_only only;
	IO_STATUS_BLOCK io;

	if ((o->options & NT_CLOSED) != 0 &&
	    (sd = sid_only_ours(&only)) == NULL)
		return STATUS_ACCESS_DENIED;
	InitializeObjectAttributes(&what, &u,
	    OBJ_CASE_INSENSITIVE | o->attributes, nt_handle(dir), sd);
	return NtCreateFile(out, o->access | SYNCHRONIZE, &what, &io, NULL,
	    FILE_ATTRIBUTE_NORMAL,
	    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, o->how,
	    (o->options & ~(ULONG)(NT_THROUGH | NT_CLOSED)) |
		FILE_SYNCHRONOUS_IO_NONALERT | as_such,
	    NULL, 0);
}

/* A virus scanner or an indexer lets a file go in a moment. */
static NTSTATUS
create(
    int dir, const UNICODE_STRING *name, const struct opening *o, HANDLE *out)
{
	DWORD wait = FIRST_WAIT_MS;
	NTSTATUS s;

	while (
	    (s = create_once(dir, name, o, out)) == STATUS_SHARING_VIOLATION &&
	    wait <= LONGEST_WAIT_MS) {
		Sleep(wait);
		wait *= 2;
	}
	return s;
}

/* Of the last component only the name itself is opened: no link is followed
 * there. */
static const wchar_t *
last_slash(const struct nt_name *name)
{
	size_t n = name->u.Length / sizeof(wchar_t);

	while (n > 0 && name->w[n - 1] != L'\\')
		n--;
	return n == 0 ? NULL : name->w + n - 1;
}

/* The folder of one component, which must be no link. */
static NTSTATUS
enter(int dir, const wchar_t *w, size_t n, HANDLE *out)
{
	static const struct opening o = {FILE_TRAVERSE | FILE_READ_ATTRIBUTES,
	    FILE_OPEN, FILE_DIRECTORY_FILE, 0};
	wchar_t part[FS_PATH_BYTES];
	UNICODE_STRING u = {
	    (USHORT)(n * sizeof(*w)), (USHORT)(n * sizeof(*w)), part};
	NTSTATUS s;

	memcpy(part, w, n * sizeof(*w));
	s = create(dir, &u, &o, out);
	if (!NT_SUCCESS(s))
		return s;
	if (!nt_is_link(*out, nt_attributes(*out)))
		return s;
	(void)CloseHandle(*out);
	return (NTSTATUS)0xC000050B; /* REPARSE_POINT_ENCOUNTERED */
}

NTSTATUS
nt_open_walking(int dir, const struct nt_name *name, ACCESS_MASK access,
    ULONG how, ULONG options, HANDLE *out)
{
	const struct opening o = {access, how, options, 0};
	const wchar_t *at = name->w, *last = last_slash(name), *end;
	HANDLE above = NULL, next;
	UNICODE_STRING rest;
	NTSTATUS s = 0;

	while (last != NULL && at <= last && NT_SUCCESS(s)) {
		end = wcschr(at, L'\\');
		assert(end != NULL);
		s = enter(above != NULL ? nt_fd(above) : dir, at,
		    (size_t)(end - at), &next);
		if (above != NULL)
			(void)CloseHandle(above);
		above = NT_SUCCESS(s) ? next : NULL;
		at = end + 1;
	}
	if (!NT_SUCCESS(s))
		return s;
	rest.Buffer = name->u.Buffer + (at - name->w);
	rest.Length = (USHORT)(wcslen(at) * sizeof(*at));
	rest.MaximumLength = rest.Length;
	s = create(above != NULL ? nt_fd(above) : dir, &rest, &o, out);
	if (above != NULL)
		(void)CloseHandle(above);
	return s;
}

NTSTATUS
nt_open(int dir, const struct nt_name *name, ACCESS_MASK access, ULONG how,
    ULONG options, HANDLE *out)
{
	const struct opening o = {access, how, options,
	    last_slash(name) != NULL ? OBJ_DONT_REPARSE : 0};
	NTSTATUS s = create(dir, &name->u, &o, out);

	/* What nt_name has let through is refused for this only. */
	if (s == STATUS_INVALID_PARAMETER && o.attributes != 0)
		s = nt_open_walking(dir, name, access, how, options, out);
	return s;
}

int
nt_text(const wchar_t *w, size_t n, char *out, size_t cap)
{
	size_t used = 0, i;
	uint32_t c;

	for (i = 0; i < n; i++) {
		c = w[i];
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < n &&
		    w[i + 1] >= 0xdc00 && w[i + 1] < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (w[++i] - 0xdc00u);
		if (used + 5 > cap)
			return -1;
		if (c < 0x80) {
			out[used++] = (char)c;
			continue;
		}
		if (c >= 0x10000)
			out[used++] = (char)(0xf0 | c >> 18);
		if (c >= 0x800)
			out[used++] =
			    (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 0x3f)
						: 0xe0 | c >> 12);
		out[used++] =
		    (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6);
		out[used++] = (char)(0x80 | (c & 0x3f));
	}
	out[used] = '\0';
	return (int)used;
}

NTSTATUS
nt_facts(HANDLE handle, struct nt_facts *out)
{
	const struct {
		void *p;
		ULONG n;
		enum nt_class class;
	} parts[] = {{&out->basic, sizeof(out->basic), NT_BASIC},
	    {&out->standard, sizeof(out->standard), NT_STANDARD},
	    {&out->id, sizeof(out->id), NT_INTERNAL}};
	IO_STATUS_BLOCK io;
	NTSTATUS s = 0;
	size_t i;

	for (i = 0; i < 3 && NT_SUCCESS(s); i++)
		s = NtQueryInformationFile(handle, &io, parts[i].p, parts[i].n,
		    (FILE_INFORMATION_CLASS)parts[i].class);
	return s;
}

DWORD
nt_attributes(HANDLE handle)
{
	FILE_BASIC_INFO b;
	IO_STATUS_BLOCK io;

	return NT_SUCCESS(NtQueryInformationFile(handle, &io, &b, sizeof(b),
		   (FILE_INFORMATION_CLASS)NT_BASIC))
	    ? b.FileAttributes
	    : INVALID_FILE_ATTRIBUTES;
}

bool
nt_is_link(HANDLE handle, DWORD attributes)
{
	FILE_ATTRIBUTE_TAG_INFO t;
	IO_STATUS_BLOCK io;

	return (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
	    (!NT_SUCCESS(NtQueryInformationFile(
		 handle, &io, &t, sizeof(t), (FILE_INFORMATION_CLASS)NT_TAG)) ||
		IsReparseTagNameSurrogate(t.ReparseTag));
}

NTSTATUS
nt_set_attribute(HANDLE handle, DWORD attribute, bool on)
{
	FILE_BASIC_INFO b;
	IO_STATUS_BLOCK io;
	DWORD was = nt_attributes(handle);

	if (was == INVALID_FILE_ATTRIBUTES)
		return STATUS_ACCESS_DENIED;
	if (((was & attribute) != 0) == on)
		return STATUS_SUCCESS;
	/* A zero leaves what it is for: all times, and all attributes too. */
	memset(&b, 0, sizeof(b));
	b.FileAttributes = on ? was | attribute : was & ~attribute;
	if (b.FileAttributes == 0)
		b.FileAttributes = FILE_ATTRIBUTE_NORMAL;
	return NtSetInformationFile(
	    handle, &io, &b, sizeof(b), (FILE_INFORMATION_CLASS)NT_BASIC);
}
