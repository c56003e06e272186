/* A host of several addresses: one that does not answer holds up no other. */
#include "transport/net/dial.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "tests/support/resolver.h"
#include "transport/net/channel.h"
#include "transport/net/sock.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALLERS = 4 };

static struct sockaddr_in
loopback(uint8_t last, uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK - 1 + last)}};
}

/* Listen on 127.0.0.last, any port if it is 0, which is set; -1: somebody else
 * does. */
static int
listen_at(uint8_t last, uint16_t *port, int room)
{
	struct sockaddr_in a = loopback(last, *port);
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_geq(fd, 0);
	if (bind(fd, (struct sockaddr *)&a, len) != 0) {
		(void)close(fd);
		return -1;
	}
	cr_assert_eq(listen(fd, room), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* Callers of ours take all the room: the kernel answers nobody else. */
static void
fill(uint8_t last, uint16_t port, int fds[CALLERS])
{
	struct sockaddr_in a = loopback(last, port);
	int i;

	for (i = 0; i < CALLERS; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (struct sockaddr *)&a, sizeof(a));
	}
}

/* The second of two addresses is the one that answers. */
static void
dial_past(bool dead_is_silent)
{
	struct dial_options opt = {
	    .host = RESOLVER_TWO, .clock = clock_real(), .timeout_ms = 60000};
	struct channel ch;
	struct err e;
	int good, dead, fds[CALLERS], i;
	uint64_t began;

	/* The same port of both. */
	do {
		opt.port = 0;
		good = listen_at(2, &opt.port, 16);
		cr_assert_geq(good, 0);
		if ((dead = listen_at(1, &opt.port, 0)) < 0)
			(void)close(good);
	} while (dead < 0);
	if (dead_is_silent)
		fill(1, opt.port, fds);
	else
		(void)close(dead);
	began = clock_ms(opt.clock);
	cr_assert_eq(dial(&opt, &ch, &e), 0, "%s", e.msg);
	cr_expect_lt(clock_ms(opt.clock) - began, 10000);
	channel_close(&ch);
	(void)close(good);
	for (i = 0; dead_is_silent && i < CALLERS; i++)
		(void)close(fds[i]);
	if (dead_is_silent)
		(void)close(dead);
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
	int good = listen_at(1, &opt.port, 16);
	struct channel ch;
	struct err e;

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
