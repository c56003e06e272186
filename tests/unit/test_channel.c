/* Bytes pass as a connection lets them, over a socket and over a stream. */
#include "transport/net/channel.h"

#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BOTH = CHANNEL_RECV | CHANNEL_SEND, BIG = 1024 * 1024 };

/* A channel and the other end of its connection. */
static int
channel_open(struct channel *ch)
{
	struct err e;
	int fds[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	cr_assert_eq(channel_of_socket(ch, fds[0], &e), 0);
	cr_assert_eq(ch->fd, fds[0]);
	cr_assert_neq(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
	return fds[1];
}

/* Read all n bytes of what a channel sent. */
static void
take(int fd, void *p, size_t n)
{
	ssize_t got;
	size_t done;

	for (done = 0; done < n; done += (size_t)got) {
		got = read(fd, (uint8_t *)p + done, n - done);
		cr_assert_gt(got, 0);
	}
}

Test(channel, bytes_pass_both_ways)
{
	struct channel ch;
	char got[16];
	int peer = channel_open(&ch);

	cr_expect_eq(channel_recv(&ch, got, sizeof(got)), 0, "nothing yet");
	cr_expect_eq(channel_wait(&ch, CHANNEL_RECV, 1), 0);
	cr_expect_eq(channel_wait(&ch, 0, 1), 0);
	cr_expect_eq(channel_wait(&ch, BOTH, 1000), 1);
	cr_assert_eq(channel_send(&ch, "hello", 5, true), 5);
	cr_assert_eq(channel_send(&ch, "!", 1, false), 1);
	take(peer, got, 6);
	cr_expect_arr_eq(got, "hello!", 6);
	cr_assert_eq(write(peer, "answer", 6), 6);
	cr_expect_eq(channel_wait(&ch, CHANNEL_RECV, 1000), 1);
	cr_assert_eq(channel_recv(&ch, got, 3), 3);
	cr_assert_eq(channel_recv(&ch, got + 3, sizeof(got) - 3), 3);
	cr_expect_arr_eq(got, "answer", 6);
	channel_close(&ch);
	cr_expect_eq(read(peer, got, 1), 0, "it is closed");
	(void)close(peer);
}

Test(channel, a_full_socket_takes_a_part_and_then_nothing)
{
	uint8_t *bytes = calloc(1, BIG), *got = malloc(BIG);
	struct channel ch;
	size_t sent = 0;
	int64_t n;
	int peer = channel_open(&ch);

	cr_assert(bytes != NULL && got != NULL);
	memset(bytes, 7, BIG);
	while ((n = channel_send(&ch, bytes, BIG, false)) > 0)
		sent += (size_t)n;
	cr_expect_eq(n, 0, "it is only full");
	cr_expect_gt(sent, 0);
	cr_expect_eq(channel_wait(&ch, CHANNEL_SEND, 1), 0);
	while (sent > 0) {
		n = sent < BIG ? (int64_t)sent : BIG;
		take(peer, got, (size_t)n);
		cr_expect_eq(got[n - 1], 7);
		sent -= (size_t)n;
	}
	cr_expect_eq(channel_wait(&ch, BOTH, 1000), 1);
	channel_close(&ch);
	(void)close(peer);
	free(bytes);
	free(got);
}

Test(channel, either_end_may_have_said_all)
{
	struct channel ch;
	char got[4];
	int peer = channel_open(&ch);

	cr_assert_eq(channel_end(&ch), 0);
	cr_expect_eq(read(peer, got, 1), 0);
	cr_assert_eq(write(peer, "last", 4), 4);
	cr_assert_eq(shutdown(peer, SHUT_WR), 0);
	cr_expect_eq(channel_recv(&ch, got, 4), 4);
	cr_expect_eq(channel_recv(&ch, got, 4), CHANNEL_END);
	cr_expect_eq(channel_recv(&ch, got, 4), CHANNEL_END, "and so it stays");
	cr_expect_eq(channel_send(&ch, "x", 1, false), ERP_IO);
	cr_expect_eq(ch.sys, EPIPE);
	channel_close(&ch);
	(void)close(peer);
}

Test(channel, a_reset_has_its_reason)
{
	struct channel ch;
	char got[4];
	int peer = channel_open(&ch);

	/* Closing with bytes that nobody read is a reset. */
	cr_assert_eq(channel_send(&ch, "unread", 6, false), 6);
	(void)close(peer);
	cr_expect_eq(channel_recv(&ch, got, sizeof(got)), ERP_IO);
	cr_expect_eq(ch.sys, ECONNRESET);
	cr_expect_eq(channel_send(&ch, "x", 1, false), ERP_IO);
	cr_expect_eq(ch.sys, EPIPE);
	channel_close(&ch);
}

Test(channel, what_is_no_socket_is_refused)
{
	struct channel ch;
	struct err e;

	cr_assert_eq(channel_of_socket(&ch, 1000, &e), ERP_IO);
	cr_expect_eq(e.sys, EBADF);
	cr_expect_str_eq(e.msg, "set up connection: Bad file descriptor");
}

/* Send a file over ch and see that it comes; what is beyond it fails. */
static void
sends_a_file(struct channel *ch, int peer)
{
	struct tempdir t;
	char got[8];
	int fd;

	tempdir_open(&t);
	tempdir_write(&t, "f", "0123456789", 10, 1000000000);
	fd = openat(t.fd, "f", O_RDONLY);
	cr_assert_geq(fd, 0);
	cr_assert_eq(channel_send_file(ch, fd, 2, 5), 5);
	take(peer, got, 5);
	cr_expect_arr_eq(got, "23456", 5);
	cr_assert_eq(channel_send_file(ch, fd, 8, 5), 2, "as far as it goes");
	take(peer, got, 2);
	cr_expect_arr_eq(got, "89", 2);
	cr_expect_eq(channel_send_file(ch, fd, 10, 5), ERP_IO);
	cr_expect_eq(ch->sys, EIO);
	(void)close(fd);
	tempdir_close(&t);
}

Test(channel, a_file_goes_by_itself)
{
	struct channel ch;
	int peer = channel_open(&ch);

	sends_a_file(&ch, peer);
	channel_close(&ch);
	(void)close(peer);
}

Test(channel, wishes_reach_the_kernel)
{
	struct channel ch;
	struct err e;
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 0, bytes = 0;
	socklen_t len = sizeof(int);

	cr_assert_eq(channel_of_socket(&ch, fd, &e), 0);
	channel_keep_alive(&ch, 20, 10);
	cr_assert_eq(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &len), 0);
	cr_expect_neq(on, 0);
	channel_limit_unsent(&ch, 128 * 1024);
	cr_assert_eq(
	    getsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, &len), 0);
	cr_expect_eq(bytes, 128 * 1024);
	cr_assert_eq(getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &on, &len), 0);
	cr_expect_eq(on, 20);
	cr_assert_eq(getsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &on, &len), 0);
	cr_expect_eq(on, 10);
	channel_limit_unread(&ch, 16 * 1024);
	cr_assert_eq(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len), 0);
	cr_expect_eq(bytes, 2 * 16 * 1024, "as the kernel counts");
	channel_close(&ch);
}

