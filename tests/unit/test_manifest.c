/* Manifests: the value, its rules, its bytes. */
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"
#include "tests/support/alloc_wrap.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct err e;

static void
add(struct manifest *m, enum entry_type type, const char *path)
{
	struct entry en;

	memset(&en, 0, sizeof(en));
	en.type = type;
	en.path = (char *)(uintptr_t)path;
	if (type == ENTRY_FILE) {
		en.content.size = 0x0102030405 + strlen(path);
		cr_assert_eq(
		    hash_bytes(path, strlen(path), &en.content.hash, NULL), 0);
		en.content.known = true;
	}
	if (type == ENTRY_SYMLINK)
		en.target = (char *)(uintptr_t) "b";
	if (type != ENTRY_DIR) {
		en.mtime.s = 1600000000;
		en.mtime.ns = 7;
	}
	cr_assert_eq(manifest_add(m, &en, &e), 0);
}

/* The manifest that most tests change: all types, an exec bit, a build. */
static void
make_sample(struct manifest *m)
{
	manifest_init(m, PATH_OS_LINUX);
	strcpy(m->build, "7.00.210324P");
	add(m, ENTRY_FILE, "b/c");
	add(m, ENTRY_DIR, "b");
	add(m, ENTRY_SYMLINK, "a");
	add(m, ENTRY_FILE, "b-1");
	add(m, ENTRY_FILE, "b/cd.txt");
	cr_assert_eq(manifest_sort(m, &e), 0);
	manifest_find(m, "b/c")->exec = true;
}

/* The gist of m; m is compared with what it was before. */
static void
take_gist(const struct manifest *m, struct manifest *before, bool same,
    struct hash *out)
{
	cr_assert_eq(manifest_gist(m, out, &e), 0);
	cr_assert_eq(manifest_same_gist(before, m), same);
	manifest_release(before);
	cr_assert_eq(manifest_copy(before, m, &e), 0);
}

Test(manifest, gist_is_all_but_times_and_build)
{
	struct manifest m, before;
	struct hash gist[8];
	size_t i;

	make_sample(&m);
	cr_assert_eq(manifest_copy(&before, &m, &e), 0);
	take_gist(&m, &before, true, &gist[0]);
	for (i = 0; i < m.n; i++)
		m.v[i].mtime.s += (int64_t)i;
	m.build[0] = '\0';
	take_gist(&m, &before, true, &gist[1]);
	cr_assert(hash_equal(&gist[0], &gist[1]));
	manifest_find(&m, "b/c")->exec = false;
	take_gist(&m, &before, false, &gist[2]);
	manifest_find(&m, "b/c")->content.hash.b[5] ^= 1;
	take_gist(&m, &before, false, &gist[3]);
	manifest_find(&m, "a")->target[0] = 'c';
	take_gist(&m, &before, false, &gist[4]);
	manifest_find(&m, "b/cd.txt")->path[2] = 'x';
	take_gist(&m, &before, false, &gist[5]);
	manifest_drop(&m, "b-1");
	take_gist(&m, &before, false, &gist[6]);
	for (i = 2; i < 7; i++)
		cr_assert_not(hash_equal(&gist[i - 1], &gist[i]), "%zu", i);
	manifest_release(&before);
	manifest_release(&m);
}

static bool
entries_equal(const struct entry *a, const struct entry *b)
{
	return strcmp(a->path, b->path) == 0 && a->type == b->type &&
	    (a->target == NULL) == (b->target == NULL) &&
	    (a->target == NULL || strcmp(a->target, b->target) == 0) &&
	    a->content.size == b->content.size && a->mtime.s == b->mtime.s &&
	    a->mtime.ns == b->mtime.ns && a->exec == b->exec &&
	    a->content.known == b->content.known &&
	    hash_equal(&a->content.hash, &b->content.hash);
}

