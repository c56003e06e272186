/* Both ends find the same streams, by the rule of docs/patch-format.md. */
#include "engine/delta/view/view_scan.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "tests/support/packed.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 5000, MIB = 1024 * 1024 };

static uint8_t text[TEXT];
static struct buf content;
static struct view_streams found;
static struct err e;

static void
begin(void)
{
	packed_text(text, TEXT, 1);
	buf_init(&content, 64 * MIB);
}

static void
end(void)
{
	view_streams_release(&found);
	buf_release(&content);
}

TestSuite(view_scan, .init = begin, .fini = end);

static void
put(const void *p, size_t n)
{
	cr_assert_eq(buf_append(&content, p, n, &e), 0);
}

static void
put_noise(size_t n)
{
	uint8_t *p = malloc(n + 1);

	cr_assert_not_null(p);
	fill_noise(p, n, (uint32_t)n);
	put(p, n);
	free(p);
}

static void
scan(void)
{
	struct mem_stream mem = {buf_data(&content), content.len, 0};
	struct range_source from = range_of_mem(&mem);

	view_streams_release(&found);
	cr_assert_eq(view_scan(&from, &found, &e), 0, "%s", e.msg);
}

Test(view_scan, finds_each_kind)
{
	put_noise(1000);
	packed_zip(&content, "a/name.class", text, TEXT, 6);
	packed_zip(&content, "b", text, 3000, 1);
	packed_gzip(&content, NULL, text, TEXT);
	packed_gzip(&content, "named.txt", text, 4000);
	packed_zlib(&content, text, 2000);
	put_noise(1000);
	scan();
	cr_assert_eq(found.n, 5);
	cr_expect_eq(found.v[0].at, 1000 + 30 + 12);
	cr_expect_eq(found.v[0].raw, TEXT);
	cr_expect_eq(found.v[1].at, found.v[0].at + found.v[0].packed + 31);
	cr_expect_eq(found.v[1].raw, 3000);
	cr_expect_eq(found.v[2].at, found.v[1].at + found.v[1].packed + 10);
	cr_expect_eq(found.v[3].raw, 4000);
	cr_expect_eq(
	    found.v[3].at, found.v[2].at + found.v[2].packed + 8 + 10 + 10);
	cr_expect_eq(found.v[4].raw, 2000);
}

/* Wherever a head stands in what is read at once. */
Test(view_scan, the_place_of_a_head_does_not_matter)
{
	size_t front;

	for (front = 65536 - 320; front <= 65536 + 20; front += 7) {
		buf_clear(&content);
		put_noise(front);
		packed_gzip(&content, "a name of some length", text, TEXT);
		put_noise(100);
		scan();
		cr_assert_eq(found.n, 1, "%zu", front);
		cr_expect_eq(found.v[0].at, front + 10 + 22);
	}
}

Test(view_scan, what_only_looks_like_one_is_left)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t value;
	} rows[] = {{"no zip", 0, 'Q'}, {"stored", 8, 0}, {"encrypted", 6, 1},
	    {"another length of its name", 26, 2}, {"no stream", 31, 0xff}};
	uint8_t *p;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&content);
		packed_zip(&content, "n", text, TEXT, 6);
		put_noise(50);
		p = content.p + content.off + rows[i].at;
		*p = rows[i].value;
		scan();
		cr_expect_eq(found.n, 0, "%s", rows[i].what);
	}
}

Test(view_scan, short_and_long_ones_are_left)
{
	uint8_t *zeroes = calloc(1, 9 * MIB);

	cr_assert_not_null(zeroes);
	packed_zip(&content, "short", text, VIEW_STREAM_MIN - 1, 6);
	packed_zip(&content, "enough", text, VIEW_STREAM_MIN, 6);
	packed_zip(&content, "too long", zeroes, VIEW_STREAM_MAX + 1, 6);
	packed_zip(&content, "last", text, TEXT, 6);
	scan();
	cr_assert_eq(found.n, 2);
	cr_expect_eq(found.v[0].raw, VIEW_STREAM_MIN);
	cr_expect_eq(found.v[1].raw, TEXT);
	free(zeroes);
}

