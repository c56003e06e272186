/* Patches between known contents: round trips, damage, hostile bytes. */
#include "engine/delta/patch/patch.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch_internal.h"
#include "engine/delta/patch/patch_make_internal.h"
#include "transport/net/threads.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 1 << 22 };

struct bytes {
	uint8_t *p;
	size_t n;
};

static uint32_t
noise(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* The shapes of the matrix; some need more than one piece of everything. */
enum { SHAPES = 9 };
static struct bytes
shape(int which)
{
	static const size_t sizes[SHAPES] = {
	    0, 1, 5000, 70000, 70000, 70100, 300000, 300000, 40000};
	struct bytes b = {NULL, sizes[which]};
	uint32_t seed = 7;
	size_t i;

	b.p = malloc(b.n + 1);
	cr_assert_not_null(b.p);
	for (i = 0; i < b.n; i++)
		b.p[i] = which == 2 ? 'r' : (uint8_t)noise(&seed);
	if (which == 4) /* a few bytes of 3 changed, all over it */
		for (i = 100; i < b.n; i += 997)
			b.p[i]++;
	if (which == 5) /* 3 shifted by an insertion */
		memmove(b.p + 35100, b.p + 35000, 35000);
	if (which == 7) /* 6 with words that grew, as addresses do */
		for (i = 0; i + 4 < b.n; i += 64)
			b.p[i] = (uint8_t)(b.p[i] + 3);
	if (which == 8) /* unlike all others */
		for (i = 0; i < b.n; i++)
			b.p[i] = (uint8_t)(noise(&seed) * 31 + i);
	return b;
}

static int
make(const struct bytes *basis, const struct bytes *target,
    enum patch_effort effort, struct buf *out)
{
	struct patch_pair pair = {.basis = basis->p,
	    .basis_len = basis->n,
	    .target = target->p,
	    .target_len = target->n,
	    .effort = effort};
	struct sink to = sink_of_buf(out);
	struct err e;

	return patch_make(&pair, &to, &e);
}

static int
put_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	struct bytes *to = ctx;

	(void)e;
	cr_assert(off <= to->n && n <= to->n - off, "written behind the end");
	memcpy(to->p + off, p, n);
	return 0;
}

/* Apply in order and spread: both say the same of every patch. */
static int
apply(const struct bytes *basis, const uint8_t *patch, size_t n, uint64_t limit,
    struct buf *out)
{
	unsigned threads = 3;
	struct crew crew = {threads_real()->run, &threads};
	struct mem_stream b = {basis->p, basis->n, 0}, m = {patch, n, 0};
	struct range_source range = range_of_mem(&b), bytes = range_of_mem(&m);
	struct source from = source_of_mem(&m);
	struct sink to = sink_of_buf(out);
	struct bytes placed = {calloc(1, limit + 1), (size_t)limit};
	struct range_sink places = {put_at, &placed};
	const struct patch_files files = {&range, &bytes, &places, NULL};
	uint64_t size, spread_size;
	struct err e;
	int rc;

	cr_assert_not_null(placed.p);
	rc = patch_apply(&range, &from, limit, &to, &size, &e);
	cr_assert_eq(
	    patch_apply_spread(&files, limit, &crew, &spread_size, &e), rc);
	if (rc == 0) {
		cr_assert_eq(spread_size, size);
		cr_assert(size == 0 ||
		    memcmp(placed.p, buf_data(out), (size_t)size) == 0);
	}
	free(placed.p);
	return rc;
}

Test(patch, every_shape_comes_back_from_every_other, .timeout = 300)
{
	struct bytes basis, target;
	struct buf patch, out;
	int a, b, effort, rc;

	for (a = 0; a < SHAPES; a++)
		for (b = 0; b < SHAPES; b++)
			for (effort = PATCH_BEST; effort <= PATCH_QUICK;
			     effort++) {
				basis = shape(a);
				target = shape(b);
				buf_init(&patch, LIMIT);
				buf_init(&out, LIMIT);
				rc = make(&basis, &target,
				    (enum patch_effort)effort, &patch);
				cr_assert(rc == 0 || rc == PATCH_NONE,
				    "%d to %d: %d", a, b, rc);
				if (rc == 0) {
					cr_assert_eq(
					    apply(&basis, buf_data(&patch),
						patch.len, target.n, &out),
					    0, "%d to %d", a, b);
					cr_assert_eq(out.len, target.n);
					cr_assert(target.n == 0 ||
					    memcmp(buf_data(&out), target.p,
						target.n) == 0);
				}
				buf_release(&patch);
				buf_release(&out);
				free(basis.p);
				free(target.p);
			}
}

