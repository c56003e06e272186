#include "engine/apply/stage.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/stream.h"
#include "engine/delta/signature.h"
#include "engine/tree/manifest.h"
#include "tests/support/alloc_wrap.h"
#include "tests/support/fs_fault.h"
#include "tests/support/streams.h"
#include "tests/support/sweep.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 50000 };

struct bench {
	struct tempdir t;
	struct folder *f;
	struct stage *s;
	uint8_t content[SIZE];
	struct hash hash;
	struct buf blob; /* CODEC_FULL of content */
	struct hash live; /* of a live file */
};

static void
reopen(struct bench *b)
{
	struct folder_options opt;
	struct err e;

	stage_close(b->s);
	folder_close(b->f);
	memset(&opt, 0, sizeof(opt));
	opt.fs = fs_real();
	opt.clock = clock_real();
	cr_assert_eq(folder_open(b->t.path, &opt, &b->f, &e), 0, "%s", e.msg);
	cr_assert_eq(stage_open(b->f, &b->s, &e), 0, "%s", e.msg);
}

static void
bench_open(struct bench *b)
{
	struct mem_stream m = {b->content, SIZE, 0};
	struct source src = source_of_mem(&m);
	struct sink to = sink_of_buf(&b->blob);
	struct err e;

	memset(b, 0, sizeof(*b));
	tempdir_open(&b->t);
	reopen(b);
	fill_noise(b->content, SIZE, 1);
	cr_assert_eq(hash_bytes(b->content, SIZE, &b->hash, &e), 0);
	buf_init(&b->blob, SIZE_MAX);
	cr_assert_eq(pack_full(&src, SIZE, 1, &to, &e), 0);
}

static void
bench_close(struct bench *b)
{
	stage_close(b->s);
	folder_close(b->f);
	buf_release(&b->blob);
	tempdir_close(&b->t);
}

static int
put(struct bench *b, struct err *e)
{
	struct mem_stream m = {buf_data(&b->blob), b->blob.len, 0};
	struct range_source blob = range_of_mem(&m);

	return stage_put(b->s, CODEC_FULL, &blob,
	    &(struct stage_member){.want = &b->hash, .size = SIZE}, e);
}

static char *
name_of(struct bench *b, const char *suffix)
{
	static char path[160];
	char name[STAGE_NAME_BYTES];

	stage_name(name, &b->hash, suffix);
	if (strcmp(suffix, STAGE_PART) == 0)
		(void)snprintf(path, sizeof(path), ".erpsync/recv/%s", name);
	else
		(void)snprintf(
		    path, sizeof(path), ".erpsync/recv/%.2s/%s", name, name);
	return path;
}

/* The folder that the content will lie in. */
static void
make_home(struct bench *b)
{
	char *path = name_of(b, "");

	*strrchr(path, '/') = '\0';
	tempdir_mkdir(&b->t, path);
}

Test(stage, content_survives_and_is_verified_again)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	reopen(&b);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	reopen(&b);
	/* Damaged on disk: removed, never used. */
	b.content[SIZE / 2] ^= 1;
	tempdir_write(&b.t, name_of(&b, ""), b.content, SIZE, -1);
	b.content[SIZE / 2] ^= 1;
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, "")));
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	reopen(&b);
	tempdir_write(&b.t, name_of(&b, ""), "x", 1, -1);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, "")));
	bench_close(&b);
}

static int
no_right(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return flags == FS_READ && strlen(path) == HASH_HEX_LEN
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* Else it would be in the way of every update to come. */
Test(stage, content_that_cannot_be_opened_is_received_again)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;

	ops.open = no_right;
	bench_open(&b);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	reopen(&b);
	b.s->fs = &odd;
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, "")));
	b.s->fs = fs_real();
	bench_close(&b);
}

/* What could not be removed when it failed is in nobody's way. */
Test(stage, what_a_failed_content_has_left_is_replaced)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	make_home(&b);
	tempdir_text(&b.t, name_of(&b, ".tmp"), "left", -1);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, ".tmp")));
	bench_close(&b);
}

/* A sync that failed is forgotten by the kernel: the same inode would pass
 * the next one with nothing on the disk. */
