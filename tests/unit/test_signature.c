#include "engine/delta/signature.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/rsdelta.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char fox[] = "The quick brown fox jumps over the lazy dog";
static const char cat[] = "The quick brown cat jumps over the lazy dog";

/* rdiff's signature of fox with -b 16 -S 8. */
static const uint8_t fox_sig[] = {0x72, 0x73, 0x01, 0x47, 0x00, 0x00, 0x00,
    0x10, 0x00, 0x00, 0x00, 0x08, 0x94, 0xc1, 0x7c, 0x63, 0x2c, 0xdc, 0xb8,
    0x6a, 0x8b, 0x32, 0x65, 0xe2, 0x2e, 0x57, 0x1d, 0x1d, 0x55, 0x16, 0x47,
    0x50, 0x09, 0x63, 0xf8, 0xd5, 0x2a, 0x2a, 0x44, 0xe4, 0x42, 0x84, 0xb9,
    0x76, 0xda, 0xe8, 0xd2, 0x68};

/* Make a signature of p[0 .. n) that arrives most bytes at a time. */
static int
make(const void *p, size_t n, size_t most, const struct sig_params *params,
    struct buf *out, struct err *e)
{
	struct drip d = drip_of(p, n, most);
	struct source src = source_of_drip(&d);
	struct sink to = sink_of_buf(out);

	return signature_make(&src, params, &to, e);
}

/* Both ends compute these: a change breaks the protocol. */
Test(signature, parameters_follow_from_the_size)
{
	static const struct {
		uint64_t size;
		uint32_t block, strong;
	} cases[] = {{0, 256, 5}, {1, 256, 5}, {255, 256, 5}, {256, 256, 6},
	    {65537, 256, 6}, {1 << 20, 1024, 7}, {100 << 20, 10240, 7},
	    {1 << 30, 32768, 8}, {UINT64_C(64) << 30, 262144, 9}};
	struct sig_params p;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(sig_params_for(cases[i].size, &p, &e), 0);
		cr_expect_eq(p.block_len, cases[i].block, "%zu", i);
		cr_expect_eq(p.strong_len, cases[i].strong, "%zu", i);
	}
	cr_expect_eq(
	    sig_params_for((UINT64_C(64) << 30) + 1, &p, &e), ERP_USAGE);
	cr_expect_eq(sig_params_for(UINT64_MAX, &p, &e), ERP_USAGE);
}

/* librsync's own choice, by which every signature on the wire was made before
 * the rule was written down. */
static void
expect_as_librsync(uint64_t size)
{
	struct sig_wish wish = {.size = size, .strong_len = -1};
	struct sig_params ours, theirs;

	cr_assert_eq(sig_params_for(size, &ours, NULL), 0);
	cr_assert_eq(sig_params_choose(&wish, &theirs, NULL), 0);
	cr_assert_eq(
	    ours.block_len, theirs.block_len, "%llu", (unsigned long long)size);
	cr_assert_eq(ours.strong_len, theirs.strong_len, "%llu",
	    (unsigned long long)size);
}

Test(signature, parameters_are_those_of_librsync)
{
	const uint64_t most = UINT64_C(64) << 30;
	uint64_t size, step, root;

	for (size = 0; size < 70000; size++)
		expect_as_librsync(size);
	/* Around powers of two, and where blocks grow. */
	for (step = 65536; step <= most; step *= 2)
		for (size = step - 300; size <= step + 300 && size <= most;
		     size++)
			expect_as_librsync(size);
	for (root = 256; root * root <= most; root += 128)
		for (size = root * root - 2; size <= root * root + 2; size++)
			if (size <= most)
				expect_as_librsync(size);
	for (size = 70001; size <= most; size += size / 997 + 13)
		expect_as_librsync(size);
	/* Where the strong sum grows with the number of blocks. */
	for (size = 70001; size < (1 << 26); size += 1021)
		expect_as_librsync(size);
}

