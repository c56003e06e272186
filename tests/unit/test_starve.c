/*
 * Each module's work with each of its allocations failing: it is right, or
 * says that memory is short, and keeps nothing.  The provers do the same to
 * whole updates; this is for what those do not reach.
 */
#include "tests/support/starve.h"

#include "cli/progress/progress.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/stage.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/ini.h"
#include "engine/base/stream.h"
#include "engine/delta/known.h"
#include "engine/delta/match/match_index.h"
#include "engine/delta/pack.h"
#include "engine/delta/patch/patch_make_internal.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "engine/tree/filter.h"
#include "engine/tree/hashcache.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"
#include "engine/tree/scan.h"
#include "tests/support/streams.h"
#include "tests/support/tempdir.h"
#include "transport/host/publisher_internal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEN = 40000, EDIT_AT = 20000 };

static uint8_t old_bytes[LEN], new_bytes[LEN];
static struct hash new_hash;
static struct buf sums; /* of old_bytes: a signature */
static struct tempdir t;

static int
make_sums(struct buf *out, struct err *e)
{
	struct mem_stream mem = {old_bytes, LEN, 0};
	struct source src = source_of_mem(&mem);
	struct sink to = sink_of_buf(out);
	struct sig_params p;
	int rc = sig_params_for(LEN, &p, e);

	return rc != 0 ? rc : signature_make(&src, &p, &to, e);
}

static void
begin(void)
{
	struct err e;
	size_t i;

	fill_noise(old_bytes, LEN, 1);
	for (i = 0; i < LEN; i += 64) /* words that grow, as addresses do */
		old_bytes[i] = (uint8_t)(i / 512);
	memcpy(new_bytes, old_bytes, LEN);
	for (i = 0; i < LEN; i += 64)
		new_bytes[i]++;
	memmove(new_bytes + EDIT_AT, old_bytes + EDIT_AT + 100,
	    LEN - EDIT_AT - 100);
	cr_assert_eq(hash_bytes(new_bytes, LEN, &new_hash, &e), 0);
	buf_init(&sums, 1 << 20);
	cr_assert_eq(make_sums(&sums, &e), 0);
	tempdir_open(&t);
}

static void
end(void)
{
	buf_release(&sums);
	tempdir_close(&t);
}

TestSuite(starve, .init = begin, .fini = end, .timeout = 60);

/* --- deltas ---------------------------------------------------------------*/

/* One block of the basis is nowhere, whichever sums tell. */
static int
find_known(void *arg, struct err *e)
{
	const struct known_like like = {old_bytes, EDIT_AT};
	const bool *is_short = arg;
	struct signature *loaded = NULL;
	struct known k = {.gap_n = 0};
	struct buf three;
	int rc;

	buf_init(&three, 1 << 20);
	if (*is_short) {
		struct mem_stream mem = {old_bytes, LEN, 0};
		struct source src = source_of_mem(&mem);
		struct sink to = sink_of_buf(&three);

		if ((rc = short_sums_make(&src, LEN, &to, e)) == 0)
			rc = known_find_short(
			    buf_data(&three), LEN, &like, 1, &k, e);
	} else if ((rc = signature_load(
			buf_data(&sums), sums.len, &loaded, e)) == 0) {
		rc = known_find(loaded, LEN, &like, 1, &k, e);
	}
	/* The second half, and the block that begins in the first. */
	if (rc == 0 &&
	    (k.gap_n != 1 || k.gap[0].to != LEN || k.gap[0].from > EDIT_AT ||
		k.gap[0].from < EDIT_AT - 2048 ||
		k.gap_bytes != LEN - k.gap[0].from ||
		memcmp(k.bytes, old_bytes, k.gap[0].from) != 0))
		rc = STARVE_WRONG;
	known_release(&k);
	signature_free(loaded);
	buf_release(&three);
	return rc;
}

static int
index_blocks(void *arg, struct err *e)
{
	const struct match_shape shape = {512, 8, 77, false, true};
	struct match_index *ix = NULL;
	int rc = match_index_new(&shape, old_bytes, 77, &ix, e);

	(void)arg;
	if (rc == 0 &&
	    (ix == NULL ||
		memcmp(match_index_strong(ix, 76),
		    old_bytes + 76 * 12 + MATCH_WEAK_LEN, 8) != 0))
		rc = STARVE_WRONG;
	match_index_free(ix);
	return rc;
}

static int
sign(void *arg, struct err *e)
{
	struct buf out;
	int rc;

	(void)arg;
	buf_init(&out, 1 << 20);
	rc = make_sums(&out, e);
	if (rc == 0 &&
	    (out.len != sums.len ||
		memcmp(buf_data(&out), buf_data(&sums), sums.len) != 0))
		rc = STARVE_WRONG;
	buf_release(&out);
	return rc;
}

