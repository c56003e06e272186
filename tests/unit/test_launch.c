/* Why a program did not start: what the file tells beyond the errno. */
#include "cli/launch.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char elf[] = "\177ELF\1\1\1 of another machine";

static struct advice
why(const struct tempdir *d, const char *name, int sys, char *detail)
{
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/%s", d->path, name);
	return launch_why(path, sys, detail);
}

Test(launch, the_file_tells_why_the_kernel_refused_it)
{
	static const struct {
		const char *name, *text;
		unsigned mode;
		int sys;
		const char *what, *act;
	} cases[] = {
	    {"plain", "echo no first line\n", 0755, ENOEXEC, RUN106, DO106},
	    {"empty", "", 0755, ENOEXEC, RUN106, DO106},
	    {"bad", "#!\n", 0755, ENOEXEC, RUN106, DO106},
	    {"elf", elf, 0755, ENOEXEC, RUN104, DO104},
	    {"loader", elf, 0755, ENOENT, RUN104, DO104},
	    {"exe", "MZ\x90", 0755, ENOEXEC, RUN104, DO104},
	    {"mac", "\xcf\xfa\xed\xfe", 0755, ENOEXEC, RUN104, DO104},
	    {"text", "#!/bin/sh\n", 0644, EACCES, RUN102, DO102},
	    {"script", "#! /none/sh -e\n", 0755, ENOENT, RUN105, DO105},
	    {"locked", "#!/etc\n", 0755, EACCES, RUN105, DO105},
	};
	char detail[LAUNCH_DETAIL_MAX];
	struct advice got;
	struct tempdir d;
	size_t i;

	tempdir_open(&d);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tempdir_text(&d, cases[i].name, cases[i].text, 1);
		tempdir_chmod(&d, cases[i].name, cases[i].mode);
		got = why(&d, cases[i].name, cases[i].sys, detail);
		cr_assert_not_null(got.what, "%s", cases[i].name);
		cr_expect_str_eq(got.what, cases[i].what, "%s", cases[i].name);
		cr_expect_str_eq(got.act, cases[i].act, "%s", cases[i].name);
	}
	(void)why(&d, "script", ENOENT, detail);
	cr_expect_not_null(strstr(detail, "/script: /none/sh"), "%s", detail);
	tempdir_text(&d, "windows", "#!/bin/sh\r\necho\r\n", 1);
	(void)why(&d, "windows", ENOENT, detail);
	cr_expect_not_null(strstr(detail, "/windows: /bin/sh\\"), "%s", detail);
	/* The errno says enough. */
	cr_expect_null(why(&d, "script", ETXTBSY, detail).what);
	tempdir_close(&d);
}

Test(launch, what_is_no_file_is_no_program)
{
	char detail[LAUNCH_DETAIL_MAX];
	struct tempdir d;

	tempdir_open(&d);
	cr_expect_str_eq(why(&d, "none", ENOENT, detail).what, RUN101);
	cr_expect_str_eq(launch_why("tests", ENOENT, detail).what, RUN101);
	cr_expect_str_eq(why(&d, ".", EACCES, detail).what, RUN106);
	cr_expect_str_eq(launch_why("/dev/null", EACCES, detail).what, RUN106);
	cr_expect_str_eq(detail, "/dev/null");
	tempdir_close(&d);
}

/* How it ends to take the place of a process, with this PATH (NULL: none). */
static int
launched(const char *path, char *name)
{
	char *argv[] = {name, NULL};
	struct said said;
	int status;
	pid_t pid;

	(void)fflush(NULL);
	if ((pid = fork()) == 0) {
		if (path != NULL)
			(void)setenv("PATH", path, 1);
		else
			(void)unsetenv("PATH");
		memset(&said, 0, sizeof(said));
		_exit(launch(argv, LANG_EN, &said));
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(launch, a_name_is_looked_for_in_each_folder_of_the_path)
{
	char at[1000], path[4200], long_name[4097];
	static char nine[] = "nine", yes[] = "true", empty[] = "";
	struct tempdir d;

	tempdir_open(&d);
	tempdir_text(&d, "one/nine", "#!/bin/sh\nexit 1\n", 1);
	tempdir_text(&d, "two/nine", "#!/bin/sh\nexit 9\n", 1);
	tempdir_chmod(&d, "two/nine", 0755);
	tempdir_text(&d, "bad/nine", "#!/none\n", 1);
	tempdir_chmod(&d, "bad/nine", 0755);
	/* Where it is none, or may not be meant, it is passed over. */
	(void)snprintf(path, sizeof(path), "/none:%s/one:%s/two:%s/bad", d.path,
	    d.path, d.path);
	cr_expect_eq(launched(path, nine), 9);
	/* What cannot be is the one that was meant. */
	(void)snprintf(path, sizeof(path), "%s/two/x:%s/bad:%s/two", d.path,
	    d.path, d.path);
	cr_expect_eq(launched(path, nine), EXIT_FILE_IO);
	(void)snprintf(path, sizeof(path), "%s/one", d.path);
	cr_expect_eq(launched(path, nine), EXIT_FILE_IO);
	cr_expect_eq(launched("/none", nine), EXIT_FILE_IO);
	cr_expect_eq(launched("/none", empty), EXIT_FILE_IO);
	/* An empty folder is this one, also as the last. */
	(void)snprintf(at, sizeof(at), "%s/two", d.path);
	cr_assert_eq(chdir(at), 0);
	cr_expect_eq(launched(":/none", nine), 9);
	cr_expect_eq(launched("/none::/none", nine), 9);
	cr_expect_eq(launched("/none:", nine), 9);
	cr_expect_eq(launched("", nine), 9);
	cr_expect_eq(launched("/none", nine), EXIT_FILE_IO);
	/* One with a folder is not looked for, and without PATH there is one.
	 */
	(void)snprintf(at, sizeof(at), "%s/two/nine", d.path);
	cr_expect_eq(launched("/none", at), 9);
	cr_expect_eq(launched(NULL, yes), 0);
	/* A name that no folder has room for. */
	memset(long_name, 'n', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	cr_expect_eq(launched("/none:", long_name), EXIT_FILE_IO);
	cr_assert_eq(chdir("/"), 0);
	tempdir_close(&d);
}