static bool
manifests_equal(const struct manifest *a, const struct manifest *b)
{
	size_t i;

	if (a->os != b->os || strcmp(a->build, b->build) != 0 || a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!entries_equal(&a->v[i], &b->v[i]))
			return false;
	return true;
}

Test(manifest, sorts_and_finds)
{
	struct manifest m;
	size_t i;

	make_sample(&m);
	cr_assert_eq(m.n, 5);
	for (i = 1; i < m.n; i++)
		cr_assert_lt(strcmp(m.v[i - 1].path, m.v[i].path), 0);
	for (i = 0; i < m.n; i++)
		cr_assert_eq(manifest_find(&m, m.v[i].path), &m.v[i]);
	cr_assert_null(manifest_find(&m, "b/"));
	cr_assert_null(manifest_find(&m, ""));
	cr_assert_null(manifest_find(&m, "z"));
	cr_assert_eq(manifest_total(&m), 3 * 0x0102030405 + 3 + 3 + 8);
	manifest_release(&m);
	cr_assert_null(manifest_find(&m, "a"));
	manifest_release(&m);
}

Test(manifest, a_path_is_there_once)
{
	struct manifest m;

	manifest_init(&m, PATH_OS_LINUX);
	add(&m, ENTRY_FILE, "x");
	add(&m, ENTRY_FILE, "a");
	add(&m, ENTRY_DIR, "x");
	cr_assert_eq(manifest_sort(&m, &e), ERP_CORRUPT);
	cr_assert_str_eq(e.msg, "x: is there twice");
	manifest_release(&m);
}

Test(manifest, copies_are_deep)
{
	struct manifest m, copy;

	make_sample(&m);
	cr_assert_eq(manifest_copy(&copy, &m, &e), 0);
	cr_assert(manifests_equal(&copy, &m));
	manifest_release(&m);
	cr_assert_str_eq(copy.v[0].target, "b");
	manifest_release(&copy);
}

Test(manifest, bytes_decode_to_what_was_encoded)
{
	struct manifest m, back;
	struct hash id, direct;
	struct buf b, again;

	make_sample(&m);
	buf_init(&b, 10000);
	buf_init(&again, 10000);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_assert_eq(
	    manifest_decode(&back, buf_data(&b), b.len, &e), 0, "%s", e.msg);
	cr_assert(manifests_equal(&m, &back));
	cr_assert_eq(manifest_encode(&back, &again, &e), 0);
	cr_assert_eq(again.len, b.len);
	cr_assert_eq(memcmp(buf_data(&again), buf_data(&b), b.len), 0);
	cr_assert_eq(manifest_id(&m, &id, &e), 0);
	cr_assert_eq(hash_bytes(buf_data(&b), b.len, &direct, NULL), 0);
	cr_assert(hash_equal(&id, &direct));
	buf_release(&b);
	buf_release(&again);
	manifest_release(&m);
	manifest_release(&back);
}

Test(manifest, hashes_can_be_had_without_the_rest)
{
	struct manifest_hashes hashes;
	struct manifest m;
	struct buf b;
	size_t i, n = 0;

	make_sample(&m);
	buf_init(&b, 10000);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_assert_eq(
	    manifest_decode_hashes(buf_data(&b), b.len, &hashes, &e), 0);
	cr_expect_eq(hashes.os, PATH_OS_LINUX);
	cr_assert_eq(hashes.n, 3);
	for (i = 0; i < m.n; i++)
		if (m.v[i].type == ENTRY_FILE)
			cr_expect_eq(memcmp(hashes.p + n++ * HASH_LEN,
					 m.v[i].content.hash.b, HASH_LEN),
			    0, "%s", m.v[i].path);
	cr_expect_eq(hashes.p + n * HASH_LEN, buf_data(&b) + b.len);
	/* Less than the head, the kinds and what they promise. */
	n = 9 + strlen(m.build) + 4 + m.n + 3 * HASH_LEN;
	cr_expect_eq(manifest_decode_hashes(buf_data(&b), n, &hashes, &e), 0);
	cr_expect_eq(hashes.p, buf_data(&b) + n - 3 * HASH_LEN);
	while (n-- > 0)
		cr_expect_eq(
		    manifest_decode_hashes(buf_data(&b), n, &hashes, &e),
		    ERP_CORRUPT, "%zu bytes", n);
	b.p[0] ^= 1;
	cr_expect_eq(manifest_decode_hashes(buf_data(&b), b.len, &hashes, &e),
	    ERP_CORRUPT);
	buf_release(&b);
	manifest_release(&m);
}

