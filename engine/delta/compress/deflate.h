#ifndef ERPSYNC_ENGINE_DELTA_COMPRESS_DEFLATE_H
#define ERPSYNC_ENGINE_DELTA_COMPRESS_DEFLATE_H

/*
 * Deflate streams (RFC 1951) inside of contents, such as the members of a zip
 * or jar: unpacked, and packed again to the very same bytes where zlib made
 * them.  The only file that knows this side of zlib.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct range_source;
struct sink;

/*
 * How zlib packs: level 1..9 in bits 0-3, bit 4: memory level 9 instead of 8,
 * strategy 0..4 in bits 5-7.  Always with a window of 32 KiB.
 */
typedef uint8_t deflate_how;
bool deflate_how_is_valid(uint8_t how);

/*
 * Unpack the stream that begins at a place.  1: it ends, and its raw bytes, at
 * most most of them, were handed to out (NULL: only measured); 0: it is none,
 * or too long; or a code of reading or of out, which then has taken bytes that
 * must be thrown away.
 */
struct deflate_size {
	uint64_t packed;
	size_t raw;
};
int deflate_unpack(const struct range_source *from, uint64_t at, size_t most,
    const struct sink *out, struct deflate_size *size, struct err *e);

/* A packer for one stream after the other. */
struct deflater;
int deflater_new(struct deflater **out, struct err *e); /* ERP_NOMEM */
void deflater_free(struct deflater *d); /* NULL is fine */
int deflater_begin(
    struct deflater *d, deflate_how how, const struct sink *out, struct err *e);
int deflater_write(struct deflater *d, const void *p, size_t n, struct err *e);
int deflater_end(struct deflater *d, struct err *e);

/*
 * How the n bytes of raw were packed to those of packed: first as *how says,
 * unless that is 0, then, with all, in every way that is known.  1 with *how; 0
 * for no way; or a code.
 */
struct deflate_pair {
	const uint8_t *raw, *packed;
	size_t raw_n, packed_n;
};
int deflate_find(struct deflater *d, const struct deflate_pair *pair, bool all,
    deflate_how *how, struct err *e);

#endif