Test(stage, content_of_an_earlier_session_gets_a_new_inode)
{
	struct fs_stat before, after;
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, name_of(&b, ""), &before), 0);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, name_of(&b, ""), &after), 0);
	cr_assert_eq(before.ino, after.ino);
	reopen(&b);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, name_of(&b, ""), &after), 0);
	cr_assert_neq(before.ino, after.ino);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, ".tmp")));
	bench_close(&b);
}

Test(stage, a_second_link_is_never_handed_out)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(put(&b, &e), 0);
	cr_assert_eq(
	    fs_link(fs_real(), b.t.fd, name_of(&b, ""), b.t.fd, "live"), 0);
	reopen(&b);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	cr_assert(tempdir_has(&b.t, "live"));
	bench_close(&b);
}

Test(stage, bad_blobs_leave_nothing)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	b.blob.p[b.blob.off + 20] ^= 1;
	cr_assert_lt(put(&b, &e), 0);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, "")));
	cr_assert_not(tempdir_has(&b.t, name_of(&b, ".tmp")));
	b.blob.p[b.blob.off + 20] ^= 1;
	b.hash.b[0] ^= 1;
	cr_assert_eq(put(&b, &e), ERP_MISMATCH);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, ".tmp")));
	bench_close(&b);
}

Test(stage, a_delta_needs_its_basis)
{
	struct stage_member m;
	struct mem_stream old, new;
	struct source from, target;
	struct range_source blob;
	struct sig_params params;
	struct signature *sig;
	struct buf sums;
	struct sink out = sink_of_buf(&sums);
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_write(&b.t, "dir/basis", b.content, SIZE, -1);
	old = (struct mem_stream){b.content, SIZE, 0};
	from = source_of_mem(&old);
	buf_init(&sums, SIZE_MAX);
	cr_assert_eq(sig_params_for(SIZE, &params, &e), 0);
	cr_assert_eq(signature_make(&from, &params, &out, &e), 0);
	cr_assert_eq(signature_load(buf_data(&sums), sums.len, &sig, &e), 0);
	b.content[SIZE / 2] ^= 1;
	cr_assert_eq(hash_bytes(b.content, SIZE, &b.hash, &e), 0);
	new = (struct mem_stream){b.content, SIZE, 0};
	target = source_of_mem(&new);
	buf_clear(&b.blob);
	out = sink_of_buf(&b.blob);
	cr_assert_eq(pack_rsync(sig, &target, 1, &out, &e), 0);
	new = (struct mem_stream){buf_data(&b.blob), b.blob.len, 0};
	blob = range_of_mem(&new);
	m = (struct stage_member){.want = &b.hash, .size = SIZE};
	m.basis_path = "dir/none";
	cr_assert_eq(stage_put(b.s, CODEC_RSYNC, &blob, &m, &e), ERP_NOTFOUND);
	m.basis_path = "dir";
	cr_assert_eq(stage_put(b.s, CODEC_RSYNC, &blob, &m, &e), ERP_MISMATCH);
	m.basis_path = "dir/basis";
	cr_assert_eq(
	    stage_put(b.s, CODEC_RSYNC, &blob, &m, &e), 0, "%s", e.msg);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	signature_free(sig);
	buf_release(&sums);
	bench_close(&b);
}

Test(stage, parts_resume_where_they_ended)
{
	struct bench b;
	struct err e;
	uint64_t len = 9;

	bench_open(&b);
	cr_assert_eq(stage_part_len(b.s, &b.hash, &len, &e), 0);
	cr_assert_eq(len, 0);
	cr_assert_eq(stage_part_verify(b.s, &b.hash, SIZE, &e), 0);
	cr_expect_not(tempdir_has(&b.t, name_of(&b, ".part")), "none is made");
	cr_assert_eq(
	    stage_part_append(b.s, &b.hash, 0, b.content, 1000, &e), 0);
	cr_assert_eq(
	    stage_part_append(b.s, &b.hash, 999, "x", 1, &e), ERP_PROTO);
	reopen(&b);
	cr_assert_eq(stage_part_len(b.s, &b.hash, &len, &e), 0);
	cr_assert_eq(len, 1000);
	cr_assert_eq(stage_part_append(
			 b.s, &b.hash, 1000, b.content + 1000, SIZE - 1000, &e),
	    0);
	cr_assert_eq(stage_part_verify(b.s, &b.hash, SIZE, &e), 1);
	cr_assert_eq(stage_part_remove(b.s, &b.hash, &e), 0);
	cr_assert_eq(stage_part_open(b.s, &b.hash, &e), ERP_NOTFOUND);
	cr_assert_eq(stage_part_verify(b.s, &b.hash, SIZE, &e), 0);
	bench_close(&b);
}

