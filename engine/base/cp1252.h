#ifndef ERPSYNC_ENGINE_BASE_CP1252_H
#define ERPSYNC_ENGINE_BASE_CP1252_H

/*
 * Windows-1252 and UTF-8.  The five bytes that Windows-1252 leaves open stand
 * for the C1 controls of the same number, as everywhere on Windows, so each
 * byte has a character and neither way loses one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A copy of n bytes in UTF-8, with a NUL behind it; its length goes to *len.
 * The caller frees it.  NULL: no memory. */
char *cp1252_to_utf8(const void *p, size_t n, size_t *len);

/*
 * The other way: n bytes of valid UTF-8 to out, which has room for n; how many
 * came out goes to *len.  False: there is a character that Windows-1252 lacks.
 */
bool cp1252_from_utf8(const char *p, size_t n, uint8_t *out, size_t *len);

/* Does it have all characters of n bytes of valid UTF-8? */
bool cp1252_has(const char *p, size_t n);

#endif
