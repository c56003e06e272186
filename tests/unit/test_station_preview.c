/* What a dry run tells of INI files that would change, and servers that answer
 * it badly. */
#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/delta/compress/compress.h"
#include "engine/ini/ini_file.h"
#include "tests/support/alloc_wrap.h"
#include "tests/support/pair.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INI "smartclient.ini"
#define V1 "[net]\nserver=erp\nport=1\n[ui]\ntheme=a\n"
#define EDITED "; mine\n[net]\nserver=here\nport=9\n[ui]\ntheme=a\n"
#define V2 "[net]\nserver=erp\nport=2\n[ui]\ntheme=b\nnew=1\n"
#define MERGED "; mine\n[net]\nserver=here\nport=9\n[ui]\ntheme=b\nnew=1\n"

enum { DATE = 1000000000, MOST_FILES = 64, MOST_BYTES = 4 << 20 };

static struct pair p;
static struct station_options opt;
static struct observer obs;
static char warning[400];

static void
note(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (ev->kind == EVENT_WARN)
		(void)snprintf(warning, sizeof(warning), "%s", ev->text);
}

static void
begin(void)
{
	pair_open(&p);
	warning[0] = '\0';
	obs = (struct observer){.event = note};
	opt = pair_options(&p);
	opt.obs = &obs;
}

static void
end(void)
{
	pair_close(&p);
}

TestSuite(station_preview, .init = begin, .fini = end, .timeout = 300);

/* What was kept of a dry run is looked at no more. */
static void
leave(void)
{
	station_free(p.kept);
	folder_close(p.kept_folder);
	p.kept = NULL;
	p.kept_folder = NULL;
}

static void
run(bool dry)
{
	leave();
	opt.dry_run = p.keeps = dry;
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s", p.error);
}

/* A station on V1 that was edited, and a server with V2. */
static void
meet_a_release(const char *rules)
{
	opt.ini_rules = rules;
	tempdir_text(&p.server_dir, "update/prog.exe", "MZ", DATE);
	tempdir_text(&p.server_dir, "update/" INI, V1, DATE);
	pair_publish(&p);
	run(false);
	tempdir_text(&p.client, INI, EDITED, -1);
	tempdir_text(&p.server_dir, "update/" INI, V2, DATE + 86400);
	tempdir_text(&p.server_dir, "update/prog.exe", "MZ2", DATE + 86400);
	pair_publish(&p);
}

/* What the dry run told of the file, or NULL. */
static const struct buf *
told(const char *path, const struct action **a)
{
	const struct plan *plan = station_report(p.kept)->plan;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		*a = &plan->v[i];
		if ((*a)->want != NULL && strcmp((*a)->want->path, path) == 0)
			return station_preview(p.kept, i);
	}
	cr_assert_fail("%s is in no plan", path);
	return NULL;
}

static void
expect_told(const char *text)
{
	const struct action *a;
	const struct buf *b = told(INI, &a);

	cr_assert_not_null(b);
	cr_expect_eq(b->len, strlen(text));
	cr_expect_eq(memcmp(buf_data(b), text, b->len), 0, "%.*s", (int)b->len,
	    (const char *)buf_data(b));
	cr_expect_eq(a->want->content.size, strlen(text));
	cr_expect_null(told("prog.exe", &a));
}

/* The update after it moves what was foretold, and makes what was told. */
static void
expect_update(const char *text)
{
	uint64_t sent = p.sent, received = p.received, blobs = p.blob_bytes;

	cr_expect(tempdir_is_text(&p.client, INI, EDITED));
	run(false);
	cr_expect_eq(p.really_sent, sent);
	cr_expect_eq(p.really_received, received);
	cr_expect_eq(p.blob_bytes, blobs);
	cr_expect(tempdir_is_text(&p.client, INI, text));
}

Test(station_preview, of_a_file_that_is_replaced)
{
	meet_a_release(NULL);
	run(true);
	expect_told(V2);
	cr_expect_str_eq(warning, "");
	expect_update(V2);
}

