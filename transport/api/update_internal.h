#ifndef ERPSYNC_TRANSPORT_API_UPDATE_INTERNAL_H
#define ERPSYNC_TRANSPORT_API_UPDATE_INTERNAL_H

/* One conversation of a station over the caller's stream (update_stream.c),
 * where update.c otherwise dials and tries again. */

#include <stdbool.h>
#include <stdint.h>

struct err;
struct erpsync_stream;
struct station;

struct stream_options {
	const struct erpsync_stream *stream;
	uint32_t timeout_ms; /* without a byte moving */
	bool (*ask)(void *ctx, struct station *s);
	int (*interrupted)(void *ctx);
	void *ctx;
};

/* Drive s to its end: 0, or a code; ERP_LOST: the stream ended before it. */
int stream_run(
    const struct stream_options *opt, struct station *s, struct err *e);

#endif
