/*
 * Any bytes as a content that is looked through for streams: two looks find
 * the same, and its view, read and packed again, has the lengths it should. Any
 * bytes as a patch between views, for a basis that has streams.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch.h"
#include "engine/delta/view/view.h"
#include "tests/support/packed.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT = 500, LIMIT = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
look_through(const uint8_t *p, size_t n)
{
	struct mem_stream mem = {p, n, 0};
	struct range_source content = range_of_mem(&mem), all;
	struct range_reader range;
	struct view_streams s, again;
	struct view_reader *r;
	struct source from;
	struct view v;
	deflate_how *how;
	uint8_t piece[512];
	uint64_t sum = 0;
	int64_t got;

	if (view_scan(&content, &s, NULL) != 0 ||
	    view_scan(&content, &again, NULL) != 0 || s.n != again.n ||
	    (s.n > 0 && memcmp(s.v, again.v, s.n * sizeof(*s.v)) != 0) ||
	    (how = malloc(s.n + 1)) == NULL)
		abort();
	memset(how, 6, s.n + 1);
	if (view_layout(&s, how, n, &v, NULL) != 0 ||
	    view_reader_new(&v, &content, &r, NULL) != 0)
		abort();
	all = view_reader_source(r);
	range = (struct range_reader){&all, 0, all.size};
	from = source_of_range(&range);
	while ((got = from.read(from.ctx, piece, sizeof(piece), NULL)) > 0)
		sum += (uint64_t)got;
	if (got < 0 || sum != v.len || v.len > n + VIEW_RAW_MAX(n))
		abort();
	view_reader_free(r);
	view_release(&v);
	view_streams_release(&s);
	view_streams_release(&again);
	free(how);
}

static void
apply(const uint8_t *p, size_t n)
{
	struct mem_stream patch = {p, n, 0}, mem;
	struct source in = source_of_mem(&patch);
	struct range_source basis;
	uint8_t text[TEXT];
	struct buf old, made;
	struct sink out;
	uint64_t size;

	buf_init(&old, LIMIT);
	buf_init(&made, LIMIT);
	out = sink_of_buf(&made);
	packed_text(text, TEXT, 1);
	packed_zip(&old, "one", text, TEXT, 6);
	packed_zip(&old, "two", text, TEXT - 100, 6);
	mem = (struct mem_stream){buf_data(&old), old.len, 0};
	basis = range_of_mem(&mem);
	if (patch_apply(&basis, &in, LIMIT, &out, &size, NULL) == 0 &&
	    size != made.len)
		abort();
	buf_release(&old);
	buf_release(&made);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	look_through(p, n);
	apply(p, n);
	return 0;
}
