/* Patches of what is packed: small where the contents only share what they were
 * packed from, right always, and refused when they are damaged. */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch.h"
#include "engine/delta/patch/patch_internal.h"
#include "tests/support/packed.h"
#include "tests/support/starve.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 200, TEXT = 4000 };

static struct buf old, new, plain, viewed;
static struct err e;

static uint32_t members = MEMBERS;

/* An archive; of the edited one every tenth member is another. */
static void
archive(struct buf *b, bool edited, deflate_how how)
{
	uint8_t text[TEXT];
	char name[] = "m000.class";
	uint32_t i;

	for (i = 0; i < members; i++) {
		packed_text(text, TEXT, i);
		if (edited && i % 10 == 0)
			memcpy(text + 60, "an edit", 7);
		name[1] = (char)('0' + i / 100);
		name[2] = (char)('0' + i / 10 % 10);
		name[3] = (char)('0' + i % 10);
		packed_zip(b, name, text, TEXT - i, how);
	}
}

static void
begin(void)
{
	buf_init(&old, 64 << 20);
	buf_init(&new, 64 << 20);
	buf_init(&plain, 64 << 20);
	buf_init(&viewed, 64 << 20);
}

static void
end(void)
{
	buf_release(&old);
	buf_release(&new);
	buf_release(&plain);
	buf_release(&viewed);
}

TestSuite(patch_view, .init = begin, .fini = end);

static int
make(int (*how)(const struct patch_pair *pair, const struct sink *out,
	 struct err *err),
    struct buf *to)
{
	const struct patch_pair pair = {.basis = buf_data(&old),
	    .basis_len = old.len,
	    .target = buf_data(&new),
	    .target_len = new.len,
	    .effort = PATCH_BEST};
	const struct sink out = sink_of_buf(to);

	return how(&pair, &out, &e);
}

/* Apply what is in viewed to old, with at most limit bytes. */
static int
apply(uint64_t limit, struct buf *made)
{
	struct mem_stream basis = {buf_data(&old), old.len, 0};
	struct mem_stream patch = {buf_data(&viewed), viewed.len, 0};
	struct range_source from = range_of_mem(&basis);
	struct source in = source_of_mem(&patch);
	struct sink to;
	uint64_t size;

	buf_init(made, 64 << 20);
	to = sink_of_buf(made);
	return patch_apply(&from, &in, limit, &to, &size, &e);
}

static void
check(void)
{
	struct buf made;

	cr_assert_eq(apply(new.len, &made), 0, "%s", e.msg);
	cr_assert_eq(made.len, new.len);
	cr_expect_arr_eq(buf_data(&made), buf_data(&new), new.len);
	buf_release(&made);
}

Test(patch_view, archives_cost_their_edits)
{
	struct mem_stream mem;
	struct range_source range;

	archive(&old, false, 6);
	archive(&new, true, 6);
	cr_assert_eq(make(patch_make, &plain), 0, "%s", e.msg);
	cr_assert_eq(make(patch_make_viewed, &viewed), 0, "%s", e.msg);
	cr_expect_lt(
	    viewed.len, plain.len / 4, "%zu, plain %zu", viewed.len, plain.len);
	mem = (struct mem_stream){buf_data(&viewed), viewed.len, 0};
	range = range_of_mem(&mem);
	cr_expect(patch_is_viewed(&range));
	mem = (struct mem_stream){buf_data(&plain), plain.len, 0};
	range = range_of_mem(&mem);
	cr_expect_not(patch_is_viewed(&range));
	check();
}

/* Packed with another level: the raw bytes are the same. */
Test(patch_view, another_level_is_no_matter)
{
	archive(&old, false, 9);
	archive(&new, true, 6);
	cr_assert_eq(make(patch_make_viewed, &viewed), 0, "%s", e.msg);
	cr_expect_lt(viewed.len, new.len / 20);
	check();
}

/* Or in a way that is not tried: who only reads it need not know how. */
Test(patch_view, a_basis_may_be_packed_in_any_way)
{
	archive(&old, false, 4 | 32);
	archive(&new, true, 6);
	cr_assert_eq(make(patch_make_viewed, &viewed), 0, "%s", e.msg);
	cr_expect_lt(viewed.len, new.len / 20);
	check();
}

