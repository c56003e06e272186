/* Names that a server leaves out, as it tells them. */
#include "transport/wire/msg_left_out.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"

#include <criterion/criterion.h>
#include <string.h>

static struct err e;

/* A pattern of so many letters, until the next call. */
static const char *
letters(size_t n)
{
	static char text[400];

	memset(text, 'a', n);
	text[n] = '\0';
	return text;
}

static struct buf names, frame;

static void
begin(void)
{
	buf_init(&names, LEFT_OUT_ALL);
	buf_init(&frame, 16384);
}

static void
end(void)
{
	buf_release(&names);
	buf_release(&frame);
}

TestSuite(msg_left_out, .init = begin, .fini = end);

static int
welcome(
    const void *p, size_t n, uint8_t flags, size_t cut, struct msg_welcome *out)
{
	struct msg_welcome m = {.verdict = VERDICT_COMPATIBLE,
	    .manifest_len = 10,
	    .packed_len = 10,
	    .flags = flags | WELCOME_LEFT_OUT,
	    .ini = {CONFLICT_STATION, "a:keep"},
	    .hints_len = 7,
	    .left_out = {p, n}};
	struct frame f;

	m.release.b[0] = 1;
	buf_clear(&frame);
	cr_assert_eq(welcome_encode(&m, &frame, &e), 0);
	cr_assert_gt(frame_decode(buf_data(&frame), frame.len, &f, &e), 0);
	return welcome_decode(f.payload, f.len - cut, out, &e);
}

Test(msg_left_out, it_stands_behind_all_else)
{
	static const uint8_t flags[] = {0, WELCOME_HINTS, WELCOME_INI,
	    WELCOME_INI | WELCOME_HINTS | WELCOME_SEAL};
	char pattern[LEFT_OUT_BYTES + 1];
	struct msg_welcome got;
	size_t i, cut;

	cr_assert_eq(left_out_put(&names, "*.log", &e), 1);
	cr_assert_eq(left_out_put(&names, letters(LEFT_OUT_BYTES), &e), 1);
	for (i = 0; i < sizeof(flags); i++) {
		cr_assert_eq(
		    welcome(buf_data(&names), names.len, flags[i], 0, &got), 0,
		    "%s", e.msg);
		cr_expect(left_out_next(&got.left_out, pattern));
		cr_expect_str_eq(pattern, "*.log");
		cr_expect(left_out_next(&got.left_out, pattern));
		cr_expect_str_eq(pattern, letters(LEFT_OUT_BYTES));
		cr_expect_eq(got.left_out.len, 0);
		cr_expect_not(left_out_next(&got.left_out, pattern));
		cr_expect_eq(
		    got.hints_len, (flags[i] & WELCOME_HINTS) != 0 ? 7 : 0);
		cr_expect_str_eq(got.ini.rules,
		    (flags[i] & WELCOME_INI) != 0 ? "a:keep" : "");
		/* Cut off anywhere. */
		for (cut = 1; cut < names.len + 3; cut++)
			cr_expect_eq(welcome(buf_data(&names), names.len,
					 flags[i], cut, &got),
			    ERP_PROTO, "%zu", cut);
	}
}

Test(msg_left_out, what_cannot_be_is_refused)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
	    {"", 0}, /* none */
	    {"\0", 1}, /* an empty one */
	    {"\1a\0", 3},
	    {"\2a", 2}, /* longer than what is there */
	    {"\1a\377b", 4},
	    {"\3a\0b", 4}, /* a NUL */
	    {"\2..", 3},
	    {"\4../a", 5},
	    {"\1/", 2},
	    {"\1a\2\303\50", 5}, /* no UTF-8 */
	    {"\2a\n", 3},
	};
	struct msg_welcome got;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(welcome(rows[i].bytes, rows[i].n, 0, 0, &got),
		    ERP_PROTO, "row %zu", i);
		cr_expect_not_null(
		    strstr(e.msg, "pattern of names"), "%s", e.msg);
	}
	cr_expect_eq(welcome("\1a", 2, 0, 0, &got), 0);
}

/* All that may be told, and a byte more. */
Test(msg_left_out, it_has_its_limit)
{
	static uint8_t more[LEFT_OUT_ALL + 2];
	struct msg_welcome got;
	size_t i;

	for (i = 0; i < LEFT_OUT_ALL / 256; i++)
		cr_assert_eq(
		    left_out_put(&names, letters(LEFT_OUT_BYTES), &e), 1);
	cr_assert_eq(names.len, LEFT_OUT_ALL);
	cr_expect_eq(left_out_put(&names, "a", &e), 0);
	cr_expect_eq(names.len, LEFT_OUT_ALL);
	cr_expect_eq(welcome(buf_data(&names), names.len, 0, 0, &got), 0);
	memcpy(more, buf_data(&names), names.len);
	more[LEFT_OUT_ALL] = 1;
	more[LEFT_OUT_ALL + 1] = 'a';
	cr_expect_eq(welcome(more, sizeof(more), 0, 0, &got), ERP_PROTO);
}

Test(msg_left_out, what_cannot_be_told_is_not)
{
	cr_expect_eq(left_out_put(&names, "", &e), 0);
	cr_expect_eq(left_out_put(&names, "../a", &e), 0);
	cr_expect_eq(left_out_put(&names, letters(LEFT_OUT_BYTES + 1), &e), 0);
	cr_expect_eq(names.len, 0);
}

/* Who is not served has nothing to delete either. */
Test(msg_left_out, it_comes_with_a_release)
{
	struct msg_welcome m = {.verdict = VERDICT_DISABLED,
	    .flags = WELCOME_LEFT_OUT,
	    .left_out = {(const uint8_t *)"\1a", 2}};
	struct frame f;

	cr_assert_eq(welcome_encode(&m, &frame, &e), 0);
	cr_assert_gt(frame_decode(buf_data(&frame), frame.len, &f, &e), 0);
	cr_expect_eq(welcome_decode(f.payload, f.len, &m, &e), ERP_PROTO);
}

Test(msg_left_out, what_has_no_room_is_an_error)
{
	struct buf small;
	size_t limit;

	for (limit = 0; limit < 4; limit++) {
		buf_init(&small, limit);
		cr_assert_lt(left_out_put(&small, "abc", &e), 0);
		buf_release(&small);
	}
	buf_init(&small, limit);
	cr_assert_eq(left_out_put(&small, "abc", &e), 1);
	buf_release(&small);
}
