/* Both sessions together, over a memory pipe: the whole main job. */
#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/release/compile.h"
#include "engine/tree/filter.h"
#include "tests/support/pair.h"
#include "transport/station/station_internal.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BIG = 3 * 1024 * 1024 };

/* Bytes that do not compress, the same for the same seed. */
static void
fill_noise(uint8_t *p, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = (uint8_t)(seed >> 24);
	}
}

static void
write_noise(
    struct tempdir *t, const char *path, size_t n, uint32_t seed, int64_t mtime)
{
	uint8_t *p = malloc(n);

	cr_assert_not_null(p);
	fill_noise(p, n, seed);
	tempdir_write(t, path, p, n, mtime);
	free(p);
}

/* An update folder: small texts, an empty file, a link, a big program. */
static void
make_update(struct pair *p)
{
	struct tempdir *t = &p->server_dir;

	tempdir_text(t, "update/smartclient.ini", "[config]\n", 1000000000);
	tempdir_text(
	    t, "update/dlls/platforms/qwindows.dll", "dll", 1000000001);
	tempdir_text(t, "update/empty", "", 1000000002);
	tempdir_text(t, "update/same1", "twice the same", 1000000003);
	tempdir_text(t, "update/same2", "twice the same", 1000000004);
	tempdir_symlink(t, "smartclient.ini", "update/link.ini");
	write_noise(t, "update/program", BIG, 1, 1000000005);
	tempdir_chmod(t, "update/program", 0755);
}

/* Both folders, the update published, and the usual options. */
static struct station_options
open_published(struct pair *p)
{
	pair_open(p);
	make_update(p);
	pair_publish(p);
	return pair_options(p);
}

/* A session that has to end well. */
static void
run_well(struct pair *p, const struct station_options *opt)
{
	pair_run(p, opt);
	cr_assert_eq(p->rc, 0, "%s", p->error);
}

/* Is the station's folder what the update folder is, our own files and one
 * name aside? */
static void
check_equal_but(struct pair *p, const char *extra)
{
	char cmd[4096];

	(void)snprintf(cmd, sizeof(cmd),
	    "diff -r --no-dereference -x .erpsync -x 'bkp_remote.*' -x '%s' "
	    "%s/update %s",
	    extra, p->server_dir.path, p->client.path);
	cr_assert_eq(system(cmd), 0, "folders differ");
	(void)snprintf(cmd, sizeof(cmd),
	    "cd %s/update && find . ! -type d -printf '%%p %%T@ %%y\\n' | "
	    "sort >%s.a && cd %s && find . \\( -name .erpsync -o -name "
	    "'bkp_remote.*' -o -name '%s' \\) -prune -o ! -type d -printf "
	    "'%%p %%T@ %%y\\n' | sort | cmp - %s.a && rm %s.a",
	    p->server_dir.path, p->client.path, p->client.path, extra,
	    p->client.path, p->client.path);
	cr_assert_eq(system(cmd), 0, "times differ");
}

static void
check_equal(struct pair *p)
{
	check_equal_but(p, "nothing-but-this");
}

Test(station, fills_an_empty_folder_and_then_has_nothing_to_do)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	cr_expect(p.reported && p.report_has_result && !p.report_failed);
	cr_expect_eq(p.report_outcome, OUTCOME_UPDATED);
	check_equal(&p);
	cr_expect_eq(p.sent, p.really_sent);
	cr_expect_eq(p.received, p.really_received);

	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_CURRENT);
	cr_expect_eq(p.blob_bytes, 0);
	cr_expect_lt(p.really_sent + p.really_received, 400,
	    "a no-op weighs %llu bytes",
	    (unsigned long long)(p.really_sent + p.really_received));
	cr_expect(!tempdir_has(&p.client, "bkp_remote.002"));

	/* Nor does it open where it would receive. */
	cr_expect(tempdir_has(&p.client, ".erpsync/recv"));
	cr_assert_eq(unlinkat(p.client.fd, ".erpsync/recv", AT_REMOVEDIR), 0);
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_CURRENT);
	cr_expect(!tempdir_has(&p.client, ".erpsync/recv"));
	pair_close(&p);
}

/* The station has an edited copy that the server never saw. */
static void
give_edited_program(struct pair *p)
{
	uint8_t *bytes = malloc(BIG);

	cr_assert_not_null(bytes);
	fill_noise(bytes, BIG, 1);
	memset(bytes + BIG / 2, 'x', 1000);
	tempdir_write(&p->client, "program", bytes, BIG, 900000000);
	tempdir_chmod(&p->client, "program", 0755);
	free(bytes);
}

Test(station, unknown_basis_costs_its_sums_and_a_delta)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	make_update(&p);
	pair_publish(&p);
	give_edited_program(&p);
	opt = pair_options(&p);
	run_well(&p, &opt);
	check_equal(&p);
	cr_expect_eq(p.deltas, 1);
	cr_expect_lt(p.received, BIG / 100);
	cr_expect_lt(p.sent, BIG / 100);
	pair_close(&p);
}

/* The published program, edited by the station, has a next version; where
 * moved, what was edited is not in its place either. */