Test(station_preview, of_a_file_that_is_merged)
{
	meet_a_release("merge");
	run(true);
	expect_told(MERGED);
	cr_expect_not_null(strstr(warning,
			       "port in [net] was changed here and in the "
			       "release; this station's value stays"),
	    "%s", warning);
	expect_update(MERGED);
}

/* The station has by itself what the release brings: still an update, which
 * makes the release's file the base of the next merge. */
Test(station_preview, of_a_file_that_stays_as_it_is)
{
	meet_a_release("merge");
	tempdir_text(&p.client, INI, MERGED, -1);
	run(true);
	expect_told(MERGED);
	cr_expect_eq(p.changed_n, 2);
}

Test(station_preview, of_what_cannot_be_merged)
{
	meet_a_release("merge");
	tempdir_write(&p.client, INI, "a\0b", 3, -1);
	run(true);
	expect_told(V2);
	cr_expect_not_null(
	    strstr(warning, "cannot be merged key by key"), "%s", warning);
}

Test(station_preview, there_is_none_without_a_changed_ini)
{
	const struct action *a;

	tempdir_text(&p.server_dir, "update/prog.exe", "MZ", DATE);
	tempdir_text(&p.server_dir, "update/empty.ini", "", DATE);
	tempdir_text(&p.server_dir, "update/new.ini", V1, DATE);
	tempdir_text(&p.server_dir, "update/was_link.ini", V1, DATE);
	tempdir_text(&p.client, "empty.ini", V1, DATE);
	tempdir_symlink(&p.client, "elsewhere", "was_link.ini");
	pair_publish(&p);
	run(true);
	cr_expect_eq(p.changed_n, 2);
	cr_expect_null(told("empty.ini", &a));
	cr_expect_null(told("new.ini", &a));
	cr_expect_null(told("was_link.ini", &a));
}

/* So many, and so much. */
Test(station_preview, has_its_limits)
{
	char *text = malloc(INI_FILE_BYTES + 1);
	const struct action *a;
	size_t i, known = 0;
	char name[40];

	cr_assert_not_null(text);
	memset(text, '\n', INI_FILE_BYTES + 1);
	for (i = 0; i < MOST_FILES + 2; i++) {
		(void)snprintf(name, sizeof(name), "update/n%03zu.ini", i);
		tempdir_text(&p.server_dir, name, i == 0 ? V2 : V1, DATE);
		tempdir_text(&p.client, name + 7, "x", DATE);
	}
	pair_publish(&p);
	run(true);
	for (i = 0; i < MOST_FILES + 2; i++) {
		(void)snprintf(name, sizeof(name), "n%03zu.ini", i);
		known += told(name, &a) != NULL;
	}
	cr_expect_eq(known, MOST_FILES);

	/* The first is too large, of the others four are enough. */
	for (i = 0; i < 6; i++) {
		(void)snprintf(name, sizeof(name), "update/n%03zu.ini", i);
		text[0] = (char)('a' + i);
		tempdir_write(&p.server_dir, name, text,
		    (size_t)INI_FILE_BYTES + (i == 0), DATE);
	}
	for (i = 6; i < MOST_FILES + 2; i++) {
		(void)snprintf(name, sizeof(name), "update/n%03zu.ini", i);
		tempdir_text(&p.server_dir, name, "x", DATE);
	}
	pair_publish(&p);
	run(true);
	for (i = 0; i < 6; i++) {
		(void)snprintf(name, sizeof(name), "n%03zu.ini", i);
		cr_expect_eq(told(name, &a) != NULL,
		    i > 0 && i <= MOST_BYTES / INI_FILE_BYTES, "%s", name);
	}
	free(text);
}

/* --- a server that misbehaves ----------------------------------------------
 */

enum { FILES = 2, WORDS = 100 };

static const char *const names[FILES] = {"a.ini", "b.ini"};
static uint32_t features;
static struct folder *folder;
static struct station *st;
static struct buf says;
static struct buf blob; /* of either file */
static struct err e;

