/* Each code has its exit code, as erpsync(1) lists them, and its advice. */
#include "cli/failure.h"

#include "cli/messages/messages_catalogue.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const struct {
	int code, exit;
} cases[] = {
    {ERP_OK, 0},
    {ERP_IO, 11},
    {ERP_NOSPACE, 11},
    {ERP_NOTFOUND, 11},
    {ERP_PROTO, 12},
    {ERP_CORRUPT, 68},
    {ERP_MISMATCH, 68},
    {ERP_AUTH, 11},
    {ERP_TIMEOUT, 30},
    {ERP_BUSY, 67},
    {ERP_NOMEM, 22},
    {ERP_CANCELLED, 20},
    {ERP_USAGE, 1},
    {ERP_INTERNAL, 70},
    {ERP_HEALTH, 71},
    {ERP_DELETES, 25},
    {ERP_BLOCKED, 11},
    {ERP_LOST, 10},
    {ERP_UNREACHABLE, 35},
    {ERP_UNANSWERED, 35},
    {ERP_NOVERSION, 2},
    {ERP_OVERLOAD, 67},
    {ERP_HELD, 67},
    {ERP_SERVER_FULL, 67},
    {ERP_UNFINISHED, 67},
    {ERP_NEWER, 11},
    {ERP_UNTRUSTED, 72},
    {ERP_UNSEALED, 73},
    {ERP_ROLLED_BACK, 74},
    {ERP_FROZEN, 75},
    {ERP_ENDLESS, 76},
    {ERP_MIXED, 77},
    {ERP_FORWARDED, 78},
    {ERP_OTHER_SOFTWARE, 79},
    {ERP_SERVER_FAILED, 67},
};

/* What is no failure, and is told as one, is our own. */
Test(failure, what_is_no_code_is_ours)
{
	static const int codes[] = {0, 1, -1000};
	struct err e, ours;
	size_t i;

	(void)err_set(&ours, ERP_INTERNAL, "x");
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		(void)err_set(&e, codes[i], "x");
		cr_expect_str_eq(
		    failure_advice(&e).what, failure_advice(&ours).what);
	}
	cr_expect_eq(failure_exit(-1000), EXIT_INTERNAL);
	cr_expect_eq(failure_exit(1), EXIT_OK);
}

Test(failure, codes_fit_the_failure)
{
	size_t i;

	cr_assert_eq(sizeof(cases) / sizeof(cases[0]), ERP_CODES);
	for (i = 0; i < ERP_CODES; i++) {
		cr_assert_eq(cases[i].code, -(int)i, "a row for each code");
		cr_expect_eq(failure_exit(cases[i].code), cases[i].exit,
		    "code %d", cases[i].code);
	}
	cr_expect_eq(failure_exit(-ERP_CODES), EXIT_INTERNAL);
	cr_expect_eq(failure_exit(-1000), EXIT_INTERNAL);
	cr_expect_eq(failure_exit(7), EXIT_OK);
}

Test(failure, every_code_has_a_message_and_advice)
{
	struct err e = {.msg = ""};
	struct advice a;

	for (e.code = -1; e.code > -ERP_CODES; e.code--) {
		a = failure_advice(&e);
		cr_assert_not_null(a.what, "code %d", e.code);
		cr_assert_not_null(a.act, "code %d", e.code);
		cr_expect_eq(strncmp(a.what, "UPD", 3), 0);
		cr_expect_eq(strncmp(a.act, "DO", 2), 0);
	}
}

