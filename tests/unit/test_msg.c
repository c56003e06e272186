#include "engine/base/buf.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "engine/delta/pack.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Decode the one frame in b; its payload must be of this type. */
static struct frame
only_frame(const struct buf *b, enum msg_type type)
{
	struct frame f;

	cr_assert_eq(
	    frame_decode(buf_data(b), b->len, &f, NULL), (int64_t)b->len);
	cr_assert_eq(f.type, type);
	return f;
}

static struct msg_hello
sample_hello(void)
{
	struct msg_hello m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "loja-07.caixa_2", sizeof(m.station));
	(void)strlcpy(m.arch, "x86_64", sizeof(m.arch));
	(void)strlcpy(m.build, "7.00.191205P", sizeof(m.build));
	m.os = PATH_OS_LINUX;
	m.lang = 1;
	m.flags = HELLO_DRY_RUN;
	memset(m.release.b, 0xab, HASH_LEN);
	return m;
}

Test(msg, hello_comes_back)
{
	struct msg_hello m = sample_hello(), got;
	struct frame f;
	struct buf b;
	struct err e;
	size_t n;

	buf_init(&b, 4096);
	cr_assert_eq(hello_encode(&m, &b, &e), 0);
	f = only_frame(&b, MSG_HELLO);
	cr_assert_eq(hello_decode(f.payload, f.len, &got, &e), 0);
	cr_assert_eq(memcmp(&m, &got, sizeof(m)), 0);
	for (n = 0; n < f.len; n++)
		cr_assert_eq(hello_decode(f.payload, n, &got, &e), ERP_PROTO);
	buf_release(&b);
}

Test(msg, hello_refuses_what_is_not_said_in_the_protocol)
{
	struct msg_hello m = sample_hello(), got;
	uint8_t bytes[256];
	struct frame f;
	struct buf b;
	struct err e;
	size_t os_at;

	buf_init(&b, 4096);
	cr_assert_eq(hello_encode(&m, &b, &e), 0);
	f = only_frame(&b, MSG_HELLO);
	os_at = f.len - HASH_LEN - 3;
	memcpy(bytes, f.payload, f.len);
	bytes[1] = '/'; /* a station id is no path */
	cr_expect_eq(hello_decode(bytes, f.len, &got, &e), ERP_PROTO);
	memcpy(bytes, f.payload, f.len);
	bytes[os_at] = 3;
	cr_expect_eq(hello_decode(bytes, f.len, &got, &e), ERP_PROTO);
	memcpy(bytes, f.payload, f.len);
	bytes[os_at + 1] = 4; /* a language to come */
	cr_assert_eq(hello_decode(bytes, f.len, &got, &e), 0);
	cr_expect_eq(got.lang, 0);
	memcpy(bytes, f.payload, f.len);
	bytes[os_at + 2] = 0xf8 | HELLO_AGREED; /* flags to come */
	cr_assert_eq(hello_decode(bytes, f.len, &got, &e), 0);
	cr_expect_eq(got.flags, HELLO_AGREED);
	buf_release(&b);
}

/* Bytes behind what we know are of a version to come; fewer are an error. */
Test(msg, some_may_go_on_behind_what_is_known)
{
	struct msg_hello hello = sample_hello(), hello_got;
	struct msg_welcome welcome = {.verdict = VERDICT_DISABLED}, welcome_got;
	struct msg_result result = {.outcome = OUTCOME_CURRENT}, result_got;
	struct msg_error error = {.code = 700, .text = "no"}, error_got;
	uint8_t bytes[300] = {0};
	struct frame f;
	struct buf b;
	struct err e;
	size_t n;

	buf_init(&b, 4096);
	cr_assert_eq(hello_encode(&hello, &b, &e), 0);
	f = only_frame(&b, MSG_HELLO);
	memcpy(bytes, f.payload, f.len);
	memset(bytes + f.len, 0xee, 100);
	cr_assert_eq(hello_decode(bytes, f.len + 100, &hello_got, &e), 0);
	cr_expect_eq(memcmp(&hello, &hello_got, sizeof(hello)), 0);
	buf_clear(&b);
	cr_assert_eq(welcome_encode(&welcome, &b, &e), 0);
	f = only_frame(&b, MSG_WELCOME);
	memcpy(bytes, f.payload, f.len);
	cr_assert_eq(welcome_decode(bytes, f.len + 1, &welcome_got, &e), 0);
	for (n = 0; n < f.len; n++)
		cr_expect_eq(
		    welcome_decode(bytes, n, &welcome_got, &e), ERP_PROTO);
	buf_clear(&b);
	cr_assert_eq(result_encode(&result, &b, &e), 0);
	f = only_frame(&b, MSG_RESULT);
	memcpy(bytes, f.payload, f.len);
	cr_assert_eq(result_decode(bytes, f.len + 1, &result_got, &e), 0);
	for (n = 0; n < f.len; n++)
		cr_expect_eq(
		    result_decode(bytes, n, &result_got, &e), ERP_PROTO);
	buf_clear(&b);
	cr_assert_eq(error_encode(&error, &b, &e), 0);
	f = only_frame(&b, MSG_ERROR);
	memcpy(bytes, f.payload, f.len);
	cr_assert_eq(error_decode(bytes, f.len + 50, &error_got, &e), 0);
	cr_expect_eq(memcmp(&error, &error_got, sizeof(error)), 0);
	for (n = 0; n < f.len; n++)
		cr_expect_eq(error_decode(bytes, n, &error_got, &e), ERP_PROTO);
	buf_release(&b);
}

