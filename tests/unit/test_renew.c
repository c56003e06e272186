#include "engine/apply/renew.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "tests/support/fs_sim.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define NAME "bkp_remote.002"

/* A client folder whose folders cannot be renamed, with one backup. */
struct bench {
	struct sim s;
	struct folder f;
	uint64_t at; /* the change before which everything stops, or 0 */
	bool stopped;
	bool no_link; /* for a reason that is no refusal */
	int synced; /* files */
	int named; /* syncs of .erpsync while the old folder is whole */
	uint64_t digest; /* of the backup */
};

static int
stop(void *arg, struct sim *s, struct sim_call *c)
{
	struct bench *b = arg;

	b->stopped = b->stopped || (c->changes && s->changes == b->at);
	b->synced += c->kind == SIM_FSYNC && s->disk.v[c->ino].type == FS_FILE;
	b->named += c->kind == SIM_FSYNC &&
	    c->ino == sim_walk(s, "/client/.erpsync") &&
	    sim_digest(s, "/client/" NAME, SIM_ALL) == b->digest;
	return b->stopped || (b->no_link && c->kind == SIM_LINK) ? -EIO : 0;
}

static void
put(struct bench *b, const char *path, uint32_t mode)
{
	int fd = fs_open(b->f.fs, b->f.dir, path, FS_WRITE | FS_CREATE, mode);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_pwrite(b->f.fs, fd, path, strlen(path), 0), 0);
	cr_assert_eq(fs_futimes(b->f.fs, fd, (struct stamp){77, 5}), 0);
	cr_assert_eq(fs_close(b->f.fs, fd), 0);
}

static void
folder_put(struct bench *b, const char *path, uint32_t mode)
{
	cr_assert_eq(fs_mkdir(b->f.fs, b->f.dir, path, mode), 0, "%s", path);
}

static void
bench_open(struct bench *b)
{
	uint32_t lib;
	int root;

	memset(b, 0, sizeof(*b));
	sim_open(&b->s);
	b->s.no_clone = true;
	b->f.fs = &b->s.fs;
	root = fs_open_root(b->f.fs, "/");
	cr_assert_eq(fs_mkdir(b->f.fs, root, "client", 0755), 0);
	b->f.dir = fs_open(b->f.fs, root, "client", FS_DIRECTORY, 0);
	cr_assert_eq(fs_close(b->f.fs, root), 0);
	folder_put(b, ".erpsync", 0700);
	b->f.own = fs_open(b->f.fs, b->f.dir, ".erpsync", FS_DIRECTORY, 0);
	folder_put(b, NAME, 0755);
	folder_put(b, NAME "/.erpsync", 0700);
	put(b, NAME "/.erpsync/backup", 0600);
	folder_put(b, NAME "/lib", 0750);
	put(b, NAME "/lib/core.so", 0755);
	cr_assert_eq(
	    fs_symlink(b->f.fs, "core.so", b->f.dir, NAME "/lib/link"), 0);
	cr_assert_eq(fs_utimes(b->f.fs, b->f.dir, NAME "/lib/link",
			 (struct stamp){78, 0}),
	    0);
	lib = sim_walk(&b->s, "/client/" NAME "/lib");
	b->s.disk.v[lib].m[SIM_NOW].gid = 77;
	sim_attr_put(&b->s.disk, lib, "user.note", "hello", 5);
	sim_make_lower(&b->s.disk);
	b->digest = sim_digest(&b->s, "/client/" NAME, SIM_ALL);
	b->s.disk.tick += 1000;
	b->s.changes = 0;
	b->s.hook = stop;
	b->s.hook_arg = b;
}

static void
bench_close(struct bench *b)
{
	cr_assert_eq(fs_close(b->f.fs, b->f.own), 0);
	cr_assert_eq(fs_close(b->f.fs, b->f.dir), 0);
	cr_assert_eq(sim_open_fds(&b->s), 0);
	sim_close(&b->s);
}

static int
rename_it(struct bench *b, struct err *e)
{
	return renew_rename(&b->f, (struct at){b->f.dir, NAME},
	    (struct at){b->f.dir, "bkp_remote.001"}, "rename", e);
}

static void
expect_moved(struct bench *b, const char *what)
{
	cr_assert_eq(sim_walk(&b->s, "/client/" NAME), 0, "%s", what);
	cr_assert_eq(sim_digest(&b->s, "/client/bkp_remote.001", SIM_ALL),
	    b->digest, "%s", what);
}

