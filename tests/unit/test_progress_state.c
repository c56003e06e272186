/* How far an update is: without a terminal, only events and times. */
#include "cli/progress/progress_state.h"

#include <criterion/criterion.h>
#include <string.h>

static struct progress_state s;
static uint64_t now;

static bool
take(enum erpsync_event_kind kind, const char *path, uint64_t done,
    uint64_t total)
{
	const struct erpsync_event ev = {kind, path, NULL, done, total};

	return progress_state_take(&s, &ev, now);
}

Test(progress_state, phases_only_go_on)
{
	cr_assert_not(take(ERPSYNC_EVENT_WARN, NULL, 0, 0));
	cr_assert_not(take(ERPSYNC_EVENT_PLAN, NULL, 3, 900));
	cr_assert_eq(s.phase, PHASE_NONE);
	cr_assert(take(ERPSYNC_EVENT_SCAN, NULL, 7, 0));
	cr_assert_eq(s.phase, PHASE_CHECK);
	cr_assert(take(ERPSYNC_EVENT_HASH, "a", 500, 600));
	cr_assert_eq(s.done, 7, "bytes of a file are no entries");
	cr_assert(take(ERPSYNC_EVENT_RECEIVE, "a", 0, 0));
	cr_assert_eq(s.total, 900, "the plan has told it");
	cr_assert_not(take(ERPSYNC_EVENT_SCAN, NULL, 9, 0));
	cr_assert(take(ERPSYNC_EVENT_SWAP, "a", 1, 2));
	cr_assert_eq(s.permille, 500);
	cr_assert_not(take(ERPSYNC_EVENT_BACKUP, "a", 1, 2));
	cr_assert(take(ERPSYNC_EVENT_COMMIT, NULL, 0, 0));
	cr_assert_eq(s.phase, PHASE_DONE);
	cr_assert_not(take(ERPSYNC_EVENT_SWAP, "a", 2, 2));
}

Test(progress_state, nothing_falls)
{
	unsigned last = 0;
	uint64_t i;

	for (i = 0; i < 1000; i++) {
		(void)take(ERPSYNC_EVENT_RECEIVE, "a", i % 7 == 0 ? i : 2 * i,
		    i > 500 ? 2500 : 2000);
		cr_assert_geq(s.permille, last);
		cr_assert_leq(s.permille, 1000);
		last = s.permille;
	}
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 9000, 2500);
	cr_assert_eq(s.permille, 1000);
	cr_assert_eq(s.total, 9000, "more came than was told");
}

Test(progress_state, a_path_that_changes_is_another_file)
{
	(void)take(ERPSYNC_EVENT_PLAN, NULL, 2, 100);
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 1, 100);
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 2, 100);
	(void)take(ERPSYNC_EVENT_RECEIVE, NULL, 3, 100);
	cr_assert_eq(s.files, 1);
	cr_assert_eq(progress_state_files(&s), 2);
	(void)take(ERPSYNC_EVENT_RECEIVE, "b\n", 4, 100);
	cr_assert_str_eq(s.path, "b\\n");
	(void)take(ERPSYNC_EVENT_RECEIVE, "c", 5, 100);
	cr_assert_eq(progress_state_files(&s), 3);
}

Test(progress_state, what_was_there_before_is_no_speed)
{
	char left[32];

	progress_state_time_left(&s, left, sizeof(left));
	cr_assert_str_eq(left, "--:--");
	now = 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 900000, 1000000);
	now += 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 901000, 1000000);
	cr_assert_eq(s.rate, 1000);
	progress_state_time_left(&s, left, sizeof(left));
	cr_assert_str_eq(left, "1:39");
	s.rate = 1;
	progress_state_time_left(&s, left, sizeof(left));
	cr_assert_str_eq(left, "27:30:00");
}

Test(progress_state, the_rate_is_smoothed)
{
	now = 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 0, 1000000);
	now += 100;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 900, 1000000);
	cr_assert_eq(s.rate, 0, "too short to tell");
	now += 900;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 1000, 1000000);
	cr_assert_eq(s.rate, 1000);
	now += 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 6000, 1000000);
	cr_assert_eq(s.rate, 2000, "three parts before, one now");
}