static void
check_costs(enum patch_effort effort, const size_t most[4])
{
	static const int shapes[4][2] = {{3, 3}, {3, 4}, {3, 5}, {6, 7}};
	struct bytes basis, target;
	struct buf patch;
	size_t i;

	for (i = 0; i < 4; i++) {
		basis = shape(shapes[i][0]);
		target = shape(shapes[i][1]);
		buf_init(&patch, LIMIT);
		cr_assert_eq(make(&basis, &target, effort, &patch), 0);
		cr_expect_leq(
		    patch.len, most[i], "row %zu: %zu bytes", i, patch.len);
		buf_release(&patch);
		free(basis.p);
		free(target.p);
	}
}

Test(patch, near_contents_cost_little)
{
	check_costs(PATCH_BEST, (size_t[]){200, 1500, 600, 1500});
}

Test(patch, the_quick_way_finds_most_of_it)
{
	check_costs(PATCH_QUICK, (size_t[]){200, 1600, 700, 2500});
}

/* A patch made for a basis with gaps works whatever stands in them. */
Test(patch, nothing_is_copied_from_gaps)
{
	static const struct patch_gap gap[] = {
	    {0, 1}, {700, 1500}, {1501, 1502}, {30000, 45000}, {69990, 70000}};
	struct bytes basis = shape(3), target = shape(4);
	struct patch_pair pair = {.basis = basis.p,
	    .basis_len = basis.n,
	    .target = target.p,
	    .target_len = target.n,
	    .gap = gap,
	    .gap_n = sizeof(gap) / sizeof(gap[0])};
	struct buf patch, out;
	struct sink to = sink_of_buf(&patch);
	size_t i;
	struct err e;
	int effort;

	for (effort = PATCH_BEST; effort <= PATCH_QUICK; effort++) {
		buf_init(&patch, LIMIT);
		buf_init(&out, LIMIT);
		pair.effort = (enum patch_effort)effort;
		cr_assert_eq(patch_make(&pair, &to, &e), 0, "%s", e.msg);
		/* About as many literals as the gaps have bytes. */
		cr_expect_gt(patch.len, 15000);
		cr_expect_lt(patch.len, 19000, "%zu", patch.len);
		for (i = 0; i < pair.gap_n; i++)
			memset(basis.p + gap[i].from, 0xa5,
			    (size_t)(gap[i].to - gap[i].from));
		cr_assert_eq(
		    apply(&basis, buf_data(&patch), patch.len, target.n, &out),
		    0);
		cr_expect_eq(out.len, target.n);
		cr_expect_eq(memcmp(buf_data(&out), target.p, target.n), 0);
		buf_release(&patch);
		buf_release(&out);
		free(basis.p);
		basis = shape(3);
		pair.basis = basis.p;
	}
	free(basis.p);
	free(target.p);
}

static bool
enough(void *ctx)
{
	int *asked = ctx;

	return --*asked < 0;
}

Test(patch, making_one_can_be_given_up)
{
	struct bytes basis = shape(6), target = shape(7);
	int asked, rc = ERP_CANCELLED, after;
	struct patch_pair pair = {.basis = basis.p,
	    .basis_len = basis.n,
	    .target = target.p,
	    .target_len = target.n,
	    .effort = PATCH_BEST,
	    .is_cancelled = enough,
	    .ctx = &asked};
	struct buf patch;
	struct sink to = sink_of_buf(&patch);
	struct err e;

	for (after = 0; rc != 0; after++) {
		asked = after;
		buf_init(&patch, LIMIT);
		rc = patch_make(&pair, &to, &e);
		cr_assert(rc == 0 || rc == ERP_CANCELLED, "%d", rc);
		if (rc != 0)
			cr_expect_eq(patch.len, 0);
		buf_release(&patch);
	}
	cr_expect_geq(after, 4, "asked only %d times", after);
	cr_expect_geq(asked, 0, "it went on");
	free(basis.p);
	free(target.p);
}

