/*
 * What a peer may say, at its edges: each number of limits.h and of the
 * messages' fields passes at its limit and fails one above.
 */
#include "transport/wire/limits.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/delta/pack.h"
#include "engine/tree/manifest.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"

#include <criterion/criterion.h>
#include <string.h>

static struct buf b;
static struct err e;

static void
begin(void)
{
	buf_init(&b, FRAME_MAX);
}

static void
end(void)
{
	buf_release(&b);
}

TestSuite(limits, .init = begin, .fini = end);

/* The payload of the one frame in b. */
static struct frame
payload(void)
{
	struct frame f;

	cr_assert_eq(frame_decode(buf_data(&b), b.len, &f, &e), (int64_t)b.len);
	return f;
}

static int
hello(const struct msg_hello *m)
{
	struct msg_hello got;
	struct frame f;

	buf_clear(&b);
	cr_assert_eq(hello_encode(m, &b, &e), 0);
	f = payload();
	return hello_decode(f.payload, f.len, &got, &e);
}

static int
welcome(const struct msg_welcome *m)
{
	struct msg_welcome got;
	struct frame f;

	buf_clear(&b);
	cr_assert_eq(welcome_encode(m, &b, &e), 0);
	f = payload();
	return welcome_decode(f.payload, f.len, &got, &e);
}

Test(limits, hello)
{
	struct msg_hello m;
	uint8_t lang, flags, os;

	memset(&m, 0, sizeof(m));
	memset(m.station, 'a', TEXT_SHORT);
	memset(m.arch, '~', TEXT_SHORT);
	memset(m.build, ' ', TEXT_SHORT);
	for (os = 0; os <= PATH_OS_N; os++) {
		m.os = (enum path_os)os;
		cr_expect_eq(hello(&m), os < PATH_OS_N ? 0 : ERP_PROTO);
	}
	m.os = PATH_OS_LINUX;
	for (lang = 0; lang <= 4; lang++) {
		m.lang = lang;
		cr_expect_eq(hello(&m), 0); /* one to come is as 0 */
	}
	m.lang = 0;
	for (flags = 0; flags < 16; flags++) {
		m.flags = flags;
		cr_expect_eq(hello(&m), 0);
	}
	m.flags = 0;
	m.station[0] = '\0'; /* one by hand: the encoder has none */
	buf_clear(&b);
	cr_assert_eq(buf_append(&b, "\0\0\0\1\0\0", 6, &e), 0);
	cr_assert_eq(buf_append(&b, m.release.b, HASH_LEN, &e), 0);
	cr_expect_eq(hello_decode(buf_data(&b), b.len, &m, &e), ERP_PROTO);
}

/* A text of len bytes in front of the others. */
static int
hello_with(int which, size_t len)
{
	static const char bytes[TEXT_SHORT + 1] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const uint8_t rest[3 + HASH_LEN] = {PATH_OS_LINUX};
	struct msg_hello m;
	uint8_t n;
	int i;

	buf_clear(&b);
	for (i = 0; i < 3; i++) {
		n = (uint8_t)(i == which ? len : 1);
		cr_assert_eq(buf_append(&b, &n, 1, &e), 0);
		cr_assert_eq(buf_append(&b, bytes, n, &e), 0);
	}
	cr_assert_eq(buf_append(&b, rest, sizeof(rest), &e), 0);
	return hello_decode(buf_data(&b), b.len, &m, &e);
}

Test(limits, short_texts)
{
	int which;

	for (which = 0; which < 3; which++) {
		cr_expect_eq(hello_with(which, 1), 0);
		cr_expect_eq(hello_with(which, TEXT_SHORT), 0);
		cr_expect_eq(hello_with(which, TEXT_SHORT + 1), ERP_PROTO);
	}
}