/* A bomb: all that is unpacked of a content has an end. */
Test(view_scan, all_together_have_an_end)
{
	uint8_t *zeroes = calloc(1, MIB);
	uint64_t sum = 0;
	size_t i;

	cr_assert_not_null(zeroes);
	for (i = 0; i < 100; i++)
		packed_zip(&content, "z", zeroes, MIB, 9);
	scan();
	for (i = 0; i < found.n; i++)
		sum += found.v[i].raw;
	cr_expect_leq(sum, VIEW_RAW_MAX(content.len));
	cr_expect_gt(sum + MIB, VIEW_RAW_MAX(content.len));
	free(zeroes);
}

/* And so has what is tried in vain. */
Test(view_scan, heads_without_streams_are_tried_so_often)
{
	size_t i, n = VIEW_VAIN_MAX / VIEW_VAIN_NONE;

	for (i = 0; i < n; i++)
		put("\x78\x9c\xff\xff", 4);
	packed_zip(&content, "behind", text, TEXT, 6);
	scan();
	cr_expect_eq(found.n, 0);
	buf_clear(&content);
	for (i = 0; i < n - 1; i++)
		put("\x78\x9c\xff\xff", 4);
	packed_zip(&content, "behind", text, TEXT, 6);
	scan();
	cr_expect_eq(found.n, 1);
}

Test(view_scan, short_streams_are_tried_so_often)
{
	size_t i;

	for (i = 0; i < VIEW_VAIN_MAX; i++)
		put("\x78\x9c\3\0", 4);
	packed_zip(&content, "behind", text, TEXT, 6);
	scan();
	cr_expect_eq(found.n, 0);
	buf_clear(&content);
	for (i = 0; i < VIEW_VAIN_MAX - 1; i++)
		put("\x78\x9c\3\0", 4);
	packed_zip(&content, "behind", text, TEXT, 6);
	scan();
	cr_expect_eq(found.n, 1);
}

/* One that fails late costs more, whether it came out or only went in. */
Test(view_scan, what_fails_late_ends_the_search_sooner)
{
	static const uint8_t block[] = {0, 0, 0, 0xff, 0xff};
	uint8_t head[30] = {'P', 'K', 3, 4, 20, 0, 0, 0, 8};
	uint8_t *zeroes = calloc(1, VIEW_STREAM_MAX + 1);
	size_t i;

	cr_assert_not_null(zeroes);
	put_noise(MIB);
	for (i = 0; i < 32; i++)
		packed_zip(
		    &content, "too long", zeroes, VIEW_STREAM_MAX + 1, 9);
	packed_zip(&content, "never found", text, TEXT, 6);
	scan();
	cr_expect_eq(found.n, 0);
	buf_clear(&content);
	/* 4 MiB of empty blocks, without an end, behind heads that all lead
	 * into them: 1024 each. */
	for (i = 70; i-- > 0;) {
		head[26] = (uint8_t)(i * sizeof(head));
		head[27] = (uint8_t)(i * sizeof(head) >> 8);
		put(head, sizeof(head));
	}
	for (i = 0; i < 4 * MIB / sizeof(block); i++)
		put(block, sizeof(block));
	packed_zip(&content, "never found", text, TEXT, 6);
	scan();
	cr_expect_eq(found.n, 0);
	free(zeroes);
}

/* A file that is appended to while it is looked through, and short reads. */
struct growing {
	struct mem_stream mem;
	struct range_source from;
};

static int64_t
read_growing(void *ctx, uint64_t off, void *p, size_t n, struct err *err)
{
	struct growing *g = ctx;

	return g->from.read_at(g->from.ctx, off, p, n < 7 ? n : 7, err);
}

Test(view_scan, what_lies_behind_the_end_is_no_part_of_it)
{
	struct growing g;
	struct range_source shorter;
	size_t end;

	packed_zip(&content, "whole", text, TEXT, 6);
	end = content.len + 30 + 40;
	packed_zip(&content, "cut", text, TEXT, 6);
	g.mem = (struct mem_stream){buf_data(&content), content.len, 0};
	g.from = range_of_mem(&g.mem);
	shorter = (struct range_source){read_growing, &g, end};
	cr_assert_eq(view_scan(&shorter, &found, &e), 0);
	cr_assert_eq(found.n, 1);
	cr_expect_eq(found.v[0].raw, TEXT);
	cr_expect_leq(found.v[0].at + found.v[0].packed, end);
}

Test(view_scan, little_or_nothing_has_none)
{
	scan();
	cr_expect_eq(found.n, 0);
	put("PK\3\4", 4);
	scan();
	cr_expect_eq(found.n, 0);
}
