/* The blob that answers a want: which one, how large, made how often. */
#include "engine/release/compile.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/stream.h"
#include "engine/delta/short_sums.h"
#include "engine/delta/signature.h"
#include "tests/support/guarded.h"
#include "tests/support/release.h"
#include "tests/support/streams.h"
#include "transport/net/threads.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BIG = 300000, EDIT_AT = 150000 };

static struct release_fixture f;
static struct err e;
static uint8_t *old_bytes, *new_bytes;
static struct compile_request req;
static struct compile_answer answer;

static void
begin(void)
{
	release_begin(&f);
	old_bytes = malloc(BIG);
	new_bytes = malloc(BIG);
	cr_assert(old_bytes != NULL && new_bytes != NULL);
	fill_noise(old_bytes, BIG, 1);
	memcpy(new_bytes, old_bytes, BIG);
	memset(new_bytes + EDIT_AT, 'x', 100);
	memset(&req, 0, sizeof(req));
}

static void
end(void)
{
	free(old_bytes);
	free(new_bytes);
	release_end(&f);
}

TestSuite(compile, .init = begin, .fini = end);

/* Want the first n bytes of new_bytes, holding the first n of old_bytes. */
static void
want(size_t n, bool basis_known)
{
	req.one.target = release_content(&f, new_bytes, n);
	req.one.target_size = n;
	req.one.has_basis = true;
	req.one.basis_size = n;
	if (basis_known)
		req.one.basis = release_content(&f, old_bytes, n);
	else
		cr_assert_eq(hash_bytes(old_bytes, n, &req.one.basis, &e), 0);
}

/* Add the signature that a station would send. */
static void
send_sums(size_t n, struct buf *sums)
{
	struct mem_stream basis = {old_bytes, n, 0};
	struct source from = source_of_mem(&basis);
	struct sig_params p;
	struct sink to;

	buf_init(sums, 1 << 20);
	to = sink_of_buf(sums);
	cr_assert_eq(sig_params_for(n, &p, &e), 0);
	cr_assert_eq(signature_make(&from, &p, &to, &e), 0);
	buf_consume(sums, SIG_HEADER_LEN);
	req.one.sums = buf_data(sums);
	req.one.sums_len = sums->len;
}

static void
send_short(size_t n, struct buf *sums)
{
	struct mem_stream basis = {old_bytes, n, 0};
	struct source from = source_of_mem(&basis);
	struct sink to;

	buf_init(sums, 1 << 20);
	to = sink_of_buf(sums);
	cr_assert_eq(short_sums_make(&from, n, &to, &e), 0);
	req.one.sums = buf_data(sums);
	req.one.sums_len = sums->len;
	req.one.short_sums = true;
}

/* Does the answer's blob lead to the first n bytes of new_bytes? */
static void
check_answer(size_t n)
{
	struct mem_stream basis = {old_bytes, (size_t)req.one.basis_size, 0};
	struct range_source range = range_of_mem(&basis);
	struct file_stream file = {fs_real(), -1, 0, "blob"};
	struct source src = source_of_file(&file);
	struct buf out;
	struct sink to;
	uint64_t len;

	buf_init(&out, n + 1);
	to = sink_of_buf(&out);
	file.fd = store_open_blob(f.store, &answer.blob.id, &len, &e);
	cr_assert_geq(file.fd, 0, "%s", e.msg);
	cr_assert_eq(len, answer.blob.len);
	cr_assert_eq(unpack(&(struct unpack_task){answer.blob.codec, &range, n,
				&req.one.target},
			 &src, &to, &e),
	    0, "%s", e.msg);
	cr_assert_eq(out.len, n);
	if (n > 0)
		cr_assert_eq(memcmp(buf_data(&out), new_bytes, n), 0);
	buf_release(&out);
	fs_close_quietly(fs_real(), &file.fd);
}

static int
compile(void)
{
	return compile_blob(f.store, &req, &answer, &e);
}

Test(compile, without_a_basis_the_file_is_compressed)
{
	memset(new_bytes, 'a', BIG);
	req.one.target = release_content(&f, new_bytes, BIG);
	req.one.target_size = BIG;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_not(answer.need_sums);
	cr_assert_eq(answer.blob.codec, CODEC_FULL);
	cr_assert_lt(answer.blob.len, 200);
	check_answer(BIG);
}

Test(compile, an_empty_file_is_a_blob_too)
{
	req.one.target = release_content(&f, "", 0);
	req.one.has_basis = true;
	req.one.basis_size = 5;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_FULL);
	check_answer(0);
}

Test(compile, a_known_basis_needs_no_signature)
{
	want(BIG, true);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_not(answer.need_sums);
	cr_assert_eq(answer.blob.codec, CODEC_PATCH);
	cr_assert_lt(answer.blob.len, 3000);
	check_answer(BIG);
}