Test(manifest, nothing_is_a_manifest_too)
{
	struct manifest m, back;
	struct buf b;

	manifest_init(&m, PATH_OS_MACOSX);
	buf_init(&b, 13);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_assert_eq(b.len, 13);
	cr_assert_eq(manifest_decode(&back, buf_data(&b), b.len, &e), 0);
	cr_assert_eq(back.os, PATH_OS_MACOSX);
	cr_assert_eq(back.n, 0);
	buf_release(&b);
}

/* A wrong byte here means that the format, and every release id, changed. */
Test(manifest, golden_bytes)
{
	static const uint8_t golden[] = {'E', 'R', 'P', 'M', 1, 0, 1, 0, /* */
	    2, 'v', '1', 4, 0, 0, 0, /* build, count */
	    3, 2, 0x11, 1, /* kinds */
	    0, 0, 0, 0, 1, 0, 3, 0, /* shared */
	    'a', 0, 'b', 0, '/', 'c', 0, 'd', 0, /* paths */
	    'b', 0, /* target */
	    0x08, 0x09, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, /* sizes */
	    0x00, 0x10, 0x5e, 0x5f, 0, 0, 0, 0, /* times */
	    0x00, 0x10, 0x5e, 0x5f, 0, 0, 0, 0, /* */
	    0x00, 0x10, 0x5e, 0x5f, 0, 0, 0, 0, /* */
	    7, 0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0};
	struct manifest m;
	struct buf b;

	manifest_init(&m, PATH_OS_LINUX);
	strcpy(m.build, "v1");
	add(&m, ENTRY_SYMLINK, "a");
	add(&m, ENTRY_DIR, "b");
	add(&m, ENTRY_FILE, "b/c");
	m.v[2].exec = true;
	add(&m, ENTRY_FILE, "b/cd");
	buf_init(&b, 1000);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_assert_eq(b.len, sizeof(golden) + 2 * HASH_LEN);
	cr_assert_eq(memcmp(buf_data(&b), golden, sizeof(golden)), 0);
	cr_assert_eq(memcmp(buf_data(&b) + sizeof(golden),
			 m.v[2].content.hash.b, HASH_LEN),
	    0);
	buf_release(&b);
	manifest_release(&m);
}

Test(manifest, cut_or_longer_bytes_are_refused)
{
	struct manifest m, back;
	struct buf b;
	size_t n;
	uint8_t *exact;

	make_sample(&m);
	buf_init(&b, 10000);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	for (n = 0; n < b.len; n++) {
		/* A block of its own size, so that a sanitizer sees a read
		 * past its end. */
		exact = malloc(n + 1);
		cr_assert_not_null(exact);
		memcpy(exact, buf_data(&b), n);
		cr_expect_eq(manifest_decode(&back, exact, n, &e), ERP_CORRUPT,
		    "%zu bytes", n);
		cr_expect_eq(back.n, 0);
		free(exact);
	}
	cr_assert_eq(put_u8(&b, 0, NULL), 0);
	cr_assert_eq(
	    manifest_decode(&back, buf_data(&b), b.len, &e), ERP_CORRUPT);
	buf_release(&b);
	manifest_release(&m);
}

