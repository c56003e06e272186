/*
 * The real file system behind the table of fs.h, as Windows has it; with
 * fs_win32_name.c and fs_win32_nt.c.  Only they change anything on disk.
 */
#include "engine/base/fs.h"

#include "engine/base/fs_win32_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

NTSTATUS NTAPI NtFlushBuffersFile(HANDLE, PIO_STATUS_BLOCK);

enum {
	PIECE_MAX = 1 << 30,
	/* To look at a folder, and to change it. */
	LOOK = FILE_LIST_DIRECTORY | FILE_TRAVERSE | FILE_READ_ATTRIBUTES |
	    READ_CONTROL,
	CHANGE = LOOK | FILE_ADD_FILE | FILE_WRITE_ATTRIBUTES,
	LOCK_AT = 0x40000000 /* in the upper half of an offset: behind all */
};

static int
win32_open_root(void *ctx, const char *path)
{
	static const DWORD wanted[] = {CHANGE, LOOK};
	wchar_t full[WIDE_PATH];
	HANDLE h = INVALID_HANDLE_VALUE;
	DWORD is;
	int rc = wide_full(path, full);
	size_t k;

	(void)ctx;
	if (rc != 0)
		return rc;
	for (k = 0; k < 2 && h == INVALID_HANDLE_VALUE; k++) {
		h = CreateFileW(full, wanted[k] | SYNCHRONIZE,
		    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
		    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
		if (h == INVALID_HANDLE_VALUE &&
		    GetLastError() != ERROR_ACCESS_DENIED)
			break;
	}
	if (h == INVALID_HANDLE_VALUE)
		return -wide_errno(GetLastError());
	is = nt_attributes(h);
	if (is != INVALID_FILE_ATTRIBUTES &&
	    (is & FILE_ATTRIBUTE_DIRECTORY) != 0)
		return nt_fd(h);
	(void)CloseHandle(h);
	return -ENOTDIR;
}

/*
 * What was opened as it lies on the disk, to be read and written: of a link or
 * junction only the name may be looked at, other reparse points are opened once
 * more, as what they are for all programs.
 */
static int
look_through(int dir, const struct nt_name *name, ACCESS_MASK access, HANDLE *h)
{
	DWORD is = nt_attributes(*h);
	struct nt_facts a, b;
	HANDLE as_such = *h;
	NTSTATUS s;
	int rc;

	if (is == INVALID_FILE_ATTRIBUTES || nt_is_link(*h, is)) {
		(void)CloseHandle(*h);
		return is == INVALID_FILE_ATTRIBUTES ? -EACCES : -ELOOP;
	}
	if ((is & FILE_ATTRIBUTE_REPARSE_POINT) == 0)
		return 0;
	s = nt_open(dir, name, access, FILE_OPEN, NT_THROUGH, h);
	rc = NT_SUCCESS(s) ? 0 : nt_fault(s);
	/* Not if it has become a link. */
	if (rc == 0 &&
	    (!NT_SUCCESS(nt_facts(as_such, &a)) ||
		!NT_SUCCESS(nt_facts(*h, &b)) ||
		a.id.QuadPart != b.id.QuadPart)) {
		(void)CloseHandle(*h);
		rc = -ELOOP;
	}
	(void)CloseHandle(as_such);
	return rc;
}

static int
win32_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	bool made = (flags & (FS_CREATE | FS_CREATE_OR_OPEN)) != 0;
	ACCESS_MASK access = FILE_GENERIC_READ, more = FILE_WRITE_ATTRIBUTES;
	ULONG how = FILE_OPEN, options = 0;
	struct nt_name n;
	NTSTATUS s;
	HANDLE h;
	int rc;

	(void)ctx;
	(void)mode; /* who may do what is inherited */
	if ((rc = nt_name(path, &n)) != 0)
		return rc;
	if (flags & FS_CREATE)
		how = FILE_CREATE;
	else if (flags & FS_CREATE_OR_OPEN)
		how = FILE_OPEN_IF;
	if (flags & FS_CLOSED)
		options |= NT_CLOSED;
	if (flags & FS_DIRECTORY) {
		options |= FILE_DIRECTORY_FILE;
		access = LOOK;
		more = CHANGE;
	} else if (made || (flags & FS_WRITE) != 0) {
		options |= FILE_NON_DIRECTORY_FILE;
		access |= FILE_GENERIC_WRITE;
	}
	/* Who reads may also set a time later, or flush what it has, if the
	 * system lets it. */
	s = nt_open(dir, &n, access | more, how, options, &h);
	if (s == STATUS_ACCESS_DENIED) {
		more = 0;
		s = nt_open(dir, &n, access, how, options, &h);
	}
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	rc = look_through(dir, &n, access | more, &h);
	if (rc == 0 && (flags & FS_MINE) != 0 && !acl_is_trusted(h)) {
		(void)CloseHandle(h);
		rc = -EACCES;
	}
	return rc != 0 ? rc : nt_fd(h);
}