Test(limits, characters)
{
	static const struct {
		const char *text;
		int want, ascii;
	} rows[] = {{"\x1f", ERP_PROTO, ERP_PROTO}, {" ", 0, 0}, {"~", 0, 0},
	    {"\x7f", ERP_PROTO, ERP_PROTO}, {"\x80", ERP_PROTO, ERP_PROTO},
	    {"\xc2\x80", ERP_PROTO, ERP_PROTO},
	    {"\xc2\x9f", ERP_PROTO, ERP_PROTO}, {"\xc2\xa0", 0, ERP_PROTO},
	    {"\xc3\xa9", 0, ERP_PROTO}, {"\xf4\x8f\xbf\xbf", 0, ERP_PROTO},
	    {"\xf4\x90\x80\x80", ERP_PROTO, ERP_PROTO}};
	static const uint8_t rest[3 + HASH_LEN] = {PATH_OS_LINUX};
	struct msg_error error;
	struct msg_hello h;
	size_t i, n;
	uint8_t len;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i].text);
		len = (uint8_t)n;
		buf_clear(&b);
		cr_assert_eq(buf_append(&b, "\0", 2, &e), 0);
		cr_assert_eq(buf_append(&b, &len, 1, &e), 0);
		cr_assert_eq(buf_append(&b, rows[i].text, n, &e), 0);
		cr_expect_eq(error_decode(buf_data(&b), b.len, &error, &e),
		    rows[i].want, "row %zu", i);
		/* As the architecture, which is ASCII. */
		buf_clear(&b);
		cr_assert_eq(buf_append(&b, "\1s", 2, &e), 0);
		cr_assert_eq(buf_append(&b, &len, 1, &e), 0);
		cr_assert_eq(buf_append(&b, rows[i].text, n, &e), 0);
		cr_assert_eq(buf_append(&b, "", 1, &e), 0);
		cr_assert_eq(buf_append(&b, rest, sizeof(rest), &e), 0);
		cr_expect_eq(hello_decode(buf_data(&b), b.len, &h, &e),
		    rows[i].ascii, "row %zu", i);
	}
}

Test(limits, welcome)
{
	static const uint32_t most = MANIFEST_MAX_BYTES;
	static const struct {
		struct msg_welcome m;
		int want;
	} rows[] = {
	    {{.verdict = VERDICT_COMPATIBLE,
		 .manifest_len = most,
		 .packed_len = most,
		 .flags = WELCOME_RELATIVE},
		0},
	    {{.verdict = VERDICT_COMPATIBLE,
		 .manifest_len = most + 1,
		 .packed_len = most},
		ERP_PROTO},
	    {{.verdict = VERDICT_COMPATIBLE,
		 .manifest_len = most,
		 .packed_len = most + 1},
		ERP_PROTO},
	    {{.verdict = VERDICT_INCOMPATIBLE,
		 .manifest_len = 1,
		 .packed_len = 1},
		0},
	    {{.verdict = VERDICT_INCOMPATIBLE, .packed_len = 1}, ERP_PROTO},
	    {{.verdict = VERDICT_INCOMPATIBLE, .manifest_len = 1}, ERP_PROTO},
	    {{.verdict = VERDICT_COMPATIBLE,
		 .manifest_len = 1,
		 .packed_len = 1,
		 .flags = WELCOME_RELATIVE + 1},
		ERP_PROTO},
	    {{.verdict = VERDICT_COMPATIBLE,
		 .retry_after = 1,
		 .manifest_len = 1,
		 .packed_len = 1},
		ERP_PROTO},
	    {{.verdict = VERDICT_DISABLED, .manifest_len = most}, 0},
	    {{.verdict = VERDICT_DISABLED, .manifest_len = most + 1},
		ERP_PROTO},
	    {{.verdict = VERDICT_NO_PACKAGE, .packed_len = most + 1},
		ERP_PROTO},
	    {{.verdict = VERDICT_BUSY}, ERP_PROTO},
	    {{.verdict = VERDICT_BUSY, .retry_after = 1}, 0},
	    {{.verdict = VERDICT_BUSY, .retry_after = 3600}, 0},
	    {{.verdict = VERDICT_BUSY, .retry_after = 3601}, ERP_PROTO},
	    {{.verdict = VERDICT_BUSY, .retry_after = UINT32_MAX}, ERP_PROTO},
	};
	struct msg_welcome m;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m = rows[i].m;
		m.release.b[0] = 1;
		memset(m.build, 'b', TEXT_SHORT);
		cr_expect_eq(welcome(&m), rows[i].want, "row %zu", i);
	}
}

Test(limits, result_and_error)
{
	struct msg_result r, r_got;
	struct msg_error m, m_got;
	struct frame f;
	size_t i;

	memset(&r, 0, sizeof(r));
	memset(r.text, 'x', TEXT_LONG);
	for (i = 0; i <= OUTCOME_FAILED + 1; i++) {
		r.outcome = (enum outcome)i;
		buf_clear(&b);
		cr_assert_eq(result_encode(&r, &b, &e), 0);
		f = payload();
		cr_expect_eq(result_decode(f.payload, f.len, &r_got, &e),
		    i >= OUTCOME_CURRENT && i <= OUTCOME_FAILED ? 0
								: ERP_PROTO);
	}
	memset(&m, 0, sizeof(m));
	memset(m.text, 'x', TEXT_LONG);
	m.code = UINT16_MAX;
	buf_clear(&b);
	cr_assert_eq(error_encode(&m, &b, &e), 0);
	f = payload();
	cr_assert_eq(error_decode(f.payload, f.len, &m_got, &e), 0);
	cr_expect_eq(memcmp(&m, &m_got, sizeof(m)), 0);
}

