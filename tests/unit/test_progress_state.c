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
	cr_assert_eq(s.total, 0, "nobody has said how many bytes");
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

Test(progress_state, a_long_path_is_known_by_its_end)
{
	char path[2 * PROGRESS_PATH_MAX + 16] = "";
	size_t i;

	for (i = 0; i < PROGRESS_PATH_MAX; i++)
		(void)strcat(path, "\303\251");
	(void)strcat(path, "/name.dll");
	(void)take(ERPSYNC_EVENT_RECEIVE, path, 1, 10);
	cr_expect_eq(strncmp(s.path, "...\303\251", 5), 0);
	cr_expect_str_eq(s.path + strlen(s.path) - 9, "/name.dll");
	cr_expect_gt(strlen(s.path), PROGRESS_PATH_MAX - 4);
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
	char left[FIGURES_MAX];

	progress_state_time_left(&s, left);
	cr_assert_str_eq(left, "--:--");
	now = 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 900000, 1000000);
	now += 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 901000, 1000000);
	cr_assert_eq(s.rate, 1000);
	progress_state_time_left(&s, left);
	cr_assert_str_eq(left, "--:--", "one sample may be odd");
	now += 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 902000, 1000000);
	progress_state_time_left(&s, left);
	cr_assert_str_eq(left, "1:38");
	s.left_s = 99000;
	progress_state_time_left(&s, left);
	cr_assert_str_eq(left, "27:30:00");
}

Test(progress_state, the_time_left_never_grows)
{
	uint64_t i, done = 0, last;

	now = 1000;
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 0, 1000000);
	for (i = 0; i < 3; i++) {
		now += 1000;
		done += 10000;
		(void)take(ERPSYNC_EVENT_RECEIVE, "a", done, 1000000);
	}
	cr_assert(s.has_left);
	for (i = 0; i < 60; i++) {
		last = s.left_s;
		now += i == 20 ? 60000 : 1000;
		done += i < 20 ? 1000 : 40000;
		(void)take(ERPSYNC_EVENT_RECEIVE, "a",
		    done < 1000000 ? done : 1000000,
		    i == 10 ? 1500000 : 1000000);
		cr_assert_leq(s.left_s, last);
	}
	cr_assert_eq(s.left_s, 0);
}

/* The wire has less than was thought, and a link breaks: the share grows, and
 * files are counted on. */
Test(progress_state, goes_on_after_a_broken_link)
{
	unsigned before;

	(void)take(ERPSYNC_EVENT_PLAN, NULL, 4, 0);
	(void)take(ERPSYNC_EVENT_RECEIVE, "a", 100, 1000);
	(void)take(ERPSYNC_EVENT_RECEIVE, "b", 200, 800);
	cr_assert_eq(s.total, 800);
	cr_assert_eq(s.permille, 250);
	before = s.permille;
	(void)take(ERPSYNC_EVENT_PLAN, NULL, 3, 0);
	cr_assert_eq(progress_state_files(&s), 4);
	(void)take(ERPSYNC_EVENT_RECEIVE, "b", 210, 2000);
	cr_assert_eq(s.files, 2);
	cr_assert_eq(progress_state_files(&s), 4);
	cr_assert_geq(s.permille, before);
	(void)take(ERPSYNC_EVENT_RECEIVE, "d", 700, 700);
	cr_assert_eq(s.permille, 1000);
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
