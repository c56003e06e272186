/* What is told of a failure is what is kept of it. */
#include "cli/said.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>

Test(said, a_failure_is_told_and_kept, .init = cr_redirect_stderr)
{
	struct said s;
	struct err e;

	memset(&s, 0, sizeof(s));
	(void)err_set(&e, ERP_CANCELLED, "interrupted");
	said_failure(&s, LANG_EN, K2, &e);
	cr_expect_str_eq(
	    s.first, "The Remote could not be updated automatically");
	cr_expect_str_eq(s.what, "UPD037: Stopped on request: interrupted");
	cr_expect_str_eq(s.act, "Start the update again when it suits.");
	said_advice(&s, LANG_PT, NULL, (struct advice){RUN101, DO101}, "a.exe");
	cr_expect_str_eq(s.first, "");
	cr_expect_str_eq(s.what, "RUN101: O programa não existe: a.exe");
	(void)fflush(stderr);
	cr_assert_stderr_eq_str(
	    "The Remote could not be updated automatically\n"
	    "UPD037: Stopped on request: interrupted\n"
	    "What to do: Start the update again when it suits.\n"
	    "RUN101: O programa não existe: a.exe\n"
	    "O que fazer: Verifique o nome: sem pasta, ele é procurado no "
	    "PATH; ./NOME, na pasta do cliente.\n");
}
