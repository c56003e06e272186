#include "engine/delta/pack.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { OLD = 300000, NEW = 300100 };

/* An old and a new content and the blobs between them. */
struct pair {
	uint8_t *old, *new;
	struct hash hash; /* of new */
	struct buf full, delta;
};

static void
make_delta(struct pair *p, struct err *e)
{
	struct mem_stream basis = {p->old, OLD, 0}, target = {p->new, NEW, 0};
	struct source from = source_of_mem(&basis), to;
	struct sig_params params;
	struct signature *sig;
	struct buf sums;
	struct sink out = sink_of_buf(&sums);

	buf_init(&sums, SIZE_MAX);
	cr_assert_eq(sig_params_for(OLD, &params, e), 0);
	cr_assert_eq(signature_make(&from, &params, &out, e), 0);
	cr_assert_eq(signature_load(buf_data(&sums), sums.len, &sig, e), 0);
	to = source_of_mem(&target);
	out = sink_of_buf(&p->delta);
	cr_assert_eq(pack_rsync(sig, &to, 3, &out, e), 0);
	signature_free(sig);
	buf_release(&sums);
}

static void
pair_init(struct pair *p)
{
	struct mem_stream target;
	struct source src = source_of_mem(&target);
	struct sink out = sink_of_buf(&p->full);
	struct err e;

	p->old = malloc(OLD);
	p->new = malloc(NEW);
	fill_noise(p->old, OLD, 11);
	memcpy(p->new, p->old, 150000);
	fill_noise(p->new + 150000, 100, 12);
	memcpy(p->new + 150100, p->old + 150000, OLD - 150000);
	cr_assert_eq(hash_bytes(p->new, NEW, &p->hash, &e), 0);
	buf_init(&p->full, SIZE_MAX);
	buf_init(&p->delta, SIZE_MAX);
	target = (struct mem_stream){p->new, NEW, 0};
	cr_assert_eq(pack_full(&src, NEW, 3, &out, &e), 0);
	make_delta(p, &e);
}

static void
pair_release(struct pair *p)
{
	free(p->old);
	free(p->new);
	buf_release(&p->full);
	buf_release(&p->delta);
}

/* Unpack with everything right but what the caller changes. */
struct job {
	enum codec codec;
	const uint8_t *blob;
	size_t blob_len;
	const uint8_t *basis;
	size_t basis_len;
	uint64_t size;
	struct hash want;
};

static struct job
job_of(const struct pair *p, enum codec codec)
{
	const struct buf *b = codec == CODEC_FULL ? &p->full : &p->delta;
	struct job j = {codec, buf_data(b), b->len, p->old, OLD, NEW, p->hash};

	return j;
}

static int
run(const struct job *j, struct buf *out, struct err *e)
{
	struct drip b = drip_of(j->basis, j->basis_len, 1000);
	struct drip d = drip_of(j->blob, j->blob_len, 1000);
	struct range_source basis = range_of_drip(&b);
	struct source blob = source_of_drip(&d);
	struct sink to = sink_of_buf(out);
	int rc;

	buf_clear(out);
	rc = unpack(
	    &(struct unpack_task){j->codec,
		j->codec == CODEC_FULL ? NULL : &basis, j->size, &j->want},
	    &blob, &to, e);
	cr_expect_leq(out->len, j->size);
	return rc;
}

Test(pack, unverified_content_comes_as_it_is)
{
	static const enum codec codecs[] = {CODEC_FULL, CODEC_RSYNC};
	struct range_source basis;
	struct mem_stream m, old;
	struct source blob;
	struct pair p;
	struct buf out;
	struct sink to = sink_of_buf(&out);
	struct err e;
	struct job j;
	size_t i;

	pair_init(&p);
	buf_init(&out, SIZE_MAX);
	for (i = 0; i < 2; i++) {
		j = job_of(&p, codecs[i]);
		m = (struct mem_stream){j.blob, j.blob_len, 0};
		old = (struct mem_stream){p.old, OLD, 0};
		blob = source_of_mem(&m);
		basis = range_of_mem(&old);
		buf_clear(&out);
		cr_assert_eq(unpack_unverified(&(struct unpack_task){codecs[i],
						   &basis, NEW + 7, NULL},
				 &blob, &to, &e),
		    0, "%s", e.msg);
		cr_assert_eq(out.len, NEW);
		cr_expect_arr_eq(buf_data(&out), p.new, NEW);
		/* Never more than was allowed. */
		m.pos = 0;
		buf_clear(&out);
		cr_expect_eq(unpack_unverified(&(struct unpack_task){codecs[i],
						   &basis, NEW - 1, NULL},
				 &blob, &to, &e),
		    ERP_CORRUPT);
		cr_expect_leq(out.len, NEW - 1);
	}
	cr_expect_eq(unpack_unverified(
			 &(struct unpack_task){CODEC_PATCH, NULL, NEW, NULL},
			 &blob, &to, &e),
	    ERP_CORRUPT);
	buf_release(&out);
	pair_release(&p);
}