static int
make_and_apply(void *arg, struct err *why)
{
	struct buf came;
	int rc;

	(void)arg;
	buf_clear(&viewed);
	buf_init(&came, 0);
	if ((rc = make(patch_make_viewed, &viewed)) == 0)
		rc = apply(new.len, &came);
	if (rc == 0 &&
	    (came.len != new.len ||
		memcmp(buf_data(&came), buf_data(&new), new.len) != 0))
		rc = STARVE_WRONG;
	buf_release(&came);
	*why = e;
	return rc;
}

Test(patch_view, comes_back_or_memory_is_short)
{
	members = 12;
	archive(&old, false, 6);
	archive(&new, true, 6);
	cr_assert_eq(buf_append(&viewed, old.p, old.len, &e), 0);
	STARVE(make_and_apply, NULL);
}

/* Members that zlib did not make stay packed, on both sides. */
Test(patch_view, strangers_stay_packed)
{
	static const uint8_t stored[] = {0, 100, 0, 0x9b, 0xff};
	uint8_t text[100];
	struct buf *b;
	size_t i;

	packed_text(text, sizeof(text), 1);
	for (b = &old; b != NULL; b = b == &old ? &new : NULL) {
		archive(b, b == &new, 6);
		for (i = 0; i < 3; i++) {
			/* One block, not the last; then the last. */
			cr_assert_eq(buf_append(b,
					 "PK\3\4\0\0\0\0\x08\0\0\0"
					 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
					 "\0\0\0\0",
					 30, &e),
			    0);
			cr_assert_eq(buf_append(b, stored, 5, &e), 0);
			cr_assert_eq(buf_append(b, text, 100, &e), 0);
			cr_assert_eq(
			    buf_append(b, "\1\1\0\xfe\xff!", 6, &e), 0);
		}
		cr_assert_eq(buf_append(b, text, 50, &e), 0);
	}
	cr_assert_eq(make(patch_make_viewed, &viewed), 0, "%s", e.msg);
	cr_expect_lt(viewed.len, new.len / 10);
	check();
}

Test(patch_view, what_is_not_packed_has_no_views)
{
	uint8_t *p = malloc(100000);

	cr_assert_not_null(p);
	packed_text(p, 100000, 3);
	cr_assert_eq(buf_append(&old, p, 100000, &e), 0);
	packed_text(p, 100000, 4);
	cr_assert_eq(buf_append(&new, p, 100000, &e), 0);
	cr_expect_eq(make(patch_make_viewed, &viewed), PATCH_NONE);
	packed_zip(&new, "little", p, 1000, 6);
	packed_zip(&old, "little", p, 900, 6);
	cr_expect_eq(make(patch_make_viewed, &viewed), PATCH_NONE);
	cr_expect_eq(viewed.len, 0);
	free(p);
}

static bool
is_always(void *ctx)
{
	(void)ctx;
	return true;
}

Test(patch_view, gives_way)
{
	struct patch_pair pair = {
	    .effort = PATCH_BEST, .is_cancelled = is_always};
	const struct sink out = sink_of_buf(&viewed);

	archive(&old, false, 6);
	archive(&new, true, 6);
	pair.basis = buf_data(&old);
	pair.basis_len = old.len;
	pair.target = buf_data(&new);
	pair.target_len = new.len;
	cr_expect_eq(patch_make_viewed(&pair, &out, &e), ERP_CANCELLED);
	cr_expect_eq(viewed.len, 0);
}

/* Cut anywhere, or with any byte of its head changed: never more bytes than
 * allowed, never a wrong result that is told to be right in length. */
Test(patch_view, damage_is_refused, .timeout = 120)
{
	struct buf whole, made;
	size_t i;
	int rc;

	archive(&old, false, 6);
	archive(&new, true, 6);
	cr_assert_eq(make(patch_make_viewed, &viewed), 0, "%s", e.msg);
	buf_init(&whole, 64 << 20);
	cr_assert_eq(buf_append(&whole, buf_data(&viewed), viewed.len, &e), 0);
	for (i = 0; i < whole.len; i += 1 + i / 20) {
		viewed.len = i;
		cr_expect_lt(apply(new.len, &made), 0, "cut at %zu", i);
		buf_release(&made);
	}
	viewed.len = whole.len;
	for (i = 0; i < 200; i++) {
		viewed.p[viewed.off + i] ^= 0x41;
		rc = apply(new.len, &made);
		cr_expect(rc < 0 || made.len == new.len, "byte %zu", i);
		cr_expect_leq(made.len, new.len);
		buf_release(&made);
		viewed.p[viewed.off + i] ^= 0x41;
	}
	cr_expect_eq(apply(new.len - 1, &made), ERP_CORRUPT);
	buf_release(&made);
	cr_assert_eq(buf_append(&viewed, "x", 1, &e), 0);
	cr_expect_eq(apply(new.len, &made), ERP_CORRUPT);
	buf_release(&made);
	buf_release(&whole);
}