/* Half of the bytes, then a disk that fails. */
static int64_t
half_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	if (n < 1000)
		return -EIO;
	return fs_real()->ops->pwrite(ctx, fd, p, n / 2, off);
}

Test(stage, a_part_is_cut_where_a_write_failed)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs half = {&ops, NULL};
	struct bench b;
	struct err e;
	uint64_t len;

	ops.pwrite = half_pwrite;
	bench_open(&b);
	cr_assert_eq(
	    stage_part_append(b.s, &b.hash, 0, b.content, 1000, &e), 0);
	b.s->fs = &half;
	cr_assert_eq(
	    stage_part_append(b.s, &b.hash, 1000, b.content + 1000, 1500, &e),
	    ERP_IO);
	b.s->fs = fs_real();
	reopen(&b);
	cr_assert_eq(stage_part_len(b.s, &b.hash, &len, &e), 0);
	cr_assert_eq(len, 1000);
	cr_assert_eq(stage_part_append(
			 b.s, &b.hash, 1000, b.content + 1000, SIZE - 1000, &e),
	    0);
	cr_assert_eq(stage_part_verify(b.s, &b.hash, SIZE, &e), 1);
	bench_close(&b);
}

Test(stage, the_longest_part_is_found)
{
	struct hash other, found;
	struct bench b;
	struct err e;
	int k;

	bench_open(&b);
	cr_expect_eq(stage_find_part(b.f, &found), 0);
	cr_assert_eq(tree_remove(fs_real(), b.t.fd, ".erpsync/recv", &e), 0);
	cr_expect_eq(stage_find_part(b.f, &found), 0);
	reopen(&b);
	cr_assert_eq(
	    stage_part_append(b.s, &b.hash, 0, b.content, 1000, &e), 0);
	memset(&other, 7, sizeof(other));
	cr_assert_eq(stage_part_append(b.s, &other, 0, b.content, 10, &e), 0);
	/* In whatever order they are listed. */
	for (k = 1; k <= 8; k++) {
		memset(&found, 8 * k, sizeof(found));
		cr_assert_eq(
		    stage_part_append(b.s, &found, 0, b.content, 1, &e), 0);
	}
	tempdir_text(&b.t, ".erpsync/recv/no.part", "longer? no", -1);
	cr_assert_eq(stage_find_part(b.f, &found), 1000);
	cr_expect(hash_equal(&found, &b.hash));
	cr_assert_eq(stage_part_remove(b.s, &b.hash, &e), 0);
	cr_assert_eq(stage_find_part(b.f, &found), 10);
	cr_expect(hash_equal(&found, &other));
	bench_close(&b);
}

/* Unfinished contents of a killed run go, and nothing else. */
Test(stage, what_was_being_made_goes_at_the_next_start)
{
	struct stage *second;
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_mkdir(&b.t, ".erpsync/recv/09");
	tempdir_text(&b.t, ".erpsync/recv/09/a.tmp", "half", -1);
	make_home(&b);
	tempdir_text(&b.t, name_of(&b, ".tmp"), "half", -1);
	tempdir_text(&b.t, name_of(&b, ""), "whole", -1);
	tempdir_text(&b.t, ".erpsync/recv/!.tmp", "the first", -1);
	tempdir_text(&b.t, ".erpsync/recv/a.tmp", "half", -1);
	tempdir_text(&b.t, ".erpsync/recv/.tmp", "no name of ours", -1);
	tempdir_text(&b.t, ".erpsync/recv/b.tmp2", "whole", -1);
	cr_assert_eq(stage_open(b.f, &second, &e), 0, "%s", e.msg);
	stage_close(second);
	cr_expect_not(tempdir_has(&b.t, ".erpsync/recv/!.tmp"));
	cr_expect_not(tempdir_has(&b.t, ".erpsync/recv/a.tmp"));
	cr_expect_not(tempdir_has(&b.t, ".erpsync/recv/09"));
	cr_expect_not(tempdir_has(&b.t, name_of(&b, ".tmp")));
	cr_expect(tempdir_has(&b.t, name_of(&b, "")));
	cr_expect(tempdir_has(&b.t, ".erpsync/recv/.tmp"));
	cr_expect(tempdir_has(&b.t, ".erpsync/recv/b.tmp2"));
	bench_close(&b);
}