static void
update_edited_program(struct pair *p, bool moved)
{
	struct station_options opt = pair_options(p);
	uint8_t *bytes = malloc(BIG);

	cr_assert_not_null(bytes);
	make_update(p);
	pair_publish(p);
	pair_run(p, &opt);
	cr_assert_eq(p->rc, 0, "%s", p->error);
	give_edited_program(p);
	fill_noise(bytes, BIG, 1);
	if (moved) {
		memmove(bytes + 1, bytes, BIG - 1);
		tempdir_write(&p->client, "program", bytes, BIG, 900000000);
		memmove(bytes, bytes + 1, BIG - 1);
	}
	memset(bytes + 1000, 'y', 500);
	tempdir_write(&p->server_dir, "update/program", bytes, BIG, 1000000077);
	free(bytes);
	pair_publish(p);
	pair_run(p, &opt);
	cr_assert_eq(p->rc, 0, "%s", p->error);
	check_equal(p);
	cr_expect_eq(p->deltas, 1);
}

Test(station, a_program_edited_in_place_costs_three_bytes_a_block)
{
	struct pair p;

	pair_open(&p);
	update_edited_program(&p, false);
	/* 878 sums; down come, from noise, the block and both edits. */
	cr_expect_lt(p.sent, 878 * 3 + 300);
	cr_expect_lt(p.received, 8000);
	pair_close(&p);
}

Test(station, a_program_edited_by_moving_costs_both_kinds_of_sums)
{
	struct pair p;

	pair_open(&p);
	update_edited_program(&p, true);
	/* Measured: 23,638 up, of which 2,634 were in vain. */
	cr_expect_gt(p.sent, 20000);
	cr_expect_lt(p.sent, 25000);
	cr_expect_lt(p.received, 4000);
	pair_close(&p);
}

Test(station, known_basis_costs_no_sums)
{
	struct station_options opt;
	uint8_t *bytes = malloc(BIG);
	struct pair p;

	cr_assert_not_null(bytes);
	opt = open_published(&p);
	run_well(&p, &opt);
	fill_noise(bytes, BIG, 1);
	memset(bytes + 1000, 'y', 500);
	tempdir_write(&p.server_dir, "update/program", bytes, BIG, 1000000077);
	pair_publish(&p);
	run_well(&p, &opt);
	check_equal(&p);
	cr_expect_eq(p.deltas, 1);
	cr_expect_lt(p.sent, 300);
	cr_expect_lt(p.received, 10000);
	free(bytes);
	pair_close(&p);
}

Test(station, dry_run_says_the_exact_bytes_and_changes_nothing)
{
	struct station_options opt;
	uint64_t sent, received;
	struct pair p;

	pair_open(&p);
	make_update(&p);
	pair_publish(&p);
	give_edited_program(&p);
	tempdir_text(&p.client, "same2", "something else", 5);
	tempdir_text(&p.client, "mine.txt", "unmanaged", 5);
	opt = pair_options(&p);
	opt.dry_run = true;
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_DRY_RUN);
	cr_expect_eq(p.changed_n, 2);
	cr_expect_eq(p.extra_n, 1);
	cr_expect(!tempdir_has(&p.client, ".erpsync"));
	cr_expect(!tempdir_has(&p.client, "empty"));
	sent = p.sent;
	received = p.received;

	opt.dry_run = false;
	run_well(&p, &opt);
	cr_expect_eq(p.really_sent, sent, "%llu sent, %llu predicted",
	    (unsigned long long)p.really_sent, (unsigned long long)sent);
	cr_expect_eq(p.really_received, received, "%llu received, %llu said",
	    (unsigned long long)p.really_received,
	    (unsigned long long)received);
	cr_expect(tempdir_is_text(&p.client, "mine.txt", "unmanaged"));
	pair_close(&p);
}

Test(station, time_only_travels_without_content)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	run_well(&p, &opt);
	tempdir_touch(&p.server_dir, "update/program", 1100000000, 0);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	cr_expect_eq(p.meta_n, 1);
	cr_expect_eq(p.blob_bytes, 0);
	check_equal(&p);
	pair_close(&p);
}

Test(station, two_thousand_small_files_share_their_round_trips)
{
	struct station_options opt;
	char name[64], text[64];
	struct pair p;
	int i;

	pair_open(&p);
	for (i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof(name), "update/f%04d", i);
		(void)snprintf(text, sizeof(text), "content %d", i);
		tempdir_text(&p.server_dir, name, text, 1000000000 + i);
	}
	pair_publish(&p);
	opt = pair_options(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.new_n, 2000);
	check_equal(&p);
	pair_close(&p);
}

/* It is counted with what stays, and nothing of it is waited for. */
Test(station, what_a_person_leaves_out_is_not_new)
{
	struct station_options opt;
	struct filter filter;
	struct pair p;
	struct err e;

	pair_open(&p);
	tempdir_text(&p.server_dir, "update/a.txt", "comes", 1000000000);
	tempdir_text(&p.server_dir, "update/b.log", "stays away", 1000000000);
	pair_publish(&p);
	filter_init(&filter);
	cr_assert_eq(filter_add(&filter, "*.log", &e), 0);
	opt = pair_options(&p);
	opt.filter = &filter;
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	cr_expect_eq(p.new_n, 1);
	cr_expect_eq(p.same_n, 1);
	cr_expect(tempdir_has(&p.client, "a.txt"));
	cr_expect_not(tempdir_has(&p.client, "b.log"));
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_CURRENT);
	pair_close(&p);
	filter_release(&filter);
}

