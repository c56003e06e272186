/*
 * Numbers of the patch format that both ends hold to: how far a stream may
 * unpack, and what memory a span takes.  Below the making and the applying.
 */
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/compress/compress_lzma.h"
#include "engine/delta/patch/patch_internal.h"

#include <assert.h>

unsigned
patch_dictionary(enum patch_stream which)
{
	/* 8 + 4 + 5 * 2 MiB, or 2 * 8 + 5 * 2 of zstd: with the basis's pages
	 * and buffers a station stays below 40 MiB. */
	switch (which) {
	case PATCH_LITERAL:
		return 23;
	case PATCH_VALUE:
		return 22;
	case PATCH_SKIP:
	case PATCH_LENGTH:
	case PATCH_SEEK:
	case PATCH_GAP:
	case PATCH_RUN:
	case PATCH_STREAMS:
		break;
	}
	return 21;
}

unsigned
patch_window(enum patch_stream which)
{
	return which == PATCH_LITERAL || which == PATCH_VALUE
	    ? COMPRESS_WINDOW_LOG
	    : patch_dictionary(which);
}

/* What there is beside dictionaries and windows: the basis's pages, and for
 * a stream its buffers and its coder's tables. */
enum { REPLAY_MEMORY = 5 << 20, LANE_MEMORY = 256 << 10 };

uint64_t
patch_span_memory(const struct patch_span *span)
{
	const struct patch_part *part;
	uint64_t n = REPLAY_MEMORY, window;
	unsigned i;

	for (i = 0; i < PATCH_STREAMS; i++) {
		part = &span->part[i];
		window = (uint64_t)1 << patch_window((enum patch_stream)i);
		n += LANE_MEMORY;
		if (part->coder == PATCH_LZMA)
			n += (uint64_t)1 << lzma_dictionary(part->raw,
				 patch_dictionary((enum patch_stream)i));
		else if (part->coder == PATCH_ZSTD)
			n += part->raw < window ? part->raw : window;
	}
	return n;
}

uint64_t
patch_span_chunks(const struct patch_span *span)
{
	uint64_t packed, n = 0;
	unsigned i;

	for (i = 0; i < PATCH_STREAMS; i++) {
		packed = span->part[i].packed;
		n += packed + packed / PATCH_CHUNK_LEN +
		    (packed % PATCH_CHUNK_LEN != 0);
	}
	return n;
}

uint64_t
patch_raw_max(enum patch_stream which, uint64_t span_len)
{
	assert(span_len <= PATCH_SPAN_MAX);
	if (which == PATCH_LITERAL || which == PATCH_VALUE)
		return span_len;
	/* One number for each byte, and a last one. */
	return PATCH_VARINT_MAX * (span_len + 1);
}

int
patch_varint_step(uint8_t byte, unsigned *shift, uint64_t *v, struct err *e)
{
	uint64_t bits = byte & 0x7f;

	if (*shift > 63 || (*shift == 63 && bits > 1))
		return err_set(e, ERP_CORRUPT, "patch: a number above 64 bits");
	*v |= bits << *shift;
	*shift += 7;
	return (byte & 0x80) == 0;
}