/* What the station hears up to its plan: two files of one content. */
static void
introduce(void)
{
	struct msg_welcome w = {.verdict = VERDICT_COMPATIBLE};
	struct entry entry = {.type = ENTRY_FILE};
	struct buf raw, packed;
	uint8_t head[BULK_HEAD_MAX], text[WORDS];
	struct manifest m;
	size_t i, n;

	memset(text, 'x', sizeof(text));
	manifest_init(&m, PATH_OS_LINUX);
	entry.content.size = WORDS;
	entry.content.known = true;
	cr_assert_eq(hash_bytes(text, WORDS, &entry.content.hash, &e), 0);
	for (i = 0; i < FILES; i++) {
		entry.path = (char *)(uintptr_t)names[i];
		entry.mtime.s = DATE;
		cr_assert_eq(manifest_add(&m, &entry, &e), 0);
		tempdir_text(&p.client, names[i], "is here", -1);
	}
	buf_init(&raw, 1 << 20);
	buf_init(&packed, 1 << 20);
	buf_init(&blob, 1 << 20);
	cr_assert_eq(compress_bytes(text, WORDS, 3, &blob, &e), 0);
	cr_assert_eq(manifest_encode(&m, &raw, &e), 0);
	cr_assert_eq(
	    compress_bytes(buf_data(&raw), raw.len, 3, &packed, &e), 0);
	w.manifest_len = (uint32_t)raw.len;
	w.packed_len = (uint32_t)packed.len;
	cr_assert_eq(hash_bytes(buf_data(&raw), raw.len, &w.release, &e), 0);
	cr_assert_eq(preface_encode(features, &says, &e), 0);
	cr_assert_eq(welcome_encode(&w, &says, &e), 0);
	n = bulk_head(head, MSG_MANIFEST, 0, packed.len,
	    crc_add(0, buf_data(&packed), packed.len));
	cr_assert_eq(buf_append(&says, head, n, &e), 0);
	cr_assert_eq(buf_append(&says, buf_data(&packed), packed.len, &e), 0);
	buf_release(&raw);
	buf_release(&packed);
	manifest_release(&m);
}

/* Think about what came: the last step. */
static int
think(void)
{
	int step;

	while ((step = station_step(st, &e)) == STATION_AGAIN)
		;
	return step;
}

/* Hear what says has, and think about it. */
static int
hear(void)
{
	cr_assert_eq(station_input(st, buf_data(&says), says.len, &e), 0);
	buf_clear(&says);
	return think();
}

static void
offer(uint32_t index, uint8_t codec, uint64_t len)
{
	const struct msg_offer o = {.index = index, .codec = codec, .len = len};

	cr_assert_eq(offers_encode(&o, 1, &says, &e), 0);
}

/* A dry run up to the offer that it waits for. */
static void
greet(uint32_t server_has)
{
	const struct folder_options fopt = {
	    .fs = fs_real(), .clock = clock_real(), .read_only = true};

	features = server_has;
	buf_init(&says, 1 << 20);
	introduce();
	cr_assert_eq(folder_open(p.client.path, &fopt, &folder, &e), 0);
	opt.folder = folder;
	opt.dry_run = true;
	cr_assert_eq(station_new(&opt, &st, &e), 0);
	cr_assert_eq(hear(), STATION_IO, "%s", e.msg);
}

/* Until it is about to look into both files, if it may. */
static void
meet(uint32_t server_has)
{
	greet(server_has);
	/* What it foretells. */
	offer(0, CODEC_FULL, 20);
	cr_assert_eq(hear(), STATION_IO, "%s", e.msg);
}

static void
part(void)
{
	station_free(st);
	folder_close(folder);
	buf_release(&says);
	buf_release(&blob);
}

static void
data(uint32_t index, size_t from, size_t n)
{
	const struct msg_data m = {index, buf_data(&blob) + from, n};

	cr_assert_eq(data_encode(&m, &says, &e), 0);
}

Test(station_preview, is_not_asked_for_where_it_cannot_be_had)
{
	meet(FEATURE_HINTS | FEATURE_SEALS | FEATURE_INI);
	cr_expect_eq(st->state, STATE_END);
	cr_expect_eq(st->report.outcome, OUTCOME_DRY_RUN);
	cr_expect_null(station_preview(st, 0));
	part();
}