Test(station, any_piece_size_of_the_pipe_will_do, .timeout = 300)
{
	static const size_t pieces[] = {1, 7, 500, 65536};
	struct station_options opt;
	struct pair p;
	size_t i;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		pair_open(&p);
		tempdir_text(&p.server_dir, "update/a", "alpha", 1000000000);
		write_noise(&p.server_dir, "update/b", 70000, 3, 1000000000);
		pair_publish(&p);
		p.piece = pieces[i];
		opt = pair_options(&p);
		run_well(&p, &opt);
		check_equal(&p);
		pair_close(&p);
	}
}

Test(station, a_broken_link_continues_where_it_was)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	p.cut_after = 2 * 1024 * 1024;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST);
	cr_expect(!tempdir_has(&p.client, "smartclient.ini"));
	p.cut_after = 0;
	run_well(&p, &opt);
	check_equal(&p);
	cr_expect_lt(p.really_received, BIG - 2 * 1024 * 1024 + 100 * 1024);
	pair_close(&p);
}

/* A line that breaks again and again brings it all the same: what it brought
 * of a blob, however small, is not asked for twice. */
static void
break_again_and_again(struct pair *p, uint64_t bytes_each)
{
	struct station_options opt = pair_options(p);
	uint64_t all = 0;
	int sessions = 0;

	p->cut_after = bytes_each;
	do {
		pair_run(p, &opt);
		all += p->really_received;
		cr_assert(p->rc == 0 || p->rc == ERP_LOST, "%s", p->error);
		cr_assert_lt(++sessions, 12);
	} while (p->rc != 0);
	cr_expect_gt(sessions, 4);
	cr_expect_lt(all, 800000 + (uint64_t)sessions * 70000);
	check_equal(p);
}

Test(station, a_small_blob_continues_where_it_was)
{
	struct pair p;

	pair_open(&p);
	tempdir_mkdir(&p.server_dir, "update");
	write_noise(&p.server_dir, "update/one.dll", 800000, 5, 1000000000);
	pair_publish(&p);
	break_again_and_again(&p, 150000);
	pair_close(&p);
}

Test(station, a_group_continues_where_it_was)
{
	struct pair p;
	char name[32];
	unsigned i;

	pair_open(&p);
	tempdir_mkdir(&p.server_dir, "update");
	for (i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "update/%u.dll", i);
		write_noise(&p.server_dir, name, 20000, i, 1000000000);
	}
	pair_publish(&p);
	break_again_and_again(&p, 150000);
	pair_close(&p);
}

/* To two files of one size, both of which get the same end, one delta leads. */
static void
write_ends(struct tempdir *t, size_t end)
{
	static uint8_t bytes[900000];
	char name[32];
	unsigned i;

	for (i = 1; i <= 2; i++) {
		fill_noise(bytes, 600000, i);
		fill_noise(bytes + 600000, end, 7);
		(void)snprintf(name, sizeof(name), "update/%u.dll", i);
		tempdir_write(
		    t, name, bytes, 600000 + end, 1000000000 + (int64_t)end);
	}
}

Test(station, a_part_that_two_files_have_goes_on_for_one)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	opt = pair_options(&p);
	tempdir_mkdir(&p.server_dir, "update");
	write_ends(&p.server_dir, 0);
	pair_publish(&p);
	run_well(&p, &opt);
	write_ends(&p.server_dir, 300000);
	pair_publish(&p);
	p.cut_after = 150000;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST, "%s", p.error);
	p.cut_after = 0;
	run_well(&p, &opt);
	check_equal(&p);
	pair_close(&p);
}

/* A session breaks off and leaves a part, to which somebody adds. */
static void
leave_a_part_too_long(struct pair *p, const struct station_options *opt)
{
	struct names list = {NULL, 0, 0};
	size_t i, parts = 0;
	struct err e;
	int dir, fd;

	p->cut_after = 2 * 1024 * 1024;
	pair_run(p, opt);
	cr_assert_eq(p->rc, ERP_LOST);
	p->cut_after = 0;
	dir =
	    fs_open(fs_real(), p->client.fd, ".erpsync/recv", FS_DIRECTORY, 0);
	cr_assert_eq(names_read(fs_real(), dir, ".", &list, &e), 0);
	for (i = 0; i < list.n; i++) {
		if (strstr(list.v[i], ".part") == NULL)
			continue;
		fd = fs_open(fs_real(), dir, list.v[i], FS_WRITE, 0);
		cr_assert_eq(fs_truncate(fs_real(), fd, 4 * (uint64_t)BIG), 0);
		fs_close_quietly(fs_real(), &fd);
		parts++;
	}
	cr_assert_eq(parts, 1);
	names_release(&list);
	fs_close_quietly(fs_real(), &dir);
}