static int
make_patch(enum patch_effort effort, const struct sink *to, struct err *e)
{
	static const struct patch_gap gap[] = {{3000, 4000}, {9000, 9001}};
	const struct patch_pair pair = {.basis = old_bytes,
	    .basis_len = LEN,
	    .target = new_bytes,
	    .target_len = LEN,
	    .effort = effort,
	    .gap = gap,
	    .gap_n = 2};

	return patch_make(&pair, to, e);
}

/* The blob of a codec. */
struct way {
	enum codec codec;
	enum patch_effort effort;
	size_t len; /* of the blob, once it is known */
};

static int
make_blob(const struct way *way, struct buf *out, struct err *e)
{
	struct mem_stream mem = {new_bytes, LEN, 0};
	struct source src = source_of_mem(&mem);
	struct signature *loaded = NULL;
	struct sink to = sink_of_buf(out);
	int rc = ERP_INTERNAL;

	switch (way->codec) {
	case CODEC_FULL:
		rc = pack_full(&src, LEN, 3, &to, e);
		break;
	case CODEC_RSYNC:
		rc = signature_load(buf_data(&sums), sums.len, &loaded, e);
		if (rc == 0)
			rc = pack_rsync(loaded, &src, 3, &to, e);
		break;
	case CODEC_PATCH:
		rc = make_patch(way->effort, &to, e);
		break;
	}
	signature_free(loaded);
	return rc;
}

/* Make a blob, as short as it was, and take it apart. */
static int
travel(void *arg, struct err *e)
{
	struct way *way = arg;
	struct mem_stream basis = {old_bytes, LEN, 0}, mem;
	struct range_source range = range_of_mem(&basis);
	struct source src = source_of_mem(&mem);
	const struct unpack_task task = {way->codec, &range, LEN, &new_hash};
	struct buf blob, out;
	struct sink to = sink_of_buf(&out);
	int rc;

	buf_init(&blob, 1 << 20);
	buf_init(&out, LEN);
	if ((rc = make_blob(way, &blob, e)) == 0) {
		mem = (struct mem_stream){buf_data(&blob), blob.len, 0};
		rc = unpack(&task, &src, &to, e);
	}
	if (way->len == 0)
		way->len = blob.len;
	if (rc == 0 &&
	    (out.len != LEN || memcmp(buf_data(&out), new_bytes, LEN) != 0 ||
		blob.len != way->len))
		rc = STARVE_WRONG;
	buf_release(&blob);
	buf_release(&out);
	return rc;
}

/* A basis whose pieces come in another order, so many that the parse has to
 * make room meanwhile. */
enum { MANY = 700000, PIECE = 20 };

struct parsed {
	struct patch_task task;
	struct patch_index *index;
	struct patch_covers covers; /* as with memory enough */
};

static int
parse(void *arg, struct err *e)
{
	const struct parsed *p = arg;
	struct patch_covers first = {NULL, 0}, covers = {NULL, 0};
	int rc = patch_parse(&p->task, p->index, &first, e);

	if (rc == 0)
		rc = patch_parse_again(&p->task, &first, &covers, e);
	free(first.v);
	if (rc == 0 &&
	    (covers.n != p->covers.n ||
		memcmp(covers.v, p->covers.v, covers.n * sizeof(*covers.v)) !=
		    0))
		rc = STARVE_WRONG;
	free(covers.v);
	return rc;
}

Test(starve, a_long_parse)
{
	struct patch_pair pair = {.effort = PATCH_BEST};
	uint8_t *basis = malloc(MANY), *target = malloc(MANY);
	struct patch_covers first;
	struct parsed p;
	struct err e;
	size_t i;

	cr_assert(basis != NULL && target != NULL);
	fill_noise(basis, MANY, 1);
	for (i = 0; i < MANY; i++)
		target[i] =
		    basis[(i / PIECE * 7919 * PIECE + i % PIECE) % MANY];
	p.task = (struct patch_task){.pair = &pair,
	    .basis = basis,
	    .basis_len = MANY,
	    .target = target,
	    .target_len = MANY};
	cr_assert_eq(patch_index_new(&p.task, &p.index, &e), 0);
	cr_assert_eq(patch_index_sort(p.index, &e), 0);
	cr_assert_eq(patch_parse(&p.task, p.index, &first, &e), 0);
	cr_assert_eq(patch_parse_again(&p.task, &first, &p.covers, &e), 0);
	free(first.v);
	cr_assert_gt(p.covers.n, 1000);
	STARVE(parse, &p);
	free(p.covers.v);
	patch_index_free(p.index);
	free(basis);
	free(target);
}

