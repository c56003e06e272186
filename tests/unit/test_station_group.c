/* Many small files at once: one blob, and what does not fit it by itself. */
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "tests/support/pair.h"
#include "tests/support/streams.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 300, NOISE = 200 * 1024, NOISES = 20 };

static struct pair p;
static struct station_options opt;

static void
begin(void)
{
	pair_open(&p);
	opt = pair_options(&p);
}

static void
end(void)
{
	pair_close(&p);
}

TestSuite(station_group, .init = begin, .fini = end, .timeout = 300);

/* A text of some 40 lines, of which one names the version. */
static void
write_text(struct tempdir *t, const char *dir, int i, int version)
{
	char name[64], text[4096];
	int n = 0, line;

	for (line = 0; line < 40; line++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "line %d of file %d, %d\n", line, i,
		    line == i % 40 ? version * 7919 : (line * i) % 991);
	(void)snprintf(name, sizeof(name), "%s/f%04d.txt", dir, i);
	tempdir_text(t, name, text, 1000000000 + version);
}

static void
publish_texts(int version)
{
	int i;

	for (i = 0; i < FILES; i++)
		write_text(&p.server_dir, "update", i, version);
	pair_publish(&p);
}

static void
update(void)
{
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s", p.error);
}

static void
check_equal(void)
{
	char cmd[2048];

	(void)snprintf(cmd, sizeof(cmd),
	    "diff -r -x .erpsync -x 'bkp_remote.*' %s/update %s",
	    p.server_dir.path, p.client.path);
	cr_assert_eq(system(cmd), 0, "folders differ");
}

/* The blobs of the server's store: how many; path gets another than before,
 * if there is one. */
static size_t
blobs(char path[200])
{
	struct names outer = {NULL, 0, 0}, inner = {NULL, 0, 0};
	const struct fs *fs = fs_real();
	char dir[64], one[200], before[200];
	size_t i, k, n = 0;
	struct err e;

	(void)strlcpy(before, path, sizeof(before));
	cr_assert_eq(
	    names_read(fs, p.server_dir.fd, "state/blob", &outer, &e), 0);
	for (i = 0; i < outer.n; i++) {
		(void)snprintf(dir, sizeof(dir), "state/blob/%.2s", outer.v[i]);
		cr_assert_eq(
		    names_read(fs, p.server_dir.fd, dir, &inner, &e), 0);
		for (k = 0; k < inner.n; k++, n++) {
			(void)snprintf(
			    one, sizeof(one), "%s/%.64s", dir, inner.v[k]);
			if (strcmp(one, before) != 0)
				(void)strlcpy(path, one, 200);
		}
		names_release(&inner);
	}
	names_release(&outer);
	return n;
}

/* As a progress bar counts. */
static char last_path[64];
static size_t received_n;

static void
count_received(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (ev->kind != EVENT_RECEIVE || strcmp(ev->path, last_path) == 0)
		return;
	(void)strlcpy(last_path, ev->path, sizeof(last_path));
	received_n++;
}

Test(station_group, progress_counts_every_file)
{
	const struct observer obs = {.event = count_received, .ctx = NULL};

	publish_texts(1);
	opt.obs = &obs;
	/* The bytes of the blob come in many pieces, too. */
	p.piece = 1000;
	update();
	cr_expect_eq(received_n, FILES, "%zu", received_n);
}

Test(station_group, three_hundred_files_are_one_blob)
{
	char path[200] = "";

	publish_texts(1);
	update();
	check_equal();
	cr_expect_eq(blobs(path), 1);
	publish_texts(2);
	update();
	check_equal();
	cr_expect_eq(p.changed_n, FILES);
	cr_expect_eq(p.deltas, FILES);
	cr_expect_eq(blobs(path), 2);
	/* Eight bytes up for each, ten down and its hash in the manifest. */
	cr_expect_lt(p.sent, FILES * 8 + 300);
	cr_expect_lt(p.blob_bytes, FILES * 10);
	/* Nothing of it is lost in the division. */
	cr_expect_eq(p.items_blob, p.blob_bytes);
}

