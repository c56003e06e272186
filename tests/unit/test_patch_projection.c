/* Patches of a projected basis: small where only addresses changed, right
 * always, and refused when they are damaged. */
#include "engine/delta/patch/patch_projection.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "tests/support/packed.h"
#include "tests/support/program.h"
#include "tests/support/starve.h"
#include "tests/support/streams.h"
#include "transport/net/threads.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 1 << 24, FUNCTIONS = 2000, NOISE = 9 << 20 };

static struct buf old, new, patch, made;
static struct err e;

static void
begin(void)
{
	buf_init(&old, LIMIT);
	buf_init(&new, LIMIT);
	buf_init(&patch, LIMIT);
	buf_init(&made, LIMIT);
}

static void
end(void)
{
	buf_release(&old);
	buf_release(&new);
	buf_release(&patch);
	buf_release(&made);
}

TestSuite(patch_projection, .init = begin, .fini = end, .timeout = 300);

static int
make(enum patch_effort effort)
{
	const struct patch_pair pair = {.basis = buf_data(&old),
	    .basis_len = old.len,
	    .target = buf_data(&new),
	    .target_len = new.len,
	    .effort = effort};
	struct sink out = sink_of_buf(&patch);

	buf_clear(&patch);
	return patch_make_smallest(&pair, &out, &e);
}

static int
put_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *why)
{
	(void)why;
	cr_assert(off <= new.len &&n <= new.len - off);
	memcpy((uint8_t *)ctx + off, p, n);
	return 0;
}

/* Apply n bytes in order, and spread if it can be: both say the same. */
static int
apply(const uint8_t *p, size_t n)
{
	unsigned threads = 3;
	struct crew crew = {threads_real()->run, &threads};
	struct mem_stream basis = {buf_data(&old), old.len, 0};
	struct mem_stream mem = {p, n, 0};
	struct range_source from = range_of_mem(&basis);
	struct range_source bytes = range_of_mem(&mem);
	struct source in = source_of_mem(&mem);
	struct sink out = sink_of_buf(&made);
	uint8_t *placed = calloc(1, new.len + 1);
	struct range_sink places = {put_at, placed};
	const struct patch_files files = {&from, &bytes, &places, NULL};
	uint64_t size, spread_size;
	int rc;

	cr_assert_not_null(placed);
	buf_clear(&made);
	rc = patch_apply(&from, &in, new.len, &out, &size, &e);
	if (!patch_is_viewed(&bytes)) {
		cr_assert_eq(patch_apply_spread(
				 &files, new.len, &crew, &spread_size, &e),
		    rc);
		if (rc == 0) {
			cr_assert_eq(spread_size, size);
			cr_assert_eq(memcmp(placed, buf_data(&made), size), 0);
		}
	}
	free(placed);
	return rc;
}

static void
check(void)
{
	cr_assert_eq(apply(buf_data(&patch), patch.len), 0, "%s", e.msg);
	cr_assert_eq(made.len, new.len);
	cr_assert_eq(memcmp(buf_data(&made), buf_data(&new), new.len), 0);
}

static void
programs(enum program_format format, size_t functions)
{
	buf_clear(&old);
	buf_clear(&new);
	program_put(&old, format, functions, 0);
	program_put(&new, format, functions, 1);
}

static uint8_t
version(void)
{
	return buf_data(&patch)[PATCH_MAGIC_LEN];
}

Test(patch_projection, a_program_costs_less_than_half)
{
	size_t blind;
	int format, effort;

	for (format = 0; format < PROGRAM_FORMATS; format++)
		for (effort = PATCH_BEST; effort <= PATCH_QUICK; effort++) {
			programs((enum program_format)format, FUNCTIONS);
			/* Of something that no format is known of. */
			old.p[old.off]++;
			cr_assert_eq(make((enum patch_effort)effort), 0);
			cr_assert_eq(version(), PATCH_VERSION);
			blind = patch.len;
			check();
			old.p[old.off]--;
			cr_assert_eq(make((enum patch_effort)effort), 0);
			cr_assert_eq(version(), PATCH_VERSION_PROJECTED);
			cr_expect_lt(patch.len, blind / 2,
			    "format %d, effort %d: %zu, not projected %zu",
			    format, effort, patch.len, blind);
			check();
		}
}