Test(pack, round_trips)
{
	static const enum codec codecs[] = {CODEC_FULL, CODEC_RSYNC};
	struct pair p;
	struct buf out;
	struct err e;
	struct job j;
	size_t i;

	pair_init(&p);
	buf_init(&out, SIZE_MAX);
	for (i = 0; i < 2; i++) {
		j = job_of(&p, codecs[i]);
		cr_assert_eq(run(&j, &out, &e), 0, "%s", e.msg);
		cr_assert_eq(out.len, NEW);
		cr_expect_arr_eq(buf_data(&out), p.new, NEW);
	}
	cr_expect_lt(p.delta.len, 3000);
	buf_release(&out);
	pair_release(&p);
}

Test(pack, what_is_not_the_wanted_content_is_a_mismatch)
{
	static const enum codec codecs[] = {CODEC_FULL, CODEC_RSYNC};
	struct pair p;
	struct buf out;
	struct err e;
	struct job j;
	size_t i;

	pair_init(&p);
	buf_init(&out, SIZE_MAX);
	for (i = 0; i < 2; i++) {
		j = job_of(&p, codecs[i]);
		j.want.b[31] ^= 1;
		cr_expect_eq(run(&j, &out, &e), ERP_MISMATCH);
		j = job_of(&p, codecs[i]);
		j.size = NEW + 1;
		cr_expect_eq(run(&j, &out, &e), ERP_MISMATCH);
		/* One byte more than wanted must never come out. */
		j.size = NEW - 1;
		cr_expect_eq(run(&j, &out, &e), ERP_CORRUPT);
		j.size = 0;
		cr_expect_eq(run(&j, &out, &e), ERP_CORRUPT);
	}
	/* A basis that changed since it was signed. */
	j = job_of(&p, CODEC_RSYNC);
	p.old[5] ^= 1;
	cr_expect_eq(run(&j, &out, &e), ERP_MISMATCH);
	j.basis_len = OLD / 2;
	cr_expect_eq(run(&j, &out, &e), ERP_CORRUPT);
	buf_release(&out);
	pair_release(&p);
}

Test(pack, damaged_blobs_never_pass)
{
	static const enum codec codecs[] = {CODEC_FULL, CODEC_RSYNC};
	struct pair p;
	struct buf out;
	struct err e;
	struct job j;
	size_t i, at, step;
	uint8_t *bad;
	int rc;

	pair_init(&p);
	buf_init(&out, SIZE_MAX);
	for (i = 0; i < 2; i++) {
		j = job_of(&p, codecs[i]);
		bad = malloc(j.blob_len + 1);
		step = j.blob_len / 200;
		for (at = 0; at < j.blob_len; at += step) {
			memcpy(bad, j.blob, j.blob_len);
			bad[at] ^= 0x55;
			j.blob = bad;
			rc = run(&j, &out, &e);
			cr_expect(rc == ERP_CORRUPT || rc == ERP_MISMATCH ||
				(rc == 0 && out.len == NEW &&
				    memcmp(buf_data(&out), p.new, NEW) == 0),
			    "byte %zu: %d", at, rc);
			j = job_of(&p, codecs[i]);
		}
		memcpy(bad, j.blob, j.blob_len);
		bad[j.blob_len] = 0;
		j.blob = bad;
		j.blob_len++;
		cr_expect_eq(run(&j, &out, &e), ERP_CORRUPT);
		j.blob_len -= 2;
		cr_expect_eq(run(&j, &out, &e), ERP_CORRUPT);
		free(bad);
	}
	buf_release(&out);
	pair_release(&p);
}