Test(compile, an_unknown_basis_needs_a_signature)
{
	struct buf sums;

	want(BIG, false);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert(answer.need_sums);
	send_sums(BIG, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_not(answer.need_sums);
	cr_assert_eq(answer.blob.codec, CODEC_RSYNC);
	cr_assert_lt(answer.blob.len, 3000);
	check_answer(BIG);
	buf_release(&sums);
}

Test(compile, the_smaller_of_delta_and_file_is_taken)
{
	struct blob first;

	/* Nothing in common, and easily compressed. */
	memset(new_bytes, 'a', BIG);
	want(BIG, true);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_FULL);
	check_answer(BIG);
	/* The same blob for all who ask. */
	first = answer.blob;
	cr_assert_eq(compile(), 0);
	cr_assert(hash_equal(&first.id, &answer.blob.id));
}

Test(compile, a_small_file_is_sent_without_a_question)
{
	memset(new_bytes, 'b', 200);
	want(200, false);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_not(answer.need_sums);
	cr_assert_eq(answer.blob.codec, CODEC_FULL);
	check_answer(200);
	/* A larger one that shrinks to almost nothing, too. */
	memset(new_bytes, 'a', BIG);
	want(60000, false);
	cr_assert_eq(compile(), 0);
	cr_assert_not(answer.need_sums);
	/* But not one whose delta may be smaller. */
	fill_noise(new_bytes, BIG, 2);
	want(60000, false);
	cr_assert_eq(compile(), 0);
	cr_assert(answer.need_sums);
}

/* A delta and the compressed file, made side by side: the smaller one. */
Test(compile, threads_take_the_smaller_of_delta_and_file_too)
{
	unsigned threads = 3;
	struct crew crew = {threads_real()->run, &threads};
	enum codec best;
	struct buf sums;
	size_t i;

	for (i = 0; i < 3; i++) {
		/* Much in common; easily compressed; neither. */
		best = i == 0 ? CODEC_RSYNC : CODEC_FULL;
		if (i == 1)
			memset(new_bytes, 'a', BIG);
		if (i == 2)
			fill_noise(new_bytes, BIG, 7);
		want(BIG, false);
		send_sums(BIG, &sums);
		req.how.crew = &crew;
		cr_assert_eq(compile(), 0, "%s", e.msg);
		if (i < 2)
			cr_assert_eq(answer.blob.codec, best);
		cr_assert_lt(answer.blob.len, i == 2 ? BIG + 1000 : 3000);
		check_answer(BIG);
		buf_release(&sums);
	}
}

/* The delta first: the file is written as long as it stays below. */
Test(compile, one_after_the_other_the_smaller_is_taken_too)
{
	struct blob first;
	struct buf sums;

	memset(new_bytes, 'a', BIG);
	want(BIG, false);
	send_sums(BIG, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(answer.blob.codec, CODEC_FULL);
	check_answer(BIG);
	buf_release(&sums);
	/* It is there for those with another basis, too. */
	first = answer.blob;
	fill_noise(old_bytes, BIG, 9);
	want(BIG, false);
	send_sums(BIG, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(answer.blob.codec, CODEC_FULL);
	cr_expect(hash_equal(&first.id, &answer.blob.id));
	buf_release(&sums);
}

/* A crew_run of which the last piece comes to its end first. */
static int
run_backwards(void *ctx, crew_fn *fn, void *arg, size_t n, struct err *why)
{
	int one, rc = 0;

	(void)ctx;
	while (n-- > 0)
		if ((one = fn(arg, n, true, why)) != 0)
			rc = one;
	return rc;
}

static const struct crew backwards = {run_backwards, NULL};

/* However early it was ready, it would drive out what somebody asks for. */
Test(compile, a_file_that_is_larger_than_a_delta_is_not_kept)
{
	struct buf sums;

	store_set_blob_budget(f.store, 16 * (BIG / 4));
	want(BIG, false);
	send_sums(BIG, &sums);
	req.how.crew = &backwards;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_RSYNC);
	check_answer(BIG);
	cr_expect_eq(store_blob_room(f.store), 15);
	/* The smaller one is. */
	memset(new_bytes, 'a', BIG);
	want(BIG, false);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_FULL);
	check_answer(BIG);
	buf_release(&sums);
}

Test(compile, sums_of_another_length_are_refused)
{
	struct buf sums;

	want(BIG, false);
	send_sums(BIG, &sums);
	req.one.sums_len--;
	cr_assert_eq(compile(), ERP_CORRUPT);
	req.one.sums_len++;
	req.one.basis_size = 3 * BIG;
	cr_assert_eq(compile(), ERP_CORRUPT);
	req.one.basis_size = BIG;
	req.one.sums_len = 0;
	cr_assert_eq(compile(), ERP_CORRUPT);
	buf_release(&sums);
}