Test(patch, a_cut_or_a_longer_patch_is_refused)
{
	struct bytes basis = shape(3), target = shape(4);
	struct buf patch, out;
	size_t n;
	int rc;

	buf_init(&patch, LIMIT);
	cr_assert_eq(make(&basis, &target, PATCH_BEST, &patch), 0);
	for (n = 0; n < patch.len; n++) {
		buf_init(&out, LIMIT);
		rc = apply(&basis, buf_data(&patch), n, target.n, &out);
		cr_assert_eq(rc, ERP_CORRUPT, "%zu bytes: %d", n, rc);
		buf_release(&out);
	}
	cr_assert_eq(buf_append(&patch, "x", 1, NULL), 0);
	buf_init(&out, LIMIT);
	cr_expect_eq(apply(&basis, buf_data(&patch), patch.len, target.n, &out),
	    ERP_CORRUPT);
	buf_release(&out);
	buf_release(&patch);
	free(basis.p);
	free(target.p);
}

/* Damage is refused or gives something of the right length: the content hash
 * decides then.  It never reads or writes where it must not (ASan). */
static void
damage(enum patch_effort effort)
{
	struct bytes basis = shape(3), target = shape(4);
	struct buf patch, out;
	uint8_t *copy;
	size_t at;
	int rc, way;

	buf_init(&patch, LIMIT);
	cr_assert_eq(make(&basis, &target, effort, &patch), 0);
	copy = malloc(patch.len);
	cr_assert_not_null(copy);
	for (at = 0; at < patch.len; at++)
		for (way = 0; way < 3; way++) {
			memcpy(copy, buf_data(&patch), patch.len);
			copy[at] = way == 0 ? (uint8_t)(copy[at] ^ 1)
			    : way == 1      ? 0xff
					    : (uint8_t)(copy[at] + 0x80);
			buf_init(&out, LIMIT);
			rc = apply(&basis, copy, patch.len, target.n, &out);
			cr_assert(
			    rc == 0 || rc == ERP_CORRUPT || rc == ERP_MISMATCH,
			    "byte %zu: %d", at, rc);
			cr_assert_leq(out.len, target.n);
			buf_release(&out);
		}
	free(copy);
	buf_release(&patch);
	free(basis.p);
	free(target.p);
}

Test(patch, damage_never_does_harm, .timeout = 300)
{
	damage(PATCH_BEST);
	damage(PATCH_QUICK);
}

Test(patch, the_output_has_its_limit_and_the_basis_its_length)
{
	struct bytes basis = shape(3), target = shape(4), shorter;
	struct buf patch, out;

	buf_init(&patch, LIMIT);
	cr_assert_eq(make(&basis, &target, PATCH_BEST, &patch), 0);
	buf_init(&out, LIMIT);
	cr_expect_eq(
	    apply(&basis, buf_data(&patch), patch.len, target.n - 1, &out),
	    ERP_CORRUPT);
	cr_expect_leq(out.len, target.n - 1);
	buf_clear(&out);
	shorter = basis;
	shorter.n--;
	cr_expect_eq(
	    apply(&shorter, buf_data(&patch), patch.len, target.n, &out),
	    ERP_CORRUPT);
	buf_release(&out);
	buf_release(&patch);
	free(basis.p);
	free(target.p);
}

/* As a file that was cut after its length was asked. */
Test(patch, a_basis_that_becomes_shorter_is_told)
{
	struct bytes old = shape(3), new = shape(4);
	struct mem_stream b = {old.p, 0, 0}, m;
	struct range_source basis = range_of_mem(&b);
	struct source from = source_of_mem(&m);
	struct buf patch, out;
	struct sink to = sink_of_buf(&out);
	uint64_t size;
	struct err e;

	buf_init(&patch, LIMIT);
	buf_init(&out, LIMIT);
	cr_assert_eq(make(&old, &new, PATCH_BEST, &patch), 0);
	basis.size = old.n;
	for (; b.len < old.n; b.len += old.n / 2) {
		m = (struct mem_stream){buf_data(&patch), patch.len, 0};
		buf_clear(&out);
		cr_expect_eq(patch_apply(&basis, &from, new.n, &to, &size, &e),
		    ERP_MISMATCH);
		cr_expect_str_eq(e.msg, "basis became shorter than it was");
	}
	buf_release(&out);
	buf_release(&patch);
	free(old.p);
	free(new.p);
}

