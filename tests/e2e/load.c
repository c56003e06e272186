/*
 * load PORT KIND COUNT [KIND COUNT]...: so many callers of each kind at a
 * server on loopback, from as many addresses as 127.1.0.0/16 has, until
 * SIGTERM. It says "ready" when all that can be served have been, and in the
 * end, for each kind, how often it called, how many it has open, how many were
 * closed by the server, and the longest that one was there.
 *
 * KIND: idle   TLS, is served, and says nothing more
 *       loris  half a preface, and nothing more
 *       byte   a greeting, a byte each second
 *       half   the first words of TLS, and nothing more
 * All but the first call again when they are hung up on.
 */
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/channel.h"
#include "transport/net/channel_tls.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum kind { IDLE, LORIS, BYTE, HALF, KINDS };
static const char *const names[KINDS] = {"idle", "loris", "byte", "half"};

enum {
	EVENTS = 1024,
	TICK_MS = 50,
	CALLS_A_TICK = 150, /* so that no queue of the kernel is full */
	GREETING_MOST =
	    256, /* idle ones at a time that are not yet served: a
		    server drops who greets slowly where more wait */
	ADDRESSES = 65000,
	AGAIN_MS = 200,
	GREETING_MAX = 512,
	READ_BYTES = 16 * 1024
};

struct caller {
	struct channel ch;
	enum kind kind;
	uint32_t number;
	bool open, shaken, greeted, served;
	size_t said; /* bytes of the greeting */
	uint64_t born, next_ms;
};

struct count {
	unsigned callers, calls, open, served, closed;
	uint64_t longest_ms;
};

static volatile sig_atomic_t stop;
static struct caller *callers;
static unsigned callers_n;
static struct count counts[KINDS];
static struct tls *tls;
static struct sockaddr_in server;
static int poller;
static uint8_t greeting[GREETING_MAX];
static size_t greeting_n;

static void
on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static void
make_greeting(void)
{
	struct msg_hello m;
	struct buf b;
	struct err e;

	buf_init(&b, GREETING_MAX);
	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "load", sizeof(m.station));
	m.os = PATH_OS_LINUX;
	m.flags = HELLO_AGREED;
	if (preface_encode(FEATURE_HINTS, &b, &e) != 0 ||
	    hello_encode(&m, &b, &e) != 0)
		exit(2);
	greeting_n = b.len;
	memcpy(greeting, buf_data(&b), b.len);
	buf_release(&b);
}

static void
hang_up(struct caller *c, uint64_t now, bool by_server)
{
	struct count *n = &counts[c->kind];

	if (now - c->born > n->longest_ms)
		n->longest_ms = now - c->born;
	n->closed += by_server;
	n->open--;
	n->served -= c->served;
	channel_close(&c->ch);
	c->open = c->shaken = c->greeted = c->served = false;
	c->said = 0;
	c->next_ms = now + AGAIN_MS;
}

static void
call(struct caller *c, uint64_t now)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	struct err e;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	from.sin_addr.s_addr =
	    htonl(0x7f010001 + c->number % (uint32_t)ADDRESSES);
	c->next_ms = now + AGAIN_MS;
	if (fd < 0)
		return;
	ev.data.ptr = c;
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
	    (connect(fd, (struct sockaddr *)&server, sizeof(server)) != 0 &&
		errno != EINPROGRESS) ||
	    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev) != 0) {
		(void)close(fd);
		return;
	}
	if (channel_of_socket(&c->ch, fd, &e) != 0)
		return;
	if ((c->kind == IDLE || c->kind == HALF) &&
	    channel_tls_begin(&c->ch, tls, &e) != 0) {
		channel_close(&c->ch);
		return;
	}
	c->open = true;
	c->born = now;
	counts[c->kind].calls++;
	counts[c->kind].open++;
}

/* What is due of the greeting; false: hung up. */
static bool
speak(struct caller *c, uint64_t now)
{
	size_t most = c->kind == BYTE ? c->said + 1
	    : c->kind == LORIS        ? PREFACE_LEN / 2
				      : greeting_n;
	int64_t n;

	if (most > greeting_n)
		most = greeting_n;
	if (c->said >= most || (c->kind == BYTE && now < c->next_ms))
		return true;
	n = channel_send(&c->ch, greeting + c->said, most - c->said, false);
	if (n < 0)
		return false;
	c->said += (size_t)n;
	if (n > 0)
		c->next_ms = now + 1000;
	return true;
}

