/* The one blob of many small files: what it is, how often it is made. */
#include "engine/release/compile.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/stream.h"
#include "engine/delta/short_sums.h"
#include "tests/support/release.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 50, EACH = 3000 };

static struct release_fixture f;
static struct err e;
static struct compile_member members[FILES];
static struct compile_request req;
static struct compile_answer answer;
static struct buf bases, targets; /* concatenated */

static void
begin(void)
{
	release_begin(&f);
	buf_init(&bases, SIZE_MAX);
	buf_init(&targets, SIZE_MAX);
	memset(&req, 0, sizeof(req));
	memset(members, 0, sizeof(members));
	req.is_group = true;
	req.group.members = members;
	req.group.n = FILES;
}

static void
end(void)
{
	buf_release(&bases);
	buf_release(&targets);
	release_end(&f);
}

TestSuite(compile_group, .init = begin, .fini = end);

static void
add(struct buf *b, const void *p, size_t n)
{
	cr_assert_eq(buf_append(b, p, n, &e), 0);
}

/* Files of noise; the new ones differ in a few bytes, or in all of them.
 * Every fifth has no basis. */
static void
make_files(bool alike)
{
	uint8_t bytes[EACH];
	uint32_t i;

	for (i = 0; i < FILES; i++) {
		fill_noise(bytes, EACH, i);
		if (i % 5 != 0) {
			members[i].basis = release_content(&f, bytes, EACH);
			members[i].basis_size = EACH;
			add(&bases, bytes, EACH);
		}
		fill_noise(bytes + 100, 8, 1000 + i);
		if (!alike)
			fill_noise(bytes, EACH, 2000 + i);
		members[i].target = release_content(&f, bytes, EACH - i);
		members[i].target_size = EACH - i;
		add(&targets, bytes, EACH - i);
	}
}

static int
compile(void)
{
	return compile_blob(f.store, &req, &answer, &e);
}

/* Does the blob lead to the concatenated targets? */
static void
check_answer(void)
{
	struct mem_stream basis = {buf_data(&bases), bases.len, 0};
	struct range_source range = range_of_mem(&basis);
	struct file_stream file = {fs_real(), -1, 0, "blob"};
	struct source src = source_of_file(&file);
	struct buf out;
	struct sink to = sink_of_buf(&out);
	uint64_t len;

	buf_init(&out, SIZE_MAX);
	file.fd = store_open_blob(f.store, &answer.blob.id, &len, &e);
	cr_assert_geq(file.fd, 0, "%s", e.msg);
	cr_expect_eq(len, answer.blob.len);
	cr_assert_eq(unpack_unverified(&(struct unpack_task){answer.blob.codec,
					   &range, targets.len, NULL},
			 &src, &to, &e),
	    0, "%s", e.msg);
	cr_assert_eq(out.len, targets.len);
	cr_expect_eq(memcmp(buf_data(&out), buf_data(&targets), out.len), 0);
	buf_release(&out);
	fs_close_quietly(fs_real(), &file.fd);
}

Test(compile_group, small_changes_are_one_small_patch)
{
	make_files(true);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_not(answer.need_sums);
	cr_expect_eq(answer.blob.codec, CODEC_PATCH);
	/* The new files and a few bytes for each changed one. */
	cr_expect_lt(answer.blob.len, FILES / 5 * EACH + FILES * 30);
	check_answer();
}

Test(compile_group, nothing_in_common_is_no_patch)
{
	make_files(false);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(answer.blob.codec, CODEC_FULL);
	cr_expect_leq(answer.blob.len, targets.len + 200);
	check_answer();
}

Test(compile_group, files_without_a_basis_share_their_words)
{
	char text[200];
	size_t n;
	int i;

	for (i = 0; i < FILES; i++) {
		n = (size_t)snprintf(text, sizeof(text),
		    "a few words that every file begins with, and %d", i * i);
		members[i].target = release_content(&f, text, n);
		members[i].target_size = n;
		add(&targets, text, n);
	}
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(answer.blob.codec, CODEC_FULL);
	cr_expect_lt(answer.blob.len, targets.len / 5);
	check_answer();
}

Test(compile_group, what_is_smaller_is_taken)
{
	/* Two tiny files: a patch's streams take more than the files. */
	members[0].basis = release_content(&f, "old words", 9);
	members[0].basis_size = 9;
	add(&bases, "old words", 9);
	members[0].target = release_content(&f, "new words", 9);
	members[0].target_size = 9;
	add(&targets, "new words", 9);
	members[1] = members[0];
	add(&bases, "old words", 9);
	add(&targets, "new words", 9);
	req.group.n = 2;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(answer.blob.codec, CODEC_FULL);
	cr_expect_lt(answer.blob.len, 40);
	check_answer();
}