/* The spans of a patch: varints behind its head, then chunks. */
static size_t
count_spans(const struct buf *patch, const struct bytes *basis)
{
	struct mem_stream m = {buf_data(patch), patch->len, 0};
	struct range_source from = range_of_mem(&m);
	struct range_reader in = {&from, 0, from.size};
	struct source src = source_of_range(&in);
	struct patch_span span;
	uint64_t left;
	uint8_t version;
	struct err e;
	size_t n;

	cr_assert_eq(patch_read_version(&src, &version, &e), 0);
	cr_assert_eq(
	    patch_read_lengths(&src, basis->n, UINT64_MAX, &left, &e), 0);
	for (n = 0; left > 0; n++) {
		cr_assert_eq(patch_read_span(&src, left, &span, &e), 0);
		left -= span.len;
		in.at += patch_span_chunks(&span);
	}
	cr_assert_eq(in.at, in.end);
	return n;
}

/* Let a patch between contents of len bytes promise one byte less. */
static void
shorten(struct buf *patch, uint64_t len)
{
	struct buf is, other;
	uint8_t *at;
	struct err e;

	buf_init(&is, 100);
	buf_init(&other, 100);
	cr_assert_eq(put_varint(&is, len, &e), 0);
	cr_assert_eq(put_varint(&other, len - 1, &e), 0);
	cr_assert_eq(is.len, other.len);
	/* Magic and version, the basis's length, the target's. */
	at = patch->p + patch->off + PATCH_MAGIC_LEN + 1 + is.len;
	cr_assert_eq(memcmp(at, buf_data(&is), is.len), 0);
	memcpy(at, buf_data(&other), other.len);
	buf_release(&is);
	buf_release(&other);
}

/* Much work is cut into spans, and a crew makes the patch that one makes. */
Test(patch, large_ones_have_spans_whoever_makes_them, .timeout = 300)
{
	enum { LEN = 24 << 20 };
	unsigned threads = 3;
	struct crew crew = {threads_real()->run, &threads};
	struct bytes basis = {malloc(LEN), LEN}, target = {malloc(LEN), LEN};
	struct patch_pair pair = {.basis = basis.p,
	    .basis_len = LEN,
	    .target = target.p,
	    .target_len = LEN,
	    .effort = PATCH_QUICK};
	struct buf patch[2], out;
	uint32_t seed = 3;
	struct sink to;
	struct err e;
	size_t i;

	cr_assert(basis.p != NULL && target.p != NULL);
	/* Known and new pieces, then much that is known, then some new. */
	for (i = 0; i < LEN; i++) {
		basis.p[i] = (uint8_t)noise(&seed);
		target.p[i] = i >> 16 & 1 && (i < LEN / 2 || i > LEN / 8 * 7)
		    ? (uint8_t)noise(&seed)
		    : basis.p[i];
	}
	for (i = 0; i < 2; i++) {
		pair.crew = i == 0 ? NULL : &crew;
		buf_init(&patch[i], LEN);
		to = sink_of_buf(&patch[i]);
		cr_assert_eq(patch_make(&pair, &to, &e), 0, "%s", e.msg);
	}
	cr_assert_eq(patch[0].len, patch[1].len);
	cr_expect_eq(
	    memcmp(buf_data(&patch[0]), buf_data(&patch[1]), patch[0].len), 0);
	cr_expect_eq(count_spans(&patch[0], &basis), 2);
	buf_init(&out, LEN);
	cr_assert_eq(
	    apply(&basis, buf_data(&patch[0]), patch[0].len, LEN, &out), 0);
	cr_expect_eq(memcmp(buf_data(&out), target.p, LEN), 0);
	/* A last span that does not fit into what the head promises. */
	buf_clear(&out);
	shorten(&patch[1], LEN);
	cr_expect_eq(
	    apply(&basis, buf_data(&patch[1]), patch[1].len, LEN, &out),
	    ERP_CORRUPT);
	buf_release(&patch[0]);
	buf_release(&patch[1]);
	buf_release(&out);
	free(basis.p);
	free(target.p);
}