/* Whatever a flipped bit makes is refused or encodes to itself again. */
Test(manifest, there_is_one_encoding_of_each)
{
	struct manifest m, back;
	struct buf b, again;
	size_t bit;
	uint8_t *p;

	make_sample(&m);
	buf_init(&b, 10000);
	buf_init(&again, 10000);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	p = malloc(b.len);
	cr_assert_not_null(p);
	for (bit = 0; bit < 8 * b.len; bit++) {
		memcpy(p, buf_data(&b), b.len);
		p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (manifest_decode(&back, p, b.len, &e) != 0) {
			cr_expect_eq(e.code, ERP_CORRUPT);
			continue;
		}
		buf_clear(&again);
		cr_assert_eq(manifest_encode(&back, &again, &e), 0);
		cr_expect(again.len == b.len &&
			memcmp(buf_data(&again), p, b.len) == 0,
		    "bit %zu", bit);
		manifest_release(&back);
	}
	free(p);
	buf_release(&b);
	buf_release(&again);
	manifest_release(&m);
}

/* Encode m although it breaks a rule; decode must name the rule. */
static void
expect_refused(struct manifest *m, int line)
{
	struct manifest back;
	struct buf b;

	buf_init(&b, 1000000);
	cr_assert_eq(manifest_encode(m, &b, &e), 0, "line %d: %s", line, e.msg);
	cr_expect_eq(manifest_decode(&back, buf_data(&b), b.len, &e),
	    ERP_CORRUPT, "line %d", line);
	cr_expect_eq(e.code, ERP_CORRUPT);
	cr_expect_eq(strncmp(e.msg, "manifest: ", 10), 0, "%s", e.msg);
	cr_expect_eq(manifest_check(m, &e), ERP_USAGE, "line %d", line);
	cr_expect_eq(e.code, ERP_USAGE);
	buf_release(&b);
	manifest_release(m);
}

#define EXPECT_REFUSED(m) expect_refused(m, __LINE__)

Test(manifest, hostile_paths_are_refused)
{
	static const char *const bad[] = {"../x", "/x", "b/../x", "b//x",
	    "x\\y", "x:y", "e\xcc\x81", "x\xff", ".erpsync", ".ERPSYNC",
	    "bkp_remote.001", "B", "no-such-dir/x", "b-1/x", "a/x"};
	struct manifest m;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make_sample(&m);
		add(&m, ENTRY_FILE, bad[i]);
		cr_assert_eq(manifest_sort(&m, &e), 0);
		EXPECT_REFUSED(&m);
	}
}

Test(manifest, hostile_numbers_are_refused)
{
	struct manifest m;
	char name[16];
	int i;

	make_sample(&m);
	manifest_find(&m, "b/c")->content.size = ENTRY_MAX_SIZE + 1;
	EXPECT_REFUSED(&m);
	make_sample(&m);
	manifest_find(&m, "b/c")->mtime.s = ENTRY_MAX_MTIME + 1;
	EXPECT_REFUSED(&m);
	make_sample(&m);
	manifest_find(&m, "b/c")->mtime.s = -1;
	EXPECT_REFUSED(&m);
	make_sample(&m);
	manifest_find(&m, "a")->mtime.ns = 1000000000;
	EXPECT_REFUSED(&m);
	make_sample(&m);
	manifest_find(&m, "b")->exec = true;
	EXPECT_REFUSED(&m);
	make_sample(&m);
	for (i = 0; i < 64; i++) {
		(void)snprintf(name, sizeof(name), "z%d", i);
		add(&m, ENTRY_FILE, name);
	}
	cr_assert_eq(manifest_sort(&m, &e), 0);
	for (i = 0; i < (int)m.n; i++)
		if (m.v[i].type == ENTRY_FILE)
			m.v[i].content.size = ENTRY_MAX_SIZE;
	EXPECT_REFUSED(&m);
}

