#include "engine/delta/compress/compress.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress_lzma.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BIG = 3 << 20 };

static int
squeeze(const void *p, size_t n, size_t most, int level, uint64_t promise,
    struct buf *out, struct err *e)
{
	struct drip d = drip_of(p, n, most);
	struct source src = source_of_drip(&d);
	struct sink to = sink_of_buf(out), in;
	struct compressor *c;
	int64_t done;
	int rc;

	if ((rc = compressor_new(&to, level, promise, &c, e)) != 0)
		return rc;
	in = compressor_sink(c);
	done = stream_copy(&src, &in, e);
	rc = done < 0 ? (int)done : compressor_finish(c, e);
	compressor_free(c);
	return rc;
}

static int
expand(const void *p, size_t n, size_t most, uint64_t limit, struct buf *out,
    struct err *e)
{
	struct drip d = drip_of(p, n, most);
	struct source src = source_of_drip(&d), from;
	struct sink to = sink_of_buf(out);
	struct decompressor *x;
	int64_t done;
	int rc;

	if ((rc = decompressor_new(&src, limit, &x, e)) != 0)
		return rc;
	from = decompressor_source(x);
	done = stream_copy(&from, &to, e);
	decompressor_free(x);
	return done < 0 ? (int)done : 0;
}

/* Half noise, half repetition. */
static uint8_t *
content(size_t n)
{
	uint8_t *p = malloc(n + 1);

	fill_noise(p, n / 2, 7);
	memset(p + n / 2, 'r', n - n / 2);
	return p;
}

Test(compress, round_trips)
{
	static const size_t sizes[] = {
	    0, 1, 100, 4096, 256 * 1024, 256 * 1024 + 1, BIG};
	static const size_t most[] = {7, 4096, SIZE_MAX};
	struct buf packed, back;
	struct err e;
	size_t i, k, n;
	uint8_t *p = content(BIG);

	buf_init(&packed, SIZE_MAX);
	buf_init(&back, SIZE_MAX);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sizes[i];
		for (k = 0; k < 2 * sizeof(most) / sizeof(most[0]); k++) {
			buf_clear(&packed);
			buf_clear(&back);
			cr_assert_eq(squeeze(p, n, most[k / 2], 3,
					 k % 2 ? UINT64_MAX : n, &packed, &e),
			    0, "%zu: %s", n, e.msg);
			cr_assert_eq(expand(buf_data(&packed), packed.len,
					 most[k / 2], n, &back, &e),
			    0, "%zu: %s", n, e.msg);
			cr_assert_eq(back.len, n);
			if (n > 0)
				cr_expect_arr_eq(buf_data(&back), p, n);
		}
	}
	buf_release(&packed);
	buf_release(&back);
	free(p);
}

Test(compress, short_content_of_unknown_size_is_as_small_as_of_known)
{
	struct buf known, unknown;
	struct err e;
	uint8_t *p = content(5000);

	buf_init(&known, SIZE_MAX);
	buf_init(&unknown, SIZE_MAX);
	cr_assert_eq(squeeze(p, 5000, 100, 19, 5000, &known, &e), 0);
	cr_assert_eq(squeeze(p, 5000, 100, 19, UINT64_MAX, &unknown, &e), 0);
	cr_expect_eq(known.len, unknown.len);
	buf_release(&known);
	buf_release(&unknown);
	free(p);
}

Test(compress, highest_level_stays_within_the_window)
{
	enum { LEN = 20 << 20 };
	struct buf packed;
	struct narrow_sink all = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&all);
	struct mem_stream mem;
	struct source src, from;
	struct decompressor *d;
	struct err e;
	uint8_t *p = calloc(1, LEN);

	buf_init(&packed, SIZE_MAX);
	fill_noise(p, 1000, 5);
	cr_assert_eq(squeeze(p, LEN, SIZE_MAX, 19, UINT64_MAX, &packed, &e), 0);
	mem = (struct mem_stream){buf_data(&packed), packed.len, 0};
	src = source_of_mem(&mem);
	cr_assert_eq(decompressor_new(&src, LEN, &d, &e), 0);
	from = decompressor_source(d);
	cr_expect_eq(stream_copy(&from, &to, &e), LEN, "%s", e.msg);
	decompressor_free(d);
	buf_release(&packed);
	free(p);
}