Test(station_group, edited_files_come_by_themselves)
{
	char path[200] = "";
	uint64_t sent;

	publish_texts(1);
	update();
	publish_texts(2);
	opt.dry_run = true;
	update();
	sent = p.sent;
	opt.dry_run = false;
	write_text(&p.client, ".", 7, 3);
	write_text(&p.client, ".", 8, 3);
	write_text(&p.client, ".", 299, 3);
	cr_assert_eq(blobs(path), 2);
	update();
	check_equal();
	cr_expect_eq(p.deltas, FILES);
	/* The group without them, and the three. */
	cr_expect_eq(blobs(path), 2 + 1 + 3);
	cr_expect_gt(p.sent, sent + 100);
	cr_expect_lt(p.sent, sent + 3000);
}

Test(station_group, a_damaged_blob_is_replaced_by_whole_files)
{
	char path[200] = "", *bytes;
	size_t n;

	publish_texts(1);
	update();
	cr_assert_eq(blobs(path), 1);
	publish_texts(2);
	opt.dry_run = true;
	update();
	opt.dry_run = false;
	/* The server has seen that it was good. */
	cr_assert_eq(blobs(path), 2);
	bytes = tempdir_read(&p.server_dir, path, &n);
	memset(bytes + n / 2, 0x55, 10);
	tempdir_write(&p.server_dir, path, bytes, n, -1);
	free(bytes);
	update();
	check_equal();
	cr_expect_eq(p.changed_n, FILES);
	cr_expect_lt(p.deltas, FILES);
}

/* The station's file changes behind its stat, so that the remembered hash
 * names a basis it no longer is. */
Test(station_group, a_basis_that_is_not_what_it_seems)
{
	struct fs_stat st;
	char *bytes;
	size_t n;

	publish_texts(1);
	update();
	publish_texts(2);
	/* Hashes are remembered by an update that got so far. */
	opt.dry_run = true;
	update();
	opt.dry_run = false;
	p.cut_after = p.really_received - 10;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST);
	p.cut_after = 0;
	cr_assert_eq(fs_stat(fs_real(), p.client.fd, "f0100.txt", &st), 0);
	bytes = tempdir_read(&p.client, "f0100.txt", &n);
	{
		char path[600];
		FILE *f;

		memset(bytes + 100, '?', 50);
		(void)snprintf(
		    path, sizeof(path), "%s/f0100.txt", p.client.path);
		f = fopen(path, "r+");
		cr_assert_not_null(f);
		cr_assert_eq(fwrite(bytes, 1, n, f), n);
		cr_assert_eq(fclose(f), 0);
	}
	tempdir_touch(&p.client, "f0100.txt", st.mtime.s, st.mtime.ns);
	free(bytes);
	/* That one comes whole; then its backup is not what it was either. */
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_BUSY, "%s", p.error);
	cr_expect_eq(p.deltas, FILES - 1);
}

/* A dry run and then an update, which takes just what the first one said. */
static void
update_as_foretold(void)
{
	uint64_t sent, received, up, down, blob;

	opt.dry_run = true;
	update();
	sent = p.sent;
	received = p.received;
	up = p.items_sent;
	down = p.items_received;
	blob = p.items_blob;
	opt.dry_run = false;
	update();
	check_equal();
	cr_expect_eq(p.really_sent, sent);
	cr_expect_eq(p.really_received, received);
	cr_expect_eq(p.items_sent, up);
	cr_expect_eq(p.items_received, down);
	cr_expect_eq(p.items_blob, blob);
}

Test(station_group, a_dry_run_says_the_exact_bytes)
{
	int i;

	publish_texts(1);
	update();
	publish_texts(2);
	write_text(&p.client, ".", 7, 3);
	for (i = 0; i < 40; i++)
		write_text(&p.server_dir, "update/new", i, 5);
	pair_publish(&p);
	update_as_foretold();
	cr_expect_eq(p.items_blob, p.blob_bytes);
	cr_expect_lt(p.items_sent, p.really_sent);
	cr_expect_lt(p.items_received, p.really_received);
}