static int
win32_close(void *ctx, int fd)
{
	(void)ctx;
	return CloseHandle(nt_handle(fd)) ? 0 : -wide_errno(GetLastError());
}

static OVERLAPPED
at_offset(uint64_t off)
{
	OVERLAPPED o;

	memset(&o, 0, sizeof(o));
	o.Offset = (DWORD)off;
	o.OffsetHigh = (DWORD)(off >> 32);
	return o;
}

static int64_t
win32_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	OVERLAPPED o = at_offset(off);
	DWORD got = 0;

	(void)ctx;
	if (ReadFile(nt_handle(fd), p, n > PIECE_MAX ? PIECE_MAX : (DWORD)n,
		&got, &o))
		return got;
	return GetLastError() == ERROR_HANDLE_EOF ? 0
						  : -wide_errno(GetLastError());
}

static int64_t
win32_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	OVERLAPPED o = at_offset(off);
	DWORD put = 0;

	(void)ctx;
	if (WriteFile(nt_handle(fd), p, n > PIECE_MAX ? PIECE_MAX : (DWORD)n,
		&put, &o))
		return put;
	return -wide_errno(GetLastError());
}

static bool
is_readonly(HANDLE h)
{
	DWORD is = nt_attributes(h);

	return is != INVALID_FILE_ATTRIBUTES &&
	    (is & FILE_ATTRIBUTE_READONLY) != 0;
}

/*
 * A flush needs the right to write, which who opened a file to read has not.
 * Nor is it given for a file that is read-only, whose bytes were flushed when
 * it became that, and for a program that runs, whose bytes nobody can change.
 */
static int
win32_fsync(void *ctx, int fd)
{
	IO_STATUS_BLOCK io;
	NTSTATUS s = NtFlushBuffersFile(nt_handle(fd), &io);
	HANDLE h;

	(void)ctx;
	if (s != STATUS_ACCESS_DENIED)
		return NT_SUCCESS(s) ? 0 : nt_fault(s);
	h = ReOpenFile(nt_handle(fd), GENERIC_WRITE,
	    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	    FILE_FLAG_BACKUP_SEMANTICS);
	if (h == INVALID_HANDLE_VALUE)
		return GetLastError() == ERROR_SHARING_VIOLATION ||
			is_readonly(nt_handle(fd))
		    ? 0
		    : -wide_errno(GetLastError());
	s = NtFlushBuffersFile(h, &io);
	(void)CloseHandle(h);
	return NT_SUCCESS(s) ? 0 : nt_fault(s);
}

/* Of all modes there is only whether a file may be written. */
static int
win32_fchmod(void *ctx, int fd, uint32_t mode)
{
	struct fs_stat st;
	NTSTATUS s;
	int rc = fs_win32_fstat(ctx, fd, &st);

	if (rc != 0 || st.type == FS_DIR)
		return rc;
	/* Afterwards nobody can who opens it. */
	if ((mode & 0200) == 0 && (st.mode & 0200) != 0 &&
	    (rc = win32_fsync(ctx, fd)) != 0)
		return rc;
	s = nt_set_attribute(
	    nt_handle(fd), FILE_ATTRIBUTE_READONLY, (mode & 0200) == 0);
	return NT_SUCCESS(s) ? 0 : nt_fault(s);
}

static int
win32_futimes(void *ctx, int fd, struct stamp t)
{
	FILE_BASIC_INFO b;
	IO_STATUS_BLOCK io;
	NTSTATUS s;

	(void)ctx;
	/* Ticks of 100 ns since 1601; none are as many as a sign bit. */
	if (t.s <= -INT64_C(11644473600) || t.s > INT64_C(910692730085))
		return -EINVAL;
	memset(&b, 0, sizeof(b));
	b.LastWriteTime.QuadPart =
	    (t.s + INT64_C(11644473600)) * 10000000 + t.ns / 100;
	s = NtSetInformationFile(nt_handle(fd), &io, &b, sizeof(b),
	    (FILE_INFORMATION_CLASS)NT_BASIC);
	return NT_SUCCESS(s) ? 0 : nt_fault(s);
}