/* --- lists ----------------------------------------------------------------*/

static int
want(const struct msg_want *v)
{
	struct msg_want got[WANT_MAX];
	struct frame f;

	buf_clear(&b);
	cr_assert_eq(wants_encode(v, 1, &b, &e), 0);
	f = payload();
	return wants_decode(f.payload, f.len, got, &e);
}

static int
offer(const struct msg_offer *v)
{
	struct msg_offer got[WANT_MAX];
	struct frame f;

	buf_clear(&b);
	cr_assert_eq(offers_encode(v, 1, &b, &e), 0);
	f = payload();
	return offers_decode(f.payload, f.len, got, &e);
}

Test(limits, items)
{
	struct msg_want w = {.flags = WANT_HAS_BASIS};
	struct msg_offer o = {.codec = CODEC_PATCH, .len = 1};

	w.basis_size = ENTRY_MAX_SIZE;
	cr_expect_eq(want(&w), 1);
	w.basis_size = ENTRY_MAX_SIZE + 1;
	cr_expect_eq(want(&w), ERP_PROTO);
	cr_expect_eq(offer(&o), 1);
	o.len = 2 * ENTRY_MAX_SIZE;
	cr_expect_eq(offer(&o), 1);
	o.len = 2 * ENTRY_MAX_SIZE + 1;
	cr_expect_eq(offer(&o), ERP_PROTO);
	o.len = 0;
	cr_expect_eq(offer(&o), ERP_PROTO);
	o.len = 1;
	o.codec = CODEC_PATCH + 1;
	cr_expect_eq(offer(&o), ERP_PROTO);
	o.codec = 0;
	cr_expect_eq(offer(&o), ERP_PROTO);
}

/* WANT_MAX files pass, of each kind of list, and not one more; what an item
 * is said to weigh it weighs. */
Test(limits, files_of_a_list)
{
	static struct msg_want w[WANT_MAX];
	static struct msg_offer o[WANT_MAX];
	static struct msg_fetch t[WANT_MAX];
	static uint8_t more[CONTROL_MAX];
	size_t i, wants = 0, offers = 0;
	struct frame f;

	for (i = 0; i < WANT_MAX; i++) {
		w[i].flags = (uint8_t)(i % 2 == 0 ? i % 4 : WANT_HAS_BASIS);
		if (i % 2 != 0)
			w[i].flags |= i % 3 == 0 ? WANT_HAS_PART : 0;
		o[i].codec = CODEC_FULL;
		o[i].len = 1;
		wants += want_len(&w[i]);
		offers += OFFER_LEN;
	}
	cr_assert_eq(wants_encode(w, WANT_MAX, &b, &e), 0);
	f = payload();
	cr_expect_eq(f.len, wants);
	memcpy(more, f.payload, f.len);
	cr_expect_eq(wants_decode(more, f.len, w, &e), WANT_MAX);
	cr_expect_eq(wants_decode(more, f.len + 5, w, &e), ERP_PROTO);
	buf_clear(&b);
	cr_assert_eq(offers_encode(o, WANT_MAX, &b, &e), 0);
	f = payload();
	cr_expect_eq(f.len, offers);
	memcpy(more, f.payload, f.len);
	cr_expect_eq(offers_decode(more, f.len, o, &e), WANT_MAX);
	memcpy(more + f.len, more, OFFER_LEN);
	cr_expect_eq(offers_decode(more, f.len + OFFER_LEN, o, &e), ERP_PROTO);
	buf_clear(&b);
	cr_assert_eq(fetches_encode(t, WANT_MAX, &b, &e), 0);
	f = payload();
	cr_expect_eq(f.len, WANT_MAX * FETCH_LEN);
	memcpy(more, f.payload, f.len);
	cr_expect_eq(fetches_decode(more, f.len, t, &e), WANT_MAX);
	cr_expect_eq(fetches_decode(more, f.len + FETCH_LEN, t, &e), ERP_PROTO);
}

/* --- groups ---------------------------------------------------------------*/

static int
group(const struct msg_want *v, size_t n)
{
	static struct msg_want got[GROUP_MAX];
	struct frame f;

	buf_clear(&b);
	cr_assert_eq(group_encode(v, n, &b, &e), 0);
	f = payload();
	return group_decode(f.payload, f.len, got, &e);
}

