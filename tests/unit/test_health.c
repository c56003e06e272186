#include "cli/health.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tempdir t;

static void
begin(void)
{
	tempdir_open(&t);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(health, .init = begin, .fini = end);

static int
run(const char *command, uint32_t timeout_ms, struct err *e)
{
	struct health h = {command, timeout_ms};

	return health_run(&h, t.path, e);
}

Test(health, the_command_decides)
{
	struct err e;
	char *longest;

	cr_assert_eq(run("true", 5000, &e), 0);
	cr_assert_eq(run("exit 7", 5000, &e), ERP_HEALTH);
	cr_assert(strstr(e.msg, "exit code 7") != NULL, "%s", e.msg);
	cr_assert_eq(run("kill -9 $$", 5000, &e), ERP_HEALTH);
	cr_assert(strstr(e.msg, "signal 9") != NULL, "%s", e.msg);
	cr_assert_eq(run("/no/such/program", 5000, &e), ERP_HEALTH);
	longest = calloc(1, HEALTH_COMMAND_MAX + 1);
	memset(longest, ' ', HEALTH_COMMAND_MAX);
	cr_assert_eq(run(longest, 5000, &e), ERP_USAGE);
	free(longest);
}

Test(health, runs_in_the_folder_like_any_program)
{
	struct err e;

	(void)signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(run("pwd >where; cat >input; trap >traps; yes | head -1 "
			 ">/dev/null; echo done >end",
			 5000, &e),
	    0, "%s", e.msg);
	cr_assert(tempdir_has(&t, "where"));
	cr_assert(tempdir_is_text(&t, "input", ""));
	cr_assert(tempdir_is_text(&t, "end", "done\n"));
}

Test(health, what_does_not_end_is_killed_with_its_children, .timeout = 300)
{
	struct err e;
	char *pid;

	cr_assert_eq(run("sleep 60 & echo $! >pid; wait", 300, &e), ERP_HEALTH);
	cr_assert(strstr(e.msg, "did not end") != NULL, "%s", e.msg);
	pid = tempdir_read(&t, "pid", NULL);
	/* The orphan is init's to reap; it may be a zombie for a moment. */
	clock_sleep_ms(NULL, 200);
	char path[64], *state;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", atoi(pid));
	FILE *stat = fopen(path, "r");
	char line[256] = "";

	if (stat != NULL) {
		cr_assert_not_null(fgets(line, sizeof(line), stat));
		(void)fclose(stat);
		state = strrchr(line, ')');
		cr_assert_eq(state[2], 'Z', "%s", line);
	}
	free(pid);
}
