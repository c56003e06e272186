/*
 * stranger listen MODE: a port on loopback that is no erpsync server; its
 * number is printed as the first line.  Runs until it is killed.
 * stranger call PORT MODE: calls a server and says the same things; ends when
 * the server hangs up, or after 20 s with exit status 1.
 *
 * MODE: close     hangs up at once
 *       reset     breaks the connection (listen only)
 *       full      never answers a connection (listen only)
 *       silent    says nothing
 *       http      says what a web server would
 *       garbage   says bytes without a meaning
 *       future    says a preface of protocol versions that do not exist yet
 *       frame     says a good preface, then a frame with a wrong checksum
 *       huge      says a good preface, then a frame of 16 MiB
 *       half      says half a preface
 *       trickle   says a good preface, then a frame, a byte each second
 *
 * stranger names [ADDRESS]: in a network of its own, a name server on 127.0.0.1
 * that never answers, or that all names have this address.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, CALLERS = 4 };

#define MAGIC "ERPsync\n"
#define PREFACE MAGIC "\1\0\1\0\0\0\0\0"

struct words {
	const char *mode;
	const char *text;
	size_t len;
};

#define WORDS(mode, text)                                                      \
	{                                                                      \
		mode, text, sizeof(text) - 1                                   \
	}

static const struct words all_words[] = {
    WORDS("close", ""),
    WORDS("reset", ""),
    WORDS("full", ""),
    WORDS("silent", ""),
    WORDS("http",
	"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
	"Connection: close\r\n\r\n"),
    WORDS("garbage",
	"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03garbage that goes on and on"),
    WORDS("future", MAGIC "\x84\3\x85\3\0\0\0\0"),
    WORDS("frame", PREFACE "\2\4\0\0\0\0\0\0abcd"),
    WORDS("huge", PREFACE "\2\xff\xff\xff\0\0\0\0"),
    WORDS("half", "ERPsyn"),
    WORDS("trickle", PREFACE "\2\0\x10\0\0\0\0\0"),
};

static const struct words *
find_words(const char *mode)
{
	size_t i;

	for (i = 0; i < sizeof(all_words) / sizeof(all_words[0]); i++)
		if (strcmp(all_words[i].mode, mode) == 0)
			return &all_words[i];
	fprintf(stderr, "stranger: unknown mode %s\n", mode);
	exit(2);
}

static struct sockaddr_in
loopback(unsigned short port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* Closing breaks the connection instead of ending it. */
static void
set_reset(int fd)
{
	const struct linger now = {.l_onoff = 1};
	char heard[16];

	(void)recv(fd, heard, sizeof(heard), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* Callers of ours take the room of all others: the kernel does not answer. */
static void
fill(const struct sockaddr_in *a)
{
	int i, fd;

	for (i = 0; i < CALLERS; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fd, (const struct sockaddr *)a, sizeof(*a));
	}
}

/* Say the words, then listen until the other end hangs up. */
static int
talk(int fd, const struct words *w)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char heard[4096];

	if (strcmp(w->mode, "reset") == 0) {
		set_reset(fd);
		return 0;
	}
	if (write(fd, w->text, w->len) < 0 || strcmp(w->mode, "close") == 0)
		return 0;
	while (strcmp(w->mode, "trickle") == 0 &&
	    send(fd, "a", 1, MSG_NOSIGNAL) == 1)
		(void)sleep(1);
	while (poll(&p, 1, PATIENCE_MS) > 0)
		if (read(fd, heard, sizeof(heard)) <= 0)
			return 0;
	return 1;
}

static int
listen_on(const struct words *w)
{
	struct sockaddr_in a = loopback(0);
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), c;
	bool full = strcmp(w->mode, "full") == 0;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, full ? 0 : 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		perror("stranger");
		return 2;
	}
	if (full)
		fill(&a);
	printf("%d\n", ntohs(a.sin_port));
	(void)fflush(stdout);
	if (full)
		return pause();
	while ((c = accept(fd, NULL, NULL)) >= 0) {
		(void)talk(c, w);
		(void)close(c);
	}
	return 2;
}

static int
call(const char *port, const struct words *w)
{
	struct sockaddr_in a =
	    loopback((unsigned short)strtoul(port, NULL, 10));
	int fd = socket(AF_INET, SOCK_STREAM, 0), rc;

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		perror("stranger");
		return 2;
	}
	rc = talk(fd, w);
	(void)close(fd);
	return rc;
}

/* One question of n bytes becomes its answer; the length of that. */
static size_t
answer(unsigned char *p, size_t n, in_addr_t address)
{
	static const unsigned char head[] = {
	    0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4};
	/* The type is in front of the class, at the end of the question. */
	bool asks_v4 = n > 16 && p[n - 3] == 1 && p[n - 4] == 0;

	p[2] = 0x81;
	p[3] = 0x80;
	p[7] = asks_v4;
	memset(p + 8, 0, 4);
	if (!asks_v4)
		return n;
	memcpy(p + n, head, sizeof(head));
	memcpy(p + n + sizeof(head), &address, sizeof(address));
	return n + sizeof(head) + sizeof(address);
}

static int
answer_all(int fd, const char *address)
{
	unsigned char p[600];
	struct sockaddr_in from;
	socklen_t len;
	ssize_t n;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(fd, p, 512, 0, (struct sockaddr *)&from, &len);
		if (n < 0)
			return 2;
		if (n > 12)
			(void)sendto(fd, p,
			    answer(p, (size_t)n, inet_addr(address)), 0,
			    (struct sockaddr *)&from, len);
	}
}

static int
names(const char *address)
{
	struct sockaddr_in a = loopback(53);
	struct ifreq lo = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) != 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		perror("stranger");
		return 2;
	}
	puts("up");
	(void)fflush(stdout);
	return address == NULL ? pause() : answer_all(fd, address);
}

int
main(int argc, char **argv)
{
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "listen") == 0)
		return listen_on(find_words(argv[2]));
	if (argc == 4 && strcmp(argv[1], "call") == 0)
		return call(argv[2], find_words(argv[3]));
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "names") == 0)
		return names(argv[2]);
	fprintf(stderr,
	    "usage: stranger listen MODE | call PORT MODE | names [ADDRESS]\n");
	return 2;
}