static void
publish_noise(void)
{
	uint8_t *bytes = malloc(NOISE);
	char name[64];
	int i;

	cr_assert_not_null(bytes);
	for (i = 0; i < NOISES; i++) {
		fill_noise(bytes, NOISE, (uint32_t)i + 1);
		(void)snprintf(name, sizeof(name), "update/noise%02d", i);
		tempdir_write(&p.server_dir, name, bytes, NOISE, 1000000000);
	}
	free(bytes);
	pair_publish(&p);
}

Test(station_group, a_broken_link_continues_where_it_was)
{
	enum { ALL = NOISES * NOISE, CUT = 3 * 1024 * 1024 };
	uint64_t received;

	publish_noise();
	p.cut_after = CUT;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST);
	p.cut_after = 0;
	opt.dry_run = true;
	update();
	received = p.received;
	opt.dry_run = false;
	update();
	check_equal();
	cr_expect_eq(p.really_received, received);
	cr_expect_lt(p.really_received, ALL - CUT + 200 * 1024);
}

Test(station_group, what_came_is_not_asked_for_again)
{
	uint8_t *bytes = malloc(4 * 1024 * 1024);
	uint64_t at_least = 3 * 1024 * 1024;

	cr_assert_not_null(bytes);
	publish_texts(1);
	fill_noise(bytes, 4 * 1024 * 1024, 5);
	tempdir_write(
	    &p.server_dir, "update/large", bytes, 4 * 1024 * 1024, 1000000000);
	free(bytes);
	pair_publish(&p);
	p.cut_after = at_least;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST);
	p.cut_after = 0;
	update();
	check_equal();
	/* No group any more: a single want. */
	cr_expect_lt(p.sent, 300);
	cr_expect_lt(p.received, 4 * 1024 * 1024 - at_least + 300 * 1024);
}

Test(station_group, more_files_than_a_group_or_the_window_holds)
{
	char name[64], text[64];
	int i;

	for (i = 0; i < 4500; i++) {
		(void)snprintf(name, sizeof(name), "update/f%05d", i);
		(void)snprintf(text, sizeof(text), "content %d", i);
		tempdir_text(&p.server_dir, name, text, 1000000000);
	}
	pair_publish(&p);
	update();
	cr_expect_eq(p.new_n, 4500);
	check_equal();
	cr_expect_lt(p.sent, 2 * 4500 + 1000);
}

Test(station_group, without_deltas_it_is_whole_files_in_one_blob)
{
	char path[200] = "";

	publish_texts(1);
	update();
	publish_texts(2);
	opt.whole_file = true;
	update();
	check_equal();
	cr_expect_eq(p.deltas, 0);
	cr_expect_eq(blobs(path), 2);
	cr_expect_lt(p.sent, FILES * 2 + 300);
}

/* The station's copy of each of the texts, with a letter of its own. */
static void
edit_texts(int from, int to)
{
	char name[64], *bytes;
	size_t n;

	for (; from < to; from++) {
		(void)snprintf(name, sizeof(name), "f%04d.txt", from);
		bytes = tempdir_read(&p.client, name, &n);
		bytes[700] = 'X';
		tempdir_write(&p.client, name, bytes, n, 1200000000);
		free(bytes);
	}
}

/* A dry run says the exact bytes, however they arrive. */
Test(station_group, the_cut_of_the_pipe_costs_nothing)
{
	static const size_t pieces[] = {100000, 5000, 1000, 300, 50, 1};
	uint64_t sent, received;
	size_t i;

	publish_texts(1);
	update();
	edit_texts(0, FILES);
	publish_texts(2);
	opt.dry_run = true;
	update();
	sent = p.sent;
	received = p.received;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		p.piece = pieces[i];
		update();
		cr_expect_eq(p.sent, sent, "pieces of %zu", pieces[i]);
		cr_expect_eq(p.received, received, "pieces of %zu", pieces[i]);
	}
}

