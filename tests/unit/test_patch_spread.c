/* Spans side by side: what a peer's choice of spans may cost. */
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/delta/patch/patch_internal.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SPANS = 1000 };

static size_t
put_number(uint8_t *p, uint64_t v)
{
	size_t n = 0;

	for (; v > 0x7f; v >>= 7)
		p[n++] = (uint8_t)(v | 0x80);
	p[n++] = (uint8_t)v;
	return n;
}

/* A patch of SPANS bytes in as many spans, each a literal 'x'. */
static size_t
put_short_spans(uint8_t *p)
{
	static const uint8_t span[] = {1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0,
	    PATCH_SKIP, 1, PATCH_LITERAL, 'x'};
	static const uint8_t head[] = {'E', 'R', 'P', 'd', PATCH_VERSION, 0};
	size_t i, n = sizeof(head);

	memcpy(p, head, sizeof(head));
	n += put_number(p + n, SPANS);
	for (i = 0; i < SPANS; i++, n += sizeof(span))
		memcpy(p + n, span, sizeof(span));
	return n;
}

static int
put_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	(void)e;
	cr_assert(off <= SPANS && n <= SPANS - off);
	memcpy((uint8_t *)ctx + off, p, n);
	return 0;
}

/* A crew that notes how many were wanted at most. */
static int
note_width(void *ctx, crew_fn *fn, void *arg, size_t n, struct err *e)
{
	size_t *most = ctx;

	*most = n > *most ? n : *most;
	return crew_run(NULL, fn, arg, n, e);
}

/* No thread is started for them: that took 17 s for 100000 spans. */
Test(patch_spread, spans_of_one_byte_are_rebuilt_in_place)
{
	uint8_t patch[16 + SPANS * 16], made[SPANS] = {0};
	struct mem_stream none = {(const uint8_t *)"", 0, 0};
	struct mem_stream m = {patch, put_short_spans(patch), 0};
	struct range_source basis = range_of_mem(&none), from;
	struct range_sink to = {put_at, made};
	const struct patch_files files = {&basis, &from, &to, NULL};
	size_t most = 0, i;
	struct crew crew = {note_width, &most};
	uint64_t size;
	struct err e;

	from = range_of_mem(&m);
	cr_assert_eq(patch_apply_spread(&files, SPANS, &crew, &size, &e), 0,
	    "%s", e.msg);
	cr_expect_eq(size, SPANS);
	for (i = 0; i < SPANS; i++)
		cr_assert_eq(made[i], 'x');
	cr_expect_eq(most, 1);
}
