/* The user and the machine, as the system tells them by other ways too. */
#include "engine/base/who.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

Test(who, the_user_is_the_one_whose_rights_count)
{
	char user[80] = "";

	cr_assert_eq(who_uid(), geteuid());
	cr_assert_eq(who_gid(), getegid());
	cr_assert_eq(who_is_root(), geteuid() == 0);
	who_user(user, sizeof(user));
	cr_assert_neq(user[0], '\0', "\"?\" at least");
	if (who_is_root())
		cr_assert_str_eq(user, "root");
}

Test(who, a_user_without_a_name_goes_by_his_number)
{
	char user[80] = "", text[4] = "xxx";

	who_name(0, user, sizeof(user));
	cr_expect_str_eq(user, "root");
	who_name(4000000321, user, sizeof(user));
	cr_expect_str_eq(user, "4000000321");
	who_name(4000000321, text, 3);
	cr_expect_str_eq(text, "40");
}

Test(who, the_machine_is_this_one)
{
	struct utsname name;
	char text[256];

	cr_assert_eq(uname(&name), 0);
	cr_expect_eq(who_os(), PATH_OS_LINUX);
	who_host(text, sizeof(text));
	cr_assert_str_eq(text, name.nodename);
	who_arch(text, sizeof(text));
	cr_assert_str_eq(text, name.machine);
}

Test(who, texts_are_cut_at_their_room)
{
	char text[4];

	memset(text, 'x', sizeof(text));
	who_arch(text, 3);
	cr_assert_leq(strlen(text), 2);
	cr_assert_eq(text[3], 'x');
	who_host(text, 1);
	cr_assert_str_eq(text, "");
	who_user(text, 1);
	cr_assert_str_eq(text, "");
}

Test(who, a_file_that_others_may_read_or_write_is_known)
{
	static const struct {
		mode_t mode;
		bool open;
	} rows[] = {{0600, false}, {0400, false}, {0700, false}, {0640, false},
	    {0750, false}, {0644, true}, {0604, true}, {0602, true},
	    {0620, true}, {0601, false}};
	struct tempdir t;
	char path[300];
	size_t i;

	tempdir_open(&t);
	tempdir_text(&t, "key", "secret", -1);
	(void)snprintf(path, sizeof(path), "%s/key", t.path);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tempdir_chmod(&t, "key", rows[i].mode);
		cr_expect_eq(who_else_may(path), rows[i].open, "%o",
		    (unsigned)rows[i].mode);
	}
	(void)snprintf(path, sizeof(path), "%s/none", t.path);
	cr_expect(!who_else_may(path));
	tempdir_close(&t);
}
