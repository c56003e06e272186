/* A server that misbehaves while the files of a group are on their way. */
#include "engine/apply/folder.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/delta/compress/compress.h"
#include "tests/support/pair.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <stdio.h>
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

TestSuite(station_group_bad, .init = begin, .fini = end, .timeout = 300);

enum { BAD_FILES = 4 };

static uint32_t untold; /* bytes of the manifest */

/* What the station hears up to its plan: four files, none of them there. */
static void
introduce(struct buf *b)
{
	struct msg_welcome w;
	struct manifest m;
	struct entry entry;
	struct buf raw, packed;
	uint8_t head[BULK_HEAD_MAX];
	char path[2] = "a";
	struct err e;
	size_t n;
	int i;

	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < BAD_FILES; i++) {
		memset(&entry, 0, sizeof(entry));
		path[0] = (char)('a' + i);
		entry.path = path;
		entry.type = ENTRY_FILE;
		entry.content.size = 100;
		entry.content.known = true;
		memset(entry.content.hash.b, i + 1, HASH_LEN);
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
	w.packed_len = (uint32_t)packed.len - untold;
	cr_assert_eq(hash_bytes(buf_data(&raw), raw.len, &w.release, &e), 0);
	cr_assert_eq(preface_encode(FEATURE_HINTS, b, &e), 0);
	cr_assert_eq(welcome_encode(&w, b, &e), 0);
	n = bulk_head(head, MSG_MANIFEST, 0, packed.len,
	    crc_add(0, buf_data(&packed), packed.len));
	cr_assert_eq(buf_append(b, head, n, &e), 0);
	cr_assert_eq(buf_append(b, buf_data(&packed), packed.len, &e), 0);
	buf_release(&raw);
	buf_release(&packed);
	manifest_release(&m);
}

/* Let it do what it can: the last step. */
static int
settle(struct station *st, struct err *e)
{
	int step;

	while ((step = station_step(st, e)) == STATION_AGAIN)
		;
	return step;
}

/* A station that has asked for the files it was introduced to. */
static struct station *
meet(struct folder **folder, struct err *e)
{
	struct folder_options fopt = {.fs = fs_real(), .clock = clock_real()};
	struct station_options own = opt;
	struct station *st;
	struct buf first;

	buf_init(&first, 1 << 20);
	introduce(&first);
	cr_assert_eq(folder_open(p.client.path, &fopt, folder, e), 0);
	own.folder = *folder;
	cr_assert_eq(station_new(&own, &st, e), 0);
	cr_assert_eq(station_input(st, buf_data(&first), first.len, e), 0);
	cr_assert_eq(settle(st, e), STATION_IO, "%s", e->msg);
	buf_release(&first);
	return st;
}

/* What the station says to these bytes, after the introduction. */
static int
hear(const struct buf *b, struct err *e)
{
	struct folder *folder;
	struct station *st = meet(&folder, e);
	int step;

	cr_assert_eq(station_input(st, buf_data(b), b->len, e), 0);
	step = settle(st, e);
	station_free(st);
	folder_close(folder);
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
	    {"a delta for a group", {{0, CODEC_RSYNC, 50}, {0}}},
	    {"not its first", {{1, CODEC_FULL, 50}, {0}}},
	    {"not its first", {{3, CODEC_PATCH, 50}, {0}}},
	    {"nobody wants", {{4, CODEC_FULL, 50}, {0}}},
	    {"nobody wants", {{0, CODEC_FULL, 50}, {0, CODEC_FULL, 50}}},
	    {"nobody wants", {{0, CODEC_FULL, 50}, {2, CODEC_FULL, 50}}},
	    {"nobody wants", {{0, CODEC_FULL, 50}, {3, CODEC_FULL, 50}}},
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
		n = o[1].codec == 0 ? 1 : 2;
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

Test(station_group_bad, data_that_nobody_asked_for_is_refused)
{
	static const uint8_t rubbish[100];
	static const struct {
		bool offered; /* 50 bytes for 0 */
		uint8_t index, len;
		bool legal;
	} rows[] = {
	    {true, 0, 50, true},
	    {true, 0, 20, true},
	    {true, 0, 51, false},
	    {true, 3, 50, false},
	    {false, 0, 50, false},
	};
	const struct msg_offer o = {.codec = CODEC_FULL, .len = 50};
	struct msg_data m = {.p = rubbish};
	struct buf b;
	struct err e;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 1 << 20);
		if (rows[i].offered)
			cr_assert_eq(offers_encode(&o, 1, &b, &e), 0);
		m.index = rows[i].index;
		m.len = rows[i].len;
		cr_assert_eq(data_encode(&m, &b, &e), 0);
		rc = hear(&b, &e);
		cr_expect_eq(rc, rows[i].legal ? STATION_IO : ERP_PROTO,
		    "row %zu: %d", i, rc);
		buf_release(&b);
	}
}