/* Many edited stations leave the answers of all others where they are. */
Test(compile, answers_to_sums_do_not_push_out_those_for_all)
{
	struct hash common;
	struct buf sums;
	uint64_t len;
	size_t i, at;
	int fd;

	req.one.target = release_content(&f, new_bytes, 1000);
	req.one.target_size = 1000;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	common = answer.blob.id;
	store_set_blob_budget(f.store, 16 * 2 * 4096);
	want(BIG, false);
	send_sums(BIG, &sums);
	for (i = 0; i < 40; i++) {
		at = sums.off + i * sums.len / 40;
		sums.p[at] ^= 0xff;
		cr_assert_eq(compile(), 0, "%s", e.msg);
		cr_assert_eq(answer.blob.codec, CODEC_RSYNC);
		cr_assert_leq(answer.blob.len, 3 * 4096);
		sums.p[at] ^= 0xff;
	}
	fd = store_open_blob(f.store, &common, &len, &e);
	cr_expect_geq(fd, 0, "%s", e.msg);
	fs_close_quietly(fs_real(), &fd);
	buf_release(&sums);
}

Test(compile, false_sums_never_answer_for_a_basis)
{
	struct blob honest;
	struct buf sums;

	want(BIG, false);
	send_sums(BIG, &sums);
	cr_assert_eq(compile(), 0);
	honest = answer.blob;
	/* Another station lies about the same basis. */
	sums.p[sums.off] ^= 0xff;
	cr_assert_eq(compile(), 0);
	cr_assert_not(hash_equal(&honest.id, &answer.blob.id));
	sums.p[sums.off] ^= 0xff;
	cr_assert_eq(compile(), 0);
	cr_assert(hash_equal(&honest.id, &answer.blob.id));
	/* Once the basis is known, sums are not believed at all. */
	sums.p[sums.off] ^= 0xff;
	(void)release_content(&f, old_bytes, BIG);
	cr_assert_eq(compile(), 0);
	check_answer(BIG);
	buf_release(&sums);
}

Test(compile, an_answer_is_made_once)
{
	struct blob first;
	char *path;

	want(BIG, true);
	cr_assert_eq(compile(), 0);
	first = answer.blob;
	release_reopen(&f);
	/* Without the target only what was kept can answer. */
	cr_assert_not(store_has_content(f.store, &req.one.target, BIG));
	(void)release_content(&f, old_bytes, BIG);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert(hash_equal(&first.id, &answer.blob.id));
	path = release_path("blob", &first.id);
	tempdir_text(&f.dir, path, "damaged", -1);
	free(path);
	(void)release_content(&f, new_bytes, BIG);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	check_answer(BIG);
}

/* Overwrite the stored content of h, keeping its length. */
static void
damage_content(const struct hash *h, size_t n)
{
	char *path = release_path("content", h);
	uint8_t *bytes = calloc(1, n);

	cr_assert_not_null(bytes);
	tempdir_write(&f.dir, path, bytes, n, -1);
	free(bytes);
	free(path);
	store_uncheck_contents(f.store);
}

Test(compile, a_damaged_target_is_noticed_and_dropped)
{
	want(BIG, true);
	damage_content(&req.one.target, BIG);
	cr_assert_eq(compile(), ERP_CORRUPT);
	cr_assert_not_null(strstr(e.msg, "publish again"));
	cr_assert_not(store_has_content(f.store, &req.one.target, BIG));
	(void)release_content(&f, new_bytes, BIG);
	req.one.has_basis = false;
	damage_content(&req.one.target, BIG);
	cr_assert_eq(compile(), ERP_CORRUPT);
	(void)release_content(&f, new_bytes, BIG);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	check_answer(BIG);
}

Test(compile, a_damaged_basis_is_an_unknown_one)
{
	want(BIG, true);
	damage_content(&req.one.basis, BIG);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert(answer.need_sums);
	cr_assert_not(store_has_content(f.store, &req.one.basis, BIG));
}

/* What was hashed once is not hashed for each answer: damage since then
 * shows when a station finds its result wrong and asks again. */
Test(compile, damage_of_a_checked_content_shows_when_asked_again)
{
	struct hash damaged;

	want(BIG, true);
	req.one.has_basis = false;
	damaged = req.one.target;
	damage_content(&damaged, BIG);
	store_content_checked(f.store, &damaged);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	req.one.again = true;
	cr_assert_eq(compile(), ERP_CORRUPT);
	cr_assert_not(store_has_content(f.store, &damaged, BIG));
	/* The wrong answer is gone with it. */
	(void)release_content(&f, new_bytes, BIG);
	req.one.again = false;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	check_answer(BIG);
}

/* Large contents are answered quickly first. */
enum { LARGE = 1200000 };

static void
want_large(void)
{
	free(old_bytes);
	free(new_bytes);
	old_bytes = malloc(LARGE);
	new_bytes = malloc(LARGE);
	cr_assert(old_bytes != NULL && new_bytes != NULL);
	fill_noise(old_bytes, LARGE, 3);
	memcpy(new_bytes, old_bytes, LARGE);
	for (size_t i = 0; i < LARGE; i += 20 + old_bytes[i] % 60)
		new_bytes[i] = (uint8_t)(new_bytes[i] + old_bytes[i / 2] % 5);
	want(LARGE, true);
}