Test(msg, station_ids)
{
	char longest[TEXT_SHORT + 2];

	memset(longest, 'a', sizeof(longest));
	longest[TEXT_SHORT] = '\0';
	cr_expect(station_id_is_valid(longest));
	longest[TEXT_SHORT] = 'a';
	longest[TEXT_SHORT + 1] = '\0';
	cr_expect(!station_id_is_valid(longest));
	cr_expect(!station_id_is_valid(""));
	cr_expect(!station_id_is_valid("a b"));
	cr_expect(!station_id_is_valid("caf\xc3\xa9"));
	cr_expect(station_id_is_valid("PC-01.loja_3"));
}

Test(msg, welcome_is_consistent_with_its_verdict)
{
	static const struct {
		enum verdict verdict;
		uint32_t retry_after, len;
		uint8_t release;
		int want;
	} rows[] = {
	    {VERDICT_COMPATIBLE, 0, 10, 1, 0},
	    {VERDICT_INCOMPATIBLE, 0, 10, 1, 0},
	    {VERDICT_COMPATIBLE, 0, 10, 0, ERP_PROTO},
	    {VERDICT_COMPATIBLE, 0, 0, 1, ERP_PROTO},
	    {VERDICT_COMPATIBLE, 5, 10, 1, ERP_PROTO},
	    {VERDICT_COMPATIBLE, 0, 0x10000001, 1, ERP_PROTO},
	    {VERDICT_DISABLED, 0, 0, 0, 0},
	    {VERDICT_NO_PACKAGE, 0, 0, 0, 0},
	    {VERDICT_BUSY, 30, 0, 0, 0},
	    {VERDICT_BUSY, 0, 0, 0, ERP_PROTO},
	    {VERDICT_BUSY, 3601, 0, 0, ERP_PROTO},
	    {VERDICT_NOT_NOW, 0, 0, 0, 0},
	    {VERDICT_NOT_NOW, 691200, 0, 0, 0},
	    {VERDICT_NOT_NOW, 691201, 0, 0, ERP_PROTO},
	    {(enum verdict)7, 0, 0, 0, ERP_PROTO},
	    {(enum verdict)0, 0, 0, 0, ERP_PROTO},
	};
	struct msg_welcome m, got;
	struct frame f;
	struct buf b;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 4096);
		memset(&m, 0, sizeof(m));
		m.verdict = rows[i].verdict;
		m.retry_after = rows[i].retry_after;
		m.manifest_len = m.packed_len = rows[i].len;
		m.release.b[0] = rows[i].release;
		cr_assert_eq(welcome_encode(&m, &b, &e), 0);
		f = only_frame(&b, MSG_WELCOME);
		cr_expect_eq(welcome_decode(f.payload, f.len, &got, &e),
		    rows[i].want, "row %zu", i);
		buf_release(&b);
	}
}

