/* What a folder remembers of INI files: bases by hash, and policies. */
#include "engine/apply/ini_base.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/ini/ini_file.h"
#include "engine/tree/ini_policy.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct bench {
	struct tempdir t; /* the client folder, and .erpsync in it */
	struct folder f;
	struct buf got;
	struct err e;
};

static void
bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	tempdir_open(&b->t);
	tempdir_mkdir(&b->t, ".erpsync");
	b->f.fs = fs_real();
	b->f.dir = b->t.fd;
	b->f.own = fs_open(b->f.fs, b->t.fd, ".erpsync", FS_DIRECTORY, 0);
	cr_assert_geq(b->f.own, 0);
	b->f.opt.clock = clock_real();
	buf_init(&b->got, INI_FILE_BYTES);
}

static void
bench_close(struct bench *b)
{
	buf_release(&b->got);
	manifest_release(&b->f.state.manifest);
	fs_close_quietly(b->f.fs, &b->f.own);
	tempdir_close(&b->t);
}

static void
keep(struct bench *b, const char *text, struct hash *hash)
{
	cr_assert_eq(hash_bytes(text, strlen(text), hash, &b->e), 0);
	cr_assert_eq(ini_base_keep(&b->f, hash, text, strlen(text), &b->e), 0,
	    "%s", b->e.msg);
}

/* Where the base of a hash lies. */
static const char *
place_of(const struct hash *hash)
{
	static char path[128];
	char hex[HASH_HEX_LEN + 1];

	hash_hex(hash, hex);
	(void)snprintf(path, sizeof(path), ".erpsync/ini/%s", hex);
	return path;
}

Test(ini_base, comes_back_as_it_was_or_not_at_all)
{
	struct hash one, none, empty;
	struct bench b;

	bench_open(&b);
	memset(&none, 7, sizeof(none));
	cr_expect_eq(ini_base_find(&b.f, &none, &b.got, &b.e), 0);
	keep(&b, "[a]\nk=1\n", &one);
	keep(&b, "", &empty);
	/* Once more is once. */
	keep(&b, "[a]\nk=1\n", &one);
	cr_expect_eq(ini_base_find(&b.f, &none, &b.got, &b.e), 0);
	cr_expect_eq(ini_base_find(&b.f, &empty, &b.got, &b.e), 1);
	cr_expect_eq(b.got.len, 0);
	cr_expect_eq(ini_base_find(&b.f, &one, &b.got, &b.e), 1);
	cr_assert_eq(b.got.len, 8);
	cr_expect_arr_eq(buf_data(&b.got), "[a]\nk=1\n", 8);
	tempdir_text(&b.t, place_of(&one), "[a]\nk=2\n", -1);
	cr_expect_eq(ini_base_find(&b.f, &one, &b.got, &b.e), 0);
	cr_expect_eq(b.got.len, 8);
	bench_close(&b);
}

static int
remove_name(const struct bench *b, const char *path)
{
	return fs_unlink(b->f.fs, b->t.fd, path);
}

/* Files cannot be read; folders can be. */
static int
fail_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	return (flags & FS_DIRECTORY) == 0
	    ? -EIO
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

static int syncs;

static int
count_fsync(void *ctx, int fd)
{
	syncs++;
	return fs_real()->ops->fsync(ctx, fd);
}

/* The folder's own name, too. */
Test(ini_base, is_durable_once_it_is_kept)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs counts = {&ops, NULL};
	struct hash hash;
	struct bench b;
	int first;

	ops.fsync = count_fsync;
	bench_open(&b);
	b.f.fs = &counts;
	keep(&b, "one", &hash);
	first = syncs;
	keep(&b, "two", &hash);
	cr_expect_eq(first, 3);
	cr_expect_eq(syncs - first, 2);
	bench_close(&b);
}

static void
install(struct bench *b, const char *path, const struct hash *hash)
{
	struct entry en = {.type = ENTRY_FILE, .content = {.known = true}};
	char name[64];

	(void)snprintf(name, sizeof(name), "%s", path);
	en.path = name;
	en.content.hash = *hash;
	cr_assert_eq(manifest_add(&b->f.state.manifest, &en, &b->e), 0);
}

Test(ini_base, goes_when_no_release_has_it)
{
	struct hash used, unused, of_program;
	struct bench b;

	bench_open(&b);
	cr_expect_eq(ini_base_trim(&b.f, &b.e), 0);
	keep(&b, "used", &used);
	keep(&b, "unused", &unused);
	keep(&b, "program", &of_program);
	tempdir_text(&b.t, ".erpsync/ini/garbage.new", "x", -1);
	install(&b, "a.ini", &used);
	install(&b, "b.exe", &of_program);
	cr_assert_eq(ini_base_trim(&b.f, &b.e), 0, "%s", b.e.msg);
	cr_expect(tempdir_has(&b.t, place_of(&used)));
	cr_expect_not(tempdir_has(&b.t, place_of(&unused)));
	cr_expect_not(tempdir_has(&b.t, place_of(&of_program)));
	cr_expect_not(tempdir_has(&b.t, ".erpsync/ini/garbage.new"));
	bench_close(&b);
}

static void
expect_brought(struct bench *b, const char *path, const char *text)
{
	b->got.len = 0;
	cr_assert_eq(ini_base_brought(&b->f, path, &b->got, &b->e), 1);
	cr_assert_eq(b->got.len, strlen(text));
	cr_expect_arr_eq(buf_data(&b->got), text, strlen(text));
}