Test(starve, known_blocks)
{
	bool is_short;

	is_short = false;
	STARVE(find_known, &is_short);
	is_short = true;
	STARVE(find_known, &is_short);
}

Test(starve, sums)
{
	STARVE(index_blocks, NULL);
	STARVE(sign, NULL);
}

Test(starve, blobs)
{
	static struct way ways[] = {{CODEC_FULL, PATCH_BEST, 0},
	    {CODEC_RSYNC, PATCH_BEST, 0}, {CODEC_PATCH, PATCH_BEST, 0},
	    {CODEC_PATCH, PATCH_FAIR, 0}, {CODEC_PATCH, PATCH_QUICK, 0}};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		STARVE(travel, &ways[i]);
}

/* --- folders --------------------------------------------------------------*/

static int
add(struct manifest *m, enum entry_type type, const char *path, uint8_t hash,
    struct err *e)
{
	struct entry en;

	memset(&en, 0, sizeof(en));
	en.type = type;
	en.path = (char *)(uintptr_t)path;
	if (type == ENTRY_SYMLINK)
		en.target = (char *)(uintptr_t) "a/file";
	if (type == ENTRY_FILE) {
		en.content.size = 10;
		en.content.known = true;
		memset(en.content.hash.b, hash, HASH_LEN);
	}
	return manifest_add(m, &en, e);
}

static int
make_manifest(struct manifest *m, uint8_t hash, struct err *e)
{
	static const char *const files[] = {"a/file", "b", "c", "d"};
	size_t i;
	int rc = add(m, ENTRY_DIR, "a", 0, e);

	for (i = 0; rc == 0 && i < 4; i++)
		rc = add(m, ENTRY_FILE, files[i], hash, e);
	if (rc == 0)
		rc = add(m, ENTRY_SYMLINK, "link", 0, e);
	return rc != 0 ? rc : manifest_sort(m, e);
}

static void
clash(void *ctx, const char *a, const char *b)
{
	(void)a;
	(void)b;
	++*(int *)ctx;
}

static bool
same_manifest(const struct manifest *a, const struct manifest *b)
{
	size_t i;

	for (i = 0; i < a->n && a->n == b->n; i++)
		if (strcmp(a->v[i].path, b->v[i].path) != 0 ||
		    (a->v[i].type == ENTRY_SYMLINK &&
			(b->v[i].target == NULL ||
			    strcmp(a->v[i].target, b->v[i].target) != 0)))
			return false;
	return a->n == b->n && a->n > 0;
}

/* A manifest, its bytes, and another from them. */
static int
manifests(void *arg, struct err *e)
{
	struct manifest m, copy, back;
	struct buf bytes;
	int rc, clashes = 0;

	(void)arg;
	buf_init(&bytes, 1 << 20);
	manifest_init(&m, PATH_OS_LINUX);
	manifest_init(&copy, PATH_OS_LINUX);
	manifest_init(&back, PATH_OS_LINUX);
	if ((rc = make_manifest(&m, 7, e)) == 0 &&
	    (rc = manifest_copy(&copy, &m, e)) == 0 &&
	    (rc = manifest_encode(&copy, &bytes, e)) == 0 &&
	    (rc = manifest_decode(&back, buf_data(&bytes), bytes.len, e)) ==
		0 &&
	    (rc = manifest_check(&back, e)) == 0 &&
	    (rc = manifest_clashes(&back, clash, &clashes, e)) == 0 &&
	    (!same_manifest(&m, &copy) || !same_manifest(&m, &back) ||
		clashes != 0))
		rc = STARVE_WRONG;
	manifest_release(&m);
	manifest_release(&copy);
	manifest_release(&back);
	buf_release(&bytes);
	return rc;
}

static int
plans(void *arg, struct err *e)
{
	const struct plan_options opt = {.remove = true};
	struct manifest want, have;
	struct plan p = {.n = 0};
	int rc;

	(void)arg;
	manifest_init(&want, PATH_OS_LINUX);
	manifest_init(&have, PATH_OS_LINUX);
	if ((rc = make_manifest(&want, 7, e)) == 0 &&
	    (rc = make_manifest(&have, 8, e)) == 0 &&
	    (rc = add(&have, ENTRY_FILE, "z", 9, e)) == 0 &&
	    (rc = plan_build(&want, &have, &opt, &p, e)) == 0 &&
	    (p.n != 7 || p.changed_n != 4 || p.extra_n != 1))
		rc = STARVE_WRONG;
	plan_release(&p);
	manifest_release(&want);
	manifest_release(&have);
	return rc;
}