/* Wherever its hash lies. */
Test(stage, what_was_verified_is_forgotten_at_the_end)
{
	static const uint8_t begins[] = {0, 0xff};
	struct staged *n;
	struct stage *s;
	struct bench b;
	struct err e;
	size_t i;

	bench_open(&b);
	alloc_watch();
	cr_assert_eq(stage_open(b.f, &s, &e), 0, "%s", e.msg);
	for (i = 0; i < 2; i++) {
		cr_assert_not_null(n = calloc(1, sizeof(*n)));
		memset(n->hash.b, begins[i], HASH_LEN);
		s->verified[i == 0 ? 0 : STAGE_BUCKETS - 1] = n;
	}
	stage_close(s);
	cr_expect_eq(alloc_kept(), 0);
	bench_close(&b);
}

Test(stage, a_part_that_is_not_the_blob_goes)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(
	    stage_part_append(b.s, &b.hash, 0, b.content, SIZE - 1, &e), 0);
	cr_assert_eq(stage_part_append(b.s, &b.hash, SIZE - 1, "!", 1, &e), 0);
	cr_assert_eq(stage_part_verify(b.s, &b.hash, SIZE, &e), 0);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, ".part")));
	bench_close(&b);
}

static int
next_session(struct bench *b, struct err *e)
{
	stage_close(b->s);
	b->s = NULL;
	return stage_open(b->f, &b->s, e);
}

/* A part is received in two pieces, looked at, and is gone. */
static int
receive_part(struct bench *b, struct err *e)
{
	uint64_t len = 9;
	int rc, fd;

	if ((rc = stage_part_append(b->s, &b->hash, 0, b->content, 9, e)) !=
		0 ||
	    (rc = next_session(b, e)) != 0 ||
	    (rc = stage_part_len(b->s, &b->hash, &len, e)) != 0)
		return rc;
	if (len != 9)
		return SWEEP_WRONG;
	if ((rc = stage_part_append(
		 b->s, &b->hash, 9, b->content + 9, SIZE - 9, e)) != 0 ||
	    (rc = next_session(b, e)) != 0 ||
	    (rc = stage_part_verify(b->s, &b->hash, SIZE, e)) < 0)
		return rc;
	if (rc != 1)
		return SWEEP_WRONG;
	if ((fd = stage_part_open(b->s, &b->hash, e)) < 0)
		return fd;
	fs_close_quietly(folder_fs(b->f), &fd);
	if ((rc = stage_part_remove(b->s, &b->hash, e)) != 0)
		return rc;
	return tempdir_has(&b->t, name_of(b, ".part")) ? SWEEP_WRONG : 0;
}

/* A content is made of a blob, and another one of a file. */
static int
make_contents(struct bench *b, struct err *e)
{
	int rc;

	if ((rc = put(b, e)) != 0 ||
	    (rc = stage_copy(b->s, "live", &b->live, 4, e)) != 0 ||
	    (rc = stage_has(b->s, &b->hash, SIZE, e)) < 0)
		return rc;
	/* One that cannot be opened is received again. */
	return rc == 1 ? 0 : err_set(e, ERP_NOTFOUND, "not there");
}

