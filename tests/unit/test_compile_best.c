/* What the background makes is final only when nobody stopped it, and never
 * larger than what stations already get. */
#include "engine/release/compile.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "tests/support/packed.h"
#include "tests/support/release.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 300000, LARGE = 1200000, STEPS = 400 };

static struct release_fixture f;
static struct err e;
static struct compile_request req;
static struct compile_answer answer;
static uint8_t *old_bytes, *new_bytes;

static void
begin(void)
{
	release_begin(&f);
	memset(&req, 0, sizeof(req));
	old_bytes = malloc(LARGE);
	new_bytes = malloc(LARGE);
	cr_assert(old_bytes != NULL && new_bytes != NULL);
	fill_noise(old_bytes, LARGE, 1);
	memcpy(new_bytes, old_bytes, LARGE);
}

static void
end(void)
{
	free(old_bytes);
	free(new_bytes);
	release_end(&f);
}

TestSuite(compile_best, .init = begin, .fini = end, .timeout = 300);

/* Want the first n bytes of new_bytes, from those of old_bytes. */
static void
want(size_t n, bool has_basis)
{
	req.one.target = release_content(&f, new_bytes, n);
	req.one.target_size = n;
	req.one.has_basis = has_basis;
	if (!has_basis)
		return;
	req.one.basis = release_content(&f, old_bytes, n);
	req.one.basis_size = n;
}

/* Half of it is new: a patch that is compared with the compressed file. */
static void
want_half_new(void)
{
	fill_noise(new_bytes + SIZE / 2, SIZE / 2, 2);
	want(SIZE, true);
}

/* Numbers of which the coder that searches longest makes most. */
static void
fill_uneven(uint8_t *p, size_t n, uint32_t seed)
{
	uint8_t *more = malloc(n);
	size_t i;

	cr_assert_not_null(more);
	fill_noise(p, n, seed);
	fill_noise(more, n, seed + 1);
	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(p[i] % 64 + more[i] % 64);
	free(more);
}

static void
compile(void)
{
	cr_assert_eq(compile_blob(f.store, &req, &answer, &e), 0, "%s", e.msg);
}

/* Somebody who stops at the asked-th question, from then on or only then. */
struct moment {
	int left;
	bool once;
};

static bool
has_come(void *ctx)
{
	struct moment *m = ctx;

	m->left--;
	return m->once ? m->left == 0 : m->left <= 0;
}

/* Try to be stopped at each question in turn; returns how many there are. */
static int
stop_everywhere(bool once)
{
	struct moment m = {.once = once};
	const struct compile_stop stop = {has_come, &m};
	int n, rc;

	for (n = 1; n < STEPS; n++) {
		m.left = n;
		rc = compile_best(f.store, &req, &stop, &e);
		if (m.left > 0)
			break;
		cr_assert_eq(rc, ERP_CANCELLED, "at %d: %d", n, rc);
	}
	cr_assert_eq(rc, 0, "%s", e.msg);
	return n - 1;
}

Test(compile_best, a_stop_during_the_comparison_leaves_nothing_final)
{
	want_half_new();
	cr_expect_gt(stop_everywhere(false), 5);
	compile();
	cr_expect_not(answer.provisional);
}

Test(compile_best, a_stop_that_comes_and_goes_makes_no_delta_final)
{
	uint64_t best;

	want_half_new();
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	compile();
	best = answer.blob.len;
	cr_assert_eq(store_drop_answers(f.store, &req.one.target, &e), 0);
	cr_expect_gt(stop_everywhere(true), 5);
	compile();
	cr_expect_not(answer.provisional);
	cr_expect_eq(answer.blob.codec, CODEC_PATCH);
	cr_expect_eq(answer.blob.len, best);
}

/* What is answered now, and after the best was made. */
static void
check_never_larger(bool has_provisional)
{
	struct blob quick;

	compile();
	cr_assert_eq(answer.provisional || req.is_group, has_provisional);
	quick = answer.blob;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	compile();
	cr_expect_not(answer.provisional);
	cr_expect_leq(answer.blob.len, quick.len);
	/* It is found, not made, when it is asked for again. */
	quick = answer.blob;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	compile();
	cr_expect(hash_equal(&answer.blob.id, &quick.id));
}

Test(compile_best, a_smaller_quick_patch_stays)
{
	fill_uneven(old_bytes, SIZE, 10);
	memcpy(new_bytes, old_bytes, SIZE);
	fill_uneven(new_bytes + SIZE / 4, SIZE - SIZE / 4, 20);
	want(SIZE, true);
	check_never_larger(true);
}

Test(compile_best, a_smaller_quick_file_stays)
{
	fill_uneven(new_bytes, LARGE, 30);
	want(LARGE, false);
	check_never_larger(true);
}

Test(compile_best, a_smaller_quick_group_stays)
{
	static struct compile_member members[8];
	size_t i, each = LARGE / 8;

	fill_uneven(new_bytes, LARGE, 40);
	for (i = 0; i < 8; i++) {
		members[i].target =
		    release_content(&f, new_bytes + i * each, each);
		members[i].target_size = each;
	}
	req.is_group = true;
	req.group.members = members;
	req.group.n = 8;
	check_never_larger(true);
}

/* What is packed inside is compared unpacked, where that is smaller. */
Test(compile_best, an_archive_costs_the_edits_of_its_members)
{
	uint8_t text[3000];
	struct buf old, new;
	uint32_t i;

	buf_init(&old, LARGE);
	buf_init(&new, LARGE);
	for (i = 0; i < 100; i++) {
		packed_text(text, sizeof(text), i);
		packed_zip(&old, "m", text, sizeof(text), 6);
		memcpy(text + 100, "edit", i % 4 == 0 ? 4 : 0);
		packed_zip(&new, "m", text, sizeof(text), 6);
	}
	req.one.basis = release_content(&f, buf_data(&old), old.len);
	req.one.basis_size = old.len;
	req.one.target = release_content(&f, buf_data(&new), new.len);
	req.one.target_size = new.len;
	req.one.has_basis = true;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	compile();
	cr_expect_eq(answer.blob.codec, CODEC_PATCH);
	cr_expect_lt(answer.blob.len, new.len / 25, "%llu of %zu",
	    (unsigned long long)answer.blob.len, new.len);
	buf_release(&old);
	buf_release(&new);
}