Test(station, a_part_that_is_longer_than_its_blob_is_none)
{
	struct station_options opt, look;
	struct pair p;
	uint64_t foretold;

	opt = open_published(&p);
	leave_a_part_too_long(&p, &opt);
	look = opt;
	look.dry_run = true;
	pair_run(&p, &look);
	cr_assert_eq(p.rc, 0, "%s", p.error);
	foretold = p.received;
	run_well(&p, &opt);
	check_equal(&p);
	cr_expect_eq(p.received, foretold);
	cr_expect_gt(p.received, BIG);
	pair_close(&p);
}

/* As builds do that give all their files one date. */
Test(station, a_content_that_changed_under_its_date_is_updated)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	tempdir_mkdir(&p.server_dir, "update");
	tempdir_text(&p.server_dir, "update/a", "one", 1000000000);
	tempdir_text(&p.server_dir, "update/b", "both", 1000000000);
	pair_publish(&p);
	opt = pair_options(&p);
	run_well(&p, &opt);
	tempdir_text(&p.server_dir, "update/new", "two", 1000000000);
	cr_assert_eq(fs_rename(fs_real(), p.server_dir.fd, "update/new",
			 p.server_dir.fd, "update/a", true),
	    0);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.changed_n, 1);
	check_equal(&p);
	pair_close(&p);
}

/* The server has found a better blob meanwhile: what came of the first one
 * is not in vain. */
Test(station, a_broken_link_goes_on_with_the_blob_it_has, .timeout = 300)
{
	enum { PART = 1536 * 1024 };
	struct compile_request req = {.one = {.has_basis = true}};
	struct compile_answer quick, best;
	uint8_t *old = malloc(BIG), *new = malloc(BIG);
	struct station_options opt;
	struct pair p;
	struct err e;
	size_t i;

	cr_assert(old != NULL && new != NULL);
	fill_noise(old, BIG, 5);
	fill_noise(new, BIG, 6);
	memcpy(new, old, BIG / 8);
	for (i = BIG / 8; i < BIG; i++)
		new[i] &= 0x7f;
	/* Copies so short that only the background looks for them. */
	for (i = BIG / 8; i + 64 <= BIG; i += 64)
		memcpy(new + i, old + i * 7919 % (BIG - 64), 20);
	pair_open(&p);
	tempdir_mkdir(&p.server_dir, "update");
	tempdir_write(&p.server_dir, "update/program", old, BIG, 1000000000);
	pair_publish(&p);
	opt = pair_options(&p);
	run_well(&p, &opt);
	req.one.basis = p.served->manifest.v[0].content.hash;
	tempdir_write(&p.server_dir, "update/program", new, BIG, 1000000002);
	pair_publish(&p);
	req.one.target = p.served->manifest.v[0].content.hash;
	req.one.basis_size = req.one.target_size = BIG;
	p.cut_after = PART;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST);
	cr_assert_eq(compile_blob(p.store, &req, &quick, &e), 0);
	cr_assert(quick.provisional);
	cr_assert_eq(compile_best(p.store, &req, NULL, &e), 0);
	cr_assert_eq(compile_blob(p.store, &req, &best, &e), 0);
	cr_assert_not(hash_equal(&quick.blob.id, &best.blob.id));
	p.cut_after = 0;
	run_well(&p, &opt);
	cr_expect_lt(p.really_received, quick.blob.len - PART + 100 * 1024);
	pair_close(&p);
	free(old);
	free(new);
}

Test(station, damage_on_the_wire_changes_nothing)
{
	static const uint64_t where[] = {3, 20, 200, 100000, 1000000};
	struct station_options opt;
	struct pair p;
	size_t i;

	for (i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		pair_open(&p);
		make_update(&p);
		tempdir_text(&p.client, "smartclient.ini", "mine", 77);
		pair_publish(&p);
		opt = pair_options(&p);
		p.damage_at = where[i];
		pair_run(&p, &opt);
		/* Of the preface, and of a header, nothing can be told. */
		cr_expect_eq(p.rc, where[i] <= 20 ? ERP_PROTO : ERP_LOST,
		    "damage at %llu: %d %s", (unsigned long long)where[i], p.rc,
		    p.error);
		cr_expect(
		    tempdir_is_text(&p.client, "smartclient.ini", "mine"));
		cr_expect(!tempdir_has(&p.client, "program"));
		p.damage_at = 0;
		run_well(&p, &opt);
		check_equal(&p);
		pair_close(&p);
	}
}

Test(station, asks_only_when_builds_do_not_fit)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	(void)strcpy(p.policy.build, "7.00.191205P");
	make_update(&p);
	pair_publish(&p);
	opt = pair_options(&p);
	opt.build = "7.00.170117A";
	p.answer = false;
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 1);
	cr_expect_eq(p.outcome, OUTCOME_DECLINED);
	cr_expect_eq(p.report_outcome, OUTCOME_DECLINED);
	cr_expect(!tempdir_has(&p.client, "program"));

	p.answer = true;
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 1);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	check_equal(&p);

	opt.agreed = true;
	tempdir_touch(&p.server_dir, "update/empty", 1200000000, 0);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 0);
	check_equal(&p);
	pair_close(&p);
}

