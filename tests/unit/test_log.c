/* Records as console.log has them. */
#include "cli/log.h"

#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct err e;

Test(log, a_record_has_the_documented_form)
{
	struct log_stamp stamp = {.s = 1784325311,
	    .us = 97000,
	    .thread = 9684,
	    .level = LOG_LEVEL_INFO,
	    .part = "SERVER"};
	char out[200];
	size_t n;

	setenv("TZ", "BRT3", 1);
	tzset();
	n = log_format(out, sizeof(out), &stamp, "text");
	cr_assert_str_eq(out,
	    "2026-07-17T18:55:11.097000-03:00 "
	    "9684|[INFO ][SERVER] text\n");
	cr_assert_eq(n, strlen(out));
	stamp.level = LOG_LEVEL_WARN;
	(void)log_format(out, sizeof(out), &stamp, "x");
	cr_assert_not_null(strstr(out, "|[WARN ][SERVER] x\n"));
	stamp.level = LOG_LEVEL_ERROR;
	(void)log_format(out, sizeof(out), &stamp, "x");
	cr_assert_not_null(strstr(out, "|[ERROR][SERVER] x\n"));
}

Test(log, foreign_text_cannot_forge_a_record)
{
	struct log_stamp stamp = {.part = "SERVER"};
	char out[200];

	(void)log_format(out, sizeof(out), &stamp, "a\nb\x1b[2J\xff\xc2\x9b");
	cr_assert_not_null(
	    strstr(out, "] a\\nb\\033[2J\\377\\302\\233\n"), "%s", out);
	(void)log_format(out, sizeof(out), &stamp, "c:\\a\\nb \xc3\xa7");
	cr_assert_not_null(strstr(out, "] c:\\a\\nb \xc3\xa7\n"));
}

Test(log, a_long_text_is_cut_and_ends_its_line)
{
	struct log_stamp stamp = {.part = "SERVER"};
	char out[100], text[300];
	size_t n;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	n = log_format(out, sizeof(out), &stamp, text);
	cr_assert_lt(n, sizeof(out));
	cr_assert_eq(out[n - 1], '\n');
	cr_assert_eq(out[n], '\0');
}

Test(log, a_file_is_appended_to_and_reopened)
{
	struct tempdir t;
	struct log *l;
	char path[400], moved[400];
	char *text;
	regex_t form;

	tempdir_open(&t);
	(void)snprintf(path, sizeof(path), "%s/log", t.path);
	(void)snprintf(moved, sizeof(moved), "%s/log.1", t.path);
	tempdir_text(&t, "log", "old\n", -1);
	cr_assert_eq(log_open(path, &l, &e), 0);
	log_write(l, LOG_LEVEL_INFO, "SERVER", "%s %d", "one", 1);
	cr_assert_eq(rename(path, moved), 0);
	log_write(l, LOG_LEVEL_INFO, "SERVER", "two");
	cr_assert_eq(log_reopen(l, &e), 0);
	log_write(l, LOG_LEVEL_WARN, "SERVER", "three");
	log_close(l);
	cr_assert_eq(regcomp(&form,
			 "^old\n[-0-9T:.+]{32} [0-9]+\\|\\[INFO \\]"
			 "\\[SERVER\\] one 1\n[^\n]*\\] two\n$",
			 REG_EXTENDED | REG_NOSUB),
	    0);
	text = tempdir_read(&t, "log.1", NULL);
	cr_assert_eq(regexec(&form, text, 0, NULL, 0), 0, "%s", text);
	free(text);
	text = tempdir_read(&t, "log", NULL);
	cr_assert_not_null(strstr(text, "[WARN ][SERVER] three\n"));
	cr_assert_null(strstr(text, "two"));
	free(text);
	regfree(&form);
	tempdir_close(&t);
}

Test(log, a_record_is_one_write)
{
	char got[200];
	struct log *l;
	ssize_t n;
	int fds[2];
	FILE *f;

	cr_assert_eq(pipe(fds), 0);
	f = fdopen(fds[1], "w");
	cr_assert_not_null(f);
	cr_assert_eq(log_open_stream(f, &l, &e), 0);
	log_write(l, LOG_LEVEL_INFO, "SERVER", "hello");
	n = read(fds[0], got, sizeof(got));
	cr_assert_gt(n, 6);
	cr_assert_eq(memcmp(got + n - 6, "hello\n", 6), 0);
	log_close(l);
	cr_assert_eq(fclose(f), 0);
	(void)close(fds[0]);
}

Test(log, a_file_that_takes_nothing_is_told_once)
{
	struct tempdir t;
	struct log *l;
	char *text;
	int fd;

	tempdir_open(&t);
	cr_assert_eq(log_open("/dev/full", &l, &e), 0);
	fd = openat(t.fd, "err", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_geq(dup2(fd, STDERR_FILENO), 0);
	log_write(l, LOG_LEVEL_INFO, "SERVER", "one");
	log_write(l, LOG_LEVEL_INFO, "SERVER", "two");
	text = tempdir_read(&t, "err", NULL);
	cr_assert_str_eq(text,
	    "erpsync: write log file /dev/full: No space left on device; "
	    "records may be lost\n");
	free(text);
	log_close(l);
	(void)close(fd);
	tempdir_close(&t);
}

Test(log, a_fifo_is_not_waited_for)
{
	struct tempdir t;
	char path[400], got[200];
	struct log *l;
	int fd, i;

	tempdir_open(&t);
	(void)snprintf(path, sizeof(path), "%s/log", t.path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_eq(log_open(path, &l, &e), ERP_IO);
	cr_expect_null(l);
	cr_expect_not_null(strstr(e.msg, "nobody reads it"), "%s", e.msg);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(log_open(path, &l, &e), 0, "%s", e.msg);
	log_write(l, LOG_LEVEL_INFO, "SERVER", "one");
	cr_expect_gt(read(fd, got, sizeof(got)), 4);
	/* Nor is a reader who does not read. */
	for (i = 0; i < 2000; i++)
		log_write(l, LOG_LEVEL_INFO, "SERVER", "%0100d", i);
	log_close(l);
	(void)close(fd);
	tempdir_close(&t);
}

Test(log, a_missing_folder_is_told)
{
	struct log *l;

	cr_assert_eq(log_open("/nonexistent/log", &l, &e), ERP_NOTFOUND);
	cr_assert_not_null(strstr(e.msg, "/nonexistent/log"));
	cr_assert_null(l);
}
