/*
 * What the C library of Windows has not: see libc_win32.h.  Below everything,
 * on Windows only.
 */
#include "engine/base/libc_win32.h"

#include "engine/base/wide_win32.h"

#include <assert.h>
#include <direct.h>
#include <ntsecapi.h>
#include <stdbool.h>

/* The compiler's names. */
extern void *__stack_chk_guard;
__attribute__((noreturn)) void __stack_chk_fail(void);

/* Memory and strings. */

void *
reallocarray(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n * size);
}

char *
strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
strsep(char **at, const char *delimiters)
{
	char *first = *at;

	if (first == NULL)
		return NULL;
	*at = first + strcspn(first, delimiters);
	if (**at == '\0')
		*at = NULL;
	else
		*(*at)++ = '\0';
	return first;
}

size_t
strlcpy(char *out, const char *in, size_t cap)
{
	size_t len = strlen(in), n;

	if (cap == 0)
		return len;
	n = len < cap ? len : cap - 1;
	memcpy(out, in, n);
	out[n] = '\0';
	return len;
}

size_t
strlcat(char *out, const char *in, size_t cap)
{
	size_t len = strnlen(out, cap);

	return len == cap ? cap + strlen(in)
			  : len + strlcpy(out + len, in, cap - len);
}

/* Chance. */

uint32_t
arc4random(void)
{
	uint32_t v = 0;
	BOOLEAN ok = RtlGenRandom(&v, sizeof(v));

	/* Without it names could clash, and nothing may go on. */
	assert(ok);
	return v;
}

/*
 * What -fstack-protector calls.  The compiler's own library for it asks a
 * cryptographic provider before main begins, which takes longer than all else
 * that starts; this takes what Microsoft's compiler does.
 */
void *__stack_chk_guard;

__attribute__((constructor(101), no_stack_protector)) static void
settle_guard(void)
{
	FILETIME time;
	LARGE_INTEGER ticks;
	uintptr_t v = (uintptr_t)&ticks;

	GetSystemTimePreciseAsFileTime(&time);
	(void)QueryPerformanceCounter(&ticks);
	v ^= (uintptr_t)ticks.QuadPart << 20;
	v ^= (uintptr_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
	v ^= (uintptr_t)GetCurrentProcessId() << 16 ^ GetCurrentThreadId();
	/* A NUL in it ends the strings that would run over it. */
	__stack_chk_guard = (void *)(v & ~(uintptr_t)0xff);
}

void
__stack_chk_fail(void)
{
	__builtin_trap();
}

/* Messages. */

const char *
libc_strerror(int sys)
{
	static const struct {
		int sys;
		const char *text;
	} table[] = {
	    {EPERM, "Operation not permitted"},
	    {ENOENT, "No such file or directory"},
	    {EINTR, "Interrupted system call"},
	    {EIO, "Input/output error"},
	    {EBADF, "Bad file descriptor"},
	    {EAGAIN, "Resource temporarily unavailable"},
	    {ENOMEM, "Cannot allocate memory"},
	    {EACCES, "Permission denied"},
	    {EBUSY, "Device or resource busy"},
	    {EEXIST, "File exists"},
	    {EXDEV, "Invalid cross-device link"},
	    {ENOTDIR, "Not a directory"},
	    {EISDIR, "Is a directory"},
	    {EINVAL, "Invalid argument"},
	    {EMFILE, "Too many open files"},
	    {EFBIG, "File too large"},
	    {ENOSPC, "No space left on device"},
	    {EROFS, "Read-only file system"},
	    {EMLINK, "Too many links"},
	    {EPIPE, "Broken pipe"},
	    {ERANGE, "Numerical result out of range"},
	    {ENAMETOOLONG, "File name too long"},
	    {ENOSYS, "Function not implemented"},
	    {ENOTEMPTY, "Directory not empty"},
	    {EILSEQ, "Invalid or incomplete multibyte or wide character"},
	    {ELOOP, "Too many levels of symbolic links"},
	    {ETXTBSY, "Text file busy"},
	    {EDQUOT, "Disk quota exceeded"},
	    {EOPNOTSUPP, "Operation not supported"},
	    {ECANCELED, "Operation canceled"},
	    {EADDRNOTAVAIL, "Cannot assign requested address"},
	    {ENETDOWN, "Network is down"},
	    {ENETUNREACH, "Network is unreachable"},
	    {ECONNABORTED, "Software caused connection abort"},
	    {ECONNRESET, "Connection reset by peer"},
	    {ENOTCONN, "Transport endpoint is not connected"},
	    {ETIMEDOUT, "Connection timed out"},
	    {ECONNREFUSED, "Connection refused"},
	    {EHOSTDOWN, "Host is down"},
	    {EHOSTUNREACH, "No route to host"},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].sys == sys)
			return table[i].text;
	return "Unknown error";
}

