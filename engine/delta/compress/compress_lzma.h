#ifndef ERPSYNC_ENGINE_DELTA_COMPRESS_COMPRESS_LZMA_H
#define ERPSYNC_ENGINE_DELTA_COMPRESS_COMPRESS_LZMA_H

/*
 * LZMA around content: slower than zstd and smaller.  A stream is one byte
 * of LZMA properties (lc + 9 * (lp + 5 * pb)), one byte with the logarithm
 * of the dictionary size, then raw LZMA with its end marker.  The reader
 * refuses a dictionary above what its caller allows, so a peer cannot size
 * our memory.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct source;

/* Logarithms of dictionary sizes: 4 KiB to 16 MiB. */
enum { LZMA_DICTIONARY_MIN = 12, LZMA_DICTIONARY_MAX = 24 };

/* That of the smallest one that holds n bytes, at most 2^most. */
unsigned lzma_dictionary(uint64_t n, unsigned most);

struct lzma_choice {
	unsigned level; /* 0..9 as in xz(1) */
	unsigned
	    context; /* bits of the byte before that a literal sees: 0..4 */
	unsigned dictionary; /* logarithm of the largest dictionary */
};

/* Compress n bytes, appended to out.  The dictionary is no larger than the
 * content needs. */
int compress_lzma_bytes(const void *p, size_t n,
    const struct lzma_choice *choice, struct buf *out, struct err *e);

/*
 * A source that decompresses another one.  Reading fails with ERP_CORRUPT on
 * damage, on a dictionary above 2^dictionary or larger than limit bytes need,
 * on bytes behind the stream, on an early end and on more than limit bytes;
 * the last faults are only seen by a reader that reads to the end.
 */
struct decompress_lzma;
int decompress_lzma_new(const struct source *in, uint64_t limit,
    unsigned dictionary, struct decompress_lzma **d, struct err *e);
struct source decompress_lzma_source(struct decompress_lzma *d);
void decompress_lzma_free(struct decompress_lzma *d);

#endif
