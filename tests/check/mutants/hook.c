/*
 * Which unit tests run, and how each ends. MUTATE_TESTS=FILE has a line
 * "SUITE TEST SECONDS" for each that shall run, with its time limit;
 * MUTATE_LOG=FILE gets a line "SUITE TEST SECONDS ok|bad|late" for each that
 * ran.
 */
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The line of a test in the list, behind its names; NULL: not there. */
static const char *
find(const char *list, const struct criterion_test *test)
{
	char key[512];
	const char *at;

	snprintf(key, sizeof(key), "\n%s %s ", test->category, test->name);
	at = strstr(list, key);
	return at == NULL ? NULL : at + strlen(key);
}

static void
choose(const char *list, struct criterion_test_set *set)
{
	FOREACH_SET(struct criterion_suite_set * suite, set->suites)
	{
		FOREACH_SET(struct criterion_test * test, suite->tests)
		{
			const char *limit = find(list, test);

			if (limit == NULL)
				test->data->disabled = true;
			else
				test->data->timeout = atof(limit);
		}
	}
}

ReportHook(PRE_ALL)(struct criterion_test_set *set)
{
	static char list[1 << 18] = "\n";
	const char *path = getenv("MUTATE_TESTS");
	FILE *file = path == NULL ? NULL : fopen(path, "r");

	if (file == NULL)
		return;
	list[1 + fread(list + 1, 1, sizeof(list) - 2, file)] = '\0';
	fclose(file);
	choose(list, set);
}

static void
note(const struct criterion_test_stats *stats, bool crashed)
{
	const char *path = getenv("MUTATE_LOG");
	FILE *file = path == NULL ? NULL : fopen(path, "a");
	bool bad = crashed || stats->test_status == CR_STATUS_FAILED;

	if (file == NULL)
		return;
	fprintf(file, "%s %s %.3f %s\n", stats->test->category,
	    stats->test->name, (double)stats->elapsed_time,
	    stats->timed_out ? "late"
		: bad        ? "bad"
			     : "ok");
	fclose(file);
}

ReportHook(POST_TEST)(struct criterion_test_stats *stats)
{
	note(stats, stats->crashed);
}

ReportHook(TEST_CRASH)(struct criterion_test_stats *stats)
{
	note(stats, true);
}
