#include "cli/fault.h"

#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <criterion/criterion.h>
#include <string.h>

Test(fault, errors_keep_all_that_they_tell)
{
	struct erpsync_error out;
	struct err in, back;

	(void)err_sys(&in, 13, "open", "client.exe");
	cr_assert_eq(fault_give(&out, &in), ERPSYNC_AUTH);
	cr_assert_eq(out.code, ERPSYNC_AUTH);
	cr_assert_eq(fault_take(&back, &out), ERP_AUTH);
	cr_assert_eq(back.sys, 13);
	cr_assert_str_eq(back.msg, in.msg);
}

Test(fault, the_longest_message_fits)
{
	struct erpsync_error out;
	struct err in, back;

	(void)err_set(&in, ERP_IO, "%0600d", 1);
	cr_assert_eq(fault_give(&out, &in), ERPSYNC_IO);
	cr_assert_eq(fault_take(&back, &out), ERP_IO);
	cr_assert_eq(strlen(back.msg), sizeof(in.msg) - 1);
	cr_assert_str_eq(back.msg, in.msg);
}
