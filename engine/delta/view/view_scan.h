#ifndef ERPSYNC_ENGINE_DELTA_VIEW_VIEW_SCAN_H
#define ERPSYNC_ENGINE_DELTA_VIEW_VIEW_SCAN_H

/*
 * Where a content has packed streams: a rule that both ends follow to the same
 * result, so that nothing has to be said of a basis (docs/patch-format.md,
 * "Streams").  Reads the content once, and every stream.
 */

#include <stddef.h>
#include <stdint.h>

struct err;
struct range_source;

/* The rule's limits. */
enum {
	VIEW_STREAM_MAX = 8 * 1024 * 1024, /* raw bytes of a stream */
	VIEW_STREAM_MIN = 64, /* fewer are left alone */
	VIEW_STREAMS_MAX = 1 << 18, /* of one content */
	/* What is tried in vain, in all: a place that only looks like a stream
	 * costs 16, a stream that is too short 1, and both one more for each
	 * whole VIEW_VAIN_PIECE that went in or came out. */
	VIEW_VAIN_MAX = 16 * 4096,
	VIEW_VAIN_NONE = 16,
	VIEW_VAIN_SHORT = 1,
	VIEW_VAIN_PIECE = 4096
};
/* Raw bytes of all streams of a content of so many bytes. */
#define VIEW_RAW_MAX(len) (16 * (uint64_t)(len) + (1 << 20))

struct view_stream {
	uint64_t at; /* of its first packed byte */
	uint32_t packed, raw; /* bytes */
};
struct view_streams {
	struct view_stream *v; /* ascending, apart; owned */
	size_t n, cap;
};

/* Find them all; ERP_NOMEM, or a code of reading. */
int view_scan(const struct range_source *content, struct view_streams *out,
    struct err *e);
void view_streams_release(struct view_streams *s); /* zeroes are fine */

#endif
