#ifndef ERPSYNC_ENGINE_BASE_WIDE_WIN32_H
#define ERPSYNC_ENGINE_BASE_WIDE_WIN32_H

/*
 * Texts and errors of Windows: its calls want UTF-16 and have numbers of
 * their own.  Everything above has UTF-8 and errnos.  The one header of ours
 * that brings the system's.
 */

/* What a handle to a socket needs comes first. */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <stddef.h>

enum { WIDE_PATH = 4096 }; /* UTF-16 units of a path, with its NUL */

/* text with its NUL in out: how many units without it; -1 when it is not
 * UTF-8 or there are more than cap - 1. */
int wide_of(const char *text, wchar_t *out, int cap);

/* In UTF-8, malloc'd; NULL without memory.  What is half a character only
 * becomes U+FFFD. */
char *wide_text(const wchar_t *wide);

/* A path from anywhere, without a limit to its length: "\\?\C:\..."; that
 * of a device stays as it is.  0, or an errno below 0. */
int wide_full(const char *path, wchar_t out[WIDE_PATH]);

/*
 * The same path as people write it, and as programs want the folder that they
 * work in: "C:\..." for "\\?\C:\...", "\\server\..." for a share's.  It
 * lies in path, of which a character may change.
 */
wchar_t *wide_plain(wchar_t *path);

/* The errno, positive, for what GetLastError or WSAGetLastError said. */
int wide_errno(DWORD error);

#endif
