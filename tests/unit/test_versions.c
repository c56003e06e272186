/*
 * Peers of other versions, from both ends, with bytes made by hand: what
 * docs/protocol.md says is frozen gets the answers that it says.
 */
#include "engine/apply/folder.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/codec.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store.h"
#include "tests/support/output.h"
#include "tests/support/pair.h"
#include "transport/server/server.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <string.h>

/* The numbers of docs/protocol.md, "ERROR". */
enum { VERSION = 1, PROTOCOL = 2 };

static struct pair p;
static struct server *sv;
static struct folder *folder;
static struct station *st;
static struct buf bytes; /* what the peer says */
static struct err e;

static int
admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *why)
{
	const struct server_policy off = {.enabled = false};

	(void)ctx;
	(void)why;
	admission_decide(&off, &(struct arrival){.client = hello->build}, out);
	return 0;
}

static void
submit(void *ctx, struct job *job)
{
	(void)ctx;
	(void)job;
	cr_assert_fail("nothing is to be done");
}

static void
report(void *ctx, const struct server_report *r)
{
	(void)ctx;
	(void)r;
}

/* A server that is switched off, and a station, that nobody has met. */
static void
meet(void)
{
	struct folder_options where = {.fs = fs_real(), .clock = clock_real()};
	struct station_options opt = pair_options(&p);
	const struct server_env env = {
	    p.store, clock_real(), admit, submit, report, NULL, NULL, NULL};

	cr_assert_eq(server_new(&env, "192.0.2.1", &sv, &e), 0);
	cr_assert_eq(folder_open(p.client.path, &where, &folder, &e), 0);
	opt.folder = folder;
	cr_assert_eq(station_new(&opt, &st, &e), 0);
	buf_init(&bytes, 1 << 20);
}

static void
part(void)
{
	buf_release(&bytes);
	station_free(st);
	folder_close(folder);
	server_free(sv);
}

static void
begin(void)
{
	pair_open(&p);
	meet();
}

static void
end(void)
{
	part();
	pair_close(&p);
}

TestSuite(versions, .init = begin, .fini = end);

static void
say(const void *what, size_t n)
{
	cr_assert_eq(buf_append(&bytes, what, n, &e), 0);
}

static void
say_preface(uint16_t lowest, uint16_t highest, uint32_t features)
{
	uint8_t b[16] = "ERPsync\n";

	b[8] = (uint8_t)lowest;
	b[9] = (uint8_t)(lowest >> 8);
	b[10] = (uint8_t)highest;
	b[11] = (uint8_t)(highest >> 8);
	store_u32(b + 12, features);
	say(b, sizeof(b));
}

static void
say_frame(uint8_t type, const void *payload, size_t n)
{
	uint8_t head[8];

	store_u32(head, type | (uint32_t)n << 8);
	store_u32(head + 4, crc_add(crc_add(0, head, 4), payload, n));
	say(head, sizeof(head));
	say(payload, n);
}

/* A HELLO of "s1" on linux, and this many bytes that nobody knows. */
static void
say_hello(uint8_t lang, uint8_t flags, size_t more)
{
	uint8_t b[500] = {2, 's', '1', 0, 0, 1};

	b[6] = lang;
	b[7] = flags;
	memset(b + 40, 0xee, more);
	say_frame(1, b, 40 + more);
}

/* What the server answers behind its preface: the type of the only frame, and
 * of ERROR the code. */
struct answer {
	uint8_t type;
	uint16_t code;
};

static struct answer
ask(void)
{
	struct answer a = {0, 0};
	const uint8_t *out;
	struct frame f;
	size_t n;

	(void)server_input(sv, buf_data(&bytes), bytes.len, &e);
	n = output_bytes(sv, &out);
	if (n == 0)
		return a;
	cr_assert_geq(n, 16);
	cr_assert_arr_eq(out, "ERPsync\n\1\0\1\0\37\0\0\0", 16);
	if (n == 16)
		return a;
	cr_assert_eq(frame_decode(out + 16, n - 16, &f, &e), (int64_t)n - 16);
	a.type = f.type;
	if (f.type == 11)
		a.code = (uint16_t)(f.payload[0] | f.payload[1] << 8);
	return a;
}

/* Every range that has a 1 in it is served, whatever else is in it. */
Test(versions, a_station_of_any_range_is_answered)
{
	static const struct {
		uint16_t lowest, highest;
		uint16_t code; /* of the ERROR, or 0: WELCOME */
	} rows[] = {{1, 1, 0}, {1, 2, 0}, {0, 1, 0}, {0, 0xffff, 0},
	    {0, 0, VERSION}, {2, 2, VERSION}, {2, 9, VERSION}, {2, 1, VERSION},
	    {1, 0, VERSION}, {0xffff, 0, VERSION}};
	struct answer a;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say_preface(rows[i].lowest, rows[i].highest, 0);
		say_hello(0, 0, 0);
		a = ask();
		cr_expect_eq(a.type, rows[i].code != 0 ? 11 : 2, "row %zu", i);
		cr_expect_eq(a.code, rows[i].code, "row %zu", i);
		part();
		meet();
	}
}

Test(versions, a_station_of_the_future_says_more)
{
	say_preface(1, 7, 0xffffffff);
	say_hello(200, 0xff, 400);
	cr_expect_eq(ask().type, 2);
}

