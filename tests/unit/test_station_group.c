/* Many small files at once: one blob, and what does not fit it by itself. */
#include "engine/apply/folder.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/delta/compress.h"
#include "tests/support/pair.h"
#include "tests/support/streams.h"
#include "transport/wire/frame.h"

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

TestSuite(station_group, .init = begin, .fini = end, .timeout = 60);

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
	cr_assert_eq(p.rc, ERP_IO);
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
	tempdir_touch(&p.client, "f0100.txt", st.mtime, st.mtime_ns);
	free(bytes);
	/* That one comes whole; then its backup is not what it was either. */
	pair_run(&p, &opt);
	cr_expect_eq(p.rc, ERP_BUSY, "%s", p.error);
	cr_expect_eq(p.deltas, FILES - 1);
}

Test(station_group, a_dry_run_says_the_exact_bytes)
{
	uint64_t sent, received, up, down, blob;
	int i;

	publish_texts(1);
	update();
	publish_texts(2);
	write_text(&p.client, ".", 7, 3);
	for (i = 0; i < 40; i++)
		write_text(&p.server_dir, "update/new", i, 5);
	pair_publish(&p);
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
	cr_expect_eq(p.items_blob, p.blob_bytes);
	cr_expect_lt(up, sent);
	cr_expect_lt(down, received);
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
	cr_assert_eq(p.rc, ERP_IO);
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
	cr_assert_eq(p.rc, ERP_IO);
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

Test(station_group, one_small_file_goes_alone)
{
	tempdir_text(&p.server_dir, "update/one", "all there is", 1000000000);
	pair_publish(&p);
	update();
	check_equal();
	cr_expect_eq(p.new_n, 1);
}

/* --- a server that misbehaves ---------------------------------------------*/

enum { BAD_FILES = 4 };

/* What the station hears up to its plan: four files, none of them there. */
static void
introduce(struct buf *b)
{
	struct msg_welcome w;
	struct manifest m;
	struct entry entry;
	struct buf raw, packed;
	char path[2] = "a";
	struct err e;
	int i;

	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < BAD_FILES; i++) {
		memset(&entry, 0, sizeof(entry));
		path[0] = (char)('a' + i);
		entry.path = path;
		entry.type = ENTRY_FILE;
		entry.size = 100;
		entry.has_hash = true;
		memset(entry.hash.b, i + 1, HASH_LEN);
		cr_assert_eq(manifest_add(&m, &entry, &e), 0);
	}
	buf_init(&raw, 1 << 20);
	buf_init(&packed, 1 << 20);
	cr_assert_eq(manifest_encode(&m, &raw, &e), 0);
	cr_assert_eq(
	    compress_bytes(buf_data(&raw), raw.len, 3, &packed, &e), 0);
	memset(&w, 0, sizeof(w));
	w.verdict = VERDICT_COMPATIBLE;
	w.manifest_len = (uint32_t)raw.len;
	w.packed_len = (uint32_t)packed.len;
	cr_assert_eq(hash_bytes(buf_data(&raw), raw.len, &w.release, &e), 0);
	cr_assert_eq(preface_encode(b, &e), 0);
	cr_assert_eq(welcome_encode(&w, b, &e), 0);
	cr_assert_eq(
	    manifest_piece_encode(buf_data(&packed), packed.len, b, &e), 0);
	buf_release(&raw);
	buf_release(&packed);
	manifest_release(&m);
}

/* What the station says to these bytes, after the introduction. */
static int
hear(const struct buf *b, struct err *e)
{
	struct folder_options fopt = {.fs = fs_real(), .clock = clock_real()};
	struct station_options own = opt;
	struct station *st;
	struct buf first;
	int step;

	buf_init(&first, 1 << 20);
	introduce(&first);
	cr_assert_eq(folder_open(p.client.path, &fopt, &own.folder, e), 0);
	cr_assert_eq(station_new(&own, &st, e), 0);
	cr_assert_eq(station_input(st, buf_data(&first), first.len, e), 0);
	while ((step = station_step(st, e)) == STATION_AGAIN)
		;
	cr_assert_eq(step, STATION_IO, "%s", e->msg);
	cr_assert_eq(station_input(st, buf_data(b), b->len, e), 0);
	while ((step = station_step(st, e)) == STATION_AGAIN)
		;
	station_free(st);
	folder_close(own.folder);
	buf_release(&first);
	return step;
}

Test(station_group, offers_that_are_none_are_refused)
{
	static const struct {
		const char *why; /* NULL: legal so far */
		struct {
			uint8_t index, codec;
			uint32_t len;
		} offer[2];
	} rows[] = {
	    {NULL, {{0, CODEC_FULL, 50}, {0}}},
	    {NULL, {{0, CODEC_PATCH, 50}, {0}}},
	    {"not its first", {{1, CODEC_FULL, 50}, {0}}},
	    {"not its first", {{3, CODEC_PATCH, 50}, {0}}},
	    {"nobody wants", {{4, CODEC_FULL, 50}, {0}}},
	    {"nobody wants", {{0, CODEC_FULL, 50}, {0, CODEC_FULL, 50}}},
	    {"nobody wants", {{0, CODEC_FULL, 50}, {2, CODEC_FULL, 50}}},
	    {"nobody wants", {{0, CODEC_FULL, 50}, {3, 0, 0}}},
	    /* Sums of no basis. */
	    {"where there is no basis", {{2, 0, 0}, {0}}},
	    {"where there is no basis", {{2, OFFER_ASK_SHORT, 0}, {0}}},
	    {"offers 1000000 bytes", {{0, CODEC_FULL, 1000000}, {0}}},
	};
	struct msg_offer o[2];
	struct buf b;
	struct err e;
	size_t i, k, n;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 1 << 20);
		memset(o, 0, sizeof(o));
		for (k = 0; k < 2; k++) {
			o[k].index = rows[i].offer[k].index;
			o[k].codec = rows[i].offer[k].codec;
			o[k].len = rows[i].offer[k].len;
		}
		n = i < 5 || i > 7 ? 1 : 2;
		cr_assert_eq(offers_encode(o, n, &b, &e), 0);
		rc = hear(&b, &e);
		if (rows[i].why == NULL) {
			cr_expect_eq(rc, STATION_IO, "row %zu: %s", i, e.msg);
		} else {
			cr_expect_eq(rc, ERP_PROTO, "row %zu", i);
			cr_expect_not_null(strstr(e.msg, rows[i].why),
			    "row %zu: %s", i, e.msg);
		}
		buf_release(&b);
	}
}

/* A blob of rubbish: every file is asked for again, whole. */
Test(station_group, rubbish_makes_every_file_wanted_again)
{
	struct msg_offer o = {0, CODEC_PATCH, {{0}}, 50};
	uint8_t rubbish[50] = {9};
	struct msg_bulk data = {0, rubbish, sizeof(rubbish)};
	struct buf b;
	struct err e;

	buf_init(&b, 1 << 20);
	cr_assert_eq(offers_encode(&o, 1, &b, &e), 0);
	cr_assert_eq(bulk_encode(MSG_DATA, &data, &b, &e), 0);
	cr_expect_eq(hear(&b, &e), STATION_IO, "%s", e.msg);
	/* And of that again is too much. */
	o.index = 2;
	o.codec = CODEC_FULL;
	data.index = 2;
	cr_assert_eq(offers_encode(&o, 1, &b, &e), 0);
	cr_assert_eq(bulk_encode(MSG_DATA, &data, &b, &e), 0);
	cr_expect_eq(hear(&b, &e), ERP_CORRUPT);
	buf_release(&b);
}
