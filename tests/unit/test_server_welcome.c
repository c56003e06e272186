/* What a station is told when it comes, by what it has and what it knows. */
#include "transport/server/server_internal.h"

#include "transport/wire/frame.h"
#include "transport/wire/msg_left_out.h"
#include "transport/wire/preface.h"
#include "transport/wire/proto.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <string.h>

enum { ALL = 63, PACKED = 20, RELATIVE = 15, HINTS = 5, LIST = 1000 };
enum { FROM_NONE, FROM_SAME, FROM_OLDER, FROM_OTHER };

static struct live_release live;
static struct server s;
static struct err e;

static void
fill(struct buf *b, size_t n)
{
	uint8_t *p;

	buf_init(b, n);
	cr_assert_eq(buf_reserve(b, n, &p, &e), 0);
	memset(p, 'x', n);
	buf_commit(b, n);
}

/* A release with all that can be told of one. */
static void
begin(void)
{
	struct hash from;

	memset(&from, FROM_OLDER, sizeof(from));
	memset(&live.id, FROM_SAME, sizeof(live.id));
	live.refs = 1;
	live.manifest_len = LIST;
	fill(&live.packed, PACKED);
	fill(&live.seal, 7);
	buf_init(&live.left_out, 100);
	cr_assert_eq(left_out_put(&live.left_out, "*.log", &e), 1);
	cr_assert(live_release_begin_relative(&live, &from));
	fill(&live.relatives[0].packed, RELATIVE);
	live.relatives[0].leans = true;
	live.relatives[0].hints_len = HINTS;
}

static void
end(void)
{
	buf_release(&live.packed);
	buf_release(&live.seal);
	buf_release(&live.left_out);
	buf_release(&live.relatives[0].packed);
}

TestSuite(server_welcome, .init = begin, .fini = end);

/* Welcome one with these features that has this release. */
static void
greet(unsigned features, int from, enum verdict verdict)
{
	memset(&s, 0, sizeof(s));
	outbox_init(&s.outbox);
	s.state = SERVER_HELLO;
	s.served = &live;
	s.verdict = verdict;
	s.inbox.features = features;
	memset(&s.inbox.hello.release, from, sizeof(struct hash));
	(void)strlcpy(s.ini.rules, "merge", sizeof(s.ini.rules));
}

/* What it is told; a seal or nothing is behind it. */
static struct msg_welcome
told(bool sealed)
{
	struct buf *words = &s.outbox.words;
	struct msg_welcome m;
	struct frame f;
	int64_t n;

	cr_expect_eq(s.state, SERVER_READY);
	cr_assert_gt(n = frame_decode(buf_data(words), words->len, &f, &e), 0);
	cr_assert_eq(f.type, MSG_WELCOME);
	cr_assert_eq(welcome_decode(f.payload, f.len, &m, &e), 0, "%s", e.msg);
	buf_consume(words, (size_t)n);
	cr_expect_eq(words->len > 0, sealed);
	if (sealed) {
		cr_assert_gt(
		    frame_decode(buf_data(words), words->len, &f, &e), 0);
		cr_expect_eq(f.type, MSG_SEAL);
		cr_expect_eq(f.len, live.seal.len);
	}
	cr_expect(hash_equal(&m.release, &live.id));
	cr_expect_eq(m.manifest_len, LIST);
	buf_release(words);
	return m;
}

