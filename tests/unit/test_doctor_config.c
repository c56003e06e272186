/* The doctor's round at a server, without asking it. */
#include "cli/doctor/doctor.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct tempdir t;

static void
begin(void)
{
	tempdir_open(&t);
	tempdir_text(&t, "up/a.txt", "1234567", -1);
	tempdir_text(&t, "up/sub/b.txt", "12345", -1);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(doctor_config, .init = begin, .fini = end);

/* A server of the folder up, with its state in a folder of this name. */
static void
put_ini(const char *state)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "[Update]\nEnable=1\nPathLinux=%s/up\n"
	    "[ErpSync]\nState=%s/%s\nListen=127.0.0.1:1\n",
	    t.path, t.path, state);
	tempdir_text(&t, "a.ini", text, -1);
}

/* Its exit code, and what it tells. */
static int
look_asking(char **told, doctor_ask_fn *ask)
{
	char config[512], path[512];
	struct doctor_options opt = {.speech.lang = LANG_EN};
	int rc;

	(void)snprintf(config, sizeof(config), "%s/a.ini", t.path);
	(void)snprintf(path, sizeof(path), "%s/told", t.path);
	opt.config = config;
	cr_assert_not_null(freopen(path, "w", stdout));
	rc = doctor_config(&opt, ask);
	(void)fflush(stdout);
	*told = tempdir_read(&t, "told", NULL);
	return rc;
}

static int
look(char **told)
{
	return look_asking(told, NULL);
}

static void
expect_line(
    const char *told, const char *thing, const char *how, const char *detail)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "\n%-24s %-11s %s%s", thing, how,
	    detail[0] == '/' ? t.path : "", detail);
	cr_expect_not_null(strstr(told, line), "%s: %s", line, told);
}

Test(doctor_config, all_that_is_right_is_told)
{
	char *told;

	put_ini("state");
	cr_expect_eq(look(&told), 0, "%s", told);
	expect_line(told, "settings", "ok", "/a.ini\n");
	expect_line(told, "update folder", "ok", "PathLinux=");
	cr_expect_not_null(strstr(told, "/up, files: 2, 12 B\n"), "%s", told);
	expect_line(told, "state folder", "ok",
	    "/state; it is made at the first start\n");
	expect_line(told, "TLS key", "ok", "its own, in the state folder\n");
	expect_line(told, "address and port", "ok", "127.0.0.1:1\n");
	expect_line(told, "server's answer", "not tried", "");
	cr_expect_null(strstr(told, "FAILED"), "%s", told);
	free(told);
	tempdir_mkdir(&t, "state");
	tempdir_chmod(&t, "state", 0700);
	cr_expect_eq(look(&told), 0, "%s", told);
	expect_line(told, "state folder", "ok", "/state\n");
	free(told);
}

/* Stands for a server that does not answer, is not asked, or answers. */
static int answer;
static bool makes_state;

static int
ask(struct doctor *d, const struct server_config *c, enum path_os os)
{
	(void)d;
	(void)c;
	cr_expect_eq(os, PATH_OS_LINUX);
	if (makes_state)
		tempdir_mkdir(&t, "state");
	return answer;
}

/* Nobody is asked there, for whoever answers is another machine. */
Test(doctor_config, an_address_of_another_machine_is_wrong)
{
	char text[1024], *told;

	(void)snprintf(text, sizeof(text),
	    "[Update]\nEnable=1\nPathLinux=%s/up\n"
	    "[ErpSync]\nState=%s/state\nListen=192.0.2.1:7\n",
	    t.path, t.path);
	tempdir_text(&t, "a.ini", text, -1);
	cr_expect_eq(look_asking(&told, ask), EXIT_FILE_IO, "%s", told);
	expect_line(told, "address and port", "FAILED",
	    "UPD048: The address cannot be used: listen on address 192.0.2.1 "
	    "port 7: Cannot assign requested address; give one of this "
	    "machine's");
	expect_line(told, "server's answer", "not tried", "");
	free(told);
}

Test(doctor_config, a_state_folder_that_is_a_link_to_nothing_is_wrong)
{
	char *told;

	put_ini("state");
	tempdir_symlink(&t, "gone", "state");
	cr_expect_eq(look(&told), EXIT_FILE_IO, "%s", told);
	cr_expect_not_null(strstr(told, "leads nowhere"), "%s", told);
	cr_expect_not_null(strstr(told, "remove the link."), "%s", told);
	free(told);
}

Test(doctor_config, a_server_that_runs_has_a_state_folder)
{
	char *told;

	put_ini("state");
	for (answer = -1; answer <= 0; answer++) {
		cr_expect_eq(look_asking(&told, ask), 0, "%s", told);
		expect_line(told, "state folder", "ok",
		    "/state; it is made at the first start\n");
		free(told);
	}
	cr_expect_eq(look_asking(&told, ask), 0, "%s", told);
	expect_line(told, "state folder", "warning", "a server runs, and ");
	cr_expect_null(strstr(told, "first start"), "%s", told);
	free(told);
	makes_state = true;
	cr_expect_eq(look_asking(&told, ask), 0, "%s", told);
	expect_line(told, "state folder", "ok", "/state\n");
	cr_expect_null(strstr(told, "is not there"), "%s", told);
	free(told);
}

Test(doctor_config, the_state_folder_has_to_be_writable)
{
	char *told;

	put_ini("state");
	tempdir_mkdir(&t, "state");
	tempdir_chmod(&t, "state", 0500);
	tempdir_chmod(&t, ".", 0777);
	cr_assert(geteuid() != 0 ||
	    (fchownat(t.fd, "state", 65534, 65534, 0) == 0 &&
		seteuid(65534) == 0));
	cr_expect_eq(look(&told), 11, "%s", told);
	cr_assert(getuid() != 0 || seteuid(0) == 0);
	expect_line(told, "state folder", "FAILED", "");
	cr_expect_not_null(
	    strstr(told, "/state: the folder cannot be written"), "%s", told);
	free(told);
	tempdir_chmod(&t, "state", 0700);
}

Test(doctor_config, a_state_that_would_be_published_is_wrong)
{
	char *told;

	put_ini("up/state");
	cr_expect_eq(look(&told), 1, "%s", told);
	expect_line(told, "state folder", "FAILED", "");
	cr_expect_not_null(strstr(told, "would be published"), "%s", told);
	free(told);
}

/* Options alone, in the language of the person. */
Test(doctor_config, what_it_is_about_is_told)
{
	static const struct opt_command command = {"doctor", "", "Look.",
	    {{doctor_config_rows, 0},
		{opt_common, offsetof(struct doctor_options, speech)}},
	    false, ""};
	static const struct {
		const char *first, *second;
		int rc;
	} rows[] = {{"--config=a.ini", "--lang=pt", OPT_END},
	    {"--config=a.ini", "b.ini", OPT_STOP},
	    {"--config=a.ini", "--none", OPT_STOP}};
	char first[20], second[20];
	struct doctor_options opt;
	struct opt o;
	size_t i;

	cr_redirect_stderr();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[] = "doctor", *argv[] = {name, first, second, NULL};

		(void)snprintf(first, sizeof(first), "%s", rows[i].first);
		(void)snprintf(second, sizeof(second), "%s", rows[i].second);
		cr_expect_eq(
		    doctor_parse(&opt, &o, &command, 3, argv), rows[i].rc);
		if (rows[i].rc != OPT_END)
			continue;
		cr_expect_str_eq(opt.config, "a.ini");
		cr_expect_eq(opt.speech.lang, LANG_PT);
	}
}