static int
on_a_new_stage(struct bench *b, const struct fs *fs,
    int (*work)(struct bench *b, struct err *e), struct err *e)
{
	struct folder_options opt = {.fs = fs, .clock = clock_real()};
	int rc;

	cr_assert_eq(tree_remove(fs_real(), b->t.fd, ".erpsync", e), 0);
	if ((rc = folder_open(b->t.path, &opt, &b->f, e)) == 0 &&
	    (rc = stage_open(b->f, &b->s, e)) == 0)
		rc = work(b, e);
	stage_close(b->s);
	folder_close(b->f);
	b->s = NULL;
	b->f = NULL;
	return rc;
}

static int
parts(void *arg, const struct fs *fs, struct err *e)
{
	return on_a_new_stage(arg, fs, receive_part, e);
}

static int
contents(void *arg, const struct fs *fs, struct err *e)
{
	return on_a_new_stage(arg, fs, make_contents, e);
}

Test(stage, each_call_that_fails_is_told)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	stage_close(b.s);
	folder_close(b.f);
	tempdir_text(&b.t, "live", "live", -1);
	cr_assert_eq(hash_bytes("live", 4, &b.live, &e), 0);
	SWEEP(fs_real(), parts, &b);
	SWEEP(fs_real(), contents, &b);
	reopen(&b);
	bench_close(&b);
}

/* Made here, not received. */
static int
add_and_read(struct bench *b, struct err *e)
{
	struct buf in, out;
	struct hash h;
	int rc;

	buf_init(&in, SIZE);
	buf_init(&out, SIZE);
	if ((rc = buf_append(&in, "merged", 6, e)) == 0 &&
	    (rc = stage_add(b->s, &in, &h, e)) == 0 &&
	    (rc = stage_read(b->s, &h, 6, &out, e)) == 0 &&
	    (out.len != 6 || memcmp(buf_data(&out), "merged", 6) != 0))
		rc = SWEEP_WRONG;
	buf_release(&in);
	buf_release(&out);
	return rc;
}

static int
bytes(void *arg, const struct fs *fs, struct err *e)
{
	return on_a_new_stage(arg, fs, add_and_read, e);
}

Test(stage, bytes_that_are_added_can_be_read)
{
	struct names list = {NULL, 0, 0};
	struct hash h, empty;
	struct buf b;
	struct bench s;
	struct err e;

	bench_open(&s);
	buf_init(&b, 100);
	cr_assert_eq(hash_bytes("", 0, &empty, &e), 0);
	cr_assert_eq(stage_add(s.s, &b, &h, &e), 0, "%s", e.msg);
	cr_expect(hash_equal(&h, &empty));
	cr_assert_eq(names_read(fs_real(), s.s->dir, ".", &list, &e), 0);
	cr_expect_eq(list.n, 0, "of nothing there is no file");
	names_release(&list);
	cr_assert_eq(buf_append(&b, "x", 1, &e), 0);
	cr_assert_eq(stage_add(s.s, &b, &h, &e), 0, "%s", e.msg);
	cr_assert_eq(names_read(fs_real(), s.s->dir, ".", &list, &e), 0);
	cr_expect_eq(list.n, 1);
	names_release(&list);
	cr_expect_eq(stage_read(s.s, &s.hash, SIZE, &b, &e), ERP_NOTFOUND);
	cr_expect_not_null(strstr(e.msg, "was not received"), "%s", e.msg);
	cr_assert_eq(stage_read(s.s, &empty, 0, &b, &e), 0);
	cr_expect_eq(b.len, 1);
	buf_release(&b);
	stage_close(s.s);
	folder_close(s.f);
	SWEEP(fs_real(), bytes, &s);
	reopen(&s);
	bench_close(&s);
}

Test(stage, empty_content_needs_nothing)
{
	struct hash empty;
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(hash_bytes("", 0, &empty, &e), 0);
	cr_assert_eq(stage_has(b.s, &empty, 0, &e), 1);
	cr_assert_eq(stage_has(b.s, &b.hash, 0, &e), 0);
	cr_assert_eq(stage_take(b.s, &empty, 0, "taken", &e), 0);
	cr_assert(tempdir_is_text(&b.t, ".erpsync/taken", ""));
	bench_close(&b);
}

