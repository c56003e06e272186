/* A second program is there when it says so, and gone when it is ended. */
#include "cli/companion.h"

#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
start(const char *script, struct companion **c, struct err *e)
{
	char shell[] = "/bin/sh", option[] = "-c", command[512];
	char *const argv[] = {shell, option, command, NULL};

	(void)snprintf(command, sizeof(command), "%s", script);
	return companion_start(argv, c, e);
}

Test(companion, it_runs_until_it_is_ended)
{
	struct companion *c;
	struct tempdir t;
	char script[512];
	struct err e;

	tempdir_open(&t);
	(void)snprintf(script, sizeof(script),
	    "cd %s; : >ready; echo; read end; : >ended", t.path);
	cr_assert_eq(start(script, &c, &e), 0);
	cr_expect(tempdir_has(&t, "ready"));
	cr_expect(!tempdir_has(&t, "ended"));
	companion_end(c);
	cr_expect(tempdir_has(&t, "ended"));
	tempdir_close(&t);
}

Test(companion, one_that_is_never_ready_is_an_error)
{
	char none[] = "/no/such/program";
	char *const argv[] = {none, NULL};
	struct companion *c;
	struct err e;

	cr_assert_eq(start("exit 0", &c, &e), ERP_IO);
	cr_expect_str_eq(e.msg, "start /bin/sh: Broken pipe");
	cr_assert_eq(companion_start(argv, &c, &e), ERP_IO);
	cr_expect_str_eq(
	    e.msg, "start /no/such/program: No such file or directory");
}

Test(companion, this_program_is_found)
{
	char path[COMPANION_PATH_MAX];
	struct err e;

	cr_assert_eq(companion_self(path, &e), 0);
	cr_expect_not_null(strstr(path, "/unit"));
}