/* Nobody hears of what it does not know, or has no use for. */
Test(server_welcome, tells_what_the_station_knows)
{
	enum {
		SEALED = WELCOME_SEAL,
		RULES = WELCOME_INI,
		NAMES = WELCOME_LEFT_OUT,
		LEANS = WELCOME_RELATIVE,
		HINTED = WELCOME_HINTS
	};
	static const struct {
		unsigned features;
		int from;
		unsigned flags;
		uint32_t packed, hints;
	} rows[] = {
	    {0, FROM_NONE, 0, PACKED, 0},
	    {ALL, FROM_NONE, SEALED | RULES, PACKED, 0},
	    {ALL, FROM_SAME, SEALED | RULES, PACKED, 0},
	    {ALL, FROM_OTHER, SEALED | RULES | NAMES, PACKED, 0},
	    {ALL, FROM_OLDER, SEALED | RULES | NAMES | LEANS | HINTED, RELATIVE,
		HINTS},
	    {0, FROM_OLDER, LEANS, RELATIVE - HINTS, 0},
	    {FEATURE_HINTS, FROM_OLDER, LEANS | HINTED, RELATIVE, HINTS},
	    {FEATURE_SEALS, FROM_OTHER, SEALED, PACKED, 0},
	    {FEATURE_INI, FROM_OTHER, RULES, PACKED, 0},
	    {FEATURE_LEFT_OUT, FROM_OTHER, NAMES, PACKED, 0},
	};
	struct msg_welcome m;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		greet(rows[i].features, rows[i].from, VERDICT_COMPATIBLE);
		cr_assert_eq(welcome(&s, &e), 0);
		m = told((rows[i].flags & SEALED) != 0);
		cr_expect_eq(m.flags, rows[i].flags, "row %zu: %u", i, m.flags);
		cr_expect_eq(m.packed_len, rows[i].packed, "row %zu", i);
		cr_expect_eq(m.hints_len, rows[i].hints, "row %zu", i);
		cr_expect_eq(s.outbox.manifest_len, rows[i].packed);
		cr_expect_str_eq(
		    m.ini.rules, (rows[i].flags & RULES) != 0 ? "merge" : "");
		cr_expect_eq(m.left_out.len,
		    (rows[i].flags & NAMES) != 0 ? live.left_out.len : 0);
	}
}

/* Nor is there anything to tell where there is nothing. */
Test(server_welcome, tells_nothing_of_what_is_not_there)
{
	struct msg_welcome m;

	buf_clear(&live.seal);
	buf_clear(&live.left_out);
	live.relatives[0].leans = false;
	greet(ALL, FROM_OLDER, VERDICT_COMPATIBLE);
	s.ini.rules[0] = '\0';
	cr_assert_eq(welcome(&s, &e), 0);
	m = told(false);
	cr_expect_eq(m.flags, WELCOME_HINTS, "%u", m.flags);
	cr_expect_eq(m.packed_len, RELATIVE);
	/* Its form is being made. */
	buf_clear(&live.relatives[0].packed);
	greet(ALL, FROM_OLDER, VERDICT_COMPATIBLE);
	s.ini.rules[0] = '\0';
	cr_assert_eq(welcome(&s, &e), 0);
	m = told(false);
	cr_expect_eq(m.flags, 0);
	cr_expect_eq(m.packed_len, PACKED);
}

/* Unless somebody is to be asked first, or has it. */
Test(server_welcome, the_manifest_follows_at_once)
{
	static const struct {
		enum verdict verdict;
		uint8_t flags;
		int from;
		bool follows;
	} rows[] = {
	    {VERDICT_COMPATIBLE, 0, FROM_NONE, true},
	    {VERDICT_COMPATIBLE, 0, FROM_OLDER, true},
	    {VERDICT_COMPATIBLE, 0, FROM_SAME, false},
	    {VERDICT_COMPATIBLE, HELLO_AGREED, FROM_SAME, false},
	    {VERDICT_INCOMPATIBLE, 0, FROM_OTHER, false},
	    {VERDICT_INCOMPATIBLE, HELLO_AGREED, FROM_OTHER, true},
	    {VERDICT_INCOMPATIBLE, HELLO_AGREED, FROM_SAME, false},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		greet(0, rows[i].from, rows[i].verdict);
		s.inbox.hello.flags = rows[i].flags;
		cr_assert_eq(welcome(&s, &e), 0);
		cr_expect_eq(told(false).verdict, rows[i].verdict);
		cr_expect_eq(
		    s.outbox.sending_manifest, rows[i].follows, "row %zu", i);
	}
}
