#ifndef ERPSYNC_TESTS_SUPPORT_STREAMS_H
#define ERPSYNC_TESTS_SUPPORT_STREAMS_H

/*
 * Streams that behave badly within their contract: sources that yield a few
 * bytes at a time or fail, sinks that fail; and content to put through them.
 */

#include "engine/base/stream.h"

#include <stddef.h>
#include <stdint.h>

struct drip {
	const uint8_t *p;
	size_t len;
	size_t pos;
	size_t most; /* bytes a read yields at most */
	size_t fail_at; /* reading at this position fails with ERP_IO */
};

/* All of p[0 .. len), most bytes at a time; never fails. */
struct drip drip_of(const void *p, size_t len, size_t most);
struct source source_of_drip(struct drip *d);
struct range_source range_of_drip(struct drip *d);

/* Takes this many bytes, then fails with ERP_NOSPACE. */
struct narrow_sink {
	size_t room;
	size_t taken;
};
struct sink sink_of_narrow(struct narrow_sink *n);

/* Bytes that look random; the same for the same seed. */
void fill_noise(uint8_t *p, size_t n, uint32_t seed);

#endif