/* Head of a manifest with a build of build_len bytes and count entries. */
static void
put_head(struct buf *b, unsigned os, const char *build, uint32_t count)
{
	static const uint8_t start[] = {'E', 'R', 'P', 'M', 1, 0};

	buf_clear(b);
	cr_assert_eq(buf_append(b, start, sizeof(start), NULL), 0);
	cr_assert_eq(put_u8(b, (uint8_t)os, NULL), 0);
	cr_assert_eq(put_u8(b, 0, NULL), 0);
	cr_assert_eq(put_u8(b, (uint8_t)strlen(build), NULL), 0);
	cr_assert_eq(buf_append(b, build, strlen(build), NULL), 0);
	cr_assert_eq(put_u32(b, count, NULL), 0);
}

/* Checked, encoded and decoded. */
static void
expect_taken(struct manifest *m)
{
	struct manifest back;
	struct buf b;

	buf_init(&b, MANIFEST_MAX_BYTES);
	cr_expect_eq(manifest_check(m, &e), 0, "%s", e.msg);
	cr_assert_eq(manifest_encode(m, &b, &e), 0, "%s", e.msg);
	cr_expect_eq(
	    manifest_decode(&back, buf_data(&b), b.len, &e), 0, "%s", e.msg);
	manifest_release(&back);
	buf_release(&b);
}

Test(manifest, numbers_at_their_limits_are_taken)
{
	enum { FULL = (int)(MANIFEST_MAX_TOTAL / ENTRY_MAX_SIZE) };
	struct manifest m;
	char name[16];
	int i;

	make_sample(&m);
	manifest_find(&m, "b/c")->content.size = ENTRY_MAX_SIZE;
	manifest_find(&m, "b/c")->mtime.s = ENTRY_MAX_MTIME;
	manifest_find(&m, "a")->mtime.s = 0;
	manifest_find(&m, "a")->mtime.ns = 999999999;
	expect_taken(&m);
	manifest_release(&m);
	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < FULL + 1; i++) {
		(void)snprintf(name, sizeof(name), "z%03d", i);
		add(&m, ENTRY_FILE, name);
		m.v[i].content.size = i < FULL ? ENTRY_MAX_SIZE : 0;
	}
	expect_taken(&m);
	m.v[FULL].content.size = 1;
	EXPECT_REFUSED(&m);
}

/* The bytes of one file whose path has so many: what is said of it. */
static const char *
decode_path(size_t len)
{
	static const uint8_t kind[3] = {ENTRY_FILE, 0, 0}, rest[52];
	char path[PATH_MAX_BYTES + 2];
	struct manifest m;
	struct buf b;

	memset(path, 'n', sizeof(path));
	path[len] = '\0';
	buf_init(&b, 10000);
	put_head(&b, 0, "", 1);
	cr_assert_eq(buf_append(&b, kind, sizeof(kind), &e), 0);
	cr_assert_eq(buf_append(&b, path, len + 1, &e), 0);
	cr_assert_eq(buf_append(&b, rest, sizeof(rest), &e), 0);
	cr_expect_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	buf_release(&b);
	return e.msg;
}

Test(manifest, paths_have_a_limit)
{
	char path[PATH_MAX_BYTES + 2];
	struct manifest m;
	struct buf b;
	size_t i;

	manifest_init(&m, PATH_OS_LINUX);
	memset(path, 'n', sizeof(path));
	for (i = 200; i < PATH_MAX_BYTES; i += 201) {
		path[i] = '\0';
		add(&m, ENTRY_DIR, path);
		path[i] = '/';
	}
	path[PATH_MAX_BYTES] = '\0';
	add(&m, ENTRY_FILE, path);
	expect_taken(&m);
	path[PATH_MAX_BYTES] = 'n';
	path[PATH_MAX_BYTES + 1] = '\0';
	add(&m, ENTRY_FILE, path);
	buf_init(&b, 10000);
	cr_expect_eq(manifest_encode(&m, &b, &e), ERP_USAGE);
	buf_release(&b);
	manifest_release(&m);
	/* It is too long before it is looked at. */
	cr_expect_not_null(
	    strstr(decode_path(PATH_MAX_BYTES + 1), "manifest: path too long"));
	cr_expect_null(
	    strstr(decode_path(PATH_MAX_BYTES), "manifest: path too long"));
}

