/*
 * Whole conversations of a station whose disk folds names: what it asks for
 * goes by the order of the release, whatever its own spelling.
 */
#include "engine/base/fs.h"
#include "tests/support/fs_sim.h"
#include "tests/support/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct sim disk;
static struct pair p;
static int client;

static void
begin(void)
{
	int root;

	sim_open(&disk);
	disk.disk.v[SIM_ROOT].folds = true;
	root = fs_open_root(&disk.fs, "/");
	cr_assert_eq(fs_mkdir(&disk.fs, root, "client", 0755), 0);
	cr_assert_eq(fs_close(&disk.fs, root), 0);
	client = fs_open_root(&disk.fs, "/client");
	pair_open(&p);
	p.client_fs = &disk.fs;
}

static void
end(void)
{
	pair_close(&p);
	cr_assert_eq(fs_close(&disk.fs, client), 0);
	cr_assert_eq(sim_open_fds(&disk), 0);
	sim_close(&disk);
}

TestSuite(station_folds, .init = begin, .fini = end);

static void
put(const char *path, const char *text)
{
	int fd = fs_open(&disk.fs, client, path, FS_WRITE | FS_CREATE, 0644);

	cr_assert_geq(fd, 0, "%s", path);
	cr_assert_eq(fs_pwrite(&disk.fs, fd, text, strlen(text), 0), 0);
	cr_assert_eq(fs_close(&disk.fs, fd), 0);
}

static bool
holds(const char *path, const char *text)
{
	char got[64];
	int fd = fs_open(&disk.fs, client, path, FS_READ, 0);
	int64_t n;

	if (fd < 0)
		return false;
	n = fs_pread(&disk.fs, fd, got, sizeof(got), 0);
	cr_assert_eq(fs_close(&disk.fs, fd), 0);
	return n == (int64_t)strlen(text) && memcmp(got, text, (size_t)n) == 0;
}

static void
run(bool dry)
{
	struct station_options opt = pair_options(&p);

	opt.dry_run = dry;
	opt.agreed = true;
	opt.remove = true;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s", p.error);
}

/* A dry run, then the update, which is as it said. */
static void
update(size_t new_n, size_t changed_n, size_t same_n)
{
	uint64_t sent, received;
	int dry;

	for (dry = 1; dry >= 0; dry--) {
		run(dry == 1);
		cr_assert_eq(p.new_n, new_n, "new: %zu", p.new_n);
		cr_assert_eq(p.changed_n, changed_n, "%zu", p.changed_n);
		cr_assert_eq(p.same_n, same_n, "same: %zu", p.same_n);
		cr_assert_eq(p.extra_n, 1);
		if (dry == 1) {
			sent = p.sent;
			received = p.received;
		}
	}
	cr_assert_eq(p.outcome, OUTCOME_UPDATED);
	cr_assert_eq(p.sent, sent);
	cr_assert_eq(p.received, received);
}

Test(station_folds, a_group_comes_in_the_order_of_the_release)
{
	struct tempdir *server = &p.server_dir;

	/* In the release B, D, a, c; in the folder A, C, b, d. */
	put("A", "mine");
	put("C", "mine");
	put("b", "mine");
	put("d", "mine");
	put("user", "mine");
	tempdir_text(server, "update/B", "b of one", 1000);
	tempdir_text(server, "update/D", "d of one", 1000);
	tempdir_text(server, "update/a", "a of one", 1000);
	tempdir_text(server, "update/c", "c of one", 1000);
	pair_publish(&p);
	update(0, 4, 0);
	cr_assert(holds("A", "a of one"));
	cr_assert(holds("b", "b of one"));
	cr_assert(holds("C", "c of one"));
	cr_assert(holds("d", "d of one"));
	/* The next release renames, changes and adds. */
	tempdir_text(server, "update/B", "b of two", 2000);
	tempdir_text(server, "update/a", "a of two", 2000);
	tempdir_text(server, "update/E", "e of two", 2000);
	pair_publish(&p);
	update(1, 2, 2);
	cr_assert(holds("A", "a of two"));
	cr_assert(holds("b", "b of two"));
	cr_assert(holds("C", "c of one"));
	cr_assert(holds("E", "e of two"));
	cr_assert(holds("user", "mine"));
	run(false);
	cr_assert_eq(p.outcome, OUTCOME_CURRENT);
	cr_assert_eq(p.same_n, 5);
}
