/*
 * The deadlines of a session, each on both sides of its edge: a session that
 * is made up of what they look at.
 */
#include "transport/server/server_internal.h"

#include <criterion/criterion.h>
#include <string.h>

enum { BORN = 7000, MINUTE = 60 * 1000 };
static const uint64_t hour = (uint64_t)60 * MINUTE;

/* A station that is served and has said nothing since. */
static void
begin(struct server *s)
{
	memset(s, 0, sizeof(*s));
	s->state = SERVER_READY;
	s->inbox.has_hello = true;
	pace_init(&s->pace, BORN);
}

static bool
is_late(struct server *s, uint64_t now, const char *why)
{
	const char *is = pace_late(s, now);

	if (is != NULL && why != NULL)
		cr_expect_str_eq(is, why);
	return is != NULL;
}

Test(server_deadlines, a_greeting_within_ten_seconds)
{
	struct server s;

	begin(&s);
	s.state = SERVER_HELLO;
	s.inbox.has_hello = false;
	pace_moved(&s.pace, BORN + 10000);
	cr_expect(!is_late(&s, BORN + 10000, NULL));
	cr_expect(is_late(&s, BORN + 10001, "no greeting in time"));
	s.inbox.has_hello = true;
	cr_expect(!is_late(&s, BORN + 10001, NULL));
}

Test(server_deadlines, who_was_turned_away_leaves)
{
	struct server s;

	begin(&s);
	s.state = SERVER_REFUSED;
	pace_word(&s.pace, BORN + 5000);
	pace_moved(&s.pace, BORN + 15000);
	cr_expect(!is_late(&s, BORN + 15000, NULL));
	cr_expect(is_late(&s, BORN + 15001, "no end after it was turned away"));
}

/* A download of minutes: something waits all the time, and leaves. */
Test(server_deadlines, a_long_download_that_moves_is_fine)
{
	struct server s;
	uint64_t now;

	begin(&s);
	s.outbox.bulk.len = 1;
	for (now = BORN; now < BORN + 5 * MINUTE; now += 30 * 1000) {
		s.outbox.sent += 16 * 1024;
		pace_moved(&s.pace, now);
		cr_expect(
		    !is_late(&s, now, NULL), "%u ms", (unsigned)(now - BORN));
	}
}

/* 256 bytes a second, over a minute; either way, whatever it is. */
Test(server_deadlines, the_least_rate)
{
	const uint64_t least = 60 * 256;
	struct server s;
	int way;

	for (way = 0; way < 4; way++) {
		begin(&s);
		if (way & 1)
			s.inbox.bytes.len = 1;
		else
			s.outbox.words.len = 1;
		*(way & 2 ? &s.outbox.sent : &s.inbox.received) = least;
		cr_expect(!is_late(&s, BORN + MINUTE, NULL));
		/* Another minute, and one byte too few. */
		*(way & 2 ? &s.outbox.sent : &s.inbox.received) += least - 1;
		cr_expect(!is_late(&s, BORN + 2 * MINUTE - 1, NULL));
		cr_expect(is_late(
		    &s, BORN + 2 * MINUTE, "less than 256 bytes a second"));
	}
}

Test(server_deadlines, with_nothing_under_way_a_minute_begins_anew)
{
	struct server s;

	begin(&s);
	cr_expect(!is_late(&s, BORN + 5 * MINUTE, NULL));
	s.inbox.bytes.len = 1;
	cr_expect(!is_late(&s, BORN + 6 * MINUTE - 1, NULL));
	cr_expect(is_late(&s, BORN + 6 * MINUTE, NULL));
}

/* What came waits for our computing: no fault of the station's. */
Test(server_deadlines, while_we_compute_the_wait_is_ours)
{
	struct server s;
	struct job job;

	begin(&s);
	s.compiling = &job;
	s.inbox.bytes.len = 100;
	cr_expect(!is_late(&s, BORN + MINUTE, NULL));
	cr_expect(!is_late(&s, BORN + 10 * MINUTE, NULL));
	/* But not if it does not take what it is sent. */
	begin(&s);
	s.compiling = &job;
	s.outbox.words.len = 1;
	cr_expect(is_late(&s, BORN + MINUTE, "less than 256 bytes a second"));
	/* Nor if no work is under way. */
	begin(&s);
	s.inbox.bytes.len = 100;
	cr_expect(is_late(&s, BORN + MINUTE, "less than 256 bytes a second"));
	/* Nor is it to blame when it is not read from. */
	begin(&s);
	server_hold(&s, true);
	s.inbox.bytes.len = 100;
	cr_expect(!is_late(&s, BORN + 5 * MINUTE, NULL));
}

Test(server_deadlines, ten_minutes_of_silence)
{
	struct server s;

	begin(&s);
	pace_moved(&s.pace, BORN + MINUTE);
	cr_expect(!is_late(&s, BORN + 11 * MINUTE, NULL));
	cr_expect(is_late(&s, BORN + 11 * MINUTE + 1, "silent for too long"));
}

Test(server_deadlines, six_hours_in_all)
{
	struct server s;

	begin(&s);
	pace_moved(&s.pace, BORN + 6 * hour);
	cr_expect(!is_late(&s, BORN + 6 * hour, NULL));
	cr_expect(
	    is_late(&s, BORN + 6 * hour + 1, "session longer than six hours"));
}

/* Twice a second, to whoever waits for us. */
Test(server_deadlines, signs_of_life)
{
	struct server s;
	struct job job;

	begin(&s);
	s.compiling = &job;
	cr_expect(!pace_wants_nop(&s, BORN + 499));
	cr_expect(pace_wants_nop(&s, BORN + 500));
	s.outbox.words.len = 1;
	cr_expect(!pace_wants_nop(&s, BORN + 500));
	s.outbox.words.len = 0;
	s.compiling = NULL;
	cr_expect(!pace_wants_nop(&s, BORN + 500));
	s.reading = &job;
	cr_expect(pace_wants_nop(&s, BORN + 500));
	s.reading = NULL;
	s.must_wait = true;
	cr_expect(pace_wants_nop(&s, BORN + 500));
	s.must_wait = false;
	server_hold(&s, true);
	cr_expect(pace_wants_nop(&s, BORN + 500));
	s.state = SERVER_HELLO;
	cr_expect(!pace_wants_nop(&s, BORN + 500));
	s.state = SERVER_PREPARING;
	cr_expect(pace_wants_nop(&s, BORN + 500));
	s.state = SERVER_CLOSING;
	cr_expect(!pace_wants_nop(&s, BORN + 500));
}

Test(server_deadlines, idle_is_who_has_everything_it_waited_for)
{
	struct server s;
	struct job job;

	begin(&s);
	pace_word(&s.pace, BORN + 100);
	cr_expect_eq(pace_idle_ms(&s, BORN + 350), 250);
	s.outbox.bulk.len = 1;
	cr_expect_eq(pace_idle_ms(&s, BORN + 350), 0);
	s.outbox.bulk.len = 0;
	s.compiling = &job;
	cr_expect_eq(pace_idle_ms(&s, BORN + 350), 0);
}
