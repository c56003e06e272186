/* Numbers of the patch format that both ends hold to. */
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/delta/compress.h"
#include "engine/delta/patch_internal.h"

#include <assert.h>

unsigned
patch_dictionary(enum patch_stream which)
{
	/* 16 + 4 + 5 * 2 MiB, or 2 * 8 + 5 * 2 of zstd: with the basis's pages
	 * and buffers a station stays below 40 MiB. */
	switch (which) {
	case PATCH_LITERAL:
		return 24;
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
