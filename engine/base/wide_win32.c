/*
 * Between UTF-8 and UTF-16, and between the errors of Windows and errnos.
 * Below all that calls Windows.
 */
#include "engine/base/wide_win32.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int
wide_of(const char *text, wchar_t *out, int cap)
{
	int n = MultiByteToWideChar(
	    CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, out, cap);

	assert(cap > 0 && n <= cap);
	return n - 1;
}

char *
wide_text(const wchar_t *wide)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
	char *text = n <= 0 ? NULL : malloc((size_t)n);

	if (text != NULL)
		(void)WideCharToMultiByte(
		    CP_UTF8, 0, wide, -1, text, n, NULL, NULL);
	return text;
}

int
wide_full(const char *path, wchar_t out[WIDE_PATH])
{
	static const wchar_t plain[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
	static const wchar_t device[] = L"\\\\.\\";
	wchar_t wide[WIDE_PATH], full[WIDE_PATH];
	const wchar_t *head = plain, *rest = full;
	DWORD n;

	if (wide_of(path, wide, WIDE_PATH) < 0)
		return -EILSEQ;
	n = GetFullPathNameW(wide, WIDE_PATH, full, NULL);
	if (n == 0 || n + 8 >= WIDE_PATH)
		return n == 0 ? -EINVAL : -ENAMETOOLONG;
	if (wcsncmp(full, plain, 4) == 0 || wcsncmp(full, device, 4) == 0)
		head = L"";
	else if (full[0] == L'\\' && full[1] == L'\\') {
		head = share;
		rest = full + 2;
	}
	(void)wcscpy(out, head);
	(void)wcscat(out, rest);
	return 0;
}

wchar_t *
wide_plain(wchar_t *path)
{
	static const wchar_t share[] = L"\\\\?\\UNC\\";

	if (wcsncmp(path, share, 8) == 0) {
		path[6] = L'\\';
		return path + 6;
	}
	return wcsncmp(path, share, 4) == 0 && path[4] != L'\0' &&
		path[5] == L':'
	    ? path + 4
	    : path;
}

int
wide_errno(DWORD error)
{
	static const struct {
		DWORD error;
		int sys;
	} table[] = {
	    {ERROR_FILE_NOT_FOUND, ENOENT},
	    {ERROR_PATH_NOT_FOUND, ENOENT},
	    {ERROR_INVALID_NAME, EINVAL},
	    {ERROR_BAD_NETPATH, ENOENT},
	    {ERROR_BAD_NET_NAME, ENOENT},
	    {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
	    {ERROR_ACCESS_DENIED, EACCES},
	    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
	    {ERROR_OUTOFMEMORY, ENOMEM},
	    {ERROR_WRITE_PROTECT, EROFS},
	    {ERROR_SHARING_VIOLATION, EBUSY},
	    {ERROR_LOCK_VIOLATION, EAGAIN},
	    {ERROR_DISK_FULL, ENOSPC},
	    {ERROR_HANDLE_DISK_FULL, ENOSPC},
	    {ERROR_NOT_ENOUGH_QUOTA, EDQUOT},
	    {ERROR_FILE_EXISTS, EEXIST},
	    {ERROR_ALREADY_EXISTS, EEXIST},
	    {ERROR_DIRECTORY, ENOTDIR},
	    {ERROR_BROKEN_PIPE, EPIPE},
	    {ERROR_NO_DATA, EPIPE},
	    {ERROR_OPERATION_ABORTED, EINTR},
	    {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
	    {ERROR_INVALID_PARAMETER, EINVAL},
	    {ERROR_NOT_SUPPORTED, EOPNOTSUPP},
	    {ERROR_INVALID_HANDLE, EBADF},
	    {ERROR_BAD_EXE_FORMAT, ENOEXEC},
	    {WSAEWOULDBLOCK, EAGAIN},
	    {WSAEINTR, EINTR},
	    {WSAEINPROGRESS, EINPROGRESS},
	    {WSAECONNRESET, ECONNRESET},
	    {WSAENETRESET, ECONNRESET},
	    {WSAECONNABORTED, ECONNABORTED},
	    {WSAECONNREFUSED, ECONNREFUSED},
	    {WSAETIMEDOUT, ETIMEDOUT},
	    {WSAEHOSTUNREACH, EHOSTUNREACH},
	    {WSAEHOSTDOWN, EHOSTDOWN},
	    {WSAENETUNREACH, ENETUNREACH},
	    {WSAENETDOWN, ENETDOWN},
	    {WSAEADDRNOTAVAIL, EADDRNOTAVAIL},
	    {WSAEAFNOSUPPORT, EAFNOSUPPORT},
	    {WSAENOTCONN, ENOTCONN},
	    {WSAESHUTDOWN, EPIPE},
	    {WSAENOBUFS, ENOMEM},
	    {WSAEMFILE, EMFILE},
	    {WSAEACCES, EACCES},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].error == error)
			return table[i].sys;
	return EIO;
}