/* The file of that name changed in place since it was looked at. */
Test(stage, a_local_file_of_other_bytes_is_not_taken)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_write(&b.t, "mine", b.content, SIZE, 1000);
	cr_assert_eq(
	    stage_copy(b.s, "mine", &b.hash, SIZE, &e), 0, "%s", e.msg);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	bench_close(&b);
	bench_open(&b);
	b.content[SIZE / 2] ^= 1;
	tempdir_write(&b.t, "mine", b.content, SIZE, 1000);
	cr_assert_eq(stage_copy(b.s, "mine", &b.hash, SIZE, &e), ERP_MISMATCH);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, "")));
	cr_assert_not(tempdir_has(&b.t, name_of(&b, ".new")));
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	bench_close(&b);
}

Test(stage, taken_twice_is_copied)
{
	struct fs_stat staged, one, two;
	struct bench b;
	struct err e;

	bench_open(&b);
	cr_assert_eq(stage_take(b.s, &b.hash, SIZE, "one", &e), ERP_NOTFOUND);
	cr_assert_eq(put(&b, &e), 0);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, name_of(&b, ""), &staged), 0);
	cr_assert_eq(stage_take(b.s, &b.hash, SIZE, "one", &e), 0);
	cr_assert_eq(stage_take(b.s, &b.hash, SIZE, "two", &e), 0);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, ".erpsync/one", &one), 0);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, ".erpsync/two", &two), 0);
	cr_assert_eq(one.ino, staged.ino);
	cr_assert_neq(one.ino, two.ino);
	cr_assert_eq(two.size, SIZE);
	cr_assert_eq(stage_clear(b.f, &e), 0);
	cr_assert_not(tempdir_has(&b.t, name_of(&b, "")));
	bench_close(&b);
}

static size_t
names_in_recv(struct bench *b)
{
	struct names list = {NULL, 0, 0};
	struct err e;
	size_t n;

	cr_assert_eq(names_read(fs_real(), b->s->dir, ".", &list, &e), 0);
	n = list.n;
	names_release(&list);
	return n;
}

Test(stage, a_full_disk_gets_back_what_was_received)
{
	struct fs_fault fault;
	struct bench b;
	struct hash id;
	struct err e;

	bench_open(&b);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	cr_assert_eq(hash_bytes("id", 2, &id, &e), 0);
	cr_assert_eq(stage_part_append(b.s, &id, 0, "x", 1, &e), 0);
	cr_assert_eq(names_in_recv(&b), 2);
	fs_fault_init(&fault, fs_real());
	fs_fault_arm(&fault, FAULT_ONCE, 2, ENOSPC);
	b.s->fs = &fault.fs;
	cr_assert_eq(put(&b, &e), ERP_NOSPACE);
	cr_assert_eq(names_in_recv(&b), 0);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 0);
	fs_fault_arm(&fault, FAULT_NONE, 0, 0);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	cr_assert_eq(stage_part_append(b.s, &id, 0, "x", 1, &e), 0);
	fs_fault_arm(&fault, FAULT_ONCE, 1, ENOSPC);
	cr_assert_eq(stage_part_append(b.s, &id, 1, "y", 1, &e), ERP_NOSPACE);
	cr_assert_eq(names_in_recv(&b), 0);
	b.s->fs = fs_real();
	bench_close(&b);
}

/* Of what somebody put there under such a name nothing is told. */
Test(stage, what_is_no_file_was_not_received)
{
	struct fs_stat st;
	struct bench b;

	bench_open(&b);
	tempdir_mkdir(&b.t, name_of(&b, ""));
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, name_of(&b, ""), &st), 0);
	cr_expect_not(stage_peek(b.f, &b.hash, st.size));
	tempdir_mkdir(&b.t, name_of(&b, STAGE_PART));
	cr_expect_eq(stage_peek_part(b.f, &b.hash), 0);
	bench_close(&b);
}

/* It is made again for the next content. */
Test(stage, a_home_that_nobody_can_open_goes)
{
	struct bench b;
	struct err e;
	char *home;

	bench_open(&b);
	make_home(&b);
	home = name_of(&b, "");
	*strrchr(home, '/') = '\0';
	tempdir_chmod(&b.t, home, 0);
	reopen(&b);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	cr_assert_eq(stage_has(b.s, &b.hash, SIZE, &e), 1);
	bench_close(&b);
}