/* Whoever put it there: it is that build, and nobody has to be asked. */
Test(station, equal_content_is_of_the_build_of_its_release)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	(void)strcpy(p.policy.build, "7.00.191205P");
	tempdir_text(&p.server_dir, "update/a/one", "1", 1100000000);
	tempdir_text(&p.client, "a/one", "1", 1100000000);
	pair_publish(&p);
	opt = pair_options(&p);
	opt.build = "";
	opt.dry_run = true;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_COMPATIBLE);
	opt.dry_run = false;
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 0);
	cr_expect_eq(p.outcome, OUTCOME_CURRENT);
	cr_expect(!tempdir_has(&p.client, "bkp_remote.001"));

	/* Another time is to be set, but is no question either. */
	tempdir_touch(&p.server_dir, "update/a/one", 1200000000, 0);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 0);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);

	/* Another content is. */
	tempdir_text(&p.server_dir, "update/a/one", "2", 1100000000);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 1);
	cr_expect_eq(p.outcome, OUTCOME_DECLINED);
	pair_close(&p);
}

/* A client that was started once has written to its INI. */
Test(station, an_ini_file_does_not_tell_the_build)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	(void)strcpy(p.policy.build, "7.00.191205P");
	tempdir_text(&p.server_dir, "update/a.ini", "[a]\n", 1100000000);
	tempdir_text(&p.server_dir, "update/new.ini", "[a]\n", 1100000000);
	tempdir_text(&p.client, "a.ini", "[a]\nx=1\n", 1100000001);
	pair_publish(&p);
	opt = pair_options(&p);
	opt.build = "";
	opt.dry_run = true;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_INCOMPATIBLE, "nothing tells it");
	tempdir_text(&p.server_dir, "update/prog", "1", 1100000000);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_INCOMPATIBLE, "not without it");
	tempdir_text(&p.client, "prog", "other", 1100000000);
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_INCOMPATIBLE, "nor another one");
	tempdir_text(&p.client, "prog", "1", 1100000000);
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_COMPATIBLE);
	opt.build = "7.00.170117A";
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_INCOMPATIBLE, "it is known");
	opt.build = "";
	opt.dry_run = false;
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 0);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	cr_expect(
	    tempdir_is_text(&p.client, "bkp_remote.001/a.ini", "[a]\nx=1\n"));
	pair_close(&p);
}

Test(station, a_look_finds_out_whether_there_is_something_to_do)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	opt.dry_run = opt.look = true;
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_DRY_RUN);
	cr_expect_gt(p.new_n, 0);
	cr_expect_eq(p.blob_bytes, 0, "nothing is asked for");
	cr_expect(!tempdir_has(&p.client, ".erpsync"));
	opt.dry_run = opt.look = false;
	pair_run(&p, &opt);
	opt.dry_run = opt.look = true;
	run_well(&p, &opt);
	cr_expect_eq(p.new_n + p.changed_n + p.meta_n, 0);
	pair_close(&p);
}

Test(station, folders_are_not_counted_as_files)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	opt = pair_options(&p);
	opt.remove = true;
	tempdir_mkdir(&p.server_dir, "update/a/b/c");
	tempdir_text(&p.server_dir, "update/a/b/one", "1", 1100000000);
	tempdir_symlink(&p.server_dir, "one", "update/a/b/link");
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.report_files, 2);
	tempdir_text(&p.server_dir, "update/two", "2", 1100000000);
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/a/b/link", 0), 0);
	cr_assert_eq(
	    unlinkat(p.server_dir.fd, "update/a/b/c", AT_REMOVEDIR), 0);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.report_files, 2);
	pair_close(&p);
}

/* A reloaded configuration names a new build at once, its release takes a
 * while. */
Test(station, a_build_is_announced_with_its_release)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	(void)strcpy(p.policy.build, "7.00.170117A");
	make_update(&p);
	pair_publish(&p);
	(void)strcpy(p.policy.build, "7.00.191205P");
	opt = pair_options(&p);
	opt.build = "7.00.170117A";
	p.answer = true;
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 0);
	cr_expect_str_eq(p.build, "7.00.170117A");
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);

	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.asked, 0, "it has that content");
	cr_expect_str_eq(p.build, "7.00.191205P");
	cr_expect_eq(p.outcome, OUTCOME_CURRENT);
	pair_close(&p);
}

Test(station, refusals_change_nothing)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	p.policy.enabled = false;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_DISABLED);
	cr_expect(!p.report_failed);
	p.policy.enabled = true;
	opt.os = PATH_OS_MACOSX;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_NO_PACKAGE);
	opt.os = PATH_OS_LINUX;
	p.held = true;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_NOT_NOW);
	cr_expect_eq(p.outcome, OUTCOME_CURRENT);
	p.held = false;
	p.retry_after = 30;
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_OVERLOAD);
	cr_expect_not_null(strstr(p.error,
			       "no release yet, and asks to come "
			       "again in 30 s"),
	    "%s", p.error);
	cr_expect(!tempdir_has(&p.client, "program"));
	pair_close(&p);
}