/* The basis must be the one it was made for. */
Test(patch_view, another_basis_is_noticed)
{
	struct buf made;
	int rc;

	archive(&old, false, 6);
	archive(&new, true, 6);
	cr_assert_eq(make(patch_make_viewed, &viewed), 0, "%s", e.msg);
	memset(old.p + old.off + 60, 0xff, 40);
	rc = apply(new.len, &made);
	cr_expect(rc < 0 || made.len != new.len ||
	    memcmp(buf_data(&made), buf_data(&new), new.len) != 0);
	buf_release(&made);
	cr_assert_eq(buf_append(&old, "x", 1, &e), 0);
	cr_expect_eq(apply(new.len, &made), ERP_CORRUPT);
	buf_release(&made);
}

/* The smaller one is taken, whichever that is; in a hurry it is not sought. */
Test(patch_view, the_smallest_is_one_of_both)
{
	struct patch_pair pair = {.effort = PATCH_FAIR};
	struct buf smallest;
	struct sink out;
	uint8_t text[TEXT];

	archive(&old, false, 6);
	archive(&new, true, 6);
	buf_init(&smallest, 64 << 20);
	cr_assert_eq(make(patch_make_viewed, &viewed), 0, "%s", e.msg);
	cr_assert_eq(make(patch_make_smallest, &smallest), 0, "%s", e.msg);
	cr_assert_eq(smallest.len, viewed.len);
	cr_expect_arr_eq(buf_data(&smallest), buf_data(&viewed), viewed.len);
	/* Nothing is packed there. */
	buf_clear(&old);
	buf_clear(&new);
	buf_clear(&smallest);
	packed_text(text, TEXT, 1);
	cr_assert_eq(buf_append(&old, text, TEXT, &e), 0);
	packed_text(text, TEXT, 2);
	cr_assert_eq(buf_append(&new, text, TEXT, &e), 0);
	cr_assert_eq(make(patch_make, &plain), 0, "%s", e.msg);
	cr_assert_eq(make(patch_make_smallest, &smallest), 0, "%s", e.msg);
	cr_assert_eq(smallest.len, plain.len);
	cr_expect_arr_eq(buf_data(&smallest), buf_data(&plain), plain.len);
	/* Archives again, but somebody waits. */
	buf_clear(&old);
	buf_clear(&new);
	buf_clear(&smallest);
	archive(&old, false, 6);
	archive(&new, true, 6);
	pair.basis = buf_data(&old);
	pair.basis_len = old.len;
	pair.target = buf_data(&new);
	pair.target_len = new.len;
	out = sink_of_buf(&smallest);
	cr_assert_eq(patch_make_smallest(&pair, &out, &e), 0, "%s", e.msg);
	cr_expect_gt(smallest.len, viewed.len);
	buf_release(&smallest);
}

static size_t
put_number(uint8_t *p, uint64_t v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		p[n++] = (uint8_t)(v | 0x80);
	p[n++] = (uint8_t)v;
	return n;
}

/* How long a recipe may be is looked at before there is memory for it. */
Test(patch_view, recipes_of_no_length_or_too_much_are_refused)
{
	static const struct {
		uint64_t raw, packed;
		bool is_bad;
	} rows[] = {
	    {0, 1, true},
	    {1, 0, true},
	    {PATCH_RECIPE_MAX + 1, 1, true},
	    {1, PATCH_RECIPE_MAX + 1, true},
	    {UINT64_MAX, 1, true},
	    {1, UINT64_MAX, true},
	    {PATCH_RECIPE_MAX, 1, false},
	    {1, PATCH_RECIPE_MAX, false},
	};
	struct patch_sight from, to;
	uint8_t bytes[20];
	struct source in;
	struct drip d;
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = put_number(bytes, rows[i].raw);
		n += put_number(bytes + n, rows[i].packed);
		memset(&from, 0, sizeof(from));
		memset(&to, 0, sizeof(to));
		d = drip_of(bytes, n, n);
		in = source_of_drip(&d);
		cr_expect_eq(patch_unpacked_open(&in, &from, 100, &to, &e),
		    ERP_CORRUPT, "%zu", i);
		cr_expect_eq(strcmp(e.msg, "patch: bad views") == 0,
		    rows[i].is_bad, "%zu: %s", i, e.msg);
		patch_unpacked_close(&to);
	}
}