Test(pack, codecs_of_a_peer_are_checked)
{
	struct mem_stream mem = {NULL, 0, 0};
	struct range_source basis = range_of_mem(&mem);
	struct source blob = source_of_mem(&mem);
	struct narrow_sink all = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&all);
	struct hash want;
	struct err e;

	memset(&want, 0, sizeof(want));
	cr_expect_eq(
	    unpack(&(struct unpack_task){(enum codec)0, &basis, 0, &want},
		&blob, &to, &e),
	    ERP_CORRUPT);
	cr_expect_eq(
	    unpack(&(struct unpack_task){(enum codec)77, &basis, 0, &want},
		&blob, &to, &e),
	    ERP_CORRUPT);
	cr_expect_eq(unpack(&(struct unpack_task){CODEC_RSYNC, NULL, 0, &want},
			 &blob, &to, &e),
	    ERP_CORRUPT);
}

Test(pack, a_flood_of_tiny_commands_is_refused)
{
	enum { LEN = 4096 };
	static const uint8_t copy[] = {0x45, 0, 1};
	static const uint8_t magic[] = {'r', 's', 2, '6'};
	uint8_t old = 'x', end = 0, result[LEN];
	struct buf delta, blob, out;
	struct job j;
	struct err e;
	size_t i;

	buf_init(&delta, SIZE_MAX);
	buf_init(&blob, SIZE_MAX);
	buf_init(&out, SIZE_MAX);
	cr_assert_eq(buf_append(&delta, magic, sizeof(magic), &e), 0);
	for (i = 0; i < LEN; i++)
		cr_assert_eq(buf_append(&delta, copy, sizeof(copy), &e), 0);
	cr_assert_eq(buf_append(&delta, &end, 1, &e), 0);
	cr_assert_eq(
	    compress_bytes(buf_data(&delta), delta.len, 3, &blob, &e), 0);
	j = (struct job){
	    CODEC_RSYNC, buf_data(&blob), blob.len, &old, 1, LEN, {{0}}};
	memset(result, 'x', LEN);
	cr_assert_eq(hash_bytes(result, LEN, &j.want, &e), 0);
	cr_expect_eq(run(&j, &out, &e), ERP_CORRUPT);
	buf_release(&delta);
	buf_release(&blob);
	buf_release(&out);
}

Test(pack, content_that_changes_its_size_is_a_mismatch)
{
	struct drip d = drip_of("0123456789", 10, 3);
	struct source src = source_of_drip(&d);
	struct narrow_sink all = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&all);
	struct err e;

	cr_expect_eq(pack_full(&src, 11, 3, &to, &e), ERP_MISMATCH);
	d.pos = 0;
	cr_expect_eq(pack_full(&src, 9, 3, &to, &e), ERP_MISMATCH);
	d.pos = 0;
	d.fail_at = 5;
	cr_expect_eq(pack_full(&src, 10, 3, &to, &e), ERP_IO);
}

Test(pack, fails_with_its_streams)
{
	struct narrow_sink narrow = {1000, 0};
	struct sink to = sink_of_narrow(&narrow);
	struct range_source basis;
	struct source src;
	struct drip d, b;
	struct pair p;
	struct err e;

	pair_init(&p);
	b = drip_of(p.old, OLD, 1000);
	d = drip_of(buf_data(&p.delta), p.delta.len, 100);
	basis = range_of_drip(&b);
	src = source_of_drip(&d);
	cr_expect_eq(
	    unpack(&(struct unpack_task){CODEC_RSYNC, &basis, NEW, &p.hash},
		&src, &to, &e),
	    ERP_NOSPACE);
	narrow.room = SIZE_MAX;
	d.pos = 0;
	b.fail_at = OLD / 2;
	cr_expect_eq(
	    unpack(&(struct unpack_task){CODEC_RSYNC, &basis, NEW, &p.hash},
		&src, &to, &e),
	    ERP_IO);
	d.pos = 0;
	d.fail_at = p.delta.len - 1;
	cr_expect_eq(
	    unpack(&(struct unpack_task){CODEC_RSYNC, &basis, NEW, &p.hash},
		&src, &to, &e),
	    ERP_IO);
	pair_release(&p);
}

/* Whatever is made of files: each read and write of it fails once. */
enum { MADE = 1 << 20, LONG = 150000 };

struct maker {
	struct one_fails when;
	struct drip old, new, blob;
	struct failing in, basis, out;
	struct buf made;
	struct source source; /* of the new content, or of the blob */
	struct range_source range; /* of the old */
	struct sink sink;
	struct signature *sig;
	struct hash want;
	enum codec codec;
};

typedef int make_fn(struct maker *m, struct err *e);

static int
make_signature(struct maker *m, struct err *e)
{
	const struct sig_params params = {512, 8, false, false};

	return signature_make(&m->source, &params, &m->sink, e);
}

