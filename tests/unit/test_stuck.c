#include "cli/stuck.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

Test(stuck, only_what_cannot_be_explained_needs_a_person)
{
	int code;

	for (code = -1; code > -ERP_CODES; code--)
		cr_expect_eq(
		    stuck_is(NULL, code), code == ERP_CORRUPT, "%d", code);
}

Test(stuck, the_folder_is_left_alone, .init = cr_redirect_stderr)
{
	struct err e = {.code = ERP_CORRUPT, .msg = "journal: too short"};

	cr_expect_eq(stuck_say(LANG_EN, &e), 69);
	(void)fflush(stderr);
	cr_expect_stderr_eq_str(
	    "UPD040: The folder needs a recovery by hand; nothing was "
	    "changed: journal: too short\n"
	    "What to do: Leave the folder as it is and send this message to "
	    "the administrator; erpsync(1) tells under FILES what can be "
	    "done.\n");
}
