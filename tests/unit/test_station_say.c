/* What a station says is whole, or memory is short: each allocation fails. */
#include "transport/station/station_internal.h"

#include "engine/base/err.h"
#include "tests/support/starve.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <string.h>

enum { PREFACE_BYTES = 16, FRAME_BYTES = 8, MANY = 200 };

/* What comes of it: the bytes with memory enough, for those without. */
static uint8_t whole[65536];
static size_t whole_len;

static int
compare(const struct station *s)
{
	const struct buf *out = station_output(s);

	if (whole_len == 0) {
		cr_assert(out->len > 0 && out->len <= sizeof(whole));
		memcpy(whole, buf_data(out), out->len);
		whole_len = out->len;
	}
	return out->len == whole_len &&
		memcmp(buf_data(out), whole, whole_len) == 0
	    ? 0
	    : STARVE_WRONG;
}

static int
hello(void *arg, struct err *e)
{
	static const struct msg_hello m = {.station = "box",
	    .arch = "x86_64",
	    .build = "7.00",
	    .os = PATH_OS_LINUX,
	    .lang = 3};
	struct station s = {.asks_for_seal = *(bool *)arg};
	int rc;

	say_init(&s);
	if ((rc = say_hello(&s, &m, e)) == 0)
		rc = compare(&s);
	say_release(&s);
	return rc;
}

/* Some of each list, in the order of a session. */
static int
asks(void *arg, struct err *e)
{
	static struct msg_fetch fetch[MANY];
	static struct msg_want want[MANY];
	struct msg_want *const last = &want[MANY - 1];
	struct station s = {.asks_for_seal = false};
	const struct hash sums = {{7}};
	int i, rc;

	(void)arg;
	for (i = 0; i < MANY; i++) {
		want[i].index = (uint32_t)i;
		fetch[i].index = (uint32_t)i;
	}
	last->flags = WANT_HAS_BASIS;
	last->basis_size = 9;
	say_init(&s);
	if ((rc = say_get_manifest(&s, e)) == 0 &&
	    (rc = say_wants(&s, want, MANY, e)) == 0 &&
	    (rc = say_recall(&s, &sums, e)) == 0 &&
	    (rc = say_fetches(&s, fetch, MANY, e)) == 0)
		rc = compare(&s);
	say_release(&s);
	return rc;
}

static int
ends(void *arg, struct err *e)
{
	static const struct msg_result m = {
	    .outcome = OUTCOME_UPDATED, .files = 2, .text = "done"};
	struct station s = {.asks_for_seal = false};
	int rc;

	(void)arg;
	say_init(&s);
	if ((rc = say_result(&s, &m, e)) == 0)
		rc = compare(&s);
	say_release(&s);
	return rc;
}

Test(station_say, hello_is_whole, .timeout = 60)
{
	bool seal = false;

	STARVE(hello, &seal);
	cr_assert_gt(whole_len, PREFACE_BYTES + FRAME_BYTES);
	cr_expect_eq(memcmp(whole, "ERPsync\n", 8), 0);
	cr_expect_eq(whole[12],
	    FEATURE_HINTS | FEATURE_INI | FEATURE_NOT_NOW | FEATURE_LEFT_OUT);
	whole_len = 0;
	seal = true;
	STARVE(hello, &seal);
	cr_expect_eq(whole[12],
	    FEATURE_HINTS | FEATURE_NOT_NOW | FEATURE_SEALS | FEATURE_LEFT_OUT);
}

Test(station_say, asks_are_whole, .timeout = 60)
{
	STARVE(asks, NULL);
	cr_expect_gt(whole_len, 2 * MANY);
}

Test(station_say, result_is_whole, .timeout = 60)
{
	STARVE(ends, NULL);
	cr_expect_gt(whole_len, FRAME_BYTES);
}