/* A server that never finishes leaves no more than one release and one part. */
Test(stage, what_the_release_does_not_name_is_trimmed)
{
	static const char *const suffixes[] = {
	    STAGE_PART, STAGE_PART, STAGE_PART, "", ".park", ".parts"};
	/* What is no part is newer than the parts. */
	static const int64_t times[] = {998, 1000, 999, 2000, 2000, 2000};
	enum { N = sizeof(suffixes) / sizeof(suffixes[0]), WANTED = 9 };
	char name[N][100], own[STAGE_NAME_BYTES], path[100];
	struct hash wanted[WANTED];
	struct manifest want;
	struct entry en;
	struct bench b;
	struct hash h;
	struct err e;
	int k;

	bench_open(&b);
	cr_assert_eq(put(&b, &e), 0, "%s", e.msg);
	for (k = 0; k < N; k++) {
		memset(h.b, k + 1, sizeof(h.b));
		stage_name(own, &h, suffixes[k]);
		(void)snprintf(
		    name[k], sizeof(name[k]), ".erpsync/recv/%s", own);
		tempdir_text(&b.t, name[k], "bytes", times[k]);
	}
	tempdir_text(&b.t, ".erpsync/recv/junk", "x", -1);
	/* No folder, whatever its name, and one that nobody can look into.
	 * If there is something in it, it goes for root alone. */
	tempdir_text(&b.t, ".erpsync/recv/00/junk", "x", -1);
	tempdir_chmod(&b.t, ".erpsync/recv/00", 0);
	tempdir_text(&b.t, ".erpsync/recv/0a", "x", -1);
	tempdir_symlink(&b.t, "..", ".erpsync/recv/0b");
	tempdir_mkdir(&b.t, ".erpsync/recv/0c");
	tempdir_chmod(&b.t, ".erpsync/recv/0c", 0);
	tempdir_mkdir(&b.t, ".erpsync/recv/0d");
	tempdir_text(&b.t, ".erpsync/recv/0d/junk", "x", -1);
	/* Contents that are wanted stay, in whatever order, and those that an
	 * earlier erpsync left in recv/ itself get their place. */
	for (k = 0; k < WANTED; k++) {
		memset(wanted[k].b, 23 * (k + 1), sizeof(wanted[k].b));
		stage_name(own, &wanted[k], "");
		(void)snprintf(path, sizeof(path), ".erpsync/recv/%s", own);
		tempdir_text(&b.t, path, "bytes", 1000);
		cr_expect(stage_peek(b.f, &wanted[k], 5), "%d", k);
		cr_expect_not(stage_peek(b.f, &wanted[k], 4), "%d", k);
		cr_expect_not(stage_peek_trimmed(b.f, &wanted[k], 5));
	}
	manifest_init(&want, PATH_OS_LINUX);
	memset(&en, 0, sizeof(en));
	en.path = own;
	en.type = ENTRY_FILE;
	en.content.size = SIZE;
	en.content.known = true;
	en.content.hash = b.hash;
	cr_assert_eq(manifest_add(&want, &en, &e), 0);
	for (k = 0; k < WANTED; k++) {
		en.content.hash = wanted[k];
		cr_assert_eq(manifest_add(&want, &en, &e), 0);
	}
	cr_assert_eq(stage_trim(b.f, &want, &e), 0, "%s", e.msg);
	for (k = 0; k < N; k++) /* the newest part */
		cr_assert_eq(tempdir_has(&b.t, name[k]), k == 1, "%s", name[k]);
	for (k = 0; k < WANTED; k++)
		cr_assert_eq(
		    stage_peek_trimmed(b.f, &wanted[k], 5), 1, "%d", k);
	for (k = 0xa; k <= 0xd; k++) {
		(void)snprintf(path, sizeof(path), ".erpsync/recv/0%x", k);
		cr_expect_not(tempdir_has(&b.t, path), "%s", path);
	}
	cr_assert_not(tempdir_has(&b.t, ".erpsync/recv/junk"));
	cr_assert_eq(stage_peek(b.f, &b.hash, SIZE), 1);
	manifest_release(&want);
	bench_close(&b);
}