static struct fs_ops store_ops;

/* Large contents are mapped, where that can be. */
static void
reopen_store(bool may_map)
{
	static const struct fs fs = {&store_ops, NULL};

	store_ops = *fs_real()->ops;
	if (!may_map)
		store_ops.fast.map = NULL;
	release_reopen_on(&f, &fs);
}

Test(compile, large_contents_need_no_copy)
{
	const bool may_map[] = {true, false};
	struct blob first = {.len = 0};
	size_t i;

	for (i = 0; i < 2; i++) {
		reopen_store(may_map[i]);
		want_large();
		cr_assert_eq(compile(), 0, "%s", e.msg);
		cr_assert_eq(answer.blob.codec, CODEC_PATCH);
		check_answer(LARGE);
		if (i == 0)
			first = answer.blob;
		cr_assert_eq(
		    store_drop_answers(f.store, &req.one.target, &e), 0);
	}
	cr_assert(hash_equal(&first.id, &answer.blob.id));
}

static int mapped_n;

/* A map whose bytes end where nothing can be read. */
static int
map_guarded(void *ctx, int fd, size_t size, const void **out)
{
	uint8_t *p = guarded_new(size);

	mapped_n++;
	cr_assert_eq(fs_real()->ops->pread(ctx, fd, p, size, 0), (int)size);
	*out = p;
	return 0;
}

static void
unmap_guarded(void *ctx, const void *p, size_t size)
{
	(void)ctx;
	mapped_n--;
	guarded_free((uint8_t *)(uintptr_t)p, size);
}

/* Which no sanitizer sees. */
Test(compile, nothing_is_read_behind_a_mapped_content)
{
	struct buf sums;

	reopen_store(true);
	store_ops.fast.map = map_guarded;
	store_ops.fast.unmap = unmap_guarded;
	want_large();
	cr_assert_eq(compile(), 0, "%s", e.msg);
	check_answer(LARGE);
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	check_answer(LARGE);
	req.one.like = req.one.basis;
	req.one.like_size = LARGE;
	old_bytes[LARGE - 1] ^= 1;
	cr_assert_eq(hash_bytes(old_bytes, LARGE, &req.one.basis, &e), 0);
	send_sums(LARGE, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_PATCH);
	check_answer(LARGE);
	buf_release(&sums);
	send_short(LARGE, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_PATCH);
	check_answer(LARGE);
	cr_expect_eq(mapped_n, 0);
	buf_release(&sums);
}

Test(compile, a_large_damaged_content_is_noticed_however_it_is_read)
{
	const bool may_map[] = {true, false};
	size_t i;

	for (i = 0; i < 2; i++) {
		reopen_store(may_map[i]);
		want_large();
		damage_content(&req.one.target, LARGE);
		cr_assert_eq(compile(), ERP_CORRUPT);
		cr_assert_not(
		    store_has_content(f.store, &req.one.target, LARGE));
		want_large();
		damage_content(&req.one.basis, LARGE);
		cr_assert_eq(compile(), 0, "%s", e.msg);
		cr_assert(answer.need_sums);
		/* Cut, it is never looked at beyond its end. */
		want_large();
		damage_content(&req.one.basis, LARGE / 2);
		cr_assert_eq(compile(), 0, "%s", e.msg);
		cr_assert(answer.need_sums);
	}
}

/* A disk with room for LEAST bytes in a file. */
enum { LEAST = 10000 };

static int64_t
write_least(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	if (off + n > LEAST)
		return -ENOSPC;
	return fs_real()->ops->pwrite(ctx, fd, p, n, off);
}

Test(compile, a_delta_is_made_where_the_file_has_no_room)
{
	char path[300];
	struct buf sums;

	reopen_store(true);
	want(BIG, false);
	send_sums(BIG, &sums);
	store_ops.pwrite = write_least;
	req.how.crew = &backwards;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_RSYNC);
	check_answer(BIG);
	/* Where neither has, that is told, and nothing is left. */
	fill_noise(new_bytes, BIG, 9);
	store_ops.pwrite = fs_real()->ops->pwrite;
	want(BIG, false);
	store_ops.pwrite = write_least;
	cr_expect_eq(compile(), ERP_NOSPACE);
	(void)snprintf(path, sizeof(path), "%s/state/tmp", f.dir.path);
	cr_expect_eq(rmdir(path), 0);
	cr_expect_eq(mkdir(path, 0700), 0);
	buf_release(&sums);
}

static int begun; /* files of which the first bytes were written */
static bool is_full;

static int64_t
count_begun(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	begun += off == 0;
	return is_full ? -ENOSPC : fs_real()->ops->pwrite(ctx, fd, p, n, off);
}

