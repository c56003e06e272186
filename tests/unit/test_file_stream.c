/* Files of commands: read with their beginning kept, made whole or not at all.
 */
#include "cli/file_stream.h"

#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static struct tempdir t;
static struct stop_signals stop;
static char path[300];
static struct err e;

static void
begin(void)
{
	(void)signal(SIGTERM, SIG_DFL);
	tempdir_open(&t);
	(void)snprintf(path, sizeof(path), "%s/f", t.path);
	cr_assert_eq(stop_signals_begin(&stop, &e), 0, "%s", e.msg);
}

static void
end(void)
{
	stop_signals_end(&stop);
	tempdir_close(&t);
}

TestSuite(file_stream, .init = begin, .fini = end);

Test(file_stream, an_input_keeps_its_beginning)
{
	static const size_t steps[] = {1, 5, 12, 13, 100};
	static const char text[] = "0123456789abcdefXYZ";
	struct erpsync_range range;
	struct erpsync_reader r;
	char got[100];
	struct input in;
	int64_t n, sum;
	size_t i;

	tempdir_text(&t, "f", text, -1);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		cr_assert_eq(input_open(&in, path, &stop, &e), 0, "%s", e.msg);
		cr_expect(in.is_file);
		cr_expect_eq(in.size, 19);
		r = reader_of_input(&in);
		for (sum = 0; (n = r.read(r.ctx, got, steps[i], NULL)) > 0;
		     sum += n) {
			cr_expect_eq(memcmp(got, text + sum, (size_t)n), 0);
			cr_expect_not(in.ended);
			cr_expect_eq(in.read, (uint64_t)(sum + n));
		}
		cr_expect_eq(n, 0);
		cr_expect(in.ended);
		cr_expect_eq(in.read, 19);
		cr_expect_eq(memcmp(in.head, text, INPUT_HEAD_LEN), 0);
		cr_assert_eq(range_of_input(&in, &range, &e), 0);
		cr_expect_eq(range.size, 19);
		cr_expect_eq(range.read_at(range.ctx, 16, got, 100, NULL), 3);
		cr_expect_eq(memcmp(got, "XYZ", 3), 0);
		cr_expect_eq(range.read_at(range.ctx, 19, got, 100, NULL), 0);
		input_close(&in);
		cr_expect_eq(in.fd, -1);
		input_close(&in);
	}
	cr_expect_eq(input_open(&in, t.path, &stop, &e), ERP_IO);
	cr_expect_eq(e.sys, EISDIR);
	input_close(&in);
	(void)snprintf(path, sizeof(path), "%s/none", t.path);
	cr_expect_eq(input_open(&in, path, &stop, &e), ERP_NOTFOUND);
}

/* How many names the folder has. */
static int
count_names(void)
{
	struct dirent *x;
	DIR *d = opendir(t.path);
	int n = 0;

	cr_assert_not_null(d);
	while ((x = readdir(d)) != NULL)
		n +=
		    strcmp(x->d_name, ".") != 0 && strcmp(x->d_name, "..") != 0;
	(void)closedir(d);
	return n;
}

static void
put(struct output *out, const char *text)
{
	struct erpsync_writer w = writer_of_output(out);

	cr_assert_eq(w.write(w.ctx, text, strlen(text), NULL), 0);
}