/* An earlier erpsync's content that can have no place makes room. */
Test(stage, a_trim_needs_no_room)
{
	struct manifest want;
	struct fs_fault fault;
	struct bench b;
	struct entry en;
	char own[STAGE_NAME_BYTES], path[100];
	struct err e;

	bench_open(&b);
	memset(&en, 0, sizeof(en));
	stage_name(own, &b.hash, "");
	(void)snprintf(path, sizeof(path), ".erpsync/recv/%s", own);
	tempdir_text(&b.t, path, "bytes", -1);
	tempdir_text(&b.t, ".erpsync/recv/zzz", "x", -1);
	manifest_init(&want, PATH_OS_LINUX);
	en.path = own;
	en.type = ENTRY_FILE;
	en.content.known = true;
	en.content.hash = b.hash;
	cr_assert_eq(manifest_add(&want, &en, &e), 0);
	fs_fault_init(&fault, fs_real());
	fs_fault_arm(&fault, FAULT_ONCE, 1, ENOSPC);
	b.f->fs = &fault.fs;
	cr_expect_eq(stage_trim(b.f, &want, &e), 0);
	b.f->fs = fs_real();
	cr_expect_eq(names_in_recv(&b), 0);
	manifest_release(&want);
	bench_close(&b);
}

static int rmdir_fails;

static int
failing_rmdir(void *ctx, int dir, const char *name)
{
	return rmdir_fails != 0 ? -rmdir_fails
				: fs_real()->ops->rmdir(ctx, dir, name);
}

/* Else a finished update would leave its folders for ever. */
Test(stage, a_home_that_cannot_go_is_told)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, ".erpsync/recv/ab/junk", "x", -1);
	ops.rmdir = failing_rmdir;
	b.f->fs = &odd;
	rmdir_fails = EIO;
	cr_expect_eq(stage_clear(b.f, &e), ERP_IO);
	cr_expect_not_null(
	    strstr(e.msg, ".erpsync/recv: remove ab: "), "%s", e.msg);
	b.f->fs = fs_real();
	cr_expect(tempdir_has(&b.t, ".erpsync/recv/ab"));
	cr_expect_eq(stage_clear(b.f, &e), 0);
	cr_expect_not(tempdir_has(&b.t, ".erpsync/recv/ab"));
	bench_close(&b);
}

/* A thing of others keeps neither the rest, nor the next update. */
Test(stage, what_cannot_go_keeps_nothing_else)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs odd = {&ops, NULL};
	struct bench b;
	struct stage *stage;
	struct err e;

	bench_open(&b);
	tempdir_text(&b.t, ".erpsync/recv/00/stays", "x", -1);
	tempdir_text(&b.t, ".erpsync/recv/00/x.tmp", "x", -1);
	tempdir_text(&b.t, ".erpsync/recv/stays", "x", -1);
	tempdir_text(&b.t, ".erpsync/recv/zz", "x", -1);
	tempdir_text(&b.t, ".erpsync/recv/ff/more", "x", -1);
	ops.unlink = fs_keep_stays;
	b.f->fs = &odd;
	cr_assert_eq(stage_open(b.f, &stage, &e), 0, "%s", e.msg);
	stage_close(stage);
	cr_expect_not(tempdir_has(&b.t, ".erpsync/recv/00/x.tmp"));
	cr_expect_eq(stage_clear(b.f, &e), ERP_AUTH);
	cr_expect_not_null(strstr(e.msg, "remove stays"), "%s", e.msg);
	cr_expect(tempdir_has(&b.t, ".erpsync/recv/00/stays"));
	cr_expect(tempdir_has(&b.t, ".erpsync/recv/stays"));
	cr_expect_not(tempdir_has(&b.t, ".erpsync/recv/zz"));
	cr_expect_not(tempdir_has(&b.t, ".erpsync/recv/ff"));
	b.f->fs = fs_real();
	bench_close(&b);
}