/* Only where a file grew beside the delta may another try find room. */
Test(compile, delta_and_file_are_made_once)
{
	struct buf sums;

	reopen_store(true);
	want(BIG, false);
	send_sums(BIG, &sums);
	store_ops.pwrite = count_begun;
	req.how.crew = &backwards;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	/* And which of the two it is. */
	cr_expect_eq(begun, 3, "%d", begun);
	cr_assert_eq(store_drop_answers(f.store, &req.one.target, &e), 0);
	begun = 0;
	is_full = true;
	req.how.crew = NULL;
	cr_expect_eq(compile(), ERP_NOSPACE);
	cr_expect_eq(begun, 1, "%d", begun);
	buf_release(&sums);
}

Test(compile, a_quick_answer_gives_way_to_the_best)
{
	struct blob quick;

	want_large();
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert(answer.provisional);
	cr_assert_eq(answer.blob.codec, CODEC_PATCH);
	check_answer(LARGE);
	quick = answer.blob;
	cr_assert_eq(compile(), 0);
	cr_assert(answer.provisional);
	cr_assert(hash_equal(&quick.id, &answer.blob.id));
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	cr_assert_eq(compile(), 0);
	cr_assert_not(answer.provisional);
	cr_assert_lt(answer.blob.len, quick.len);
	check_answer(LARGE);
	/* There is nothing left to make. */
	quick = answer.blob;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0);
	cr_assert_eq(compile(), 0);
	cr_assert(hash_equal(&quick.id, &answer.blob.id));
}

/* What came of the quick one before a link broke is not in vain. */
Test(compile, a_blob_that_was_begun_stays_the_answer)
{
	struct blob quick, best;

	want_large();
	cr_assert_eq(compile(), 0, "%s", e.msg);
	quick = answer.blob;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	cr_assert_eq(compile(), 0);
	best = answer.blob;
	cr_assert_not(hash_equal(&quick.id, &best.id));
	req.one.part = quick.id.b;
	cr_assert_eq(compile(), 0);
	cr_expect(hash_equal(&quick.id, &answer.blob.id));
	check_answer(LARGE);
	/* A part of anything else is of no interest. */
	req.one.part = req.one.target.b;
	cr_assert_eq(compile(), 0);
	cr_expect(hash_equal(&best.id, &answer.blob.id));
	req.one.part = best.id.b;
	cr_assert_eq(compile(), 0);
	cr_expect(hash_equal(&best.id, &answer.blob.id));
}

Test(compile, a_new_large_file_is_packed_better_later)
{
	uint64_t quick;

	want_large();
	for (size_t i = 0; i < LARGE; i++)
		new_bytes[i] = (uint8_t)("etaoin shrdlu"[new_bytes[i] % 13]);
	want(LARGE, true);
	req.one.has_basis = false;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert(answer.provisional);
	quick = answer.blob.len;
	cr_assert_eq(compile_best(f.store, &req, NULL, &e), 0, "%s", e.msg);
	cr_assert_eq(compile(), 0);
	cr_assert_not(answer.provisional);
	cr_assert_lt(answer.blob.len, quick);
	check_answer(LARGE);
}

static bool
always(void *ctx)
{
	(void)ctx;
	return true;
}

Test(compile, the_best_can_be_given_up)
{
	const struct compile_stop stop = {always, NULL};

	want_large();
	cr_assert_eq(compile_best(f.store, &req, &stop, &e), ERP_CANCELLED);
	cr_assert_eq(compile(), 0);
	cr_assert(answer.provisional);
	check_answer(LARGE);
}

/* True when it was asked often enough. */
static bool
after_a_while(void *ctx)
{
	int *left = ctx;

	return *left == 0 || --*left == 0;
}

/* Also while nothing of it is to be written yet. */
Test(compile, a_file_that_packs_well_can_be_given_up)
{
	int left = 20;
	const struct compile_stop stop = {after_a_while, &left};

	want_large();
	memset(new_bytes, 'x', LARGE);
	req.one.has_basis = false;
	req.one.target = release_content(&f, new_bytes, LARGE);
	cr_expect_eq(compile_best(f.store, &req, &stop, &e), ERP_CANCELLED);
}

/* Wherever it is given up, nothing half is taken for an answer. */
Test(compile, the_rolling_checksums_can_be_given_up)
{
	int left, tries = 0, rc = ERP_CANCELLED;
	const struct compile_stop stop = {after_a_while, &left};

	/* Nothing in common: no patch. */
	want_large();
	fill_noise(new_bytes, LARGE, 77);
	req.one.target = release_content(&f, new_bytes, LARGE);
	for (; rc == ERP_CANCELLED && tries < 10000; tries++) {
		left = tries + 1;
		rc = compile_best(f.store, &req, &stop, &e);
	}
	cr_assert_eq(rc, 0, "%s", e.msg);
	cr_expect_gt(tries, 20);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_not(answer.provisional);
	check_answer(LARGE);
}

/* Patches hold both contents in memory: above their limit the rolling checksums
 * have to do, at once and for good. */
