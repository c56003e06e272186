#include "engine/delta/match/match.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/match/match_index.h"
#include "engine/delta/match/match_weak.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/rsjob.h"
#include "engine/delta/signature.h"
#include "engine/delta/signature_internal.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
rs_run(rs_job_t *job, const void *p, size_t n, struct buf *out)
{
	struct mem_stream mem = {p, n, 0};
	struct source src = source_of_mem(&mem);
	struct sink to;
	rs_result result;
	struct err e;

	if (out != NULL) {
		buf_init(out, SIZE_MAX);
		to = sink_of_buf(out);
	}
	cr_assert_eq(
	    rsjob_run(job, &src, out == NULL ? NULL : &to, &result, &e), 0);
	cr_assert_eq(result, RS_DONE);
	(void)rs_job_free(job);
}

/* librsync's delta, the reference. */
static size_t
rs_delta_len(const struct buf *sums, const void *p, size_t n)
{
	rs_signature_t *sig;
	struct buf delta;
	size_t len;

	rs_run(rs_loadsig_begin(&sig), buf_data(sums), sums->len, NULL);
	cr_assert_eq(rs_build_hash_table(sig), RS_DONE);
	rs_run(rs_delta_begin(sig), p, n, &delta);
	len = delta.len;
	rs_free_sumset(sig);
	buf_release(&delta);
	return len;
}

static void
make_delta(const struct buf *sums, bool vector, const void *p, size_t n,
    struct buf *out)
{
	struct mem_stream mem = {p, n, 0};
	struct source src = source_of_mem(&mem);
	struct sink to = sink_of_buf(out);
	struct signature *sig;
	struct err e;

	buf_init(out, SIZE_MAX);
	cr_assert_eq(signature_load(buf_data(sums), sums->len, &sig, &e), 0,
	    "%s", e.msg);
	cr_assert_eq(match_delta(sig->index, vector, &src, &to, &e), 0);
	signature_free(sig);
}

static void
check_rebuilds(const struct buf *delta, const uint8_t *old, size_t old_len,
    const uint8_t *new, size_t new_len)
{
	struct mem_stream b = {old, old_len, 0};
	struct mem_stream d = {buf_data(delta), delta->len, 0};
	struct range_source basis = range_of_mem(&b);
	struct source src = source_of_mem(&d);
	struct buf out;
	struct sink to = sink_of_buf(&out);
	struct err e;
	uint64_t size;

	buf_init(&out, SIZE_MAX);
	cr_assert_eq(rsdelta_apply(&basis, &src, new_len, &to, &size, &e), 0,
	    "%s", e.msg);
	cr_assert_eq(size, new_len);
	cr_assert(new_len == 0 || memcmp(buf_data(&out), new, new_len) == 0);
	buf_release(&out);
}

/* Our delta, with and without vectors, rebuilds and is not longer. */
static void
check_pair(const struct buf *sums, const uint8_t *old, size_t old_len,
    const uint8_t *new, size_t new_len)
{
	size_t theirs = rs_delta_len(sums, new, new_len);
	struct buf delta, plain;

	make_delta(sums, false, new, new_len, &plain);
	make_delta(sums, match_has_avx2(), new, new_len, &delta);
	cr_assert_eq(delta.len, plain.len);
	cr_assert_eq(memcmp(buf_data(&delta), buf_data(&plain), delta.len), 0);
	check_rebuilds(&delta, old, old_len, new, new_len);
	cr_expect_leq(delta.len, theirs + theirs / 100 + 16,
	    "%zu bytes, librsync has %zu", delta.len, theirs);
	buf_release(&delta);
	buf_release(&plain);
}

/* A file in which pieces of the old one are cut, moved, changed, repeated. */
static size_t
edit(const uint8_t *old, size_t n, uint8_t *new, uint32_t seed)
{
	size_t len = 0, at, piece, i;
	uint8_t dice[6];

	for (i = 0; i < 40; i++) {
		fill_noise(dice, sizeof(dice), seed * 1000 + (uint32_t)i);
		piece = (size_t)dice[0] * dice[1] % (n / 8);
		at = ((size_t)dice[2] * 256 + dice[3]) * 97 % (n - piece);
		if (dice[4] < 64)
			fill_noise(new + len, piece, seed + (uint32_t)i);
		else
			memcpy(new + len, old + at, piece);
		if (dice[4] % 3 == 0 && piece > 0)
			new[len + dice[5] % piece] ^= 1;
		len += piece;
	}
	return len;
}

