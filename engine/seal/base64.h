#ifndef ERPSYNC_ENGINE_SEAL_BASE64_H
#define ERPSYNC_ENGINE_SEAL_BASE64_H

/*
 * Base64 (RFC 4648, section 4) as minisign's files have it: padded, without
 * line breaks, and only the one form of each byte range.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters of n bytes, without a NUL. */
#define BASE64_LEN(n) (((size_t)(n) + 2) / 3 * 4)

enum { BASE64_MOST = 240 }; /* bytes that either call takes */

/* out has room for BASE64_LEN(n) and gets a NUL behind them. */
void base64_encode(const void *p, size_t n, char *out);

/* Is text, of len characters, exactly n bytes?  Then they are in out. */
bool base64_decode(const char *text, size_t len, void *out, size_t n);

#endif