Test(compile, what_is_too_large_for_a_patch_gets_a_delta, .timeout = 300)
{
	enum { HUGE = (192 << 20) + 1 };
	uint8_t *p = malloc(HUGE);
	size_t i;

	cr_assert_not_null(p);
	for (i = 0; i + 4 <= HUGE; i += 4)
		memcpy(p + i, &(uint32_t){(uint32_t)i * 2654435761u}, 4);
	p[HUGE - 1] = 0;
	req.one.basis = release_content(&f, p, HUGE);
	memset(p + HUGE / 2, 'x', 100);
	req.one.target = release_content(&f, p, HUGE);
	req.one.has_basis = true;
	req.one.basis_size = req.one.target_size = HUGE;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(answer.blob.codec, CODEC_RSYNC);
	cr_expect_lt(answer.blob.len, 100000);
	cr_expect_not(answer.provisional);
	/* Nor are short sums of use. */
	req.one.like = req.one.basis;
	req.one.like_size = HUGE;
	req.one.basis.b[0] ^= 1;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums);
	cr_expect_not(answer.short_sums);
	free(p);
}

/* The server published what the station edited. */
Test(compile, an_edited_basis_costs_its_edit)
{
	struct buf sums;
	uint64_t without;

	want_large();
	req.one.like = release_content(&f, old_bytes, LARGE);
	old_bytes[LARGE / 2] ^= 1;
	old_bytes[LARGE - 1] ^= 1;
	cr_assert_eq(hash_bytes(old_bytes, LARGE, &req.one.basis, &e), 0);
	send_sums(LARGE, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_neq(answer.blob.codec, CODEC_PATCH);
	without = answer.blob.len;
	check_answer(LARGE);
	req.one.like_size = LARGE;
	/* Another target's answer, since this one is kept. */
	new_bytes[17] ^= 1;
	req.one.target = release_content(&f, new_bytes, LARGE);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_PATCH);
	cr_expect_lt(answer.blob.len, without / 10);
	check_answer(LARGE);
	/* A content that is gone is as good as none. */
	new_bytes[18] ^= 1;
	req.one.target = release_content(&f, new_bytes, LARGE);
	store_drop_content(f.store, &req.one.like);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_neq(answer.blob.codec, CODEC_PATCH);
	check_answer(LARGE);
	buf_release(&sums);
}

/* The last block's sum is that of a longer one: as long as the block is, not
 * as the basis is said to be. */
Test(compile, a_signature_may_lie_about_the_end)
{
	struct buf sums;

	req.one.like = release_content(&f, old_bytes, BIG);
	req.one.like_size = BIG;
	want(BIG, false);
	send_sums(BIG, &sums);
	req.one.basis_size = BIG - 1;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(answer.blob.codec, CODEC_PATCH);
	/* Here the station's file begins as it ought to. */
	check_answer(BIG);
	buf_release(&sums);
}

Test(compile, a_target_that_is_gone_is_told)
{
	want(BIG, true);
	store_drop_content(f.store, &req.one.target);
	cr_assert_eq(compile(), ERP_NOTFOUND);
}

Test(compile, equal_requests_have_equal_keys)
{
	struct hash a, b;
	uint8_t sums[16] = {0};

	memset(&req.one.target, 1, sizeof(req.one.target));
	req.one.target_size = 10;
	cr_assert_eq(compile_key(&req, &a, &e), 0);
	/* What does not matter does not count. */
	req.one.basis.b[0] = 9;
	cr_assert_eq(compile_key(&req, &b, &e), 0);
	cr_assert(hash_equal(&a, &b));
	req.one.has_basis = true;
	req.one.basis_size = 20;
	cr_assert_eq(compile_key(&req, &b, &e), 0);
	cr_assert_not(hash_equal(&a, &b));
	a = b;
	req.one.basis_size = 21;
	cr_assert_eq(compile_key(&req, &b, &e), 0);
	cr_assert_not(hash_equal(&a, &b));
	req.one.sums = sums;
	req.one.sums_len = sizeof(sums);
	cr_assert_eq(compile_key(&req, &a, &e), 0);
	cr_assert_not(hash_equal(&a, &b));
	sums[3] = 1;
	cr_assert_eq(compile_key(&req, &b, &e), 0);
	cr_assert_not(hash_equal(&a, &b));
}

/* --- short sums -----------------------------------------------------------*/

/* The server published old_bytes, of which the station edited two bytes. */
static void
want_edited(void)
{
	req.one.like = release_content(&f, old_bytes, BIG);
	req.one.like_size = BIG;
	old_bytes[BIG / 3] ^= 1;
	old_bytes[BIG - 1] ^= 1;
	want(BIG, false);
}

Test(compile, short_sums_are_wanted_where_they_may_do)
{
	want_edited();
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums && answer.short_sums);
	/* Something else of that size, nothing of it, or nothing at all. */
	req.one.like_size = BIG - 1;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums && !answer.short_sums);
	req.one.like_size = 0;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums && !answer.short_sums);
	req.one.like_size = BIG;
	req.one.basis_size = BIG + 1;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums && !answer.short_sums);
	req.one.basis_size = BIG;
	store_drop_content(f.store, &req.one.like);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums && !answer.short_sums);
}

