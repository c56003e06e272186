/* Errors: codes, messages, context. */
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(err, set_fills_and_returns_the_code)
{
	struct err e;

	(void)err_sys(&e, EIO, "read", "a");
	cr_assert_eq(err_set(&e, ERP_PROTO, "frame %d", 7), ERP_PROTO);
	cr_assert_eq(e.code, ERP_PROTO);
	cr_assert_eq(e.sys, 0);
	cr_assert_str_eq(e.msg, "frame 7");
}

Test(err, nobody_has_to_listen)
{
	cr_assert_eq(err_set(NULL, ERP_IO, "x"), ERP_IO);
	cr_assert_eq(err_sys(NULL, ENOSPC, "write", "a"), ERP_NOSPACE);
	cr_assert_eq(err_path(NULL, ERP_USAGE, "a", "b"), ERP_USAGE);
}

Test(err, errno_decides_the_code)
{
	static const struct {
		int sys, code;
	} table[] = {
	    {ENOSPC, ERP_NOSPACE},
	    {EDQUOT, ERP_NOSPACE},
	    {ENOENT, ERP_NOTFOUND},
	    {ENOTDIR, ERP_NOTFOUND},
	    {ENOMEM, ERP_NOMEM},
	    {EMFILE, ERP_NOMEM},
	    {ENFILE, ERP_NOMEM},
	    {EACCES, ERP_AUTH},
	    {EPERM, ERP_AUTH},
	    {EROFS, ERP_AUTH},
	    {ETXTBSY, ERP_BUSY},
	    {EBUSY, ERP_BUSY},
	    {EAGAIN, ERP_BUSY},
	    {EIO, ERP_IO},
	    {ELOOP, ERP_IO},
	};
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_expect_eq(err_sys(&e, table[i].sys, "open", "f"),
		    table[i].code, "errno %d", table[i].sys);
		cr_expect_eq(e.sys, table[i].sys);
	}
}

Test(err, messages_name_verb_path_and_reason)
{
	struct err e;

	(void)err_sys(&e, ENOENT, "open", "a/b");
	cr_assert_str_eq(e.msg, "open a/b: No such file or directory");
	(void)err_path(&e, ERP_USAGE, "a/b", "too odd");
	cr_assert_str_eq(e.msg, "a/b: too odd");
}

Test(err, foreign_paths_are_escaped)
{
	struct err e;

	(void)err_path(&e, ERP_USAGE, "a\n\033[31mb", "bad");
	cr_assert_str_eq(e.msg, "a\\n\\033[31mb: bad");
	(void)err_sys(&e, EIO, "read", "x\xff");
	cr_assert_str_eq(e.msg, "read x\\377: Input/output error");
}

Test(err, context_goes_in_front)
{
	struct err e;

	(void)err_set(&e, ERP_CORRUPT, "cut short");
	cr_assert_eq(err_context(&e, "release %d", 3), ERP_CORRUPT);
	cr_assert_str_eq(e.msg, "release 3: cut short");
}

Test(err, overlong_messages_are_cut)
{
	char text[2000];
	struct err e;
	int i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)err_set(&e, ERP_IO, "%s", text);
	cr_assert_eq(strlen(e.msg), sizeof(e.msg) - 1);
	for (i = 0; i < 50; i++)
		(void)err_context(&e, "%s", text);
	cr_assert_eq(strlen(e.msg), sizeof(e.msg) - 1);
	(void)err_sys(&e, EIO, "read", text);
	cr_assert_not_null(strstr(e.msg, "Input/output error"));
}

Test(err, every_code_has_a_name)
{
	int code;

	for (code = ERP_OK; code > -ERP_CODES; code--)
		cr_expect_str_neq(err_name(code), "unknown");
	cr_assert_str_eq(err_name(ERP_OK), "ok");
	cr_assert_str_eq(err_name(ERP_INTERNAL), "internal");
	cr_assert_str_eq(err_name(-ERP_CODES), "unknown");
	cr_assert_str_eq(err_name(1), "unknown");
	cr_assert_str_eq(err_name(ERP_NOVERSION), "proto");
}

Test(err, a_code_may_be_known_better_than_by_errno)
{
	struct err e;

	cr_assert_eq(err_sys_as(&e, ERP_LOST, ENOENT, "lost", "a\n"), ERP_LOST);
	cr_assert_eq(e.code, ERP_LOST);
	cr_assert_eq(e.sys, ENOENT);
	cr_assert_str_eq(e.msg, "lost a\\n: No such file or directory");
}

Test(err, only_the_links_own_troubles_pass_with_the_link)
{
	int code, n = 0;

	for (code = 2; code > -2 * ERP_CODES; code--)
		n += err_is_of_link(code);
	cr_assert_eq(n, 4);
	cr_assert(err_is_of_link(ERP_LOST));
	cr_assert(err_is_of_link(ERP_UNREACHABLE));
	cr_assert(err_is_of_link(ERP_UNANSWERED));
	cr_assert(err_is_of_link(ERP_TIMEOUT));
}

Test(err, no_memory_is_said_in_one_way)
{
	struct err e = {0};

	cr_assert_eq(err_nomem(&e), ERP_NOMEM);
	cr_assert_eq(e.code, ERP_NOMEM);
	cr_assert_eq(e.sys, 0);
	cr_assert_str_eq(e.msg, "out of memory");
	cr_assert_eq(err_nomem(NULL), ERP_NOMEM);
}
