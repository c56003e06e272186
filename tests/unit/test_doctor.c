/* How findings are told and counted. */
#include "cli/doctor/doctor.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/tempdir.h"
#include "tests/support/terminal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct doctor d;
static char *told;
static size_t told_n;
static FILE *out;
static struct opt_speech speech;

static void
begin(void)
{
	speech.lang = LANG_EN;
	out = open_memstream(&told, &told_n);
	cr_assert_not_null(out);
	doctor_begin(&d, out, &speech, "/opt/erp");
	(void)fflush(out);
	cr_assert_eq(strncmp(told, "What was found in /opt/erp (erpsync ", 36),
	    0, "%s", told);
	cr_assert_not_null(strstr(told, "):\n"), "%s", told);
	rewind(out);
}

static void
end(void)
{
	(void)fclose(out);
	free(told);
}

TestSuite(doctor, .init = begin, .fini = end);

/* What was told since the beginning. */
static void
expect(const char *text)
{
	(void)fflush(out);
	told[ftell(out)] = '\0';
	cr_expect_str_eq(told, text);
}

Test(doctor, nothing_wrong_is_a_zero)
{
	doctor_right(&d, DOC011, "");
	doctor_right(&d, DOC012, "smartclient.ini");
	doctor_warn(&d, DOC012, "held by somebody");
	doctor_untried(&d, DOC019, DOC057);
	cr_expect_eq(doctor_end(&d), 0);
	expect("right to write           ok\n"
	       "settings                 ok          smartclient.ini\n"
	       "settings                 warning     held by somebody\n"
	       "server's answer          not tried   not before what is said "
	       "above is settled\n"
	       "Nothing is wrong. Things that are right: 2; warnings: 1.\n");
}

Test(doctor, what_is_wrong_has_a_colour)
{
	struct terminal t;
	char seen[2000];
	struct err e;

	(void)setenv("TERM", "xterm", 1);
	(void)unsetenv("NO_COLOR");
	(void)err_set(&e, ERP_HELD, "held by somebody");
	terminal_open(&t, 80);
	d.out = t.out;
	doctor_right(&d, DOC011, "");
	doctor_warn(&d, DOC012, "held");
	doctor_wrong(&d, DOC019, &e);
	terminal_close(&t, seen, sizeof(seen));
	d.out = out;
	/* What is right has none. */
	cr_expect_eq(strchr(seen, '\033'),
	    strstr(seen, "\033[33m warning    \033[0m held"), "%s", seen);
	cr_expect_not_null(strstr(seen, "\033[1;31m "), "%s", seen);
}

Test(doctor, the_first_wrong_thing_gives_the_code)
{
	const struct doctor_fault disabled = {{UPD012, DO012}, "", 66};
	struct err e;

	(void)err_set(&e, ERP_HELD, "held by somebody");
	doctor_wrong(&d, DOC010, &e);
	doctor_fault(&d, DOC019, &disabled);
	(void)err_set(&e, ERP_AUTH, "held by somebody");
	doctor_wrong_plain(&d, DOC031, &e);
	cr_expect_eq(d.wrong, 3);
	cr_expect_eq(doctor_end(&d), 67);
	expect(
	    "client folder            FAILED      UPD023: The folder is busy: "
	    "held by somebody\n"
	    "    What to do: Wait until the folder is free and try again.\n"
	    "server's answer          FAILED      UPD012: Automatic update "
	    "is disabled on the server. Contact the administrator.\n"
	    "    What to do: To have updates, set Enable=1 in the server's "
	    "[Update].\n"
	    "state folder             FAILED      UPD020: No permission: "
	    "held by somebody\n"
	    "    What to do: Check who may read and write it.\n"
	    "Things that are wrong: 3; what to do stands below each. Right: "
	    "0; warnings: 0.\n");
}

Test(doctor, where_nothing_is_received_no_other_try_goes_on)
{
	struct err e;

	(void)err_set(&e, ERP_UNANSWERED, "held by somebody");
	doctor_wrong(&d, DOC019, &e);
	cr_expect_eq(doctor_end(&d), 35);
	expect(
	    "server's answer          FAILED      UPD032: No answer in time: "
	    "held by somebody\n"
	    "    What to do: Check the network, the server's address and "
	    "port, and that the server is running.\n"
	    "Things that are wrong: 1; what to do stands below each. Right: "
	    "0; warnings: 0.\n");
}

Test(doctor, it_speaks_as_the_person_does)
{
	d.lang = LANG_PT;
	doctor_warn(&d, DOC012, "held by somebody");
	expect("configuração             aviso       em uso por somebody\n");
}

Test(doctor, space_is_what_the_disk_has)
{
	struct tempdir t;
	struct fs_space space;
	uint64_t bytes;

	tempdir_open(&t);
	cr_assert_eq(fs_space(fs_real(), t.fd, &space), 0);
	bytes = doctor_space(&d, t.fd);
	cr_expect_eq(d.right, 1);
	/* Others write meanwhile. */
	cr_expect_lt(bytes, space.bytes_free + (UINT64_C(64) << 30));
	cr_expect_neq(bytes, UINT64_MAX);
	tempdir_close(&t);
	cr_expect_eq(doctor_space(&d, -1), UINT64_MAX);
	cr_expect_eq(d.right, 1);
}

Test(doctor, quiet_says_only_what_is_wrong)
{
	struct err e;

	speech.quiet = true;
	doctor_begin(&d, out, &speech, "/opt/erp");
	doctor_right(&d, DOC011, "");
	doctor_warn(&d, DOC012, "held by somebody");
	doctor_untried(&d, DOC019, DOC057);
	(void)err_set(&e, ERP_HELD, "held by somebody");
	doctor_wrong(&d, DOC010, &e);
	cr_expect_eq(doctor_end(&d), 67);
	expect(
	    "client folder            FAILED      UPD023: The folder is busy: "
	    "held by somebody\n"
	    "    What to do: Wait until the folder is free and try again.\n");
}
