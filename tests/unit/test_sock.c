/* Sockets as both systems have them. */
#include "transport/net/sock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket that listens on 127.0.0.1, or only holds its port. */
static int
listen_here(bool really, uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	cr_assert(!really || listen(fd, 1) == 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* Connect: the socket, or what it came to. */
static int
join(uint16_t port)
{
	struct sock_addresses list;
	struct sock_want want;
	bool pending;
	int fd, rc;

	cr_assert_eq(sock_lookup("127.0.0.1", port, true, &list), 0);
	cr_assert_eq(list.n, 1);
	fd = sock_connect(&list.v[0], &pending);
	if (fd < 0 || !pending)
		return fd;
	want = (struct sock_want){.fd = fd, .send = true};
	cr_assert_eq(sock_wait(&want, 1, 10000), 1);
	cr_assert(want.ready);
	if ((rc = sock_outcome(fd)) == 0)
		return fd;
	sock_close(fd);
	return rc;
}

Test(sock, bytes_pass_and_end)
{
	struct sock_want want;
	char got[16];
	uint16_t port;
	int door = listen_here(true, &port), fd = join(port), peer;

	cr_assert_geq(fd, 0);
	cr_assert_geq(peer = accept(door, NULL, NULL), 0);
	cr_assert_eq(sock_take(peer), 0);
	sock_keep_alive(fd, 20, 10);
	cr_expect_eq(sock_recv(peer, got, sizeof(got)), -EAGAIN);
	want = (struct sock_want){.fd = peer, .recv = true};
	cr_expect_eq(sock_wait(&want, 1, 1), 0);
	cr_expect_not(want.ready);
	cr_assert_eq(sock_send(fd, "hello", 5, true), 5);
	cr_assert_eq(sock_send(fd, "!", 1, false), 1);
	cr_assert_eq(sock_end(fd), 0);
	cr_expect_eq(sock_wait(&want, 1, 10000), 1);
	cr_expect(want.ready);
	cr_expect_eq(sock_recv(peer, got, sizeof(got)), 6);
	cr_expect_arr_eq(got, "hello!", 6);
	cr_expect_eq(sock_wait(&want, 1, 10000), 1);
	cr_expect_eq(sock_recv(peer, got, sizeof(got)), 0);
	/* Nobody wants anything of it: not even its end wakes him. */
	want.recv = false;
	cr_expect_eq(sock_wait(&want, 1, 1), 0);
	sock_close(peer);
	sock_close(fd);
	(void)close(door);
}

Test(sock, says_why_there_is_no_connection)
{
	uint16_t port;
	int held = listen_here(false, &port);

	cr_expect_eq(join(port), -ECONNREFUSED);
	(void)close(held);
}

Test(sock, names_that_nobody_has)
{
	struct sock_addresses list;
	int rc = sock_lookup("localhost", 1, true, &list);

	cr_expect_neq(rc, 0, "no number");
	cr_expect_eq(list.n, 0);
	cr_expect_eq(rc, sock_no_such_name());
	cr_expect_neq(*sock_lookup_text(rc), '\0');
}

Test(sock, names_have_addresses)
{
	struct sock_addresses list;
	int rc = sock_lookup("localhost", 1, false, &list);

	if (rc == sock_no_such_name())
		cr_skip_test("this system knows no localhost");
	cr_expect_eq(rc, 0);
	cr_expect_gt(list.n, 0);
}

/* Who is not connected is nobody of this machine. */
Test(sock, only_a_peer_here_is_local)
{
	int fd, pair[2];

	cr_assert_geq(fd = socket(AF_INET, SOCK_STREAM, 0), 0);
	cr_expect_not(sock_is_local(fd));
	cr_assert_eq(close(fd), 0);
	cr_expect_not(sock_is_local(fd));
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_expect(sock_is_local(pair[0]));
	(void)close(pair[0]);
	(void)close(pair[1]);
}
