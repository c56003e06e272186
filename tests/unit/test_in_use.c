/* What a process has open or mapped is told, with who has it. */
#include "cli/in_use.h"

#include "tests/support/tempdir.h"
#include "transport/api/erpsync.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

Test(in_use, what_this_process_has_is_told_of_it)
{
	const struct erpsync_change v[] = {
	    {.path = "d/closed",
		.type = ERPSYNC_FILE,
		.action = ERPSYNC_ACTION_CHANGED},
	    {.path = "d/gone",
		.type = ERPSYNC_FILE,
		.action = ERPSYNC_ACTION_DELETE},
	    {.path = "d/mapped",
		.type = ERPSYNC_FILE,
		.action = ERPSYNC_ACTION_CHANGED},
	    {.path = "same",
		.type = ERPSYNC_FILE,
		.action = ERPSYNC_ACTION_SAME}};
	char out[256], want[256], slash[300];
	struct tempdir t;
	int gone, again, mapped, same;
	void *p;

	tempdir_open(&t);
	tempdir_text(&t, "d/closed", "x", -1);
	tempdir_text(&t, "d/gone", "x", -1);
	tempdir_text(&t, "d/mapped", "x", -1);
	tempdir_text(&t, "same", "x", -1);
	cr_expect_eq(in_use_list(t.path, v, 4, out, sizeof(out)), 0);
	cr_expect_str_eq(out, "");
	gone = openat(t.fd, "d/gone", O_RDONLY | O_CLOEXEC);
	same = openat(t.fd, "same", O_RDONLY | O_CLOEXEC);
	mapped = openat(t.fd, "d/mapped", O_RDONLY | O_CLOEXEC);
	cr_assert(gone >= 0 && same >= 0 && mapped >= 0);
	p = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, mapped, 0);
	cr_assert_neq(p, MAP_FAILED);
	/* Once, however often it has it. */
	again = dup(gone);
	(void)close(mapped);
	(void)snprintf(slash, sizeof(slash), "%s/d/..//", t.path);
	cr_expect_eq(in_use_list(slash, v, 4, out, sizeof(out)), 2);
	(void)snprintf(want, sizeof(want), "d/mapped (%d), d/gone (%d)",
	    (int)getpid(), (int)getpid());
	cr_expect_str_eq(out, want);
	/* Cut, but to whole names. */
	cr_expect_eq(in_use_list(t.path, v, 4, out, strlen(want)), 2);
	(void)snprintf(want, sizeof(want), "d/mapped (%d)", (int)getpid());
	cr_expect_str_eq(out, want);
	cr_expect_eq(in_use_list("/nowhere/at/all", v, 4, out, sizeof(out)), 0);
	(void)munmap(p, 1);
	(void)close(gone);
	(void)close(again);
	(void)close(same);
	tempdir_close(&t);
}
