/* Sketches: what contents share is seen wherever it stands, and nothing else.
 */
#include "engine/delta/sketch.h"

#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <string.h>

enum { LEN = 40000 };

static uint8_t a[LEN], b[LEN + 100];

static struct sketch
sketch_of(const uint8_t *p, size_t n)
{
	struct sketch s;

	memset(&s, 0, sizeof(s));
	sketch_add(&s, p, n);
	return s;
}

/* How many hashes two sketches share. */
static size_t
shared(const struct sketch *x, const struct sketch *y)
{
	size_t i = 0, j = 0, n = 0;

	while (i < x->n && j < y->n) {
		n += x->v[i] == y->v[j];
		if (x->v[i] <= y->v[j])
			i++;
		else
			j++;
	}
	return n;
}

Test(sketch, is_full_sorted_and_without_doubles)
{
	struct sketch s;
	size_t i;

	fill_noise(a, LEN, 1);
	s = sketch_of(a, LEN);
	cr_assert_eq(s.n, SKETCH_MAX);
	for (i = 1; i < s.n; i++)
		cr_expect_lt(s.v[i - 1], s.v[i], "at %zu", i);
	/* Of what comes twice, too. */
	memcpy(a + LEN / 2, a, LEN / 2);
	s = sketch_of(a, LEN);
	for (i = 1; i < s.n; i++)
		cr_expect_lt(s.v[i - 1], s.v[i], "at %zu", i);
}

Test(sketch, does_not_depend_on_how_the_bytes_come)
{
	struct sketch whole, pieces;
	size_t at, n;

	fill_noise(a, LEN, 1);
	whole = sketch_of(a, LEN);
	memset(&pieces, 0, sizeof(pieces));
	for (at = 0, n = 1; at < LEN; at += n, n = n * 2 % 1021) {
		n = n < LEN - at ? n : LEN - at;
		sketch_add(&pieces, a + at, n);
	}
	cr_expect_eq(pieces.gear, whole.gear);
	cr_expect_eq(pieces.n, whole.n);
	cr_expect_arr_eq(pieces.v, whole.v, sizeof(whole.v));
}

Test(sketch, shares_what_moved_and_what_was_not_edited)
{
	struct sketch old, new;
	size_t i;

	fill_noise(a, LEN, 1);
	old = sketch_of(a, LEN);
	memset(b, 'x', 100);
	memcpy(b + 100, a, LEN);
	new = sketch_of(b, LEN + 100);
	cr_expect_geq(shared(&old, &new), SKETCH_MAX - 4, "it moved");
	for (i = 0; i < LEN; i += LEN / 8)
		b[100 + i] ^= 1;
	new = sketch_of(b, LEN + 100);
	cr_expect_geq(shared(&old, &new), SKETCH_MAX * 3 / 4, "8 edits");
	new = sketch_of(b, LEN / 2);
	cr_expect_geq(shared(&old, &new), SKETCH_MAX / 4, "a half");
}

Test(sketch, shares_nothing_by_chance)
{
	struct sketch old, new;

	fill_noise(a, LEN, 1);
	fill_noise(b, LEN, 2);
	old = sketch_of(a, LEN);
	new = sketch_of(b, LEN);
	cr_expect_leq(shared(&old, &new), 1);
	/* Nor because both are padded. */
	memset(a, 0, LEN);
	memset(b, 0, LEN);
	fill_noise(a, LEN / 20, 1);
	fill_noise(b, LEN / 20, 2);
	old = sketch_of(a, LEN);
	new = sketch_of(b, LEN);
	cr_expect_eq(shared(&old, &new), 0);
}

Test(sketch, of_little_or_of_one_byte_is_small)
{
	struct sketch s;

	s = sketch_of(a, 0);
	cr_expect_eq(s.n, 0);
	memset(a, 0, LEN);
	s = sketch_of(a, LEN);
	cr_expect_leq(s.n, 8, "the window fills, then nothing is new");
	fill_noise(a, 400, 3);
	s = sketch_of(a, 400);
	cr_expect_geq(s.n, 8);
	cr_expect_lt(s.n, SKETCH_MAX);
}