Test(station, hours_count_for_a_dry_run_only_where_it_asks_for_them)
{
	struct station_options opt;
	struct pair p;
	struct err e;

	opt = open_published(&p);
	/* It is a Thursday, or next to one. */
	cr_assert_eq(timetable_parse("sun", &p.policy.window, &e), 0);
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_NOT_NOW);
	opt.dry_run = true;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_NOT_NOW);
	opt.download_only = true;
	p.keeps = true;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_COMPATIBLE);
	cr_expect_eq(p.outcome, OUTCOME_DRY_RUN);
	cr_expect_eq(p.kept->opening.len, 0, "nothing is put in place later");
	station_free(p.kept);
	folder_close(p.kept_folder);
	p.kept = NULL;
	p.kept_folder = NULL;
	p.keeps = false;
	cr_expect_gt(p.received, p.really_received, "only foretold");
	cr_expect(!tempdir_has(&p.client, ".erpsync/fetched"));
	p.held = true;
	run_well(&p, &opt);
	cr_expect_eq(p.verdict, VERDICT_NOT_NOW);
	pair_close(&p);
}

Test(station, a_damaged_delta_is_replaced_by_the_whole_file)
{
	struct station_options opt;
	struct stat st;
	char path[600];
	struct pair p;
	uint8_t *bytes = malloc(BIG);

	cr_assert_not_null(bytes);
	opt = open_published(&p);
	run_well(&p, &opt);
	/* The station's file changes behind its stat: same size, time, inode,
	 * so the remembered hash names a basis it no longer is. */
	fill_noise(bytes, BIG, 1);
	memset(bytes + 1000, 'y', 500);
	tempdir_write(&p.server_dir, "update/program", bytes, BIG, 1000000077);
	pair_publish(&p);
	(void)snprintf(path, sizeof(path), "%s/program", p.client.path);
	cr_assert_eq(stat(path, &st), 0);
	opt.dry_run = true;
	pair_run(&p, &opt);
	opt.dry_run = false;
	memset(bytes, 'z', 4000);
	{
		FILE *f = fopen(path, "r+");

		cr_assert_not_null(f);
		cr_assert_eq(fwrite(bytes, 1, 4000, f), 4000);
		cr_assert_eq(fclose(f), 0);
	}
	tempdir_touch(&p.client, "program", st.st_mtim.tv_sec,
	    (uint32_t)st.st_mtim.tv_nsec);
	run_well(&p, &opt);
	check_equal(&p);
	free(bytes);
	pair_close(&p);
}

Test(station, a_local_change_is_repaired_without_a_manifest)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	run_well(&p, &opt);
	tempdir_text(&p.client, "smartclient.ini", "changed here", 77);
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	cr_expect_eq(p.changed_n, 1);
	cr_expect_lt(p.received, 400);
	check_equal(&p);
	pair_close(&p);
}

Test(station, the_next_manifest_is_a_difference)
{
	struct station_options opt;
	char name[64], text[64];
	uint64_t first;
	struct pair p;
	int i;

	pair_open(&p);
	for (i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "update/f%04d", i);
		(void)snprintf(text, sizeof(text), "content %d", i);
		tempdir_text(&p.server_dir, name, text, 1000000000);
	}
	pair_publish(&p);
	opt = pair_options(&p);
	run_well(&p, &opt);
	first = p.received;
	for (i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "update/f%04d", i);
		tempdir_touch(&p.server_dir, name, 1100000000, 0);
	}
	tempdir_text(&p.server_dir, "update/f0007", "new", 1100000000);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.meta_n, 499);
	cr_expect_lt(p.received, 1000, "%llu bytes, the first time %llu",
	    (unsigned long long)p.received, (unsigned long long)first);
	check_equal(&p);
	pair_close(&p);
}

Test(station, a_moved_file_costs_nothing)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	write_noise(&p.client, "old-name.dll", BIG, 1, 77);
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	cr_expect_lt(p.received, 3000);
	check_equal_but(&p, "old-name.dll");
	pair_close(&p);
}

Test(station, a_renamed_library_costs_its_delta)
{
	struct station_options opt;
	uint8_t *bytes = malloc(BIG);
	struct pair p;

	cr_assert_not_null(bytes);
	pair_open(&p);
	make_update(&p);
	write_noise(&p.server_dir, "update/lib/libfoo.so.8.18.7", BIG, 9, 999);
	pair_publish(&p);
	opt = pair_options(&p);
	opt.remove = true;
	fill_noise(bytes, BIG, 9);
	memset(bytes + 5000, 'z', 300);
	tempdir_write(&p.client, "lib/libfoo.so.8.18.6", bytes, BIG, 77);
	write_noise(&p.client, "program", BIG, 1, 77);
	/* Alike in nothing but its folder. */
	write_noise(&p.client, "lib/other.so", 5000, 3, 77);
	run_well(&p, &opt);
	cr_expect_eq(p.deltas, 1);
	cr_expect_lt(p.received, 10000);
	cr_expect(tempdir_has(&p.client, "lib/libfoo.so.8.18.7"));
	free(bytes);
	pair_close(&p);
}

/* A file of noise under another name than before, if there was one, and edited
 * at its end. */
static void
rename_edited(
    struct pair *p, const char *from, const char *to, size_t n, uint32_t seed)
{
	uint8_t *bytes = malloc(n + 6);
	char was[1100];