/* Hints are the last bytes of what is sent, behind the manifest's. */
Test(msg, hints_have_room_behind_the_manifest)
{
	static const struct {
		uint8_t flags;
		uint32_t packed, hints;
		int want;
	} rows[] = {
	    {WELCOME_HINTS, 10, 9, 0},
	    {WELCOME_HINTS | WELCOME_RELATIVE, 10, 1, 0},
	    {WELCOME_HINTS, 10, 10, ERP_PROTO},
	    {WELCOME_HINTS, 10, 0, ERP_PROTO},
	    {WELCOME_HINTS, 10, UINT32_MAX, ERP_PROTO},
	    {WELCOME_SEAL, 10, 0, 0},
	    {WELCOME_LEFT_OUT, 10, 0, ERP_PROTO}, /* nothing follows */
	    {32, 10, 0, ERP_PROTO},
	};
	struct msg_welcome m = {.verdict = VERDICT_COMPATIBLE}, got;
	struct frame f;
	struct buf b;
	struct err e;
	size_t i;

	m.manifest_len = 10;
	m.release.b[0] = 1;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 4096);
		m.flags = rows[i].flags;
		m.packed_len = rows[i].packed;
		m.hints_len = rows[i].hints;
		cr_assert_eq(welcome_encode(&m, &b, &e), 0);
		f = only_frame(&b, MSG_WELCOME);
		cr_expect_eq(welcome_decode(f.payload, f.len, &got, &e),
		    rows[i].want, "row %zu", i);
		cr_expect(rows[i].want != 0 || got.hints_len == rows[i].hints);
		/* A length that is cut off. */
		if ((rows[i].flags & WELCOME_HINTS) != 0)
			cr_expect_eq(
			    welcome_decode(f.payload, f.len - 1, &got, &e),
			    ERP_PROTO, "row %zu", i);
		buf_release(&b);
	}
}

Test(msg, rules_for_ini_files_stand_behind_the_hints)
{
	static const struct {
		enum verdict verdict;
		uint8_t flags, conflict;
		const char *rules;
		int want;
	} rows[] = {
	    {VERDICT_COMPATIBLE, WELCOME_INI, 0, "merge", 0},
	    {VERDICT_INCOMPATIBLE, WELCOME_INI | WELCOME_HINTS, 2, "a:keep", 0},
	    {VERDICT_COMPATIBLE, WELCOME_INI | WELCOME_SEAL, 1, "x", 0},
	    {VERDICT_COMPATIBLE, WELCOME_INI, 3, "merge", ERP_PROTO},
	    {VERDICT_COMPATIBLE, WELCOME_INI, 0, "", ERP_PROTO},
	    {VERDICT_COMPATIBLE, WELCOME_INI, 0, "a\n", ERP_PROTO},
	    {VERDICT_DISABLED, WELCOME_INI, 0, "merge", ERP_PROTO},
	};
	struct msg_welcome m, got;
	struct frame f;
	struct buf b;
	struct err e;
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 4096);
		memset(&m, 0, sizeof(m));
		m.verdict = rows[i].verdict;
		m.flags = rows[i].flags;
		m.ini.conflict = rows[i].conflict;
		(void)snprintf(
		    m.ini.rules, sizeof(m.ini.rules), "%s", rows[i].rules);
		if (m.verdict != VERDICT_DISABLED) {
			m.manifest_len = m.packed_len = 10;
			m.release.b[0] = 1;
		}
		m.hints_len = (m.flags & WELCOME_HINTS) != 0 ? 1 : 0;
		cr_assert_eq(welcome_encode(&m, &b, &e), 0);
		f = only_frame(&b, MSG_WELCOME);
		cr_expect_eq(welcome_decode(f.payload, f.len, &got, &e),
		    rows[i].want, "row %zu", i);
		if (rows[i].want == 0) {
			cr_expect_eq(got.ini.conflict, rows[i].conflict);
			cr_expect_str_eq(got.ini.rules, rows[i].rules);
			cr_expect_eq(got.hints_len, m.hints_len);
		}
		/* Cut off anywhere. */
		for (n = 0; n <= strlen(rows[i].rules) + 1; n++)
			cr_expect_eq(
			    welcome_decode(f.payload, f.len - 1 - n, &got, &e),
			    ERP_PROTO, "row %zu", i);
		buf_release(&b);
	}
}

