#include "cli/streams.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

Test(streams, closed_ones_are_opened_and_others_left)
{
	struct stat st, null;
	int fd;

	(void)fflush(stdout);
	cr_assert_eq(stat("/dev/null", &null), 0);
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	streams_open();
	cr_assert_eq(fstat(STDIN_FILENO, &st), 0);
	cr_expect_eq(st.st_rdev, null.st_rdev);
	cr_assert_eq(fstat(STDOUT_FILENO, &st), 0);
	cr_expect_eq(st.st_rdev, null.st_rdev);
	fd = open("/dev/null", O_RDONLY);
	cr_expect_gt(fd, STDERR_FILENO);
	(void)close(fd);
}

/* Whoever shares the other end of a description keeps it as it was. */
Test(streams, what_somebody_made_non_blocking_is_waited_for)
{
	int pipe_[2], pair[2], shared;

	(void)fflush(stdout);
	cr_assert_eq(pipe(pipe_), 0);
	cr_assert_eq(fcntl(pipe_[1], F_SETFL, O_NONBLOCK), 0);
	shared = pipe_[1];
	cr_assert_eq(dup2(shared, STDOUT_FILENO), STDOUT_FILENO);
	cr_assert_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	cr_assert_eq(dup2(pair[1], STDIN_FILENO), STDIN_FILENO);
	streams_open();
	cr_expect_eq(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
	cr_expect_eq(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
	cr_expect_neq(fcntl(shared, F_GETFL) & O_NONBLOCK, 0);
	cr_expect_eq(write(STDOUT_FILENO, "x", 1), 1);
	cr_expect_eq(fcntl(STDOUT_FILENO, F_GETFD), 0);
	(void)close(pipe_[0]);
	(void)close(shared);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

Test(streams, a_loss_is_told_once)
{
	int full = open("/dev/full", O_WRONLY);

	(void)fflush(stdout);
	cr_assert_geq(full, 0);
	(void)dup2(full, STDOUT_FILENO);
	(void)close(full);
	cr_expect_eq(streams_flush(), 0);
	(void)puts("words");
	cr_expect_eq(streams_flush(), ENOSPC);
	(void)puts("more");
	cr_expect_eq(streams_flush(), 0);
}

Test(streams, a_reader_that_is_gone_is_told_apart)
{
	int ends[2];

	(void)fflush(stdout);
	(void)signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	(void)dup2(ends[1], STDOUT_FILENO);
	(void)close(ends[1]);
	(void)close(ends[0]);
	(void)puts("words");
	cr_expect_eq(streams_flush(), EPIPE);
}

Test(streams, what_is_no_terminal_has_no_columns)
{
	FILE *out = tmpfile();
	char name[] = "erpsync", *argv[] = {name, NULL};
	int argc = 1;

	cr_assert_not_null(out);
	(void)setenv("TERM", "xterm", 1);
	cr_expect_eq(streams_columns(out), 0);
	cr_expect_not(streams_can_redraw(out));
	(void)fclose(out);
	cr_expect_eq(streams_arguments(&argc, argv)[0], name);
	cr_expect_eq(argc, 1);
}

/* A FIFO may get a reader: where there is none ever, nobody waits for him. */
Test(streams, nobody_ever_reads_a_socket_that_has_a_name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	time_t began = time(NULL);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct tempdir t;

	tempdir_open(&t);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/s", t.path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_expect_null(streams_create(at.sun_path, 20 * 1000));
	cr_expect_eq(errno, ENXIO);
	cr_expect_lt(time(NULL) - began, 5);
	(void)close(fd);
	tempdir_close(&t);
}

Test(streams, who_reads_a_fifo_is_waited_for_so_long)
{
	static char much[1024 * 1024];
	struct tempdir t;
	char path[300];
	FILE *f;
	int fd;

	tempdir_open(&t);
	(void)snprintf(path, sizeof(path), "%s/fifo", t.path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_null(streams_create(path, 200), "nobody opens it");
	cr_expect_eq(errno, ENXIO);
	cr_assert_geq(fd = open(path, O_RDONLY | O_NONBLOCK), 0);
	cr_assert_not_null(f = streams_create(path, 200));
	cr_expect_eq(fwrite("words", 1, 5, f), 5);
	cr_assert_eq(fflush(f), 0);
	cr_expect_eq(read(fd, much, sizeof(much)), 5);
	(void)fwrite(much, 1, sizeof(much), f);
	cr_expect_neq(fclose(f), 0, "he takes nothing more");
	cr_expect_eq(errno, EPIPE);
	(void)close(fd);
	tempdir_close(&t);
}