Test(compress, refuses_levels_and_broken_promises)
{
	static const struct {
		size_t n;
		int level;
		uint64_t promise;
		int rc;
	} cases[] = {{10, 0, 10, ERP_USAGE}, {10, 20, 10, ERP_USAGE},
	    {10, -1, 10, ERP_USAGE}, {10, 3, 11, ERP_MISMATCH},
	    {10, 3, 9, ERP_MISMATCH}, {10, 3, 0, ERP_MISMATCH},
	    {0, 3, 1, ERP_MISMATCH}, {400000, 3, 399999, ERP_MISMATCH},
	    {400000, 3, 400001, ERP_MISMATCH}};
	struct buf out;
	struct err e;
	size_t i;
	uint8_t *p = content(400000);

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_init(&out, SIZE_MAX);
		cr_expect_eq(squeeze(p, cases[i].n, 1000, cases[i].level,
				 cases[i].promise, &out, &e),
		    cases[i].rc, "case %zu", i);
		buf_release(&out);
	}
	free(p);
}

Test(compress, cut_or_longer_frames_are_corrupt)
{
	struct buf packed, back;
	struct err e;
	uint8_t *p = content(3000), zero = 0;
	size_t i;

	buf_init(&packed, SIZE_MAX);
	buf_init(&back, SIZE_MAX);
	cr_assert_eq(squeeze(p, 3000, SIZE_MAX, 3, 3000, &packed, &e), 0);
	for (i = 0; i < packed.len; i++) {
		buf_clear(&back);
		cr_expect_eq(expand(buf_data(&packed), i, 7, 3000, &back, &e),
		    ERP_CORRUPT, "%zu", i);
	}
	cr_assert_eq(buf_append(&packed, &zero, 1, &e), 0);
	for (i = 1; i < 4096; i = 2 * i + 1) {
		buf_clear(&back);
		cr_expect_eq(
		    expand(buf_data(&packed), packed.len, i, 3000, &back, &e),
		    ERP_CORRUPT);
	}
	buf_release(&packed);
	buf_release(&back);
	free(p);
}

Test(compress, odd_frames)
{
	static const struct {
		const char *frame;
		size_t len;
		int rc;
	} cases[] = {
#define FRAME(text, rc) {text, sizeof(text) - 1, rc}
	    /* Nothing, in one last raw block: window of 8 MiB, of 16 MiB. */
	    FRAME("\x28\xb5\x2f\xfd\x00\x68\x01\0\0", 0),
	    FRAME("\x28\xb5\x2f\xfd\x00\x70\x01\0\0", ERP_CORRUPT),
	    FRAME("\x28\xb5\x2f\xfd\x00\xa8\x01\0\0", ERP_CORRUPT),
	    /* Two frames; a skippable one alone and in front. */
	    FRAME("\x28\xb5\x2f\xfd\x00\x68\x01\0\0"
		  "\x28\xb5\x2f\xfd\x00\x68\x01\0\0",
		ERP_CORRUPT),
	    FRAME("\x50\x2a\x4d\x18\0\0\0\0", ERP_CORRUPT),
	    FRAME("\x50\x2a\x4d\x18\0\0\0\0"
		  "\x28\xb5\x2f\xfd\x00\x68\x01\0\0",
		ERP_CORRUPT),
	    /* A dictionary is asked for; not zstd at all. */
	    FRAME("\x28\xb5\x2f\xfd\x01\x68\x07\x01\0\0", ERP_CORRUPT),
	    FRAME("\x1f\x8b\x08\0\0\0\0\0\0\0", ERP_CORRUPT),
#undef FRAME
	};
	struct buf back;
	struct err e;
	size_t i;

	buf_init(&back, SIZE_MAX);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(
		    expand(cases[i].frame, cases[i].len, 3, 100, &back, &e),
		    cases[i].rc, "case %zu", i);
	cr_expect_eq(back.len, 0);
	buf_release(&back);
}

