/* A host of several addresses: one that does not answer holds up no other. */
#include "transport/net/dial.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/channel.h"
#include "transport/net/sock.h"

#include <criterion/criterion.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALLERS = 4 };

/* The addresses of localhost, of which two families are needed. */
static const struct addrinfo *
two_families(struct addrinfo **list)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	const struct addrinfo *a;

	if (getaddrinfo("localhost", NULL, &hints, list) != 0)
		return NULL;
	for (a = *list; a != NULL; a = a->ai_next)
		if (a->ai_family != (*list)->ai_family)
			return a;
	return NULL;
}

static void
set_port(struct sockaddr_storage *a, uint16_t port)
{
	if (a->ss_family == AF_INET)
		((struct sockaddr_in *)a)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)a)->sin6_port = htons(port);
}

static uint16_t
port_of(const struct sockaddr_storage *a)
{
	return ntohs(a->ss_family == AF_INET
		? ((const struct sockaddr_in *)a)->sin_port
		: ((const struct sockaddr_in6 *)a)->sin6_port);
}

/* Listen on this address, any port if it is 0, which is set; -1: not here. */
static int
listen_at(const struct addrinfo *ai, uint16_t *port, int room)
{
	struct sockaddr_storage a;
	socklen_t len = ai->ai_addrlen;
	int fd = socket(ai->ai_family, SOCK_STREAM, 0), one = 1;

	memset(&a, 0, sizeof(a));
	memcpy(&a, ai->ai_addr, len);
	set_port(&a, *port);
	if (ai->ai_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    listen(fd, room) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return -1;
	*port = port_of(&a);
	return fd;
}

/* Callers of ours take all the room: the kernel answers nobody else. */
static void
fill(const struct addrinfo *ai, uint16_t port)
{
	struct sockaddr_storage a;
	int i;

	memset(&a, 0, sizeof(a));
	memcpy(&a, ai->ai_addr, ai->ai_addrlen);
	set_port(&a, port);
	for (i = 0; i < CALLERS; i++)
		(void)connect(
		    socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0),
		    (struct sockaddr *)&a, ai->ai_addrlen);
}

static void
dial_past(bool dead_is_silent)
{
	struct addrinfo *list = NULL;
	const struct addrinfo *second = two_families(&list);
	struct dial_options opt = {
	    .host = "localhost", .clock = clock_real(), .timeout_ms = 5000};
	uint64_t began = clock_ms(opt.clock);
	struct channel ch;
	struct err e;
	int good;

	if (second == NULL)
		cr_skip_test("localhost has one address");
	good = listen_at(second, &opt.port, 16);
	if (good < 0)
		cr_skip_test("not both families here");
	if (dead_is_silent) {
		if (listen_at(list, &opt.port, 0) < 0)
			cr_skip_test("not both families here");
		fill(list, opt.port);
	}
	cr_assert_eq(dial(&opt, &ch, &e), 0, "%s", e.msg);
	cr_expect_lt(clock_ms(opt.clock) - began, 2500);
	channel_close(&ch);
	(void)close(good);
	freeaddrinfo(list);
}

Test(dial, an_address_that_is_silent_holds_up_no_other)
{
	dial_past(true);
}

Test(dial, nor_one_that_says_no)
{
	dial_past(false);
}

static uint64_t
stopped_ms(void *ctx)
{
	(void)ctx;
	return 1000;
}

static int
is_interrupted(void *ctx)
{
	(void)ctx;
	return 1;
}

/* A server that would answer at once, for who has time. */
Test(dial, without_time_nothing_is_tried)
{
	static const struct clock clock = {.monotonic_ms = stopped_ms};
	struct dial_options opt = {.host = "127.0.0.1", .clock = &clock};
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	const struct addrinfo ai = {.ai_family = AF_INET,
	    .ai_addr = (struct sockaddr *)&a,
	    .ai_addrlen = sizeof(a)};
	int good = listen_at(&ai, &opt.port, 16);
	struct channel ch;
	struct err e;

	cr_assert_geq(good, 0);
	cr_expect_eq(dial(&opt, &ch, &e), ERP_UNANSWERED);
	opt.timeout_ms = 1;
	opt.interrupted = is_interrupted;
	cr_expect_eq(dial(&opt, &ch, &e), ERP_CANCELLED);
	opt.interrupted = NULL;
	cr_assert_eq(dial(&opt, &ch, &e), 0, "%s", e.msg);
	channel_close(&ch);
	(void)close(good);
}

Test(dial, families_take_turns)
{
	static const struct {
		const char *families, *order;
		size_t most;
	} cases[] = {{"6", "0", 16}, {"64", "01", 16}, {"6664", "0312", 16},
	    {"4466", "0213", 16}, {"666", "012", 16}, {"46646", "01324", 16},
	    {"6644", "021", 3}, {"6644", "02", 2}, {"64", "0", 1}};
	const struct sock_address *v[16];
	struct sock_addresses list;
	char order[17];
	size_t i, k, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list.n = strlen(cases[i].families);
		for (k = 0; k < list.n; k++)
			list.v[k].family = cases[i].families[k];
		n = dial_order(&list, v, cases[i].most);
		for (k = 0; k < n; k++)
			order[k] = (char)('0' + (v[k] - list.v));
		order[n] = '\0';
		cr_expect_str_eq(
		    order, cases[i].order, "%s: %s", cases[i].families, order);
	}
}