Test(file_stream, an_output_is_there_once_it_is_whole)
{
	struct output out;
	struct stat st;

	cr_assert_eq(output_open(&out, path, false, &stop, &e), 0);
	cr_expect_eq(count_names(), 0);
	cr_assert_eq(output_begin(&out, &e), 0, "%s", e.msg);
	put(&out, "half");
	cr_expect_eq(count_names(), 1);
	cr_expect_not(tempdir_has(&t, "f"));
	output_close(&out);
	cr_expect_eq(count_names(), 0);
	/* In place of what is there, with its rights. */
	tempdir_text(&t, "f", "before", -1);
	tempdir_chmod(&t, "f", 0640);
	cr_assert_eq(output_open(&out, path, false, &stop, &e), 0);
	cr_assert_eq(output_begin(&out, &e), 0, "%s", e.msg);
	put(&out, "who");
	put(&out, "le");
	cr_expect_eq(out.pos, 5);
	cr_expect(tempdir_is_text(&t, "f", "before"));
	cr_assert_eq(output_commit(&out, &e), 0, "%s", e.msg);
	output_close(&out);
	cr_expect(tempdir_is_text(&t, "f", "whole"));
	cr_expect_eq(count_names(), 1);
	cr_assert_eq(fstatat(t.fd, "f", &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0640);
}

Test(file_stream, what_is_to_be_kept_is_not_replaced)
{
	struct output out;

	cr_assert_eq(output_open(&out, path, true, &stop, &e), 0);
	cr_assert_eq(output_begin(&out, &e), 0);
	put(&out, "ours");
	tempdir_text(&t, "f", "another's", -1);
	cr_expect_eq(output_commit(&out, &e), ERP_IO);
	cr_expect_eq(e.sys, EEXIST);
	output_close(&out);
	cr_expect(tempdir_is_text(&t, "f", "another's"));
	cr_expect_eq(count_names(), 1);
	cr_expect_eq(output_open(&out, path, true, &stop, &e), ERP_IO);
	cr_expect_eq(e.sys, EEXIST);
	output_close(&out);
	cr_expect_eq(output_open(&out, t.path, false, &stop, &e), ERP_IO);
	cr_expect_eq(e.sys, EISDIR);
	output_close(&out);
}

Test(file_stream, one_file_has_many_names)
{
	char other[300];
	struct output out;
	struct input in;

	tempdir_text(&t, "f", "x", -1);
	tempdir_text(&t, "apart", "x", -1);
	cr_assert_eq(linkat(t.fd, "f", t.fd, "again", 0), 0);
	cr_assert_eq(output_open(&out, path, false, &stop, &e), 0);
	(void)snprintf(other, sizeof(other), "%s/again", t.path);
	cr_assert_eq(input_open(&in, other, &stop, &e), 0);
	cr_expect(output_is_input(&out, &in));
	input_close(&in);
	(void)snprintf(other, sizeof(other), "%s/apart", t.path);
	cr_assert_eq(input_open(&in, other, &stop, &e), 0);
	cr_expect_not(output_is_input(&out, &in));
	input_close(&in);
	output_close(&out);
	/* What can be written over nothing is nothing's. */
	cr_assert_eq(output_open(&out, "/dev/null", false, &stop, &e), 0);
	cr_assert_eq(input_open(&in, "/dev/null", &stop, &e), 0);
	cr_expect_not(output_is_input(&out, &in));
	cr_expect_not(in.is_file);
	put(&out, "gone");
	cr_expect_eq(out.pos, 4);
	cr_expect_eq(output_commit(&out, &e), 0);
	input_close(&in);
	output_close(&out);
}

Test(file_stream, a_signal_ends_reading_and_writing)
{
	struct erpsync_reader r;
	struct erpsync_writer w;
	struct erpsync_error why;
	struct output out;
	struct input in;
	char byte;

	tempdir_text(&t, "f", "x", -1);
	cr_assert_eq(input_open(&in, path, &stop, &e), 0);
	cr_assert_eq(output_open(&out, path, false, &stop, &e), 0);
	cr_assert_eq(output_begin(&out, &e), 0);
	cr_assert_eq(raise(SIGTERM), 0);
	r = reader_of_input(&in);
	memset(&why, 0, sizeof(why));
	cr_expect_eq(r.read(r.ctx, &byte, 1, &why), ERPSYNC_CANCELLED);
	cr_expect_eq(why.code, ERPSYNC_CANCELLED);
	w = writer_of_output(&out);
	cr_expect_eq(w.write(w.ctx, "y", 1, &why), ERPSYNC_CANCELLED);
	input_close(&in);
	output_close(&out);
	cr_expect(tempdir_is_text(&t, "f", "x"));
	cr_expect_eq(count_names(), 1);
}

static int woken[2];

static void
wake(int number)
{
	(void)number;
	cr_assert_eq(write(woken[1], "x", 1), 1);
}

/* One that the program bears, as of a window that was made larger. */
Test(file_stream, another_signal_ends_no_waiting)
{
	const struct itimerval soon = {.it_value.tv_usec = 50 * 1000};
	const struct sigaction act = {.sa_handler = wake};
	struct erpsync_reader r;
	struct erpsync_error why;
	struct input in;
	char byte;

	cr_assert_eq(pipe(woken), 0);
	cr_assert_eq(sigaction(SIGALRM, &act, NULL), 0);
	(void)snprintf(path, sizeof(path), "/dev/fd/%d", woken[0]);
	cr_assert_eq(input_open(&in, path, &stop, &e), 0, "%s", e.msg);
	cr_assert_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
	r = reader_of_input(&in);
	memset(&why, 0, sizeof(why));
	cr_expect_eq(r.read(r.ctx, &byte, 1, &why), 1, "%s", why.message);
	input_close(&in);
	(void)close(woken[0]);
	(void)close(woken[1]);
}

Test(file_stream, without_descriptors_no_signal_is_waited_for)
{
	struct rlimit was, none;
	struct stop_signals another;
	int rc;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 0;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = stop_signals_begin(&another, &e);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	cr_expect_lt(rc, 0);
	cr_expect_eq(e.sys, EMFILE);
}
