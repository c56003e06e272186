/*
 * What libbsd adds to a C library: see libc_bsd.h.  Below everything, in
 * programs without it.
 */
#include "engine/base/libc_bsd.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t
arc4random_uniform(uint32_t n)
{
	uint32_t least = n < 2 ? 0 : -n % n, v;

	do
		v = arc4random();
	while (v < least);
	return n < 2 ? 0 : v % n;
}

long long
strtonum(const char *text, long long least, long long most, const char **why)
{
	const char *fault = NULL;
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (end == text || *end != '\0')
		fault = "invalid";
	else if (v < least || (v == LLONG_MIN && errno == ERANGE))
		fault = "too small";
	else if (v > most || (v == LLONG_MAX && errno == ERANGE))
		fault = "too large";
	if (why != NULL)
		*why = fault;
	return fault == NULL ? v : 0;
}

int
humanize_number(
    char *out, size_t cap, int64_t n, const char *suffix, int scale, int flags)
{
	enum { DIVISOR = 1024, NEARLY_ONE = 973 /* 0.95 of it */ };
	bool iec = (flags & HN_IEC_PREFIXES) != 0;
	const char *prefixes =
	    iec ? "\0\0\0Ki\0Mi\0Gi\0Ti\0Pi\0Ei" : "\0\0K\0M\0G\0T\0P\0E";
	const char *space = (flags & HN_NOSPACE) != 0 ? "" : " ";
	size_t base = (iec ? 2u : 1u) + 1 + strlen(space) + strlen(suffix);
	int64_t rest = 0, most = 1;
	size_t i;

	assert(scale == HN_AUTOSCALE && n >= 0);
	if (cap < base + 1)
		return -1;
	for (i = cap - base; i-- > 0 && most < INT64_MAX / 10;)
		most *= 10;
	for (i = 0;
	     (n >= most || (n == most - 1 && rest >= DIVISOR / 2)) && i < 6;
	     i++) {
		rest = n % DIVISOR;
		n /= DIVISOR;
	}
	prefixes += i * (iec ? 3 : 2);
	if (i > 0 && (flags & HN_DECIMAL) != 0 &&
	    (n < 9 || (n == 9 && rest < NEARLY_ONE))) {
		rest = (rest * 10 + DIVISOR / 2) / DIVISOR;
		return snprintf(out, cap, "%d.%d%s%s%s", (int)(n + rest / 10),
		    (int)(rest % 10), space, prefixes, suffix);
	}
	return snprintf(out, cap, "%lld%s%s%s",
	    (long long)(n + (rest + DIVISOR / 2) / DIVISOR), space, prefixes,
	    suffix);
}
