/* Listening sockets. */
#include "transport/host/listen.h"

#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct bench {
	struct event_base *base;
	struct listener *l;
	int accepted, failed, last_sys;
};

static void
on_accepted(void *ctx, int fd, const struct sockaddr *addr)
{
	struct bench *b = ctx;

	cr_expect(addr->sa_family == AF_INET || addr->sa_family == AF_INET6);
	b->accepted++;
	(void)close(fd);
}

static void
on_failed(void *ctx, int sys)
{
	struct bench *b = ctx;

	b->failed++;
	b->last_sys = sys;
}

static int
bench_open(struct bench *b, const char *address, uint16_t port, struct err *e)
{
	struct listen_options opt = {.address = address,
	    .port = port,
	    .accepted = on_accepted,
	    .failed = on_failed,
	    .ctx = b};

	memset(b, 0, sizeof(*b));
	b->base = event_base_new();
	cr_assert_not_null(b->base);
	opt.base = b->base;
	return listener_new(&opt, &b->l, e);
}

static void
bench_close(struct bench *b)
{
	listener_free(b->l);
	event_base_free(b->base);
}

/* Connect to a loopback address; the descriptor, or -1. */
static int
call(int family, uint16_t port)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
	    .sin6_port = htons(port),
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(family, SOCK_STREAM, 0), rc;

	if (fd < 0)
		return -1;
	rc = family == AF_INET
	    ? connect(fd, (struct sockaddr *)&in, sizeof(in))
	    : connect(fd, (struct sockaddr *)&in6, sizeof(in6));
	if (rc == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static void
turn(struct bench *b)
{
	cr_assert_geq(
	    event_base_loop(b->base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
}

/* The listening socket. */
static int
socket_of(void)
{
	socklen_t len;
	int fd, listens;

	for (fd = 0; fd < 256; fd++) {
		len = sizeof(listens);
		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) ==
			0 &&
		    listens != 0)
			return fd;
	}
	cr_assert_fail("nobody listens");
	return -1;
}

/* The most callers that the system lets wait there. */
static unsigned
waiting_most(void)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	cr_assert_eq(
	    getsockopt(socket_of(), IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	return info.tcpi_sacked;
}

/* All stations of a company call at the same minute, whatever the C library
 * takes for many. */
Test(listen, thousands_may_wait)
{
	FILE *in = fopen("/proc/sys/net/core/somaxconn", "r");
	unsigned most = 0;
	struct bench b;
	struct err e;

	cr_assert_not_null(in);
	cr_assert_eq(fscanf(in, "%u", &most), 1);
	(void)fclose(in);
	cr_assert_eq(bench_open(&b, "127.0.0.1", 0, &e), 0, "%s", e.msg);
	cr_expect_eq(waiting_most(), most < 4096 ? most : 4096);
	bench_close(&b);
}

Test(listen, both_families_share_the_port_that_was_chosen)
{
	struct bench b;
	struct err e;
	int rc = bench_open(&b, "", 0, &e), four, six;

	cr_assert_eq(rc, 0, "%s", e.msg);
	cr_assert_neq(listener_port(b.l), 0);
	four = call(AF_INET, listener_port(b.l));
	cr_assert_geq(four, 0);
	six =
	    call(AF_INET6, listener_port(b.l)); /* the machine may have none */
	turn(&b);
	cr_expect_eq(b.accepted, six >= 0 ? 2 : 1);
	(void)close(four);
	if (six >= 0)
		(void)close(six);
	bench_close(&b);
}

Test(listen, callers_wait_while_it_is_held)
{
	struct bench b;
	struct err e;
	int rc = bench_open(&b, "127.0.0.1", 0, &e), fd[2];

	cr_assert_eq(rc, 0, "%s", e.msg);
	listener_hold(b.l, true);
	fd[0] = call(AF_INET, listener_port(b.l));
	fd[1] = call(AF_INET, listener_port(b.l));
	cr_assert(fd[0] >= 0 && fd[1] >= 0);
	turn(&b);
	cr_expect_eq(b.accepted, 0);
	listener_hold(b.l, false);
	turn(&b);
	cr_expect_eq(b.accepted, 2);
	(void)close(fd[0]);
	(void)close(fd[1]);
	bench_close(&b);
}

Test(listen, a_taken_port_and_a_bad_address_are_errors)
{
	struct bench b, c;
	struct err e;
	int rc = bench_open(&b, "127.0.0.1", 0, &e);

	cr_assert_eq(rc, 0, "%s", e.msg);
	cr_expect_lt(bench_open(&c, "127.0.0.1", listener_port(b.l), &e), 0);
	cr_expect_eq(e.sys, EADDRINUSE);
	cr_expect_not_null(strstr(e.msg, "give erpsync a port of its own"));
	cr_expect_null(c.l);
	bench_close(&c);
	rc = bench_open(&c, "no.such.address.invalid", 0, &e);
	cr_expect_eq(rc, ERP_NOTFOUND);
	cr_expect_not_null(strstr(e.msg, "no.such.address.invalid"));
	bench_close(&c);
	cr_expect_lt(bench_open(&c, "192.0.2.1", 0, &e), 0);
	cr_expect_eq(e.sys, EADDRNOTAVAIL);
	cr_expect_not_null(strstr(e.msg, "give one of this machine's"));
	bench_close(&c);
	bench_close(&b);
}

/* Whatever port a server has there already. */
Test(listen, an_address_of_this_machine_is_told_from_others)
{
	struct bench b;
	struct err e;

	cr_assert_eq(bench_open(&b, "127.0.0.1", 0, &e), 0, "%s", e.msg);
	cr_expect_eq(listener_check("127.0.0.1", listener_port(b.l), &e), 0);
	cr_expect_eq(listener_check("", 0, &e), 0, "%s", e.msg);
	cr_expect_lt(listener_check("192.0.2.1", 7, &e), 0);
	cr_expect_eq(e.sys, EADDRNOTAVAIL);
	cr_expect_str_eq(e.msg,
	    "listen on address 192.0.2.1 port 7: Cannot assign requested "
	    "address; give one of this machine's, or none to listen on all");
	cr_expect_eq(
	    listener_check("no.such.address.invalid", 0, &e), ERP_NOTFOUND);
	bench_close(&b);
}

/* A socket of another program on all IPv4 addresses; its port in *port. */
static int
take_port(uint16_t *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	cr_assert_eq(listen(fd, 1), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

/* Half of the stations would not find a server that has one family only. */
Test(listen, one_address_that_is_taken_is_an_error)
{
	uint16_t port;
	int other = take_port(&port);
	struct bench b;
	struct err e;

	cr_expect_lt(bench_open(&b, "", port, &e), 0);
	cr_expect_eq(e.sys, EADDRINUSE);
	cr_expect_null(b.l);
	cr_expect_lt(call(AF_INET6, port), 0);
	bench_close(&b);
	(void)close(other);
}

Test(listen, without_descriptors_a_caller_is_turned_away)
{
	struct rlimit lim, low;
	struct bench b;
	struct err e;
	int rc = bench_open(&b, "127.0.0.1", 0, &e), fd, spare;
	char byte;

	cr_assert_eq(rc, 0, "%s", e.msg);
	fd = call(AF_INET, listener_port(b.l));
	cr_assert_geq(fd, 0);
	spare = dup(fd);
	(void)close(spare);
	/* From here on the lowest free descriptor is beyond the limit. */
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &lim), 0);
	low = lim;
	low.rlim_cur = (rlim_t)spare;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	turn(&b);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	cr_expect_eq(b.accepted, 0);
	cr_expect_geq(b.failed, 1);
	cr_expect_eq(b.last_sys, EMFILE);
	/* It was closed, not left to wait. */
	cr_expect_leq(recv(fd, &byte, 1, 0), 0);
	(void)close(fd);
	/* And the next one is welcome. */
	fd = call(AF_INET, listener_port(b.l));
	cr_assert_geq(fd, 0);
	turn(&b);
	cr_expect_eq(b.accepted, 1);
	(void)close(fd);
	bench_close(&b);
}

/* A descriptor less would not help: it looks away for a while. */
Test(listen, a_socket_that_fails_is_not_asked_all_the_time)
{
	struct bench b;
	struct err e;
	int i, rc = bench_open(&b, "127.0.0.1", 0, &e);

	cr_assert_eq(rc, 0, "%s", e.msg);
	cr_assert_eq(shutdown(socket_of(), SHUT_RD), 0);
	for (i = 0; i < 20; i++)
		turn(&b);
	cr_expect_eq(b.failed, 1, "%d", b.failed);
	cr_expect_eq(b.last_sys, EINVAL);
	bench_close(&b);
}