Test(compress, output_stops_at_the_limit)
{
	static const size_t limits[] = {0, 1, 1000, BIG - 1};
	struct narrow_sink all = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&all);
	struct mem_stream mem;
	struct source src = source_of_mem(&mem), from;
	struct decompressor *d;
	struct buf packed;
	struct err e;
	uint8_t *p = calloc(1, BIG), byte;
	size_t i, k;

	for (k = 0; k < 2; k++) {
		buf_init(&packed, SIZE_MAX);
		cr_assert_eq(squeeze(p, BIG, SIZE_MAX, 3,
				 k == 0 ? BIG : UINT64_MAX, &packed, &e),
		    0);
		for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			mem = (struct mem_stream){
			    buf_data(&packed), packed.len, 0};
			all.taken = 0;
			cr_assert_eq(
			    decompressor_new(&src, limits[i], &d, &e), 0);
			from = decompressor_source(d);
			cr_expect_eq(stream_copy(&from, &to, &e), ERP_CORRUPT);
			cr_expect_leq(all.taken, limits[i]);
			/* It stays failed. */
			cr_expect_eq(
			    from.read(from.ctx, &byte, 1, &e), ERP_CORRUPT);
			decompressor_free(d);
		}
		buf_release(&packed);
	}
	free(p);
}

Test(compress, fails_with_its_streams)
{
	struct narrow_sink narrow = {100, 0};
	struct sink to = sink_of_narrow(&narrow), in;
	struct drip d;
	struct source src = source_of_drip(&d), from;
	struct compressor *c;
	struct decompressor *x;
	struct buf packed;
	struct err e;
	uint8_t *p = content(BIG), byte[64];
	int64_t got;

	cr_assert_eq(compressor_new(&to, 3, UINT64_MAX, &c, &e), 0);
	in = compressor_sink(c);
	cr_expect_eq(in.write(in.ctx, p, BIG, &e), ERP_NOSPACE);
	compressor_free(c);
	buf_init(&packed, SIZE_MAX);
	cr_assert_eq(compress_bytes(p, BIG, 1, &packed, &e), 0);
	d = drip_of(buf_data(&packed), packed.len, 4096);
	d.fail_at = packed.len / 2;
	cr_assert_eq(decompressor_new(&src, BIG, &x, &e), 0);
	from = decompressor_source(x);
	do {
		got = from.read(from.ctx, byte, sizeof(byte), &e);
	} while (got > 0);
	cr_expect_eq(got, ERP_IO);
	decompressor_free(x);
	buf_release(&packed);
	free(p);
}

Test(compress, byte_ranges_are_appended_within_the_limit)
{
	struct buf packed, back;
	struct err e;
	uint8_t *p = content(1000);

	buf_init(&packed, SIZE_MAX);
	cr_assert_eq(compress_bytes(p, 1000, 19, &packed, &e), 0);
	buf_init(&back, 1003);
	cr_assert_eq(buf_append(&back, "abc", 3, &e), 0);
	cr_assert_eq(
	    decompress_bytes(buf_data(&packed), packed.len, &back, &e), 0);
	cr_assert_eq(back.len, 1003);
	cr_expect_arr_eq(buf_data(&back) + 3, p, 1000);
	buf_release(&back);
	buf_init(&back, 999);
	cr_expect_eq(decompress_bytes(buf_data(&packed), packed.len, &back, &e),
	    ERP_CORRUPT);
	buf_release(&back);
	buf_release(&packed);
	buf_init(&packed, 1003);
	cr_expect_eq(compress_bytes("", 0, 3, &packed, &e), 0);
	cr_expect_gt(packed.len, 0);
	buf_release(&packed);
	free(p);
}