Test(compile, short_sums_lead_to_a_patch)
{
	struct buf sums;

	want_edited();
	send_short(BIG, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_not(answer.need_sums);
	cr_assert_eq(answer.blob.codec, CODEC_PATCH);
	/* Two blocks and what is new. */
	cr_expect_lt(answer.blob.len, 2 * short_block_len(BIG) + 500);
	check_answer(BIG);
	buf_release(&sums);
}

Test(compile, short_sums_of_another_length_are_refused)
{
	struct buf sums;

	want_edited();
	send_short(BIG, &sums);
	req.one.sums_len--;
	cr_expect_eq(compile(), ERP_CORRUPT);
	cr_expect_not_null(strstr(e.msg, "short sums do not fit"));
	req.one.sums_len = sums.len - SHORT_SUM_LEN;
	cr_expect_eq(compile(), ERP_CORRUPT);
	req.one.sums_len = 0;
	cr_expect_eq(compile(), ERP_CORRUPT);
	req.one.sums_len = sums.len;
	req.one.basis_size = 3 * BIG;
	cr_expect_eq(compile(), ERP_CORRUPT);
	/* A signature is none of them, nor they a signature. */
	req.one.basis_size = BIG;
	req.one.short_sums = false;
	cr_expect_eq(compile(), ERP_CORRUPT);
	buf_release(&sums);
}

Test(compile, short_sums_that_tell_too_little_ask_for_a_signature)
{
	struct buf sums;

	want_edited();
	/* The first byte went to the end: nothing is in its place. */
	memmove(old_bytes, old_bytes + 1, BIG - 1);
	want(BIG, false);
	send_short(BIG, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums);
	cr_expect_not(answer.short_sums);
	buf_release(&sums);
	send_sums(BIG, &sums);
	req.one.short_sums = false;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_not(answer.need_sums);
	cr_expect_lt(answer.blob.len, 5000);
	check_answer(BIG);
	buf_release(&sums);
}

Test(compile, short_sums_without_what_they_are_like_ask_for_a_signature)
{
	struct buf sums;

	want_edited();
	send_short(BIG, &sums);
	store_drop_content(f.store, &req.one.like);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(answer.need_sums);
	cr_expect_not(answer.short_sums);
	buf_release(&sums);
}

Test(compile, false_short_sums_never_answer_for_a_basis)
{
	struct blob honest;
	struct buf sums;

	want_edited();
	send_short(BIG, &sums);
	cr_assert_eq(compile(), 0, "%s", e.msg);
	honest = answer.blob;
	/* Another station lies about the same basis. */
	sums.p[sums.off] ^= 0xff;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_not(hash_equal(&honest.id, &answer.blob.id));
	sums.p[sums.off] ^= 0xff;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect(hash_equal(&honest.id, &answer.blob.id));
	check_answer(BIG);
	buf_release(&sums);
}

Test(compile, sums_of_both_kinds_have_keys_of_their_own)
{
	static const uint8_t sums[16] = {0};
	struct hash a, b;

	memset(&req.one.target, 1, sizeof(req.one.target));
	req.one.target_size = 10;
	req.one.has_basis = true;
	req.one.basis_size = 20;
	req.one.sums = sums;
	req.one.sums_len = sizeof(sums);
	cr_assert_eq(compile_key(&req, &a, &e), 0);
	req.one.short_sums = true;
	cr_assert_eq(compile_key(&req, &b, &e), 0);
	cr_expect_not(hash_equal(&a, &b));
}

static void
expect_key(const char *want_hex)
{
	char hex[HASH_HEX_LEN + 1];
	struct hash key;

	cr_assert_eq(compile_key(&req, &key, &e), 0, "%s", e.msg);
	hash_hex(&key, hex);
	cr_expect_str_eq(hex, want_hex);
}

/* The values are computed from docs/storage-server.md by another program. */
Test(compile, keys_are_as_the_document_has_them)
{
	static const uint8_t sums[16] = {
	    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

	memset(&req.one.target, 0x11, sizeof(req.one.target));
	req.one.target_size = 10;
	expect_key("0e30f842bbff077e167ce53d804352867e59654d60168c54c074d988"
		   "b6405f75");
	req.one.has_basis = true;
	memset(&req.one.basis, 0x22, sizeof(req.one.basis));
	req.one.basis_size = 20;
	expect_key("24091b5ddeddc76d776fd23095524e035431a0d31c0a144a6a81bbcd"
		   "2eaa875b");
	req.one.sums = sums;
	req.one.sums_len = sizeof(sums);
	expect_key("6fcca16876557134061030e0942fe1fefd239b1f0ded4261351ae52c"
		   "8dea35c6");
	req.one.short_sums = true;
	expect_key("e25aacbf8f382389800cce6e57f99071ce0727adda0485e41a1c9f0e"
		   "23d5e865");
}

Test(compile, the_key_of_a_group_is_as_the_document_has_it)
{
	static const uint8_t sums[3] = {0, 1, 2};
	struct compile_member v[3];

	memset(v, 0, sizeof(v));
	memset(&v[0].target, 1, sizeof(v[0].target));
	v[0].target_size = 10;
	memset(&v[0].basis, 2, sizeof(v[0].basis));
	v[0].basis_size = 20;
	memset(&v[1].target, 3, sizeof(v[1].target));
	v[1].target_size = 30;
	memset(&v[2].target, 4, sizeof(v[2].target));
	v[2].target_size = v[2].basis_size = 40;
	v[2].sums = sums;
	req.is_group = true;
	req.group = (struct compile_group){.members = v, .n = 2};
	expect_key("ecdcc3645baebf790346f7fab62db738baa8cb9227f386f4200fe2d0"
		   "49deee59");
	req.group.n = 3;
	expect_key("09974c945119c3f84e4ec4f90663def8b156a10b896a834ee2fcadeb"
		   "c3ce1b92");
}

Test(compile, an_answer_lies_under_its_key)
{
	enum { LEN = 142, ID = 14, TARGET = 46, SUM = 110 };
	struct hash key, sum;
	char *path, *bytes;
	size_t n;

	want(1000, false);
	req.one.has_basis = false;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_assert_eq(compile_key(&req, &key, &e), 0);
	path = release_path("key", &key);
	bytes = tempdir_read(&f.dir, path, &n);
	free(path);
	cr_assert_eq(n, LEN);
	cr_expect_eq(memcmp(bytes, "EKEY\x01\x01", 6), 0);
	cr_expect_eq(
	    (uint8_t)bytes[6] | (uint8_t)bytes[7] << 8, (int)answer.blob.len);
	cr_expect_eq(memcmp(bytes + ID, answer.blob.id.b, HASH_LEN), 0);
	cr_expect_eq(memcmp(bytes + TARGET, req.one.target.b, HASH_LEN), 0);
	cr_assert_eq(hash_bytes(bytes, SUM, &sum, &e), 0);
	cr_expect_eq(memcmp(bytes + SUM, sum.b, HASH_LEN), 0);
	free(bytes);
}

/* A disk that is full until a blob goes. */
static bool is_full;

static int64_t
full_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	return is_full ? -ENOSPC : fs_real()->ops->pwrite(ctx, fd, p, n, off);
}

static int
freeing_unlink(void *ctx, int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, 0) == 0 && st.st_size > 1000)
		is_full = false;
	return fs_real()->ops->unlink(ctx, dir, name);
}