/* Fill n covers of 8 bytes with a gap of so many bytes in front of each. */
static struct patch_covers
covers_with_gaps(size_t n, uint32_t gap)
{
	struct patch_covers c = {calloc(n + 1, sizeof(*c.v)), n};
	size_t i;

	cr_assert_not_null(c.v);
	for (i = 0; i < n; i++)
		c.v[i] = (struct project_cover){
		    (uint32_t)(i * (8 + gap) + gap), 0, 8};
	return c;
}

/* Spans are never empty, follow one another, and their work is even. */
Test(patch, work_is_cut_evenly)
{
	static const struct {
		size_t len, covers;
		uint32_t gap;
		size_t spans;
	} rows[] = {{1, 0, 0, 1}, {4 << 20, 0, 0, 1}, {(4 << 20) + 1, 0, 0, 2},
	    {100 << 20, 0, 0, 25}, {100 << 20, 3, 1000, 25},
	    {100 << 20, 3, 30 << 20, 25}, {8 << 20, 1 << 20, 0, 2},
	    {9 << 20, 1 << 20, 0, 3}};
	struct patch_pair pair = {.effort = PATCH_QUICK};
	struct patch_task task = {.pair = &pair};
	struct patch_work w;
	struct err e;
	size_t i, k, at;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		task.target_len = rows[i].len;
		w = (struct patch_work){.task = &task,
		    .covers = covers_with_gaps(rows[i].covers, rows[i].gap)};
		cr_assert_eq(patch_work_cut(&w, &e), 0);
		cr_expect_eq(w.n, rows[i].spans, "row %zu: %zu", i, w.n);
		for (at = k = 0; k < w.n; at = w.span[k++].piece.to) {
			cr_expect_eq(w.span[k].piece.from, at);
			cr_expect_gt(w.span[k].piece.to, at);
		}
		cr_expect_eq(at, rows[i].len);
		patch_work_release(&w);
	}
}

Test(patch, packed_content_is_noticed)
{
	struct bytes basis = shape(6), target = shape(8);
	struct buf patch;
	int rc;

	buf_init(&patch, LIMIT);
	rc = make(&basis, &target, PATCH_BEST, &patch);
	cr_expect(rc == PATCH_NONE || patch.len <= target.n + 200, "%d", rc);
	if (rc == PATCH_NONE)
		cr_expect_eq(patch.len, 0);
	buf_release(&patch);
	free(basis.p);
	free(target.p);
}

/* What is new must not hide the known bytes behind it from a patch in a
 * hurry, whatever its length: it looks at some places only there. */
Test(patch, known_bytes_are_found_again_behind_new_ones)
{
	enum { OLD = 3000, NEW = 300, PARTS = 400 };
	struct bytes basis = {malloc(OLD * PARTS), OLD * PARTS};
	struct bytes target = {malloc((OLD + 2 * NEW) * PARTS), 0};
	struct buf patch[2];
	uint32_t seed = 5;
	size_t i, k;

	cr_assert(basis.p != NULL && target.p != NULL);
	for (i = 0; i < basis.n; i++)
		basis.p[i] = (uint8_t)(noise(&seed) >> 12);
	for (i = 0; i < PARTS; i++) {
		memcpy(target.p + target.n, basis.p + i * OLD, OLD);
		target.n += OLD;
		for (k = NEW + i % 16; k > 0; k--)
			target.p[target.n++] = (uint8_t)(noise(&seed) >> 12);
	}
	for (i = 0; i < 2; i++) {
		buf_init(&patch[i], target.n + (1 << 20));
		cr_assert_eq(make(&basis, &target,
				 i == 0 ? PATCH_FAIR : PATCH_QUICK, &patch[i]),
		    0);
	}
	cr_expect_leq(patch[1].len, patch[0].len + patch[0].len / 4,
	    "%zu, with care %zu", patch[1].len, patch[0].len);
	buf_release(&patch[0]);
	buf_release(&patch[1]);
	free(basis.p);
	free(target.p);
}

/* A table of which one field was filled in: covers that neither gain nor lose
 * must not be followed to the end again and again (two minutes for this). */
