/*
 * A projected patch whose plan, covers and streams are any bytes, cut where
 * their own lengths say: it is refused, or gives what its head says, the same
 * in order and by position.
 */
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/patch/patch_internal.h"
#include "tests/support/streams.h"

#include <stdlib.h>
#include <string.h>

enum { BASIS_LEN = 8192, TARGET_MAX = 16384, STREAM_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int rc)
{
	if (rc != 0)
		abort();
}

/* A span with the streams whose bits are set, stored, each as one chunk. */
static void
put_span(struct buf *out, struct cursor *in, uint64_t len, uint8_t wanted)
{
	struct span s[PATCH_STREAMS] = {{NULL, 0}};
	uint8_t i;

	for (i = 0; i < PATCH_STREAMS; i++) {
		if ((wanted >> i & 1) == 0)
			continue;
		s[i].n = cursor_u16(in) % STREAM_MAX;
		if (s[i].n > in->len)
			s[i].n = in->len;
		s[i].p = cursor_bytes(in, s[i].n);
	}
	check(put_varint(out, len, NULL));
	for (i = 0; i < PATCH_STREAMS; i++) {
		check(put_varint(out, s[i].n, NULL));
		if (s[i].n == 0)
			continue;
		check(put_u8(out, PATCH_STORED, NULL));
		check(put_varint(out, s[i].n, NULL));
	}
	for (i = 0; i < PATCH_STREAMS; i++)
		if (s[i].n > 0) {
			check(put_u8(out, i, NULL));
			check(buf_append(out, s[i].p, s[i].n, NULL));
		}
}

static int
put_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	(void)e;
	if (off > TARGET_MAX || n > TARGET_MAX - off)
		abort();
	memcpy((uint8_t *)ctx + off, p, n);
	return 0;
}

/* Calls of x86 in one half, pages and branches of ARM64 in the other. */
static void
put_basis(uint8_t *p)
{
	static const uint32_t words[] = {0x90000003, 0x91024063, 0xf9404064,
	    0x94000040, 0xb0ffffe5, 0xd503201f, 0x3dc008a0, 0x54000801,
	    0x10000402, 0x36000400, 0x58000801};
	size_t i;

	for (i = 0; i < BASIS_LEN / 2; i++)
		p[i] = i % 5 == 0 ? 0xe8
		    : i % 5 == 1  ? (uint8_t)(i * 7 + (i >> 8))
				  : 0;
	for (; i < BASIS_LEN; i += 4)
		store_u32(p + i, words[i / 4 % (sizeof(words) / 4)]);
}

static void
apply(const struct buf *patch, uint64_t len)
{
	static uint8_t basis[BASIS_LEN], placed[TARGET_MAX];
	struct mem_stream b = {basis, sizeof(basis), 0};
	struct mem_stream m = {buf_data(patch), patch->len, 0};
	struct range_source range = range_of_mem(&b), bytes = range_of_mem(&m);
	struct source in = source_of_mem(&m);
	struct range_sink places = {put_at, placed};
	const struct patch_files files = {&range, &bytes, &places, NULL};
	struct buf made;
	struct sink out;
	uint64_t size, spread;
	int rc;

	put_basis(basis);
	buf_init(&made, TARGET_MAX);
	out = sink_of_buf(&made);
	rc = patch_apply(&range, &in, len, &out, &size, NULL);
	if (rc != 0 && rc != ERP_CORRUPT && rc != ERP_NOMEM)
		abort();
	if (patch_apply_spread(&files, len, NULL, &spread, NULL) != rc)
		abort();
	if (rc == 0 &&
	    (size != len || made.len != len || spread != len ||
		memcmp(placed, buf_data(&made), len) != 0))
		abort();
	buf_release(&made);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t version = PATCH_VERSION_PROJECTED;
	struct cursor in;
	struct buf patch;
	uint64_t len, half;

	cursor_init(&in, data, size);
	len = 2 + cursor_u16(&in) % (TARGET_MAX - 2);
	half = 1 + cursor_u16(&in) % (len - 1);
	buf_init(&patch, SIZE_MAX / 2);
	check(buf_append(&patch, PATCH_MAGIC, PATCH_MAGIC_LEN, NULL));
	check(put_u8(&patch, version, NULL));
	check(put_varint(&patch, BASIS_LEN, NULL));
	check(put_varint(&patch, len, NULL));
	put_span(&patch, &in, len, 0x0f);
	put_span(&patch, &in, half, 0x71);
	put_span(&patch, &in, len - half, 0x71);
	apply(&patch, len);
	buf_release(&patch);
	return 0;
}
