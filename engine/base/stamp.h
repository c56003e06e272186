#ifndef ERPSYNC_ENGINE_BASE_STAMP_H
#define ERPSYNC_ENGINE_BASE_STAMP_H

/* When a file was last written, as file systems tell it. */

#include <stdbool.h>
#include <stdint.h>

enum { STAMP_NS_END = 1000000000 }; /* nanoseconds of a second are below */

struct stamp {
	int64_t s; /* seconds since 1970, UTC; may be negative */
	uint32_t ns; /* nanoseconds on top */
};

static inline bool
stamp_equal(struct stamp a, struct stamp b)
{
	return a.s == b.s && a.ns == b.ns;
}

#endif