Test(failure, a_file_in_use_is_not_a_busy_folder)
{
	struct err folder = {.code = ERP_HELD}, file;
	static const int in_use[] = {ETXTBSY, EBUSY, EAGAIN};
	size_t i;

	cr_expect_str_eq(failure_advice(&folder).what, UPD023);
	for (i = 0; i < sizeof(in_use) / sizeof(in_use[0]); i++) {
		(void)err_sys(&file, in_use[i], "open", "a.dll");
		cr_expect_eq(file.code, ERP_BUSY);
		cr_expect_str_eq(failure_advice(&file).what, UPD022);
	}
	(void)err_path(&file, ERP_BUSY, "a.dll", "changed meanwhile");
	cr_expect_str_eq(failure_advice(&file).what, UPD022);
	/* What helps depends on more than the code. */
	(void)err_sys(&file, EROFS, "open", "a.dll");
	cr_expect_str_eq(failure_advice(&file).act, DO045);
	(void)err_sys(&file, EADDRINUSE, "listen on", "address * port 80");
	cr_expect_str_eq(failure_advice_plain(&file).what, UPD048);
	cr_expect_str_eq(failure_advice_plain(&file).act, DO048);
	(void)err_sys(&file, EFBIG, "write", "a.dll");
	cr_expect_str_eq(failure_advice(&file).act, DO046);
}

/* Neither memory nor the disk is at fault. */
Test(failure, a_limit_or_a_path_has_its_own_advice)
{
	static const struct {
		int sys, exit;
		const char *what, *act;
	} rows[] = {
	    {EMFILE, EXIT_MEMORY, UPD052, DO052},
	    {ENFILE, EXIT_MEMORY, UPD052, DO036},
	    {ENOMEM, EXIT_MEMORY, UPD036, DO036},
	    {ELOOP, EXIT_FILE_IO, UPD034, DO053},
	    {ENAMETOOLONG, EXIT_FILE_IO, UPD034, DO054},
	    {ENOTDIR, EXIT_FILE_IO, UPD035, DO055},
	    {EADDRNOTAVAIL, EXIT_FILE_IO, UPD048, DO048},
	};
	struct err e;
	size_t i;
	int code;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		code = err_sys(&e, rows[i].sys, "open folder", "/erp");
		cr_expect_eq(failure_exit(code), (int)rows[i].exit, "%zu", i);
		cr_expect_str_eq(failure_advice(&e).what, rows[i].what);
		cr_expect_str_eq(failure_advice(&e).act, rows[i].act);
		cr_expect_str_eq(failure_advice_plain(&e).what, rows[i].what);
		cr_expect_str_eq(failure_advice_plain(&e).act, rows[i].act);
	}
}

Test(failure, advice_where_no_client_folder_is_meant)
{
	static const int others[] = {ERP_INTERNAL, ERP_NOMEM, ERP_PROTO};
	struct err e;
	size_t i;

	(void)err_sys(&e, ENOENT, "open", "a.sig");
	cr_expect_str_eq(failure_advice_plain(&e).what, UPD035);
	cr_expect_str_eq(failure_advice_plain(&e).act, DO235);
	(void)err_sys(&e, EISDIR, "read", ".");
	cr_expect_str_eq(failure_advice_plain(&e).act, DO235);
	(void)err_set(&e, ERP_UNSEALED, "it takes a new seal");
	cr_expect_str_eq(failure_advice_plain(&e).act, DO260);
	/* The errno tells more than the code. */
	(void)err_sys(&e, EROFS, "open", "a.sig");
	cr_expect_str_eq(failure_advice_plain(&e).act, DO045);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)err_set(&e, others[i], "so");
		cr_expect_str_eq(
		    failure_advice_plain(&e).act, failure_advice(&e).act);
	}
}

/* General advice would contradict it. */
Test(failure, some_words_tell_what_to_do)
{
	struct err e;

	(void)err_path(&e, ERP_BLOCKED, "a", "is mounted; unmount it");
	cr_expect(failure_tells(&e));
	(void)err_path(&e, ERP_AUTH, "a", "is immutable; chattr -i");
	cr_expect(failure_tells(&e));
	(void)err_path(&e, ERP_NOSPACE, "a", "1 B free; make space");
	cr_expect(failure_tells(&e));
	(void)err_path(&e, ERP_HELD, "a", "is in use; stop who uses it");
	cr_expect(failure_tells(&e));
	(void)err_set(&e, ERP_NOMEM, "the stack is small; ulimit -s 1024");
	cr_expect(failure_tells(&e));
	(void)err_sys(&e, EACCES, "open", "a; b");
	cr_expect_not(failure_tells(&e));
	(void)err_path(&e, ERP_USAGE, "a", "is none; x");
	cr_expect_not(failure_tells(&e));
}