Test(renew, a_folder_that_cannot_be_renamed_is_made_anew)
{
	struct bench b;
	struct err e;
	int k;

	for (k = 0; k < 2; k++) {
		bench_open(&b);
		b.s.no_links = k == 1;
		cr_assert_eq(fs_rename(b.f.fs, b.f.dir, NAME, b.f.dir,
				 "bkp_remote.001", false),
		    -EXDEV);
		cr_assert_eq(rename_it(&b, &e), 0, "%s", e.msg);
		expect_moved(&b, k == 1 ? "copied" : "linked");
		/* A copy is durable before the old folder goes. */
		cr_expect_eq(b.synced, k == 1 ? 2 : 0);
		/* So is its name. */
		cr_expect_eq(b.named, 1, "%d", b.named);
		bench_close(&b);
	}
}

static int
no_rename(void *ctx, int from_dir, const char *from, int to_dir, const char *to,
    bool replace)
{
	(void)ctx;
	(void)from_dir;
	(void)from;
	(void)to_dir;
	(void)to;
	(void)replace;
	return -EPERM;
}

static int
stat_protected(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	int rc = fs_real()->ops->stat(ctx, dir, name, st);

	st->fixed = strcmp(name, "lib") == 0;
	return rc;
}

/* What is to be moved, and where it is to be, can both be why not. */
Test(renew, a_folder_that_chattr_protects_is_named)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs played = {&ops, fs_real()->ctx};
	struct folder f = {.fs = &played};
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	tempdir_mkdir(&t, "lib");
	tempdir_mkdir(&t, "a");
	ops.rename = no_rename;
	ops.stat = stat_protected;
	cr_expect_eq(renew_rename(&f, (struct at){t.fd, "a"},
			 (struct at){t.fd, "lib/a"}, "move", &e),
	    ERP_AUTH);
	cr_expect_str_eq(e.msg,
	    "lib/a: its folder is immutable or append-only; take that from "
	    "the folder (chattr -ia)");
	cr_expect_eq(renew_rename(&f, (struct at){t.fd, "lib"},
			 (struct at){t.fd, "b"}, "move", &e),
	    ERP_AUTH);
	cr_expect_str_eq(e.msg,
	    "lib: is immutable or append-only; take that from it (chattr "
	    "-ia)");
	cr_expect_eq(renew_rename(&f, (struct at){t.fd, "a"},
			 (struct at){t.fd, "b"}, "move", &e),
	    ERP_AUTH);
	cr_expect_str_eq(e.msg, "move a: Operation not permitted");
	tempdir_close(&t);
}

Test(renew, a_link_that_fails_is_no_reason_to_copy)
{
	struct bench b;
	struct err e;

	bench_open(&b);
	b.no_link = true;
	cr_expect_eq(rename_it(&b, &e), ERP_IO, "%s", e.msg);
	cr_expect_eq(sim_digest(&b.s, "/client/" NAME, SIM_ALL), b.digest);
	bench_close(&b);
}

Test(renew, a_stop_anywhere_leaves_one_whole_tree)
{
	struct bench b;
	struct err e;
	uint64_t at;
	bool done = false;

	for (at = 1; !done; at++) {
		bench_open(&b);
		b.at = at;
		done = rename_it(&b, &e) == 0;
		cr_assert_eq(done, !b.stopped);
		b.s.hook = NULL;
		cr_assert_eq(renew_settle(&b.f, &e), 0, "%s", e.msg);
		cr_expect_eq(sim_walk(&b.s, "/client/" NAME ".new"), 0,
		    "what is not whole, at %d", (int)at);
		if (!done) {
			cr_assert_eq(sim_digest(&b.s, "/client/" NAME, SIM_ALL),
			    b.digest, "stopped before change %d", (int)at);
			cr_assert_eq(rename_it(&b, &e), 0, "%s", e.msg);
		}
		expect_moved(&b, "after a stop");
		bench_close(&b);
	}
	cr_assert_gt(at, 10);
}

/* Until nothing of it is left it is a backup of ours, or an empty one. */
Test(renew, removal_stopped_anywhere_is_known_as_such)
{
	struct bench b;
	struct err e;
	uint64_t at;
	bool done = false;

	for (at = 1; !done; at++) {
		bench_open(&b);
		put(&b, NAME "/!first", 0600);
		b.s.changes = 0;
		b.at = at;
		done = renew_remove(&b.f, NAME, &e) == 0;
		b.s.hook = NULL;
		if (sim_walk(&b.s, "/client/" NAME) != 0)
			cr_assert(
			    sim_walk(&b.s,
				"/client/" NAME "/.erpsync/backup") != 0 ||
				renew_is_remainder(&b.f, NAME),
			    "stopped before change %d", (int)at);
		cr_assert_eq(renew_remove(&b.f, NAME, &e), 0, "%s", e.msg);
		cr_assert_eq(sim_walk(&b.s, "/client/" NAME), 0);
		bench_close(&b);
	}
	cr_assert_gt(at, 5);
}