static void
check_kind(rs_magic_number magic, size_t strong_len)
{
	enum { LEN = 100000 };
	static const size_t blocks[] = {1, 16, 100, 256, 2048, 33333, 300000};
	uint8_t *old = malloc(LEN), *new = malloc(6 * LEN);
	struct buf sums;
	size_t i, len, n;
	uint32_t seed;

	rsjob_silence();
	fill_noise(old, LEN, 1);
	memset(old + 5000, 0, 9000);
	memcpy(old + 60000, old + 20000, 9000);
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		/* One byte a block has too many chance matches to be fast. */
		n = blocks[i] == 1 ? 3000 : LEN;
		rs_run(
		    rs_sig_begin(blocks[i], strong_len, magic), old, n, &sums);
		check_pair(&sums, old, n, old, n);
		check_pair(&sums, old, n, old, n - 1);
		check_pair(&sums, old, n, old + 1, n - 1);
		for (seed = 1; seed <= 6; seed++) {
			len = edit(old, n, new, seed);
			check_pair(&sums, old, n, new, len);
		}
		buf_release(&sums);
	}
	free(old);
	free(new);
}

Test(match, rabinkarp_and_blake2b_as_librsync)
{
	check_kind(RS_RK_BLAKE2_SIG_MAGIC, 8);
}

Test(match, rollsum_and_blake2b_as_librsync)
{
	check_kind(RS_BLAKE2_SIG_MAGIC, 32);
}

Test(match, rabinkarp_and_md4_as_librsync)
{
	check_kind(RS_RK_MD4_SIG_MAGIC, 16);
}

Test(match, rollsum_and_md4_as_librsync)
{
	check_kind(RS_MD4_SIG_MAGIC, 8);
}

/* With and without vectors, is the signature of p librsync's? */
static void
check_signature(const struct sig_params *params, rs_magic_number magic,
    const uint8_t *p, size_t len)
{
	struct buf want, got;
	struct err e;
	int vector;

	rs_run(rs_sig_begin(params->block_len, params->strong_len, magic), p,
	    len, &want);
	for (vector = 0; vector <= match_has_avx2(); vector++) {
		struct mem_stream mem = {p, len, 0};
		struct source src = source_of_mem(&mem);
		struct sink to = sink_of_buf(&got);

		buf_init(&got, SIZE_MAX);
		cr_assert_eq(
		    signature_make_by(vector != 0, &src, params, &to, &e), 0);
		cr_assert_eq(got.len, want.len);
		cr_expect_arr_eq(buf_data(&got), buf_data(&want), want.len);
		buf_release(&got);
	}
	buf_release(&want);
}

Test(match, signatures_are_those_of_librsync)
{
	static const size_t lens[] = {0, 1, 255, 256, 1024, 1025, 200000};
	static const uint32_t blocks[] = {1, 7, 256, 1000, 70000, 300000};
	static const struct {
		rs_magic_number magic;
		uint32_t strong;
		bool rollsum, md4;
	} kinds[] = {{RS_RK_BLAKE2_SIG_MAGIC, 32, false, false},
	    {RS_RK_MD4_SIG_MAGIC, 16, false, true},
	    {RS_BLAKE2_SIG_MAGIC, 8, true, false},
	    {RS_MD4_SIG_MAGIC, 5, true, true}};
	uint8_t *p = malloc(200000);
	size_t i, k, f;

	rsjob_silence();
	fill_noise(p, 200000, 1);
	for (f = 0; f < sizeof(kinds) / sizeof(kinds[0]); f++)
		for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
			for (k = 0; k < sizeof(blocks) / sizeof(blocks[0]);
			     k++) {
				struct sig_params params = {blocks[k],
				    kinds[f].strong, kinds[f].rollsum,
				    kinds[f].md4};

				check_signature(
				    &params, kinds[f].magic, p, lens[i]);
			}
	free(p);
}