Test(signature, a_person_chooses_parameters_as_with_rdiff)
{
	static const struct {
		struct sig_wish wish;
		int rc;
		uint32_t block, strong;
	} cases[] = {{{1000, 0, 0, false, false}, 0, 256, 32},
	    {{1000, 7, -1, false, false}, 0, 7, 6},
	    {{1000, 16, 8, true, false}, 0, 16, 8},
	    {{UINT64_MAX, 0, -1, false, false}, 0, 2048, 12},
	    {{1000, 1, 1, true, true}, 0, 1, 1},
	    {{1000, 0, 0, true, true}, 0, 256, 16},
	    {{1000, 7, -1, false, true}, 0, 7, 6},
	    {{0, SIG_BLOCK_MAX, 32, false, false}, 0, 16777216, 32},
	    {{1000, SIG_BLOCK_MAX + 1, 8, false, false}, ERP_USAGE, 0, 0},
	    {{1000, 16, 33, false, false}, ERP_USAGE, 0, 0},
	    {{1000, 16, 17, false, true}, ERP_USAGE, 0, 0},
	    {{1000, 16, -2, false, false}, ERP_USAGE, 0, 0}};
	struct sig_params p;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&p, 0, sizeof(p));
		cr_expect_eq(sig_params_choose(&cases[i].wish, &p, &e),
		    cases[i].rc, "%zu", i);
		cr_expect(
		    cases[i].rc == 0 || strstr(e.msg, " possible") != NULL,
		    "what can be chosen: %s", e.msg);
		cr_expect_eq(p.block_len, cases[i].block, "%zu", i);
		cr_expect_eq(p.strong_len, cases[i].strong, "%zu", i);
		cr_expect_eq(
		    p.md4, cases[i].rc == 0 && cases[i].wish.md4, "%zu", i);
	}
}

Test(signature, lengths_are_known_in_advance)
{
	static const struct {
		uint64_t size, blocks, len;
	} cases[] = {{0, 0, 12}, {1, 1, 21}, {256, 1, 21}, {257, 2, 30},
	    {512, 2, 30}, {UINT64_C(1) << 36, 1 << 28, 2415919116}};
	struct sig_params p = {.block_len = 256, .strong_len = 5};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(
		    sig_block_count(cases[i].size, &p), cases[i].blocks);
		cr_expect_eq(sig_length(cases[i].size, &p), cases[i].len);
	}
}

Test(signature, is_what_rdiff_makes)
{
	static const size_t most[] = {1, 7, 4096};
	struct sig_params p = {.block_len = 16, .strong_len = 8};
	struct buf out;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		buf_init(&out, SIZE_MAX);
		cr_assert_eq(make(fox, strlen(fox), most[i], &p, &out, &e), 0);
		cr_assert_eq(out.len, sizeof(fox_sig));
		cr_expect_arr_eq(buf_data(&out), fox_sig, sizeof(fox_sig));
		buf_release(&out);
	}
}

Test(signature, of_nothing_is_a_header_that_loads)
{
	struct signature *sig;
	struct sig_params p;
	uint8_t header[SIG_HEADER_LEN];
	struct buf out;
	struct err e;

	buf_init(&out, SIZE_MAX);
	cr_assert_eq(sig_params_for(0, &p, &e), 0);
	cr_assert_eq(make("", 0, 1, &p, &out, &e), 0);
	cr_assert_eq(out.len, SIG_HEADER_LEN);
	signature_header(&p, header);
	cr_expect_arr_eq(buf_data(&out), header, SIG_HEADER_LEN);
	cr_assert_eq(signature_load(header, SIG_HEADER_LEN, &sig, &e), 0);
	signature_free(sig);
	buf_release(&out);
}

Test(signature, fails_with_its_streams)
{
	struct narrow_sink narrow = {20, 0};
	struct sink to = sink_of_narrow(&narrow);
	struct drip d = drip_of(fox, strlen(fox), 7);
	struct source src = source_of_drip(&d);
	struct sig_params p = {.block_len = 16, .strong_len = 8},
			  bad[] = {{0, 8, false, false}, {16, 0, false, false},
			      {16, 33, false, false}, {16, 17, false, true},
			      {SIG_BLOCK_MAX + 1, 8, false, false}};
	struct err e;
	size_t i;

	cr_expect_eq(signature_make(&src, &p, &to, &e), ERP_NOSPACE);
	d.pos = 0;
	d.fail_at = 30;
	narrow.room = SIZE_MAX;
	cr_expect_eq(signature_make(&src, &p, &to, &e), ERP_IO);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(signature_make(&src, &bad[i], &to, &e), ERP_USAGE);
}

