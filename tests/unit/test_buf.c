/* The byte queue. */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "tests/support/alloc_wrap.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

Test(buf, begins_empty_and_can_be_released_at_once)
{
	struct buf b;

	buf_init(&b, 10);
	cr_assert_eq(b.len, 0);
	cr_assert_null(buf_data(&b));
	/* Nothing takes no room. */
	cr_assert_eq(buf_append(&b, NULL, 0, NULL), 0);
	cr_assert_null(buf_data(&b));
	buf_release(&b);
	buf_release(&b);
	cr_assert_eq(b.limit, 10);
}

Test(buf, gives_back_what_went_in_across_all_splits)
{
	uint8_t in[5000];
	struct buf b;
	size_t put, take, step, done, taken, i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7 + i / 256);
	for (step = 1; step < 700; step += 97) {
		buf_init(&b, sizeof(in));
		for (done = taken = 0; taken < sizeof(in);) {
			put =
			    sizeof(in) - done < step ? sizeof(in) - done : step;
			cr_assert_eq(buf_append(&b, in + done, put, NULL), 0);
			done += put;
			take = done == sizeof(in) ? b.len : b.len / 2;
			cr_assert_eq(memcmp(buf_data(&b), in + taken, take), 0);
			buf_consume(&b, take);
			taken += take;
		}
		cr_assert_eq(b.len, 0);
		buf_release(&b);
	}
}

Test(buf, holds_exactly_its_limit)
{
	struct buf b;
	struct err e;

	buf_init(&b, 1000);
	cr_assert_eq(buf_append(&b, (uint8_t[1000]){0}, 1000, &e), 0);
	cr_assert_leq(b.cap, 1000);
	cr_assert_eq(buf_append(&b, "x", 1, &e), ERP_NOMEM);
	cr_assert_eq(e.code, ERP_NOMEM);
	cr_assert_eq(b.len, 1000);
	buf_consume(&b, 1);
	cr_assert_eq(buf_append(&b, "x", 1, &e), 0);
	cr_assert_eq(buf_data(&b)[999], 'x');
	cr_assert_leq(b.cap, 1000);
	buf_release(&b);
}

Test(buf, absurd_sizes_are_refused)
{
	struct buf b;
	uint8_t *p;

	buf_init(&b, 100);
	cr_assert_eq(buf_append(&b, "abc", 3, NULL), 0);
	cr_assert_eq(buf_reserve(&b, SIZE_MAX, &p, NULL), ERP_NOMEM);
	cr_assert_eq(buf_reserve(&b, SIZE_MAX - 2, &p, NULL), ERP_NOMEM);
	cr_assert_eq(b.len, 3);
	cr_assert_eq(memcmp(buf_data(&b), "abc", 3), 0);
	buf_release(&b);
}

Test(buf, reserved_bytes_count_after_commit)
{
	struct buf b;
	uint8_t *p;

	buf_init(&b, 64);
	cr_assert_eq(buf_reserve(&b, 8, &p, NULL), 0);
	memcpy(p, "12345678", 8);
	cr_assert_eq(b.len, 0);
	buf_commit(&b, 5);
	cr_assert_eq(b.len, 5);
	cr_assert_eq(memcmp(buf_data(&b), "12345", 5), 0);
	buf_clear(&b);
	cr_assert_eq(b.len, 0);
	cr_assert_eq(buf_reserve(&b, 0, &p, NULL), 0);
	cr_assert_not_null(p);
	buf_release(&b);
}

Test(buf, those_of_the_same_bytes_are_equal)
{
	static const struct {
		const char *a, *b;
		size_t gone; /* of a, consumed before */
		bool equal;
	} rows[] = {
	    {"", "", 0, true},
	    {"abc", "abc", 0, true},
	    {"xabc", "abc", 1, true},
	    {"abc", "", 3, true},
	    {"abc", "", 0, false},
	    {"", "abc", 0, false},
	    {"abc", "ab", 0, false},
	    {"ab", "abc", 0, false},
	    {"abc", "abd", 0, false},
	    {"abc", "xbc", 0, false},
	};
	struct buf a, b;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&a, 10);
		buf_init(&b, 20);
		cr_assert_eq(
		    buf_append(&a, rows[i].a, strlen(rows[i].a), NULL), 0);
		cr_assert_eq(
		    buf_append(&b, rows[i].b, strlen(rows[i].b), NULL), 0);
		buf_consume(&a, rows[i].gone);
		cr_expect_eq(buf_equal(&a, &b), rows[i].equal, "row %zu", i);
		buf_release(&a);
		buf_release(&b);
	}
}

Test(buf, keeps_no_more_than_its_bytes_when_trimmed)
{
	struct buf b;
	uint8_t *p;

	buf_init(&b, 10000);
	cr_assert_eq(buf_reserve(&b, 5000, &p, NULL), 0);
	memcpy(p, "0123456789", 10);
	buf_commit(&b, 10);
	buf_consume(&b, 3);
	buf_trim(&b);
	cr_expect_eq(b.cap, 7);
	cr_assert_eq(b.len, 7);
	cr_expect_arr_eq(buf_data(&b), "3456789", 7);
	/* It grows as ever, */
	cr_assert_eq(buf_append(&b, "ab", 2, NULL), 0);
	cr_expect_arr_eq(buf_data(&b), "3456789ab", 9);
	/* and an empty one has nothing. */
	buf_clear(&b);
	buf_trim(&b);
	cr_expect_null(b.p);
	cr_expect_eq(b.limit, 10000);
	buf_release(&b);
}

static const uint8_t *secret;
static size_t secret_n;
static bool was_wiped;

static void
look(const void *p)
{
	size_t i;

	if (p != secret)
		return;
	for (i = 0; i < secret_n && secret[i] == 0; i++)
		;
	was_wiped = i == secret_n;
}

Test(buf, what_is_wiped_is_gone)
{
	struct buf b;
	uint8_t *p;

	secret_n = 200;
	buf_init(&b, secret_n);
	cr_assert_eq(buf_reserve(&b, secret_n, &p, NULL), 0);
	memset(p, 's', secret_n);
	buf_commit(&b, secret_n);
	buf_consume(&b, 10);
	secret = p;
	alloc_look_at_freed(look);
	buf_wipe(&b);
	alloc_look_at_freed(NULL);
	cr_expect(was_wiped);
	cr_expect_null(b.p);
	cr_expect_eq(b.len, 0);
	cr_expect_eq(b.limit, secret_n);
	buf_wipe(&b);
}