/* A release is installed and gone, with this at that path. */
static void
pass(struct bench *b, const char *path, const char *text)
{
	struct hash hash;

	keep(b, text, &hash);
	install(b, path, &hash);
	ini_base_note(&b->f);
	cr_assert_eq(ini_base_trim(&b->f, &b->e), 0, "%s", b->e.msg);
	manifest_release(&b->f.state.manifest);
}

/* It lies there still, and nobody but a release wrote it. */
Test(ini_base, of_the_station_s_ini_outlives_its_release)
{
	static const char inside[] =
	    "smartclient.app/Contents/MacOS/smartclient.ini";
	struct bench b;

	bench_open(&b);
	cr_expect_eq(
	    ini_base_brought(&b.f, "smartclient.ini", &b.got, &b.e), 0);
	pass(&b, "SmartClient.ini", "old");
	pass(&b, "smartclient.ini", "last");
	pass(&b, "tools/smartclient.ini", "none");
	/* Not of another place, though one may come before the other. */
	pass(&b, inside, "other");
	expect_brought(&b, "smartclient.ini", "last");
	expect_brought(&b, inside, "other");
	cr_expect_eq(
	    ini_base_brought(&b.f, "tools/smartclient.ini", &b.got, &b.e), 0);
	bench_close(&b);
}

/* Its backup is not there yet, or it is not read: who knows what it has. */
Test(ini_base, stays_while_a_backup_cannot_be_asked)
{
	static const char *const why[] = {".erpsync/rotating",
	    ".erpsync/committed", "bkp_remote.003/.erpsync/state"};
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fails = {&ops, NULL};
	struct hash hash;
	struct bench b;
	size_t i;

	ops.open = fail_open;
	for (i = 0; i < sizeof(why) / sizeof(why[0]); i++) {
		bench_open(&b);
		keep(&b, "of the backup", &hash);
		tempdir_text(&b.t, why[i], "x", -1);
		b.f.fs = i == 2 ? &fails : b.f.fs;
		cr_expect_eq(ini_base_trim(&b.f, &b.e), i == 2 ? ERP_IO : 0);
		cr_expect(tempdir_has(&b.t, place_of(&hash)), "%s", why[i]);
		b.f.fs = fs_real();
		cr_expect_eq(remove_name(&b, why[i]), 0);
		cr_expect_eq(ini_base_trim(&b.f, &b.e), 0);
		cr_expect_not(tempdir_has(&b.t, place_of(&hash)));
		bench_close(&b);
	}
}

/* Without it a merge would come to something else. */
Test(ini_base, that_cannot_be_read_is_not_none)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fails = {&ops, NULL};
	struct hash hash;
	struct bench b;
	int own;

	bench_open(&b);
	keep(&b, "one", &hash);
	ops.open = fail_open;
	b.f.fs = &fails;
	cr_expect_eq(ini_base_find(&b.f, &hash, &b.got, &b.e), ERP_IO);
	/* A folder that is only looked at may have nothing of ours. */
	own = b.f.own;
	b.f.own = -1;
	cr_expect_eq(ini_base_find(&b.f, &hash, &b.got, &b.e), 0);
	b.f.own = own;
	b.f.fs = fs_real();
	bench_close(&b);
}

/* The rules of the folder as a list, until the next call. */
static const char *
recalled(struct bench *b)
{
	static char text[1024];
	struct ini_policies p = {NULL, 0, false, 0};
	struct buf out;

	buf_init(&out, sizeof(text));
	cr_assert_eq(ini_policies_recall(&b->f, &p, &b->e), 0);
	cr_assert_eq(ini_policies_text(&p, &out, &b->e), 0);
	if (out.len > 0)
		memcpy(text, buf_data(&out), out.len);
	text[out.len] = '\0';
	buf_release(&out);
	ini_policies_release(&p);
	return text;
}

Test(ini_base, policies_are_those_of_the_last_update)
{
	struct ini_policies p = {NULL, 0, false, 0};
	struct bench b;
	int own;

	bench_open(&b);
	cr_expect_str_eq(recalled(&b), "");
	cr_assert_eq(ini_policies_note(&b.f, NULL, &b.e), 0);
	cr_expect_not(tempdir_has(&b.t, ".erpsync/policy"));
	cr_assert_eq(ini_policies_add(&p, "a.ini:merge,keep", &b.e), 0);
	cr_assert_eq(ini_policies_note(&b.f, &p, &b.e), 0, "%s", b.e.msg);
	cr_expect_str_eq(recalled(&b), "a.ini:merge,*:keep");
	/* The same again is not written. */
	tempdir_touch(&b.t, ".erpsync/policy", 1000000000, 5);
	cr_assert_eq(ini_policies_note(&b.f, &p, &b.e), 0);
	cr_assert_eq(ini_policies_add(&p, "overwrite", &b.e), 0);
	cr_assert_eq(ini_policies_note(&b.f, &p, &b.e), 0);
	cr_expect_str_eq(recalled(&b), "a.ini:merge,*:keep,*:overwrite");
	/* Damaged ones are none. */
	tempdir_text(&b.t, ".erpsync/policy", "damaged", -1);
	cr_expect_str_eq(recalled(&b), "");
	cr_assert_eq(ini_policies_note(&b.f, &p, &b.e), 0);
	cr_expect_str_eq(recalled(&b), "a.ini:merge,*:keep,*:overwrite");
	own = b.f.own;
	b.f.own = -1;
	cr_expect_str_eq(recalled(&b), "");
	b.f.own = own;
	ini_policies_release(&p);
	cr_assert_eq(ini_policies_note(&b.f, &p, &b.e), 0);
	cr_expect_not(tempdir_has(&b.t, ".erpsync/policy"));
	bench_close(&b);
}