/* A folder with its hashes, kept in a cache. */
static int
scan_and_hash(void *arg, struct err *e)
{
	struct hashcache *cache = NULL;
	struct scan_options opt = {.filter = NULL};
	struct filter filter;
	struct manifest m;
	int rc;

	(void)arg;
	filter_init(&filter);
	manifest_init(&m, PATH_OS_LINUX);
	opt.filter = &filter;
	if ((rc = filter_add(&filter, "*.tmp", e)) == 0 &&
	    (rc = hashcache_open(
		 fs_real(), t.fd, "hashes", clock_real(), &cache, e)) == 0 &&
	    (rc = scan_folder(fs_real(), t.fd, &opt, &m, e)) == 0 &&
	    (m.n < 3 || m.v[1].type != ENTRY_FILE ||
		(rc = hashcache_fill(cache, t.fd, &m.v[1], NULL, e)) == 0) &&
	    (rc = hashcache_save(cache, e)) == 0 &&
	    (m.n < 3 || !m.v[1].content.known ||
		strcmp(m.v[2].target, "f") != 0))
		rc = STARVE_WRONG;
	hashcache_free(cache);
	manifest_release(&m);
	filter_release(&filter);
	return rc;
}

/* What an earlier update left goes, or there is no telling what it was. */
static int
trims(void *arg, struct err *e)
{
	struct folder f = {.fs = fs_real(), .own = t.fd};
	int rc, fd = openat(t.fd, "recv/junk", O_CREAT | O_WRONLY, 0644);
	struct manifest want;

	(void)arg;
	(void)close(fd);
	manifest_init(&want, PATH_OS_LINUX);
	if ((rc = make_manifest(&want, 7, e)) == 0 &&
	    (rc = stage_trim(&f, &want, e)) == 0 &&
	    faccessat(t.fd, "recv/junk", F_OK, 0) == 0)
		rc = STARVE_WRONG;
	manifest_release(&want);
	return rc;
}

Test(starve, folders)
{
	tempdir_mkdir(&t, "recv");
	STARVE(trims, NULL);
	STARVE(manifests, NULL);
	STARVE(plans, NULL);
	tempdir_text(&t, "d/f", "text", 1000);
	tempdir_symlink(&t, "f", "d/l");
	tempdir_text(&t, "d/no.tmp", "text", 1000);
	STARVE(scan_and_hash, NULL);
}

/* --- settings, the server's folders, what is shown -------------------------*/

static int
settings(void *arg, struct err *e)
{
	static const char text[] = "[A]\nkey=one\nKEY=two\n\n[b]\nc=caf\xe9 "
				   "; d\n[a]\nother = \"quoted\"\nodd\n";
	const struct ini_entry *v;
	struct ini ini;
	int rc = ini_parse("x.ini", text, sizeof(text) - 1, &ini, e);

	(void)arg;
	if (rc != 0)
		return rc;
	v = ini_get(&ini, "b", "c");
	if (v == NULL || strcmp(v->value, "caf\xc3\xa9 ; d") != 0 ||
	    ini_get(&ini, "A", "other") == NULL || ini.warnings.n < 3)
		rc = STARVE_WRONG;
	ini_release(&ini);
	return rc;
}

static int
origins(void *arg, struct err *e)
{
	static char one[] = "*.tmp", two[] = "logs/*";
	static char *patterns[] = {one, two};
	const struct filter filter = {.v = patterns, .n = 2};
	const struct publish_source from = {.os = PATH_OS_LINUX,
	    .key = "PathLinux",
	    .path = "/update",
	    .build = "7.00",
	    .filter = &filter};
	struct origin *o = NULL;
	int rc = origin_new(&from, &o, e);

	(void)arg;
	if (rc == 0 &&
	    (o == NULL || strcmp(o->src.path, "/update") != 0 ||
		strcmp(o->src.build, "7.00") != 0 || o->filter.n != 2))
		rc = STARVE_WRONG;
	origin_unref(o);
	return rc;
}

static int
bars(void *arg, struct err *e)
{
	const struct progress_options opt = {.out = arg,
	    .clock = clock_real(),
	    .folder = "/erp",
	    .mode = PROGRESS_BAR,
	    .lang = LANG_EN,
	    .width = 60};
	struct progress *p = NULL;
	int rc = progress_new(&opt, &p, e);

	if (rc != 0)
		return rc;
	if (p == NULL)
		return STARVE_WRONG;
	progress_end_line(p);
	progress_free(p);
	return 0;
}

Test(starve, what_is_told_and_shown)
{
	FILE *out = fopen("/dev/null", "w");

	cr_assert_not_null(out);
	STARVE(settings, NULL);
	STARVE(origins, NULL);
	STARVE(bars, out);
	(void)fclose(out);
}