Test(limits, groups)
{
	enum { FULL = GROUP_BASES / GROUP_BASIS };
	struct msg_want v[FULL + 1];
	uint32_t i;

	memset(v, 0, sizeof(v));
	for (i = 0; i < FULL + 1; i++) {
		v[i].index = i;
		v[i].flags = i < FULL ? WANT_HAS_BASIS : 0;
		v[i].basis_size = i < FULL ? GROUP_BASIS : 0;
	}
	cr_expect_eq(group(v, FULL), FULL);
	cr_expect_eq(group(v, FULL + 1), FULL + 1);
	v[FULL].flags = WANT_HAS_BASIS;
	v[FULL].basis_size = 1;
	cr_expect_eq(group(v, FULL + 1), ERP_PROTO);
	v[0].basis_size = GROUP_BASIS - 1;
	cr_expect_eq(group(v, FULL + 1), FULL + 1);
	v[1].basis_size = GROUP_BASIS + 1;
	cr_expect_eq(group(v, 2), ERP_PROTO);
	v[1].basis_size = 0;
	v[1].flags = 0;
	v[1].index = MANIFEST_MAX_ENTRIES - 1;
	cr_expect_eq(group(v, 2), 2);
	v[1].index = MANIFEST_MAX_ENTRIES;
	cr_expect_eq(group(v, 2), ERP_PROTO);
}

/* --- bulk -----------------------------------------------------------------*/

Test(limits, bulk)
{
	static uint8_t bytes[DATA_HEADER_LEN + BULK_PIECE];
	struct msg_data m = {3, bytes, BULK_PIECE}, got;
	struct frame f;

	cr_assert_eq(data_encode(&m, &b, &e), 0);
	f = payload();
	cr_assert_eq(data_decode(f.payload, f.len, &got, &e), 0);
	cr_expect_eq(got.len, BULK_PIECE);
	cr_expect_eq(data_decode(bytes, DATA_HEADER_LEN, &got, &e), ERP_PROTO);
	cr_expect_eq(data_decode(bytes, DATA_HEADER_LEN + 1, &got, &e), 0);
	buf_clear(&b);
	cr_assert_eq(sums_encode(bytes, BULK_PIECE, &b, &e), 0);
	cr_expect_eq(payload().len, BULK_PIECE);
}

/* --- sums ------------------------------------------------------------------*/

Test(limits, recall)
{
	static const uint8_t bytes[HASH_LEN + 1] = {1, 2, 3};
	struct hash sums;
	size_t n;

	for (n = 0; n <= HASH_LEN + 1; n++)
		cr_expect_eq(recall_decode(bytes, n, &sums, &e),
		    n == HASH_LEN ? 0 : ERP_PROTO, "%zu", n);
	cr_expect_eq(sums.b[2], 3);
}

/* --- questions ------------------------------------------------------------*/

Test(limits, questions)
{
	static uint32_t v[GROUP_MAX], got[GROUP_MAX];
	static uint8_t more[1 + (GROUP_MAX + 1) * ASK_LEN] = {SUMS_SHORT};
	enum sums_kind kind;
	struct frame f;
	size_t i, n;

	for (i = 0; i < GROUP_MAX; i++)
		v[i] = (uint32_t)(i * 4000000);
	cr_assert_eq(ask_encode(SUMS_SIGNATURE, v, GROUP_MAX, &b, &e), 0);
	f = payload();
	cr_expect_eq(f.len, 1 + GROUP_MAX * ASK_LEN);
	cr_assert_eq(ask_decode(f.payload, f.len, &kind, got, &e), GROUP_MAX);
	cr_expect_eq(kind, SUMS_SIGNATURE);
	cr_expect_arr_eq(got, v, sizeof(v));
	n = sizeof(more);
	cr_expect_eq(ask_decode(more, n, &kind, got, &e), ERP_PROTO);
	cr_expect_eq(ask_decode(more, n - ASK_LEN, &kind, got, &e), GROUP_MAX);
	cr_expect_eq(kind, SUMS_SHORT);
	for (i = 0; i < 12; i++)
		cr_expect_eq(ask_decode(more, i, &kind, got, &e),
		    i == 5       ? 1
			: i == 9 ? 2
				 : ERP_PROTO,
		    "%zu", i);
	for (more[0] = 0; more[0] < 5; more[0]++)
		cr_expect_eq(ask_decode(more, 5, &kind, got, &e),
		    more[0] == 1 || more[0] == 2 ? 1 : ERP_PROTO);
}