static bool
listen_to(struct caller *c)
{
	static uint8_t bytes[READ_BYTES];
	int64_t n;

	while ((n = channel_recv(&c->ch, bytes, sizeof(bytes))) > 0)
		if (!c->served && c->kind == IDLE) {
			c->served = true;
			counts[IDLE].served++;
		}
	return n == 0;
}

/* Say the first words, and look at no answer; false: hung up. */
static bool
half_shake(struct caller *c)
{
	static uint8_t bytes[READ_BYTES];
	ssize_t n;

	if (!c->shaken) {
		c->shaken = true;
		return channel_tls_shake(&c->ch, "it", NULL) == 0;
	}
	while ((n = recv(c->ch.fd, bytes, sizeof(bytes), 0)) > 0)
		;
	return n < 0 && errno == EAGAIN;
}

static void
turn(struct caller *c, uint64_t now)
{
	struct err e;
	int rc;

	if (!c->open)
		return;
	if (c->kind == HALF) {
		if (!half_shake(c))
			hang_up(c, now, true);
		return;
	}
	if (c->kind == IDLE && !c->shaken) {
		rc = channel_tls_shake(&c->ch, "it", &e);
		if (rc < 0)
			hang_up(c, now, true);
		if (rc <= 0)
			return;
		c->shaken = true;
	}
	if (!speak(c, now) || !listen_to(c))
		hang_up(c, now, true);
}

static bool
may_call(enum kind kind)
{
	return kind != IDLE ||
	    counts[IDLE].open < counts[IDLE].served + GREETING_MOST;
}

/* Calls, and what is due without an event. */
static void
tick(uint64_t now)
{
	unsigned i, calls = 0;

	for (i = 0; i < callers_n; i++) {
		if (callers[i].open) {
			if (callers[i].kind == BYTE &&
			    now >= callers[i].next_ms)
				turn(&callers[i], now);
		} else if (now >= callers[i].next_ms && calls < CALLS_A_TICK &&
		    may_call(callers[i].kind)) {
			call(&callers[i], now);
			calls++;
		}
	}
}

static void
run(void)
{
	static struct epoll_event events[EVENTS];
	uint64_t now, next = 0;
	bool ready = false;
	int i, n;

	while (!stop) {
		n = epoll_wait(poller, events, EVENTS, TICK_MS);
		now = clock_ms(clock_real());
		for (i = 0; i < n; i++)
			turn(events[i].data.ptr, now);
		if (now >= next) {
			tick(now);
			next = now + TICK_MS;
		}
		if (!ready && counts[IDLE].served == counts[IDLE].callers) {
			ready = true;
			puts("ready");
			(void)fflush(stdout);
		}
	}
}

static void
more_descriptors(void)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &most) != 0)
		return;
	most.rlim_cur = most.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &most);
}

int
main(int argc, char **argv)
{
	const struct tls_client trust = {.host = "127.0.0.1"};
	struct err e;
	unsigned n;
	int i, k;

	(void)signal(SIGTERM, on_term);
	(void)signal(SIGPIPE, SIG_IGN);
	more_descriptors();
	if (argc < 4 || argc % 2 != 0 || tls_client_new(&trust, &tls, &e) != 0)
		return 2;
	server = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (i = 2; i < argc; i += 2) {
		for (k = 0; k < KINDS && strcmp(names[k], argv[i]) != 0; k++)
			;
		if (k == KINDS)
			return 2;
		counts[k].callers = (unsigned)strtoul(argv[i + 1], NULL, 10);
		callers_n += counts[k].callers;
	}
	callers = calloc(callers_n, sizeof(*callers));
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (callers == NULL || poller < 0)
		return 2;
	for (k = 0, i = 0; k < KINDS; k++)
		for (n = 0; n < counts[k].callers; n++, i++) {
			callers[i].kind = (enum kind)k;
			callers[i].number = (uint32_t)i;
		}
	make_greeting();
	run();
	for (k = 0; k < KINDS; k++)
		if (counts[k].callers > 0)
			printf("%s: %u callers, %u calls, %u open, %u served, "
			       "%u closed by the server, the longest after "
			       "%llu ms\n",
			    names[k], counts[k].callers, counts[k].calls,
			    counts[k].open, counts[k].served, counts[k].closed,
			    (unsigned long long)counts[k].longest_ms);
	return 0;
}
