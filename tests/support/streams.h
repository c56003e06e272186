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

/*
 * Streams of which one call fails, once: with ERP_AUTH and "it failed".  All
 * that count on the same struct are numbered together.
 */
struct one_fails {
	uint64_t calls, at;
};
struct failing {
	struct one_fails *when;
	struct source source; /* one of these is behind it */
	struct range_source range;
	struct sink sink;
};
struct source failing_source(struct failing *f);
struct range_source failing_range(struct failing *f);
struct sink failing_sink(struct failing *f);

/* Bytes that look random; the same for the same seed. */
void fill_noise(uint8_t *p, size_t n, uint32_t seed);

#endif