/* A million entries, all the same: whoever looks at one finds that out. */
Test(manifest, entries_have_a_limit)
{
	struct entry same = {.path = (char *)(uintptr_t) "//"};
	struct manifest m;
	struct buf b;
	uint8_t *zeroes = calloc(MANIFEST_MAX_ENTRIES + 1, 8);

	manifest_init(&m, PATH_OS_LINUX);
	m.v = &same;
	m.n = MANIFEST_MAX_ENTRIES + 1;
	cr_expect_eq(manifest_check(&m, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "more than 250000 entries"));
	m.n = MANIFEST_MAX_ENTRIES;
	cr_expect_eq(manifest_check(&m, &e), ERP_USAGE);
	cr_expect_null(strstr(e.msg, "entries"), "%s", e.msg);
	/* Bytes enough for them. */
	cr_assert_not_null(zeroes);
	buf_init(&b, SIZE_MAX);
	put_head(&b, 0, "", MANIFEST_MAX_ENTRIES + 1);
	cr_assert_eq(
	    buf_append(&b, zeroes, 8 * (MANIFEST_MAX_ENTRIES + 1), &e), 0);
	cr_expect_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	cr_expect_not_null(strstr(e.msg, "more entries"), "%s", e.msg);
	put_head(&b, 0, "", MANIFEST_MAX_ENTRIES);
	cr_assert_eq(
	    buf_append(&b, zeroes, 8 * (MANIFEST_MAX_ENTRIES + 1), &e), 0);
	cr_expect_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	cr_expect_null(strstr(e.msg, "entries"), "%s", e.msg);
	buf_release(&b);
	free(zeroes);
}

Test(manifest, links_are_refused_where_they_do_harm)
{
	char outside[] = "../x", here[] = ".";
	struct manifest m;

	make_sample(&m);
	strcpy(manifest_find(&m, "a")->target, "/");
	EXPECT_REFUSED(&m);
	make_sample(&m);
	m.v[0].target = outside;
	EXPECT_REFUSED(&m);
	/* Through it another link could reach our own files. */
	make_sample(&m);
	m.v[0].target = here;
	EXPECT_REFUSED(&m);
	make_sample(&m);
	m.os = PATH_OS_WINDOWS;
	EXPECT_REFUSED(&m);
}

Test(manifest, short_names_of_our_own_are_refused)
{
	static const char *const names[] = {"ERPSYN~1", "BKP_RE~1.001"};
	struct manifest m;
	size_t i;

	for (i = 0; i < 2; i++) {
		manifest_init(&m, PATH_OS_WINDOWS);
		add(&m, ENTRY_DIR, names[i]);
		EXPECT_REFUSED(&m);
	}
}

Test(manifest, a_clash_names_both)
{
	struct manifest m;

	manifest_init(&m, PATH_OS_LINUX);
	add(&m, ENTRY_FILE, "A.dll");
	add(&m, ENTRY_FILE, "a.dll");
	cr_assert_eq(manifest_check(&m, &e), ERP_USAGE);
	cr_assert_not_null(strstr(e.msg, "A.dll"));
	cr_assert_not_null(strstr(e.msg, "a.dll"));
	manifest_release(&m);
}

Test(manifest, windows_names_are_for_windows_only)
{
	struct manifest m;

	manifest_init(&m, PATH_OS_WINDOWS);
	add(&m, ENTRY_FILE, "con.txt");
	cr_assert_eq(manifest_check(&m, &e), ERP_USAGE);
	m.os = PATH_OS_LINUX;
	cr_assert_eq(manifest_check(&m, &e), 0);
	manifest_release(&m);
}