Test(msg, lists_come_back_whole_or_not_at_all)
{
	struct msg_want w[WANT_MAX], wg[WANT_MAX];
	struct msg_offer o[WANT_MAX], og[WANT_MAX];
	struct msg_fetch t[WANT_MAX], tg[WANT_MAX];
	struct frame f;
	struct buf b;
	struct err e;
	size_t n, len;

	memset(w, 0, sizeof(w));
	memset(o, 0, sizeof(o));
	memset(t, 0, sizeof(t));
	for (n = 0; n < WANT_MAX; n++) {
		w[n].index = o[n].index = t[n].index = (uint32_t)(7 * n);
		if (n % 3 == 0) {
			w[n].flags = WANT_HAS_BASIS;
			w[n].basis_size = n + 1;
			w[n].basis.b[3] = (uint8_t)n;
		} else if (n % 3 == 1) {
			w[n].flags = WANT_WHOLE;
		}
		if (n % 3 != 1 && n % 2 == 0) {
			w[n].flags |= WANT_HAS_PART;
			w[n].part[7] = (uint8_t)n;
		}
		o[n].codec = (uint8_t)(1 + n % 3);
		o[n].blob.b[31] = (uint8_t)n;
		o[n].len = n + 1;
		t[n].offset = n * 1000003;
	}
	for (n = 1; n <= WANT_MAX; n += 51) {
		buf_init(&b, CONTROL_MAX + 64);
		cr_assert_eq(wants_encode(w, n, &b, &e), 0);
		f = only_frame(&b, MSG_WANT);
		cr_assert_eq(wants_decode(f.payload, f.len, wg, &e), (int)n);
		cr_assert_eq(memcmp(w, wg, n * sizeof(w[0])), 0);
		buf_clear(&b);
		cr_assert_eq(offers_encode(o, n, &b, &e), 0);
		f = only_frame(&b, MSG_OFFER);
		cr_assert_eq(offers_decode(f.payload, f.len, og, &e), (int)n);
		cr_assert_eq(memcmp(o, og, n * sizeof(o[0])), 0);
		buf_clear(&b);
		cr_assert_eq(fetches_encode(t, n, &b, &e), 0);
		f = only_frame(&b, MSG_FETCH);
		cr_assert_eq(fetches_decode(f.payload, f.len, tg, &e), (int)n);
		cr_assert_eq(memcmp(t, tg, n * sizeof(t[0])), 0);
		for (len = f.len - FETCH_LEN + 1; len < f.len; len++)
			cr_assert_eq(
			    fetches_decode(f.payload, len, tg, &e), ERP_PROTO);
		buf_release(&b);
	}
}

Test(msg, lists_refuse_the_impossible)
{
	static const uint8_t zeroes[(WANT_MAX + 1) * FETCH_LEN];
	struct msg_want w[WANT_MAX];
	struct msg_offer o[WANT_MAX];
	struct msg_fetch t[WANT_MAX];
	uint8_t bytes[64];
	struct err e;

	cr_expect_eq(wants_decode(zeroes, 0, w, &e), ERP_PROTO);
	cr_expect_eq(offers_decode(zeroes, 0, o, &e), ERP_PROTO);
	cr_expect_eq(fetches_decode(zeroes, 0, t, &e), ERP_PROTO);
	cr_expect_eq(fetches_decode(zeroes, sizeof(zeroes), t, &e), ERP_PROTO);
	memset(bytes, 0, sizeof(bytes));
	/* A whole file and something else; a flag nobody knows. */
	for (bytes[4] = 3; bytes[4] < 12; bytes[4]++)
		if (bytes[4] != WANT_HAS_PART &&
		    bytes[4] != (WANT_HAS_PART | WANT_HAS_BASIS))
			cr_expect_eq(wants_decode(bytes, 53, w, &e), ERP_PROTO);
	bytes[4] = WANT_HAS_PART | WANT_HAS_BASIS;
	cr_expect_eq(wants_decode(bytes, 53, w, &e), 1);
	cr_expect_eq(wants_decode(bytes, 52, w, &e), ERP_PROTO);
	bytes[4] = WANT_HAS_BASIS;
	memset(bytes + 5, 0xff, 8); /* a basis of 2^64 - 1 bytes */
	cr_expect_eq(wants_decode(bytes, 45, w, &e), ERP_PROTO);
	/* A preview, alone. */
	bytes[4] = WANT_PREVIEW;
	cr_expect_eq(wants_decode(bytes, 5, w, &e), 1);
	cr_expect_eq(w[0].flags, WANT_PREVIEW);
	bytes[4] = WANT_PREVIEW | WANT_WHOLE;
	cr_expect_eq(wants_decode(bytes, 5, w, &e), ERP_PROTO);
	memset(bytes, 0, sizeof(bytes));
	bytes[4] = CODEC_FULL; /* a blob without bytes */
	cr_expect_eq(offers_decode(bytes, 45, o, &e), ERP_PROTO);
	bytes[37] = 1;
	cr_expect_eq(offers_decode(bytes, 45, o, &e), 1);
	bytes[4] = 77;
	cr_expect_eq(offers_decode(bytes, 45, o, &e), ERP_PROTO);
	bytes[4] = 0;
	cr_expect_eq(offers_decode(bytes, 45, o, &e), ERP_PROTO);
	cr_expect_eq(offers_decode(bytes, 5, o, &e), ERP_PROTO);
}