static int
make_short_sums(struct maker *m, struct err *e)
{
	return short_sums_make(&m->source, LONG, &m->sink, e);
}

static int
make_difference(struct maker *m, struct err *e)
{
	return rsdelta_make(m->sig, &m->source, &m->sink, e);
}

static int
make_full(struct maker *m, struct err *e)
{
	return pack_full(&m->source, LONG, 3, &m->sink, e);
}

static int
make_rsync(struct maker *m, struct err *e)
{
	return pack_rsync(m->sig, &m->source, 3, &m->sink, e);
}

static int
rebuild_delta(struct maker *m, struct err *e)
{
	uint64_t size;

	return rsdelta_apply(&m->range, &m->source, LONG, &m->sink, &size, e);
}

static int
rebuild(struct maker *m, struct err *e)
{
	const struct unpack_task task = {m->codec, &m->range, LONG, &m->want};

	return unpack(&task, &m->source, &m->sink, e);
}

static int
run_maker(struct maker *m, make_fn *fn, struct drip *of, struct err *e)
{
	int rc;

	of->pos = 0;
	buf_release(&m->made);
	m->when.calls = 0;
	m->in =
	    (struct failing){.when = &m->when, .source = source_of_drip(of)};
	m->basis =
	    (struct failing){.when = &m->when, .range = range_of_drip(&m->old)};
	m->out =
	    (struct failing){.when = &m->when, .sink = sink_of_buf(&m->made)};
	m->source = failing_source(&m->in);
	m->range = failing_range(&m->basis);
	m->sink = failing_sink(&m->out);
	memset(e, 0, sizeof(*e));
	rc = fn(m, e);
	return rc;
}

static void
each_fails(struct maker *m, make_fn *fn, struct drip *of, const char *what)
{
	uint64_t at;
	struct err e;

	m->when.at = 0;
	cr_assert_eq(run_maker(m, fn, of, &e), 0, "%s: %s", what, e.msg);
	at = m->when.calls;
	cr_assert_gt(at, 2, "%s", what);
	for (m->when.at = at; m->when.at > 0; m->when.at--) {
		cr_assert_eq(run_maker(m, fn, of, &e), ERP_AUTH,
		    "%s: call %d: %s", what, (int)m->when.at, e.msg);
		cr_assert_str_eq(e.msg, "it failed", "%s", what);
	}
	cr_assert_eq(run_maker(m, fn, of, &e), 0, "%s: %s", what, e.msg);
}

Test(pack, each_read_and_write_that_fails_is_told, .timeout = 300)
{
	static uint8_t old[LONG], new[LONG];
	struct maker m = {.when = {0, 0}};
	struct buf kept;
	struct err e;

	fill_noise(old, LONG, 5);
	memcpy(new, old, LONG);
	fill_noise(new + 70000, 3000, 6);
	cr_assert_eq(hash_bytes(new, LONG, &m.want, &e), 0);
	m.old = drip_of(old, LONG, 20000);
	m.new = drip_of(new, LONG, 20000);
	buf_init(&m.made, MADE);
	buf_init(&kept, MADE);
	each_fails(&m, make_short_sums, &m.old, "short sums");
	each_fails(&m, make_signature, &m.old, "signature");
	cr_assert_eq(
	    signature_load(buf_data(&m.made), m.made.len, &m.sig, &e), 0);
	each_fails(&m, make_difference, &m.new, "delta");
	cr_assert_eq(buf_append(&kept, buf_data(&m.made), m.made.len, &e), 0);
	m.blob = drip_of(buf_data(&kept), kept.len, 1000);
	each_fails(&m, rebuild_delta, &m.blob, "apply");
	each_fails(&m, make_full, &m.new, "full");
	buf_release(&kept);
	cr_assert_eq(buf_append(&kept, buf_data(&m.made), m.made.len, &e), 0);
	m.blob = drip_of(buf_data(&kept), kept.len, 1000);
	m.codec = CODEC_FULL;
	each_fails(&m, rebuild, &m.blob, "unpack full");
	each_fails(&m, make_rsync, &m.new, "rsync");
	buf_release(&kept);
	cr_assert_eq(buf_append(&kept, buf_data(&m.made), m.made.len, &e), 0);
	m.blob = drip_of(buf_data(&kept), kept.len, 1000);
	m.codec = CODEC_RSYNC;
	each_fails(&m, rebuild, &m.blob, "unpack rsync");
	signature_free(m.sig);
	buf_release(&m.made);
	buf_release(&kept);
}
