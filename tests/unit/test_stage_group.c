/* One blob, many contents: each is right, or not there. */
#include "engine/apply/folder.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/delta/patch/patch.h"
#include "tests/support/fs_fault.h"
#include "tests/support/starve.h"
#include "tests/support/streams.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 20, OLD = 3000, NEW = 3010 };

/* Of 20 files every fifth is new, the others were changed a little. */
static struct tempdir dir;
static struct folder *folder;
static struct stage *stage;
static struct stage_member members[FILES];
static struct hash hashes[FILES];
static char names[FILES][16];
static uint8_t olds[FILES][OLD], news[FILES][NEW];
static struct buf blob; /* a patch */
static struct err e;

static size_t
new_len(size_t i)
{
	return i % 2 == 0 ? NEW : NEW - i;
}

static void
make_blob(void)
{
	struct sink to = sink_of_buf(&blob);
	struct buf bases, targets;
	struct patch_pair pair;
	size_t i;

	buf_init(&bases, SIZE_MAX);
	buf_init(&targets, SIZE_MAX);
	buf_init(&blob, SIZE_MAX);
	for (i = 0; i < FILES; i++) {
		if (members[i].basis_path != NULL)
			cr_assert_eq(buf_append(&bases, olds[i], OLD, &e), 0);
		cr_assert_eq(buf_append(&targets, news[i], new_len(i), &e), 0);
	}
	pair.basis = buf_data(&bases);
	pair.basis_len = bases.len;
	pair.target = buf_data(&targets);
	pair.target_len = targets.len;
	pair.effort = PATCH_BEST;
	cr_assert_eq(patch_make(&pair, &to, &e), 0, "%s", e.msg);
	buf_release(&bases);
	buf_release(&targets);
}

static void
begin(void)
{
	struct folder_options opt = {.fs = fs_real(), .clock = clock_real()};
	size_t i;

	tempdir_open(&dir);
	for (i = 0; i < FILES; i++) {
		fill_noise(olds[i], OLD, (uint32_t)i);
		memcpy(news[i], olds[i], OLD);
		memcpy(news[i] + 1000, "changed", 7);
		fill_noise(news[i] + OLD, NEW - OLD, 77);
		cr_assert_eq(
		    hash_bytes(news[i], new_len(i), &hashes[i], &e), 0);
		(void)snprintf(names[i], sizeof(names[i]), "d/file%zu", i);
		members[i].want = &hashes[i];
		members[i].size = new_len(i);
		if (i % 5 == 0)
			continue;
		members[i].basis_path = names[i];
		members[i].basis_size = OLD;
		tempdir_write(&dir, names[i], olds[i], OLD, -1);
	}
	make_blob();
	cr_assert_eq(folder_open(dir.path, &opt, &folder, &e), 0);
	cr_assert_eq(stage_open(folder, &stage, &e), 0);
}

static void
end(void)
{
	stage_close(stage);
	folder_close(folder);
	buf_release(&blob);
	tempdir_close(&dir);
}

TestSuite(stage_group, .init = begin, .fini = end);

static int
put(size_t most)
{
	struct drip d = drip_of(buf_data(&blob), blob.len, most);
	struct source src = source_of_drip(&d);

	return stage_put_group(stage, CODEC_PATCH, &src, members, FILES, &e);
}

static int
count(void *arg, const struct stage_sight *it, struct err *err)
{
	(void)it;
	(void)err;
	++*(size_t *)arg;
	return 0;
}

/* What the stage says of each content is what it really has; how many it
 * has, and nothing else lies there. */
static size_t
check_stage(void)
{
	char path[200], name[STAGE_NAME_BYTES];
	size_t i, n = 0, left = 0, len;
	char *bytes;

	for (i = 0; i < FILES; i++) {
		cr_expect_eq(stage_has(stage, &hashes[i], new_len(i), &e),
		    members[i].done ? 1 : 0, "member %zu", i);
		if (!members[i].done)
			continue;
		n++;
		stage_place(name, &hashes[i]);
		(void)snprintf(path, sizeof(path), ".erpsync/recv/%s", name);
		bytes = tempdir_read(&dir, path, &len);
		cr_expect_eq(len, new_len(i));
		cr_expect_eq(memcmp(bytes, news[i], len), 0);
		free(bytes);
	}
	cr_assert_eq(stage_walk(fs_real(), stage->dir, count, &left, &e), 0);
	cr_expect_eq(left, n, "something unfinished is left");
	return n;
}

Test(stage_group, every_content_arrives)
{
	static const size_t pieces[] = {1, 100, 1 << 20};
	size_t i;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		cr_assert_eq(put(pieces[i]), 0, "%s", e.msg);
		cr_expect_eq(check_stage(), FILES);
	}
}

Test(stage_group, a_wrong_basis_spoils_only_its_own)
{
	tempdir_text(&dir, names[1], "shorter", -1);
	tempdir_text(&dir, names[2], "", -1);
	cr_assert_eq(fs_unlink(fs_real(), dir.fd, names[3]), 0);
	cr_assert_eq(fs_unlink(fs_real(), dir.fd, names[4]), 0);
	tempdir_symlink(&dir, "file6", names[4]);
	cr_assert_eq(fs_unlink(fs_real(), dir.fd, names[6]), 0);
	tempdir_mkdir(&dir, names[6]);
	olds[7][OLD - 1] ^= 1;
	tempdir_write(&dir, names[7], olds[7], OLD, -1);
	cr_assert_eq(put(1 << 20), 0, "%s", e.msg);
	cr_expect_eq(check_stage(), FILES - 6);
	cr_expect_not(members[7].done);
	cr_expect(members[5].done && members[8].done);
}

