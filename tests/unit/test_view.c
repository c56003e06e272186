/* Views: the same bytes by any range, the same content again, and nothing of a
 * peer's that does not fit. */
#include "engine/delta/view/view.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "tests/support/packed.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 90, TEXT = 3000 };

static struct buf content, wanted; /* and its view, by hand */
static struct view_streams streams;
static deflate_how how[MEMBERS];
static struct view view;
static struct err e;

static void
begin(void)
{
	struct mem_stream mem;
	struct range_source from;
	uint8_t text[TEXT];
	size_t i, before, n;

	buf_init(&content, 1 << 20);
	buf_init(&wanted, 1 << 20);
	for (i = 0; i < MEMBERS; i++) {
		n = TEXT - 7 * i;
		packed_text(text, n, (uint32_t)i);
		before = content.len;
		packed_zip(&content, "name", text, n, (deflate_how)(1 + i % 9));
		/* Every seventh is not chosen. */
		how[i] = i % 7 == 3 ? 0 : (deflate_how)(1 + i % 9);
		cr_assert_eq(
		    buf_append(&wanted, content.p + before, 34, &e), 0);
		cr_assert_eq(how[i] == 0
			? buf_append(&wanted, content.p + before + 34,
			      content.len - before - 34, &e)
			: buf_append(&wanted, text, n, &e),
		    0);
	}
	cr_assert_eq(buf_append(&content, "the end", 7, &e), 0);
	cr_assert_eq(buf_append(&wanted, "the end", 7, &e), 0);
	mem = (struct mem_stream){content.p, content.len, 0};
	from = range_of_mem(&mem);
	cr_assert_eq(view_scan(&from, &streams, &e), 0);
	cr_assert_eq(streams.n, MEMBERS);
	cr_assert_eq(view_layout(&streams, how, content.len, &view, &e), 0);
}

static void
end(void)
{
	view_release(&view);
	view_streams_release(&streams);
	buf_release(&content);
	buf_release(&wanted);
}

TestSuite(view, .init = begin, .fini = end);

Test(view, is_the_same_by_any_range)
{
	struct mem_stream mem = {content.p, content.len, 0};
	struct range_source from = range_of_mem(&mem), all;
	struct view_reader *r;
	struct range_reader range;
	struct source part;
	uint8_t got[5000];
	uint32_t x = 1;
	uint64_t at;
	size_t n;
	int i;

	cr_assert_eq(view.len, wanted.len);
	cr_assert_eq(view_reader_new(&view, &from, &r, &e), 0);
	all = view_reader_source(r);
	cr_assert_eq(all.size, wanted.len);
	for (i = 0; i < 2000; i++) {
		x = x * 1103515245 + 12345;
		at = (x >> 8) % wanted.len;
		x = x * 1103515245 + 12345;
		n = (x >> 8) % sizeof(got);
		n = n < wanted.len - at ? n : wanted.len - at;
		range = (struct range_reader){&all, at, all.size};
		part = source_of_range(&range);
		cr_assert_eq(source_read_full(&part, got, n, &e), (int64_t)n);
		cr_assert_arr_eq(got, wanted.p + at, n);
	}
	cr_expect_eq(all.read_at(all.ctx, wanted.len, got, 1, &e), 0);
	view_reader_free(r);
	view_reader_free(NULL);
}

static unsigned reads;

static int64_t
count_reads(void *ctx, uint64_t at, void *p, size_t n, struct err *err)
{
	const struct range_source *from = ctx;

	reads++;
	return from->read_at(from->ctx, at, p, n, err);
}