Test(manifest, only_complete_manifests_are_encoded)
{
	struct manifest m;
	struct buf b;

	buf_init(&b, 10000);
	make_sample(&m);
	manifest_find(&m, "b/c")->content.known = false;
	cr_assert_eq(manifest_encode(&m, &b, &e), ERP_INTERNAL);
	manifest_release(&m);
	make_sample(&m);
	add(&m, ENTRY_FILE, "aa");
	cr_assert_eq(manifest_encode(&m, &b, &e), ERP_INTERNAL);
	manifest_release(&m);
	make_sample(&m);
	m.build[2] = '\n';
	cr_assert_eq(manifest_encode(&m, &b, &e), ERP_USAGE);
	manifest_release(&m);
	buf_release(&b);
	make_sample(&m);
	buf_init(&b, 100);
	cr_assert_eq(manifest_encode(&m, &b, &e), ERP_NOMEM);
	buf_release(&b);
	manifest_release(&m);
}

Test(manifest, a_lying_head_costs_nothing)
{
	char build[66];
	struct manifest m;
	struct buf b;

	buf_init(&b, 1000);
	put_head(&b, 0, "", 0);
	cr_assert_eq(manifest_decode(&m, buf_data(&b), b.len, &e), 0);
	put_head(&b, 0, "", UINT32_MAX);
	cr_assert_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	put_head(&b, 0, "", MANIFEST_MAX_ENTRIES);
	cr_assert_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	put_head(&b, 3, "", 0);
	cr_assert_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	put_head(&b, 0, "a\x7f", 0);
	cr_assert_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	memset(build, 'x', sizeof(build));
	build[65] = '\0';
	put_head(&b, 0, build, 0);
	cr_assert_eq(manifest_decode(&m, buf_data(&b), b.len, &e), ERP_CORRUPT);
	build[64] = '\0';
	put_head(&b, 0, build, 0);
	cr_assert_eq(manifest_decode(&m, buf_data(&b), b.len, &e), 0);
	cr_assert_str_eq(m.build, build);
	buf_release(&b);
}

Test(manifest, twenty_thousand_entries_are_quick)
{
	struct manifest m, back;
	struct buf b;
	char path[64];
	int i;

	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < 100; i++) {
		(void)snprintf(path, sizeof(path), "dir%02d", i);
		add(&m, ENTRY_DIR, path);
	}
	for (i = 0; i < 20000; i++) {
		(void)snprintf(
		    path, sizeof(path), "dir%02d/file%05d.txt", i % 100, i);
		add(&m, ENTRY_FILE, path);
		m.v[m.n - 1].content.size = (uint64_t)i;
	}
	cr_assert_eq(manifest_sort(&m, &e), 0);
	buf_init(&b, MANIFEST_MAX_BYTES);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_assert_lt(b.len, 20000 * 64 + 20000 * 10, "prefixes are shared");
	cr_assert_eq(manifest_decode(&back, buf_data(&b), b.len, &e), 0);
	cr_assert(manifests_equal(&m, &back));
	buf_release(&b);
	manifest_release(&m);
	manifest_release(&back);
}

/* Paths of just so many bytes in all, long and with a few of difference. */
static void
make_long(struct manifest *m, size_t room)
{
	enum { ABOVE = 804, NAME = 6, LAST = 5 };
	char path[1000];
	size_t i, n, at = 0;

	manifest_init(m, PATH_OS_LINUX);
	for (i = 0; i < 4; i++) {
		memset(path + at, 'n', 200);
		path[at + 200] = '\0';
		add(m, ENTRY_DIR, path);
		at += 200;
		room -= at;
		path[at++] = '/';
	}
	cr_assert_eq(at, ABOVE);
	for (i = 0; room > LAST * (ABOVE + 200); i++) {
		(void)snprintf(path + at, sizeof(path) - at, "%06zx", i);
		add(m, ENTRY_FILE, path);
		m->v[m->n - 1].content.size = 1;
		room -= ABOVE + NAME;
	}
	/* The last ones share what is left. */
	for (n = LAST; n > 0; n--) {
		(void)snprintf(path + at, sizeof(path) - at, "z%zu", LAST - n);
		memset(path + at + 2, 'n', room / n - ABOVE - 2);
		path[room / n] = '\0';
		add(m, ENTRY_FILE, path);
		m->v[m->n - 1].content.size = 1;
		room -= room / n;
	}
	cr_assert_eq(room, 0);
}

