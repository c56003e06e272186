/* Why a program did not start: what the file tells beyond the errno. */
#include "cli/launch.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

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