/* Blocks that occur twice do not break a copy in two. */
Test(match, an_identical_file_is_one_copy)
{
	enum { BLOCK = 256, BLOCKS = 1000, LEN = BLOCK * BLOCKS - 77 };
	uint8_t *p = malloc(BLOCK * BLOCKS);
	struct buf sums, delta;
	size_t i;

	rsjob_silence();
	fill_noise(p, BLOCK * BLOCKS, 1);
	for (i = 3; i < BLOCKS; i += 3)
		memcpy(p + i * BLOCK, p, BLOCK);
	rs_run(rs_sig_begin(BLOCK, 8, RS_RK_BLAKE2_SIG_MAGIC), p, LEN, &sums);
	make_delta(&sums, match_has_avx2(), p, LEN, &delta);
	cr_expect_eq(delta.len, 4 + 1 + 1 + 4 + 1, "%zu", delta.len);
	buf_release(&sums);
	buf_release(&delta);
	free(p);
}

enum { BLOCK = 4096, BLOCKS = 40000, ENTRY = 4 + 8, TARGET = 24 << 20 };

/* A signature whose strong sums fit nothing. */
static void
forge(struct buf *sums)
{
	struct sig_params params = {.block_len = BLOCK, .strong_len = 8};
	uint8_t *p;
	struct err e;

	buf_init(sums, SIZE_MAX);
	cr_assert_eq(
	    buf_reserve(sums, SIG_HEADER_LEN + BLOCKS * ENTRY, &p, &e), 0);
	signature_header(&params, p);
	fill_noise(p + SIG_HEADER_LEN, BLOCKS * ENTRY, 3);
	buf_commit(sums, SIG_HEADER_LEN + BLOCKS * ENTRY);
}

static void
forge_weak(struct buf *sums, size_t block, uint32_t weak)
{
	uint8_t *p = sums->p + sums->off + SIG_HEADER_LEN + block * ENTRY;
	size_t i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(weak >> (24 - 8 * i));
}

/* The least time of some runs: what others do to this machine is left out. */
static double
time_of(const struct buf *sums, const uint8_t *target)
{
	struct timespec from, to;
	double took, least = 1e9;
	struct buf delta;
	int i;

	for (i = 0; i < 5; i++) {
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		make_delta(sums, match_has_avx2(), target, TARGET, &delta);
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		buf_release(&delta);
		took = (double)(to.tv_sec - from.tv_sec) +
		    (double)(to.tv_nsec - from.tv_nsec) / 1e9;
		least = took < least ? took : least;
	}
	return least;
}

/*
 * Signatures made against a file that the attacker knows: each position has
 * the weak sum of some block, and no block is there.
 */
Test(match, forged_weak_sums_do_not_slow_it_down)
{
	uint8_t *target = malloc(TARGET);
	struct buf sums;
	double honest, forged;
	size_t i;

	fill_noise(target, TARGET, 1);
	forge(&sums);
	honest = time_of(&sums, target);

	/* All the same. */
	memset(target, 0, TARGET);
	for (i = 0; i < BLOCKS; i++)
		forge_weak(&sums, i, weak_rabinkarp.sum(target, BLOCK));
	forged = time_of(&sums, target);
	cr_expect_lt(forged, 2 * honest, "%f, else %f", forged, honest);

	/* All different, each often. */
	fill_noise(target, BLOCKS, 2);
	for (i = BLOCKS; i < TARGET; i++)
		target[i] = target[i - BLOCKS];
	for (i = 0; i < BLOCKS; i++)
		forge_weak(&sums, i, weak_rabinkarp.sum(target + i, BLOCK));
	forged = time_of(&sums, target);
	cr_expect_lt(forged, 2 * honest, "%f, else %f", forged, honest);
	buf_release(&sums);
	free(target);
}

/* After all that was wasted, true matches are found again. */
Test(match, an_attack_ends_with_its_cause)
{
	uint8_t *target = calloc(1, TARGET), *tail = target + TARGET / 2;
	struct buf sums, real, delta;
	size_t i;

	rsjob_silence();
	fill_noise(tail, TARGET / 2, 4);
	rs_run(rs_sig_begin(BLOCK, 8, RS_RK_BLAKE2_SIG_MAGIC), tail, TARGET / 2,
	    &real);
	forge(&sums);
	for (i = 0; i < BLOCKS; i++)
		forge_weak(&sums, i, weak_rabinkarp.sum(target, BLOCK));
	memcpy(sums.p + sums.off, buf_data(&real), real.len);
	make_delta(&sums, match_has_avx2(), target, TARGET, &delta);
	cr_expect_lt(delta.len, TARGET / 2 + TARGET / 64, "%zu", delta.len);
	buf_release(&sums);
	buf_release(&real);
	buf_release(&delta);
	free(target);
}
