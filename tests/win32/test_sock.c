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

/* Two ends of one connection. */
static bool
pair(int *one, int *other)
{
	uint16_t port;
	SOCKET door = listen_here(true, &port);
	bool joined = EXPECT((*one = join(port)) > 0);

	if (joined) {
		*other = (int)accept(door, NULL, NULL);
		EXPECT_EQ(sock_take(*other), 0);
	}
	(void)closesocket(door);
	return joined;
}

TEST(sock_bytes_pass_and_end)
{
	struct sock_want want;
	char got[16];
	int fd, peer;

	if (!pair(&fd, &peer))
		return;
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
}

/* Byte by byte, each some time after the one before was asked for. */
static DWORD WINAPI
dribble(void *fd)
{
	unsigned i;

	for (i = 0; i < 50; i++) {
		Sleep(i % 5);
		EXPECT_EQ(sock_send(*(int *)fd, "b", 1, false), 1);
	}
	return 0;
}

TEST(sock_wakes_for_each_byte_and_for_the_end)
{
	struct sock_want wants[2] = {{.recv = true}, {.recv = true}};
	int fd, peer, quiet, silent, got = 0;
	ULONGLONG began = GetTickCount64();
	HANDLE thread;
	char byte;

	if (!pair(&fd, &peer) || !pair(&quiet, &silent))
		return;
	wants[0].fd = silent;
	wants[1].fd = peer;
	thread = CreateThread(NULL, 0, dribble, &fd, 0, NULL);
	while (got < 50 && sock_wait(wants, 2, 10000) == 1) {
		EXPECT(wants[1].ready && !wants[0].ready);
		while (sock_recv(peer, &byte, 1) == 1)
			got++;
	}
	EXPECT_EQ(got, 50);
	(void)WaitForSingleObject(thread, INFINITE);
	(void)CloseHandle(thread);
	EXPECT_EQ(sock_wait(wants, 2, 1), 0);
	sock_close(quiet);
	EXPECT_EQ(sock_wait(wants, 2, 10000), 1);
	EXPECT(wants[0].ready && !wants[1].ready);
	EXPECT(GetTickCount64() - began < 10000);
	sock_close(silent);
	sock_close(fd);
	sock_close(peer);
}

/* All that comes, until the end. */
static DWORD WINAPI
drain(void *fd)
{
	struct sock_want want = {.fd = *(int *)fd, .recv = true};
	static char piece[65536];
	int64_t got;

	do {
		(void)sock_wait(&want, 1, 10000);
		got = sock_recv(want.fd, piece, sizeof(piece));
	} while (got > 0 || got == -EAGAIN);
	EXPECT_EQ(got, 0);
	return 0;
}

TEST(sock_waits_for_room)
{
	static const char piece[65536];
	struct sock_want want = {.send = true};
	uint64_t before = 0, after = 0;
	ULONGLONG began = GetTickCount64();
	HANDLE thread;
	int64_t sent;
	int peer;

	if (!pair(&want.fd, &peer))
		return;
	while ((sent = sock_send(want.fd, piece, sizeof(piece), false)) > 0)
		before += (uint64_t)sent;
	EXPECT_EQ(sent, -EAGAIN);
	EXPECT_EQ(sock_wait(&want, 1, 50), 0);
	EXPECT(GetTickCount64() - began >= 50);
	thread = CreateThread(NULL, 0, drain, &peer, 0, NULL);
	while (after < before + 4 * 1024 * 1024 &&
	    sock_wait(&want, 1, 10000) == 1) {
		sent = sock_send(want.fd, piece, sizeof(piece), false);
		after += sent > 0 ? (uint64_t)sent : 0;
	}
	EXPECT(after >= before + 4 * 1024 * 1024);
	EXPECT(GetTickCount64() - began < 10000);
	EXPECT_EQ(sock_end(want.fd), 0);
	(void)WaitForSingleObject(thread, INFINITE);
	(void)CloseHandle(thread);
	sock_close(want.fd);
	sock_close(peer);
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
