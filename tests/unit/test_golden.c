/*
 * Golden protocol bytes: each message, encoded from fixed values, is exactly
 * the line of tests/golden/messages.txt.  A change of that file is a change
 * of the protocol: docs/protocol.md and its version change with it.
 */
#include "engine/base/buf.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 4096 };

static void
encode_hello(struct buf *b)
{
	struct msg_hello m;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "loja-07.caixa_2", sizeof(m.station));
	(void)strlcpy(m.arch, "x86_64", sizeof(m.arch));
	(void)strlcpy(m.build, "7.00.191205P", sizeof(m.build));
	m.os = PATH_OS_MACOSX;
	m.lang = 2;
	m.flags = HELLO_DRY_RUN | HELLO_AGREED;
	memset(m.release.b, 0xa5, HASH_LEN);
	cr_assert_eq(hello_encode(&m, b, NULL), 0);
}

static void
encode_welcome(struct buf *b)
{
	struct msg_welcome m;

	memset(&m, 0, sizeof(m));
	m.verdict = VERDICT_INCOMPATIBLE;
	(void)strlcpy(m.build, "7.00.210324P", sizeof(m.build));
	memset(m.release.b, 0x5a, HASH_LEN);
	m.manifest_len = 0x01020304;
	m.packed_len = 0x0a0b0c;
	cr_assert_eq(welcome_encode(&m, b, NULL), 0);
}

static void
encode_hinted(struct buf *b)
{
	struct msg_welcome m;

	memset(&m, 0, sizeof(m));
	m.verdict = VERDICT_COMPATIBLE;
	memset(m.release.b, 0x5a, HASH_LEN);
	m.manifest_len = 0x01020304;
	m.packed_len = 0x0a0b0c;
	m.flags = WELCOME_RELATIVE | WELCOME_HINTS;
	m.hints_len = 0x0908;
	cr_assert_eq(welcome_encode(&m, b, NULL), 0);
}

static void
encode_lists(struct buf *b)
{
	struct msg_want w[2];
	static const uint32_t asked[] = {7, 1000};
	struct msg_offer o[2];
	struct msg_fetch f = {0x01020304, 0x0102030405060708};

	memset(w, 0, sizeof(w));
	w[0].index = 7;
	w[0].flags = WANT_HAS_BASIS;
	w[0].basis_size = 0x123456789a;
	memset(w[0].basis.b, 0x11, HASH_LEN);
	w[1].index = 8;
	w[1].flags = WANT_WHOLE;
	cr_assert_eq(wants_encode(w, 2, b, NULL), 0);
	memset(o, 0, sizeof(o));
	o[0].index = 7;
	o[0].codec = 1;
	memset(o[0].blob.b, 0x44, HASH_LEN);
	o[0].len = 1;
	o[1].index = 8;
	o[1].codec = 2;
	memset(o[1].blob.b, 0x22, HASH_LEN);
	o[1].len = 513;
	cr_assert_eq(offers_encode(o, 2, b, NULL), 0);
	cr_assert_eq(ask_encode(SUMS_SIGNATURE, asked, 1, b, NULL), 0);
	cr_assert_eq(ask_encode(SUMS_SHORT, asked, 2, b, NULL), 0);
	cr_assert_eq(fetches_encode(&f, 1, b, NULL), 0);
}

static void
encode_group(struct buf *b)
{
	struct msg_want w[3];

	memset(w, 0, sizeof(w));
	w[0].index = 7;
	w[0].flags = WANT_HAS_BASIS;
	w[0].basis_size = 300;
	memset(w[0].basis.b, 0x11, HASH_LEN);
	w[1].index = 8;
	w[2].index = 1000;
	w[2].flags = WANT_HAS_BASIS;
	w[2].basis_size = 1;
	memset(w[2].basis.b, 0x33, HASH_LEN);
	cr_assert_eq(group_encode(w, 3, b, NULL), 0);
}

static void
encode_bulk(struct buf *b)
{
	struct msg_data m = {9, (const uint8_t *)"bytes", 5};
	struct hash sums;
	uint8_t head[BULK_HEAD_MAX];
	size_t n =
	    bulk_head(head, MSG_MANIFEST, 0, m.len, crc_add(0, m.p, m.len));

	cr_assert_eq(get_manifest_encode(b, NULL), 0);
	cr_assert_eq(buf_append(b, head, n, NULL), 0);
	cr_assert_eq(buf_append(b, m.p, m.len, NULL), 0);
	cr_assert_eq(sums_encode(m.p, m.len, b, NULL), 0);
	cr_assert_eq(data_encode(&m, b, NULL), 0);
	memset(sums.b, 0x66, HASH_LEN);
	cr_assert_eq(recall_encode(&sums, b, NULL), 0);
}