/* As a patch does that takes a little of two members in turn. */
Test(view, what_was_unpacked_is_kept)
{
	struct mem_stream mem = {content.p, content.len, 0};
	struct range_source real = range_of_mem(&mem), from, all;
	struct view_reader *r;
	unsigned first;
	uint8_t got;
	int i;

	from = (struct range_source){count_reads, &real, real.size};
	cr_assert_eq(view_reader_new(&view, &from, &r, &e), 0);
	all = view_reader_source(r);
	reads = first = 0;
	for (i = 0; i < 20; i++) {
		cr_assert_eq(
		    all.read_at(all.ctx, view.v[i % 2].view, &got, 1, &e), 1);
		if (i < 2)
			first = reads;
	}
	cr_expect_gt(first, 1);
	cr_expect_eq(reads, first);
	view_reader_free(r);
}

Test(view, a_basis_that_changes_is_noticed)
{
	struct mem_stream mem = {content.p, content.len, 0};
	struct range_source from = range_of_mem(&mem), all;
	struct view_reader *r;
	uint8_t got[100];

	cr_assert_eq(view_reader_new(&view, &from, &r, &e), 0);
	all = view_reader_source(r);
	memset(content.p + streams.v[2].at, 0xff, 20);
	cr_expect_eq(
	    all.read_at(all.ctx, view.v[2].view, got, 1, &e), ERP_MISMATCH);
	/* What came of it is not kept. */
	cr_expect_eq(
	    all.read_at(all.ctx, view.v[2].view, got, 1, &e), ERP_MISMATCH);
	cr_expect_eq(all.read_at(all.ctx, view.v[0].view, got, 100, &e), 100);
	view_reader_free(r);
}

/* Read back and forth, streams are unpacked again and again: so often. */
Test(view, jumping_has_an_end, .timeout = 60)
{
	const size_t n = 4, raw = 7 << 20;
	struct view_streams four;
	deflate_how ways[] = {6, 6, 6, 6};
	struct view_reader *r;
	struct range_source from, all;
	struct mem_stream mem;
	struct buf big;
	struct view v;
	uint8_t *zeroes = calloc(1, raw), got;
	int64_t rc = 1;
	size_t i;

	cr_assert_not_null(zeroes);
	buf_init(&big, 4 << 20);
	/* So long that four of them are a content's. */
	cr_assert_eq(buf_append(&big, zeroes, 3 << 20, &e), 0);
	for (i = 0; i < n; i++)
		packed_zip(&big, "large", zeroes, raw, 6);
	mem = (struct mem_stream){buf_data(&big), big.len, 0};
	from = range_of_mem(&mem);
	cr_assert_eq(view_scan(&from, &four, &e), 0);
	cr_assert_eq(four.n, n);
	cr_assert_eq(view_layout(&four, ways, big.len, &v, &e), 0);
	cr_assert_eq(view_reader_new(&v, &from, &r, &e), 0);
	all = view_reader_source(r);
	for (i = 0; rc == 1 && i < 1000; i++)
		rc = all.read_at(all.ctx, v.v[i % n].view, &got, 1, &e);
	cr_expect_eq(rc, ERP_MISMATCH);
	cr_expect_gt(i, 2 * n);
	cr_expect_lt(i, 40);
	view_reader_free(r);
	view_release(&v);
	view_streams_release(&four);
	buf_release(&big);
	free(zeroes);
}

/* Give the view in pieces, and compare what comes. */
static int
repack(size_t piece, const struct view *v, size_t most)
{
	struct view_repacker *r;
	struct buf out;
	struct sink to, in;
	size_t at, n;
	int rc = 0;

	buf_init(&out, 1 << 20);
	to = sink_of_buf(&out);
	cr_assert_eq(view_repacker_new(v, &to, &r, &e), 0);
	in = view_repacker_sink(r);
	for (at = 0; rc == 0 && at < most; at += n) {
		n = piece < most - at ? piece : most - at;
		rc = in.write(in.ctx, wanted.p + at, n, &e);
	}
	if (rc == 0)
		rc = view_repacker_end(r, &e);
	if (rc == 0) {
		cr_assert_eq(out.len, content.len);
		cr_expect_arr_eq(buf_data(&out), content.p, content.len);
	}
	view_repacker_free(r);
	buf_release(&out);
	return rc;
}