Test(station_group_bad, a_manifest_is_as_long_as_it_was_announced)
{
	struct folder_options fopt = {.fs = fs_real(), .clock = clock_real()};
	struct station_options own = opt;
	struct folder *folder;
	struct station *st;
	struct buf first;
	struct err e;

	untold = 1;
	buf_init(&first, 1 << 20);
	introduce(&first);
	cr_assert_eq(folder_open(p.client.path, &fopt, &folder, &e), 0);
	own.folder = folder;
	cr_assert_eq(station_new(&own, &st, &e), 0);
	cr_assert_eq(station_input(st, buf_data(&first), first.len, &e), 0);
	cr_expect_eq(settle(st, &e), ERP_PROTO);
	cr_expect_not_null(strstr(e.msg, "longer than announced"), "%s", e.msg);
	station_free(st);
	folder_close(folder);
	buf_release(&first);
}

Test(station_group_bad, questions_without_a_basis_are_refused)
{
	static const struct {
		const char *why;
		uint32_t index;
	} rows[] = {{"where there is no basis", 2}, {"nobody wants", 4},
	    {"nobody wants", UINT32_MAX}};
	struct buf b;
	struct err e;
	size_t i;
	int kind;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (kind = SUMS_SIGNATURE; kind <= SUMS_SHORT; kind++) {
			buf_init(&b, 1 << 20);
			cr_assert_eq(ask_encode((enum sums_kind)kind,
					 &rows[i].index, 1, &b, &e),
			    0);
			cr_expect_eq(hear(&b, &e), ERP_PROTO);
			cr_expect_not_null(
			    strstr(e.msg, rows[i].why), "%s", e.msg);
			buf_release(&b);
		}
}

/* A blob of rubbish: every file is asked for again, whole. */
Test(station_group_bad, rubbish_makes_every_file_wanted_again)
{
	struct msg_offer o = {0, CODEC_PATCH, {{0}}, 50};
	uint8_t rubbish[50] = {9};
	struct msg_data data = {0, rubbish, sizeof(rubbish)};
	struct buf b;
	struct err e;

	buf_init(&b, 1 << 20);
	cr_assert_eq(offers_encode(&o, 1, &b, &e), 0);
	cr_assert_eq(data_encode(&data, &b, &e), 0);
	cr_expect_eq(hear(&b, &e), STATION_IO, "%s", e.msg);
	/* And of that again is too much. */
	o.index = 2;
	o.codec = CODEC_FULL;
	data.index = 2;
	cr_assert_eq(offers_encode(&o, 1, &b, &e), 0);
	cr_assert_eq(data_encode(&data, &b, &e), 0);
	cr_expect_eq(hear(&b, &e), ERP_CORRUPT);
	cr_expect_eq(strncmp(e.msg, "c: ", 3), 0, "%s", e.msg);
	buf_release(&b);
}

/* The same files, of other words as long, as programs beside one that is
 * none. */
static void
give_bases(void)
{
	char path[2] = "a", words[101];
	int i;

	for (i = 0; i < BAD_FILES; i++) {
		path[0] = (char)('a' + i);
		memset(words, 'p' + i, 100);
		words[100] = '\0';
		tempdir_text(&p.client, path, words, 1000000000);
		tempdir_chmod(&p.client, path, 0755);
	}
	tempdir_text(&p.client, "notes", "mine", 1000000000);
}

/*
 * What the script names next: pairs of an index and what is said of it, s ASK
 * for short sums, g for a signature, f OFFER of the full contents, each kind
 * in a frame of its own; a blank ends it.  Returns where the next one begins.
 */
