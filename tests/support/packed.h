#ifndef ERPSYNC_TESTS_SUPPORT_PACKED_H
#define ERPSYNC_TESTS_SUPPORT_PACKED_H

/* Contents with packed streams inside, as archives are. */

#include "engine/delta/compress/deflate.h"

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Append a zip member of this name whose raw bytes, packed so, follow a head
 * that is right as far as anybody looks. */
void packed_zip(struct buf *out, const char *name, const void *raw, size_t n,
    deflate_how how);

/* The same of gzip (name NULL: without one) and zlib. */
void packed_gzip(struct buf *out, const char *name, const void *raw, size_t n);
void packed_zlib(struct buf *out, const void *raw, size_t n);

/* n bytes of lines that differ by seed in a few places. */
void packed_text(uint8_t *p, size_t n, uint32_t seed);

#endif