static int
win32_utimes(void *ctx, int dir, const char *name, struct stamp t)
{
	struct nt_name n;
	NTSTATUS s;
	HANDLE h;
	int rc;

	if ((rc = nt_name(name, &n)) != 0)
		return rc;
	s = nt_open(dir, &n, FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES,
	    FILE_OPEN, 0, &h);
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	rc = win32_futimes(ctx, nt_fd(h), t);
	(void)CloseHandle(h);
	return rc;
}

static NTSTATUS
set_length(int fd, uint64_t size, enum nt_class class)
{
	LARGE_INTEGER n = {.QuadPart = (LONGLONG)size};
	IO_STATUS_BLOCK io;

	return NtSetInformationFile(
	    nt_handle(fd), &io, &n, sizeof(n), (FILE_INFORMATION_CLASS) class);
}

static int
win32_truncate(void *ctx, int fd, uint64_t size)
{
	NTSTATUS s = set_length(fd, size, NT_END_OF_FILE);

	(void)ctx;
	return NT_SUCCESS(s) ? 0 : nt_fault(s);
}

static int
win32_allocate(void *ctx, int fd, uint64_t size)
{
	struct fs_stat st;
	NTSTATUS s;
	int rc = fs_win32_fstat(ctx, fd, &st);

	if (rc != 0 || size == 0 || st.size >= size)
		return rc;
	s = set_length(fd, size, NT_ALLOCATION);
	if (!NT_SUCCESS(s) && !nt_is_unknown(s))
		return nt_fault(s);
	/* What has a length has clusters, on disks that have both. */
	return win32_truncate(ctx, fd, size);
}

static int
win32_space(void *ctx, int fd, struct fs_space *out)
{
	struct {
		LARGE_INTEGER total, ours, all; /* units */
		ULONG sectors, bytes; /* of a unit, of a sector */
	} v;
	IO_STATUS_BLOCK io;
	NTSTATUS s = NtQueryVolumeInformationFile(nt_handle(fd), &io, &v,
	    sizeof(v), (FS_INFORMATION_CLASS)NT_VOLUME_SIZE);

	(void)ctx;
	if (!NT_SUCCESS(s))
		return nt_fault(s);
	out->bytes_free = (uint64_t)v.ours.QuadPart * v.sectors * v.bytes;
	out->inodes_free = UINT64_MAX;
	return 0;
}

/* A byte far behind the end, so that what is in the file can be read. */
static int
win32_lock(void *ctx, int fd)
{
	OVERLAPPED o = at_offset((uint64_t)LOCK_AT << 32);

	(void)ctx;
	if (LockFileEx(nt_handle(fd),
		LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
		&o))
		return 0;
	return GetLastError() == ERROR_IO_PENDING ? -EAGAIN
						  : -wide_errno(GetLastError());
}

static int
win32_is_locked(void *ctx, int fd)
{
	OVERLAPPED o = at_offset((uint64_t)LOCK_AT << 32);

	(void)ctx;
	if (!LockFileEx(nt_handle(fd), LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &o))
		return GetLastError() == ERROR_LOCK_VIOLATION ||
			GetLastError() == ERROR_IO_PENDING
		    ? 1
		    : -wide_errno(GetLastError());
	(void)UnlockFileEx(nt_handle(fd), 0, 1, 0, &o);
	return 0;
}

const struct fs *
fs_real(void)
{
	static const struct fs_ops ops = {
	    .root = {win32_open_root, NULL, fs_win32_disk},
	    .open = win32_open,
	    .close = win32_close,
	    .pread = win32_pread,
	    .pwrite = win32_pwrite,
	    .fsync = win32_fsync,
	    .fstat = fs_win32_fstat,
	    .stat = fs_win32_stat,
	    .list = fs_win32_list,
	    .mkdir = fs_win32_mkdir,
	    .unlink = fs_win32_unlink,
	    .rmdir = fs_win32_rmdir,
	    .rename = fs_win32_rename,
	    .link = fs_win32_link,
	    .attr = {win32_fchmod, fs_win32_fchown, fs_win32_attr_list,
		fs_win32_attr_get, fs_win32_attr_set, fs_win32_attr_remove,
		NULL, fs_win32_is_closed},
	    .futimes = win32_futimes,
	    .utimes = win32_utimes,
	    .truncate = win32_truncate,
	    .allocate = win32_allocate,
	    .space = win32_space,
	    .lock = {win32_lock, win32_is_locked, fs_win32_holder},
	};
	static const struct fs real = {&ops, NULL};

	return &real;
}
