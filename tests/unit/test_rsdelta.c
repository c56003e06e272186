#include "engine/delta/rsdelta.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/rsjob.h"
#include "engine/delta/signature.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC                                                                  \
	"rs\x02"                                                               \
	"6"
#define EIGHT(last) "\0\0\0\0\0\0\0" last

enum { BASIS = 16, LIMIT = 20 };
static const char basis_text[] = "0123456789abcdef";

static const struct {
	const char *delta;
	size_t len;
	int rc;
	const char *result;
} cases[] = {
#define DELTA(text, rc, result)                                                \
	{                                                                      \
		text, sizeof(text) - 1, rc, result                             \
	}
    /* Good ones: each form once, and each limit reached exactly. */
    DELTA(MAGIC "\0", 0, ""),
    DELTA(MAGIC "\x01x\0", 0, "x"),
    DELTA(MAGIC "\x14"
		"abcdefghijklmnopqrst"
		"\0",
	0, "abcdefghijklmnopqrst"),
    DELTA(MAGIC "\x41\x02xy\0", 0, "xy"),
    DELTA(MAGIC "\x42\0\x02xy\0", 0, "xy"),
    DELTA(MAGIC "\x43\0\0\0\x02xy\0", 0, "xy"),
    DELTA(MAGIC "\x44" EIGHT("\x02") "xy\0", 0, "xy"),
    DELTA(MAGIC "\x45\x01\x02\0", 0, "12"),
    DELTA(MAGIC "\x45\0\x10\0", 0, "0123456789abcdef"),
    DELTA(MAGIC "\x45\x0f\x01\x45\x0f\x01\0", 0, "ff"),
    DELTA(MAGIC "\x4a\0\x01\0\x02\0", 0, "12"),
    DELTA(MAGIC "\x4f\0\0\0\x01\0\0\0\x02\0", 0, "12"),
    DELTA(MAGIC "\x48\x01" EIGHT("\x02") "\0", 0, "12"),
    DELTA(MAGIC "\x51" EIGHT("\x01") "\x02\0", 0, "12"),
    DELTA(MAGIC "\x54" EIGHT("\x01") EIGHT("\x02") "\0", 0, "12"),
    /* Not a delta, or not all of one, or more than one. */
    DELTA("", ERP_CORRUPT, NULL),
    DELTA("rs\x02", ERP_CORRUPT, NULL),
    DELTA("rs\x01"
	  "6\0",
	ERP_CORRUPT, NULL),
    DELTA(MAGIC, ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x01x", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x02x", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x42\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x45\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\0\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\0" MAGIC "\0", ERP_CORRUPT, NULL),
    /* Codes without a meaning. */
    DELTA(MAGIC "\x55\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\xff\0", ERP_CORRUPT, NULL),
    /* Zero lengths, with which librsync would never end. */
    DELTA(MAGIC "\x41\0\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x45\x01\0\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x45\x10\0\0", ERP_CORRUPT, NULL),
    /* Outside the basis. */
    DELTA(MAGIC "\x45\x10\x01\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x45\0\x11\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x45\x0f\x02\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x54\xff\xff\xff\xff\xff\xff\xff\xff" EIGHT("\x02") "\0",
	ERP_CORRUPT, NULL),
    DELTA(
	MAGIC "\x48\x01\xff\xff\xff\xff\xff\xff\xff\xff\0", ERP_CORRUPT, NULL),
    /* More output than allowed. */
    DELTA(MAGIC "\x15"
		"abcdefghijklmnopqrstu"
		"\0",
	ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x45\0\x10\x45\0\x05\0", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x44\x7f\xff\xff\xff\xff\xff\xff\xff", ERP_CORRUPT, NULL),
    DELTA(MAGIC "\x44\xff\xff\xff\xff\xff\xff\xff\xff", ERP_CORRUPT, NULL),
#undef DELTA
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

Test(rsdelta, checker_tells_good_from_bad_in_any_pieces)
{
	struct rsdelta_check c;
	struct err e;
	size_t i, piece, at, n;
	int rc;

	for (i = 0; i < CASES; i++) {
		for (piece = 1; piece <= cases[i].len + 1; piece++) {
			rsdelta_check_init(&c, BASIS, LIMIT);
			rc = 0;
			for (at = 0; at < cases[i].len && rc == 0; at += n) {
				n = cases[i].len - at;
				n = n < piece ? n : piece;
				rc = rsdelta_check_feed(
				    &c, cases[i].delta + at, n, &e);
			}
			if (rc == 0)
				rc = rsdelta_check_end(&c, &e);
			cr_expect_eq(
			    rc, cases[i].rc, "case %zu piece %zu", i, piece);
			if (rc == 0)
				cr_expect_eq(
				    c.produced, strlen(cases[i].result));
		}
	}
}

static int
apply(const void *delta, size_t n, size_t most, uint64_t limit, struct buf *out,
    struct err *e)
{
	struct drip b = drip_of(basis_text, BASIS, 3);
	struct drip d = drip_of(delta, n, most);
	struct range_source basis = range_of_drip(&b);
	struct source src = source_of_drip(&d);
	struct sink to = sink_of_buf(out);
	uint64_t size;
	int rc = rsdelta_apply(&basis, &src, limit, &to, &size, e);

	if (rc == 0)
		cr_expect_eq(size, out->len);
	return rc;
}

Test(rsdelta, applies_good_and_refuses_bad)
{
	static const size_t most[] = {1, 2, 7, 4096};
	struct buf out;
	struct err e;
	size_t i, k;
	int rc;

	for (i = 0; i < CASES; i++) {
		for (k = 0; k < sizeof(most) / sizeof(most[0]); k++) {
			buf_init(&out, LIMIT);
			rc = apply(cases[i].delta, cases[i].len, most[k], LIMIT,
			    &out, &e);
			cr_expect_eq(rc, cases[i].rc, "case %zu: %s", i,
			    rc == 0 ? "accepted" : e.msg);
			if (rc == 0) {
				cr_assert_eq(out.len, strlen(cases[i].result));
				if (out.len > 0)
					cr_expect_arr_eq(buf_data(&out),
					    cases[i].result, out.len);
			}
			buf_release(&out);
		}
	}
}

Test(rsdelta, bytes_behind_a_full_buffer_are_seen)
{
	/* The delta ends exactly where librsync's input buffer does. */
	static const uint8_t head[] = {
	    'r', 's', 2, '6', 0x43, 0, 1, 0xff, 0xf6};
	size_t len = RSJOB_BUF_LEN;
	uint8_t *delta = calloc(1, len + 1);
	struct buf out;
	struct err e;

	memcpy(delta, head, sizeof(head));
	cr_assert_eq(len, sizeof(head) + 0x1fff6 + 1);
	buf_init(&out, SIZE_MAX);
	cr_expect_eq(apply(delta, len, 4096, len, &out, &e), 0, "%s", e.msg);
	cr_expect_eq(out.len, 0x1fff6);
	buf_clear(&out);
	cr_expect_eq(apply(delta, len + 1, 4096, len, &out, &e), ERP_CORRUPT);
	buf_release(&out);
	free(delta);
}

Test(rsdelta, limits_the_number_of_commands)
{
	static const uint8_t delta[] = MAGIC "\x01x\x01y\x45\x01\x01";
	struct mem_stream b = {(const uint8_t *)basis_text, BASIS, 0};
	struct range_source basis = range_of_mem(&b);
	struct rsdelta_limits limits = {LIMIT, 3};
	struct mem_stream d = {delta, sizeof(delta), 0};
	struct source src = source_of_mem(&d);
	struct narrow_sink all = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&all);
	uint64_t size;
	struct err e;

	cr_expect_eq(
	    rsdelta_apply_within(&basis, &src, &limits, &to, &size, &e), 0);
	cr_expect_eq(size, 3);
	d.pos = 0;
	limits.commands = 2;
	cr_expect_eq(
	    rsdelta_apply_within(&basis, &src, &limits, &to, &size, &e),
	    ERP_CORRUPT);
}

Test(rsdelta, fails_with_its_streams)
{
	static const uint8_t delta[] = MAGIC "\x01x\x45\0\x10";
	struct drip b = drip_of(basis_text, BASIS, 5);
	struct drip d = drip_of(delta, sizeof(delta), 3);
	struct range_source basis = range_of_drip(&b);
	struct source src = source_of_drip(&d);
	struct narrow_sink narrow = {4, 0};
	struct sink to = sink_of_narrow(&narrow);
	uint64_t size;
	struct err e;

	cr_expect_eq(
	    rsdelta_apply(&basis, &src, LIMIT, &to, &size, &e), ERP_NOSPACE);
	narrow.room = SIZE_MAX;
	d.pos = 0;
	d.fail_at = 6;
	cr_expect_eq(
	    rsdelta_apply(&basis, &src, LIMIT, &to, &size, &e), ERP_IO);
	d.pos = 0;
	d.fail_at = SIZE_MAX;
	b.fail_at = 10;
	cr_expect_eq(
	    rsdelta_apply(&basis, &src, LIMIT, &to, &size, &e), ERP_IO);
	cr_expect_str_eq(e.msg, "the drip fails");
	/* The basis is cut after its size was taken. */
	d.pos = 0;
	b.fail_at = SIZE_MAX;
	b.len = 10;
	cr_expect_eq(
	    rsdelta_apply(&basis, &src, LIMIT, &to, &size, &e), ERP_MISMATCH);
}

Test(rsdelta, making_fails_with_its_streams)
{
	struct drip d = drip_of(basis_text, BASIS, 5);
	struct source src = source_of_drip(&d);
	struct narrow_sink narrow = {4, 0};
	struct sink to = sink_of_narrow(&narrow);
	struct sig_params p = {.block_len = 256, .strong_len = 6};
	uint8_t header[SIG_HEADER_LEN];
	struct signature *sig;
	struct err e;

	signature_header(&p, header);
	cr_assert_eq(signature_load(header, sizeof(header), &sig, &e), 0);
	cr_expect_eq(rsdelta_make(sig, &src, &to, &e), ERP_NOSPACE);
	narrow.room = SIZE_MAX;
	d.pos = 0;
	d.fail_at = 7;
	cr_expect_eq(rsdelta_make(sig, &src, &to, &e), ERP_IO);
	signature_free(sig);
}

/*
 * The worst our own parameters can make of a target: each copy a block, each
 * literal a byte, stays within what unpacking allows.
 */
Test(rsdelta, worst_delta_is_within_the_limits)
{
	enum { BLOCKS = 256, BLOCK = 256, LEN = BLOCKS * (BLOCK + 1) };
	uint8_t *basis = malloc(BLOCKS * BLOCK), *target = malloc(LEN);
	struct mem_stream mem = {basis, BLOCKS * BLOCK, 0};
	struct source src = source_of_mem(&mem);
	struct rsdelta_check check;
	struct signature *sig;
	struct sig_params p;
	struct buf out;
	struct sink to = sink_of_buf(&out);
	struct err e;
	size_t i;

	fill_noise(basis, BLOCKS * BLOCK, 3);
	for (i = 0; i < BLOCKS; i++) {
		memcpy(target + i * (BLOCK + 1), basis + i * BLOCK, BLOCK);
		target[i * (BLOCK + 1) + BLOCK] = 'x';
	}
	buf_init(&out, SIZE_MAX);
	cr_assert_eq(sig_params_for(BLOCKS * BLOCK, &p, &e), 0);
	cr_assert_eq(p.block_len, BLOCK);
	cr_assert_eq(signature_make(&src, &p, &to, &e), 0);
	cr_assert_eq(signature_load(buf_data(&out), out.len, &sig, &e), 0);
	buf_clear(&out);
	mem = (struct mem_stream){target, LEN, 0};
	cr_assert_eq(rsdelta_make(sig, &src, &to, &e), 0);
	rsdelta_check_init(&check, BLOCKS * BLOCK, LEN);
	cr_assert_eq(
	    rsdelta_check_feed(&check, buf_data(&out), out.len, &e), 0);
	cr_expect_geq(check.commands, 2 * BLOCKS);
	cr_expect_leq(check.commands, rsdelta_commands_max(LEN));
	cr_expect_leq(out.len, rsdelta_length_max(LEN));
	signature_free(sig);
	buf_release(&out);
	free(basis);
	free(target);
}

/* However much is allowed: librsync counts in signed 64 bits. */
Test(rsdelta, the_output_ends_at_63_bits)
{
	static const char all_but_one[] =
	    MAGIC "\x54\0\0\0\0\0\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xfe";
	static const uint64_t limits[] = {INT64_MAX, UINT64_MAX};
	struct rsdelta_check c;
	struct err e;
	size_t i;

	for (i = 0; i < 2; i++) {
		rsdelta_check_init(&c, UINT64_MAX, limits[i]);
		cr_assert_eq(rsdelta_check_feed(
				 &c, all_but_one, sizeof(all_but_one) - 1, &e),
		    0);
		cr_assert_eq(rsdelta_check_feed(&c, "\1x", 2, &e), 0);
		cr_expect_eq(c.produced, INT64_MAX);
		cr_expect_eq(rsdelta_check_feed(&c, "\1x", 2, &e), ERP_CORRUPT);
	}
}

/* Whoever makes it larger is refused, on both ends alike. */
Test(rsdelta, what_a_delta_may_cost_follows_from_its_target)
{
	cr_expect_eq(rsdelta_commands_max(0), 16);
	cr_expect_eq(rsdelta_commands_max(64000), 1016);
	cr_expect_eq(rsdelta_length_max(0), 1024);
	cr_expect_eq(rsdelta_length_max(160000), 160000 + 10000 + 1024);
}