Test(patch, a_third_that_differs_everywhere_takes_no_time, .timeout = 300)
{
	enum { LEN = 16 << 20, RECORD = 48, FIELD = 16 };
	struct bytes basis = {malloc(LEN), LEN}, target = {malloc(LEN), LEN};
	uint32_t seed = 3;
	struct buf patch;
	size_t i;

	cr_assert(basis.p != NULL && target.p != NULL);
	for (i = 0; i < LEN; i++) {
		basis.p[i] = (uint8_t)noise(&seed);
		target.p[i] = (uint8_t)(basis.p[i] +
		    (i % RECORD < FIELD ? 1 + noise(&seed) % 255 : 0));
	}
	buf_init(&patch, LEN + (1 << 20));
	cr_expect_eq(make(&basis, &target, PATCH_QUICK, &patch), 0);
	cr_expect_lt(patch.len, LEN);
	buf_release(&patch);
	free(basis.p);
	free(target.p);
}

/* Bytes of a number: UINT64_MAX is the last that there is. */
Test(patch, numbers_end_at_64_bits)
{
	static const struct {
		uint8_t before, last;
		int want;
		uint64_t v;
	} rows[] = {{0xff, 0x00, 1, UINT64_MAX >> 1},
	    {0xff, 0x01, 1, UINT64_MAX}, {0x80, 0x01, 1, UINT64_C(1) << 63},
	    {0xff, 0x02, ERP_CORRUPT, 0}, {0x80, 0x7f, ERP_CORRUPT, 0},
	    {0x80, 0x80, 0, 0}};
	uint64_t v;
	unsigned shift;
	struct err e;
	size_t i;
	int k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v = shift = 0;
		for (k = 0; k < PATCH_VARINT_MAX - 1; k++)
			cr_assert_eq(
			    patch_varint_step(rows[i].before, &shift, &v, &e),
			    0);
		cr_expect_eq(patch_varint_step(rows[i].last, &shift, &v, &e),
		    rows[i].want, "row %zu", i);
		if (rows[i].want == 1)
			cr_expect_eq(v, rows[i].v, "row %zu", i);
		/* Not finished: there is no eleventh. */
		if (rows[i].want == 0)
			cr_expect_eq(
			    patch_varint_step(0, &shift, &v, &e), ERP_CORRUPT);
	}
}

/* The head of a span of so many bytes whose streams are part, and then as
 * many of nothing as it takes. */
static int
read_span(uint64_t len, const struct patch_part *part)
{
	struct patch_span span;
	struct mem_stream mem;
	struct source src = source_of_mem(&mem);
	struct buf b;
	struct err e;
	unsigned i;
	int rc;

	buf_init(&b, 1000);
	cr_assert_eq(put_varint(&b, len, &e), 0);
	for (i = 0; i < PATCH_STREAMS; i++) {
		cr_assert_eq(put_varint(&b, part[i].raw, &e), 0);
		if (part[i].raw == 0)
			continue;
		cr_assert_eq(put_u8(&b, (uint8_t)part[i].coder, &e), 0);
		cr_assert_eq(put_varint(&b, part[i].packed, &e), 0);
	}
	mem = (struct mem_stream){buf_data(&b), b.len, 0};
	rc = patch_read_span(&src, UINT64_MAX, &span, &e);
	cr_expect(rc != 0 || (span.len == len && mem.pos == b.len));
	buf_release(&b);
	return rc;
}

Test(patch, numbers_of_a_span_at_their_limits)
{
	static const uint64_t lens[] = {1, 1000, PATCH_SPAN_MAX};
	struct patch_part part[PATCH_STREAMS] = {{PATCH_STORED, 0, 0}};
	uint64_t most;
	unsigned i;
	size_t k;

	cr_expect_eq(read_span(0, part), ERP_CORRUPT);
	cr_expect_eq(read_span(PATCH_SPAN_MAX + 1, part), ERP_CORRUPT);
	for (k = 0; k < sizeof(lens) / sizeof(lens[0]); k++)
		for (i = 0; i < PATCH_STREAMS; i++) {
			most = patch_raw_max((enum patch_stream)i, lens[k]);
			part[i] = (struct patch_part){PATCH_ZSTD, most, most};
			cr_expect_eq(read_span(lens[k], part), 0);
			part[i].packed = most + 1;
			cr_expect_eq(read_span(lens[k], part), ERP_CORRUPT);
			part[i].packed = 0;
			cr_expect_eq(read_span(lens[k], part), ERP_CORRUPT);
			part[i].packed = 1;
			part[i].coder = PATCH_CODERS - 1;
			cr_expect_eq(read_span(lens[k], part), 0);
			part[i].coder = PATCH_CODERS;
			cr_expect_eq(read_span(lens[k], part), ERP_CORRUPT);
			part[i] = (struct patch_part){
			    PATCH_STORED, most + 1, most + 1};
			cr_expect_eq(read_span(lens[k], part), ERP_CORRUPT);
			part[i] = (struct patch_part){PATCH_STORED, 0, 0};
		}
}