/* A frame of unknown size wants its level's whole window. */
Test(compress, a_window_above_the_limit_is_refused)
{
	static const struct {
		unsigned log;
		int rc;
	} rows[] = {{20, ERP_CORRUPT}, {21, 0}, {23, 0}};
	uint8_t *p = calloc(1, BIG), byte[64];
	struct compressor *c;
	struct decompressor *x;
	struct mem_stream mem;
	struct source src = source_of_mem(&mem), from;
	struct sink to, in;
	struct buf packed;
	struct err e;
	int64_t got;
	size_t i;

	cr_assert_not_null(p);
	buf_init(&packed, SIZE_MAX);
	to = sink_of_buf(&packed);
	cr_assert_eq(compressor_new(&to, 3, UINT64_MAX, &c, &e), 0);
	in = compressor_sink(c);
	for (i = 0; i < 4 * 1024 * 1024; i += BIG)
		cr_assert_eq(in.write(in.ctx, p, BIG, &e), 0);
	cr_assert_eq(compressor_finish(c, &e), 0);
	compressor_free(c);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mem = (struct mem_stream){buf_data(&packed), packed.len, 0};
		cr_assert_eq(decompressor_new(&src, 1 << 30, &x, &e), 0);
		cr_assert_eq(decompressor_set_window(x, rows[i].log, &e), 0);
		from = decompressor_source(x);
		do {
			got = from.read(from.ctx, byte, sizeof(byte), &e);
		} while (got > 0);
		cr_expect_eq(got, rows[i].rc, "2^%u", rows[i].log);
		decompressor_free(x);
	}
	buf_release(&packed);
	free(p);
}

Test(compress, choices_of_lzma_have_their_limits)
{
	static const struct {
		struct lzma_choice choice;
		int rc;
	} rows[] = {{{9, 4, LZMA_DICTIONARY_MAX}, 0},
	    {{0, 0, LZMA_DICTIONARY_MIN}, 0},
	    {{10, 0, LZMA_DICTIONARY_MIN}, ERP_USAGE},
	    {{9, 5, LZMA_DICTIONARY_MIN}, ERP_USAGE},
	    {{9, 0, LZMA_DICTIONARY_MAX + 1}, ERP_USAGE}};
	struct buf b;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 1 << 20);
		cr_expect_eq(
		    compress_lzma_bytes("abc", 3, &rows[i].choice, &b, &e),
		    rows[i].rc, "row %zu", i);
		buf_release(&b);
	}
}

/* The second byte of such a stream is its dictionary, as a logarithm. */
Test(compress, dictionaries_of_lzma_have_their_limits)
{
	static const uint8_t logs[] = {0, LZMA_DICTIONARY_MIN - 1,
	    LZMA_DICTIONARY_MIN, 15, 16, 17, LZMA_DICTIONARY_MAX, 255};
	static const struct lzma_choice choice = {6, 0, 16};
	static uint8_t content[1 << 17], back[1 << 17];
	struct decompress_lzma *d;
	struct mem_stream mem;
	struct source in = source_of_mem(&mem), src;
	struct buf b;
	struct err e;
	size_t i;
	bool legal;

	buf_init(&b, 1 << 20);
	cr_assert_eq(
	    compress_lzma_bytes(content, sizeof(content), &choice, &b, &e), 0);
	cr_assert_eq(b.p[b.off + 1], 16);
	for (i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		b.p[b.off + 1] = logs[i];
		legal = logs[i] >= LZMA_DICTIONARY_MIN && logs[i] <= 16;
		mem = (struct mem_stream){buf_data(&b), b.len, 0};
		cr_assert_eq(
		    decompress_lzma_new(&in, sizeof(content), 16, &d, &e), 0);
		src = decompress_lzma_source(d);
		cr_expect_eq(src.read(src.ctx, back, 1, &e),
		    legal ? 1 : ERP_CORRUPT, "%u", logs[i]);
		decompress_lzma_free(d);
	}
	buf_release(&b);
}