Test(msg, groups_come_back_whole_or_not_at_all)
{
	static struct msg_want w[GROUP_MAX], got[GROUP_MAX];
	static const size_t counts[] = {2, 3, 255, GROUP_MAX};
	size_t i, k, n, len;
	struct frame f;
	struct buf b;
	struct err e;

	for (i = 0; i < GROUP_MAX; i++) {
		w[i].index = (uint32_t)(i * i / 20 + i);
		if (i % 3 == 0)
			continue;
		w[i].flags = WANT_HAS_BASIS;
		w[i].basis_size = 1 + i * 3;
		memset(w[i].basis.b, (int)(i | 1), GROUP_PREFIX);
	}
	for (k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		n = counts[k];
		buf_init(&b, GROUP_BYTES + FRAME_HEADER_LEN);
		cr_assert_eq(group_encode(w, n, &b, &e), 0);
		f = only_frame(&b, MSG_GROUP);
		for (i = 0, len = 0; i < n; i++)
			len += group_member_len(w, i);
		cr_expect_eq(len, f.len);
		/* What was there before is no matter. */
		memset(got, 0xff, sizeof(got));
		cr_assert_eq(
		    group_decode(f.payload, f.len, got, &e), (int)n, "%zu", n);
		cr_assert_eq(memcmp(w, got, n * sizeof(w[0])), 0);
		len = f.len - group_member_len(w, n - 1) + 1;
		for (; len < f.len; len++)
			cr_assert_eq(
			    group_decode(f.payload, len, got, &e), ERP_PROTO);
		buf_release(&b);
	}
}

Test(msg, the_largest_group_fits_its_frame)
{
	static struct msg_want w[GROUP_MAX];
	struct buf b;
	size_t i;

	for (i = 0; i < GROUP_MAX; i++) {
		w[i].index = (uint32_t)(i * 17000);
		w[i].flags = WANT_HAS_BASIS;
		w[i].basis_size = GROUP_BASIS;
	}
	buf_init(&b, GROUP_BYTES + FRAME_HEADER_LEN);
	cr_assert_eq(group_encode(w, GROUP_MAX, &b, NULL), 0);
	buf_release(&b);
}

Test(msg, groups_refuse_the_impossible)
{
	static const struct {
		size_t n;
		uint8_t bytes[16];
	} rows[] = {
	    {0, {0}},
	    {2, {0, 0}}, /* one member */
	    {3, {0, 0, 1}}, /* cut short */
	    {9, {0, 1, 'a', 'b', 'c', 'd', 0, 1, 'a'}},
	    {5, {0x80, 0x00, 0, 0, 0}}, /* longer than needed */
	    {6, {0x90, 0xa1, 0x0f, 0, 0, 0}}, /* index 250,000 */
	    {6, {0x8f, 0xa1, 0x0f, 0, 0, 0}}, /* and one behind 249,999 */
	    {14, {0, 0x81, 0x80, 0x40, 'a', 'b', 'c', 'd', 0, 0}},
	    {15,
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0,
		    0}},
	};
	static uint8_t many[2 * (GROUP_MAX + 1)];
	static struct msg_want got[GROUP_MAX];
	struct msg_want w[17];
	struct frame f;
	struct err e;
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(group_decode(rows[i].bytes, rows[i].n, got, &e),
		    ERP_PROTO, "row %zu", i);
	cr_expect_eq(group_decode(many, sizeof(many), got, &e), ERP_PROTO);
	cr_expect_eq(group_decode(many, sizeof(many) - 2, got, &e), GROUP_MAX);
	/* Bases of 17 MiB in all. */
	memset(w, 0, sizeof(w));
	for (i = 0; i < 17; i++) {
		w[i].index = (uint32_t)i;
		w[i].flags = WANT_HAS_BASIS;
		w[i].basis_size = GROUP_BASIS;
	}
	buf_init(&b, 1000);
	cr_assert_eq(group_encode(w, 17, &b, NULL), 0);
	f = only_frame(&b, MSG_GROUP);
	cr_expect_eq(group_decode(f.payload, f.len, got, &e), ERP_PROTO);
	buf_release(&b);
}