/* A stream that moves at most `most` bytes a call, over a descriptor. */
struct thread {
	int fd;
	int64_t most, answer; /* answer: instead, unless 0 */
	uint32_t waited; /* the last wait_ms */
};

static int64_t
thread_recv(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	struct thread *t = ctx;
	ssize_t got;

	t->waited = wait_ms;
	if (t->answer != 0)
		return t->answer;
	got = recv(
	    t->fd, p, n < (size_t)t->most ? n : (size_t)t->most, MSG_DONTWAIT);
	return got > 0 ? got : got == 0 ? CHANNEL_END : 0;
}

static int64_t
thread_send(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	struct thread *t = ctx;
	ssize_t sent;

	t->waited = wait_ms;
	if (t->answer != 0)
		return t->answer;
	sent = send(t->fd, p, n < (size_t)t->most ? n : (size_t)t->most,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent > 0 ? sent : 0;
}

static int
thread_open(struct thread *t, struct channel *ch)
{
	const struct channel_stream s = {thread_recv, thread_send, t};
	int fds[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	memset(t, 0, sizeof(*t));
	t->fd = fds[0];
	t->most = 5;
	channel_of_stream(ch, &s);
	cr_assert_eq(ch->fd, -1);
	return fds[1];
}

static void
thread_close(struct thread *t, struct channel *ch, int peer)
{
	channel_close(ch);
	(void)close(t->fd);
	(void)close(peer);
}

Test(channel, a_stream_does_the_waiting)
{
	struct channel ch;
	struct thread t;
	char got[16];
	int peer = thread_open(&t, &ch);

	cr_expect_eq(channel_wait(&ch, 0, 1), 0, "nothing to try");
	cr_expect_eq(channel_wait(&ch, CHANNEL_RECV, 200), 1);
	cr_expect_eq(channel_recv(&ch, got, sizeof(got)), 0);
	cr_expect_eq(t.waited, 200);
	cr_expect_eq(channel_recv(&ch, got, sizeof(got)), 0);
	cr_expect_eq(t.waited, 0, "but once");
	cr_expect_eq(channel_wait(&ch, CHANNEL_SEND, 200), 1);
	cr_expect_eq(channel_send(&ch, "abcdefg", 7, false), 5);
	cr_expect_eq(t.waited, 200);
	take(peer, got, 5);
	cr_expect_arr_eq(got, "abcde", 5);
	thread_close(&t, &ch, peer);
}

Test(channel, a_stream_never_waits_for_one_direction_of_two)
{
	struct channel ch;
	struct thread t;
	char got[4];
	int peer = thread_open(&t, &ch);

	cr_expect_eq(channel_wait(&ch, BOTH, 200), 1);
	cr_expect_eq(channel_send(&ch, "ab", 2, false), 2);
	cr_expect_eq(t.waited, 0);
	cr_expect_eq(channel_recv(&ch, got, sizeof(got)), 0);
	cr_expect_eq(t.waited, 0, "for something moved");
	cr_expect_eq(channel_wait(&ch, BOTH, 200), 1);
	cr_expect_eq(channel_recv(&ch, got, sizeof(got)), 0);
	cr_expect(t.waited > 0 && t.waited < 50, "%u ms", (unsigned)t.waited);
	cr_expect_eq(channel_end(&ch), 0);
	thread_close(&t, &ch, peer);
}

Test(channel, a_stream_sends_files_and_ends_and_breaks)
{
	static const int64_t bad[] = {ERP_IO, -1, -2, -1000, 17};
	struct channel ch;
	struct thread t;
	char got[16];
	size_t i;
	int peer = thread_open(&t, &ch);

	sends_a_file(&ch, peer);
	cr_assert_eq(shutdown(peer, SHUT_WR), 0);
	cr_expect_eq(channel_recv(&ch, got, sizeof(got)), CHANNEL_END);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		t.answer = bad[i];
		ch.sys = 0;
		cr_expect_eq(channel_recv(&ch, got, sizeof(got)), ERP_IO);
		cr_expect_eq(ch.sys, EIO);
		cr_expect_eq(channel_send(&ch, got, 16, false), ERP_IO);
	}
	thread_close(&t, &ch, peer);
}