/* A basis that grew is as it was as far as anybody asks. */
Test(stage_group, a_longer_basis_does_no_harm)
{
	uint8_t longer[OLD + 50] = {0};

	memcpy(longer, olds[11], OLD);
	tempdir_write(&dir, names[11], longer, sizeof(longer), -1);
	cr_assert_eq(put(1 << 20), 0, "%s", e.msg);
	cr_expect_eq(check_stage(), FILES);
}

/* A blob in the middle of which somebody saves a file. */
struct meddler {
	struct drip d;
	bool done;
};

static int64_t
meddle_read(void *ctx, void *p, size_t n, struct err *err)
{
	struct meddler *m = ctx;
	struct source src = source_of_drip(&m->d);

	if (!m->done && m->d.pos > m->d.len / 2) {
		m->done = true;
		tempdir_text(&dir, names[18], "saved meanwhile", -1);
	}
	return src.read(src.ctx, p, n, err);
}

Test(stage_group, a_basis_that_changes_meanwhile_spoils_only_its_own)
{
	struct meddler m = {drip_of(buf_data(&blob), blob.len, 10), false};
	struct source src = {meddle_read, &m};

	cr_assert_eq(
	    stage_put_group(stage, CODEC_PATCH, &src, members, FILES, &e), 0,
	    "%s", e.msg);
	cr_assert(m.done);
	cr_expect_geq(check_stage(), FILES - 1);
}

Test(stage_group, without_any_basis)
{
	struct mem_stream m;
	struct source src = source_of_mem(&m);
	struct sink to = sink_of_buf(&blob);
	struct buf targets;
	size_t i;

	buf_init(&targets, SIZE_MAX);
	for (i = 0; i < FILES; i++) {
		members[i].basis_path = NULL;
		members[i].basis_size = 0;
		cr_assert_eq(buf_append(&targets, news[i], new_len(i), &e), 0);
	}
	m = (struct mem_stream){buf_data(&targets), targets.len, 0};
	buf_clear(&blob);
	cr_assert_eq(pack_full(&src, targets.len, 3, &to, &e), 0);
	m = (struct mem_stream){buf_data(&blob), blob.len, 0};
	cr_assert_eq(
	    stage_put_group(stage, CODEC_FULL, &src, members, FILES, &e), 0,
	    "%s", e.msg);
	cr_expect_eq(check_stage(), FILES);
	buf_release(&targets);
}

/* The blob of other sizes: too long, too short, and of unknown codecs. */
Test(stage_group, a_blob_of_another_group)
{
	struct mem_stream m = {buf_data(&blob), blob.len, 0};
	struct source src = source_of_mem(&m);

	members[FILES - 1].size--;
	cr_expect_eq(put(1 << 20), ERP_CORRUPT);
	members[FILES - 1].size += 2;
	cr_assert_eq(put(1 << 20), 0, "%s", e.msg);
	cr_expect_not(members[FILES - 1].done);
	members[FILES - 1].size--;
	cr_expect_eq(check_stage(), FILES - 1);
	cr_expect_eq(
	    stage_put_group(stage, (enum codec)77, &src, members, FILES, &e),
	    ERP_CORRUPT);
	members[4].basis_size--;
	cr_expect_eq(put(1 << 20), ERP_CORRUPT);
}

Test(stage_group, damage_anywhere_is_noticed, .timeout = 300)
{
	size_t at;
	int rc;

	for (at = 0; at < blob.len; at += 7) {
		blob.p[blob.off + at] ^= 0x10;
		rc = put(1 << 20);
		cr_expect(rc == 0 || rc == ERP_CORRUPT || rc == ERP_MISMATCH,
		    "byte %zu: %d", at, rc);
		blob.p[blob.off + at] ^= 0x10;
		(void)check_stage();
		cr_assert_eq(stage_clear(folder, &e), 0);
	}
}

static int
put_on_a_new_stage(void *arg, struct err *err)
{
	struct drip d = drip_of(buf_data(&blob), blob.len, 1 << 20);
	struct source src = source_of_drip(&d);
	size_t i;
	int rc;

	(void)arg;
	if ((rc = stage_open(folder, &stage, err)) == 0)
		rc = stage_put_group(
		    stage, CODEC_PATCH, &src, members, FILES, err);
	for (i = 0; rc == 0 && i < FILES; i++)
		if (!members[i].done)
			rc = STARVE_WRONG;
	stage_close(stage);
	stage = NULL;
	return rc;
}

Test(stage_group, all_of_it_is_there_or_memory_lacks)
{
	stage_close(stage);
	STARVE(put_on_a_new_stage, NULL);
}

Test(stage_group, failing_calls_leave_nothing_unfinished)
{
	struct fs_fault fault;
	uint64_t at;
	bool fired;
	size_t i;
	int rc;

	fs_fault_init(&fault, fs_real());
	fault.looks = true; /* at bases, too */
	stage->fs = &fault.fs;
	for (at = 1, fired = true; fired; at++) {
		fs_fault_arm(&fault, FAULT_ONCE, at, EIO);
		rc = put(1 << 20);
		fired = fault.fired;
		fs_fault_arm(&fault, FAULT_NONE, 0, 0);
		cr_expect_eq(
		    rc, fired ? ERP_IO : 0, "call %d: %s", (int)at, e.msg);
		(void)check_stage();
	}
	cr_expect_gt(at, (uint64_t)FILES);
	fs_fault_arm(&fault, FAULT_ONCE, 5, ENOSPC);
	cr_expect_eq(put(1 << 20), ERP_NOSPACE);
	for (i = 0; i < FILES; i++)
		members[i].done = false;
	cr_expect_eq(check_stage(), 0);
	stage->fs = fs_real();
}