Test(signature, loads_every_kind_that_rdiff_makes)
{
	static const uint8_t kinds[] = {0x36, 0x37, 0x46, 0x47};
	uint8_t bytes[sizeof(fox_sig)];
	struct signature *sig;
	struct err e;
	size_t i;

	memcpy(bytes, fox_sig, sizeof(bytes));
	for (i = 0; i < sizeof(kinds); i++) {
		bytes[3] = kinds[i];
		cr_expect_eq(signature_load(bytes, sizeof(bytes), &sig, &e), 0);
		signature_free(sig);
	}
}

Test(signature, refuses_what_is_not_one)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = {{0, 0}, {3, 0x38}, {3, 0x45}, {4, 1}, {4, 0x80}, {7, 0},
	    {8, 0x80}, {10, 1}, {11, 0}, {11, 7}, {11, 33}};
	uint8_t bytes[sizeof(fox_sig)];
	struct signature *sig;
	struct err e;
	size_t i;
	bool whole;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(bytes, fox_sig, sizeof(bytes));
		bytes[cases[i].at] = cases[i].value;
		cr_expect_eq(signature_load(bytes, sizeof(bytes), &sig, &e),
		    ERP_CORRUPT, "%zu", i);
		cr_expect_null(sig);
	}
	/* MD4 has 16 bytes. */
	memcpy(bytes, fox_sig, sizeof(bytes));
	bytes[3] = 0x46;
	bytes[11] = 17;
	cr_expect_eq(
	    signature_load(bytes, SIG_HEADER_LEN, &sig, &e), ERP_CORRUPT);
	/* Only whole blocks. */
	for (i = 0; i < sizeof(fox_sig); i++) {
		whole = i >= SIG_HEADER_LEN && i % 12 == 0;
		cr_expect_eq(signature_load(fox_sig, i, &sig, &e),
		    whole ? 0 : ERP_CORRUPT, "%zu bytes", i);
		signature_free(sig);
	}
}

static struct err loading;

/* A header with these numbers and so many bytes of zero behind it. */
static int
load(bool md4, uint32_t block, uint32_t strong, size_t n)
{
	const struct sig_params p = {block, strong, true, md4};
	struct signature *sig;
	uint8_t *bytes = calloc(1, SIG_HEADER_LEN + n);
	int rc;

	cr_assert_not_null(bytes);
	signature_header(&p, bytes);
	rc = signature_load(bytes, SIG_HEADER_LEN + n, &sig, &loading);
	signature_free(sig);
	free(bytes);
	return rc;
}

/* As many blocks as may be would take a GiB: only one more is tried. */
Test(signature, numbers_at_their_limits)
{
	static const struct {
		bool md4;
		uint32_t block, strong;
		int want;
	} rows[] = {{false, 0, 8, ERP_CORRUPT}, {false, 1, 8, 0},
	    {false, SIG_BLOCK_MAX, 8, 0},
	    {false, SIG_BLOCK_MAX + 1, 8, ERP_CORRUPT},
	    {false, 512, 0, ERP_CORRUPT}, {false, 512, 1, 0},
	    {false, 512, SIG_STRONG_MAX, 0},
	    {false, 512, SIG_STRONG_MAX + 1, ERP_CORRUPT},
	    {true, 512, SIG_MD4_MAX, 0},
	    {true, 512, SIG_MD4_MAX + 1, ERP_CORRUPT}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(
		    load(rows[i].md4, rows[i].block, rows[i].strong, 0),
		    rows[i].want, "row %zu", i);
	cr_expect_eq(
	    load(false, 512, 1, 5 * (SIG_COUNT_MAX + (size_t)1)), ERP_CORRUPT);
}

Test(signature, blocks_that_are_too_long_are_told)
{
	char want[80];

	(void)snprintf(want, sizeof(want),
	    "signature with blocks of %d bytes, at most %d are taken",
	    SIG_BLOCK_MAX + 1, SIG_BLOCK_MAX);
	cr_assert_eq(load(false, SIG_BLOCK_MAX + 1, 8, 0), ERP_CORRUPT);
	cr_expect_str_eq(loading.msg, want);
}

/* Length of the delta to target under these signature bytes. */
static size_t
delta_len(const uint8_t *sums, size_t n, const void *target, size_t len)
{
	struct mem_stream mem = {target, len, 0};
	struct source src = source_of_mem(&mem);
	struct narrow_sink all = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&all);
	struct signature *sig;
	struct err e;

	cr_assert_eq(signature_load(sums, n, &sig, &e), 0, "%s", e.msg);
	cr_assert_eq(rsdelta_make(sig, &src, &to, &e), 0, "%s", e.msg);
	signature_free(sig);
	return all.taken;
}