Test(station_group, three_hundred_edited_files_are_one_blob)
{
	char path[200] = "";

	publish_texts(1);
	update();
	edit_texts(0, FILES);
	publish_texts(2);
	update();
	check_equal();
	cr_expect_eq(p.changed_n, FILES);
	cr_expect_eq(p.deltas, FILES);
	cr_expect_eq(blobs(path), 2);
	/* Measured: 4046 up, of which six bytes of sums for each; 26745 down,
	 * of which 15248 of the blob. */
	cr_expect_lt(p.sent, FILES * (8 + 6) + 100);
	cr_expect_lt(p.received, 28000);
	cr_expect_lt(p.blob_bytes, 16000);
}

/* Some that the server knows, some edited, some as long and moved by a byte,
 * and some that have grown: all in one update. */
Test(station_group, edited_files_of_every_kind)
{
	char path[200] = "", name[64], *bytes;
	size_t n;
	int i;

	publish_texts(1);
	update();
	edit_texts(20, 60);
	for (i = 60; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "f%04d.txt", i);
		bytes = tempdir_read(&p.client, name, &n);
		memmove(bytes + 1, bytes, n - 1);
		/* It grows by the NUL behind it. */
		tempdir_write(
		    &p.client, name, bytes, n + (i >= 80), 1200000000);
		free(bytes);
	}
	publish_texts(2);
	update();
	check_equal();
	cr_expect_eq(p.changed_n, FILES);
	/* Those that have grown came by themselves. */
	cr_expect_eq(blobs(path), 1 + 1 + 20);
	cr_expect_eq(p.items_blob, p.blob_bytes);
}

Test(station_group, a_dry_run_says_the_exact_bytes_of_sums)
{
	publish_texts(1);
	update();
	edit_texts(0, 200);
	publish_texts(2);
	update_as_foretold();
}

/* Sums that came, and a link that broke before their blob was there. */
Test(station_group, a_link_that_breaks_behind_the_questions)
{
	publish_texts(1);
	update();
	edit_texts(0, FILES);
	publish_texts(2);
	opt.dry_run = true;
	update();
	opt.dry_run = false;
	p.cut_after = p.really_received + 5000;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST);
	p.cut_after = 0;
	update();
	check_equal();
	cr_expect_eq(p.deltas, FILES);
}

/* The same with another second half. */
static void
publish_half_noise(void)
{
	uint8_t *bytes = malloc(NOISE);
	char name[64];
	int i;

	cr_assert_not_null(bytes);
	for (i = 0; i < NOISES; i++) {
		fill_noise(bytes, NOISE, (uint32_t)i + 1);
		fill_noise(bytes + NOISE / 2, NOISE / 2, (uint32_t)i + 1001);
		(void)snprintf(name, sizeof(name), "update/noise%02d", i);
		tempdir_write(&p.server_dir, name, bytes, NOISE, 1100000000);
	}
	free(bytes);
	pair_publish(&p);
}

/* Edited in place, every fifth by a byte more, which is another kind of
 * sums: they cross once, and their hashes when the link has broken. */
Test(station_group, sums_are_not_sent_again)
{
	uint64_t whole, first;
	char name[64], *bytes;
	size_t n;
	int i;

	publish_noise();
	update();
	for (i = 0; i < NOISES; i++) {
		(void)snprintf(name, sizeof(name), "noise%02d", i);
		bytes = tempdir_read(&p.client, name, &n);
		bytes[700] ^= 1;
		tempdir_write(
		    &p.client, name, bytes, n - (i % 5 == 0), 1200000000);
		free(bytes);
	}
	publish_half_noise();
	opt.dry_run = true;
	update();
	whole = p.really_sent;
	opt.dry_run = false;
	p.keeps = true;
	p.cut_after = p.really_received + NOISES * NOISE / 4;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, ERP_LOST);
	cr_expect_geq(p.really_sent, whole);
	first = p.really_sent;
	p.cut_after = 0;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s", p.error);
	cr_expect_lt(p.really_sent, first / 2, "%llu of %llu",
	    (unsigned long long)p.really_sent, (unsigned long long)first);
	check_equal();
}

Test(station_group, one_small_file_goes_alone)
{
	tempdir_text(&p.server_dir, "update/one", "all there is", 1000000000);
	pair_publish(&p);
	update();
	check_equal();
	cr_expect_eq(p.new_n, 1);
}
