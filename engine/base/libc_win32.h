#ifndef ERPSYNC_ENGINE_BASE_LIBC_WIN32_H
#define ERPSYNC_ENGINE_BASE_LIBC_WIN32_H

/*
 * What our sources use of POSIX and libbsd, and the C library of Windows has
 * not, or has for names in another encoding than UTF-8.  Included in front of
 * each source by the Makefile, for Windows only; the manuals of the functions
 * say what they do.
 */

#include "engine/base/libc_bsd.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#ifndef NAME_MAX
#define NAME_MAX 255
#endif
/* Numbers that no file system of Windows gives. */
#ifndef EDQUOT
#define EDQUOT 1122
#define ENOKEY 1126
#endif
#ifndef EHOSTDOWN
#define EHOSTDOWN 1112
#endif

/* stdlib.h and string.h. */
void *reallocarray(void *p, size_t n, size_t size);
char *realpath(const char *path, char *out); /* out is NULL; with slashes, as
						the disk spells it */
char *strndup(const char *s, size_t n);
char *strsep(char **at, const char *delimiters);

/* The words of Linux, which messages are translated from. */
const char *libc_strerror(int sys);
#define strerror(sys) libc_strerror(sys)

/* stdio.h and unistd.h: names are UTF-8. */
ssize_t getline(char **line, size_t *cap, FILE *in);
int libc_chdir(const char *path);
#define chdir(path) libc_chdir(path)
FILE *libc_fopen(const char *path, const char *mode);
#define fopen(path, mode) libc_fopen(path, mode)

/* libgen.h: of what realpath gave; the root of a drive is above itself. */
char *libc_dirname(char *path);
#define dirname(path) libc_dirname(path)

/* string.h, of libbsd too. */
size_t strlcpy(char *out, const char *in, size_t cap);
size_t strlcat(char *out, const char *in, size_t cap);

#endif