Test(signature, blocks_that_share_a_weak_sum_are_limited)
{
	enum { BLOCK = 64, BLOCKS = 40000, ENTRY = 12 };
	static const struct {
		size_t block;
		bool found;
	} cases[] = {{0, true}, {SIG_CHAIN_MAX - 1, true},
	    {SIG_CHAIN_MAX, false}, {BLOCKS - 1, false}};
	struct sig_params p = {.block_len = BLOCK, .strong_len = 8};
	uint8_t *basis = malloc(BLOCK * BLOCKS), *forged;
	struct buf sums;
	struct err e;
	size_t i, k, n;

	fill_noise(basis, BLOCK * BLOCKS, 1);
	buf_init(&sums, SIZE_MAX);
	cr_assert_eq(make(basis, BLOCK * BLOCKS, 4096, &p, &sums, &e), 0);
	forged = malloc(sums.len);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* All blocks get the weak sum of the one looked for. */
		memcpy(forged, buf_data(&sums), sums.len);
		for (k = 0; k < BLOCKS; k++)
			memcpy(forged + SIG_HEADER_LEN + k * ENTRY,
			    buf_data(&sums) + SIG_HEADER_LEN +
				cases[i].block * ENTRY,
			    SIG_WEAK_LEN);
		n = delta_len(
		    forged, sums.len, basis + cases[i].block * BLOCK, BLOCK);
		cr_expect_eq(n < BLOCK, cases[i].found, "%zu: %zu", i, n);
	}
	free(forged);
	free(basis);
	buf_release(&sums);
}

Test(signature, equal_blocks_are_no_attack)
{
	enum { LEN = 256 * 1000 };
	struct sig_params p = {.block_len = 256, .strong_len = 6};
	uint8_t *basis = calloc(1, LEN);
	struct buf sums;
	struct err e;

	basis[LEN - 1] = 1; /* the last block is different */
	buf_init(&sums, SIZE_MAX);
	cr_assert_eq(make(basis, LEN, 4096, &p, &sums, &e), 0);
	cr_expect_lt(delta_len(buf_data(&sums), sums.len, basis, 256), 32);
	cr_expect_lt(
	    delta_len(buf_data(&sums), sums.len, basis + LEN - 256, 256), 32);
	free(basis);
	buf_release(&sums);
}

Test(signature, makes_deltas_as_rdiff_does)
{
	static const uint8_t want[] = "rs\x02"
				      "6\x45\0\x10\x10"
				      "cat jumps over t"
				      "\x45\x20\x0b";
	struct mem_stream mem = {(const uint8_t *)cat, strlen(cat), 0};
	struct source src = source_of_mem(&mem);
	struct signature *sig;
	struct buf delta;
	struct sink to = sink_of_buf(&delta);
	struct err e;

	buf_init(&delta, SIZE_MAX);
	cr_assert_eq(signature_load(fox_sig, sizeof(fox_sig), &sig, &e), 0);
	cr_assert_eq(rsdelta_make(sig, &src, &to, &e), 0);
	cr_assert_eq(delta.len, sizeof(want));
	cr_expect_arr_eq(buf_data(&delta), want, sizeof(want));
	signature_free(sig);
	buf_release(&delta);
}