Test(msg, result_and_error_come_back)
{
	struct msg_result r, rg;
	struct msg_error m, mg;
	struct frame f;
	struct buf b;
	struct err e;

	memset(&r, 0, sizeof(r));
	r.outcome = OUTCOME_FAILED;
	r.files = 3;
	r.elapsed_ms = 4;
	r.sent = 5;
	r.received = (uint64_t)1 << 40;
	(void)strlcpy(r.text, "sem permiss\xc3\xa3o", sizeof(r.text));
	buf_init(&b, 4096);
	cr_assert_eq(result_encode(&r, &b, &e), 0);
	f = only_frame(&b, MSG_RESULT);
	cr_assert_eq(result_decode(f.payload, f.len, &rg, &e), 0);
	cr_assert_eq(memcmp(&r, &rg, sizeof(r)), 0);
	buf_clear(&b);
	memset(&m, 0, sizeof(m));
	m.code = 4;
	(void)strlcpy(m.text, "no", sizeof(m.text));
	cr_assert_eq(error_encode(&m, &b, &e), 0);
	f = only_frame(&b, MSG_ERROR);
	cr_assert_eq(error_decode(f.payload, f.len, &mg, &e), 0);
	cr_assert_eq(memcmp(&m, &mg, sizeof(m)), 0);
	buf_release(&b);
}

Test(msg, text_with_controls_or_broken_utf8_is_refused)
{
	static const char *const bad[] = {"\x1b[31m", "\xff\xfe", "a\nb",
	    "\xc0\xaf", "\x7f", "\xc2\x80", "a\xc2\x9f"};
	uint8_t bytes[64];
	struct msg_error m;
	struct err e;
	size_t i, n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(bytes, 0, sizeof(bytes));
		n = strlen(bad[i]);
		bytes[2] = (uint8_t)n;
		memcpy(bytes + 3, bad[i], n);
		cr_expect_eq(error_decode(bytes, 3 + n, &m, &e), ERP_PROTO);
	}
}

Test(msg, bulk_lengths_are_exact)
{
	static const uint64_t lens[] = {1, 100, BULK_PIECE - 1, BULK_PIECE,
	    BULK_PIECE + 1, 3 * BULK_PIECE + 5};
	static uint8_t data[4 * BULK_PIECE];
	struct msg_data m;
	struct buf b;
	size_t i;
	uint64_t left;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		buf_init(&b, 8 * BULK_PIECE);
		for (left = lens[i]; left > 0; left -= m.len) {
			m.index = 9;
			m.p = data;
			m.len = left < BULK_PIECE ? (size_t)left : BULK_PIECE;
			cr_assert_eq(data_encode(&m, &b, NULL), 0);
		}
		cr_expect_eq(b.len, data_frames_len(lens[i]));
		buf_release(&b);
	}
	cr_expect_eq(data_decode(data, 4, &m, NULL), ERP_PROTO);
	cr_expect_eq(data_decode(data, 3, &m, NULL), ERP_PROTO);
}

/* A frame whose bytes are somewhere else is the same frame. */
Test(msg, bulk_in_two_parts_is_bulk)
{
	static uint8_t bytes[BULK_PIECE];
	static const size_t lens[] = {1, 5, 4096, BULK_PIECE - 1, BULK_PIECE};
	struct msg_data m = {77, bytes, 0};
	uint8_t head[BULK_HEAD_MAX];
	struct buf b;
	size_t i, n;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 >> 3);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		m.len = lens[i];
		buf_init(&b, 1 << 17);
		cr_assert_eq(data_encode(&m, &b, NULL), 0);
		n = bulk_head(
		    head, MSG_DATA, m.index, m.len, crc_add(0, bytes, m.len));
		cr_assert_eq(n + m.len, b.len);
		cr_expect_eq(memcmp(buf_data(&b), head, n), 0);
		buf_release(&b);
	}
}
