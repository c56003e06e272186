#ifndef ERPSYNC_ENGINE_BASE_PATH_H
#define ERPSYNC_ENGINE_BASE_PATH_H

/*
 * Rules for relative paths, in manifests above all: rejected, never repaired.
 * A path is 1..1024 bytes of valid UTF-8 in NFC, at most 32 components of
 * 1..200 bytes joined by single slashes; no component is "." or ".."; no C0
 * or C1 controls, no DEL, no backslash : * ? " < > |; for windows sets also no
 * trailing dot or blank and no device name (CON, NUL, COM1 ...), with or
 * without extension.  Source: reliability notes in docs/protocol.md.
 */

#include <stdbool.h>
#include <stddef.h>

struct err;

enum { PATH_MAX_BYTES = 1024, PATH_MAX_DEPTH = 32, PATH_MAX_COMPONENT = 200 };

enum path_os { PATH_OS_WINDOWS, PATH_OS_LINUX, PATH_OS_MACOSX };
enum { PATH_OS_N = PATH_OS_MACOSX + 1 };

/* "windows", "linux" or "macosx", as state folders, logs and people have it;
 * NULL for a number that is no enum path_os. */
const char *path_os_name(enum path_os os);

/* 0, or ERP_USAGE with the reason and the escaped path in e. */
int path_check(const char *path, size_t len, enum path_os os, struct err *e);

/*
 * The key under which two names are the same on a system that ignores case:
 * each character by fold.h.  malloc'd; NULL without memory.
 */
char *path_fold(const char *path);

/*
 * The order of two such keys, without making them: 0 where they are the same.
 * (What is not UTF-8 comes last.)
 */
int path_fold_compare(const char *a, const char *b);

/*
 * May the symbolic link at path point to target?  Only a relative target
 * that stays inside the tree, with every ".." in front and nothing of ours
 * at its end.  0, or ERP_USAGE.
 */
int path_check_link(const char *path, const char *target, struct err *e);

/* Does such a link lead to the folder itself?  By another link behind it our
 * own files could be reached. */
bool path_link_is_root(const char *path, const char *target);

/* Last component. */
const char *path_base(const char *path);

/* Are the two in the same folder? */
bool path_same_folder(const char *a, const char *b);

#endif
