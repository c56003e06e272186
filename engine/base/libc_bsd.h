#ifndef ERPSYNC_ENGINE_BASE_LIBC_BSD_H
#define ERPSYNC_ENGINE_BASE_LIBC_BSD_H

/*
 * What our sources use of libbsd, for targets that are built without it; the
 * manuals of the functions say what they do.  Included in front of each source
 * by the Makefile.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

uint32_t arc4random(void);
uint32_t arc4random_uniform(uint32_t n);
long long strtonum(
    const char *text, long long least, long long most, const char **why);
/* scale is HN_AUTOSCALE, and n not negative. */
int humanize_number(
    char *out, size_t cap, int64_t n, const char *suffix, int scale, int flags);
enum {
	HN_DECIMAL = 1,
	HN_NOSPACE = 2,
	HN_IEC_PREFIXES = 16,
	HN_AUTOSCALE = 32
};

#endif