	cr_assert_not_null(bytes);
	fill_noise(bytes, n, seed);
	memcpy(bytes + n, "edited", 6);
	tempdir_write(&p->server_dir, to, bytes, n + 6, 2000);
	(void)snprintf(was, sizeof(was), "%s/%s", p->server_dir.path, from);
	cr_assert_eq(unlink(was), 0);
	free(bytes);
}

/* Bundles whose names say nothing but a hash of what is in them: a server that
 * knows the release before knows what each was. */
Test(station, renamed_contents_cost_their_deltas)
{
	char from[64], to[64];
	struct station_options opt;
	const uint64_t all = 41;
	struct pair p;
	uint32_t i;

	pair_open(&p);
	for (i = 0; i < 40; i++) {
		(void)snprintf(
		    from, sizeof(from), "update/part-%u.js", i * 7919);
		write_noise(&p.server_dir, from, 5000 + i, i + 1, 1000);
	}
	write_noise(&p.server_dir, "update/large-Cx8.js", BIG, 99, 1000);
	pair_publish(&p);
	opt = pair_options(&p);
	opt.remove = true;
	opt.max_delete = &all;
	run_well(&p, &opt);
	cr_expect_gt(p.received, BIG);
	for (i = 0; i < 40; i++) {
		(void)snprintf(
		    from, sizeof(from), "update/part-%u.js", i * 7919);
		(void)snprintf(to, sizeof(to), "update/%u-bit.js", i * 104729);
		rename_edited(&p, from, to, 5000 + i, i + 1);
	}
	rename_edited(&p, "update/large-Cx8.js", "update/big-Bd1.js", BIG, 99);
	pair_publish(&p);
	run_well(&p, &opt);
	cr_expect_eq(p.outcome, OUTCOME_UPDATED);
	cr_expect_lt(p.received, 6000);
	check_equal(&p);
	pair_close(&p);
}

/* Nor is anything fetched for it. */
Test(station, more_deletions_than_are_allowed_are_refused)
{
	struct station_options opt;
	const uint64_t one = 1;
	struct pair p;

	opt = open_published(&p);
	opt.remove = true;
	opt.max_delete = &one;
	run_well(&p, &opt);
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/same1", 0), 0);
	cr_assert_eq(unlinkat(p.server_dir.fd, "update/same2", 0), 0);
	write_noise(&p.server_dir, "update/fresh", BIG, 2, 1000000006);
	pair_publish(&p);
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_DELETES, "%d", p.rc);
	cr_expect_eq(p.blob_bytes, 0);
	cr_expect_lt(p.received, 10000);
	cr_expect(tempdir_has(&p.client, "same1"));
	pair_close(&p);
}

static const char *goes;

static void
remove_folder(const struct compile_request *req)
{
	char command[400];

	(void)req;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", goes);
	cr_assert_eq(system(command), 0);
}

Test(station, a_folder_that_is_removed_meanwhile_is_told)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	goes = p.client.path;
	p.watch = remove_folder;
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_HELD, "%d %s", p.rc, p.error);
	cr_expect_not_null(
	    strstr(p.error, "was removed, moved or replaced"), "%s", p.error);
	cr_expect_not_null(strstr(p.error, goes), "%s", p.error);
	cr_expect_neq(access(goes, F_OK), 0);
	/* Made anew it is a new client folder. */
	p.watch = NULL;
	cr_assert_eq(mkdir(goes, 0700), 0);
	run_well(&p, &opt);
	pair_close(&p);
}

/* Overwrite some bytes of the large one in this folder of the server's state.
 */
static void
damage_large(const struct pair *p, const char *folder)
{
	char cmd[1200];

	(void)snprintf(cmd, sizeof(cmd),
	    "f=$(find %s/state/%s -type f -size +2M) && [ -n \"$f\" ] && "
	    "printf 'not this' | dd of=\"$f\" bs=1 seek=2000000 conv=notrunc "
	    "status=none",
	    p->server_dir.path, folder);
	cr_assert_eq(system(cmd), 0);
}

/* Its disk damages a blob that the server has checked and sent before: nobody
 * takes it for good, and the next station gets one made anew. */
Test(station, a_blob_damaged_while_it_is_served_is_repaired)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	run_well(&p, &opt);
	damage_large(&p, "blob");
	tempdir_close(&p.client);
	tempdir_open(&p.client);
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_LOST, "%d %s", p.rc, p.error);
	cr_expect(!tempdir_has(&p.client, "program"));
	run_well(&p, &opt);
	check_equal(&p);
	pair_close(&p);
}

/* The same of a content, of which the station has nothing: it says so by asking
 * again, and the server drops it. */
Test(station, a_content_damaged_while_it_is_served_is_found)
{
	struct station_options opt;
	struct pair p;

	pair_open(&p);
	make_update(&p);
	pair_publish(&p);
	damage_large(&p, "content");
	opt = pair_options(&p);
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_LOST, "%d %s", p.rc, p.error);
	cr_expect(strstr(p.error, "damaged") != NULL, "%s", p.error);
	cr_expect(!tempdir_has(&p.client, "program"));
	/* As a server does by itself. */
	pair_publish(&p);
	run_well(&p, &opt);
	check_equal(&p);
	pair_close(&p);
}