static int
no_more(void *ctx, struct patch_lanes *lanes, unsigned wanted, struct err *e)
{
	(void)ctx;
	(void)lanes;
	(void)wanted;
	return err_set(e, ERP_IO, "no more chunks");
}

/* A peer may send ahead of what is read, but not without end. */
Test(patch, chunks_that_wait_are_limited)
{
	static const uint8_t chunk[PATCH_CHUNK_LEN];
	struct patch_span span = {.len = PATCH_SPAN_MAX};
	struct patch_lanes *lanes;
	struct err e;
	int i;

	span.part[0] = (struct patch_part){
	    PATCH_STORED, 10 * PATCH_CHUNK_LEN, 10 * PATCH_CHUNK_LEN};
	cr_assert_eq(patch_lanes_new(&span, no_more, NULL, &lanes, &e), 0);
	for (i = 0; i < PATCH_CHUNKS_AHEAD; i++)
		cr_assert_eq(patch_lanes_put(lanes, 0, chunk, &e), 0);
	cr_expect_eq(patch_lanes_put(lanes, 0, chunk, &e), ERP_CORRUPT);
	/* Nor for a stream that has none. */
	cr_expect_eq(patch_lanes_put(lanes, 1, chunk, &e), ERP_CORRUPT);
	patch_lanes_free(lanes);
}

/* Of all that an application reads and writes, one call fails. */
struct one_fails {
	uint64_t calls, at;
	struct bytes basis, patch, out;
	uint64_t pos; /* in the patch */
};

static bool
is_due(struct one_fails *f)
{
	return ++f->calls == f->at;
}

static int64_t
read_bytes(struct one_fails *f, const struct bytes *from, uint64_t off, void *p,
    size_t n, struct err *e)
{
	if (is_due(f))
		return err_set(e, ERP_AUTH, "it failed");
	if (off >= from->n)
		return 0;
	n = n < from->n - off ? n : from->n - (size_t)off;
	memcpy(p, from->p + off, n);
	return (int64_t)n;
}

static int64_t
read_basis(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct one_fails *f = ctx;

	return read_bytes(f, &f->basis, off, p, n, e);
}

static int64_t
read_patch_at(void *ctx, uint64_t off, void *p, size_t n, struct err *e)
{
	struct one_fails *f = ctx;

	return read_bytes(f, &f->patch, off, p, n, e);
}

static int64_t
read_patch(void *ctx, void *p, size_t n, struct err *e)
{
	struct one_fails *f = ctx;
	int64_t got = read_bytes(f, &f->patch, f->pos, p, n, e);

	f->pos += got > 0 ? (uint64_t)got : 0;
	return got;
}

static int
write_out(void *ctx, const void *p, size_t n, struct err *e)
{
	struct one_fails *f = ctx;

	(void)p;
	(void)n;
	return is_due(f) ? err_set(e, ERP_AUTH, "it failed") : 0;
}

static int
write_out_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	(void)off;
	return write_out(ctx, p, n, e);
}

static int
apply_failing(struct one_fails *f, bool spread, struct err *e)
{
	unsigned threads = 1;
	struct crew crew = {threads_real()->run, &threads};
	struct range_source basis = {read_basis, f, f->basis.n};
	struct range_source patch = {read_patch_at, f, f->patch.n};
	struct source from = {read_patch, f};
	struct sink to = {write_out, f};
	struct range_sink places = {write_out_at, f};
	const struct patch_files files = {&basis, &patch, &places, &to};
	uint64_t size;

	f->calls = f->pos = 0;
	return spread ? patch_apply_spread(&files, f->out.n, &crew, &size, e)
		      : patch_apply(&basis, &from, f->out.n, &to, &size, e);
}