Test(station_preview, comes_in_any_order_and_in_pieces)
{
	meet(FEATURE_PREVIEW);
	cr_assert_eq(st->state, STATE_PREVIEW);
	offer(1, CODEC_FULL, blob.len);
	offer(0, CODEC_FULL, blob.len);
	cr_assert_eq(hear(), STATION_IO, "%s", e.msg);
	data(0, 0, 1);
	data(1, 0, blob.len);
	cr_assert_eq(hear(), STATION_IO, "%s", e.msg);
	cr_expect_null(station_preview(st, 0));
	cr_expect_not_null(station_preview(st, 1));
	data(0, 1, blob.len - 1);
	cr_assert_eq(hear(), STATION_IO, "%s", e.msg);
	cr_expect_eq(st->state, STATE_END);
	cr_expect_not_null(station_preview(st, 0));
	cr_expect_eq(station_preview(st, 0)->len, WORDS);
	cr_expect_eq(st->report.outcome, OUTCOME_DRY_RUN);
	part();
}

Test(station_preview, without_memory_the_check_fails)
{
	uint64_t at = 0, all;
	int step;

	do {
		greet(FEATURE_PREVIEW);
		offer(0, CODEC_FULL, 20);
		cr_assert_eq(
		    station_input(st, buf_data(&says), says.len, &e), 0);
		alloc_arm(++at, false);
		step = think();
		all = alloc_disarm();
		if (step == STATION_IO)
			cr_expect_eq(st->state, STATE_PREVIEW);
		else
			cr_expect_eq(e.code, ERP_NOMEM, "%s", e.msg);
		part();
	} while (all >= at);
	cr_expect_gt(at, 1);
}

/* An update would ask once more, so a check says that it does not know. */
Test(station_preview, that_is_damaged_is_none)
{
	meet(FEATURE_PREVIEW);
	offer(0, CODEC_FULL, blob.len);
	offer(1, CODEC_FULL, 1);
	data(0, 0, blob.len);
	data(1, 0, 1);
	cr_expect_eq(hear(), STATION_IO, "%s", e.msg);
	cr_expect_eq(st->state, STATE_END);
	cr_expect_not_null(station_preview(st, 0));
	cr_expect_null(station_preview(st, 1));
	part();
}

Test(station_preview, is_wanted_as_it_is_asked_for)
{
	static const struct {
		uint32_t index;
		uint8_t codec;
		uint64_t len;
		bool good;
	} v[] = {
	    {0, CODEC_FULL, 1, true},
	    {0, CODEC_FULL, WORDS + 65536, true},
	    {0, CODEC_FULL, WORDS + 65537, false},
	    {0, CODEC_RSYNC, 20, false},
	    {0, CODEC_PATCH, 20, false},
	    {FILES, CODEC_FULL, 20, false},
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		meet(FEATURE_PREVIEW);
		offer(v[i].index, v[i].codec, v[i].len);
		cr_expect_eq(
		    hear(), v[i].good ? STATION_IO : ERP_PROTO, "%zu", i);
		part();
	}
}

Test(station_preview, is_offered_once_and_fetched_before_it_comes)
{
	meet(FEATURE_PREVIEW);
	offer(0, CODEC_FULL, 20);
	offer(0, CODEC_FULL, 20);
	cr_expect_eq(hear(), ERP_PROTO);
	part();
	meet(FEATURE_PREVIEW);
	data(0, 0, 1);
	cr_expect_eq(hear(), ERP_PROTO);
	part();
	meet(FEATURE_PREVIEW);
	offer(0, CODEC_FULL, 2);
	data(0, 0, 3);
	cr_expect_eq(hear(), ERP_PROTO);
	part();
	meet(FEATURE_PREVIEW);
	offer(0, CODEC_FULL, blob.len);
	data(0, 0, blob.len);
	data(0, 0, 1);
	cr_expect_eq(hear(), ERP_PROTO);
	part();
}