/* What belongs to a feature goes to nobody who did not name it. */
Test(versions, frames_of_the_future_are_no_frames_of_ours)
{
	static const uint8_t types[] = {MSG_TYPES, 100, 128, 255};
	struct answer a;
	size_t i;

	for (i = 0; i < sizeof(types); i++) {
		say_preface(1, 1, 0);
		say_frame(types[i], "x", 1);
		a = ask();
		cr_expect_eq(a.type, 11);
		cr_expect_eq(a.code, PROTOCOL);
		part();
		meet();
	}
}

Test(versions, who_says_something_else_gets_no_answer)
{
	say("\x16\x03\x01", 3);
	cr_expect_eq(ask().type, 0);
	cr_expect(server_is_done(sv));
}

/* Half a preface may be that of TLS or ours: nothing is said before. */
Test(versions, a_server_waits_for_a_whole_preface)
{
	const uint8_t *out;

	say_preface(1, 1, 0);
	cr_assert_eq(server_input(sv, buf_data(&bytes), 15, &e), 15);
	cr_expect_eq(output_bytes(sv, &out), 0);
	cr_assert_eq(server_input(sv, buf_data(&bytes) + 15, 1, &e), 1);
	cr_expect_eq(output_bytes(sv, &out), 16);
}

/* ERROR ends a session for both: nobody answers one. */
Test(versions, an_error_is_not_answered)
{
	say_preface(1, 1, 0);
	say_frame(11, "\x2c\1\2hi and more", 14);
	cr_expect_eq(ask().type, 0);
	cr_expect(server_is_done(sv));
}

/* Nor is a link that was closed, be it in one direction only. */
Test(versions, a_closed_link_is_not_answered)
{
	const uint8_t *out;

	say_preface(1, 1, 0);
	cr_expect_eq(ask().type, 0);
	server_eof(sv);
	cr_expect(server_is_done(sv));
	cr_expect_eq(output_bytes(sv, &out), 16); /* its preface */
}

/* --- the station ---------------------------------------------------------- */

/* What the station makes of the bytes, and what it says to them: the type of
 * its last frame behind preface and HELLO, or 0. */
static int
hear(struct answer *a)
{
	const struct buf *out = station_output(st);
	size_t at = 16;
	struct frame f;
	int64_t used;
	int step;

	*a = (struct answer){0, 0};
	cr_assert_eq(station_input(st, buf_data(&bytes), bytes.len, &e), 0);
	while ((step = station_step(st, &e)) == STATION_AGAIN)
		;
	for (; at < out->len; at += (size_t)used) {
		used = frame_decode(buf_data(out) + at, out->len - at, &f, &e);
		cr_assert_gt(used, 0);
		if (f.type == 1)
			continue;
		a->type = f.type;
		if (f.type == 11)
			a->code = (uint16_t)(f.payload[0] | f.payload[1] << 8);
	}
	return step;
}

static const uint8_t disabled[60] = {3}; /* a WELCOME, and bytes to come */

Test(versions, a_server_of_any_range_is_heard)
{
	static const struct {
		uint16_t lowest, highest;
		int end;
	} rows[] = {{1, 1, STATION_IO}, {1, 2, STATION_IO}, {0, 1, STATION_IO},
	    {0, 0xffff, STATION_IO}, {0, 0, ERP_NOVERSION},
	    {2, 2, ERP_NOVERSION}, {2, 1, ERP_NOVERSION},
	    {0xffff, 0, ERP_NOVERSION}};
	struct answer a;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say_preface(rows[i].lowest, rows[i].highest, 0xdeadbeef);
		say_frame(2, disabled, sizeof(disabled));
		cr_expect_eq(hear(&a), rows[i].end, "row %zu", i);
		cr_expect_eq(a.type, 0, "row %zu", i);
		part();
		meet();
	}
}

/* It knows which numbers there are today, and takes any other. */
Test(versions, errors_of_the_future_end_it)
{
	static const struct {
		uint16_t code;
		int end;
	} rows[] = {{0, ERP_SERVER_FAILED}, {1, ERP_NOVERSION}, {2, ERP_PROTO},
	    {3, ERP_TIMEOUT}, {4, ERP_LOST}, {5, ERP_SERVER_FULL},
	    {6, ERP_SERVER_FAILED}, {7, ERP_UNTRUSTED}, {8, ERP_SERVER_FAILED},
	    {0xffff, ERP_SERVER_FAILED}};
	uint8_t error[] = {0, 0, 2, 'n', 'o', 0xff, 0xff, 0xff};
	struct answer a;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		error[0] = (uint8_t)rows[i].code;
		error[1] = (uint8_t)(rows[i].code >> 8);
		say_preface(1, 1, 0);
		say_frame(11, error, sizeof(error));
		cr_expect_eq(hear(&a), rows[i].end, "code %u", rows[i].code);
		cr_expect_str_eq(e.msg, "the server reports: no");
		cr_expect_eq(a.type, 0);
		part();
		meet();
	}
}

/* What cannot be a WELCOME is told to the server, which would never know. */
Test(versions, a_bad_welcome_is_answered_with_error)
{
	static const uint8_t bad[46] = {77};
	struct answer a;

	say_preface(1, 1, 0);
	say_frame(2, bad, sizeof(bad));
	cr_expect_eq(hear(&a), ERP_PROTO);
	cr_expect_eq(a.type, 11);
	cr_expect_eq(a.code, PROTOCOL);
	part();
	meet();
	say_preface(1, 1, 0);
	say_frame(MSG_TYPES, "x", 1);
	cr_expect_eq(hear(&a), ERP_PROTO);
	cr_expect_eq(a.type, 11);
}