static void
encode_ends(struct buf *b)
{
	struct msg_result r;
	struct msg_error m;

	memset(&r, 0, sizeof(r));
	r.outcome = OUTCOME_FAILED;
	r.files = 3;
	r.elapsed_ms = 1500;
	r.sent = 1000;
	r.received = 0x100000000;
	(void)strlcpy(
	    r.text, "disco cheio: a\xc3\xa7\xc3\xa3o", sizeof(r.text));
	cr_assert_eq(result_encode(&r, b, NULL), 0);
	memset(&m, 0, sizeof(m));
	m.code = 4;
	(void)strlcpy(m.text, "no", sizeof(m.text));
	cr_assert_eq(error_encode(&m, b, NULL), 0);
}

static void
encode_nop(struct buf *b)
{
	struct msg_nop m = {false, 0};

	cr_assert_eq(nop_encode(&m, b, NULL), 0);
	m.says_ahead = true;
	m.ahead = 0x01020304;
	cr_assert_eq(nop_encode(&m, b, NULL), 0);
}

static void
encode_preface(struct buf *b)
{
	cr_assert_eq(preface_encode(FEATURE_HINTS, b, NULL), 0);
}

static void
encode_sealed(struct buf *b)
{
	struct msg_welcome m;

	memset(&m, 0, sizeof(m));
	m.verdict = VERDICT_COMPATIBLE;
	memset(m.release.b, 0x5a, HASH_LEN);
	m.manifest_len = 0x01020304;
	m.packed_len = 0x0a0b0c;
	m.flags = WELCOME_SEAL;
	cr_assert_eq(welcome_encode(&m, b, NULL), 0);
	cr_assert_eq(seal_encode("untrusted comment: ...\n", 23, b, NULL), 0);
}

/* Behind everything else that may be there. */
static void
encode_left_out(struct buf *b)
{
	static const uint8_t names[] = "\5*.log\7debug/*";
	struct msg_welcome m;

	memset(&m, 0, sizeof(m));
	m.verdict = VERDICT_COMPATIBLE;
	memset(m.release.b, 0x5a, HASH_LEN);
	m.manifest_len = 0x01020304;
	m.packed_len = 0x0a0b0c;
	m.flags = WELCOME_HINTS | WELCOME_INI | WELCOME_LEFT_OUT;
	m.hints_len = 0x0908;
	m.ini = (struct msg_ini){CONFLICT_RELEASE, "merge"};
	m.left_out = (struct msg_left_out){names, sizeof(names) - 1};
	cr_assert_eq(welcome_encode(&m, b, NULL), 0);
}

Test(golden, every_message_has_its_frozen_bytes)
{
	static const struct {
		const char *name;
		void (*encode)(struct buf *b);
	} rows[] = {{"preface", encode_preface}, {"hello", encode_hello},
	    {"welcome", encode_welcome}, {"lists", encode_lists},
	    {"bulk", encode_bulk}, {"ends", encode_ends},
	    {"group", encode_group}, {"nop", encode_nop},
	    {"hinted", encode_hinted}, {"sealed", encode_sealed},
	    {"left_out", encode_left_out}};
	char want[LINE_MAX_BYTES], got[LINE_MAX_BYTES];
	FILE *f = fopen("tests/golden/messages.txt", "r");
	struct buf b;
	size_t i, k;
	int n;

	cr_assert_not_null(f, "run the tests from the project's root");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, LINE_MAX_BYTES / 4);
		rows[i].encode(&b);
		n = snprintf(got, sizeof(got), "%s ", rows[i].name);
		for (k = 0; k < b.len; k++)
			n += snprintf(got + n, sizeof(got) - (size_t)n, "%02x",
			    buf_data(&b)[k]);
		(void)strlcat(got, "\n", sizeof(got));
		cr_assert_not_null(fgets(want, sizeof(want), f));
		cr_expect_str_eq(got, want, "%s", got);
		buf_release(&b);
	}
	cr_expect_null(fgets(want, sizeof(want), f));
	(void)fclose(f);
}