static const char *
encode_script(const char *script, struct buf *out)
{
	uint32_t signatures[BAD_FILES], shorts[BAD_FILES];
	size_t n = 0, signatures_n = 0, shorts_n = 0;
	struct msg_offer o[BAD_FILES];
	uint32_t index;

	memset(o, 0, sizeof(o));
	for (; script[0] != '\0' && script[0] != ' '; script += 2) {
		index = (uint32_t)(script[0] - '0');
		if (script[1] == 's')
			shorts[shorts_n++] = index;
		else if (script[1] == 'g')
			signatures[signatures_n++] = index;
		else
			o[n++] =
			    (struct msg_offer){index, CODEC_FULL, {{0}}, 50};
	}
	if (signatures_n > 0)
		cr_assert_eq(ask_encode(SUMS_SIGNATURE, signatures,
				 signatures_n, out, NULL),
		    0);
	if (shorts_n > 0)
		cr_assert_eq(
		    ask_encode(SUMS_SHORT, shorts, shorts_n, out, NULL), 0);
	if (n > 0)
		cr_assert_eq(offers_encode(o, n, out, NULL), 0);
	return script[0] == ' ' ? script + 1 : script;
}

/* The lengths of the SUMS in the station's output. */
static void
list_sums(const struct buf *out, char *text, size_t room)
{
	size_t at = PREFACE_LEN, n = 0;
	struct frame frame;
	struct err e;
	int64_t used;

	for (text[0] = '\0'; at < out->len; at += (size_t)used) {
		used =
		    frame_decode(buf_data(out) + at, out->len - at, &frame, &e);
		cr_assert_gt(used, 0);
		if (frame.type == MSG_SUMS)
			n += (size_t)snprintf(text + n, room - n, "%s%zu",
			    n > 0 ? " " : "", frame.len);
	}
}

/* How a station with bases answers questions. */
Test(station_group_bad, each_kind_of_sums_is_sent_once)
{
	static const struct {
		const char *script, *sums;
		const char *why; /* NULL: legal so far */
	} rows[] = {
	    {"0s1s2s3s 0f", "12", NULL},
	    {"3s1s 0f", "6", NULL}, /* in whatever order */
	    /* Who leaves is answered alone. */
	    {"2g0s1s 0f", "9 6", NULL},
	    {"0g1g2s 2f", "9 9 3", NULL},
	    {"0s 1s 0f", "3 3", NULL}, /* in two questions */
	    /* A known basis was lost, or short sums told too little. */
	    {"2s 0g1f", "3 9", NULL},
	    {"1s 1g0f", "3 9", NULL},
	    {"0s 0s", "3", "same sums again"},
	    {"0g 0s", "9", "same sums again"},
	    {"0g 0g", "9", "same sums again"},
	    {"0s 0g 0g", "3 9", "same sums again"},
	    {"0s 0g 0s", "3 9", "same sums again"},
	    {"0s1s 1s", "6", "same sums again"},
	    /* Not while they are due. */
	    {"0s0s", "", "nobody wants"},
	    {"0s0f", "", "nobody wants"},
	    {"1s0f", "", "before it has all sums"},
	    {"0s1s 1f", "6", "not its first"},
	    {"0s 0f 1s", "3", "nobody wants"},
	};
	struct folder *folder;
	struct station *st;
	const char *script;
	struct buf b;
	struct err e;
	char sums[200];
	size_t i;
	int step;

	give_bases();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		st = meet(&folder, &e);
		script = rows[i].script;
		do {
			buf_init(&b, 1 << 20);
			script = encode_script(script, &b);
			cr_assert_eq(
			    station_input(st, buf_data(&b), b.len, &e), 0);
			buf_release(&b);
			step = settle(st, &e);
		} while (script[0] != '\0' && step == STATION_IO);
		cr_expect_eq(script[0], '\0', "%s: %s", rows[i].script, e.msg);
		if (rows[i].why == NULL)
			cr_expect_eq(
			    step, STATION_IO, "%s: %s", rows[i].script, e.msg);
		else
			cr_expect(step == ERP_PROTO &&
				strstr(e.msg, rows[i].why) != NULL,
			    "%s: %d %s", rows[i].script, step, e.msg);
		list_sums(station_output(st), sums, sizeof(sums));
		cr_expect_str_eq(
		    sums, rows[i].sums, "%s: sent %s", rows[i].script, sums);
		station_free(st);
		folder_close(folder);
	}
}