Test(patch, what_begins_otherwise_is_none)
{
	struct bytes old = shape(3), new = shape(4);
	struct range_source basis;
	struct mem_stream b = {old.p, old.n, 0}, m;
	struct source from;
	struct sink to;
	struct buf made, out;
	uint64_t size;
	struct err e;
	size_t i;

	buf_init(&made, 1 << 20);
	cr_assert_eq(make(&old, &new, PATCH_QUICK, &made), 0);
	basis = range_of_mem(&b);
	for (i = 0; i < PATCH_MAGIC_LEN; i++) {
		buf_init(&out, 1 << 20);
		made.p[made.off + i] ^= 1;
		m = (struct mem_stream){made.p + made.off, made.len, 0};
		from = source_of_mem(&m);
		to = sink_of_buf(&out);
		cr_expect_eq(patch_apply(&basis, &from, new.n, &to, &size, &e),
		    ERP_CORRUPT);
		cr_expect_str_eq(e.msg, "not a patch");
		made.p[made.off + i] ^= 1;
		buf_release(&out);
	}
	buf_release(&made);
	free(old.p);
	free(new.p);
}

Test(patch, each_call_that_fails_ends_it)
{
	static const int cases[][2] = {{3, 4}, {3, 5}, {6, 7}, {4, 3}};
	struct one_fails f;
	struct buf made;
	struct err e;
	size_t i;
	int spread;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.basis = shape(cases[i][0]);
		f.out = shape(cases[i][1]);
		buf_init(&made, 1 << 20);
		cr_assert_eq(make(&f.basis, &f.out, PATCH_BEST, &made), 0);
		f.patch = (struct bytes){made.p + made.off, made.len};
		for (spread = 0; spread < 2; spread++) {
			f.at = 0;
			cr_assert_eq(apply_failing(&f, spread, &e), 0);
			cr_assert_gt(f.calls, 3);
			for (f.at = f.calls; f.at > 0; f.at--) {
				memset(&e, 0, sizeof(e));
				cr_assert_eq(apply_failing(&f, spread, &e),
				    ERP_AUTH, "call %d of case %zu: %s",
				    (int)f.at, i, e.msg);
				cr_assert_str_eq(e.msg, "it failed");
				cr_assert_eq(f.calls, f.at, "it goes on");
			}
		}
		buf_release(&made);
		free(f.basis.p);
		free(f.out.p);
	}
}

/* What it takes to unpack a span, to the byte. */
Test(patch, memory_and_chunks_of_a_span_are_counted)
{
	const uint64_t least = (5 << 20) + PATCH_STREAMS * (256 << 10);
	const uint64_t window = (uint64_t)1 << patch_window(PATCH_LITERAL);
	struct patch_part *part;
	struct patch_span span;

	memset(&span, 0, sizeof(span));
	part = &span.part[PATCH_LITERAL];
	part->raw = 12345;
	cr_expect_eq(patch_span_memory(&span), least, "as it is");
	part->coder = PATCH_ZSTD;
	cr_expect_eq(patch_span_memory(&span), least + 12345);
	part->raw = window + 1;
	cr_expect_eq(patch_span_memory(&span), least + window);
	part->raw = window - 1;
	cr_expect_eq(patch_span_memory(&span), least + window - 1);
	part->coder = PATCH_LZMA;
	part->raw = (uint64_t)1 << 40;
	cr_expect_eq(patch_span_memory(&span),
	    least + ((uint64_t)1 << patch_dictionary(PATCH_LITERAL)));
	cr_expect_eq(patch_span_chunks(&span), 0);
	part->packed = 1;
	cr_expect_eq(patch_span_chunks(&span), 2);
	part->packed = PATCH_CHUNK_LEN;
	cr_expect_eq(patch_span_chunks(&span), PATCH_CHUNK_LEN + 1);
	span.part[PATCH_VALUE].packed = PATCH_CHUNK_LEN + 1;
	cr_expect_eq(patch_span_chunks(&span), 2 * PATCH_CHUNK_LEN + 1 + 3);
}
