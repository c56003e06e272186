/*
 * The matrix: every old content x new content x block length x piece size,
 * through signature, delta and patch, and through blobs.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/pack.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/signature.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* LARGE is above every buffer on the way. */
enum { CONTENTS = 9, LARGE = 600000 };

struct sample {
	const char *name;
	uint8_t *p;
	size_t len;
};

static void
contents_init(struct sample c[CONTENTS])
{
	static const struct {
		const char *name;
		size_t len;
	} made[CONTENTS] = {{"empty", 0}, {"one byte", 1}, {"short", 300},
	    {"repeated", 70000}, {"noise", 70000}, {"sparse", 300000},
	    {"large", LARGE}, {"large, edited", LARGE},
	    {"large, rotated", LARGE}};
	size_t i;

	for (i = 0; i < CONTENTS; i++) {
		c[i].name = made[i].name;
		c[i].len = made[i].len;
		c[i].p = calloc(1, made[i].len + 1);
	}
	c[1].p[0] = 'x';
	fill_noise(c[2].p, 300, 2);
	memset(c[3].p, 'r', c[3].len);
	fill_noise(c[4].p, c[4].len, 4);
	fill_noise(c[5].p + 100000, 50, 5);
	fill_noise(c[5].p + 299000, 1000, 6);
	fill_noise(c[6].p, LARGE, 7);
	/* An insertion, a change and a cut end. */
	memcpy(c[7].p, c[6].p, 1000);
	memcpy(c[7].p + 1033, c[6].p + 1000, LARGE - 1033);
	c[7].p[LARGE / 2] ^= 1;
	c[7].len -= 77;
	memcpy(c[8].p, c[6].p + 123456, LARGE - 123456);
	memcpy(c[8].p + LARGE - 123456, c[6].p, 123456);
}

static void
contents_release(struct sample c[CONTENTS])
{
	size_t i;

	for (i = 0; i < CONTENTS; i++)
		free(c[i].p);
}

/* Signature of old and delta to new, all in pieces of most bytes. */
static struct signature *
sign(const struct sample *old, uint32_t block, size_t most)
{
	struct drip d = drip_of(old->p, old->len, most);
	struct source src = source_of_drip(&d);
	struct sig_wish wish = {
	    .size = old->len, .block_len = block, .strong_len = -1};
	struct sig_params p;
	struct signature *sig;
	struct buf sums;
	struct sink to = sink_of_buf(&sums);
	struct err e;

	buf_init(&sums, SIZE_MAX);
	cr_assert_eq(sig_params_choose(&wish, &p, &e), 0);
	cr_assert_eq(signature_make(&src, &p, &to, &e), 0, "%s", e.msg);
	cr_assert_eq(sums.len, sig_length(old->len, &p));
	cr_assert_eq(signature_load(buf_data(&sums), sums.len, &sig, &e), 0);
	buf_release(&sums);
	return sig;
}

static void
check_patch(const struct sample *old, const struct sample *new,
    const struct buf *delta, size_t most)
{
	struct drip b = drip_of(old->p, old->len, most);
	struct drip d = drip_of(buf_data(delta), delta->len, most);
	struct range_source basis = range_of_drip(&b);
	struct source src = source_of_drip(&d);
	struct buf out;
	struct sink to = sink_of_buf(&out);
	struct err e;
	uint64_t size;
	int rc;

	buf_init(&out, new->len);
	rc = rsdelta_apply(&basis, &src, new->len, &to, &size, &e);
	cr_expect(rc == 0 && size == new->len &&out.len == size &&
		(size == 0 || memcmp(buf_data(&out), new->p, size) == 0),
	    "%s -> %s in pieces of %zu: %d", old->name, new->name, most, rc);
	buf_release(&out);
}

static void
check_pair(const struct sample *old, const struct sample *new, uint32_t block)
{
	static const size_t most[] = {1, 7, 4096, SIZE_MAX};
	struct signature *sig;
	struct buf delta, first;
	struct sink to = sink_of_buf(&delta);
	struct source src;
	struct drip d;
	struct err e;
	size_t i;

	buf_init(&delta, SIZE_MAX);
	buf_init(&first, SIZE_MAX);
	for (i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		sig = sign(old, block, most[i]);
		d = drip_of(new->p, new->len, most[i]);
		src = source_of_drip(&d);
		buf_clear(&delta);
		cr_assert_eq(rsdelta_make(sig, &src, &to, &e), 0);
		check_patch(old, new, &delta, most[i]);
		/* The pieces of a source leave no trace. */
		if (i == 0)
			cr_assert_eq(
			    buf_append(&first, buf_data(&delta), delta.len, &e),
			    0);
		cr_expect(delta.len == first.len &&
			memcmp(buf_data(&delta), buf_data(&first), first.len) ==
			    0,
		    "%s -> %s", old->name, new->name);
		signature_free(sig);
	}
	buf_release(&delta);
	buf_release(&first);
}

static void
check_matrix(uint32_t block)
{
	struct sample c[CONTENTS];
	size_t i, k;

	contents_init(c);
	for (i = 0; i < CONTENTS; i++)
		for (k = 0; k < CONTENTS; k++)
			check_pair(&c[i], &c[k], block);
	contents_release(c);
}

/* One test each: Criterion runs them in parallel. */
Test(roundtrip, blocks_of_16)
{
	check_matrix(16);
}

Test(roundtrip, blocks_of_1000)
{
	check_matrix(1000);
}

Test(roundtrip, blocks_of_65536)
{
	check_matrix(65536);
}

Test(roundtrip, blocks_chosen_by_size)
{
	check_matrix(0);
}

static void
check_blob(const struct sample *old, const struct sample *new)
{
	struct signature *sig = sign(old, 0, SIZE_MAX);
	struct mem_stream b = {old->p, old->len, 0};
	struct mem_stream t = {new->p, new->len, 0};
	struct range_source basis = range_of_mem(&b);
	struct source src = source_of_mem(&t);
	struct buf blob, out;
	struct sink to = sink_of_buf(&blob);
	struct hash want;
	struct err e;
	int rc;

	buf_init(&blob, SIZE_MAX);
	buf_init(&out, new->len);
	cr_assert_eq(hash_bytes(new->p, new->len, &want, &e), 0);
	cr_assert_eq(pack_rsync(sig, &src, 1, &to, &e), 0, "%s", e.msg);
	t = (struct mem_stream){buf_data(&blob), blob.len, 0};
	to = sink_of_buf(&out);
	rc = unpack(&(struct unpack_task){CODEC_RSYNC, &basis, new->len, &want},
	    &src, &to, &e);
	cr_expect_eq(rc, 0, "%s -> %s: %s", old->name, new->name, e.msg);
	signature_free(sig);
	buf_release(&blob);
	buf_release(&out);
}

Test(roundtrip, blobs)
{
	struct sample c[CONTENTS];
	size_t i, k;

	contents_init(c);
	for (i = 0; i < CONTENTS; i++)
		for (k = 0; k < CONTENTS; k++)
			check_blob(&c[i], &c[k]);
	contents_release(c);
}
