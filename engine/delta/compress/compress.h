#ifndef ERPSYNC_ENGINE_DELTA_COMPRESS_COMPRESS_H
#define ERPSYNC_ENGINE_DELTA_COMPRESS_COMPRESS_H

/*
 * zstd around content, streaming both ways; the only file that knows zstd.
 * Windows are at most 8 MiB (COMPRESS_WINDOW_LOG), so that a station's
 * memory has a ceiling.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct sink;
struct source;

enum { COMPRESS_WINDOW_LOG = 23 };

struct compressor; /* a sink that compresses into another sink */
struct decompressor; /* a source that decompresses another source */

/*
 * level: zstd's 1..19.  size: bytes that will come, or UINT64_MAX when not
 * known (a known size makes small content smaller); when more or fewer come
 * than promised, writing or finishing fails with ERP_MISMATCH.  out must
 * outlive it.
 */
int compressor_new(const struct sink *out, int level, uint64_t size,
    struct compressor **c, struct err *e);
struct sink compressor_sink(struct compressor *c);
/* Keep the window within 2^log, 10 .. COMPRESS_WINDOW_LOG; before writing. */
int compressor_set_window(struct compressor *c, unsigned log, struct err *e);
/* End the frame; nothing may be written after. */
int compressor_finish(struct compressor *c, struct err *e);
void compressor_free(struct compressor *c);

/*
 * Reads exactly one frame; fails with ERP_CORRUPT on damage, on a window
 * above the limit, on bytes behind the frame, on an early end, and as soon
 * as more than limit bytes come out.  Frames carry no checksum: content is
 * checked by its hash.  The last two faults are only seen by a reader that
 * reads to the end.
 */
int decompressor_new(const struct source *in, uint64_t limit,
    struct decompressor **d, struct err *e);
struct source decompressor_source(struct decompressor *d);
/* Allow windows up to 2^log only, below COMPRESS_WINDOW_LOG; before reading. */
int decompressor_set_window(
    struct decompressor *d, unsigned log, struct err *e);
void decompressor_free(struct decompressor *d);

/* Whole byte ranges, appended to out; decompress_bytes fails with
 * ERP_CORRUPT when the content does not fit out's limit. */
int compress_bytes(
    const void *p, size_t n, int level, struct buf *out, struct err *e);
int decompress_bytes(const void *p, size_t n, struct buf *out, struct err *e);

/*
 * The same behind a prefix that both ends have and that is not part of the
 * frame: what is equal in both costs almost nothing.
 */
struct span {
	const uint8_t *p;
	size_t n;
};
int compress_after(const struct span *prefix, const struct span *bytes,
    int level, struct buf *out, struct err *e);
int decompress_after(const struct span *prefix, const struct span *frame,
    struct buf *out, struct err *e);

#endif