/* Enough for a station to get a patch that is made with less care: half noise,
 * half words in another order. */
static void
make_large_files(void)
{
	static uint8_t bytes[100000];
	uint32_t i, k;

	for (i = 0; i < FILES; i++) {
		fill_noise(bytes, sizeof(bytes), i);
		members[i].basis = release_content(&f, bytes, sizeof(bytes));
		add(&bases, bytes, sizeof(bytes));
		for (k = 0; k < sizeof(bytes); k += 40 + bytes[k] % 30)
			bytes[k] ^= (uint8_t)(k & 7);
		members[i].target = release_content(&f, bytes, sizeof(bytes));
		add(&targets, bytes, sizeof(bytes));
		members[i].basis_size = members[i].target_size = sizeof(bytes);
	}
}

Test(compile_group, what_was_made_ahead_is_preferred)
{
	struct blob quick;

	make_large_files();
	cr_assert_eq(compile(), 0, "%s", e.msg);
	quick = answer.blob;
	cr_assert_eq(compile(), 0);
	cr_expect(hash_equal(&quick.id, &answer.blob.id));
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	cr_assert_eq(compile(), 0);
	cr_expect_lt(answer.blob.len, quick.len);
	check_answer();
	quick = answer.blob;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0);
	cr_assert_eq(compile(), 0);
	cr_expect(hash_equal(&quick.id, &answer.blob.id));
}

Test(compile_group, new_files_made_ahead_are_packed_better)
{
	static uint8_t text[100000];
	uint64_t quick;
	uint32_t i, k;

	for (i = 0; i < FILES; i++) {
		fill_noise(text, sizeof(text), i);
		for (k = 0; k < sizeof(text); k++)
			text[k] = (uint8_t) "etaoin shrdlu"[text[k] % 13];
		members[i].target = release_content(&f, text, sizeof(text));
		members[i].target_size = sizeof(text);
		add(&targets, text, sizeof(text));
	}
	cr_assert_eq(compile(), 0, "%s", e.msg);
	quick = answer.blob.len;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	cr_assert_eq(compile(), 0);
	cr_expect_lt(answer.blob.len, quick);
	check_answer();
}

static bool
always(void *ctx)
{
	(void)ctx;
	return true;
}

Test(compile_group, making_it_ahead_can_be_given_up)
{
	const struct compile_stop stop = {always, NULL};
	struct hash key;

	make_large_files();
	cr_assert_eq(compile_best(f.store, &req, &stop, &e), ERP_CANCELLED);
	cr_assert_eq(compile_key(&req, &key, &e), 0);
	cr_expect_eq(
	    store_find_blob(f.store, &key, &answer.blob, &e), ERP_NOTFOUND);
}

Test(compile_group, an_answer_is_made_once)
{
	struct blob first;
	char *path;

	make_files(true);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	first = answer.blob;
	/* Without the contents only what was kept can answer. */
	release_reopen(&f);
	cr_assert_not(store_has_content(f.store, &members[1].target, EACH - 1));
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(hash_equal(&first.id, &answer.blob.id));
	path = release_path("blob", &first.id);
	tempdir_text(&f.dir, path, "damaged", -1);
	free(path);
	cr_expect_eq(compile(), ERP_NOTFOUND);
}

/* Overwrite a stored content, keeping its length. */
static void
damage(const struct hash *h, size_t n)
{
	static const uint8_t zeroes[EACH];
	char *path = release_path("content", h);

	tempdir_write(&f.dir, path, zeroes, n, -1);
	free(path);
	store_uncheck_contents(f.store);
}

Test(compile_group, all_that_is_lost_is_found_out_at_once)
{
	make_files(true);
	damage(&members[1].basis, EACH);
	store_drop_content(f.store, &members[2].basis);
	damage(&members[FILES - 1].basis, EACH);
	cr_assert_eq(compile(), ERP_CORRUPT);
	cr_expect_not_null(strstr(e.msg, "publish again"));
	cr_expect_not(store_has_content(f.store, &members[1].basis, EACH));
	cr_expect_not(
	    store_has_content(f.store, &members[FILES - 1].basis, EACH));
	cr_expect(store_has_content(f.store, &members[3].basis, EACH));
	/* Without these members it is a group like any other. */
	memmove(members + 1, members + 3, (FILES - 3) * sizeof(members[0]));
	req.group.n = FILES - 3;
	cr_expect_eq(compile(), 0, "%s", e.msg);
	damage(&members[5].target, (size_t)members[5].target_size);
	req.group.n--; /* another question */
	cr_expect_eq(compile(), ERP_CORRUPT);
}

