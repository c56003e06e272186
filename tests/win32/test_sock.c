/* Sockets of Windows behave as sock.h says. */
#include "transport/net/sock.h"

#include "engine/base/wide_win32.h"
#include "tests/win32/unit.h"

/* A socket that listens on 127.0.0.1, or only holds its port. */
static SOCKET
listen_here(bool really, uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int len = sizeof(at);
	WSADATA data;
	SOCKET s;

	(void)WSAStartup(MAKEWORD(2, 2), &data);
	s = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	EXPECT_EQ(bind(s, (struct sockaddr *)&at, sizeof(at)), 0);
	EXPECT_EQ(getsockname(s, (struct sockaddr *)&at, &len), 0);
	EXPECT(!really || listen(s, 1) == 0);
	*port = ntohs(at.sin_port);
	return s;
}

static int
join(uint16_t port)
{
	struct sock_addresses list;
	struct sock_want want;
	bool pending;
	int fd, rc;

	EXPECT_EQ(sock_lookup("127.0.0.1", port, true, &list), 0);
	EXPECT_EQ(list.n, 1);
	fd = sock_connect(&list.v[0], &pending);
	if (fd < 0 || !pending)
		return fd;
	want = (struct sock_want){.fd = fd, .send = true};
	EXPECT_EQ(sock_wait(&want, 1, 10000), 1);
	EXPECT(want.ready);
	if ((rc = sock_outcome(fd)) == 0)
		return fd;
	sock_close(fd);
	return rc;
}

TEST(sock_bytes_pass_and_end)
{
	struct sock_want want;
	char got[16];
	uint16_t port;
	SOCKET door = listen_here(true, &port);
	int fd = join(port), peer;

	if (!EXPECT(fd > 0))
		return;
	peer = (int)accept(door, NULL, NULL);
	EXPECT_EQ(sock_take(peer), 0);
	sock_keep_alive(fd, 20, 10);
	EXPECT_EQ(sock_recv(peer, got, sizeof(got)), -EAGAIN);
	want = (struct sock_want){.fd = peer, .recv = true};
	EXPECT_EQ(sock_wait(&want, 1, 1), 0);
	EXPECT_EQ(sock_send(fd, "hello!", 6, false), 6);
	EXPECT_EQ(sock_end(fd), 0);
	EXPECT_EQ(sock_wait(&want, 1, 10000), 1);
	EXPECT_EQ(sock_recv(peer, got, sizeof(got)), 6);
	EXPECT(memcmp(got, "hello!", 6) == 0);
	EXPECT_EQ(sock_wait(&want, 1, 10000), 1);
	EXPECT_EQ(sock_recv(peer, got, sizeof(got)), 0);
	want.recv = false;
	EXPECT_EQ(sock_wait(&want, 1, 1), 0);
	sock_close(peer);
	sock_close(fd);
	(void)closesocket(door);
}

TEST(sock_says_why_there_is_no_connection)
{
	uint16_t port;
	SOCKET held = listen_here(false, &port);

	EXPECT_EQ(join(port), -ECONNREFUSED);
	(void)closesocket(held);
}

TEST(sock_names_that_nobody_has)
{
	struct sock_addresses list;

	EXPECT_EQ(
	    sock_lookup("localhost", 1, true, &list), sock_no_such_name());
	EXPECT_EQ(list.n, 0);
	EXPECT_EQ(sock_lookup("", 1, false, &list), sock_no_such_name());
	EXPECT(sock_lookup_text(sock_no_such_name())[0] != '\0');
}

TEST(sock_names_have_addresses)
{
	struct sock_addresses list;
	int rc = sock_lookup("localhost", 1, false, &list);

	if (rc == sock_no_such_name()) {
		puts("skipped: this system knows no localhost");
		return;
	}
	EXPECT_EQ(rc, 0);
	EXPECT(list.n > 0);
}