/* Files, by names in UTF-8. */

ssize_t
getline(char **line, size_t *cap, FILE *in)
{
	size_t n = 0, room;
	char *more;
	int c;

	while ((c = fgetc(in)) != EOF) {
		if (n + 2 > *cap) {
			room = *cap == 0 ? 128 : 2 * *cap;
			if ((more = realloc(*line, room)) == NULL)
				return -1;
			*line = more;
			*cap = room;
		}
		(*line)[n++] = (char)c;
		if (c == '\n')
			break;
	}
	if (n == 0)
		return -1;
	(*line)[n] = '\0';
	return (ssize_t)n;
}

int
libc_chdir(const char *path)
{
	wchar_t wide[WIDE_PATH];

	if (wide_of(path, wide, WIDE_PATH) < 0) {
		errno = EINVAL;
		return -1;
	}
	return _wchdir(wide_plain(wide));
}

#undef fopen
FILE *
libc_fopen(const char *path, const char *mode)
{
	wchar_t wide[WIDE_PATH], how[8];
	int rc = wide_full(path, wide), n;

	/* No handle of this library is inherited unless it is asked for, and
	 * some versions refuse a letter that they do not know. */
	if (rc == 0 && (n = wide_of(mode, how, 8)) > 0 && how[n - 1] == L'e')
		how[n - 1] = L'\0';
	else if (rc == 0 && n <= 0)
		rc = -EINVAL;
	if (rc == 0)
		return _wfopen(wide, how);
	errno = -rc;
	return NULL;
}

/* The name that a disk has for it, without links; some disks have none. */
static bool
final_path(const wchar_t *path, wchar_t out[WIDE_PATH])
{
	HANDLE h = CreateFileW(path, FILE_READ_ATTRIBUTES,
	    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
	    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
	DWORD n;

	if (h == INVALID_HANDLE_VALUE)
		return false;
	n = GetFinalPathNameByHandleW(h, out, WIDE_PATH, 0);
	(void)CloseHandle(h);
	if (n == 0 || n >= WIDE_PATH)
		(void)wcscpy(out, path);
	return true;
}

char *
realpath(const char *path, char *out)
{
	wchar_t full[WIDE_PATH], real[WIDE_PATH];
	char *p, *slash;
	int rc = wide_full(path, full);

	assert(out == NULL);
	if (rc != 0 || !final_path(full, real)) {
		errno = rc != 0 ? -rc : wide_errno(GetLastError());
		return NULL;
	}
	if ((p = wide_text(wide_plain(real))) == NULL)
		errno = ENOMEM;
	for (slash = p; slash != NULL && *slash != '\0'; slash++)
		if (*slash == '\\')
			*slash = '/';
	return p;
}

/* "C:/" or "//server/share/", or nothing of it. */
static char *
behind_root(char *path)
{
	char *p = path;

	if (path[0] != '\0' && path[1] == ':' && path[2] == '/')
		return path + 3;
	if (strncmp(path, "//", 2) == 0 &&
	    (p = strchr(path + 2, '/')) != NULL &&
	    (p = strchr(p + 1, '/')) != NULL)
		return p + 1;
	return p == NULL ? path + strlen(path) : path;
}

char *
libc_dirname(char *path)
{
	char *rest = behind_root(path), *slash = strrchr(rest, '/');

	*(slash != NULL ? slash : rest) = '\0';
	return path;
}