Test(compile_group, keys_differ_with_every_member)
{
	struct hash key, other;

	make_files(true);
	cr_assert_eq(compile_key(&req, &key, &e), 0);
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect(hash_equal(&key, &other));
	/* Without a basis its hash is nobody's business. */
	members[0].basis.b[3] ^= 1;
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect(hash_equal(&key, &other));
	members[FILES - 1].basis.b[3] ^= 1;
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect_not(hash_equal(&key, &other));
	members[FILES - 1].basis.b[3] ^= 1;
	req.group.n--;
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect_not(hash_equal(&key, &other));
	/* And from those of single files. */
	memset(&req, 0, sizeof(req));
	req.one.target = members[0].target;
	req.one.target_size = members[0].target_size;
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect_not(hash_equal(&key, &other));
}

/* --- members of whose bases only short sums are known ---------------------*/

static struct buf sums; /* of all members, one behind the other */
static const size_t sums_each = 6 * SHORT_SUM_LEN;

/*
 * Files that were published, edited by a byte where the station is, and
 * changed by a few bytes in the release: every fourth is as published.
 */
static void
make_edited(void)
{
	uint8_t bytes[EACH];
	struct mem_stream mem;
	struct source src = source_of_mem(&mem);
	struct sink to;
	uint32_t i;

	cr_assert_eq(short_sums_len(EACH), sums_each);
	buf_init(&sums, FILES * sums_each);
	to = sink_of_buf(&sums);
	for (i = 0; i < FILES; i++) {
		fill_noise(bytes, EACH, i);
		members[i].basis_size = EACH;
		members[i].like = release_content(&f, bytes, EACH);
		members[i].like_size = EACH;
		if (i % 4 == 0)
			members[i].basis = members[i].like;
		else
			bytes[2000] ^= 1;
		add(&bases, bytes, EACH);
		mem = (struct mem_stream){bytes, EACH, 0};
		if (i % 4 != 0)
			cr_assert_eq(short_sums_make(&src, EACH, &to, &e), 0);
		fill_noise(bytes + 100, 8, 1000 + i);
		members[i].target = release_content(&f, bytes, EACH);
		members[i].target_size = EACH;
		add(&targets, bytes, EACH);
	}
	for (i = 0; i < FILES; i++)
		if (i % 4 != 0)
			members[i].sums =
			    buf_data(&sums) + (i - i / 4 - 1) * sums_each;
}

Test(compile_group, short_sums_are_as_good_as_a_basis_but_for_the_gaps)
{
	make_edited();
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_not(answer.need_sums);
	cr_expect_eq(answer.blob.codec, CODEC_PATCH);
	/* A block for each that was edited. */
	cr_expect_lt(answer.blob.len,
	    FILES * 3 / 4 * (SHORT_BLOCK_MIN + 30) + FILES * 30);
	check_answer();
	buf_release(&sums);
}

Test(compile_group, what_a_member_was_like_may_be_gone)
{
	make_edited();
	members[1].like_size = 0;
	store_drop_content(f.store, &members[2].like);
	damage(&members[3].like, EACH);
	members[5].like_size--;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(answer.blob.codec, CODEC_PATCH);
	check_answer();
	buf_release(&sums);
}

Test(compile_group, sums_that_tell_nothing_cost_the_file)
{
	uint64_t before;

	make_edited();
	cr_assert_eq(compile(), 0, "%s", e.msg);
	before = answer.blob.len;
	memset(sums.p + sums.off, 0, sums_each);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	/* Another question, and nobody else's answer. */
	cr_expect_gt(answer.blob.len, before + EACH / 2);
	cr_expect_lt(answer.blob.len, before + EACH + 100);
	check_answer();
	buf_release(&sums);
}

Test(compile_group, sums_are_part_of_the_key)
{
	struct hash key, other;

	make_edited();
	cr_assert_eq(compile_key(&req, &key, &e), 0);
	/* A hash that is not looked at does not count. */
	members[1].basis.b[3] ^= 1;
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect(hash_equal(&key, &other));
	sums.p[sums.off + sums.len - 1] ^= 1;
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect_not(hash_equal(&key, &other));
	sums.p[sums.off + sums.len - 1] ^= 1;
	members[1].sums = NULL;
	cr_assert_eq(compile_key(&req, &other, &e), 0);
	cr_expect_not(hash_equal(&key, &other));
	buf_release(&sums);
}

/* Whatever was wrong in the store when the answer was made. */
Test(compile_group, an_answer_goes_with_what_it_was_made_of)
{
	struct blob first;

	make_files(true);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	first = answer.blob;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(hash_equal(&first.id, &answer.blob.id));
	damage(&members[7].basis, EACH);
	cr_assert_eq(compile(), ERP_CORRUPT);
	cr_expect_not(store_has_content(f.store, &members[7].basis, EACH));
	cr_expect_eq(compile(), ERP_NOTFOUND, "the answer is gone too");
}