/* Two earlier answers, of which the other one is in use. */
static void
answers_before(struct blob *old, struct blob *other)
{
	int i;

	cr_assert_eq(release_add_blob(&f, "old", 5000, NULL, old), 0);
	cr_assert_eq(release_add_blob(&f, "other", 5000, NULL, other), 0);
	for (i = 0; i < 70; i++)
		cr_assert_eq(release_find_blob(&f, "other", other), 0);
}

Test(compile, old_answers_stay_where_there_is_room)
{
	struct blob old, other;

	answers_before(&old, &other);
	want(BIG, false);
	req.one.has_basis = false;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	cr_expect_eq(release_find_blob(&f, "old", &old), 0);
}

Test(compile, old_answers_make_room_on_a_full_disk)
{
	/* The store is closed after the test has returned. */
	static struct fs_ops ops;
	static const struct fs fs = {&ops, NULL};
	struct blob old, other;

	ops = *fs_real()->ops;
	ops.pwrite = full_pwrite;
	ops.unlink = freeing_unlink;
	release_reopen_on(&f, &fs);
	answers_before(&old, &other);
	want(BIG, false);
	req.one.has_basis = false;
	is_full = true;
	cr_assert_eq(compile(), 0, "%s", e.msg);
	check_answer(BIG);
	cr_assert_eq(release_find_blob(&f, "old", &old), ERP_NOTFOUND);
	cr_assert_eq(release_find_blob(&f, "other", &other), 0);
	/* With nothing but the latest left it is said. */
	new_bytes[0]++;
	want(BIG, false);
	req.one.has_basis = false;
	is_full = true;
	cr_assert_eq(compile(), ERP_NOSPACE);
	is_full = false;
}

Test(compile, a_content_that_is_gone_is_an_error)
{
	struct hash gone = release_hash("never published");

	req.one.target = gone;
	req.one.target_size = 15;
	cr_expect_eq(compile_blob(f.store, &req, &answer, &e), ERP_NOTFOUND);
	cr_expect_eq(
	    compile_best(f.store, &req, NULL, &e), ERP_NOTFOUND, "%s", e.msg);
	cr_expect_not(tempdir_has(&f.dir, "state/tmp/0"));
}