/* The manifest names a file of the user, and asks for all that can be told. */
Test(station, a_server_learns_nothing_of_what_is_not_its_own)
{
	static const char *const names[] = {"local.dat", "smartclient.ini"};
	struct station_options opt;
	struct pair p;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pair_open(&p);
		tempdir_mkdir(&p.server_dir, "update");
		write_noise(&p.server_dir, "update/a.png", 5000, 1, 1000000000);
		write_noise(&p.client, names[i], 5000, 1, 77);
		pair_publish(&p);
		opt = pair_options(&p);
		opt.dry_run = i == 0;
		run_well(&p, &opt);
		/* As if the content were not here. */
		cr_expect_gt(p.blob_bytes, 4900);
		pair_close(&p);
	}
}

Test(station, an_id_that_is_none_is_refused)
{
	struct station_options opt;
	struct pair p;

	opt = open_published(&p);
	opt.station_id = "PC 07";
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_USAGE);
	cr_expect_not_null(
	    strstr(p.error, "station id PC 07: use"), "%s", p.error);
	cr_expect_eq(p.sent, 0);
	pair_close(&p);
}

/* The real disk below another name, which creates one file not for a while. */
static struct fs_ops refusing;
static const struct fs refusing_fs = {&refusing, NULL};
static const char *refusing_root;
static bool refuses;
static char refused[HASH_HEX_LEN + 1]; /* the content */

static int
open_refusing_root(void *ctx, const char *path)
{
	(void)path;
	return fs_real()->ops->root.open(ctx, refusing_root);
}

static int
open_refusing(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	if (refuses && (flags & FS_CREATE) != 0 &&
	    strstr(path, refused) != NULL)
		return -EIO;
	return fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* What was received of a large file is not lost because it cannot be unpacked
 * now. */
Test(station, a_blob_outlives_a_disk_that_takes_no_content)
{
	uint8_t *bytes = malloc(BIG);
	struct station_options opt;
	struct hash hash;
	struct pair p;

	cr_assert_not_null(bytes);
	fill_noise(bytes, BIG, 1);
	cr_assert_eq(hash_bytes(bytes, BIG, &hash, NULL), 0);
	hash_hex(&hash, refused);
	free(bytes);
	opt = open_published(&p);
	refusing = *fs_real()->ops;
	refusing.root.open = open_refusing_root;
	refusing.root.trusted = NULL;
	refusing.open = open_refusing;
	refusing_root = p.client.path;
	refuses = true;
	p.client_fs = &refusing_fs;
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_IO, "%d %s", p.rc, p.error);
	cr_expect_gt(p.received, BIG);
	refuses = false;
	run_well(&p, &opt);
	cr_expect_lt(p.received, BIG / 2);
	check_equal(&p);
	pair_close(&p);
}

static uint64_t
told_ms(void *ctx)
{
	return *(const uint64_t *)ctx;
}

/* How fast the list of files came: not what came with its first bytes, and
 * nothing of so few bytes or so short a time. */
Test(station, the_rate_is_that_of_the_list_of_files)
{
	static const struct {
		size_t bytes;
		uint64_t ms, rate;
	} rows[] = {{65536, 50, 1310720}, {65535, 50, 0}, {65536, 49, 0},
	    {1000000, 2000, 500000}};
	uint64_t now;
	const struct clock clock = {.monotonic_ms = told_ms, .ctx = &now};
	struct station s;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&s, 0, sizeof(s));
		s.opt.clock = &clock;
		s.state = STATE_WELCOME;
		now = 1000;
		manifest_measure(&s, 5000000);
		cr_expect_eq(manifest_rate(&s), 0);
		s.state = STATE_MANIFEST;
		now = 7000;
		manifest_measure(&s, 4000000);
		now += rows[i].ms / 2;
		manifest_measure(&s, rows[i].bytes - 1000);
		now += rows[i].ms - rows[i].ms / 2;
		manifest_measure(&s, 1000);
		s.state = STATE_TRANSFER;
		now += 5000;
		manifest_measure(&s, 1);
		cr_expect_eq(manifest_rate(&s), rows[i].rate, "row %zu", i);
	}
}

/* Not by the preface alone, nor only in the session that it came in. */
Test(station, knows_that_a_server_has_answered)
{
	static const struct {
		uint64_t cut_after;
		bool is_answered;
	} links[] = {{5, false}, {PREFACE_LEN, false}, {300, true}, {5, true}};
	struct station_options opt;
	struct pair p;
	size_t i;

	opt = open_published(&p);
	p.keeps = true;
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		p.cut_after = links[i].cut_after;
		pair_run(&p, &opt);
		cr_assert_eq(p.rc, ERP_LOST, "%zu: %s", i, p.error);
		cr_expect_eq(station_report(p.kept)->is_answered,
		    links[i].is_answered, "link %zu", i);
	}
	station_free(p.kept);
	folder_close(p.kept_folder);
	p.kept = NULL;
	p.kept_folder = NULL;
	pair_close(&p);
}