/* What no cover is behind is a span of its own. */
Test(patch_projection, a_program_with_much_behind_it_has_many_spans)
{
	uint8_t *noise = malloc(NOISE);

	cr_assert_not_null(noise);
	fill_noise(noise, NOISE, 1);
	programs(PROGRAM_ELF, FUNCTIONS);
	cr_assert_eq(buf_append(&new, noise, NOISE, &e), 0);
	cr_assert_eq(make(PATCH_QUICK), 0);
	cr_assert_eq(version(), PATCH_VERSION_PROJECTED);
	check();
	free(noise);
}

static int
make_and_apply(void *arg, struct err *why)
{
	struct mem_stream basis = {buf_data(&old), old.len, 0}, mem;
	struct range_source from = range_of_mem(&basis);
	struct source in = source_of_mem(&mem);
	struct sink out = sink_of_buf(&made);
	uint64_t size;
	int rc;

	(void)arg;
	buf_clear(&made);
	if ((rc = make(PATCH_QUICK)) == 0) {
		mem = (struct mem_stream){buf_data(&patch), patch.len, 0};
		rc = patch_apply(&from, &in, new.len, &out, &size, &e);
	}
	if (rc == 0 &&
	    (made.len != new.len || version() != PATCH_VERSION_PROJECTED ||
		memcmp(buf_data(&made), buf_data(&new), new.len) != 0))
		rc = STARVE_WRONG;
	*why = e;
	return rc;
}

Test(patch_projection, comes_back_or_memory_is_short)
{
	uint8_t *p;

	programs(PROGRAM_ELF, FUNCTIONS / 10);
	/* So that these keep nothing. */
	cr_assert_eq(buf_reserve(&made, 2 * new.len, &p, &e), 0);
	cr_assert_eq(buf_reserve(&patch, 2 * new.len, &p, &e), 0);
	cr_assert_eq(make(PATCH_QUICK), 0);
	cr_assert_eq(version(), PATCH_VERSION_PROJECTED);
	STARVE(make_and_apply, NULL);
}

/* Numbers of a patch that are damaged are refused, or give something of the
 * right length: the content's hash decides then. */
Test(patch_projection, damage_never_does_harm)
{
	uint8_t *copy;
	size_t at, way;
	int rc;

	programs(PROGRAM_ELF, 120);
	cr_assert_eq(make(PATCH_BEST), 0);
	cr_assert_eq(version(), PATCH_VERSION_PROJECTED);
	copy = malloc(patch.len);
	cr_assert_not_null(copy);
	for (at = 0; at < patch.len; at++)
		for (way = 0; way < 3; way++) {
			memcpy(copy, buf_data(&patch), patch.len);
			copy[at] = way == 0 ? (uint8_t)(copy[at] ^ 1)
			    : way == 1      ? 0xff
					    : (uint8_t)(copy[at] + 0x80);
			rc = apply(copy, patch.len);
			cr_assert(
			    rc == 0 || rc == ERP_CORRUPT || rc == ERP_MISMATCH,
			    "byte %zu: %d", at, rc);
		}
	for (at = 0; at < patch.len; at++)
		cr_assert_eq(
		    apply(buf_data(&patch), at), ERP_CORRUPT, "%zu bytes", at);
	free(copy);
}

/* Other contents are not even tried. */
Test(patch_projection, what_is_no_program_has_none)
{
	size_t i;

	for (i = 0; i < 300000; i++) {
		cr_assert_eq(put_u8(&old, (uint8_t)(i * i >> 5), &e), 0);
		cr_assert_eq(
		    put_u8(&new, (uint8_t)((i * i >> 5) + (i % 99 == 3)), &e),
		    0);
	}
	cr_assert_eq(make(PATCH_BEST), 0);
	cr_expect_eq(version(), PATCH_VERSION);
	check();
}
