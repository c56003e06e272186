/*
 * Part of file_stream.c: pipes, devices and the standard streams as Windows
 * has them.  Descriptors are handles, as those of struct fs.
 */
#include "cli/file_stream_internal.h"

#include "cli/signals.h"
#include "engine/base/err.h"
#include "engine/base/wide_win32.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHARED = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	PIECE_MAX = 1 << 20
};

static HANDLE
handle_of(int fd)
{
	return (HANDLE)(intptr_t)fd;
}

static int
is_stopped(struct err *e)
{
	return signals_caught() == 0
	    ? 0
	    : err_set(e, ERP_CANCELLED, "interrupted by a signal");
}

int
stream_standard(bool output)
{
	return (int)(intptr_t)GetStdHandle(
	    output ? STD_OUTPUT_HANDLE : STD_INPUT_HANDLE);
}

int
stream_look_open(int fd, struct stream_facts *f)
{
	BY_HANDLE_FILE_INFORMATION i;
	int64_t size;

	*f = (struct stream_facts){.is_file = false};
	if (GetFileType(handle_of(fd)) != FILE_TYPE_DISK)
		return 0;
	if (!GetFileInformationByHandle(handle_of(fd), &i)) {
		/* Of what another system redirected only the length is told. */
		if ((size = stream_length(fd)) < 0)
			return wide_errno(GetLastError());
		f->is_file = true;
		f->size = (uint64_t)size;
		return 0;
	}
	f->is_folder = (i.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
	f->is_file = !f->is_folder;
	f->size = (uint64_t)i.nFileSizeHigh << 32 | i.nFileSizeLow;
	f->id.dev = i.dwVolumeSerialNumber;
	f->id.ino = (uint64_t)i.nFileIndexHigh << 32 | i.nFileIndexLow;
	return 0;
}

/* INVALID_HANDLE_VALUE, and then why is in GetLastError. */
static HANDLE
open_path(const char *path, DWORD access)
{
	wchar_t wide[WIDE_PATH];

	if (wide_full(path, wide) != 0) {
		SetLastError(ERROR_INVALID_NAME);
		return INVALID_HANDLE_VALUE;
	}
	return CreateFileW(wide, access, SHARED, NULL, OPEN_EXISTING,
	    FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

bool
stream_look(const char *path, struct stream_facts *f)
{
	HANDLE h = open_path(path, FILE_READ_ATTRIBUTES);
	int rc;

	if (h == INVALID_HANDLE_VALUE)
		return false;
	rc = stream_look_open((int)(intptr_t)h, f);
	(void)CloseHandle(h);
	return rc == 0;
}

static int
open_for(const char *path, DWORD access, struct err *e)
{
	HANDLE h = open_path(path, access);

	return h == INVALID_HANDLE_VALUE
	    ? err_sys(e, wide_errno(GetLastError()), "open", path)
	    : (int)(intptr_t)h;
}

int
stream_open_input(
    const char *path, const struct stop_signals *stop, struct err *e)
{
	(void)stop;
	return open_for(path, GENERIC_READ, e);
}

int
stream_open_output(const char *path, const struct stream_facts *f,
    const struct stop_signals *stop, struct err *e)
{
	(void)f;
	(void)stop;
	return open_for(path, GENERIC_WRITE, e);
}

void
stream_close(int fd)
{
	if (fd != stream_standard(false) && fd != stream_standard(true))
		(void)CloseHandle(handle_of(fd));
}

bool
stream_at_start(int fd)
{
	LARGE_INTEGER none = {.QuadPart = 0}, at;

	return SetFilePointerEx(handle_of(fd), none, &at, FILE_CURRENT) &&
	    at.QuadPart == 0;
}

int64_t
stream_length(int fd)
{
	LARGE_INTEGER n;

	if (GetFileType(handle_of(fd)) == FILE_TYPE_CHAR)
		return 0;
	return GetFileSizeEx(handle_of(fd), &n) ? n.QuadPart : -1;
}

/* What ReadFile or WriteFile said last, of n bytes. */
static int64_t
outcome(BOOL ok, DWORD n, const char *verb, const char *path, struct err *e)
{
	DWORD error = ok ? 0 : GetLastError();
	int rc = is_stopped(e);

	if (rc != 0)
		return rc;
	if (ok)
		return n;
	return err_sys(e, wide_errno(error), verb, path);
}

int64_t
stream_read(const struct input *in, void *p, size_t n, struct err *e)
{
	DWORD got = 0;
	BOOL ok;
	int rc;

	if ((rc = is_stopped(e)) != 0)
		return rc;
	ok = ReadFile(handle_of(in->fd), p,
	    n < PIECE_MAX ? (DWORD)n : PIECE_MAX, &got, NULL);
	if (!ok && GetLastError() == ERROR_BROKEN_PIPE)
		ok = TRUE; /* it ends when its writers have */
	return outcome(ok, got, "read", in->path, e);
}

int64_t
stream_read_at(
    const struct input *in, uint64_t off, void *p, size_t n, struct err *e)
{
	OVERLAPPED o;
	DWORD got = 0;
	BOOL ok;

	memset(&o, 0, sizeof(o));
	o.Offset = (DWORD)off;
	o.OffsetHigh = (DWORD)(off >> 32);
	ok = ReadFile(handle_of(in->fd), p,
	    n < PIECE_MAX ? (DWORD)n : PIECE_MAX, &got, &o);
	if (!ok && GetLastError() == ERROR_HANDLE_EOF)
		ok = TRUE;
	return outcome(ok, got, "read", in->path, e);
}

int
stream_wait_write(const struct output *out, struct err *e)
{
	(void)out;
	return is_stopped(e);
}

int64_t
stream_write(const struct output *out, const void *p, size_t n, struct err *e)
{
	DWORD put = 0;
	BOOL ok;
	int rc;

	if ((rc = is_stopped(e)) != 0)
		return rc;
	ok = WriteFile(handle_of(out->fd), p,
	    n < PIECE_MAX ? (DWORD)n : PIECE_MAX, &put, NULL);
	return outcome(ok, put, "write", out->path, e);
}

/* Where the file lies that a link leads to, if there is one. */
static bool
follow(const char *path, wchar_t out[WIDE_PATH])
{
	HANDLE h = open_path(path, FILE_READ_ATTRIBUTES);
	DWORD n;

	if (h == INVALID_HANDLE_VALUE)
		return false;
	n = GetFinalPathNameByHandleW(h, out, WIDE_PATH, 0);
	(void)CloseHandle(h);
	return n > 0 && n < WIDE_PATH;
}

int
stream_place(const char *path, char **folder, char **name, struct err *e)
{
	wchar_t wide[WIDE_PATH], *slash;
	int rc;

	if (!follow(path, wide) && (rc = wide_full(path, wide)) != 0)
		return err_sys(e, -rc, "open", path);
	if ((slash = wcsrchr(wide, L'\\')) == NULL)
		return err_sys(e, EINVAL, "open", path);
	*name = wide_text(slash + 1);
	slash[1] = L'\0';
	*folder = wide_text(wide);
	if (*name != NULL && *folder != NULL)
		return 0;
	free(*name);
	free(*folder);
	*name = NULL;
	return err_nomem(e);
}
