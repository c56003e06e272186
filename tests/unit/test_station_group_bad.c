/* A server that misbehaves while the files of a group are on their way. */
#include "engine/apply/folder.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/delta/compress.h"
#include "tests/support/pair.h"
#include "transport/wire/frame.h"

#include <criterion/criterion.h>
#include <string.h>

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

TestSuite(station_group_bad, .init = begin, .fini = end, .timeout = 60);

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

Test(station_group_bad, offers_that_are_none_are_refused)
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
Test(station_group_bad, rubbish_makes_every_file_wanted_again)
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