Test(manifest, all_paths_together_have_a_limit)
{
	struct manifest m, back;
	struct buf b;

	make_long(&m, MANIFEST_MAX_PATHS);
	buf_init(&b, MANIFEST_MAX_BYTES);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_assert_eq(
	    manifest_decode(&back, buf_data(&b), b.len, &e), 0, "%s", e.msg);
	manifest_release(&back);
	manifest_release(&m);
	make_long(&m, MANIFEST_MAX_PATHS + 1);
	cr_assert_eq(manifest_check(&m, &e), ERP_USAGE);
	cr_assert_not_null(strstr(e.msg, "32 MB"), "%s", e.msg);
	buf_clear(&b);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_assert_eq(
	    manifest_decode(&back, buf_data(&b), b.len, &e), ERP_CORRUPT);
	cr_assert_not_null(strstr(e.msg, "too long in all"), "%s", e.msg);
	cr_assert_eq(back.cap, 0, "nothing was taken for it");
	buf_release(&b);
	manifest_release(&m);
}

Test(manifest, what_links_lead_to_has_a_place_in_that_limit)
{
	enum { TARGET = 1000, N = MANIFEST_MAX_PATHS / (TARGET + 6) };
	char path[16], target[TARGET + 1];
	struct entry en = {.path = path,
	    .target = target,
	    .type = ENTRY_SYMLINK,
	    .mtime = {.s = 1600000000}};
	struct manifest m, back;
	struct buf b;
	size_t i;

	manifest_init(&m, PATH_OS_LINUX);
	memset(target, 'b', TARGET);
	target[TARGET] = '\0';
	for (i = 0; i < N; i++) {
		(void)snprintf(path, sizeof(path), "%06zu", i);
		cr_assert_eq(manifest_add(&m, &en, &e), 0);
	}
	buf_init(&b, MANIFEST_MAX_BYTES);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_expect_eq(
	    manifest_decode(&back, buf_data(&b), b.len, &e), 0, "%s", e.msg);
	manifest_release(&back);
	(void)snprintf(path, sizeof(path), "%06zu", i);
	cr_assert_eq(manifest_add(&m, &en, &e), 0);
	cr_expect_eq(manifest_check(&m, &e), ERP_USAGE);
	buf_clear(&b);
	cr_assert_eq(manifest_encode(&m, &b, &e), 0);
	cr_expect_eq(
	    manifest_decode(&back, buf_data(&b), b.len, &e), ERP_CORRUPT);
	cr_expect_not_null(strstr(e.msg, "too long in all"), "%s", e.msg);
	buf_release(&b);
	manifest_release(&m);
}

static void
count_clash(void *ctx, const char *a, const char *b)
{
	(void)a;
	(void)b;
	++*(size_t *)ctx;
}

/* Who sends few bytes that unpack to long names has memory for these names
 * only. */
Test(manifest, names_are_compared_without_copies_of_them)
{
	static const char *const names[] = {"B", "C", "a", "b", "c", "d"};
	struct manifest m;
	size_t i, clashes = 0;

	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add(&m, ENTRY_FILE, names[i]);
	alloc_arm(0, false);
	cr_expect_eq(manifest_clashes(&m, count_clash, &clashes, &e), 0);
	cr_expect_eq(alloc_disarm(), 1);
	cr_expect_eq(clashes, 2);
	manifest_release(&m);
}