Test(view, is_packed_again_whatever_the_pieces)
{
	static const size_t pieces[] = {1, 33, 34, 35, 4096, 1 << 20};
	size_t i;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		cr_expect_eq(
		    repack(pieces[i], &view, wanted.len), 0, "%s", e.msg);
	view_repacker_free(NULL);
}

/* As by a zlib that packs otherwise, and a view that is cut. */
Test(view, other_lengths_are_noticed)
{
	deflate_how was = view.v[0].how;

	view.v[0].how = was == 1 ? 9 : 1;
	cr_expect_eq(repack(4096, &view, wanted.len), ERP_MISMATCH);
	view.v[0].how = 0 | 16 | 2;
	cr_expect_eq(repack(4096, &view, wanted.len), ERP_MISMATCH);
	view.v[0].how = was;
	cr_expect_eq(repack(4096, &view, wanted.len - 1), ERP_MISMATCH);
	cr_expect_eq(repack(4096, &view, 40), ERP_MISMATCH);
	view.content_len--;
	cr_expect_eq(repack(4096, &view, wanted.len), ERP_MISMATCH);
}

Test(view, what_is_said_of_it_comes_back)
{
	struct view_pair got;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	cr_assert_eq(view_encode(&view, &streams, &view, &b, &e), 0);
	cr_assert_eq(
	    view_decode(&streams, content.len, content.len, &b, &got, &e), 0,
	    "%s", e.msg);
	cr_assert_eq(got.basis.n, view.n);
	cr_assert_eq(got.target.n, view.n);
	cr_expect_eq(got.basis.len, view.len);
	for (i = 0; i < view.n; i++) {
		cr_expect_eq(got.basis.v[i].at, view.v[i].at);
		cr_expect_eq(got.basis.v[i].view, view.v[i].view);
		cr_expect_eq(got.target.v[i].view, view.v[i].view);
		cr_expect_eq(got.target.v[i].raw, view.v[i].raw);
		cr_expect_eq(got.target.v[i].how, view.v[i].how);
	}
	view_release(&got.basis);
	view_release(&got.target);
	buf_release(&b);
}

Test(view, what_no_maker_says_is_refused)
{
	static const struct {
		const char *what;
		size_t n;
		uint8_t bytes[12];
		int want;
	} rows[] = {
	    {"nothing unpacked", 3, {0, 0, 0}, 0},
	    {"one stream", 6, {1, 0, 6, 0, 10, 64}, 0},
	    {"no choice", 3, {2, 0, 0}, ERP_CORRUPT},
	    {"cut in the choice", 1, {0}, ERP_CORRUPT},
	    {"no end of the ways", 3, {0, 0, 6}, ERP_CORRUPT},
	    {"no way", 6, {0, 0, 10, 0, 0, 64}, ERP_CORRUPT},
	    {"a stream too short", 6, {0, 0, 6, 0, 0, 63}, ERP_CORRUPT},
	    {"a gap too long", 7, {0, 0, 6, 0, 0x91, 0x4e, 64}, ERP_CORRUPT},
	    {"a stream too long", 9, {0, 0, 6, 0, 0, 0x81, 0x80, 0x80, 4},
		ERP_CORRUPT},
	    {"cut in a stream", 5, {0, 0, 6, 0, 1}, ERP_CORRUPT},
	    {"bytes behind", 4, {0, 0, 0, 0}, ERP_CORRUPT},
	};
	struct view_streams two = {.v = streams.v, .n = 2};
	struct view_pair got;
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 100);
		cr_assert_eq(buf_append(&b, rows[i].bytes, rows[i].n, &e), 0);
		cr_expect_eq(
		    view_decode(&two, content.len, 10000, &b, &got, &e),
		    rows[i].want, "%s", rows[i].what);
		if (rows[i].want == 0) {
			view_release(&got.basis);
			view_release(&got.target);
		}
		buf_release(&b);
	}
}
