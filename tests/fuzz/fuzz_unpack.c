/*
 * Any bytes as a blob of either codec: never more output than the size
 * wanted, and never success but with the content wanted.  The first byte
 * picks the codec, the next two the size.  A delta is also taken as the
 * plain bytes inside a blob, since a fuzzer does not invent zstd frames.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/pack.h"
#include "tests/support/streams.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_blob(enum codec codec, const uint8_t *p, size_t n, uint64_t size)
{
	static const uint8_t content[4096];
	struct mem_stream b = {content, sizeof(content), 0};
	struct mem_stream blob = {p, n, 0};
	struct range_source basis = range_of_mem(&b);
	struct source from = source_of_mem(&blob);
	struct narrow_sink out = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&out);
	struct hash want;
	struct err e;
	int rc;

	/* A hash that no content has. */
	memset(&want, 0, sizeof(want));
	rc = unpack(&(struct unpack_task){codec,
			codec == CODEC_RSYNC ? &basis : NULL, size, &want},
	    &from, &to, &e);
	if (out.taken > size || (rc != ERP_CORRUPT && rc != ERP_MISMATCH))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum codec codec;
	uint64_t wanted;
	struct buf blob;
	struct err e;

	if (size < 3)
		return 0;
	codec = data[0] & 1 ? CODEC_FULL : CODEC_RSYNC;
	wanted = (uint64_t)data[1] << 8 | data[2];
	data += 3;
	size -= 3;
	try_blob(codec, data, size, wanted);
	buf_init(&blob, SIZE_MAX);
	if (compress_bytes(data, size, 1, &blob, &e) != 0)
		abort();
	try_blob(codec, buf_data(&blob), blob.len, wanted);
	buf_release(&blob);
	return 0;
}
