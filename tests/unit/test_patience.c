/* Waiting has an end, whatever a peer does; what comes puts it off. */
#include "transport/net/patience.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>

static uint64_t now_ms;

static uint64_t
tell_ms(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock fake = {.monotonic_ms = tell_ms};

static const struct patience_options patient = {
    .clock = &fake, .timeout_ms = 60000};
static const struct patience_options starting = {
    .clock = &fake, .timeout_ms = 60000, .answer_ms = 3000, .total_ms = 20000};

/*
 * The seconds until it is given up, if each second brings the same; 0: it is
 * not within two hours.
 */
static unsigned
seconds(const struct patience_options *opt, enum patience_phase phase,
    const struct patience_signs *each)
{
	struct patience p;
	struct err e;
	unsigned s;

	patience_init(&p, opt);
	for (s = 1; s <= 7200; s++) {
		now_ms += 1000;
		patience_waited(&p, phase, each);
		if (patience_check(&p, phase, "server:1", &e) != 0) {
			cr_expect_eq(e.code, ERP_TIMEOUT);
			return s;
		}
	}
	return 0;
}

Test(patience, a_minute_of_silence_is_the_preset)
{
	const struct patience_options preset = {.clock = &fake};
	const struct patience_signs none = {0};

	cr_expect_eq(seconds(&preset, PATIENCE_CONTENTS, &none), 60);
}

Test(patience, silence_ends_it)
{
	const struct patience_signs none = {0};

	cr_expect_eq(seconds(&patient, PATIENCE_GREETING, &none), 60);
	cr_expect_eq(seconds(&patient, PATIENCE_OPENING, &none), 60);
	cr_expect_eq(seconds(&patient, PATIENCE_CONTENTS, &none), 60);
	cr_expect_eq(seconds(&starting, PATIENCE_GREETING, &none), 3);
	cr_expect_eq(seconds(&starting, PATIENCE_OPENING, &none), 20);
	cr_expect_eq(seconds(&starting, PATIENCE_CONTENTS, &none), 20);
}

Test(patience, trickles_are_next_to_silence)
{
	const struct patience_signs byte = {.bytes = 1}, some = {.bytes = 200},
				    more = {.bytes = 1000};

	cr_expect_eq(seconds(&patient, PATIENCE_CONTENTS, &byte), 61);
	cr_expect_neq(seconds(&patient, PATIENCE_CONTENTS, &some), 0);
	cr_expect_eq(seconds(&patient, PATIENCE_CONTENTS, &more), 0);
	cr_expect_eq(seconds(&starting, PATIENCE_GREETING, &more), 3);
	cr_expect_eq(seconds(&starting, PATIENCE_OPENING, &byte), 21);
	cr_expect_neq(seconds(&starting, PATIENCE_CONTENTS, &more), 0);
}

Test(patience, what_is_really_coming_is_waited_for)
{
	const struct patience_signs modem = {.bytes = 3000};
	const struct patience_signs content = {.bytes = 60, .gained = 90000};

	cr_expect_eq(seconds(&patient, PATIENCE_CONTENTS, &modem), 0);
	cr_expect_eq(seconds(&starting, PATIENCE_CONTENTS, &modem), 0);
	cr_expect_eq(seconds(&starting, PATIENCE_CONTENTS, &content), 0);
}

Test(patience, a_list_of_files_has_an_end)
{
	const struct patience_signs fast = {.bytes = 1000000};

	cr_expect_eq(seconds(&patient, PATIENCE_OPENING, &fast), 900);
	cr_expect_eq(seconds(&starting, PATIENCE_OPENING, &fast), 60);
}

Test(patience, words_alone_hold_nobody_for_ever)
{
	const struct patience_signs there = {.bytes = 13, .alive = true};
	const struct patience_signs works = {
	    .bytes = 17, .alive = true, .working = true};
	unsigned s;

	/* An hour, and what their own bytes are worth. */
	s = seconds(&patient, PATIENCE_CONTENTS, &there);
	cr_expect(s >= 3600 && s <= 3900, "%u", s);
	cr_expect_eq(seconds(&starting, PATIENCE_CONTENTS, &there), 21);
	s = seconds(&patient, PATIENCE_CONTENTS, &works);
	cr_expect(s >= 3600 && s <= 3900, "%u", s);
	s = seconds(&starting, PATIENCE_CONTENTS, &works);
	cr_expect(s >= 60 && s <= 63, "%u", s);
}

/* As if the same came each second, so many times. */
static void
pass(struct patience *p, const struct patience_signs *each, int times)
{
	for (; times > 0; times--) {
		now_ms += 1000;
		patience_waited(p, PATIENCE_CONTENTS, each);
	}
}

Test(patience, what_was_gained_makes_a_word_count_again)
{
	const struct patience_signs works = {.alive = true, .working = true};
	const struct patience_signs content = {.gained = 90000};
	struct patience p;
	struct err e;

	patience_init(&p, &starting);
	pass(&p, &works, 39);
	pass(&p, &content, 1);
	pass(&p, &works, 55);
	cr_expect_eq(patience_check(&p, PATIENCE_CONTENTS, "x", &e), 0);
	pass(&p, &works, 10);
	cr_expect_neq(patience_check(&p, PATIENCE_CONTENTS, "x", &e), 0);
}

Test(patience, a_limit_of_the_link_is_no_trickle)
{
	struct patience_options narrow = starting;
	const struct patience_signs slow = {.bytes = 100};

	narrow.bwlimit = 128;
	cr_expect_eq(seconds(&narrow, PATIENCE_CONTENTS, &slow), 0);
	narrow.bwlimit = 1;
	cr_expect_eq(seconds(&narrow, PATIENCE_CONTENTS, &slow), 0);
}

Test(patience, tries_and_pauses_count_together)
{
	const struct patience_signs none = {0};
	struct patience p;
	struct err e;

	patience_init(&p, &starting);
	cr_expect_eq(patience_left(&p, 15000), 3000);
	cr_expect_eq(patience_left(&p, 1000), 1000);
	now_ms += 12000;
	patience_waited(&p, PATIENCE_AWAY, NULL);
	cr_expect_eq(patience_left(&p, 15000), 0);
	patience_try(&p);
	cr_expect_eq(patience_left(&p, 15000), 3000);
	/* Its own work is free. */
	now_ms += 100000;
	patience_worked(&p);
	now_ms += 7000;
	patience_waited(&p, PATIENCE_CONTENTS, &none);
	cr_expect_eq(patience_check(&p, PATIENCE_CONTENTS, "server:1", &e), 0);
	now_ms += 1000;
	patience_waited(&p, PATIENCE_CONTENTS, &none);
	cr_expect_eq(
	    patience_check(&p, PATIENCE_CONTENTS, "server:1", &e), ERP_TIMEOUT);
	cr_expect_str_eq(
	    e.msg, "server:1: no progress towards an update for 20 s");
	/* Another try is no progress. */
	patience_try(&p);
	cr_expect_eq(patience_left(&p, 15000), 0);
}

/* One that was halved is no "0 s". */
Test(patience, parts_of_a_second_are_said_as_one)
{
	const struct patience_options half = {
	    .clock = &fake, .answer_ms = 500, .total_ms = 1500};
	const struct patience_signs none = {0};
	struct patience p;
	struct err e;

	patience_init(&p, &half);
	now_ms += 500;
	patience_waited(&p, PATIENCE_GREETING, &none);
	cr_expect_neq(patience_check(&p, PATIENCE_GREETING, "server:1", &e), 0);
	cr_expect_str_eq(e.msg, "server:1: no greeting within 1 s");
	patience_try(&p);
	now_ms += 1000;
	patience_waited(&p, PATIENCE_CONTENTS, &none);
	cr_expect_neq(patience_check(&p, PATIENCE_CONTENTS, "server:1", &e), 0);
	cr_expect_str_eq(
	    e.msg, "server:1: no progress towards an update for 2 s");
}
